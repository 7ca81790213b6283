"""crt.sh, a courtesy of its operator and often overloaded: one question at a time, far apart; silence means nothing."""

import asyncio
import random
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote

import httpx

from tracker.clients.http import FetchFailed, fetch, retry_after
from tracker.decoders.crtsh import ROW_CAP, CrtShError, about, read
from tracker.model.facts import Reason
from tracker.model.names import DomainName
from tracker.ports import Clock

SOURCE: Final = "crt.sh"
APART: Final = 12.0
"""Seconds between two questions at least."""
SPREAD: Final = 3.0
ATTEMPTS: Final = 3
PATIENCE: Final = 300.0
"""A server that asks us to stay away for longer is not asked again."""
REPLY_LIMIT: Final = 32 * 1024 * 1024
_NO_ROWS: Final = "no rows, which is no evidence of none"
_RETRIED: Final = frozenset({Reason.SERVER_ERROR, Reason.TIMEOUT, Reason.UNREACHABLE, Reason.RATE_LIMITED})


@dataclass(frozen=True, slots=True, kw_only=True)
class CrtShReply:
    """What was learned of one name. `outcome` CERTIFICATE comes with `first`; any other tells nothing about the name.

    NOT_ASKED: the service had turned us away before. NO_SERVER: it knew no certificate, which is never `there is none`.
    """

    outcome: Reason
    first: datetime | None = None
    rows: int = 0
    capped: bool = False
    detail: str = ""


class CrtSh:
    """One client per process. Questions stand in line; waiting is by the loop's clock, with jitter."""

    def __init__(
        self, http: httpx.AsyncClient, clock: Clock, rng: random.Random, url: str, *, deadline: float = 60.0
    ) -> None:
        self._http, self._clock, self._rng = http, clock, rng
        self._url, self._deadline = url.rstrip("/"), deadline
        self._next = 0.0
        self._turned_away = ""
        self._line = asyncio.Lock()

    async def first_certificate(self, name: DomainName) -> CrtShReply:
        """The earliest certificate known for the name or anything below it. Never raises for the network."""
        async with self._line:
            reply = CrtShReply(outcome=Reason.NOT_ASKED, detail=self._turned_away)
            for _ in range(ATTEMPTS):
                if self._turned_away:
                    return reply
                await self._turn()
                reply = await self._ask(name)
                if reply.outcome not in _RETRIED:
                    return reply
            return reply

    async def _turn(self) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, self._next - loop.time()))
        self._next = loop.time() + APART + self._rng.random() * SPREAD

    async def _ask(self, name: DomainName) -> CrtShReply:
        url = f"{self._url}/?q={quote(name)}&output=json"
        try:
            got = await fetch(self._http, url, limit=REPLY_LIMIT, deadline=self._deadline)
        except FetchFailed as failure:
            return CrtShReply(outcome=failure.reason, detail=failure.detail)
        if got.status != 200:
            return self._refused(got.status, retry_after(got.headers, self._clock.now()))
        try:
            rows = read(got.body)
        except CrtShError as error:
            # A page for people under status 200 is how its overload looks.
            reason = Reason.SERVER_ERROR if got.body.lstrip()[:1] in {b"<", b""} else Reason.MALFORMED
            return CrtShReply(outcome=reason, detail=str(error))
        capped = len(rows) >= ROW_CAP
        ours = about(rows, name)
        if not ours:
            return CrtShReply(outcome=Reason.NO_SERVER, rows=len(rows), capped=capped, detail=_NO_ROWS)
        first = min(row.known_by for row in ours)
        return CrtShReply(outcome=Reason.CERTIFICATE, first=first, rows=len(rows), capped=capped)

    def _refused(self, status: int, pause: float | None) -> CrtShReply:
        loop = asyncio.get_running_loop()
        detail = f"status {status}"
        if status in {401, 403} or (pause is not None and pause > PATIENCE):
            self._turned_away = detail
            return CrtShReply(outcome=Reason.FORBIDDEN, detail=detail)
        if pause is not None:
            self._next = max(self._next, loop.time() + pause)
        reason = Reason.RATE_LIMITED if status == 429 else Reason.SERVER_ERROR
        return CrtShReply(outcome=reason, detail=detail)
