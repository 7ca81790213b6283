"""Tables of the log, looks and sweeps apart (`look_tables`). Rows are added; only open spans and cursors change."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, MetaData, Table
from sqlmodel import Field, SQLModel

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Names of indexes and constraints, so that a migration can name what it changes."""

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
    "readings",
    "canaries",
)
"""Parts of a batch by their bit in `AppendRow.brought`; new ones go to the end."""

LOG = MetaData(naming_convention=NAMES)
"""The log and the work: what Alembic migrates."""


def table(model: type[SQLModel]) -> Table:
    """The Core table of a model, for bulk statements."""
    found: Any = model.__dict__["__table__"]
    assert isinstance(found, Table)
    return found


class Base(SQLModel):
    """Tables of the log and the work."""

    metadata = LOG


class AppendRow(Base, table=True):
    """One transaction of facts. Every row of the log names the append that brought it.

    There is one for every few looks, so it is kept small: `run_row` is the row of its run, `recorded_at` counts epoch
    seconds, and the bits of `brought` say which `PARTS` of its batch were not empty.
    """

    __tablename__ = "appends"
    append_id: int | None = Field(default=None, primary_key=True)
    run_row: int
    recorded_at: int = Field(sa_type=BigInteger)
    brought: int


class Recorded(Base):
    """What every row of the log has. Its run is that of its append."""

    row_id: int | None = Field(default=None, primary_key=True)
    recorded_at: datetime
    append_id: int = Field(foreign_key="appends.append_id")


class Keyed(Recorded):
    """Facts that may be stated again with another content: the newest row of a key holds."""

    key: str = Field(index=True)
    digest: bytes


class Once(Recorded):
    """Facts that are rows only once, however often they are stated."""

    digest: bytes = Field(unique=True)


class RunRow(Keyed, table=True):
    """See `model.facts.Run`."""

    __tablename__ = "runs"
    run_id: str
    stage: str
    started_at: datetime
    vantage: str
    versions: str


class OperationRow(Keyed, table=True):
    """See `model.watching.Operation`."""

    __tablename__ = "operations"
    operation_id: str
    title: str


class ActionRow(Keyed, table=True):
    """See `model.watching.Action`."""

    __tablename__ = "actions"
    action_id: str
    operation_id: str
    kind: str
    authority: str
    when_at: datetime
    when_precision: str
    title: str
    country: str
    instrument: str
    case_number: str
    sources: str


class TakedownRow(Keyed, table=True):
    """See `model.watching.Takedown`."""

    __tablename__ = "takedowns"
    action_id: str
    domain: str
    cohort: str
    brand: str
    imitates: str | None
    effective_lo: datetime | None
    effective_hi: datetime | None
    position: int
    sources: str


class ClaimRow(Keyed, table=True):
    """See `model.watching.Claim`."""

    __tablename__ = "claims"
    kind: str
    domain: str
    source_id: str
    source_title: str
    source_url: str
    source_place: str
    source_revision: str
    source_first: datetime | None
    source_last: datetime | None
    operation_id: str
    replaces: str | None
    when_at: datetime | None
    when_precision: str | None
    raw: str
    tlp: str
    pap: str


class AnnouncementRow(Keyed, table=True):
    """See `model.watching.Announcement`."""

    __tablename__ = "announcements"
    announcement_id: str
    title: str
    url: str
    published_at: datetime
    published_precision: str
    authority: str
    number: str
    keywords: str
    mentions: str
    status: str
    note: str
    source_id: str
    source_title: str
    source_url: str
    source_place: str
    source_revision: str
    source_first: datetime | None
    source_last: datetime | None


class WatchRow(Keyed, table=True):
    """See `model.watching.Watch`."""

    __tablename__ = "watches"
    kind: str
    label: str
    since: datetime
    name: str | None
    operation_id: str
    cohort: str | None
    brand: str
    aliases: str
    own: str
    friendly: str
    matched_to: str
    generation: int
    tlp: str
    pap: str
    why: str
    status: str
    sources: str


class SightingRow(Once, table=True):
    """See `model.facts.Sighting`."""

    __tablename__ = "sightings"
    watch_key: str
    name: str
    technique: str
    source: str
    at: datetime
    reason: str
    facts: str
    artefact_id: str


class GapRow(Once, table=True):
    """See `model.facts.Gap`."""

    __tablename__ = "gaps"
    source: str
    scope: str
    first: datetime
    last: datetime
    reason: str
    detail: str


class ReviewRow(Once, table=True):
    """See `model.facts.Review`."""

    __tablename__ = "reviews"
    watch_key: str
    name: str
    verdict: str
    reviewer: str
    reason: str
    at: datetime
    note: str


class MuteRow(Once, table=True):
    """See `model.acts.Mute`."""

    __tablename__ = "mutes"
    scope: str
    value: str
    until: datetime
    reviewer: str
    reason: str
    at: datetime


class ComplaintRow(Keyed, table=True):
    """See `model.acts.Complaint`."""

    __tablename__ = "complaints"
    name: str
    reported_to: str
    channel: str
    reported_at: datetime
    reported_precision: str
    reported_by: str
    answer: str
    answered_at: datetime | None
    answered_precision: str | None
    reference: str


class ArtefactRow(Recorded, table=True):
    """See `model.facts.Artefact`. `body` is compressed with zlib, and NULL when retention has discarded it."""

    __tablename__ = "artefacts"
    artefact_id: str = Field(unique=True)
    kind: str
    media_type: str
    body: bytes | None
    size: int
    source_url: str
    retrieved_at: datetime
    vantage: str


class CursorRow(Base, table=True):
    """Where a source was left, written in the transaction that stores what it found."""

    __tablename__ = "cursors"
    source: str = Field(primary_key=True)
    state: str
    append_id: int = Field(foreign_key="appends.append_id")
