"""A websocket to a certstream server that its user runs: listens in the background, keeps what comes until it is taken.

The address stands in the settings, so it is trusted like a resolver; it is never followed anywhere else.
"""

import asyncio
import random
import ssl
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from tracker.decoders.certstream import LONGEST, NotCertstream, Streamed, read
from tracker.model.facts import Reason
from tracker.ports import Clock

KEPT = 200_000
"""Certificates that wait to be taken: about ten minutes of all logs. What comes on top is lost, and said to be."""
SILENCE = 90.0
"""Seconds without a message, heartbeats included, after which a connection counts as dead; servers send
two a minute."""
FIRST_WAIT, LONGEST_WAIT = 1.0, 300.0


@dataclass(frozen=True, slots=True)
class Outage:
    """A stretch in which nothing was heard, and why."""

    first: datetime
    last: datetime
    reason: Reason
    detail: str


class _Direct(connect):
    """Redirects lead to addresses that nobody chose."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class CertstreamClient:
    """One connection, renewed with backoff and full jitter. `take` hands over what came and what was missed."""

    def __init__(
        self,
        url: str,
        clock: Clock,
        rng: random.Random,
        *,
        trust: ssl.SSLContext | None = None,
        user_agent: str = "",
        kept: int = KEPT,
        silence: float = SILENCE,
    ) -> None:
        self.url = url
        self._clock, self._rng = clock, rng
        self._trust = trust if url.startswith("wss:") else None
        self._user_agent = user_agent
        self._kept, self._silence = kept, silence
        self._came: deque[Streamed] = deque()
        self._missed: list[Outage] = []
        self._down: tuple[datetime, Reason, str] | None = None
        self._lost: tuple[datetime, int] | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def listening(self) -> bool:
        """Whether `start` was called and `close` was not."""
        return self._task is not None

    def start(self) -> None:
        """Begin to listen; until the connection stands, what is missed is an outage."""
        if self._task is None:
            self._down = (self._clock.now(), Reason.UNREACHABLE, "not connected yet")
            self._task = asyncio.create_task(self._listen())

    async def close(self) -> None:
        """Stop listening."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def take(self) -> tuple[tuple[Streamed, ...], tuple[Outage, ...]]:
        """What came since the last call, and what was missed; an outage that goes on is reported as far as it went."""
        now = self._clock.now()
        if self._down is not None:
            _, reason, detail = self._down
            self._was_down(now)
            self._down = (now, reason, detail)
        if self._lost is not None:
            since, count = self._lost
            self._missed.append(Outage(since, now, Reason.NOT_ASKED, f"{count} messages came faster than taken"))
            self._lost = None
        came, missed = tuple(self._came), tuple(self._missed)
        self._came.clear()
        self._missed.clear()
        return came, missed

    async def _listen(self) -> None:
        failures = 0
        while True:
            try:
                await self._hear()
            except (OSError, WebSocketException, ValueError) as error:
                reason = Reason.TIMEOUT if isinstance(error, TimeoutError) else Reason.UNREACHABLE
                detail = str(error) or ("nothing was heard" if reason is Reason.TIMEOUT else type(error).__name__)
                failures = failures + 1 if self._down is not None else 1
                since = self._clock.now() if self._down is None else self._down[0]
                self._down = (since, reason, detail[:200])
            ceiling = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(failures, 16))
            await asyncio.sleep(self._rng.uniform(0, ceiling))

    async def _hear(self) -> None:
        """Until the connection ends, which raises: also when the server closes it in good order."""
        async with _Direct(
            self.url, ssl=self._trust, max_size=LONGEST, proxy=None, user_agent_header=self._user_agent or None
        ) as socket:
            while True:
                async with asyncio.timeout(self._silence):
                    message = await socket.recv()
                self._was_down(self._clock.now())
                self._keep(message)

    def _was_down(self, until: datetime) -> None:
        """Note the outage that ends here, if it took any time."""
        if self._down is not None and self._down[0] < until:
            since, reason, detail = self._down
            self._missed.append(Outage(since, until, reason, detail))
        self._down = None

    def _keep(self, message: str | bytes) -> None:
        now = self._clock.now()
        try:
            told = read(message)
        except NotCertstream as error:
            self._missed.append(Outage(now, now, Reason.MALFORMED, str(error)[:200]))
            return
        if told is None or not told.names:
            return
        if len(self._came) >= self._kept:
            since, count = self._lost or (now, 0)
            self._lost = (since, count + 1)
            return
        self._came.append(told)
