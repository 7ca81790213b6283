# ruff: noqa: E402
"""Figures of the DNS client on loopback, with its yardsticks from the same run. Data to stdout.

`--server ADDR:PORT` names another authoritative server to ask instead of the lab's; it must serve `so` with the
delegations that `--zone` prints.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib import import_module
from importlib.util import find_spec
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Queue

# Run as a script, this file would pass for the `dns` package.
sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).resolve().parent]

import dns.asyncresolver
import dns.exception
import dns.resolver

from tracker.clients.dns import DnsClient
from tracker.clients.guard import forbidden
from tracker.lab.dns import LabDns
from tracker.lab.lag import LagServer
from tracker.lab.world import NameState, Registrar, Registry, Story, World
from tracker.model.facts import Presence
from tracker.model.names import DomainName
from tracker.resolving import NoLimit

START = datetime(2024, 9, 1, tzinfo=UTC)
ROOT = "198.41.0.4"
EXIST = 0.02
Endpoint = tuple[str, int]


class Now:
    """A clock that stands still: nothing in these figures depends on it."""

    def now(self) -> datetime:
        return START


class Map:
    """Public addresses to loopback."""

    def __init__(self, endpoints: dict[str, Endpoint]) -> None:
        self._endpoints = endpoints

    async def addresses(self, host: str) -> Sequence[str]:
        raise OSError(host)

    def endpoint(self, address: str, port: int) -> Endpoint:
        return self._endpoints[address]


def main() -> None:
    """Run all figures, or print the zone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--names", type=int, default=100_000, help="names asked of one server")
    parser.add_argument("--server", default="", help="ADDR:PORT of another server")
    parser.add_argument("--zone", action="store_true", help="print the zone `so` and stop")
    asked = parser.parse_args()
    names, there = _names(asked.names)
    if asked.zone:
        print("$ORIGIN so.\n$TTL 3600\n@ SOA ns.so. h.so. 1 7200 900 1209600 900\n@ NS ns.so.\nns A 127.0.0.1")
        print("\n".join(f"{name}. NS ns{place}.host.example." for name in sorted(there) for place in (1, 2)))
        return
    with _served(there) as lab:
        host, _, port = asked.server.rpartition(":")
        endpoint = (host, int(port)) if asked.server else lab
        ours = _ours(names, there, endpoint)
        slow = names[: max(100, asked.names // 50)]
        _compare("dnspython async resolver", ours, _dnspython(slow, endpoint))
        if find_spec("dnstwist") is None:
            print("NOT RUN: dnstwist is not installed")
        else:
            _compare("dnstwist scan", ours, _dnstwist(slow, endpoint))
    _far_away(names, there)
    _sweeps()


def _far_away(names: Sequence[DomainName], there: set[str]) -> None:
    """A server 20 ms away that loses packets; then one that also fails, beside dnstwist in the same run."""
    with _lagging(there, 0.02, 0.01, 0.0) as endpoint:
        print("20 ms round trip, 1 % loss: ", end="")
        _ours(names, there, endpoint)
    with _lagging(there, 0.02, 0.03, 0.01) as endpoint:
        print("20 ms round trip, 3 % loss, 1 % SERVFAIL: ", end="")
        _ours(names, there, endpoint)
        if find_spec("dnstwist") is not None:
            few = names[:1000]
            found = _dnstwist_finds(few, endpoint)
            real = there & set(few)
            print(
                f"  dnstwist there: {len(found - real)} phantom registrations, {len(real - found)} missed of {len(few)}"
            )


def _names(count: int) -> tuple[list[DomainName], set[str]]:
    rng = random.Random(1)
    names = [DomainName(f"name{number}.so") for number in range(count)]
    return names, {name for name in names if rng.random() < EXIST}


def _client(dial: Map, in_flight: int = 1000, burst: int = 62) -> DnsClient:
    return DnsClient(
        dial, NoLimit(), Now(), random.Random(1), [ROOT], check=forbidden, in_flight=in_flight, burst=burst
    )


def _ours(names: Sequence[DomainName], there: set[str], endpoint: Endpoint) -> float:
    async def run() -> float:
        client = _client(Map({}))
        began, clock = time.process_time(), time.perf_counter()
        answers = await client.ask_server(names, endpoint)
        spent, passed = time.process_time() - began, time.perf_counter() - clock
        found = {answer.name for answer in answers if answer.presence is Presence.PRESENT}
        unknown = sum(answer.presence is Presence.INDETERMINATE for answer in answers)
        wrong = len(found ^ there)
        rate = len(names) / spent
        print(
            f"delegations of one server: {rate:,.0f} names per CPU-second, {len(names) / passed:,.0f} per second; "
            f"{len(names)} names, {len(there)} exist, {wrong} wrong, {unknown} unknown, {client.counts}"
        )
        return rate

    return asyncio.run(run())


def _compare(title: str, ours: float, theirs: float) -> None:
    print(f"{title}: {theirs:,.0f} names per CPU-second; ours is {ours / theirs:.0f} times that")


def _dnspython(names: Sequence[str], endpoint: Endpoint, at_once: int = 200) -> float:
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = [endpoint[0]], endpoint[1]

    async def run() -> float:
        turn = asyncio.Semaphore(at_once)

        async def one(name: str) -> None:
            async with turn:
                try:
                    await resolver.resolve(name, "NS", raise_on_no_answer=False)
                except dns.exception.DNSException:
                    return

        began = time.process_time()
        await asyncio.gather(*(one(name) for name in names))
        return len(names) / (time.process_time() - began)

    return asyncio.run(run())


def _dnstwist(names: Sequence[str], endpoint: Endpoint) -> float:
    began = time.process_time()
    _dnstwist_finds(names, endpoint)
    return len(names) / (time.process_time() - began)


def _dnstwist_finds(names: Sequence[str], endpoint: Endpoint, threads: int = 6) -> set[str]:
    """What its scanner calls registered, with its default number of threads."""
    dnstwist = import_module("dnstwist")

    class Aimed(dns.resolver.Resolver):
        """dnstwist knows no ports."""

        def reset(self) -> None:
            super().reset()
            self.port = endpoint[1]

    dnstwist.Resolver = Aimed  # type: ignore[attr-defined]
    jobs: Queue[object] = Queue()
    permutations = [dnstwist.Permutation(fuzzer="x", domain=name) for name in names]
    for permutation in permutations:
        jobs.put(permutation)
    scanners = [dnstwist.Scanner(jobs) for _ in range(threads)]
    for scanner in scanners:
        scanner.option_extdns, scanner.nameservers = True, [endpoint[0]]
        scanner.start()
    for scanner in scanners:
        scanner.join()
    return {permutation["domain"] for permutation in permutations if permutation.is_registered()}


def _sweeps(suffixes: int = 1800, labels: int = 60, registries: int = 20) -> None:
    """Client and lab servers in one process, as in a replay: what a name of a sweep costs."""
    world = _sweep_world(suffixes, registries)
    asked = [f"label{number}" + "x" * (number % 13) for number in range(labels)]

    async def run(client_of: Callable[[Map], DnsClient]) -> None:
        lab = LabDns(world, Now())
        try:
            client = client_of(Map(dict(await lab.start())))
            await client.sweep(asked, list(world.suffixes))
            times = []
            for _ in range(3):
                began = time.process_time()
                result = await client.sweep(asked, list(world.suffixes))
                times.append(time.process_time() - began)
            assert not [answer for part in result.suffixes for answer in part.exceptions]
            spent = sorted(times)[1] / (suffixes * labels) * 1e6
            print(f"sweep, client and lab in one process: {spent:.2f} us per name, canaries included")
        finally:
            await lab.close()

    for burst in (20, 250):
        print(f"burst {burst}: ", end="")
        asyncio.run(run(lambda dial, burst=burst: _client(dial, burst=burst)))  # type: ignore[misc]


def _sweep_world(suffixes: int, registries: int) -> World:
    made = [
        Registry(f"r{n}", ((f"ns1.r{n}.example", f"45.90.{n}.1"), (f"ns2.r{n}.example", f"45.90.{n}.2")), "none", "")
        for n in range(registries)
    ]
    hosts = {"a.root-servers.net": ROOT} | {host: at for registry in made for host, at in registry.name_servers}
    return _world({f"s{number:04d}": made[number % registries] for number in range(suffixes)}, {}, hosts)


def _world(suffixes: dict[str, Registry], stories: dict[str, Story], hosts: dict[str, str]) -> World:
    return World(
        scenario_id="benchmark",
        seed=1,
        start=START,
        end=START + timedelta(days=1),
        suffixes=suffixes,
        stories=stories,
        issuances=(),
        faults=(),
        hosts=hosts,
    )


@contextmanager
def _lagging(there: set[str], delay: float, loss: float, servfail: float) -> Iterator[Endpoint]:
    with _beside(_lag, there, delay, loss, servfail) as endpoint:
        yield endpoint


@contextmanager
def _served(there: set[str]) -> Iterator[Endpoint]:
    with _beside(_serve, there) as endpoint:
        yield endpoint


@contextmanager
def _beside(serve: Callable[..., None], *arguments: object) -> Iterator[Endpoint]:
    """A server in a process of its own, so that the client's CPU time is the client's."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=serve, args=(theirs, *arguments), daemon=True)
    child.start()
    try:
        yield ours.recv()
    finally:
        child.terminate()
        child.join()


def _lag(pipe: Connection, there: set[str], delay: float, loss: float, servfail: float) -> None:
    async def run() -> None:
        pipe.send(await LagServer("so", there, delay=delay, loss=loss, servfail=servfail).start())
        await asyncio.Event().wait()

    asyncio.run(run())


def _serve(pipe: Connection, there: set[str]) -> None:
    registry = Registry("r0", (("ns1.r0.example", "45.90.0.1"),), "none", "")
    owner = Registrar("Registrar", 1, "abuse@registrar.example")
    servers = ("ns1.host.example", "ns2.host.example")
    stories = {
        name: Story(name, (START,), (NameState(name, "so", START, START, START, owner, (), servers, True, (), None),))
        for name in there
    }
    world = _world({"so": registry}, stories, {"a.root-servers.net": ROOT, "ns1.r0.example": "45.90.0.1"})

    async def run() -> None:
        pipe.send((await LabDns(world, Now()).start())["45.90.0.1"])
        await asyncio.Event().wait()

    asyncio.run(run())


if __name__ == "__main__":
    main()
