"""One guarded question: redirects, deadlines, reasons."""

import gzip
from datetime import UTC, datetime

import httpx
import pytest

from tests.lab.ctworld import run
from tests.lab.registryworld import Dial
from tracker.clients.guard import guarded_client, unverified_context
from tracker.clients.http import Fetched, FetchFailed, fetch, retry_after
from tracker.lab.http import Response, serve
from tracker.model.facts import Reason

PAGES = {
    "/": Response(200, {}, b"home"),
    "/long": Response(200, {}, b"x" * 5000),
    "/bomb": Response(200, {"Content-Encoding": "gzip"}, gzip.compress(bytes(20_000_000))),
    "/hop": Response(302, {"Location": "/"}),
    "/away": Response(301, {"Location": "http://other.example/"}),
    "/loop": Response(302, {"Location": "/loop"}),
    "/inside": Response(302, {"Location": "http://127.0.0.1/admin"}),
    "/metadata": Response(307, {"Location": "http://metadata.example/latest"}),
    "/mapped": Response(302, {"Location": "http://[::ffff:169.254.169.254]/"}),
    "/file": Response(302, {"Location": "file:///etc/passwd"}),
    "/cut": Response(200, {}, b"x" * 100, cut=10),
}
KNOWN = {
    "site.example": ["45.80.0.10"],
    "other.example": ["45.80.0.10"],
    "metadata.example": ["169.254.169.254"],
    "down.example": ["45.80.0.99"],
}


def _fetch(url: str, **options: object) -> tuple[Fetched, Dial]:
    dial = Dial(dict(KNOWN), {})

    async def main() -> Fetched:
        server = await serve(lambda request: None if request.path == "/silent" else PAGES.get(request.path))
        dial.ports["45.80.0.10", 80] = server.port
        asked = {"limit": 1000, "deadline": 30.0, "redirects": 3} | options
        try:
            async with guarded_client(dial, ssl_context=unverified_context(), user_agent="t") as client:
                return await fetch(client, url, **asked)  # type: ignore[arg-type]
        finally:
            await server.close()

    return run(main), dial


def test_hops_are_data() -> None:
    """A redirect inside the site, and one to another host, both told."""
    got, _ = _fetch("http://site.example/hop")
    assert (got.status, got.body, got.hops) == (200, b"home", ("http://site.example/hop",))
    got, dial = _fetch("http://site.example/away")
    assert got.url == "http://other.example/"
    assert dial.asked == ["site.example", "other.example"]


def test_the_last_hop_allowed_is_returned_as_it_is() -> None:
    """A loop ends in a redirect as the reply, not in an endless walk."""
    got, _ = _fetch("http://site.example/loop")
    assert got.status == 302 and len(got.hops) == 3
    got, _ = _fetch("http://site.example/hop", redirects=0)
    assert got.status == 302 and got.hops == ()


def test_names_that_are_shunned_are_not_visited_on_the_way_either() -> None:
    """Where a page leads is told; whoever may not be asked is not asked."""
    got, dial = _fetch("http://site.example/away", shun={"other.example"})
    assert (got.status, got.url, got.hops) == (301, "http://site.example/away", ("http://other.example/",))
    assert dial.asked == ["site.example"]
    with pytest.raises(FetchFailed) as failure:
        _fetch("http://www.other.example/", shun={"other.example"})
    assert failure.value.reason is Reason.FORBIDDEN


@pytest.mark.parametrize("path", ["/inside", "/metadata", "/mapped"])
def test_redirects_to_forbidden_addresses_are_refused(path: str) -> None:
    """Each hop is guarded anew."""
    with pytest.raises(FetchFailed) as failure:
        _fetch(f"http://site.example{path}")
    assert failure.value.reason is Reason.BLOCKED_ADDRESS


def test_only_http_is_followed() -> None:
    """A redirect to a file is refused before anything is opened."""
    with pytest.raises(FetchFailed) as failure:
        _fetch("http://site.example/file")
    assert failure.value.reason is Reason.FORBIDDEN


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://site.example/silent", Reason.TIMEOUT),
        ("http://site.example/long", Reason.MALFORMED),
        ("http://site.example/bomb", Reason.MALFORMED),
        ("http://site.example/cut", Reason.MALFORMED),
        ("http://down.example/", Reason.UNREACHABLE),
        ("http://nowhere.example/", Reason.UNREACHABLE),
        ("https://site.example/", Reason.UNREACHABLE),
        ("http://[bad/", Reason.MALFORMED),
    ],
)
def test_failures_have_reasons(url: str, reason: Reason) -> None:
    """What went wrong on our side or theirs is named; nothing of it is an absence."""
    with pytest.raises(FetchFailed) as failure:
        _fetch(url)
    assert failure.value.reason is reason


def test_a_body_can_be_cut() -> None:
    """The first bytes of a long page are enough for a page."""
    got, _ = _fetch("http://site.example/bomb", cut=True)
    assert got.body == bytes(1000)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("30", 30.0), ("Fri, 06 Sep 2024 00:01:00 GMT", 60.0), ("Thu, 05 Sep 2024 00:00:00 GMT", 0.0), ("soon", None)],
)
def test_retry_after_in_seconds_and_dates(value: str, seconds: float | None) -> None:
    """Both forms of the header, a date in the past, and nonsense."""
    now = datetime(2024, 9, 6, tzinfo=UTC)
    assert retry_after(httpx.Headers({"Retry-After": value}), now) == seconds
    assert retry_after(httpx.Headers(), now) is None
