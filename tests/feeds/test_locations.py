"""Where lists come from: files, the bundled folder, and servers that answer with 304 when nothing changed."""

import gzip
from pathlib import Path

import httpx
import pytest

from tests.feeds.server import HOST, URL, Published, with_client
from tracker.feeds.locations import SIZE_CAP, Fetched, Unreachable, bundled_folder, fetch, is_url, path_of
from tracker.lab.http import Request, Response
from tracker.model.facts import Reason


def refused(published: Published | None, location: str = URL) -> Unreachable:
    """Why a location could not be read."""
    with pytest.raises(Unreachable) as failure:
        with_client(published, lambda http: fetch(location, http, {}))
    return failure.value


def test_a_list_is_read_once_and_then_confirmed() -> None:
    """The second question carries the ETag of the first answer, and 304 means: as before."""
    published = Published("one")

    async def twice(http: httpx.AsyncClient) -> tuple[Fetched, Fetched]:
        first = await fetch(URL, http, {})
        return first, await fetch(URL, http, first.validators)

    first, second = with_client(published, twice)
    assert first.text == "one"
    assert second == Fetched(None, first.validators)
    assert published.statuses == [200, 304]
    assert published.asked[1].headers["if-none-match"] == first.validators["If-None-Match"]


def test_last_modified_serves_where_there_is_no_etag() -> None:
    """Plain file servers send dates only."""
    date = "Wed, 04 Sep 2024 15:00:00 GMT"
    published = Published(answer=lambda _: Response(200, {"Last-Modified": date}, b"x"))
    assert with_client(published, lambda http: fetch(URL, http, {})).validators == {"If-Modified-Since": date}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Response(429), Reason.RATE_LIMITED),
        (Response(500), Reason.SERVER_ERROR),
        (Response(404), Reason.SERVER_ERROR),
        (Response(302, {"Location": "http://other.example/"}), Reason.UNREACHABLE),
        (Response(302, {"Location": "http://127.0.0.1/"}), Reason.BLOCKED_ADDRESS),
        (Response(302, {"Location": "http://[::ffff:169.254.169.254]/"}), Reason.BLOCKED_ADDRESS),
        (Response(302, {"Location": "file:///etc/passwd"}), Reason.FORBIDDEN),
        (Response(302, {"Location": URL}), Reason.SERVER_ERROR),
        (Response(200, {}, b"x" * 100, cut=10), Reason.MALFORMED),
        (Response(200, {"Content-Encoding": "gzip"}, b"no gzip"), Reason.MALFORMED),
        (Response(200, {"Content-Encoding": "gzip"}, gzip.compress(bytes(SIZE_CAP + 1))), Reason.MALFORMED),
        (None, Reason.TIMEOUT),
    ],
)
def test_what_cannot_be_used_is_unreachable(answer: Response | None, reason: Reason) -> None:
    """Throttled, broken, moved, cut short, too long or silent: never an empty list."""
    assert refused(Published(answer=lambda _: answer)).reason is reason


def test_a_list_that_moved_is_followed() -> None:
    """Repositories and registries answer with a redirect; each hop is guarded anew."""
    there = f"http://{HOST}/there.csv"

    def answer(request: Request) -> Response:
        return Response(200, {}, b"x") if request.path == "/there.csv" else Response(302, {"Location": there})

    assert with_client(Published(answer=answer), lambda http: fetch(URL, http, {})).text == "x"


def test_a_file_has_a_cap_as_well(tmp_path: Path) -> None:
    """What somebody put there by mistake does not fill the memory."""
    (tmp_path / "big.csv").write_text("x" * 11)
    with pytest.raises(Unreachable, match="longer than 10 bytes"):
        with_client(None, lambda http: fetch(str(tmp_path / "big.csv"), http, {}, 10))


def test_nobody_there_is_unreachable() -> None:
    """A refused connection, a name without address, an address that must not be connected to."""
    assert refused(None).reason is Reason.UNREACHABLE
    assert refused(None, "http://nowhere.example/list.toml").reason is Reason.UNREACHABLE
    assert "must not be connected to" in str(refused(None, "http://127.0.0.1/list.toml"))


def test_files_are_read_afresh(tmp_path: Path) -> None:
    """No validators: clocks of files lie."""
    file = tmp_path / "list.toml"
    for text in ("one", "two"):
        file.write_text(text)
        assert with_client(None, lambda http: fetch(str(file), http, {"If-None-Match": "x"})) == Fetched(text, {})


def test_a_file_that_cannot_be_read_is_unreachable(tmp_path: Path) -> None:
    """Missing, a folder, or no UTF-8."""
    (tmp_path / "latin.toml").write_bytes("brand = 'é'".encode("latin-1"))
    for location in (tmp_path / "none.toml", tmp_path, tmp_path / "latin.toml"):
        assert refused(None, str(location)).reason is Reason.UNREACHABLE


def test_bundled_lists_are_there() -> None:
    """The names that the default settings use exist as files."""
    for location in ("bundled:doj-2024-09-04", "bundled:brands"):
        assert path_of(location).parent == bundled_folder()
        assert path_of(location).is_file()
    assert path_of("mine.toml") == Path("mine.toml")
    assert is_url(URL) and not is_url("bundled:brands")
