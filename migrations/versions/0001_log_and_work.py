"""The log and the work."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Columns = list[sa.Column[Any]]


def upgrade() -> None:
    """Make the first tables. Types and names are spelled out here, so that this step never changes with the models."""
    table(
        "appends",
        *numbers("append_id"),
        *words("run_id"),
        *moments("recorded_at"),
        *words("brought"),
        key=("append_id",),
    )
    op.create_index("ix_appends_recorded_at", "appends", ["recorded_at"], unique=False)
    table("due", *words("kind key"), *moments("due_at origin"), *numbers("attempts"), key=("kind", "key"))
    op.create_index("ix_due_kind_due_at", "due", ["kind", "due_at"], unique=False)
    table("facts", *numbers("facts_id"), *contents("digest"), *words("facts"), key=("facts_id",), unique="digest")
    table("notes", *words("key value"), key=("key",))
    table("sets", *numbers("set_id"), *contents("digest members"), key=("set_id",), unique="digest")
    table(
        "actions",
        *recorded(),
        *words("key"),
        *contents("digest"),
        *words("action_id operation_id kind authority"),
        *moments("when_at"),
        *words("when_precision title country instrument case_number sources"),
        key=("row_id",),
        refers={"append_id": "appends.append_id"},
    )
    op.create_index("ix_actions_key", "actions", ["key"], unique=False)
    table(
        "artefacts",
        *recorded(),
        *words("artefact_id kind media_type"),
        *contents("body", nullable=True),
        *numbers("size"),
        *words("source_url"),
        *moments("retrieved_at"),
        *words("vantage"),
        key=("row_id",),
        unique="artefact_id",
        refers={"append_id": "appends.append_id"},
    )
    table(
        "claims",
        *recorded(),
        *words("key"),
        *contents("digest"),
        *words("kind domain source_id source_title source_url source_place operation_id"),
        *words("replaces", nullable=True),
        *moments("when_at", nullable=True),
        *words("when_precision", nullable=True),
        *words("raw"),
        key=("row_id",),
        refers={"append_id": "appends.append_id"},
    )
    op.create_index("ix_claims_key", "claims", ["key"], unique=False)
    table(
        "cursors",
        *words("source state"),
        *numbers("append_id"),
        key=("source",),
        refers={"append_id": "appends.append_id"},
    )
    table(
        "gaps",
        *recorded(),
        *contents("digest"),
        *words("source scope"),
        *moments("first last"),
        *words("reason detail"),
        key=("row_id",),
        unique="digest",
        refers={"append_id": "appends.append_id"},
    )
    table(
        "operations",
        *recorded(),
        *words("key"),
        *contents("digest"),
        *words("operation_id title"),
        key=("row_id",),
        refers={"append_id": "appends.append_id"},
    )
    op.create_index("ix_operations_key", "operations", ["key"], unique=False)
    table(
        "reviews",
        *recorded(),
        *contents("digest"),
        *words("watch_key name verdict reviewer reason"),
        *moments("at"),
        *words("note"),
        key=("row_id",),
        unique="digest",
        refers={"append_id": "appends.append_id"},
    )
    table(
        "runs",
        *recorded(),
        *words("key"),
        *contents("digest"),
        *words("run_id stage"),
        *moments("started_at"),
        *words("vantage versions"),
        key=("row_id",),
        refers={"append_id": "appends.append_id"},
    )
    op.create_index("ix_runs_key", "runs", ["key"], unique=False)
    table(
        "sightings",
        *recorded(),
        *contents("digest"),
        *words("watch_key name technique source"),
        *moments("at"),
        *words("reason facts artefact_id"),
        key=("row_id",),
        unique="digest",
        refers={"append_id": "appends.append_id"},
    )
    table(
        "spans",
        *recorded(),
        *words("name probe layer vantage presence reason"),
        *numbers("facts_id"),
        *flags("is_open"),
        *seconds("begun_at last_at"),
        *numbers("step lag run prior_step prior_lag"),
        *contents("coded"),
        key=("row_id",),
        refers={"append_id": "appends.append_id", "facts_id": "facts.facts_id"},
    )
    op.create_index("ix_spans_append_id", "spans", ["append_id"], unique=False)
    op.create_index(
        "ix_spans_open",
        "spans",
        ["name", "probe", "vantage"],
        unique=True,
        sqlite_where=sa.text("is_open"),
        postgresql_where=sa.text("is_open"),
    )
    table(
        "sweeps",
        *recorded(),
        *contents("digest"),
        *words("sweep_id technique source layer vantage"),
        *moments("first last"),
        key=("row_id",),
        unique="digest",
        refers={"append_id": "appends.append_id"},
    )
    table(
        "takedowns",
        *recorded(),
        *words("key"),
        *contents("digest"),
        *words("action_id domain cohort brand"),
        *words("imitates", nullable=True),
        *moments("effective_lo effective_hi", nullable=True),
        *numbers("position"),
        *words("sources"),
        key=("row_id",),
        refers={"append_id": "appends.append_id"},
    )
    op.create_index("ix_takedowns_key", "takedowns", ["key"], unique=False)
    table(
        "watches",
        *recorded(),
        *words("key"),
        *contents("digest"),
        *words("kind label"),
        *moments("since"),
        *words("name", nullable=True),
        *words("operation_id"),
        *words("cohort", nullable=True),
        *words("brand aliases own friendly matched_to"),
        *numbers("generation"),
        *words("tlp pap why status sources"),
        key=("row_id",),
        refers={"append_id": "appends.append_id"},
    )
    op.create_index("ix_watches_key", "watches", ["key"], unique=False)
    table(
        "coverages",
        *numbers("sweep_row_id position"),
        *words("canary"),
        *moments("first last"),
        *numbers("labels_set suffixes_set exceptions_set"),
        key=("sweep_row_id", "position"),
        refers={
            "sweep_row_id": "sweeps.row_id",
            "labels_set": "sets.set_id",
            "suffixes_set": "sets.set_id",
            "exceptions_set": "sets.set_id",
        },
    )
    table(
        "segments",
        *numbers("segment_id span_row_id"),
        *seconds("begun_at"),
        *contents("coded"),
        key=("segment_id",),
        refers={"span_row_id": "spans.row_id"},
    )
    op.create_index("ix_segments_span_row_id", "segments", ["span_row_id"], unique=False)
    table(
        "span_artefacts",
        *recorded(),
        *numbers("span_row_id"),
        *words("artefact_id"),
        key=("row_id",),
        refers={"append_id": "appends.append_id", "span_row_id": "spans.row_id"},
    )
    op.create_index("uq_span_artefacts_pair", "span_artefacts", ["span_row_id", "artefact_id"], unique=True)


def table(
    name: str, *columns: sa.Column[Any], key: tuple[str, ...], unique: str = "", refers: Mapping[str, str] | None = None
) -> None:
    """Create a table with the names of constraints that later migrations will use."""
    constraints: list[sa.Constraint] = [sa.PrimaryKeyConstraint(*key, name=f"pk_{name}")]
    if unique:
        constraints.append(sa.UniqueConstraint(unique, name=f"uq_{name}_{unique}"))
    for column, target in (refers or {}).items():
        constraint_name = f"fk_{name}_{column}_{target.partition('.')[0]}"
        constraints.append(sa.ForeignKeyConstraint([column], [target], name=constraint_name))
    op.create_table(name, *columns, *constraints)


def columns(names: str, kind: sa.types.TypeEngine[Any], nullable: bool = False) -> Columns:
    """Columns of one type, their names in one text."""
    return [sa.Column(name, kind, nullable=nullable) for name in names.split()]


def words(names: str, nullable: bool = False) -> Columns:
    """Texts."""
    return columns(names, sa.String(), nullable)


def moments(names: str, nullable: bool = False) -> Columns:
    """Instants in UTC."""
    return columns(names, sa.DateTime(timezone=True), nullable)


def numbers(names: str) -> Columns:
    """Numbers; one that is the only key of its table numbers the rows."""
    return columns(names, sa.Integer())


def seconds(names: str) -> Columns:
    """Seconds since 1970."""
    return columns(names, sa.BigInteger())


def contents(names: str, nullable: bool = False) -> Columns:
    """Bytes."""
    return columns(names, sa.LargeBinary(), nullable)


def flags(names: str) -> Columns:
    """True or false."""
    return columns(names, sa.Boolean())


def recorded() -> Columns:
    """What every row of the log has."""
    return [*numbers("row_id"), *moments("recorded_at"), *numbers("append_id")]
