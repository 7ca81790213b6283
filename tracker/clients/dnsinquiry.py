"""Questions put to one set of servers until each is answered or given up: bursts, retries, other servers, TCP."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from tracker.clients.dnslane import Lane
from tracker.clients.dnsmeans import Health, Judge, Means
from tracker.clients.dnstails import FROM_ANYONE, FROM_AUTHORITY, unlearned
from tracker.clients.dnstcp import ask_over_tcp
from tracker.decoders.delegation import Finding, judge_anyone
from tracker.decoders.delegation import judge as judge_delegation
from tracker.decoders.dnswire import BADVERS, EDNS, FORMERR, HEAD, HEAD_PLAIN, HEAD_RD, NOTIMP, Malformed, Reply
from tracker.model.facts import Presence, Reason


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one question ended. `packet` and `reply` are the last reply that decided it, if one did."""

    finding: Finding
    server: str
    attempts: int
    reply: Reply | None = None
    packet: bytes = b""


@dataclass(slots=True)
class Outcomes:
    """All questions of one inquiry: in `found`, or in a list of `absent` (server, questions): plain NXDOMAIN."""

    found: dict[bytes, Outcome] = field(default_factory=dict)
    absent: list[tuple[str, list[bytes]]] = field(default_factory=list)
    attempts: dict[bytes, int] = field(default_factory=dict)


class Inquiry:
    """One use: `await Inquiry(...).ask(questions)`. `servers` are addresses in order of preference.

    With `endpoint`, the server was chosen by the user: its address is taken as it is, answers need no authority, and a
    server that offers recursion but did not answer is asked to recurse (with `recurse`, from the first question on). A
    server that fails `strikes` bursts running is left alone; with `patient` only silence is such a failure. With `keep`
    every reply is read in full and kept, plain denials too: for names under watch, not for sweeps.
    """

    def __init__(
        self,
        means: Means,
        servers: Sequence[str],
        health: Health,
        *,
        endpoint: tuple[str, int] | None = None,
        judge: Judge = judge_delegation,
        strikes: int = 3,
        recurse: bool = False,
        patient: bool = False,
        keep: bool = False,
    ) -> None:
        self._means, self._servers, self._health, self._strikes = means, tuple(servers), health, strikes
        self._endpoint, self._head, self._patient = endpoint, HEAD_RD if recurse else HEAD, patient
        self._keep = keep
        self._judge = judge if endpoint is None else judge_anyone
        self._outcomes = Outcomes()
        self._lanes: dict[int, Lane] = {}
        self._counted: dict[int, int] = {}
        self._queues: list[deque[bytes]] = [deque() for _ in self._servers]
        self._feeders: dict[int, asyncio.Task[None]] = {}
        self._over_tcp: set[asyncio.Task[None]] = set()
        self._plain: set[bytes] = set()
        self._last: dict[int, Reason] = {}
        self._todo: Sequence[bytes] = ()
        self._at = self._open = self._primary = 0

    async def ask(self, questions: Sequence[bytes]) -> Outcomes:
        """Put all `questions` (wire name, type, class; no two equal) and wait for the last outcome. Never raises for
        the network.
        """
        self._todo, self._open = questions, len(questions)
        self._done = asyncio.get_running_loop().create_future()
        if not questions:
            return self._outcomes
        try:
            self._start_primary()
            await self._done
        finally:
            for task in (*self._feeders.values(), *self._over_tcp):
                task.cancel()
            for lane in self._lanes.values():
                self._means.counts.strays += lane.strays
                self._means.flight.give(lane.close())
        self._outcomes.absent = [
            (self._servers[place], lane.absent) for place, lane in self._lanes.items() if lane.absent
        ]
        return self._outcomes

    def _alive(self, after: int) -> int | None:
        count = len(self._servers)
        for step in range(1, count + 1):
            place = (after + step) % count
            if self._servers[place] not in self._health.left_alone:
                return place
        return None

    def _start_primary(self) -> None:
        place = self._alive(self._primary - 1) if self._servers else None
        if place is None:
            self._give_up()
        else:
            self._primary = place
            self._kick(place)

    def _kick(self, place: int) -> None:
        if place not in self._feeders:
            task = asyncio.get_running_loop().create_task(self._feed(place))
            self._feeders[place] = task
            task.add_done_callback(self._fed)

    def _fed(self, task: asyncio.Task[None]) -> None:
        # A bug in a feeder must end the inquiry loudly, not leave it waiting.
        if not task.cancelled() and (error := task.exception()) is not None and not self._done.done():
            self._done.set_exception(error)

    async def _feed(self, place: int) -> None:
        server, means = self._servers[place], self._means
        while True:
            batch, head = self._next(place)
            if not batch:
                del self._feeders[place]
                return
            reason = self._health.left_alone.get(server)
            if reason is None and place not in self._lanes:
                reason = self._open_lane(place)
            if reason is None and means.budget.blocked_until(server) is not None:
                reason = Reason.RATE_LIMITED
            if reason is not None:
                self._leave(place, reason, batch)
                continue
            await means.budget.take(server, len(batch))
            await means.flight.take(len(batch))
            means.counts.questions += len(batch)
            self._lanes[place].send(batch, head, self._outcomes.attempts.get(batch[0], 1) - 1)

    def _next(self, place: int) -> tuple[Sequence[bytes], bytes]:
        queue, limit = self._queues[place], self._means.burst
        if queue:
            plain = queue[0] in self._plain
            batch: list[bytes] = []
            while queue and len(batch) < limit and (queue[0] in self._plain) is plain:
                batch.append(queue.popleft())
            return batch, HEAD_PLAIN if plain else self._head
        if place == self._primary and self._at < len(self._todo):
            todo = self._todo[self._at : self._at + limit]
            self._at += len(todo)
            return todo, self._head
        return (), b""

    def _open_lane(self, place: int) -> Reason | None:
        means, server = self._means, self._servers[place]
        endpoint, anyone = self._endpoint, self._endpoint is not None
        if endpoint is None:
            if means.check(server) is not None:
                return Reason.FORBIDDEN
            endpoint = means.dial.endpoint(server, 53)
        try:
            self._lanes[place] = Lane(
                endpoint,
                means.ids,
                means.rng.randrange(65_536),
                unlearned() if self._keep else means.anyones_tails if anyone else means.tails,
                frozenset() if self._keep else FROM_ANYONE if anyone else FROM_AUTHORITY,
                timeout=means.timeout,
                barren=self._health.barren.get(server, 0),
                replied=partial(self._replied, place),
                failed=partial(self._failed, place),
                freed=partial(self._freed, place),
            )
        except OSError:
            return Reason.UNREACHABLE
        return None

    def _freed(self, place: int, amount: int) -> None:
        lane, server = self._lanes[place], self._servers[place]
        self._means.flight.give(amount)
        absent = len(lane.absent)
        self._closed(absent - self._counted.get(place, 0))
        self._counted[place] = absent
        self._health.barren[server] = lane.barren
        if lane.barren >= self._strikes and server not in self._health.left_alone:
            reason = self._last.get(place, Reason.TIMEOUT)
            if reason is Reason.REFUSED:
                self._means.budget.refused(server, None)
            self._leave(place, reason, ())

    def _replied(self, place: int, question: bytes, packet: bytes) -> None:
        if self._patient:
            self._lanes[place].useful += 1
        try:
            reply, finding = self._means.readings.of(packet, question, self._judge)
        except Malformed:
            self._means.counts.malformed += 1
            self._failed(place, [question], Reason.MALFORMED)
            return
        if reply.truncated:
            task = asyncio.get_running_loop().create_task(self._ask_over_tcp(place, question))
            self._over_tcp.add(task)
            task.add_done_callback(self._over_tcp.discard)
            task.add_done_callback(self._fed)
        else:
            self._decide(place, question, reply, finding, packet)

    async def _ask_over_tcp(self, place: int, question: bytes) -> None:
        means, server = self._means, self._servers[place]
        await means.budget.take(server)
        means.counts.over_tcp += 1
        message = means.ids[means.rng.randrange(65_536)] + self._head + question + EDNS
        endpoint = self._endpoint or means.dial.endpoint(server, 53)
        try:
            async with means.connections:
                packet = await ask_over_tcp(endpoint, message, means.timeout)
            reply, finding = means.readings.of(packet, question, self._judge)
        except Malformed:
            means.counts.malformed += 1
            self._failed(place, [question], Reason.MALFORMED)
        except TimeoutError:
            self._failed(place, [question], Reason.TIMEOUT)
        except OSError:
            # Truncated over UDP and turned away over TCP: how response-rate limiting looks from outside.
            self._failed(place, [question], Reason.RATE_LIMITED)
        else:
            self._decide(place, question, reply, finding, packet)

    def _decide(self, place: int, question: bytes, reply: Reply, finding: Finding, packet: bytes) -> None:
        if finding.presence is not Presence.INDETERMINATE:
            self._lanes[place].useful += 1
            attempts = self._outcomes.attempts.get(question, 1)
            self._finish(question, Outcome(finding, self._servers[place], attempts, reply, packet))
            return
        if reply.rcode in {FORMERR, NOTIMP, BADVERS}:
            self._plain.add(question)  # a server from before EDNS
        if self._endpoint is not None and reply.recursion:
            self._head = HEAD_RD
        self._failed(place, [question], finding.reason)

    def _failed(self, place: int, questions: Sequence[bytes], reason: Reason) -> None:
        attempts, counts = self._outcomes.attempts, self._means.counts
        self._last[place] = reason
        if reason is Reason.TIMEOUT:
            counts.timeouts += len(questions)
        other = self._alive(place)
        for question in questions:
            made = attempts.get(question, 1)
            if made >= self._means.tries or other is None:
                self._finish(question, self._undecided(place, reason, made))
            else:
                attempts[question] = made + 1
                self._queues[other].append(question)
        if other is not None and self._queues[other]:
            self._kick(other)

    def _leave(self, place: int, reason: Reason, batch: Sequence[bytes]) -> None:
        """Leave a server alone from now on; what it was to be asked goes to the next, or is given up."""
        self._health.left_alone.setdefault(self._servers[place], reason)
        waiting = [*batch, *self._queues[place]]
        self._queues[place].clear()
        other = self._alive(place)
        if other is None:
            for question in waiting:
                self._finish(question, self._undecided(place, reason, self._outcomes.attempts.get(question, 1)))
            self._give_up()
            return
        self._queues[other].extend(waiting)
        if place == self._primary:
            self._primary = other
        self._kick(other)

    def _give_up(self) -> None:
        """No server is left: whatever was not asked yet ends here."""
        reason = (
            self._health.left_alone.get(self._servers[0], Reason.UNREACHABLE) if self._servers else Reason.NO_SERVER
        )
        for question in self._todo[self._at :]:
            self._outcomes.attempts[question] = 0
            self._finish(question, Outcome(Finding(Presence.INDETERMINATE, reason), "", 0))
        self._at = len(self._todo)

    def _undecided(self, place: int, reason: Reason, attempts: int) -> Outcome:
        return Outcome(Finding(Presence.INDETERMINATE, reason), self._servers[place], attempts)

    def _finish(self, question: bytes, outcome: Outcome) -> None:
        self._outcomes.found[question] = outcome
        self._closed(1)

    def _closed(self, amount: int) -> None:
        self._open -= amount
        if self._open <= 0 and not self._done.done():
            self._done.set_result(None)
