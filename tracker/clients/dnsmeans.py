"""What every DNS inquiry of a client shares: the way out, manners, randomness, what is under way."""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from tracker.clients.dnstails import Tails
from tracker.decoders.delegation import Finding, judge
from tracker.decoders.dnswire import Malformed, Reply, question_name, read
from tracker.model.facts import Reason
from tracker.ports import Budget, Clock, Dial

Check = Callable[[str], str | None]
"""Why an address must not be connected to, or None."""
Judge = Callable[[Reply, str], Finding]
"""Reads a reply to a question about a name. Must be a function of the module, for its readings are kept by it."""

_READINGS = 30_000
_UNDER_WAY = 50_000  # at most, whatever is asked for: there are 65,536 ids, and each question needs one of its own
_CONNECTIONS = 50  # over TCP at once: a server that truncates every reply must not eat the process's sockets


class Flight:
    """How many questions may be under way at once, over all servers. First come, first served."""

    def __init__(self, limit: int) -> None:
        self._free = limit
        self._limit = limit
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    async def take(self, amount: int) -> None:
        """Return when `amount` more may be sent; more than the limit counts as the limit."""
        amount = min(amount, self._limit)
        if self._free >= amount and not self._waiting:
            self._free -= amount
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append((amount, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.give(amount)
            raise

    def give(self, amount: int) -> None:
        """`amount` questions were answered or given up."""
        self._free += amount
        while self._waiting and (self._waiting[0][1].done() or self._free >= self._waiting[0][0]):
            wanted, turn = self._waiting.popleft()
            if not turn.done():
                self._free -= wanted
                turn.set_result(None)


class Readings:
    """What was made of whole replies, by their bytes: a delegation that stands is read once, not at every sweep.

    This is no cache of answers: nothing is looked up here that was not just received.
    """

    __slots__ = ("_made",)

    def __init__(self) -> None:
        self._made: dict[tuple[Judge, bytes, bytes], tuple[Reply, Finding]] = {}

    def of(self, packet: bytes, question: bytes, judge: Judge) -> tuple[Reply, Finding]:
        """The reply and what `judge` says of it; raises Malformed."""
        key = (judge, question, packet[2:])
        made = self._made.get(key)
        if made is None:
            reply = read(packet, question)
            made = reply, judge(reply, question_name(question))
            if len(self._made) >= _READINGS:
                self._made.clear()
            self._made[key] = made
        return made


@dataclass(slots=True)
class Health:
    """Servers that failed three times running. Made anew for each sweep, so nobody is left alone for longer."""

    left_alone: dict[str, Reason] = field(default_factory=dict)
    barren: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Counts:
    """What went over the wire since the client was made."""

    questions: int = 0
    over_tcp: int = 0
    timeouts: int = 0
    malformed: int = 0
    strays: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """Shared by all inquiries of one client. `burst` questions are taken from a server's budget, and sent, at once."""

    dial: Dial
    budget: Budget
    clock: Clock
    rng: random.Random
    check: Check
    flight: Flight
    connections: asyncio.Semaphore
    burst: int
    timeout: float
    tries: int
    ids: tuple[bytes, ...]
    readings: Readings
    tails: Tails
    anyones_tails: Tails
    counts: Counts


def means(
    *,
    dial: Dial,
    budget: Budget,
    clock: Clock,
    rng: random.Random,
    check: Check,
    in_flight: int,
    burst: int,
    timeout: float,
    tries: int,
) -> Means:
    """Means with all 65,536 ids in an order that only `rng` knows; raises ValueError for limits below one."""
    if min(in_flight, burst, tries) < 1 or timeout <= 0:
        raise ValueError("in_flight, burst and tries must be at least 1, timeout above 0")
    order = memoryview(rng.randbytes(4 * 65_536)).cast("I")
    ids = sorted([number.to_bytes(2, "big") for number in range(65_536)], key=lambda key: order[key[0] << 8 | key[1]])
    return Means(
        dial=dial,
        budget=budget,
        clock=clock,
        rng=rng,
        check=check,
        flight=Flight(min(in_flight, _UNDER_WAY)),
        connections=asyncio.Semaphore(_CONNECTIONS),
        burst=min(burst, in_flight, _UNDER_WAY),
        timeout=timeout,
        tries=tries,
        ids=tuple(ids),
        readings=Readings(),
        tails=Tails(lambda question, reply: _absent(question, reply, False)),
        anyones_tails=Tails(lambda question, reply: _absent(question, reply, True)),
        counts=Counts(),
    )


def _absent(question: bytes, packet: bytes, anyone: bool) -> bool:
    try:
        return judge(read(packet, question), question_name(question), anyone=anyone).reason is Reason.NXDOMAIN
    except Malformed:
        return False
