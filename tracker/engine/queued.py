"""Units run by any number of processes on one PostgreSQL: Procrastinate keeps the queue, the locks and the retries."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import psycopg
from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.worker import Worker

from tracker.engine.pauses import USUAL, Pauses
from tracker.ports import Handler, StorageTrouble, WorkUnit

TASK = "unit"
LOST = (ConnectorException, psycopg.Error)
"""What is raised when the database is away."""
OUTSTANDING = "SELECT args FROM procrastinate_jobs WHERE status IN ('todo', 'doing') ORDER BY id"
READY = """
SELECT count(*) AS ready FROM procrastinate_jobs
WHERE (status = 'doing' OR status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now()))
  AND (%(queues)s::text[] IS NULL OR queue_name = ANY (%(queues)s::text[]))
"""
BEAT = "UPDATE procrastinate_workers SET last_heartbeat = now() WHERE id = %s"
ELSEWHERE = 0.2
"""Seconds between two looks at units that drain waits for because another process runs them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """Seconds: between signs of life of a worker, until a silent one counts as dead, between looks for work, and how
    long a stopped worker may finish what it runs, or a database may be away."""

    beat: float = 10.0
    silent: float = 60.0
    poll: float = 1.0
    grace: float = 10.0


STEADY = Pulse()


class QueuedEngine:
    """The `Engine` port over Procrastinate. `queues` are those that this process runs units of; None = all.

    `settle` is called after each unit, before it counts as done: what it left to be stored must be.
    """

    def __init__(
        self,
        app: App,
        conninfo: str,
        pauses: Pauses,
        pulse: Pulse,
        *,
        queues: Sequence[str] | None = None,
        workers: int = 8,
        settle: Callable[[], object] = bool,
    ) -> None:
        self._app = app
        self._conninfo = conninfo
        self._pulse = pulse
        self._queues = None if queues is None else list(queues)
        self._workers = workers
        self._settle = settle
        self._handlers: Mapping[str, Handler] = {}
        self._ended: dict[str, BaseException | None] = {}
        self._stop = asyncio.Event()
        self._task = app.task(name=TASK, retry=_Rest(pauses))(self._run)

    async def submit(self, unit: WorkUnit) -> bool:
        """Queue a unit; False when one with its key waits or rests already. Beside one that runs it waits its turn."""
        job = self._task.configure(queue=unit.queue, lock=unit.lane or None, queueing_lock=unit.key)
        arguments: Any = asdict(unit)
        with explained():
            try:
                await job.defer_async(**arguments)
            except AlreadyEnqueued:
                return False
        return True

    async def outstanding(self) -> Sequence[WorkUnit]:
        """What waits, rests after a failure, or runs, in any process; what a dead one ran waits again after this."""
        with explained():
            await self._revive()
            rows = await self._app.connector.execute_query_all_async(OUTSTANDING)
        return [WorkUnit(**row["args"]) for row in rows]

    async def drain(self, handlers: Mapping[str, Handler]) -> Mapping[str, BaseException | None]:
        """Run until nothing of these queues is due or under way in any process; per key that ran here its failure."""
        self._handlers, self._ended = handlers, {}
        with explained():
            while True:
                await self._revive()
                await self._work(asyncio.Event(), wait=False)
                row = await self._app.connector.execute_query_one_async(READY, queues=self._queues)
                if not row["ready"]:
                    return self._ended
                await asyncio.sleep(0 if self._ended else ELSEWHERE)

    async def serve(self, handlers: Mapping[str, Handler], stop: asyncio.Event) -> None:
        """Run what is submitted, until `stop`; what runs then has some seconds to end, and is queued again if not."""
        self._handlers, self._ended = handlers, {}
        with explained():
            await self._work(stop, wait=True)

    async def _work(self, stop: asyncio.Event, *, wait: bool) -> None:
        self._stop = stop
        worker: Any = Worker(
            self._app,
            queues=self._queues,
            concurrency=self._workers,
            wait=wait,
            fetch_job_polling_interval=self._pulse.poll,
            shutdown_graceful_timeout=self._pulse.grace,
            listen_notify=wait,
            delete_jobs="successful",
            install_signal_handlers=False,
            update_heartbeat_interval=self._pulse.beat,
            stalled_worker_timeout=self._pulse.silent,
        )
        running = asyncio.create_task(worker.run())
        stopping = asyncio.create_task(stop.wait())
        with _beating(self._conninfo, worker, self._pulse.beat):
            try:
                await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
            except asyncio.CancelledError:
                worker.shutdown_graceful_timeout = 0
                raise
            finally:
                stopping.cancel()
                worker.stop()
                await running

    async def _run(self, **args: Any) -> None:
        if self._stop.is_set():
            raise asyncio.CancelledError("claimed while stopping")  # the claim was on its way already: it waits again
        unit = WorkUnit(**args)
        known = self._ended.pop(unit.key, None)
        try:
            handler = self._handlers.get(unit.kind)
            if handler is None:
                raise LookupError(f"nobody handles units of kind {unit.kind!r}")
            await handler(unit)
        except BaseException as error:
            self._ended[unit.key] = error
            raise
        finally:
            self._settle()
        self._ended[unit.key] = known

    async def _revive(self) -> None:
        """Units of workers that show no sign of life wait again, unless a fresh one with their key waits already."""
        jobs = self._app.job_manager
        for job in await jobs.get_stalled_jobs(seconds_since_heartbeat=self._pulse.silent):
            try:
                await jobs.retry_job(job)
            except UniqueViolation:
                await jobs.finish_job(job, Status.FAILED, delete_job=True)
            except ConnectorException:
                continue  # somebody else was faster, or it ended after all


@asynccontextmanager
async def queued_engine(
    conninfo: str,
    *,
    pauses: Pauses = USUAL,
    pulse: Pulse = STEADY,
    queues: Sequence[str] | None = None,
    workers: int = 8,
    settle: Callable[[], object] = bool,
) -> AsyncIterator[QueuedEngine]:
    """An engine connected to the PostgreSQL of `conninfo`, whose schema must be there."""
    app = App(connector=PsycopgConnector(conninfo=conninfo, min_size=1, max_size=4, timeout=pulse.grace))
    async with app.open_async():
        yield QueuedEngine(app, conninfo, pauses, pulse, queues=queues, workers=workers, settle=settle)


@contextmanager
def explained() -> Iterator[None]:
    """A database that is away: one line that says what is wrong, which stands behind what the queue says of it."""
    try:
        yield
    except LOST as error:
        raise StorageTrouble(f"the queue: {' '.join(str(error.__cause__ or error).split())}") from error


class _Rest(BaseRetryStrategy):
    """What failed rests; what was cut short by a stop waits at once."""

    def __init__(self, pauses: Pauses) -> None:
        self._pauses = pauses

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        rests = isinstance(exception, Exception)
        pause = self._pauses.after(job.attempts + 1) if rests else timedelta(0)
        return RetryDecision(retry_in={"milliseconds": round(pause.total_seconds() * 1000)})


@contextmanager
def _beating(conninfo: str, worker: Worker, every: float) -> Iterator[None]:
    """Signs of life from a thread: a unit that computes for minutes holds the loop, and is not dead."""
    quiet = threading.Event()

    def beat() -> None:
        while not quiet.wait(every):
            with contextlib.suppress(psycopg.Error), psycopg.connect(conninfo, autocommit=True) as connection:
                connection.execute(BEAT, (worker.worker_id,))

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        quiet.set()
        thread.join()
