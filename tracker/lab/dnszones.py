"""What the lab's name servers say: functions of (world, instant, question). No socket here, and no state but compiled
bytes.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from ipaddress import ip_address
from struct import pack
from typing import Protocol

from tracker.decoders.dnswire import AAAA, MX, NOERROR, NS, NXDOMAIN, REFUSED, SOA, TXT, A, name_wire
from tracker.lab.world import NameState, Registry, World

HOLDING_TTL, ZONE_TTL, NAME_TTL = 691_200, 86_400, 3_600
"""Seconds: the zone cuts of public suffixes, delegations of names, everything else."""
NIC = "nic"

_AUTHORITATIVE = 0x8400
_REFERRAL = 0x8000


class Records:
    """The sections of one reply being put together."""

    def __init__(self) -> None:
        self.flags = _AUTHORITATIVE
        self.sections: tuple[list[bytes], list[bytes], list[bytes]] = ([], [], [])

    def add(self, section: int, owner: str, rtype: int, ttl: int, data: bytes) -> None:
        """Add one record of class IN: section 0 answer, 1 authority, 2 additional."""
        self.sections[section].append(name_wire(owner) + pack(">HHIH", rtype, 1, ttl, len(data)) + data)

    def refer(self, owner: str, servers: Iterable[str], ttl: int, hosts: Mapping[str, str], section: int = 1) -> None:
        """NS records with glue for every host that the lab has; as authority a referral, as answer the zone's own."""
        if section == 1:
            self.flags = _REFERRAL
        for host in servers:
            self.add(section, owner, NS, ttl, name_wire(host))
            if host in hosts:
                self.address(2, host, hosts[host], ttl)

    def address(self, section: int, owner: str, address: str, ttl: int) -> None:
        """An A or AAAA record."""
        parsed = ip_address(address)
        self.add(section, owner, A if parsed.version == 4 else AAAA, ttl, parsed.packed)

    def deny(self, zone: str, rcode: int, primary: str, section: int = 1) -> None:
        """The zone's SOA as authority: no such name, or with NOERROR no such data. As answer: the SOA that was asked
        for.
        """
        self.flags = _AUTHORITATIVE | rcode
        self.add(section, zone, SOA, NAME_TTL, soa_data(primary))

    def body(self, question: bytes, edns: bytes) -> bytes:
        """The reply without its id; `edns` is the OPT record to return, if any."""
        answer, authority, additional = self.sections
        counts = pack(">HHHHH", self.flags, 1, len(answer), len(authority), len(additional) + bool(edns))
        return b"".join((counts, question, *answer, *authority, *additional, edns))


def soa_data(primary: str) -> bytes:
    """SOA data; constant, because nobody in the lab transfers zones."""
    return name_wire(primary) + name_wire("hostmaster." + primary) + pack(">IIIII", 1, 7200, 900, 1_209_600, 900)


class Server(Protocol):
    """One name server: fills the records for a lower-case name, or returns False to refuse."""

    def answer(self, name: str, rtype: int, now: datetime, records: Records) -> bool: ...


class Root:
    """Refers every top-level domain to the registry that runs it, or the first registry below it.

    `above` are the names that only lead to a suffix: there, without data.
    """

    def __init__(self, world: World) -> None:
        self._hosts = world.hosts
        self.tops: dict[str, Registry] = {}
        for suffix in sorted(world.suffixes, key=lambda suffix: (suffix.count("."), suffix)):
            self.tops.setdefault(suffix.rpartition(".")[2], world.suffixes[suffix])
        self.above = frozenset(
            suffix.split(".", place)[place] for suffix in world.suffixes for place in range(1, suffix.count(".") + 1)
        )

    def answer(self, name: str, rtype: int, now: datetime, records: Records) -> bool:
        """A referral for whatever ends in a known top-level domain, no such name for the rest."""
        top = name.rpartition(".")[2]
        registry = self.tops.get(top)
        if not name:
            records.deny("", NOERROR, "a.root-servers.net")
        elif registry is None:
            records.deny("", NXDOMAIN, "a.root-servers.net")
        else:
            records.refer(top, (host for host, _ in registry.name_servers), HOLDING_TTL, self._hosts)
        return True


class Parent:
    """The servers of one registry: parents of all its suffixes."""

    def __init__(self, world: World, registry: Registry, suffixes: set[str], root: Root) -> None:
        self._world, self._registry, self.suffixes = world, registry, suffixes
        # A top-level domain that is nobody's public suffix is still a zone, run by whoever the root names.
        self._zones = suffixes | {top for top, by in root.tops.items() if by.registry_id == registry.registry_id}
        self.primary, self.wildcard = registry.name_servers[0][0], registry.wildcard
        self._above = root.above

    def answer(self, name: str, rtype: int, now: datetime, records: Records) -> bool:
        """Delegations of its suffixes; refuses what is not below one of them."""
        zone, below = self._zone(name)
        if zone is None:
            return False
        if below is not None:
            servers = (host for host, _ in self._world.suffixes[below].name_servers)
            records.refer(below, servers, HOLDING_TTL, self._world.hosts)
        elif name == zone:
            self._own(zone, rtype, records)
        elif self.wildcard or name == f"{NIC}.{zone}":
            self._everything(name, zone, rtype, records)
        else:
            self._delegated(name, zone, now, records)
        return True

    def _zone(self, name: str) -> tuple[str | None, str | None]:
        """The deepest zone of ours that holds `name`, and somebody else's suffix that lies between, if one does."""
        foreign = None
        at = name
        while at:
            if at in self._zones:
                return at, foreign
            if at in self._world.suffixes:
                foreign = at
            at = at.partition(".")[2]
        return None, None

    def _own(self, zone: str, rtype: int, records: Records) -> None:
        if rtype == NS:
            ttl = HOLDING_TTL
            records.refer(zone, (host for host, _ in self._registry.name_servers), ttl, self._world.hosts, section=0)
        else:
            records.deny(zone, NOERROR, self.primary, section=0 if rtype == SOA else 1)

    def _everything(self, name: str, zone: str, rtype: int, records: Records) -> None:
        if rtype == NS:
            servers = (host for host, _ in self._registry.name_servers)
            records.refer(name, servers, ZONE_TTL, self._world.hosts, section=0)
        elif rtype == A:
            records.address(0, name, self._registry.name_servers[0][1], NAME_TTL)
        else:
            records.deny(zone, NOERROR, self.primary)

    def _delegated(self, name: str, zone: str, now: datetime, records: Records) -> None:
        labels = name.count(".") - zone.count(".")
        registrable = name.split(".", labels - 1)[-1]
        state = self._world.state(registrable, now)
        if state is not None and state.delegated:
            records.refer(registrable, state.name_servers, ZONE_TTL, self._world.hosts)
        else:
            records.deny(zone, NOERROR if name in self._above else NXDOMAIN, self.primary)


class Child:
    """A hosting company's name server: answers for the names that are delegated to it now, refuses others."""

    def __init__(self, world: World, host: str) -> None:
        self._world, self._host = world, host

    def answer(self, name: str, rtype: int, now: datetime, records: Records) -> bool:
        """Addresses of the name and its `www`, NS, SOA, MX, TXT."""
        at = name
        state: NameState | None = None
        while at and state is None:
            state = self._world.state(at, now)
            at = at.partition(".")[2]
        if state is None or self._host not in state.name_servers:
            return False
        if name not in {state.name, f"www.{state.name}"}:
            records.deny(state.name, NXDOMAIN, self._host)
            return True
        before = len(records.sections[0])
        self._fill(name, state, rtype, records)
        if len(records.sections[0]) == before:
            records.deny(state.name, NOERROR, self._host)
        return True

    def _fill(self, name: str, state: NameState, rtype: int, records: Records) -> None:
        if rtype in {A, AAAA}:
            for address in state.addresses:
                if (":" in address) == (rtype == AAAA):
                    records.address(0, name, address, NAME_TTL)
        elif name != state.name:
            return
        elif rtype == NS:
            records.refer(name, state.name_servers, ZONE_TTL, self._world.hosts, section=0)
        elif rtype == SOA:
            records.deny(name, NOERROR, self._host, section=0)
        elif rtype == MX and state.addresses:
            records.add(0, name, MX, NAME_TTL, pack(">H", 10) + name_wire(f"mail.{name}"))
        elif rtype == TXT:
            text = b"v=spf1 -all"
            records.add(0, name, TXT, NAME_TTL, bytes((len(text),)) + text)


def refuse(records: Records) -> None:
    """Not ours."""
    records.flags = _REFERRAL | REFUSED
