"""Lists that others publish: rows become claims with their provenance, and doubtful lists are held back."""

import json
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from tests.feeds.server import HOST, Published, client
from tests.feeds.test_watchlist import Reader
from tests.stages.fakes import NOW
from tests.virtual import on_virtual_time
from tracker.feeds import FEEDS, kind_and_location
from tracker.feeds.memory import Memory
from tracker.lab.http import Request, Response
from tracker.model.facts import Batch, Reason
from tracker.model.times import iso
from tracker.model.watching import ClaimKind, Pap, Tlp, WatchKind

LISTS = Path(__file__).parent.parent / "decoders" / "lists"
HEADER = "Tactic,Technique,Procedure,Indicator,Comments\n"


def sample(name: str) -> str:
    """A sample of a published list."""
    return (LISTS / name).read_text(encoding="utf-8")


def row(name: str, comment: str = "") -> str:
    """A row of Meta's."""
    return f'0. Acquiring assets,0.6 Acquiring domains,0.6.2,{name},"{comment}"\n'


def polled(entry: str, *texts: str) -> tuple[Reader, list[Batch], Published]:
    """Poll an entry an hour apart while the server publishes these texts; the batch of each poll that had any."""
    reader, published = Reader(entry), Published()

    async def main() -> list[Batch]:
        batches: list[Batch] = []
        async with client(published) as http:
            for text in texts:
                published.text = text
                batches += await reader.poll(http)
        return batches

    return reader, on_virtual_time(main()), published


def test_rows_become_claims_and_nothing_is_watched() -> None:
    """Whose name it is said to be, since when, in which row of which version of which file, and in which words."""
    url = f"http://{HOST}/Q2_2023_network.csv"
    _, (batch,), _ = polled(f"meta:{url}", sample("meta-comments.csv"))
    assert (batch.watches, batch.takedowns, batch.sightings) == ((), (), ())
    claim = next(claim for claim in batch.claims if claim.domain == "welt.pm")
    assert (claim.kind, claim.when and iso(claim.when.at)) == (ClaimKind.REGISTERED, "2024-01-11T00:00:00Z")
    assert claim.raw.startswith("welt[.]pm | Domains spoofing")
    source = claim.source
    assert (source.url, source.place, len(source.revision)) == (url, f"{url}, row 6", 12)
    assert source.source_id.startswith("meta:Q2_2023_network.")
    assert len({claim.source.source_id for claim in batch.claims}) == 1


def test_names_are_registrable_and_nobodys_platform() -> None:
    """A host below a site is the site's; a platform is left out; below a public registry somebody owns the name."""
    text = HEADER + row("news.example[.]com") + row("channel.t[.]me") + row("shop.blogspot[.]com") + row("co[.]uk")
    _, (batch,), _ = polled(f"meta:http://{HOST}/x.csv", text)
    assert [claim.domain for claim in batch.claims] == ["example.com", "shop.blogspot.com"]


def test_an_unchanged_list_is_asked_for_with_its_tag_and_says_nothing() -> None:
    """304 by ETag; the cursor is noted now and then."""
    text = HEADER + row("a[.]example")
    _, batches, published = polled(f"meta:http://{HOST}/x.csv", text, text, text)
    assert published.statuses == [200, 304, 304]
    assert [len(batch.claims) for batch in batches] == [1, 0, 0]


def test_a_list_that_shrank_is_held_until_a_person_approves() -> None:
    """From four names to one: a gap each time, until somebody says that it is so; then it is applied, once."""
    entry = f"meta:http://{HOST}/x.csv"
    four = HEADER + "".join(row(f"a{number}[.]example") for number in range(4))
    one = HEADER + row("a1[.]example")
    reader, batches, published = polled(entry, four, one, one)
    assert [gap.reason for batch in batches[1:] for gap in batch.gaps] == [Reason.MALFORMED] * 2
    assert reader.state()["held"] == {"names": 1, "since": "2024-09-04T16:00:00Z"}
    assert "shrank from 4 names to 1: not applied" in reader.complaints[-1]

    reader.cursor = Memory.of(entry, "", reader.cursor).approved(reader.clock.at, "AB")
    published.text = one

    async def again() -> list[Batch]:
        async with client(published) as http:
            return [*await reader.poll(http), *await reader.poll(http)]

    applied, after = on_virtual_time(again())
    assert ([claim.domain for claim in applied.claims], applied.gaps, after.claims) == (["a1.example"], (), ())
    assert "held" not in reader.state()
    assert reader.state()["approved"] == {"by": "AB", "at": "2024-09-04T18:00:00Z", "from": 4, "to": 1}
    assert Memory.of(entry, "", reader.cursor).approved(NOW, "AB") is None


@pytest.mark.parametrize(
    ("kind", "text", "reason"),
    [
        ("meta", "<html>maintenance</html>", "no column is called Indicator"),
        ("stix", "{}", "no STIX bundle"),
        ("misp", "{}", "no MISP event"),
        ("cof", "x\n", "no passive DNS"),
        ("hosts", "<html>", "0 rows where at least 1 are expected"),
        ("plain", "# nothing\n", "0 rows where at least 1 are expected"),
        ("ofac", sample("sdn.csv"), "4 rows where at least 5000 are expected"),
        ("plain", "".join(f"a{number}.example\n" for number in range(250_001)), "250001 names where at most 250000"),
    ],
)
def test_a_volume_that_cannot_be_the_list_is_a_gap(kind: str, text: str, reason: str) -> None:
    """An error page with status 200, a cut list, another file: nothing of it is applied."""
    reader, (batch,), _ = polled(f"{kind}:http://{HOST}/x", text)
    assert ([gap.reason for gap in batch.gaps], batch.claims, reader.cursor) == ([Reason.MALFORMED], (), None)
    assert reason in batch.gaps[0].detail


def test_a_file_may_be_as_short_as_its_owner_likes() -> None:
    """An extract of OFAC's list on disk is read; the same over the network would be a cut list."""
    reader = Reader(f"ofac:{LISTS / 'sdn.csv'}")

    async def main() -> list[Batch]:
        async with client() as http:
            return await reader.poll(http)

    (batch,) = on_virtual_time(main())
    assert [claim.domain for claim in batch.claims] == ["southfront.org", "southfront.press", "janedoe.example"]


def test_who_replaced_whom_is_a_claim_of_its_own() -> None:
    """A bundle that says so gives both names and the tie between them, with the marking of the row."""
    _, (batch,), _ = polled(f"stix:http://{HOST}/bundle.json", sample("stix.json"))
    (tie,) = (claim for claim in batch.claims if claim.kind is ClaimKind.REPLACES)
    assert (tie.domain, tie.replaces, tie.tlp) == ("rrn.so", "rrn.media", Tlp.GREEN)


def test_a_first_sight_is_no_day_of_registration() -> None:
    """What replaces another has a date only where a list says when it was registered."""
    _, (batch,), _ = polled(f"misp:http://{HOST}/event.json", sample("misp-event.json"))
    said = {claim.kind: (claim.when and iso(claim.when.at)) for claim in batch.claims if claim.domain == "rrn.so"}
    assert said == {ClaimKind.REPLACES: None, ClaimKind.REGISTERED: "2024-09-05T08:00:00Z"}


@pytest.mark.parametrize(("kind", "file"), [("cof", "cof.jsonl"), ("plain", "sdn.csv"), ("hosts", None)])
def test_each_kind_is_named_in_one_line(kind: str, file: str | None) -> None:
    """`KIND:LOCATION` in the settings is all that a list needs."""
    text = sample(file) if file else "0.0.0.0 a.example\n"
    _, (batch,), _ = polled(f"{kind}:http://{HOST}/x", text)
    assert batch.claims and not batch.watches


def misp_server(events: dict[str, tuple[int, str]], asked: list[str]) -> Published:
    """A MISP feed: a manifest, and an event for each id, with its time of change."""
    whole = json.loads(sample("misp-event.json"))

    def answer(request: Request) -> Response:
        asked.append(request.path.rpartition("/")[2])
        if request.path.endswith("manifest.json"):
            manifest = {uuid: {"info": info, "timestamp": str(stamp)} for uuid, (stamp, info) in events.items()}
            return Response(200, {}, json.dumps(manifest).encode())
        uuid = asked[-1].removesuffix(".json")
        return Response(200, {}, json.dumps({"Event": {**whole["Event"], "uuid": uuid}}).encode())

    return Published(answer=answer)


def test_a_misp_feed_is_read_by_what_changed() -> None:
    """Events are chosen by words, read when new or changed, and each lands with the cursor after it."""
    one, two = (f"5f1d5a5e-000{number}-4a4e-9b1e-0242ac110002" for number in (1, 2))
    events = {one: (10, "Doppelganger"), two: (20, "A trojan")}
    asked: list[str] = []
    reader = Reader(f"misp:http://{HOST}/feed/manifest.json#doppelganger,disinformation")

    async def main(http: httpx.AsyncClient) -> list[list[Batch]]:
        first, again = await reader.poll(http), await reader.poll(http)
        events[one] = (30, "Doppelganger")
        return [first, again, await reader.poll(http)]

    async def serve() -> list[list[Batch]]:
        async with client(misp_server(events, asked)) as http:
            return await main(http)

    first, again, changed = on_virtual_time(serve())
    assert asked == ["manifest.json", f"{one}.json", "manifest.json", "manifest.json", f"{one}.json"]
    claims = [claim for batch in first for claim in batch.claims]
    assert {claim.source.url for claim in claims} == {f"http://{HOST}/feed/{one}.json"}
    assert {claim.pap for claim in claims} == {Pap.AMBER}
    assert not any(batch.claims for batch in again) and any(batch.claims for batch in changed)
    assert all(json.loads(batch.cursor.state)["events"] == {one: 10} for batch in first if batch.cursor)


def test_an_event_out_of_reach_is_a_gap_and_is_asked_again() -> None:
    """The manifest says that it changed, the server does not give it: the next poll tries once more."""
    one = "5f1d5a5e-0001-4a4e-9b1e-0242ac110002"
    asked: list[str] = []
    published = misp_server({one: (10, "x")}, asked)
    working = published.answer
    reader = Reader(f"misp:http://{HOST}/feed/manifest.json")

    async def main() -> list[list[Batch]]:
        async with client(published) as http:
            published.answer = lambda request: working(request) if working and "manifest" in request.path else None
            failed = await reader.poll(http)
            published.answer = working
            return [failed, await reader.poll(http)]

    failed, read = on_virtual_time(main())
    assert [gap.reason for batch in failed for gap in batch.gaps] == [Reason.TIMEOUT]
    assert any(batch.claims for batch in read)


def test_announcements_wait_for_a_person() -> None:
    """A release that sounds like a takedown is announced once; nothing is watched, hit or claimed because of it."""
    entry = f"announcements:http://{HOST}/press_releases.json"
    reply = sample("releases.json")
    reader, (batch, again), _ = polled(entry, reply, reply.replace("0.5", "0.7"))
    (found,) = batch.announcements
    assert (found.announcement_id, found.authority) == ("2024-09-04-24-1103", "Office of Public Affairs")
    assert (batch.claims, batch.watches, batch.takedowns, batch.actions) == ((), (), (), ())
    assert again.announcements == ()
    assert reader.complaints == [
        f"to be imported by hand: {found.title} ({found.url}): tracker announcements draft 2024-09-04-24-1103"
    ]


def test_announcements_are_chosen_by_words_of_ones_own() -> None:
    """Behind the `#` of the entry."""
    _, (batch,), _ = polled(f"announcements:http://{HOST}/press_releases.json#tax+fraud", sample("releases.json"))
    assert [(found.title, found.keywords) for found in batch.announcements] == [
        ("Man Sentenced for Tax Fraud", ("tax+fraud",))
    ]


def test_a_watchlist_points_to_a_published_list(tmp_path: Path) -> None:
    """With an action its names are takedowns and watched, without one they are claims; markings hold for all."""
    head = '[operation]\nid = "op"\n[sources.meta]\ntitle = "Meta"\n'
    action = '[action]\nid = "seizure"\nannounced = "2024-09-04"\nsources = ["meta"]\n'
    there = f'[list]\nlocation = "{LISTS / "meta-blank.csv"}"\nformat = "meta"\nsource = "meta"\ntlp = "TLP:AMBER"\n'
    (tmp_path / "claims.toml").write_text(head + there)
    (tmp_path / "takedowns.toml").write_text(head + action + there)

    async def main() -> list[Batch]:
        async with client() as http:
            readers = [Reader(str(tmp_path / name)) for name in ("claims.toml", "takedowns.toml")]
            return [batch for reader in readers for batch in await reader.poll(http)]

    claimed, taken = on_virtual_time(main())
    assert {(claim.operation_id, claim.source.source_id, claim.tlp) for claim in claimed.claims} == {
        ("op", "meta", Tlp.AMBER)
    }
    assert not claimed.watches
    assert [row.domain for row in taken.takedowns] == ["israelboycottvoice.com", "palestinesupporter.com"]
    assert {(watch.kind, watch.tlp) for watch in taken.watches} == {(WatchKind.PREDECESSOR, Tlp.AMBER)}
    assert not taken.claims


def test_markings_at_the_top_of_a_watchlist_are_inherited(tmp_path: Path) -> None:
    """Rows that say nothing else have the list's TLP and PAP."""
    (tmp_path / "list.toml").write_text(
        'tlp = "TLP:AMBER"\npap = "PAP:RED"\n[sources.x]\ntitle = "x"\n'
        '[[watch]]\nname = "a.example"\nsource = "x"\n'
        '[[watch]]\nname = "b.example"\ntlp = "TLP:GREEN"\nsource = "x"\n'
        '[[claim]]\ndomain = "c.example"\nsource = "x"\n'
    )

    async def main() -> list[Batch]:
        async with client() as http:
            return await Reader(str(tmp_path / "list.toml")).poll(http)

    (batch,) = on_virtual_time(main())
    assert [(row.tlp, row.pap) for row in batch.watches] == [(Tlp.AMBER, Pap.RED), (Tlp.GREEN, Pap.RED)]
    assert [(row.tlp, row.pap) for row in batch.claims] == [(Tlp.AMBER, Pap.RED)]


def test_entries_are_told_apart() -> None:
    """A kind and a location; a location alone is a watchlist; a kind that does not exist is refused."""
    assert kind_and_location("bundled:brands") == ("watchlist", "bundled:brands")
    assert kind_and_location("https://a.example/x:y") == ("watchlist", "https://a.example/x:y")
    assert kind_and_location("lists/mine.toml") == ("watchlist", "lists/mine.toml")
    assert kind_and_location("ofac:https://a.example/SDN.CSV") == ("ofac", "https://a.example/SDN.CSV")
    with pytest.raises(ValueError, match="no list is of the kind 'taxii'; there are watchlist, meta,"):
        kind_and_location("taxii:https://a.example")
    with pytest.raises(ValueError, match="a location has to follow"):
        kind_and_location("meta:")
    assert set(FEEDS) >= {"watchlist", "meta", "misp", "stix", "cof", "plain", "hosts", "ofac", "announcements"}


def test_a_row_in_new_words_keeps_nothing_of_the_old_one() -> None:
    """The feed says what the list says now; what it said before is in the log."""
    texts = [HEADER + row("a[.]example", "first"), HEADER + row("a[.]example", "second")]
    _, (before, after), _ = polled(f"meta:http://{HOST}/x.csv", *texts)
    (old,), (new,) = before.claims, after.claims
    assert (old.key, old.raw, new.raw) == (new.key, "a[.]example | first", "a[.]example | second")
    assert replace(old, raw=new.raw, source=new.source) == new
