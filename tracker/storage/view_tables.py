"""Tables of the views: conclusions, dropped and rebuilt when their shape changes. No migration knows them."""

from datetime import datetime
from hashlib import blake2b

from sqlalchemy import BigInteger, MetaData
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateTable
from sqlmodel import Field, SQLModel

from tracker.storage.log_tables import NAMES

VIEWS = MetaData(naming_convention=NAMES)
PREFIX = "view_"
"""Every table of views begins with this, which is how migrations know to leave it alone."""


class View(SQLModel):
    """Rows in the order of `place`, which says nothing else."""

    metadata = VIEWS
    place: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})


class DerivedRow(SQLModel, table=True):
    """What the views were derived from, and the shape of their tables. `revision` grows whenever they change."""

    __tablename__ = "view_derived"
    metadata = VIEWS
    shape: str = Field(primary_key=True)
    revision: int
    as_of: datetime
    rules_version: str


class CandidateRow(View, table=True):
    """See `model.views.Candidate`."""

    __tablename__ = "view_candidates"
    watch_key: str
    name: str = Field(index=True)
    first_sighted_at: datetime
    techniques: str
    sources: str


class EvidenceRow(View, table=True):
    """See `model.views.Evidence`."""

    __tablename__ = "view_evidence"
    watch_key: str
    name: str = Field(index=True)
    rule_id: str
    family: str
    bits: float
    sentence: str
    witnesses: str


class AssessmentRow(View, table=True):
    """See `model.views.Assessment`."""

    __tablename__ = "view_assessments"
    watch_key: str
    name: str = Field(index=True)
    verdict: str
    by_rules: str
    bits: float
    prior_bits: float
    families: str
    reviewed: bool
    reviewer: str
    reason: str
    unheard: str


class StateRow(View, table=True):
    """See `model.views.StateSpan`."""

    __tablename__ = "view_states"
    name: str = Field(index=True)
    state: str
    since_lo: datetime | None
    since_hi: datetime | None
    last: datetime
    rule_id: str


class EpisodeRow(View, table=True):
    """See `model.views.Episode`. `end_known` is false while the name is alive."""

    __tablename__ = "view_episodes"
    name: str = Field(index=True)
    layer: str
    number: int
    start_lo: datetime | None
    start_hi: datetime | None
    start_basis: str
    entry: datetime
    last_alive: datetime
    end_known: bool
    end_lo: datetime | None
    end_hi: datetime | None
    ending: str | None
    looks: int
    unknown_looks: int
    policy: str


class LifetimeRow(View, table=True):
    """See `model.views.Lifetime`; lengths in seconds."""

    __tablename__ = "view_lifetimes"
    name: str = Field(index=True)
    layer: str
    number: int
    shortest_s: float
    longest_s: float | None
    entry_age_s: float
    entry_age_hi_s: float | None
    dated: bool
    alive: bool
    ending: str | None


class AppearanceRow(View, table=True):
    """See `model.views.Appearance`."""

    __tablename__ = "view_appearances"
    watch_key: str
    name: str = Field(index=True)
    layer: str
    bounds_lo: datetime | None
    bounds_hi: datetime | None
    lo_witness: str
    hi_witness: str
    registered_claimed: datetime | None


class ReplacementRow(View, table=True):
    """See `model.views.Replacement`. Its appearances are JSON here and rows in `view_appearances`."""

    __tablename__ = "view_replacements"
    action_id: str
    predecessor: str
    name: str = Field(index=True)
    cohort: str
    verdict: str
    bits: float
    appearances: str
    technique: str
    reviewed: bool


def shape() -> str:
    """Stands for the tables as this version of the program wants them."""
    wanted = [str(CreateTable(found).compile(dialect=sqlite.dialect())) for found in VIEWS.sorted_tables]
    return blake2b("".join(wanted).encode(), digest_size=8).hexdigest()
