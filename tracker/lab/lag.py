"""A name server far away: one zone, a round trip, lost packets, failures. For measuring clients, not for scenarios."""

import asyncio
import random
import socket
from collections.abc import Collection, Sequence
from struct import Struct, pack

from tracker.decoders.dnswire import EDNS, NOERROR, NS, NXDOMAIN, SERVFAIL, SOA, name_wire
from tracker.lab.dnszones import NAME_TTL, ZONE_TTL, soa_data

_SOL_UDP, _UDP_SEGMENT, _UDP_GRO, _FORCE = 17, 103, 104, 33
_SIZE = Struct("=H")
_DRAIN, _TRAIN = 64, 60


class LagServer:
    """Serves `zone` with delegations of `there`. Every reply leaves `delay` seconds after its question.

    `loss` and `servfail` are shares of packets, drawn from `seed` in the order of arrival: a question asked again is
    drawn again. Asked with RD=1 it answers as a resolver would, so that clients of resolvers can be compared.
    """

    def __init__(
        self,
        zone: str,
        there: Collection[str],
        *,
        delay: float,
        loss: float = 0.0,
        servfail: float = 0.0,
        seed: int = 1,
    ) -> None:
        self._delay, self._loss, self._servfail = delay, loss, servfail
        self._draw = random.Random(seed).random
        self._there = frozenset(map(name_wire, there))
        self._zone = name_wire(zone)
        soa = soa_data("ns.host.example")
        self._denial = pack(">HHIH", SOA, 1, NAME_TTL, len(soa)) + soa
        records = b""
        for host in ("ns1.host.example", "ns2.host.example"):
            data = name_wire(host)
            records += b"\xc0\x0c" + pack(">HHIH", NS, 1, ZONE_TTL, len(data)) + data
        self._referral = records

    async def start(self) -> tuple[str, int]:
        """Bind a free UDP port of loopback."""
        self._loop = asyncio.get_running_loop()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)
        for level, option, value in (
            (_SOL_UDP, _UDP_GRO, 1),
            (socket.SOL_SOCKET, _FORCE, 1 << 24),
        ):
            try:
                self._socket.setsockopt(level, option, value)
            except OSError:
                continue
        self._loop.add_reader(self._socket, self._drain)
        where: tuple[str, int] = self._socket.getsockname()[:2]
        return where

    async def close(self) -> None:
        """Close the port; what has not left yet is lost."""
        self._loop.remove_reader(self._socket)
        self._socket.close()

    def _drain(self) -> None:
        for _ in range(_DRAIN):
            try:
                data, extra, _, peer = self._socket.recvmsg(65_535, 32)
            except OSError:
                return
            size = _SIZE.unpack_from(extra[0][2])[0] if extra else len(data)
            replies = [
                self._reply(data[at : at + size]) for at in range(0, len(data), size) if self._draw() >= self._loss
            ]
            if replies:
                self._loop.call_later(self._delay, self._send, replies, peer)

    def _reply(self, packet: bytes) -> bytes:
        end = packet.index(b"\x00", 12) + 5
        question, name = packet[12:end], packet[12 : end - 4]
        edns = EDNS if packet[11] else b""
        additional = len(edns) > 0
        if self._servfail and self._draw() < self._servfail:
            return packet[:2] + pack(">HHHHH", 0x8000 | SERVFAIL, 1, 0, 0, additional) + question + edns
        if name in self._there and packet[2] & 1 and question[-3] == NS:
            return packet[:2] + pack(">HHHHH", 0x8180, 1, 2, 0, additional) + question + self._referral + edns
        if name in self._there and not packet[2] & 1:
            return packet[:2] + pack(">HHHHH", 0x8000, 1, 0, 2, additional) + question + self._referral + edns
        # The zone's name is found in the question: its length is that of the zone.
        owner = pack(">H", 0xC000 | (12 + len(name) - len(self._zone)))
        rcode = NOERROR if name in self._there else NXDOMAIN
        head = pack(">HHHHH", (0x8180 if packet[2] & 1 else 0x8400) | rcode, 1, 0, 1, additional)
        return packet[:2] + head + question + owner + self._denial + edns

    def _send(self, replies: Sequence[bytes], peer: tuple[str, int]) -> None:
        at = 0
        try:
            while at < len(replies):
                size, end = len(replies[at]), at + 1
                while end < len(replies) and end - at < _TRAIN and len(replies[end]) == size:
                    end += 1
                if end - at > 1:
                    train = [(_SOL_UDP, _UDP_SEGMENT, _SIZE.pack(size))]
                    self._socket.sendmsg([b"".join(replies[at:end])], train, 0, peer)
                else:
                    self._socket.sendto(replies[at], peer)
                at = end
        except OSError:
            return  # lost, as packets are
