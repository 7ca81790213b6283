"""Tables of looks, sweeps and canaries, and of the long values that their rows share."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field

from tracker.storage.log_tables import Base, Once, Recorded


class SetRow(Base, table=True):
    """A list of texts that many coverages share, stored once: zlib over a JSON array, found by its digest."""

    __tablename__ = "sets"
    set_id: int | None = Field(default=None, primary_key=True)
    digest: bytes = Field(unique=True)
    members: bytes


class SweepRow(Once, table=True):
    """See `model.facts.Sweep`."""

    __tablename__ = "sweeps"
    sweep_id: str
    technique: str
    source: str
    layer: str
    vantage: str
    first: datetime
    last: datetime


class CoverageRow(Base, table=True):
    """See `model.facts.Coverage`. Labels, suffixes and exceptions are sets."""

    __tablename__ = "coverages"
    sweep_row_id: int = Field(foreign_key="sweeps.row_id", primary_key=True)
    position: int = Field(primary_key=True)
    canary: str
    first: datetime
    last: datetime
    labels_set: int = Field(foreign_key="sets.set_id")
    suffixes_set: int = Field(foreign_key="sets.set_id")
    exceptions_set: int = Field(foreign_key="sets.set_id")


class FactsRow(Base, table=True):
    """What looks found, stored once for all spans that share it: canonical JSON."""

    __tablename__ = "facts"
    facts_id: int | None = Field(default=None, primary_key=True)
    digest: bytes = Field(unique=True)
    facts: str


class SpanRow(Recorded, table=True):
    """Equal looks of one probe at one name. The columns from `begun_at` on are the newest chunk of looks (see `spans`).

    `append_id` is the append that changed the row last. Of a (name, probe, vantage) at most one span is open whose
    looks told something, and one whose looks did not.
    """

    __tablename__ = "spans"
    __table_args__ = (
        Index(
            "ix_spans_open",
            "name",
            "probe",
            "vantage",
            "presence",
            unique=True,
            sqlite_where=text("is_open"),
            postgresql_where=text("is_open"),
        ),
    )
    append_id: int = Field(foreign_key="appends.append_id", index=True)
    name: str
    probe: str
    layer: str
    vantage: str
    presence: str
    reason: str
    facts_id: int = Field(foreign_key="facts.facts_id")
    is_open: bool
    begun_at: int = Field(sa_type=BigInteger)
    last_at: int = Field(sa_type=BigInteger)
    step: int
    lag: int
    run: int
    base: int
    prior_lag: int
    coded: bytes


class SegmentRow(Base, table=True):
    """An earlier chunk of a span's looks, sealed."""

    __tablename__ = "segments"
    segment_id: int | None = Field(default=None, primary_key=True)
    span_row_id: int = Field(foreign_key="spans.row_id", index=True)
    begun_at: int = Field(sa_type=BigInteger)
    coded: bytes


class SpanArtefactRow(Recorded, table=True):
    """A raw reply behind a span: that of the first look that had one. Later ones say the same in other bytes."""

    __tablename__ = "span_artefacts"
    __table_args__ = (Index("uq_span_artefacts_pair", "span_row_id", "artefact_id", unique=True),)
    span_row_id: int = Field(foreign_key="spans.row_id")
    artefact_id: str


class CanaryRow(Once, table=True):
    """See `model.facts.Canary`."""

    __tablename__ = "canaries"
    source: str
    name: str
    expected: str
    seen: str
    reason: str
    at: datetime
