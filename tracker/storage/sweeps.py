"""Sweeps as rows: the long lists of labels, suffixes and exceptions are shared, so an hourly sweep costs a few rows."""

import json
import zlib
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, insert, select

from tracker.model.facts import Sweep
from tracker.model.times import utc
from tracker.storage.log_tables import table
from tracker.storage.look_tables import CoverageRow, SetRow, SweepRow
from tracker.storage.rows import digest, to_row
from tracker.storage.statements import Stamp, interned


def append_sweeps(connection: Connection, sweeps: Sequence[Sweep], stamp: Stamp) -> None:
    """Add sweeps with their coverage. Parts of one sweep may come one by one; a part that comes again adds nothing."""
    sweeps_table = table(SweepRow)
    for sweep in sweeps:
        own = to_row(replace(sweep, coverage=()))
        del own["coverage"]
        coverage = [
            [part.labels, part.suffixes, part.canary, part.first, part.last, part.exceptions] for part in sweep.coverage
        ]
        identity = digest([*own.values(), coverage])
        if connection.execute(select(sweeps_table.c.row_id).where(sweeps_table.c.digest == identity)).first():
            continue
        added = insert(sweeps_table).values(**own, **stamp.columns(), digest=identity)
        row_id = connection.execute(added.returning(sweeps_table.c.row_id)).scalar_one()
        _append_coverage(connection, row_id, sweep)


def _append_coverage(connection: Connection, sweep_row_id: int, sweep: Sweep) -> None:
    texts: dict[bytes, bytes] = {}

    def reference(members: Sequence[str]) -> bytes:
        text = json.dumps(list(members), separators=(",", ":"))
        name = digest(text)
        texts.setdefault(name, zlib.compress(text.encode()))
        return name

    parts = [
        (part, reference(part.labels), reference(part.suffixes), reference(part.exceptions)) for part in sweep.coverage
    ]
    ids = interned(connection, table(SetRow), texts)
    rows = [
        {
            "sweep_row_id": sweep_row_id,
            "position": position,
            "canary": part.canary.value,
            "first": utc(part.first),
            "last": utc(part.last),
            "labels_set": ids[labels],
            "suffixes_set": ids[suffixes],
            "exceptions_set": ids[exceptions],
        }
        for position, (part, labels, suffixes, exceptions) in enumerate(parts)
    ]
    if rows:
        connection.execute(insert(table(CoverageRow)), rows)


def read_members(members: bytes) -> tuple[str, ...]:
    """The texts of a stored set, in the order in which they were given."""
    return tuple(json.loads(zlib.decompress(members)))
