"""The lab's name servers on loopback, UDP and TCP: one port for the root, one per registry, one per hosting company's
server.
"""

import asyncio
import socket
from collections.abc import Mapping
from datetime import datetime
from struct import Struct, pack

from tracker.decoders.dnswire import EDNS, HEAD, NS_IN, REFUSED, SERVFAIL, label_wire, name_wire, question_name
from tracker.lab.dnszones import NAME_TTL, NIC, Child, Parent, Records, Root, Server, refuse, soa_data
from tracker.lab.world import Story, World
from tracker.ports import Clock

_SOL_UDP, _UDP_SEGMENT, _UDP_GRO, _FORCE = 17, 103, 104, 33
_SIZE = Struct("=H")
_USUAL_END = NS_IN + EDNS
_NXDOMAIN = b"\x84\x03\x00\x01\x00\x00\x00\x01\x00\x01"
_NIC = label_wire(NIC)
_DRAIN = 64
_TRAIN = 60
_MOST_MADE = 100_000
_FAULT_FLAGS = {
    "servfail": 0x8000 | SERVFAIL,
    "error": 0x8000 | SERVFAIL,
    "refused": 0x8000 | REFUSED,
    "throttle": 0x8000 | REFUSED,
    "truncate": 0x8200,
}
_ANSWERED = {"", "truncate", "garbage"}


class LabDns:
    """Every name server of a world. `start` says where each public address is really found."""

    def __init__(self, world: World, clock: Clock) -> None:
        self._world, self._clock = world, clock
        self._faults = [fault for fault in world.faults if fault.source == "dns"]
        self._faulty = False
        self._made: dict[tuple[int, bool, bytes, int], bytes] = {}
        self._names: dict[bytes, tuple[str, tuple[Story, ...]]] = {}
        self._ports: list[_Port] = []

    async def start(self) -> Mapping[str, tuple[str, int]]:
        """Open the ports: public address → loopback (host, port). Raises ValueError when two registries share an
        address.
        """
        world, where = self._world, dict[str, tuple[str, int]]()
        root = Root(world)
        registries = {registry.registry_id: registry for registry in world.suffixes.values()}
        run: dict[str, set[str]] = {registry_id: set() for registry_id in registries}
        for suffix, registry in world.suffixes.items():
            run[registry.registry_id].add(suffix)
        roles: list[tuple[Server, list[str]]] = [
            (root, sorted(address for host, address in world.hosts.items() if host.endswith(".root-servers.net")))
        ]
        for registry_id, registry in sorted(registries.items()):
            parent = Parent(world, registry, run[registry_id], root)
            roles.append((parent, [address for _, address in registry.name_servers]))
        taken = {address for _, addresses in roles for address in addresses}
        hosts = {
            host for story in world.stories.values() for state in story.states if state for host in state.name_servers
        }
        served = {host: world.hosts[host] for host in sorted(hosts & world.hosts.keys())}
        roles += [(Child(world, host), [address]) for host, address in served.items() if address not in taken]
        # Not for the fast path: names with a story, and those that only lead to a suffix.
        storied = frozenset(map(name_wire, (*world.stories, *world.suffixes, *root.above)))
        for server, addresses in roles:
            port = _Port(server, self, storied)
            self._ports.append(port)
            endpoint = await port.open()
            for address in addresses:
                if address in where:
                    raise ValueError(f"{address} is the address of two name servers")
                where[address] = endpoint
        return where

    async def close(self) -> None:
        """Close all ports."""
        for port in self._ports:
            await port.close()
        self._ports.clear()

    def faulty(self) -> bool:
        """Whether there is trouble now that may meet some question; if not, the fast path need not ask."""
        now = self._clock.now()
        active = [fault for fault in self._faults if fault.first <= now < fault.last]
        # A whole-day fault meets every question of the day or none, whatever it is about.
        whole = all(fault.unit == "day" for fault in active)
        self._faulty = bool(active) and not (whole and self._world.fault("dns", "", now) is None)
        return self._faulty

    def negatives(self, server: Server) -> dict[bytes, list[bytes]]:
        """Suffix in wire form → ends of NXDOMAIN replies by length of the label before it. Empty for wildcards."""
        if not isinstance(server, Parent) or server.wildcard:
            return {}
        data = soa_data(server.primary)
        fixed = pack(">HHIH", 6, 1, NAME_TTL, len(data)) + data + EDNS
        ends = [pack(">H", 0xC000 | 12 + length) + fixed for length in range(65)]
        return {name_wire(suffix): ends for suffix in server.suffixes}

    def reply(self, server: Server, packet: bytes, udp: bool) -> bytes | None:
        """One reply by the long way; None for silence and for what is no question."""
        if len(packet) < 17 or packet[2] & 0x80 or packet[4:6] != b"\x00\x01":
            return None
        end = packet.find(b"\x00", 12) + 5
        name, stories = self._about(packet[12 : end - 4])
        now = self._clock.now()
        fault = self._world.fault("dns", name, now) if self._faulty else None
        kind = "" if fault is None else fault.kind
        if kind == "silence":
            return None
        if kind not in _ANSWERED or (kind == "truncate" and udp):
            return packet[:2] + pack(">HHHHH", _FAULT_FLAGS[kind], 1, 0, 0, 0) + packet[12:end]
        # A reply changes only when the state of a name does, so it is put together once per state.
        states = (id(state) for story in stories if (state := story.at(now)) is not None)
        key = (id(server), udp, packet[2:], next(states, 0))
        body = self._made.get(key)
        if body is None:
            body = self._made[key] = self._body(server, packet, end, name, now, udp)
            if len(self._made) > _MOST_MADE:
                self._made.clear()
        return packet[:2] + (body[:-3] if kind == "garbage" else body)

    def _about(self, wire: bytes) -> tuple[str, tuple[Story, ...]]:
        """The name, and the stories of itself and of what it is below."""
        about = self._names.get(wire)
        if about is None:
            name = question_name(wire)
            labels = name.split(".")
            above = (".".join(labels[place:]) for place in range(len(labels)))
            found = tuple(self._world.stories[at] for at in above if at in self._world.stories)
            about = self._names[wire] = (name, found)
            if len(self._names) > _MOST_MADE:
                self._names.clear()
        return about

    def _body(self, server: Server, packet: bytes, end: int, name: str, now: datetime, udp: bool) -> bytes:
        question, edns = packet[12:end], EDNS if packet[10:12] != b"\x00\x00" else b""
        records = Records()
        if not server.answer(name, int.from_bytes(question[-4:-2], "big"), now, records):
            refuse(records)
        records.flags |= (packet[2] & 1) << 8  # RD is copied
        body = records.body(question, edns)
        if udp and len(body) + 2 > (1232 if edns else 512):
            body = pack(">HHHHH", records.flags | 0x0200, 1, 0, 0, 0) + question
        return body


class _Port:
    """One server role on one loopback port."""

    def __init__(self, server: Server, lab: LabDns, storied: frozenset[bytes]) -> None:
        self._server, self._lab = server, lab
        self._negatives = lab.negatives(server)
        self._storied = storied

    async def open(self) -> tuple[str, int]:
        """Bind UDP and TCP to one free port."""
        self._loop = asyncio.get_running_loop()
        while True:
            self._tcp = await asyncio.start_server(self._serve, "127.0.0.1", 0)
            endpoint: tuple[str, int] = self._tcp.sockets[0].getsockname()[:2]
            self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            try:
                self._udp.bind(endpoint)
            except OSError:
                self._udp.close()
                self._tcp.close()
                continue
            break
        self._udp.setblocking(False)
        for level, option, value in (
            (_SOL_UDP, _UDP_GRO, 1),
            (socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22),
            (socket.SOL_SOCKET, _FORCE, 1 << 22),
        ):
            try:
                self._udp.setsockopt(level, option, value)
            except OSError:
                continue
        self._segments = True
        self._loop.add_reader(self._udp, self._drain)
        return endpoint

    async def close(self) -> None:
        """Close both sockets."""
        self._loop.remove_reader(self._udp)
        self._udp.close()
        self._tcp.close()

    def _drain(self) -> None:
        for _ in range(_DRAIN):
            try:
                data, extra, _, peer = self._udp.recvmsg(65_535, 32)
            except BlockingIOError:
                return
            except OSError:
                continue
            size = _SIZE.unpack_from(extra[0][2])[0] if extra else len(data)
            if self._lab.faulty():
                replies = [
                    self._lab.reply(self._server, data[at : at + size], True) for at in range(0, len(data), size)
                ]
            else:
                replies = self._replies(data, size)
            self._send([reply for reply in replies if reply is not None], peer)

    def _replies(self, data: bytes, size: int) -> list[bytes | None]:
        replies: list[bytes | None] = []
        negatives, storied, add = self._negatives.get, self._storied, replies.append
        usual = HEAD, _USUAL_END
        for at in range(0, len(data), size):
            packet = data[at : at + size]
            name = packet[12:-15]
            length = packet[12] + 1
            ends = negatives(name[length:])
            if ends is not None and name not in storied and name[:4] != _NIC and (packet[2:12], packet[-15:]) == usual:
                add(packet[:2] + _NXDOMAIN + packet[12:-11] + ends[length])
            else:
                add(self._lab.reply(self._server, packet, True))
        return replies

    def _send(self, replies: list[bytes], peer: tuple[str, int]) -> None:
        at = 0
        while at < len(replies):
            size, end = len(replies[at]), at + 1
            while end < len(replies) and end - at < _TRAIN and len(replies[end]) == size:
                end += 1
            try:
                if end - at > 1 and self._segments:
                    self._udp.sendmsg(
                        [b"".join(replies[at:end])], [(_SOL_UDP, _UDP_SEGMENT, _SIZE.pack(size))], 0, peer
                    )
                else:
                    for reply in replies[at:end]:
                        self._udp.sendto(reply, peer)
            except BlockingIOError:
                return  # lost, as packets are
            except OSError:
                if not self._segments or end - at == 1:
                    return
                self._segments = False
                continue
            at = end

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                length = int.from_bytes(await reader.readexactly(2), "big")
                packet = await reader.readexactly(length)
                self._lab.faulty()
                reply = self._lab.reply(self._server, packet, False)
                if reply is None:
                    return
                writer.write(pack(">H", len(reply)) + reply)
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            return
        finally:
            writer.close()
