"""The watchlist feed: what changed is handed over, what could not be read leaves a gap, and nothing is un-seized."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx

from tests.feeds.server import URL, Published, client
from tests.stages.fakes import NOW, SetClock
from tests.virtual import on_virtual_time
from tracker.feeds import feed as make
from tracker.feeds.published import Means
from tracker.lab.http import Request, Response
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.facts import Batch, Cursor, Reason
from tracker.model.times import Bounds, Precision, iso
from tracker.model.watching import Cohort, WatchKind

SUFFIXES = Suffixes.bundled()
HEAD = """
[operation]
id = "op"
title = "An operation"
[sources.doj]
title = "the notice"
[action]
id = "seizure"
kind = "seizure"
authority = "a court"
announced = "2024-09-04"
sources = ["doj"]
"""


def toml(*names: str, brand: str = "RRN") -> str:
    """A watchlist with a takedown of each name."""
    rows = [
        f'[[takedown]]\ndomain = "{name}"\ncohort = "own_brand"\nbrand = "{brand}"\nsources = ["doj"]' for name in names
    ]
    return "\n".join([HEAD, *rows])


@dataclass
class Reader:
    """Polls one location, an hour apart, and keeps the cursor as the log would."""

    location: str
    clock: SetClock = field(default_factory=SetClock)
    cursor: Cursor | None = None
    complaints: list[str] = field(default_factory=list)

    async def poll(self, http: httpx.AsyncClient) -> list[Batch]:
        means = Means(http=http, clock=self.clock, suffixes=SUFFIXES, complain=self.complaints.append)
        feed = make(self.location, means)
        batches = [batch async for batch in feed.poll(self.cursor)]
        for batch in batches:
            self.cursor = batch.cursor or self.cursor
        self.clock.at += timedelta(hours=1)
        return batches

    def state(self) -> dict[str, object]:
        """What the cursor remembers."""
        assert self.cursor is not None
        found: dict[str, object] = json.loads(self.cursor.state)
        return found


def polled(published: Published, *steps: str | Response | None) -> tuple[Reader, list[list[Batch]]]:
    """Poll once per step; a step is the text that is published, or an answer in its place."""
    reader = Reader(URL)

    async def main() -> list[list[Batch]]:
        results = []
        async with client(published) as http:
            for step in steps:
                published.text = step if isinstance(step, str) else published.text
                published.answer = None if isinstance(step, str) else lambda _, step=step: step
                results.append(await reader.poll(http))
        return results

    return reader, on_virtual_time(main())


def from_file(file: Path) -> tuple[Reader, list[Batch]]:
    """Read a file once."""
    reader = Reader(str(file))

    async def main() -> list[Batch]:
        async with client() as http:
            return await reader.poll(http)

    return reader, on_virtual_time(main())


def test_a_list_is_handed_over_whole() -> None:
    """Operation, action, takedowns and a predecessor for each, in one batch with the cursor."""
    _, ((batch,),) = polled(Published(), toml("rrn.media", "rrn.world"))
    assert [row.operation_id for row in batch.operations] == ["op"]
    assert [row.action_id for row in batch.actions] == ["seizure"]
    assert [row.domain for row in batch.takedowns] == ["rrn.media", "rrn.world"]
    assert {(watch.kind, watch.name, watch.label) for watch in batch.watches} == {
        (WatchKind.PREDECESSOR, "rrn.media", "rrn"),
        (WatchKind.PREDECESSOR, "rrn.world", "rrn"),
    }
    assert batch.cursor is not None and batch.cursor.source == URL


def test_an_unchanged_list_says_nothing_again() -> None:
    """304, or the same text from a server without ETag: no rows either way."""
    published = Published()
    text = toml("rrn.media")
    _, (_, again, same) = polled(published, text, text, Response(200, {}, text.encode()))
    assert published.statuses == [200, 304, 200]
    for batches in (again, same):
        assert all(not batch.watches and not batch.takedowns and not batch.gaps for batch in batches)


def test_a_changed_list_is_handed_over_again() -> None:
    """Another text, another ETag, and all of its rows."""
    _, (_, (batch,)) = polled(Published(), toml("rrn.media"), toml("rrn.media", "rrn.world"))
    assert [row.domain for row in batch.takedowns] == ["rrn.media", "rrn.world"]


def test_an_unreachable_list_leaves_a_gap_and_the_cursor() -> None:
    """The gap reaches from the last success to now; the next good answer is compared with what was read before."""
    text = toml("rrn.media")
    reader, (_, (failed,), after) = polled(Published(), text, Response(503), text)
    (gap,) = failed.gaps
    assert (gap.reason, gap.first, gap.last) == (Reason.SERVER_ERROR, NOW, NOW + timedelta(hours=1))
    assert not failed.watches and not failed.takedowns
    assert all(not batch.watches for batch in after)
    assert reader.state()["names"] == 1
    assert any("what was read before stays" in line for line in reader.complaints)


def test_a_list_that_was_never_read_has_a_gap_of_its_own() -> None:
    """Nothing is known before the first attempt, so the gap is that instant."""
    reader, ((failed,),) = polled(Published(), None)
    (gap,) = failed.gaps
    assert (gap.reason, gap.first, gap.last) == (Reason.TIMEOUT, NOW, NOW)
    assert reader.cursor is None


def test_a_shrunken_list_is_not_applied() -> None:
    """From four names to one is an accident until it grows again; from four to two is news."""
    four = toml("a1.media", "a2.media", "a3.media", "a4.media")
    reader, (_, (shrunk,)) = polled(Published(), four, toml("a1.media"))
    assert [gap.reason for gap in shrunk.gaps] == [Reason.MALFORMED]
    assert not shrunk.watches and not shrunk.takedowns
    assert reader.state()["names"] == 4
    _, (_, (smaller,)) = polled(Published(), four, toml("a1.media", "a2.media"))
    assert [row.domain for row in smaller.takedowns] == ["a1.media", "a2.media"]


def test_an_empty_or_broken_list_is_a_gap() -> None:
    """An emptied file, an error page with status 200: neither takes anything back."""
    for text in ("", "<html>maintenance</html>"):
        _, (_, (batch,)) = polled(Published(), toml("rrn.media"), text)
        assert len(batch.gaps) == 1
        assert not batch.watches


def test_a_list_that_recovers_is_applied() -> None:
    """After a shrunken reading the full list, changed, counts again."""
    four = toml("a1.media", "a2.media", "a3.media", "a4.media")
    _, (_, _, (batch,)) = polled(Published(), four, toml("a1.media"), four.replace("RRN", "other"))
    assert len(batch.takedowns) == 4


def test_wrong_rows_are_told_with_their_line() -> None:
    """The good rows are used; each bad one is a line for the log."""
    text = toml("rrn.media", "co.uk")
    reader, ((batch,),) = polled(Published(), text)
    assert [row.domain for row in batch.takedowns] == ["rrn.media"]
    line = text.splitlines().index('domain = "co.uk"') + 1
    assert reader.complaints == [f"{URL}:{line}: domain: co.uk is a public suffix, nobody registers it"]


def test_a_bare_list_is_an_action_of_unknown_date(tmp_path: Path) -> None:
    """One name a line, defanged or not: each becomes a takedown whose moment nobody stated."""
    file = tmp_path / "names.txt"
    file.write_text("# seized\nrrn[.]media\nhxxps://rrn[.]world/news\nco.uk\n")
    reader, (batch,) = from_file(file)
    assert [(row.domain, row.position) for row in batch.takedowns] == [("rrn.media", 1), ("rrn.world", 2)]
    assert [row.when.precision for row in batch.actions] == [Precision.UNKNOWN]
    assert {row.effective for row in batch.takedowns} == {Bounds(None, None)}
    assert [source.place for source in batch.takedowns[1].sources] == [f"{file}, row 3"]
    assert reader.complaints == [f"{file}:4: co.uk is a public suffix, nobody registers it"]


def test_a_list_can_point_to_names_kept_elsewhere(tmp_path: Path) -> None:
    """The TOML gives the action, a CSV the names, under the columns that it happens to have."""
    (tmp_path / "names.csv").write_text("Host,Taken,Outlet\nrrn.media,2024-09-05,RRN\nrrn.world,soon,\n")
    pointer = f"""
    [list]
    location = "{tmp_path / "names.csv"}"
    cohort = "imitated"
    columns = {{ domain = "Host", date = "Taken", brand = "Outlet" }}
    """
    (tmp_path / "list.toml").write_text(HEAD + pointer)
    _, (batch,) = from_file(tmp_path / "list.toml")
    first, second = batch.takedowns
    assert (first.action_id, first.domain, first.brand, first.cohort) == (
        "seizure",
        "rrn.media",
        "RRN",
        Cohort.IMITATED,
    )
    assert (iso(first.effective.lo), iso(first.effective.hi)) == ("2024-09-05T00:00:00Z", "2024-09-06T00:00:00Z")
    assert second.effective == Bounds(None, None)
    assert {watch.operation_id for watch in batch.watches} == {"op"}


def test_names_kept_elsewhere_are_read_again() -> None:
    """The list that points to them is unchanged, the names are not: what was added is handed over."""
    published, names = Published(), ["rrn.media\n"]
    pointer = HEAD + f'[list]\nlocation = "{URL.replace("watchlist.toml", "names.txt")}"\n'

    def answer(request: Request) -> Response:
        named = request.path.endswith("names.txt")
        return Response(200, {"ETag": '"names"' if named else '"list"'}, (names[0] if named else pointer).encode())

    published.answer = answer
    reader = Reader(URL)

    async def main() -> list[list[Batch]]:
        async with client(published) as http:
            results = [await reader.poll(http), await reader.poll(http)]
            names[0] += "rrn.world\n"
            return [*results, await reader.poll(http)]

    (first,), again, (grown,) = on_virtual_time(main())
    assert [row.domain for row in first.takedowns] == ["rrn.media"]
    assert all(not batch.takedowns for batch in again)
    assert [row.domain for row in grown.takedowns] == ["rrn.media", "rrn.world"]
