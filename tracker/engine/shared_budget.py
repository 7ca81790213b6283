"""Budgets in the database: ten processes together ask one server no faster than one would."""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import psycopg

from tracker.engine.budget import FIRST_PAUSE, LONGEST_STATED_PAUSE, SPREAD, Rate, backoff, stated
from tracker.ports import Clock

FRESH = 1.0
"""Seconds for which the word of the database on a refused server is believed without asking again."""
ROUNDING = 1e-6
"""Seconds: an error in the last place must not cost another sleep of no length."""
NOW = "COALESCE(%(now)s::float8, extract(epoch FROM clock_timestamp())::float8)"
BEGIN = """
INSERT INTO budgets (server, tokens, counted_at, blocked_until, last_pause, refusals)
VALUES (%(server)s, %(burst)s, 0, 0, 0, 0) ON CONFLICT DO NOTHING
"""
TAKE = f"""
WITH asked AS (
  SELECT * FROM unnest(%(servers)s::text[], %(rates)s::float8[], %(bursts)s::float8[])
    AS asked (server, per_second, burst)
), seen AS (
  SELECT server, per_second, burst, blocked_until, GREATEST(counted_at, clock.at) AS counted, clock.at AS at,
         LEAST(burst, tokens + %(back)s + GREATEST(0, clock.at - counted_at) * per_second) AS filled
  FROM budgets JOIN asked USING (server), (SELECT {NOW} AS at) AS clock ORDER BY server FOR UPDATE OF budgets
), judged AS (
  SELECT *, CASE WHEN at < blocked_until THEN blocked_until - at
                 ELSE GREATEST(0, LEAST(%(amount)s, burst) - filled) / per_second END AS wait,
         LEAST(%(more)s, FLOOR(GREATEST(0, filled - %(amount)s))) AS more FROM seen
), joint AS (
  SELECT max(wait) <= %(rounding)s AND count(*) = cardinality(%(servers)s::text[]) AS granted, min(more) AS more
  FROM judged
)
UPDATE budgets SET counted_at = counted,
       tokens = CASE WHEN joint.granted THEN filled - %(amount)s - joint.more ELSE filled END
FROM judged, joint WHERE budgets.server = judged.server RETURNING budgets.server, wait, joint.more
"""
"""Takes `amount` of every bucket asked, or of none and says how long to wait for each; of `more`, for those behind in
the row, what is there already. What came `back` was taken for one who needs more than that: nothing is kept over a
wait, or it would come on top of it."""
SEEN = f"SELECT blocked_until, last_pause, refusals, {NOW} AS now FROM budgets WHERE server = %(server)s FOR UPDATE"
BLOCK = """
UPDATE budgets SET blocked_until = %(until)s, counted_at = %(until)s, last_pause = %(pause)s, refusals = %(refusals)s,
       tokens = LEAST(tokens, 0) WHERE server = %(server)s RETURNING server
"""
BLOCKED = f"SELECT blocked_until - {NOW}, blocked_until FROM budgets WHERE server = %(server)s"
FORGET = f"DELETE FROM budgets WHERE GREATEST(counted_at, blocked_until) < {NOW} - %(old)s"

Connect = Callable[[], "psycopg.Connection[Any]"]


@dataclass(slots=True)
class _Row:
    """Those of one process who wait for one server. `held` tokens were taken for them and go to the next in the row."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    wanted: int = 0
    held: int = 0


class SharedBudget:
    """The `Budget` port over the table `budgets`: the buckets of `TokenBudget`, filled by the clock of the database.

    `scope` tells budgets of one server apart (its DNS from its web server). With a `clock` that one is used instead.
    """

    def __init__(
        self,
        connect: Connect,
        scope: str,
        rate: Rate,
        rng: random.Random,
        *,
        overrides: Mapping[str, Rate] | None = None,
        overall: Rate | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._connect = connect
        self._scope = scope
        self._rate = rate
        self._rng = rng
        self._overrides = dict(overrides or {})
        self._overall = overall
        self._clock = clock
        self._all = asyncio.Lock()
        self._rows: dict[str, _Row] = {}
        self._blocked: dict[str, tuple[float, float, float]] = {}

    async def take(self, server: str, amount: int = 1) -> None:
        """Return when `amount` questions may be sent to `server`. Cancelling a waiter costs nobody anything."""
        # Of one process only the first in the row asks the database, at once for all who wait behind.
        row = self._rows.setdefault(self._key(server), _Row())
        row.wanted += amount
        try:
            async with row.turn:
                await asyncio.sleep(0)  # whoever comes at this moment has joined the row by then
                while row.held < amount:
                    seconds = await self._missing(server, row, amount)
                    if seconds > ROUNDING:
                        await self._rest(seconds)
                row.held -= amount
        finally:
            row.wanted -= amount
            row.held = min(row.held, row.wanted)  # of one who gave up: nothing is saved for later

    def refused(self, server: str, retry_after: float | None) -> None:
        """The server turned a question away. Refusals that arrive during a pause count with the one that began it."""
        key, pause = self._key(server), stated(retry_after)
        with self._connect().transaction():
            blocked, last_pause, refusals, now = self._ask(SEEN, key, self.rate(server))
            if now >= blocked:
                quiet = now - blocked
                refusals = 1 if quiet > max(last_pause, FIRST_PAUSE) else refusals + 1
                last_pause = pause or backoff(self._rng, refusals)
                until = now + last_pause
            else:
                until = max(blocked, now + pause)
            if until > blocked:
                self._ask(BLOCK, key, self.rate(server), until=until, pause=last_pause, refusals=refusals)
        self._blocked.pop(key, None)
        self._rows.setdefault(key, _Row()).held = 0

    def blocked_until(self, server: str) -> datetime | None:
        """When a refused server may be asked again; None when it may be asked now."""
        key, here = self._key(server), asyncio.get_running_loop().time()
        asked, seconds, until = self._blocked.get(key, (-FRESH, 0.0, 0.0))
        if here - asked >= FRESH:
            seconds, until = self._ask(BLOCKED, key, self.rate(server))
            asked = here
            self._blocked[key] = (asked, seconds, until)
        return datetime.fromtimestamp(until, UTC) if seconds > here - asked else None

    def rate(self, server: str) -> Rate:
        """What `server` is allowed; a caller that sends in bursts asks for at most `burst` at a time."""
        return self._overrides.get(server, self._rate)

    def _key(self, server: str) -> str:
        return f"{self._scope}/{server}"

    async def _missing(self, server: str, row: _Row, amount: int) -> float:
        """Take for the first in the row, and what there is for the others; or say how many seconds the server wants.

        Both buckets are drawn from at once: what were taken of one while waiting for the other would be sent late, on
        top of what that one gained meanwhile.
        """
        if self._overall is None:
            return self._drawn(server, row, amount)[0]
        async with self._all:  # one row after the other waits for the bucket over all servers
            while True:
                own, overall = self._drawn(server, row, amount)
                if own > ROUNDING or overall <= ROUNDING:
                    return own
                await self._rest(overall)

    def _drawn(self, server: str, row: _Row, amount: int) -> tuple[float, float]:
        """Seconds that are missing at the server's bucket and at the one over all; when none are, the row holds what it
        was given."""
        key, more = self._key(server), float(row.wanted - amount)
        rates = {key: self.rate(server)} | ({self._scope: self._overall} if self._overall else {})
        found = self._rows_of(TAKE, rates, back=float(row.held), rounding=ROUNDING, amount=float(amount), more=more)
        waits = {str(bucket): float(wait) for bucket, wait, _ in found}
        row.held = 0 if max(waits.values()) > ROUNDING else amount + int(found[0][2])
        return waits[key], waits.get(self._scope, 0.0)

    async def _rest(self, seconds: float) -> None:
        await asyncio.sleep(seconds * (1 + self._rng.uniform(0, SPREAD)))

    def _rows_of(self, query: str, rates: Mapping[str, Rate], **values: object) -> Sequence[tuple[Any, ...]]:
        """What the database says of several buckets; those that are not there are begun full, and it is asked again."""
        connection = self._connect()
        known = {
            "servers": list(rates),
            "rates": [rate.per_second for rate in rates.values()],
            "bursts": [float(rate.burst) for rate in rates.values()],
            "now": None if self._clock is None else self._clock.now().timestamp(),
            **values,
        }
        while len(rows := connection.execute(query, known).fetchall()) < len(rates):
            for server, rate in rates.items():
                connection.execute(BEGIN, {"server": server, "burst": float(rate.burst)})
        return rows

    def _ask(self, query: str, key: str, rate: Rate, **values: object) -> tuple[Any, ...]:
        """What the database says of a bucket, which is begun full when it is not there."""
        connection = self._connect()
        now = None if self._clock is None else self._clock.now().timestamp()
        known = {"server": key, "now": now, "burst": float(rate.burst), **values}
        row = connection.execute(query, known).fetchone()
        if row is None:
            connection.execute(BEGIN, known)
            row = connection.execute(query, known).fetchone()
        assert row is not None, key
        return tuple(row)


def forget_idle(connection: "psycopg.Connection[Any]") -> None:
    """Remove the buckets of servers that nobody has asked for long: they are full."""
    connection.execute(FORGET, {"now": None, "old": 2 * LONGEST_STATED_PAUSE})


def connector(conninfo: str) -> Connect:
    """One connection for all budgets of a process, made anew when it broke."""
    held: list[psycopg.Connection[Any]] = []

    def connect() -> "psycopg.Connection[Any]":
        if held and not held[0].closed:
            return held[0]
        held[:] = [psycopg.connect(conninfo, autocommit=True)]
        return held[0]

    return connect
