"""Appends in numbers, looks coded against the usual step, and room for two open spans of a name and probe."""

from collections.abc import Iterator
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

PARTS = (
    "operations",
    "actions",
    "takedowns",
    "claims",
    "watches",
    "sightings",
    "observations",
    "sweeps",
    "artefacts",
    "gaps",
    "reviews",
    "cursor",
    "announcements",
    "complaints",
    "mutes",
)
NEAR = 31


def upgrade() -> None:
    """Rewrite appends and looks; what they say stays the same."""
    _appends()
    op.drop_index("ix_spans_open", "spans")
    op.create_index(
        "ix_spans_open",
        "spans",
        ["name", "probe", "vantage", "presence"],
        unique=True,
        sqlite_where=sa.text("is_open"),
        postgresql_where=sa.text("is_open"),
    )
    op.execute("ALTER TABLE spans RENAME COLUMN prior_step TO base")
    _looks()


def _appends() -> None:
    for name in ("run_row", "parts"):
        op.add_column("appends", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.add_column("appends", sa.Column("recorded_s", sa.BigInteger(), nullable=False, server_default="0"))
    old = sa.table("appends", *map(sa.column, ("append_id", "run_id", "brought", "run_row", "parts", "recorded_s")))
    recorded = sa.table("appends", sa.column("append_id"), sa.column("recorded_at", sa.DateTime()))
    runs = sa.table("runs", sa.column("row_id"), sa.column("key"))
    connection = op.get_bind()
    rows = dict(connection.execute(sa.select(runs.c.key, sa.func.max(runs.c.row_id)).group_by(runs.c.key)).all())
    moments = dict(connection.execute(sa.select(recorded.c.append_id, recorded.c.recorded_at)).all())
    changed = [
        {
            "number": number,
            "run": rows.get(run_id, 0),
            "bits": sum(1 << PARTS.index(part) for part in brought.split()),
            "second": _second(moments[number]),
        }
        for number, run_id, brought in connection.execute(sa.select(old.c.append_id, old.c.run_id, old.c.brought))
    ]
    if changed:
        new = {"run_row": sa.bindparam("run"), "parts": sa.bindparam("bits"), "recorded_s": sa.bindparam("second")}
        connection.execute(sa.update(old).where(old.c.append_id == sa.bindparam("number")).values(new), changed)
    op.drop_index("ix_appends_recorded_at", "appends")
    for name in ("run_id", "recorded_at", "brought"):
        op.drop_column("appends", name)
    op.execute("ALTER TABLE appends RENAME COLUMN recorded_s TO recorded_at")
    op.execute("ALTER TABLE appends RENAME COLUMN parts TO brought")


def _second(moment: datetime) -> int:
    """Epoch seconds; moments are stored in UTC, and SQLite does not say so."""
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _looks() -> None:
    connection = op.get_bind()
    spans = sa.table("spans", *map(sa.column, ("row_id", "step", "lag", "run", "base", "coded")))
    segments = sa.table("segments", *map(sa.column, ("segment_id", "coded")))
    for row in connection.execute(sa.select(segments)).all():
        coded = b"".join(_encoded(_decoded(row.coded))[0])
        connection.execute(sa.update(segments).where(segments.c.segment_id == row.segment_id).values(coded=coded))
    for row in connection.execute(sa.select(spans)).all():
        runs = [*_decoded(row.coded), (row.step, row.lag, row.run)]
        coded, base = _encoded(runs)
        values = {"base": base, "coded": b"".join(coded[:-1])}
        connection.execute(sa.update(spans).where(spans.c.row_id == row.row_id).values(values))


def _decoded(coded: bytes) -> Iterator[tuple[int, int, int]]:
    """(step, lag, looks) of each run as it was coded before: by the difference to the step of the run before it."""
    offset = step = lag = 0
    while offset < len(coded):
        head, offset = _number(coded, offset)
        step_change, lag_change, run = head >> 2, 0, 0
        if head & 2:
            step_change, lag_change = step_change >> 5, step_change & 31
            if lag_change == 31:
                more, offset = _number(coded, offset)
                lag_change += more
        if head & 1:
            run, offset = _number(coded, offset)
        step += _signed(step_change)
        lag += _signed(lag_change)
        yield step, lag, run + 1


def _encoded(runs: list[tuple[int, int, int]] | Iterator[tuple[int, int, int]]) -> tuple[list[bytes], int]:
    """Each run as it is coded from now on, and the usual step that the last one was coded against."""
    coded: list[bytes] = []
    base = usual = prior = 0
    for step, lag, run in runs:
        base, change = usual, _unsigned(lag - prior)
        short = change < 7 and run == 1
        parts = [_unsigned(step - base) << 3 | (change if short else 7), *(() if short else (change, run - 1))]
        coded.append(b"".join(map(_bytes, parts)))
        usual, prior = (base if abs(step - base) <= NEAR else step), lag
    return coded, base


def _unsigned(number: int) -> int:
    return number << 1 if number >= 0 else (-number << 1) - 1


def _signed(number: int) -> int:
    return number >> 1 if not number & 1 else -((number + 1) >> 1)


def _bytes(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _number(coded: bytes, offset: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = coded[offset]
        offset += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, offset
        shift += 7
