"""One UDP socket to one DNS server: questions out in trains, replies matched by id, source and question.

A connected socket lets the kernel check the source of every packet. Questions of equal length leave in one system call
where the kernel can cut them apart (UDP_SEGMENT), and replies that arrive together are read in one (UDP_GRO); both are
only ways to call the kernel less often, what travels is ordinary datagrams.
"""

import asyncio
import socket
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from errno import EINVAL, EIO, EMSGSIZE, ENOPROTOOPT, EOPNOTSUPP
from itertools import groupby, islice
from struct import Struct

from tracker.clients.dnstails import Tails
from tracker.decoders.dnswire import EDNS
from tracker.model.facts import Reason

_SOL_UDP, _UDP_SEGMENT, _UDP_GRO, _FORCE = 17, 103, 104, 33
_NO_SEGMENTATION = {EINVAL, EIO, EMSGSIZE, ENOPROTOOPT, EOPNOTSUPP}
_SIZE = Struct("=H")
_TRAIN = 60  # packets; kernels refuse more than 64
_BUFFER = 1 << 22
_DRAIN = 64  # reads per wake, so that other servers get their turn
_SHORTEST = 0.25


_Burst = tuple[float, int, Sequence[bytes], Sequence[bytes]]
# deadline, useful replies before it (-1 for a second attempt, which may fail for the name's sake), ids, questions


class Lane:
    """Questions under way to one server. `replied` gets every reply that is not a plain NXDOMAIN, `failed` what got
    none.

    Plain NXDOMAINs are only appended to `absent`: nearly every name ends there.
    """

    def __init__(
        self,
        endpoint: tuple[str, int],
        ids: Sequence[bytes],
        start: int,
        tails: Tails,
        absences: frozenset[bytes],
        *,
        timeout: float,
        barren: int,
        replied: Callable[[bytes, bytes], None],
        failed: Callable[[Sequence[bytes], Reason], None],
        freed: Callable[[int], None],
    ) -> None:
        self.endpoint = endpoint
        self.absent: list[bytes] = []
        self.strays = 0
        self.barren = barren  # bursts of first attempts in a row without one useful reply
        self.useful = 0
        self._ids, self._next, self._tails = ids, start % len(ids), tails
        self._timeout, self._wait = timeout, min(timeout, 1.0)
        self._absences = absences
        self._round_trip = 0.0
        self._sample: tuple[bytes, bytes, float] | None = None  # one question whose round trip is being taken
        self._replied, self._failed, self._freed = replied, failed, freed
        self._loop = asyncio.get_running_loop()
        self._pending: dict[bytes, bytes] = {}
        self._bursts: deque[_Burst] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._segments = True
        self._socket = _connected(endpoint)
        self._loop.add_reader(self._socket, self._drain)

    def close(self) -> int:
        """Close the socket and forget what is under way: how many questions that were."""
        if self._timer is not None:
            self._timer.cancel()
        self._loop.remove_reader(self._socket)
        self._socket.close()
        return len(self._pending)

    def send(self, questions: Sequence[bytes], head: bytes, patience: int) -> None:
        """Send one burst. `patience` doubles the wait per earlier attempt: a lost packet is noticed soon, a slow server
        waited for.
        """
        ids = self._free_ids(len(questions))
        self._pending.update(zip(ids, questions, strict=True))
        now = self._loop.time()
        wait = min(self._timeout, self._wait * 2**patience)
        self._bursts.append((now + wait, -1 if patience else self.useful, ids, questions))
        if self._sample is None:
            self._sample = (ids[0], questions[0], now)
        if self._timer is None:
            self._timer = self._loop.call_at(now + wait, self._expire)
        end = EDNS if head[-1] else b""
        try:
            if len(questions) == 1:
                self._socket.send(ids[0] + head + questions[0] + end)
            else:
                packets = [packet_id + head + name + end for packet_id, name in zip(ids, questions, strict=True)]
                for size, train in groupby(packets, len):
                    self._send_train(list(train), size)
        except BlockingIOError:
            pass  # the kernel's buffer is full: as good as lost on the way, and asked again like that
        except OSError:
            self._break()

    def _free_ids(self, amount: int) -> Sequence[bytes]:
        """Ids in turn; those of questions that still wait for a reply when their turn comes again are passed over."""
        start, count = self._next, len(self._ids)
        ids = self._ids[start : start + amount]
        if len(ids) == amount and self._pending.keys().isdisjoint(ids):
            self._next = (start + amount) % count
            return ids
        around = (self._ids[(start + step) % count] for step in range(count))
        ids = list(islice((packet_id for packet_id in around if packet_id not in self._pending), amount))
        self._next = (self._ids.index(ids[-1]) + 1) % count
        return ids

    def _send_train(self, packets: list[bytes], size: int) -> None:
        for at in range(0, len(packets), _TRAIN):
            part = packets[at : at + _TRAIN]
            if self._segments and len(part) > 1:
                try:
                    self._socket.sendmsg([b"".join(part)], [(_SOL_UDP, _UDP_SEGMENT, _SIZE.pack(size))])
                    continue
                except OSError as error:
                    if error.errno not in _NO_SEGMENTATION:
                        raise
                    self._segments = False
            for packet in part:
                self._socket.send(packet)

    def _drain(self) -> None:
        packets: list[bytes] = []
        receive, broken = self._socket.recvmsg, False
        for _ in range(_DRAIN):
            try:
                data, extra, _, _ = receive(65_535, 32)
            except BlockingIOError:
                break
            except OSError:
                broken = True
                break
            if extra:
                size = _SIZE.unpack_from(extra[0][2])[0]
                packets += [data[at : at + size] for at in range(0, len(data), size)]
            else:
                packets.append(data)
        done = self._read(packets)
        if broken:
            self._break()
        if done:
            self._measure()
            if not self._pending:
                self._settle()
            self._freed(done)

    def _read(self, packets: list[bytes]) -> int:
        pop, known, absences, absent = self._pending.pop, self._tails.seen, self._absences, self.absent.append
        before, others = len(self.absent), 0
        for packet in packets:
            question = pop(packet[:2], None)
            if question is None:
                self.strays += 1
                continue
            end = 12 + len(question)
            echoed = packet[12:end]
            if echoed == question:
                if packet[2:12] + packet[end:] in known or (
                    packet[2:8] in absences and self._tails.learn(question, packet)
                ):
                    absent(question)
                    continue
            elif echoed.lower() != question.lower() and packet[4:6] != b"\x00\x00":
                # Somebody else's packet must not use up our question.
                self._pending[packet[:2]] = question
                self.strays += 1
                continue
            others += 1
            self._replied(question, packet)
        absents = len(self.absent) - before
        self.useful += absents
        return absents + others

    def _measure(self) -> None:
        if self._sample is not None and self._pending.get(self._sample[0]) is not self._sample[1]:
            trip = self._loop.time() - self._sample[2]
            self._round_trip = max(trip, 0.875 * self._round_trip + 0.125 * trip)
            self._wait = min(self._timeout, max(_SHORTEST, 4 * self._round_trip))
            self._sample = None

    def _settle(self) -> None:
        """Nothing is under way: judge the finished bursts, stop the timer."""
        for burst in self._bursts:
            self._judge(burst[1])
        self._bursts.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _judge(self, useful: int) -> None:
        if self.useful > useful >= 0:
            self.barren = 0
        elif useful >= 0:
            self.barren += 1

    def _expire(self) -> None:
        self._timer = None
        self._drain()
        now = self._loop.time() + 1e-6
        missed: list[bytes] = []
        kept: deque[_Burst] = deque()
        for burst in self._bursts:
            if burst[0] > now:
                kept.append(burst)
                continue
            self._judge(burst[1])
            for packet_id, question in zip(burst[2], burst[3], strict=True):
                if self._pending.get(packet_id) is question:
                    del self._pending[packet_id]
                    missed.append(question)
        self._bursts = kept
        if kept and self._timer is None:
            self._timer = self._loop.call_at(min(burst[0] for burst in kept), self._expire)
        if missed:
            if self._sample is not None and self._pending.get(self._sample[0]) is not self._sample[1]:
                # No measure was had: perhaps the server is slower than we think, and asking sooner would slow it more.
                self._sample, self._wait = None, min(self._timeout, 2 * self._wait)
            self._failed(missed, Reason.TIMEOUT)
            self._freed(len(missed))

    def _break(self) -> None:
        """The kernel says that nothing is there (refused port, no route): everything under way fails at once."""
        questions = list(self._pending.values())
        self._pending.clear()
        self._sample = None
        self._settle()
        if questions:
            self._failed(questions, Reason.UNREACHABLE)
            self._loop.call_soon(self._freed, len(questions))


def _connected(endpoint: tuple[str, int]) -> socket.socket:
    family = socket.AF_INET6 if ":" in endpoint[0] else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        for option in (_FORCE, socket.SO_RCVBUF):
            try:
                sock.setsockopt(socket.SOL_SOCKET, option, _BUFFER)
                break
            except OSError:
                continue
        with suppress(OSError):
            sock.setsockopt(_SOL_UDP, _UDP_GRO, 1)
        sock.connect(endpoint)
    except OSError:
        sock.close()
        raise
    return sock
