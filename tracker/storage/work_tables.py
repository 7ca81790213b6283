"""Tables of the work: mutable bookkeeping, in the database of the log but no part of it."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from tracker.storage.log_tables import Base


class DueRow(Base, table=True):
    """See `ports.Due`."""

    __tablename__ = "due"
    __table_args__ = (Index("ix_due_kind_due_at", "kind", "due_at"),)
    kind: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    due_at: datetime
    origin: datetime
    attempts: int


class NoteRow(Base, table=True):
    """A small value that somebody keeps between runs."""

    __tablename__ = "notes"
    key: str = Field(primary_key=True)
    value: str


class BudgetRow(Base, table=True):
    """How fast a server may be asked by all processes together; moments in seconds since 1970. See `engine.shared`."""

    __tablename__ = "budgets"
    server: str = Field(primary_key=True)
    tokens: float
    counted_at: float
    blocked_until: float
    last_pause: float
    refusals: int
