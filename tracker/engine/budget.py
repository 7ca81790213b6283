"""How fast a server may be asked, whatever number of workers and suffixes share it."""

import asyncio
import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tracker.model.times import from_iso, iso
from tracker.ports import Clock, Notes

FIRST_PAUSE = 5.0
LONGEST_PAUSE = 600.0
LONGEST_STATED_PAUSE = 7 * 86_400.0
SPREAD = 0.1


@dataclass(frozen=True, slots=True)
class Rate:
    """Questions per second, and how many may go out at once after a rest."""

    per_second: float
    burst: int = 1

    def __post_init__(self) -> None:
        if not self.per_second > 0 or self.burst < 1:
            raise ValueError(f"a rate must be above 0 and its burst at least 1: {self}")


@dataclass(slots=True)
class _Bucket:
    """Tokens of one server. The lock makes waiters go one after another, in the order in which they came."""

    rate: Rate
    tokens: float
    counted_at: float
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    blocked_until: float = -math.inf  # loop time
    blocked_until_utc: datetime | None = None
    refusals: int = 0
    last_pause: float = 0.0

    def wait(self, now: float, amount: int) -> float:
        """Seconds until `amount` may be taken; more than the burst is taken as a debt that later takers wait off."""
        if now < self.blocked_until:
            return self.blocked_until - now
        if now > self.counted_at:
            gained = (now - self.counted_at) * self.rate.per_second
            self.tokens = min(float(self.rate.burst), self.tokens + gained)
            self.counted_at = now
        missing = min(amount, self.rate.burst) - self.tokens
        # A rounding error in the last place must not cost another sleep of no length.
        return 0.0 if missing <= 1e-9 else missing / self.rate.per_second


class TokenBudget:
    """A token bucket per server and one over all. Time is the running loop's, so on a virtual loop waiting is free.

    A refusal blocks its server for as long as Retry-After says, else for a random part of a pause that doubles up to
    ten minutes. `ledger` keeps refusals: they hold for every budget that shares it, and after a restart.
    """

    def __init__(
        self,
        rate: Rate,
        clock: Clock,
        rng: random.Random,
        *,
        overrides: Mapping[str, Rate] | None = None,
        overall: Rate | None = None,
        ledger: Notes | None = None,
    ) -> None:
        self._rate = rate
        self._clock = clock
        self._rng = rng
        self._overrides = dict(overrides or {})
        self._overall = None if overall is None else _Bucket(overall, float(overall.burst), -math.inf)
        self._buckets: dict[str, _Bucket] = {}
        self._ledger = ledger

    async def take(self, server: str, amount: int = 1) -> None:
        """Return when `amount` questions may be sent to `server`. Cancelling a waiter costs nobody anything."""
        bucket, overall = self._bucket(server), self._overall
        # Both are drawn from at once: what were taken of one while waiting for the other would be sent late, on top of
        # what that one gained meanwhile.
        async with bucket.lock:
            while True:
                self._read(server)
                await self._filled(bucket, amount)
                if overall is None:
                    break
                async with overall.lock:
                    await self._filled(overall, amount)
                    if bucket.wait(asyncio.get_running_loop().time(), amount) <= 0:
                        overall.tokens -= amount
                        break
            bucket.tokens -= amount

    def refused(self, server: str, retry_after: float | None) -> None:
        """The server turned a question away. Refusals that arrive during a pause count with the one that began it."""
        self._read(server)
        bucket = self._bucket(server)
        now = asyncio.get_running_loop().time()
        pause = stated(retry_after)
        if now >= bucket.blocked_until:
            quiet = now - bucket.blocked_until
            # Answers for longer than the last pause count as success: the next refusal starts from the shortest pause.
            bucket.refusals = 1 if quiet > max(bucket.last_pause, FIRST_PAUSE) else bucket.refusals + 1
            bucket.last_pause = pause or backoff(self._rng, bucket.refusals)
            self._block(bucket, now, bucket.last_pause)
        elif now + pause > bucket.blocked_until:
            self._block(bucket, now, pause)
        else:
            return
        if self._ledger is not None and bucket.blocked_until_utc is not None:
            # Rounded up to what the note can hold: nobody comes back a moment early.
            until = bucket.blocked_until_utc.replace(microsecond=0) + timedelta(seconds=1)
            self._ledger.put(refusal_key(server), f"{iso(until)} {bucket.refusals}")

    def blocked_until(self, server: str) -> datetime | None:
        """When a refused server may be asked again; None when it may be asked now."""
        self._read(server)
        bucket = self._buckets.get(server)
        until = None if bucket is None else bucket.blocked_until_utc
        return until if until is not None and until > self._clock.now() else None

    def rate(self, server: str) -> Rate:
        """What `server` is allowed; a caller that sends in bursts asks for at most `burst` at a time."""
        return self._overrides.get(server, self._rate)

    async def _filled(self, bucket: _Bucket, amount: int) -> None:
        loop = asyncio.get_running_loop()
        while (seconds := bucket.wait(loop.time(), amount)) > 0:  # noqa: ASYNC110 - a bucket fills by itself, no event tells
            await asyncio.sleep(seconds * (1 + self._rng.uniform(0, SPREAD)))

    def _bucket(self, server: str) -> _Bucket:
        bucket = self._buckets.get(server)
        if bucket is None:
            rate = self.rate(server)
            bucket = self._buckets[server] = _Bucket(rate, float(rate.burst), -math.inf)
        return bucket

    def _read(self, server: str) -> None:
        """Take over a refusal that another worker met, or that was met before a restart."""
        note = None if self._ledger is None else self._ledger.get(refusal_key(server))
        if not note:
            return
        moment, _, count = note.partition(" ")
        until, now = from_iso(moment), self._clock.now()
        bucket = self._bucket(server)
        if until > now and (
            bucket.blocked_until_utc is None or until > bucket.blocked_until_utc + timedelta(seconds=1)
        ):
            bucket.last_pause = (until - now).total_seconds()
            bucket.refusals = max(bucket.refusals, int(count))
            self._block(bucket, asyncio.get_running_loop().time(), bucket.last_pause)

    def _block(self, bucket: _Bucket, now: float, seconds: float) -> None:
        bucket.blocked_until = now + seconds
        bucket.blocked_until_utc = self._clock.now() + timedelta(seconds=seconds)
        # Nothing is saved up during a pause: a server that was too busy is not greeted with a burst.
        bucket.tokens, bucket.counted_at = min(bucket.tokens, 0.0), bucket.blocked_until


def refusal_key(server: str) -> str:
    """The note that says until when a server asked not to be asked, and how often in a row it did."""
    return f"refusal:{server}"


def backoff(rng: random.Random, refusals: int) -> float:
    """Seconds to leave a server alone after so many refusals in a row, when it named no time itself."""
    return rng.uniform(0, min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(refusals - 1, 16)))


def stated(retry_after: float | None) -> float:
    """The pause that the server named, in seconds; 0 when it named none or nonsense (negative, not finite)."""
    if retry_after is None or not math.isfinite(retry_after):
        return 0.0
    return min(max(retry_after, 0.0), LONGEST_STATED_PAUSE)
