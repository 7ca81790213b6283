"""The TLS handshake as an observation."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from tests.lab.ctworld import FreeBudget, SetClock, run
from tracker.clients.guard import forbidden
from tracker.decoders.certificates import describe
from tracker.lab.authority import by_server_name, candidates
from tracker.lab.http import Response, serve
from tracker.model.facts import Batch, Observation, Presence, Reason
from tracker.model.names import DomainName
from tracker.probes.certificate import CertificateProbe, covers, facts_of

NOW = datetime(2024, 9, 6, tzinfo=UTC)
FIRST, LAST = NOW - timedelta(days=1), NOW + timedelta(days=89)
AUTHORITY = candidates(1)


@dataclass
class Dial:
    """Names to public addresses, those to loopback ports."""

    known: dict[str, tuple[str, ...]]
    ports: dict[str, int]
    connected: list[str] = field(default_factory=list)

    async def addresses(self, host: str) -> Sequence[str]:
        """Raises OSError for a host that is not known."""
        if host not in self.known:
            raise OSError("no such host")
        return self.known[host]

    def endpoint(self, address: str, port: int) -> tuple[str, int]:
        """Port 1 refuses."""
        self.connected.append(f"{address}:{port}")
        return "127.0.0.1", self.ports.get(address, 1)


def look(
    names: list[str], known: dict[str, tuple[str, ...]], *, moment: datetime = NOW
) -> tuple[list[Observation], list[Batch], Dial]:
    """Observe the names with a TLS server at 45.0.0.1, a silent port at 45.0.0.2, and nobody anywhere else."""

    async def main() -> tuple[list[Observation], list[Batch], Dial]:
        def pick(name: str):
            if name == "unknown.example":
                return None
            return AUTHORITY.server_context(
                name, names=(name, f"www.{name}"), not_before=FIRST, not_after=LAST, serial=7
            )

        server = await serve(lambda _: Response(), by_server_name(AUTHORITY.server_context("fallback.example"), pick))
        plain = await asyncio.start_server(lambda _, writer: writer.write(b"HTTP/1.1 400 Bad\r\n\r\n"), "127.0.0.1", 0)
        silent = await asyncio.start_server(lambda _, __: asyncio.sleep(3600), "127.0.0.1", 0)
        ports = {
            "45.0.0.1": server.port,
            "45.0.0.2": silent.sockets[0].getsockname()[1],
            "45.0.0.3": plain.sockets[0].getsockname()[1],
        }
        dial = Dial(known, ports)
        probe = CertificateProbe(dial, forbidden, FreeBudget(), SetClock(moment), "lab")
        batches = [batch async for batch in probe.observe([DomainName(name) for name in names])]
        await server.close()
        plain.close()
        silent.close()
        return [row for batch in batches for row in batch.observations], batches, dial

    return run(main)


def test_the_certificate_of_a_name_is_seen_and_kept() -> None:
    """Names, issuer, key, validity as facts; the certificate itself as artefact; the context is never verified."""
    (seen,), (batch,), _ = look(["rrn.so"], {"rrn.so": ("45.0.0.1",)})
    assert (seen.presence, seen.reason, seen.at) == (Presence.PRESENT, Reason.CERTIFICATE, NOW)
    assert seen.facts["names"] == ("rrn.so", "www.rrn.so")
    assert seen.facts["issuer"] == ("CN=Lab Candidates CA,O=Lab",)
    assert (seen.facts["not_before"], seen.facts["valid"]) == (("2024-09-05T00:00:00Z",), ("yes",))
    assert seen.artefact_ids == seen.facts["sha256"] == (batch.artefacts[0].artefact_id,)


@pytest.mark.parametrize("moment", [FIRST - timedelta(seconds=1), LAST + timedelta(seconds=1)])
def test_validity_is_judged_at_the_clock(moment: datetime) -> None:
    """Before its first and after its last second a certificate is seen all the same, and is not valid."""
    (seen,), _, _ = look(["rrn.so"], {"rrn.so": ("45.0.0.1",)}, moment=moment)
    assert (seen.presence, seen.facts["valid"]) == (Presence.PRESENT, ("no",))


@pytest.mark.parametrize(
    ("addresses", "reason"),
    [
        (("45.0.0.9",), Reason.UNREACHABLE),
        (("45.0.0.2",), Reason.TIMEOUT),
        (("45.0.0.3",), Reason.TLS_ERROR),
        (("45.0.0.1", "127.0.0.1"), Reason.BLOCKED_ADDRESS),
        (("::ffff:10.0.0.1",), Reason.BLOCKED_ADDRESS),
        ((), Reason.UNREACHABLE),
    ],
)
def test_failures_are_indeterminate_with_their_reason(addresses: tuple[str, ...], reason: Reason) -> None:
    """Refused, silent, not TLS, private: none of these says that the name is absent, and none raises."""
    (seen,), (batch,), dial = look(["rrn.so"], {"rrn.so": addresses})
    assert (seen.presence, seen.reason, dict(seen.facts)) == (Presence.INDETERMINATE, reason, {})
    assert batch.artefacts == ()
    assert reason is not Reason.BLOCKED_ADDRESS or dial.connected == []


def test_a_name_that_the_server_does_not_know_is_a_tls_error() -> None:
    """The server's alert is an observation of its own."""
    (seen,), _, _ = look(["unknown.example"], {"unknown.example": ("45.0.0.1",)})
    assert (seen.presence, seen.reason) == (Presence.INDETERMINATE, Reason.TLS_ERROR)


def test_the_next_address_is_tried_and_order_is_kept() -> None:
    """A dead first address does not hide the second; observations come in the order of the names."""
    names = [f"host{number}.example" for number in range(25)]
    seen, batches, dial = look([*names, "gone.example"], dict.fromkeys(names, ("45.0.0.9", "45.0.0.1")))
    assert [row.name for row in seen] == [*names, "gone.example"]
    assert [row.presence for row in seen] == [Presence.PRESENT] * 25 + [Presence.INDETERMINATE]
    assert len(batches) == 2
    assert set(dial.connected) == {"45.0.0.9:443", "45.0.0.1:443"}


@pytest.mark.parametrize(
    ("names", "host", "wanted"),
    [
        (["RRN.so."], "rrn.so", True),
        (["*.so"], "rrn.so", True),
        (["*.rrn.so"], "rrn.so", False),
        (["x.rrn.so"], "rrn.so", False),
    ],
)
def test_which_hosts_a_certificate_holds_for(names: list[str], host: str, wanted: bool) -> None:
    """A wildcard stands for one whole label, no more and no less."""
    assert covers(names, host) is wanted


def test_what_a_browser_would_complain_of_is_a_fact() -> None:
    """Expired, early, made by itself, for somebody else: each by its name, and none for a good one."""
    good, other = AUTHORITY.issue(("rrn.so",), not_before=FIRST, not_after=LAST), AUTHORITY.der
    complaints = {
        (good.der, "rrn.so", FIRST): (),
        (good.der, "rrn.so", LAST + timedelta(seconds=1)): ("expired",),
        (good.der, "rrn.so", FIRST - timedelta(seconds=1)): ("not_yet_valid",),
        (good.der, "rrn.to", FIRST): ("wrong_name",),
        (other, "rrn.so", FIRST): ("self_signed", "wrong_name"),
    }
    for (der, name, moment), wanted in complaints.items():
        facts = facts_of(describe(der), DomainName(name), moment)
        assert facts.get("errors", ()) == wanted
        assert facts["valid"] == (("no" if wanted else "yes"),)
