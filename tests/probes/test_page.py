"""Front pages as observations."""

from datetime import timedelta

import httpx
import pytest

from tests.lab.ctworld import run
from tests.lab.registryworld import BORN, NOW, Bench, bench, fault, world
from tracker.clients.guard import guarded_client, unverified_context
from tracker.clients.http import Fetched
from tracker.decoders.favicon import favicon_hash
from tracker.lab.http import Request, Response, serve
from tracker.model.facts import Batch, Layer, Observation, Presence, Reason
from tracker.model.names import DomainName
from tracker.probes.page import PageProbe, facts_of


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


PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(64))
SITES = {
    "icon.so": Response(
        200, {"Content-Type": "text/html", "Server": "nginx", "X-Powered-By": "PHP/8"}, b"<title>x</title>"
    ),
    "linked.so": Response(200, {"Content-Type": "text/html"}, b'<link rel=icon href="/other.png">text'),
    "bare.so": Response(200, {"Content-Type": "text/html"}, b"<title>x</title>"),
    "clone.so": Response(
        200,
        {"Content-Type": "text/html"},
        b'<link rel=canonical href="https://www.outlet.de/a">UA-11111-1 UA-22222-2 '
        b'<meta http-equiv=refresh content="5;url=https://elsewhere.so/">/click_api/v3 words of the outlet',
    ),
    "outlet.de": Response(
        200, {"Content-Type": "text/html"}, b'<link rel=canonical href="https://www.outlet.de/">UA-11111-1'
    ),
}


def _visited(names: list[str], **options: object) -> tuple[dict[str, Observation], list[str]]:
    asked: list[str] = []

    def answer(request: Request) -> Response:
        asked.append(f"{request.host}{request.path}")
        if request.path == "/":
            return SITES[request.host]
        there = {"icon.so/favicon.ico", "linked.so/other.png", "clone.so/favicon.ico"}
        if f"{request.host}{request.path}" in there:
            return Response(200, {"Content-Type": "image/png"}, PNG)
        return Response(200, {"Content-Type": "text/html"}, b"<title>404</title>")

    async def main() -> dict[str, Observation]:
        server = await serve(answer)
        async with bench(world()) as lab:
            lab.dial.ports["45.120.0.78", 80] = server.port
            lab.dial.known.update(dict.fromkeys(names, ("45.120.0.78",)))
            probe = PageProbe(lab.candidate, lab.clock, "lab", **options)  # type: ignore[arg-type]
            (batch,) = [batch async for batch in probe.observe([DomainName(name) for name in names])]
        await server.close()
        return {look.name: look for look in batch.observations}

    return run(main), asked


def test_the_icon_is_fetched_once_from_where_the_page_says() -> None:
    """The usual place, or the one that is linked; a page in place of an icon is none. One page and one icon a visit."""
    looks, asked = _visited(["icon.so", "linked.so", "bare.so"])
    wanted = (str(favicon_hash(PNG)),)
    assert looks["icon.so"].facts["favicon_mmh3"] == looks["linked.so"].facts["favicon_mmh3"] == wanted
    assert "favicon_mmh3" not in looks["bare.so"].facts
    assert sorted(asked) == [
        "bare.so/",
        "bare.so/favicon.ico",
        "icon.so/",
        "icon.so/favicon.ico",
        "linked.so/",
        "linked.so/other.png",
    ]
    assert (looks["icon.so"].facts["server"], looks["icon.so"].facts["powered_by"]) == (("nginx",), ("PHP/8",))


def test_a_copy_is_known_by_what_it_kept_and_the_outlet_s_accounts_stand_apart() -> None:
    """A page that says it belongs to the outlet is a copy of it; what the outlet counts with is not the operation's."""
    looks, _ = _visited(
        ["clone.so", "outlet.de"], outlets=lambda: {"outlet.de", "other.example"}, outlet_ids=("ga:UA-11111-1",)
    )
    facts = looks["clone.so"].facts
    assert (facts["copy_of"], facts["canonical"]) == (("outlet.de",), ("www.outlet.de",))
    assert (facts["trackers"], facts["outlet_trackers"]) == (("ga:UA-22222-2",), ("ga:UA-11111-1",))
    assert (facts["refresh"], facts["sellers"]) == (("elsewhere.so",), ("keitaro",))
    assert "copy_of" not in looks["outlet.de"].facts, "the outlet is no copy of itself"


def test_hops_keep_their_order() -> None:
    """The chain of hosts as it was passed; a host met twice counts once, the ends are not hops."""
    urls = ("https://a.so/", "https://z.example/1", "https://b.example/", "https://z.example/2", "https://a.so/again")
    got = Fetched(url="https://end.example/", status=200, headers=httpx.Headers(), body=b"", hops=urls)
    assert facts_of("a.so", got, None)["hops"] == ("z.example", "b.example")
