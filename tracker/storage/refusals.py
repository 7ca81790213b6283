"""The ledger of refusals, for people: which servers are left alone, and until when."""

from datetime import UTC, datetime

from sqlalchemy import Engine, select

from tracker.model.times import from_iso
from tracker.ports import Held
from tracker.storage.database import reading
from tracker.storage.log_tables import table
from tracker.storage.work_tables import BudgetRow, NoteRow

NOTED = "refusal:"
"""How the notes begin in which a budget of one process keeps refusals; see `engine.budget.refusal_key`."""


def held_back(engine: Engine, now: datetime) -> tuple[Held, ...]:
    """Servers that are not to be asked at `now`, by name: from the notes, and from the budgets that processes share."""
    notes, budgets = table(NoteRow), table(BudgetRow)
    with reading(engine) as connection:
        noted = connection.execute(select(notes.c.key, notes.c.value).where(notes.c.key.startswith(NOTED))).all()
        shared = connection.execute(select(budgets.c.server, budgets.c.blocked_until, budgets.c.refusals)).all()
    found = [_noted(key.removeprefix(NOTED), value) for key, value in noted]
    found += [Held(server, datetime.fromtimestamp(until, UTC), refusals) for server, until, refusals in shared if until]
    return tuple(sorted((row for row in found if row.until > now), key=lambda row: (row.server, row.until)))


def _noted(server: str, value: str) -> Held:
    until, _, refusals = value.partition(" ")
    return Held(server, from_iso(until), int(refusals or 1))
