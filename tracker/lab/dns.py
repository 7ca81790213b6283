"""The lab's name servers on loopback, UDP and TCP: one port for the root, one per registry, one per hosting company's server."""

import asyncio
import socket
from collections.abc import Mapping
from datetime import datetime
from struct import Struct, pack

from tracker.decoders.dnswire import EDNS, HEAD, NS_IN, REFUSED, SERVFAIL, label_wire, name_wire, question_name
from tracker.lab.dnszones import NAME_TTL, NIC, Child, Parent, Records, Root, Server, refuse, soa_data
from tracker.lab.world import World
from tracker.ports import Clock

_SOL_UDP, _UDP_SEGMENT, _UDP_GRO, _FORCE = 17, 103, 104, 33
_SIZE = Struct("=H")
_USUAL_END = NS_IN + EDNS
_NXDOMAIN = b"\x84\x03\x00\x01\x00\x00\x00\x01\x00\x01"
_NIC = label_wire(NIC)
_DRAIN = 64
_TRAIN = 60


class LabDns:
    """Every name server of a world. `start` says where each public address is really found."""

    def __init__(self, world: World, clock: Clock) -> None:
        self._world, self._clock = world, clock
        self._faulty = any(fault.source == "dns" for fault in world.faults)
        self._ports: list[_Port] = []

    async def start(self) -> Mapping[str, tuple[str, int]]:
        """Open the ports: public address → loopback (host, port). Raises ValueError when two registries share an address."""
        world, where = self._world, dict[str, tuple[str, int]]()
        root = Root(world)
        registries = {registry.registry_id: registry for registry in world.suffixes.values()}
        roles: list[tuple[Server, list[str]]] = [
            (root, sorted(address for host, address in world.hosts.items() if host.endswith(".root-servers.net")))
        ]
        for _, registry in sorted(registries.items()):
            roles.append((Parent(world, registry, root.tops), [address for _, address in registry.name_servers]))
        taken = {address for _, addresses in roles for address in addresses}
        hosts = {host for story in world.stories.values() for state in story.states if state for host in state.name_servers}
        for host in sorted(hosts & world.hosts.keys()):
            if world.hosts[host] not in taken:
                roles.append((Child(world, host), [world.hosts[host]]))
        for server, addresses in roles:
            port = _Port(server, self)
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

    @property
    def faulty(self) -> bool:
        """Whether the world has any trouble for DNS in store; if not, the fast path need not ask."""
        return self._faulty

    def now(self) -> datetime:
        """The virtual instant."""
        return self._clock.now()

    def negatives(self, server: Server) -> dict[bytes, list[bytes]]:
        """Suffix in wire form → end of an NXDOMAIN reply by length of the label before it. Empty where wildcards are."""
        if not isinstance(server, Parent) or server.wildcard:
            return {}
        data = soa_data(server.primary)
        fixed = pack(">HHIH", 6, 1, NAME_TTL, len(data)) + data + EDNS
        ends = [pack(">H", 0xC000 | 12 + length) + fixed for length in range(65)]
        return {name_wire(suffix): ends for suffix in server.suffixes}

    def storied(self) -> frozenset[bytes]:
        """Names with a story, and those that only lead to a suffix, in wire form: not for the fast path."""
        names = set(self._world.stories) | set(self._world.suffixes)
        names |= {suffix.split(".", n)[n] for suffix in self._world.suffixes for n in range(1, suffix.count(".") + 1)}
        return frozenset(name_wire(name) for name in names)

    def reply(self, server: Server, packet: bytes, udp: bool) -> bytes | None:
        """One reply by the long way; None for silence and for what is no question."""
        if len(packet) < 17 or packet[2] & 0x80 or packet[4:6] != b"\x00\x01":
            return None
        end = packet.find(b"\x00", 12) + 5
        question, name = packet[12:end], question_name(packet[12:end])
        edns = EDNS if packet[10:12] != b"\x00\x00" else b""
        records, now = Records(), self.now()
        fault = self._world.fault("dns", name, now) if self._faulty else None
        kind = "" if fault is None else fault.kind
        if kind == "silence":
            return None
        if kind in {"servfail", "error"}:
            records.flags = 0x8000 | SERVFAIL
        elif kind in {"refused", "throttle"}:
            records.flags = 0x8000 | REFUSED
        elif kind == "truncate" and udp:
            records.flags = 0x8200
        elif not server.answer(name, int.from_bytes(question[-4:-2], "big"), now, records):
            refuse(records)
        records.flags |= (packet[2] & 1) << 8  # RD is copied
        body = records.body(question, edns)
        if udp and len(body) + 2 > (1232 if edns else 512):
            records.sections = ([], [], [])
            records.flags |= 0x0200
            body = records.body(question, edns)
        return packet[:2] + (body[:-3] if kind == "garbage" else body)


class _Port:
    """One server role on one loopback port."""

    def __init__(self, server: Server, lab: LabDns) -> None:
        self._server, self._lab = server, lab
        self._negatives = lab.negatives(server)
        self._storied = lab.storied()

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
            if self._lab.faulty:
                replies = [self._lab.reply(self._server, data[at : at + size], True) for at in range(0, len(data), size)]
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
            if (
                ends is not None
                and name not in storied
                and name[:4] != _NIC
                and (packet[2:12], packet[-15:]) == usual
            ):
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
                reply = self._lab.reply(self._server, await reader.readexactly(length), False)
                if reply is None:
                    return
                writer.write(pack(">H", len(reply)) + reply)
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            return
        finally:
            writer.close()
