"""Episodes out of the looks of all probes, and incremental derivation against derivation from scratch."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.histories import Story, at
from tracker.analysis.index import index
from tracker.analysis.nameservers import bundled
from tracker.analysis.timing import Timing, derive_timing, merge, swept
from tracker.model.facts import Layer, Presence, Technique
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import Bounds
from tracker.model.views import Candidate, Ending, Episode

NAME = "rrn.so"
HOST = ("ns1.host.example", "ns2.host.example")


def begun() -> Story:
    """rrn.so: absent on 4 September, delegated on the 5th, its text read."""
    story = Story(as_of=at("2025-12-01"))
    story.predecessor("rrn.media", "2024-08-28")
    story.sweep("2024-09-04", ["rrn"], ["so"])
    story.look(NAME, "delegation", ["2024-09-05", "2024-09-06"], ns=HOST)
    return story


def lives(story: Story, layer: Layer = Layer.DELEGATED) -> list[Episode]:
    """The episodes of rrn.so at a layer."""
    timing = derive_timing(index(story.history()), [DomainName(NAME)], (), bundled())
    return [row for row in timing.episodes if row.layer is layer]


def ending(story: Story, layer: Layer = Layer.DELEGATED) -> Ending | None:
    """How the only episode at a layer ended."""
    (row,) = lives(story, layer)
    return row.ending


def test_a_seizure_ends_the_episode_though_the_name_stays_delegated() -> None:
    """One look is enough, and it ends the layers above as well; the registration goes on."""
    story = begun()
    for probe in ("addresses", "page", "registration"):
        story.look(NAME, probe, ["2024-09-05T01:00", "2024-09-06T01:00"])
    story.action("a", "2024-09-10")
    story.taken("a", NAME)
    story.look(NAME, "delegation", ["2024-09-11", "2024-09-12"], ns="ns1.fbi.seized.gov")
    (row,) = lives(story)
    assert (row.end, row.ending) == (Bounds(at("2024-09-06"), at("2024-09-11")), Ending.SEIZED)
    assert ending(story, Layer.RESOLVING) is ending(story, Layer.SERVING) is Ending.SEIZED
    assert ending(story, Layer.REGISTERED) is None


def test_a_suspension_by_name_servers_needs_two_looks() -> None:
    """Failed contact verification is undone within the hour: one look at the waiting room is no end."""
    story = begun()
    story.look(NAME, "delegation", "2024-09-20", ns="ns1.suspended-domain.com")
    assert ending(story) is None
    story.look(NAME, "delegation", "2024-09-20T07:00", ns="ns1.suspended-domain.com")
    assert ending(story) is Ending.HELD


def test_hold_deletion_and_expiry_are_told_apart() -> None:
    """A single NXDOMAIN ends the episode when the registry says why; the stated expiry divides deleted from expired."""
    for presence, status, expiry, expected in (
        (Presence.PRESENT, "serverHold", "2025-09-05", Ending.HELD),
        (Presence.PRESENT, "redemptionPeriod", "2025-09-05", Ending.DELETED),
        (Presence.PRESENT, "pendingDelete", "2024-09-18", Ending.EXPIRED),
        (Presence.ABSENT, "", "2025-09-05", Ending.DELETED),
        (Presence.ABSENT, "", "2024-09-18", Ending.EXPIRED),
    ):
        story = begun()
        story.look(NAME, "registration", "2024-09-06", expires_at=f"{expiry}T00:00:00Z")
        story.sweep("2024-09-20", ["rrn"], ["so"])
        facts = {"status": status} if status else {}
        story.look(NAME, "registration", "2024-09-20T01:00", presence, **facts)
        (row,) = lives(story)
        assert (row.end, row.ending) == (Bounds(at("2024-09-06"), at("2024-09-20T00:05")), expected)


def test_registered_but_undelegated_is_dark_after_two_absences() -> None:
    """Without a hold it may be a change of servers: two absences, and the cause is dark."""
    story = begun()
    story.look(NAME, "registration", "2024-09-20T00:30", status="active")
    story.look(NAME, "delegation", "2024-09-20", Presence.ABSENT)
    assert ending(story) is None
    story.sweep("2024-09-20T08:00", ["rrn"], ["so"])
    assert ending(story) is Ending.DARK


def test_absence_with_an_unknown_registration_ends_for_unknown_reasons() -> None:
    """Two sweeps suffice for the end; why it ended is not known, so it is not called deleted."""
    story = begun()
    story.sweep("2024-09-20", ["rrn"], ["so"])
    story.sweep("2024-09-21", ["rrn"], ["so"])
    assert ending(story) is Ending.UNKNOWN


def test_a_directory_that_forgets_a_delegated_name_does_not_end_its_registration() -> None:
    """A 404 that the zone contradicts is one doubtful absence; one beside NXDOMAIN is an end."""
    story = begun()
    story.look(NAME, "registration", "2024-09-05T12:00")
    story.look(NAME, "registration", "2024-09-06T01:00", Presence.ABSENT)
    assert ending(story, Layer.REGISTERED) is None
    story.look(NAME, "delegation", "2024-09-06T02:00", Presence.ABSENT)
    story.look(NAME, "registration", "2024-09-06T03:00", Presence.ABSENT)
    (row,) = lives(story, Layer.REGISTERED)
    assert (row.end, row.ending) == (Bounds(at("2024-09-06"), at("2024-09-06T01:00")), Ending.DELETED)


def test_a_new_registration_date_divides_two_lives() -> None:
    """Dropped and caught within an hour: no absence long enough, but the registry states another date."""
    story = begun()
    story.look(NAME, "registration", "2024-09-05", registered_at="2024-09-05T00:00:00Z")
    story.look(NAME, "delegation", "2025-09-10T10:00", Presence.ABSENT)
    story.look(NAME, "delegation", "2025-09-10T11:00", ns=HOST)
    assert len(lives(story)) == 1
    story.look(NAME, "registration", "2025-09-10T12:00", registered_at="2025-09-10T10:30:00Z")
    first, second = lives(story)
    assert first.end == Bounds(at("2024-09-06"), at("2025-09-10T10:00"))
    assert second.start == Bounds(at("2025-09-10T10:00"), at("2025-09-10T11:00"))
    assert len(lives(story, Layer.REGISTERED)) == 2


def test_rounded_registration_dates_are_one_date() -> None:
    """Two readings of one date that differ by hours (zone, rounding) begin no new life."""
    story = begun()
    story.look(NAME, "registration", "2024-09-05", registered_at="2024-09-05T09:00:00Z")
    story.look(NAME, "registration", "2024-09-06", registered_at="2024-09-05T22:00:00Z", via="whois")
    assert len(lives(story, Layer.REGISTERED)) == 1


def test_parking_ends_serving_only() -> None:
    """A parked name is delegated and resolves; nothing of the operation is served. Page or servers may tell."""
    story = begun()
    story.look(NAME, "page", "2024-09-05T01:00", text_sha256="ab")
    story.look(NAME, "addresses", "2024-09-05T01:00")
    story.look(NAME, "page", ["2024-09-10", "2024-09-11"], kind="parking")
    assert [ending(story, layer) for layer in (Layer.DELEGATED, Layer.RESOLVING, Layer.SERVING)] == [
        None,
        None,
        Ending.PARKED,
    ]
    story = begun()
    story.look(NAME, "page", "2024-09-05T01:00", text_sha256="ab")
    story.look(NAME, "delegation", ["2024-09-10", "2024-09-11"], ns="ns1.sedoparking.com")
    assert (ending(story), ending(story, Layer.SERVING)) == (None, Ending.PARKED)


def test_another_text_after_the_operations_ends_serving() -> None:
    """Only after the operation's own text was there: a name that never showed it serves what it serves."""
    for known, expected in ((True, Ending.OTHER_CONTENT), (False, None)):
        story = begun()
        if known:
            story.look("rrn.media", "page", "2024-09-01", text_sha256="ab")
        story.look(NAME, "page", "2024-09-05T01:00", text_sha256="ab")
        story.look(NAME, "page", ["2024-09-10", "2024-09-11"], text_sha256="cd")
        assert ending(story, Layer.SERVING) is expected


def test_a_banner_ends_serving() -> None:
    """Whoever put it there, the operation's page is gone."""
    story = begun()
    story.look(NAME, "page", "2024-09-05T01:00", text_sha256="ab")
    story.look(NAME, "page", ["2024-09-10", "2024-09-11"], kind="seizure")
    assert ending(story, Layer.SERVING) is Ending.SEIZED


def test_tls_answers_count_as_serving_where_no_page_was_looked_at() -> None:
    """Without the page probe a TLS answer is the only sign of service; a missing address ends it."""
    story = begun()
    story.look(NAME, "certificate", "2024-09-05T01:00")
    story.look(NAME, "addresses", ["2024-09-10", "2024-09-11"], Presence.ABSENT)
    (row,) = lives(story, Layer.SERVING)
    assert (row.looks, row.ending) == (1, Ending.DARK)


def test_a_certificate_moves_the_start_of_the_lower_layers() -> None:
    """Verified log timestamps bound registration and delegation, not service."""
    story = begun()
    story.logged("predecessor:rrn.media", NAME, "2024-09-04T20:00")
    story.look(NAME, "page", "2024-09-05")
    assert lives(story)[0].start == Bounds(at("2024-09-04"), at("2024-09-04T20:00"))
    assert lives(story, Layer.SERVING)[0].start.hi == at("2024-09-05")


def test_every_episode_has_a_lifetime_and_rows_are_sorted() -> None:
    """One lifetime per episode with the same key, names and layers in order."""
    story = begun()
    story.look("abc.so", "delegation", "2024-09-05", ns=HOST)
    timing = derive_timing(index(story.history()), [DomainName(NAME), DomainName("abc.so")], (), bundled())
    keys = [(row.name, list(Layer).index(row.layer), row.number) for row in timing.episodes]
    assert keys == sorted(keys) == [(row.name, list(Layer).index(row.layer), row.number) for row in timing.lifetimes]
    assert {name for name, _, _ in keys} == {NAME, "abc.so"}


NAMES = ["rrn.so", "rrn.cc", "ukrlm.so"]
EVENTS = st.tuples(
    st.integers(0, 40),
    st.sampled_from(NAMES),
    st.sampled_from(["sweep", "delegation", "addresses", "registration", "page", "logged"]),
    st.sampled_from(Presence),
    st.sampled_from([HOST, ("ns1.fbi.seized.gov",), ("ns1.bodis.com",), ()]),
)


def told(events: list[tuple[int, str, str, Presence, tuple[str, ...]]]) -> Story:
    """A story made of random looks, sweeps and log entries."""
    story = Story(as_of=at("2025-01-01"))
    key = story.predecessor("rrn.media", "2024-08-28")
    for hours, name, what, presence, servers in sorted(events, key=lambda event: event[:3]):
        when = (at("2024-09-01") + timedelta(hours=3 * hours)).strftime("%Y-%m-%dT%H:%M")
        label, _, suffix = name.partition(".")
        if what == "sweep":
            story.sweep(when, [label], [suffix], present=[name] if presence is Presence.PRESENT else [])
        elif what == "logged":
            story.logged(key, name, when)
        else:
            facts = {"ns": servers} if what == "delegation" and servers and presence is Presence.PRESENT else {}
            story.look(name, what, when, presence, **facts)
    return story


CANDIDATES = [
    Candidate(
        watch_key="predecessor:rrn.media",
        name=DomainName(name),
        first_sighted_at=at("2024-09-01"),
        techniques=(Technique.SAME_LABEL,),
        sources=("suffixes",),
    )
    for name in NAMES
]


def scratch(history: History, names: list[DomainName] | None = None) -> Timing:
    """Everything about some names, all by default."""
    wanted = [DomainName(name) for name in NAMES] if names is None else names
    return derive_timing(index(history), wanted, CANDIDATES, bundled())


@settings(max_examples=60, deadline=None)
@given(st.lists(EVENTS, max_size=25), st.lists(st.integers(0, 40), max_size=3))
def test_incremental_equals_from_scratch(
    events: list[tuple[int, str, str, Presence, tuple[str, ...]]], cuts: list[int]
) -> None:
    """Deriving only touched and swept names after each run gives what deriving everything gives, at any as_of."""
    story = told(events)
    timing = scratch(replace(story.history(at("2024-08-30"))))
    known: frozenset[str] = frozenset()
    before = story.history(at("2024-08-30"))
    for cut in [*sorted(cuts), 41]:
        now = story.history(at("2024-09-01") + timedelta(hours=3 * cut, minutes=30))
        indexed = index(now)
        touched = {
            DomainName(name)
            for name in NAMES
            if now.spans.get(DomainName(name)) != before.spans.get(DomainName(name))
            or index(before).sightings.get(DomainName(name)) != indexed.sightings.get(DomainName(name))
        }
        stale = sorted(touched | swept(indexed, [DomainName(name) for name in NAMES], known))
        if indexed.digest != index(before).digest:
            stale = [DomainName(name) for name in NAMES]
        timing = merge(timing, scratch(now, stale), stale)
        assert timing == scratch(now)
        known, before = indexed.sweep_ids, now
