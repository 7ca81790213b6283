"""Front pages as observations."""

from datetime import timedelta

import pytest

from tests.lab.ctworld import run
from tests.lab.registryworld import BORN, NOW, Bench, bench, fault, world
from tracker.clients.guard import guarded_client, unverified_context
from tracker.lab.http import Request, Response, serve
from tracker.model.facts import Batch, Layer, Observation, Presence, Reason
from tracker.model.names import DomainName
from tracker.probes.page import PageProbe


def _look(names: list[str], *faults: object, hours: int = 0) -> tuple[list[Observation], Batch]:
    async def main() -> Batch:
        async with bench(world(*faults)) as lab:
            lab.clock.moment = NOW + timedelta(hours=hours)
            probe = PageProbe(lab.candidate, lab.clock, "lab")
            (batch,) = [batch async for batch in probe.observe([DomainName(name) for name in names])]
            return batch

    batch = run(main)
    return list(batch.observations), batch


def test_an_operation_s_page_over_tls() -> None:
    """Status, final host, title, text fingerprint, the accounts it counts with; the page itself as artefact."""
    (look,), batch = _look(["rrn.so"])
    assert (look.presence, look.reason, look.layer) == (Presence.PRESENT, Reason.SERVED, Layer.SERVING)
    assert look.facts["status"] == ("200",) and look.facts["final_host"] == ("rrn.so",)
    assert look.facts["title"][0].startswith("Words That Only")
    assert len(look.facts["simhash"][0]) == 16 and int(look.facts["simhash"][0], 16)
    assert look.facts["trackers"][0].startswith("ga:UA-")
    assert "kind" not in look.facts
    (artefact,) = batch.artefacts
    assert look.artefact_ids == (artefact.artefact_id,)
    assert artefact.source_url == "https://rrn.so/"


def test_without_a_certificate_the_plain_page_is_taken() -> None:
    """No handshake on 443 is followed by port 80; the same text elsewhere has the same fingerprints."""
    (there, copy, other), _ = _look(["rrn.so", "rrn.to", "other.so"])
    for fact in ("simhash", "text_sha256", "trackers"):
        assert there.facts[fact] == copy.facts[fact] != other.facts[fact]
    apart = int(there.facts["simhash"][0], 16) ^ int(other.facts["simhash"][0], 16)
    assert apart.bit_count() > 12


@pytest.mark.parametrize(("name", "kind"), [("seized.so", "seizure"), ("parked.so", "parking"), ("blank.so", "error")])
def test_kinds_of_pages_that_are_nobody_s(name: str, kind: str) -> None:
    """Banner, parking page and a server that does not know the name; the last has no text of its own."""
    (look,), _ = _look([name])
    assert look.facts["kind"] == (kind,)
    assert ("simhash" in look.facts) == (kind != "error")


@pytest.mark.parametrize(("kind", "reason"), [("silence", Reason.TIMEOUT), ("error", None), ("garbage", None)])
def test_trouble(kind: str, reason: Reason | None) -> None:
    """Silence is indeterminate; an error page or a file is something that answered, without text."""
    (look,), _ = _look(["rrn.so"], fault("web", kind))
    assert (look.presence, look.reason) == (
        (Presence.INDETERMINATE, reason) if reason else (Presence.PRESENT, Reason.SERVED)
    )
    assert "simhash" not in look.facts


def test_an_unreachable_name_is_not_absent() -> None:
    """A cloaked site looks just like this from the wrong vantage."""
    (look,), batch = _look(["nowhere.so"])
    assert (look.presence, look.reason, batch.artefacts) == (Presence.INDETERMINATE, Reason.UNREACHABLE, ())


def test_looks_are_repeatable() -> None:
    """Nothing of the hour is in the facts."""
    assert _look(["rrn.so"])[0][0].facts == _look(["rrn.so"], hours=5)[0][0].facts


@pytest.mark.parametrize("target", ["http://169.254.169.254/latest", "http://[::ffff:127.0.0.1]/", "http://inside.so/"])
def test_redirects_inside_are_refused_and_outside_told(target: str) -> None:
    """A page that sends its visitor to an address that is not public is an observation of that, and nothing is read."""

    def answer(request: Request) -> Response:
        if request.host == "hop.so":
            return Response(302, {"Location": "http://other.so/"})
        if request.host == "inner.so":
            return Response(302, {"Location": target})
        return Response(200, {"Content-Type": "text/html"}, b"<title>A title</title><p>elsewhere")

    async def main(lab: Bench) -> Batch:
        server = await serve(answer)
        lab.dial.ports["45.120.0.77", 80] = server.port
        lab.dial.known.update(dict.fromkeys(("hop.so", "inner.so", "other.so"), ("45.120.0.77",)))
        lab.dial.known["inside.so"] = ("10.0.0.1",)
        async with guarded_client(lab.dial, ssl_context=unverified_context(), user_agent="t") as client:
            probe = PageProbe(client, lab.clock, "lab")
            (batch,) = [batch async for batch in probe.observe([DomainName("hop.so"), DomainName("inner.so")])]
        await server.close()
        return batch

    async def whole() -> Batch:
        async with bench(world()) as lab:
            return await main(lab)

    moved, inner = run(whole).observations
    assert (moved.facts["final_host"], moved.facts["title"]) == (("other.so",), ("A title",))
    assert (inner.presence, inner.reason) == (Presence.INDETERMINATE, Reason.BLOCKED_ADDRESS)
    assert BORN < NOW
