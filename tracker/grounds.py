"""What the daemon stands on: log, work, engine and budgets, as the address of the database and the role demand."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from tracker.clients.system import Outside
from tracker.engine.budget import Rate, TokenBudget
from tracker.engine.local import LocalEngine
from tracker.ports import Budget, Engine, ViewStore, Work
from tracker.settings import Settings
from tracker.storage.database import conninfo, open_database, sqlite_file, unwritable
from tracker.storage.lock import one_of_many, sole_instance
from tracker.storage.log import SqlLog
from tracker.storage.migrate import ensure_current, upgrade
from tracker.storage.shared_work import SharedWork
from tracker.storage.views import SqlViewStore
from tracker.storage.work import SqlWork

SHORTLY = 1.0
"""Seconds that a look at the database's health waits for somebody else who writes."""
MakeBudget = Callable[[str, Rate, Rate | None], Budget]
"""A budget for a kind of servers (its scope): the rate of each, and of all together."""


class Role(StrEnum):
    """What one process does: everything, deciding what is due, doing it, or reading certificate logs."""

    ALL = "all"
    PLANNER = "planner"
    WORKER = "worker"
    CT = "ct"


QUEUES: dict[Role, tuple[str, ...] | None] = {
    Role.ALL: None,
    Role.PLANNER: ("views",),
    Role.WORKER: ("dns", "http", "registration"),
    Role.CT: ("ct",),
}
"""Whose units each role runs, unless it is told otherwise; None = all. Reports are written where the planner is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The parts that differ between one process with a file and many with a server."""

    log: SqlLog
    work: Work
    views: ViewStore
    engine: Engine
    budget: MakeBudget
    unwritable: Callable[[], str]
    """Why nothing can be stored now; empty when it can. Holds nobody up for longer than a second or two."""
    ours: Callable[[], None]
    """Raises StorageTrouble when the lock was lost with the server and cannot be taken again."""


@asynccontextmanager
async def ground(settings: Settings, outside: Outside, role: Role, queues: Sequence[str] = ()) -> AsyncIterator[Ground]:
    """Open the database and take its lock; raises DatabaseInUse, WrongSchema, or ValueError for a role that it lacks.

    The planner and the process that does everything are alone of their kind; of workers there may be many, and they
    leave the schema to `tracker db upgrade`.
    """
    database = open_database(settings.database.address)
    alone = sqlite_file(database) is not None
    if alone and (role is not Role.ALL or queues):
        raise ValueError(f"--role {role} needs a database on a server: database.url = postgresql://…")
    async with AsyncExitStack() as stack:
        stack.callback(database.dispose)
        if role in (Role.ALL, Role.PLANNER):
            still = stack.enter_context(sole_instance(database))
            upgrade(database, outside.clock.now())
        else:
            still = stack.enter_context(one_of_many(database))
            ensure_current(database)
        log, views = SqlLog(database), SqlViewStore(database)

        def ours() -> None:
            if not still():
                ensure_current(database)  # whoever had it meanwhile may have been a newer program

        shut = partial(unwritable, database, busy_seconds=SHORTLY)
        if alone:
            notes = SqlWork(database, gathered=True)

            def in_memory(scope: str, rate: Rate, overall: Rate | None) -> Budget:
                # Registries remember who came back too early, so their refusals outlive the process.
                ledger = notes if scope == "registration" else None
                return TokenBudget(rate, outside.clock, outside.rng, overall=overall, ledger=ledger)

            engine = LocalEngine(outside.clock)
            yield Ground(log=log, work=notes, views=views, engine=engine, budget=in_memory, unwritable=shut, ours=ours)
            return
        from tracker.engine.queued import explained, queued_engine  # noqa: PLC0415 - a third of a second that SQLite does not need
        from tracker.engine.shared_budget import SharedBudget, connector, forget_idle  # noqa: PLC0415 - as above

        address = conninfo(database)
        work, connect = SharedWork(database, gathered=True), connector(address)
        forget_idle(connect())
        stack.callback(lambda: connect().close())
        queue = queued_engine(address, queues=queues or QUEUES[role], settle=work.flush)
        with explained():
            yield Ground(
                log=log,
                work=work,
                views=views,
                engine=await stack.enter_async_context(queue),
                budget=lambda scope, rate, overall: SharedBudget(connect, scope, rate, outside.rng, overall=overall),
                unwritable=shut,
                ours=ours,
            )
