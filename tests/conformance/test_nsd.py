"""Our sweep and `tracker resolve` against NSD: what another's authoritative server says is read right."""

import asyncio
import csv
import io
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.conformance.nsd import PROGRAM, served
from tests.dnsworld import ROOT, FixedClock, MapDial, Unlimited
from tracker.cli.main import app
from tracker.clients.dns import DnsClient
from tracker.clients.dnssweep import SweepResult
from tracker.clients.guard import forbidden
from tracker.model.facts import CanaryResult, Presence, Reason

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="NSD is not installed (Debian package nsd)")

LABELS = tuple(f"name{number}" for number in range(1500))
THERE = {"so": {"name3", "name77", "name1499"}, "to": {"name5"}, "ws": set[str]()}
MANY = [f"ns{number}.a-rather-long-name-of-a-hosting-company-{number}.example" for number in range(40)]
Endpoint = tuple[str, int]


def zone(suffix: str, more: str = "") -> str:
    """Delegations of the names that are there."""
    return "\n".join([f"{label} NS ns{n}.host.example." for label in sorted(THERE[suffix]) for n in (1, 2)] + [more])


ZONES = {
    ".": "",
    "so.": zone("so", "nic NS ns.nic.example.\ntexts TXT here\nbelow.empty TXT here\n")
    + "\n".join(f"many NS {host}." for host in MANY),
    "to.": zone("to"),
    "ws.": zone("ws", "* A 192.0.2.1\n* MX 10 mail.example."),
}


@pytest.fixture(scope="module")
def nsd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """A root with three top-level domains; `ws` answers addresses for every name."""
    with served(tmp_path_factory.mktemp("nsd"), ZONES) as endpoint:
        yield endpoint


def resolve(endpoint: Endpoint, *names: str) -> dict[str, dict[str, str]]:
    """`tracker resolve --server`: rows by name."""
    server = f"{endpoint[0]}:{endpoint[1]}"
    arguments = ["resolve", "-", "--server", server, "--rate", "0", "--format", "csv"]
    result = CliRunner().invoke(app, arguments, input="\n".join(names))
    assert result.exit_code == 0, result.stderr
    return {row["domain"]: row for row in csv.DictReader(io.StringIO(result.stdout))}


@pytest.mark.parametrize(
    ("name", "presence", "reason", "servers"),
    [
        ("name3.so", "PRESENT", "delegated", "ns1.host.example;ns2.host.example"),
        ("name4.so", "ABSENT", "nxdomain", ""),
        ("texts.so", "ABSENT", "nodata", ""),
        ("empty.so", "ABSENT", "nodata", ""),
        ("anything.ws", "ABSENT", "nodata", ""),
        ("name.nowhere", "ABSENT", "nxdomain", ""),
        ("many.so", "PRESENT", "delegated", ";".join(sorted(MANY))),
    ],
)
def test_what_nsd_says_is_read_right(nsd: Endpoint, name: str, presence: str, reason: str, servers: str) -> None:
    """Referral, no such name, no such data, an empty non-terminal, an address wildcard, too long for UDP."""
    row = resolve(nsd, name)[name]
    assert (row["presence"], row["reason"], row["name_servers"], row["attempts"]) == (presence, reason, servers, "1")


def test_every_name_is_answered_once(nsd: Endpoint) -> None:
    """1,500 names at once: those that are there, and no other."""
    rows = resolve(nsd, *(f"{label}.so" for label in LABELS))
    assert len(rows) == len(LABELS)
    found = {name.partition(".")[0] for name, row in rows.items() if row["presence"] == "PRESENT"}
    assert found == THERE["so"]
    assert not [row for row in rows.values() if row["presence"] == "INDETERMINATE"]


def test_a_zone_that_is_not_served_is_refused(tmp_path: Path) -> None:
    """REFUSED is our not knowing."""
    with served(tmp_path, {"so.": zone("so")}) as endpoint:
        row = resolve(endpoint, "name3.to")["name3.to"]
    assert (row["presence"], row["reason"]) == ("INDETERMINATE", "refused")


def test_a_sweep_from_the_root_finds_what_is_there(nsd: Endpoint) -> None:
    """Zone cuts, canaries of three kinds of zone, all labels under all suffixes, and one suffix that does not exist."""

    async def run() -> SweepResult:
        client = DnsClient(
            MapDial({ROOT: nsd}), Unlimited(), FixedClock(), random.Random(1), [ROOT], check=forbidden, timeout=1.0
        )
        result = await client.sweep(LABELS, [*THERE, "zz"], {"to": "name5"})
        assert client.counts.malformed == client.counts.strays == 0
        return result

    result = asyncio.run(run())
    by_suffix = {part.suffix: part for part in result.suffixes}
    assert by_suffix.pop("zz").canary is CanaryResult.MISSING
    for suffix, part in by_suffix.items():
        assert (part.canary, part.asked) == (CanaryResult.GOOD, len(LABELS)), part
        assert {answer.name.partition(".")[0] for answer in part.exceptions} == THERE[suffix]
        assert {(answer.presence, answer.reason) for answer in part.exceptions} <= {
            (Presence.PRESENT, Reason.DELEGATED)
        }
