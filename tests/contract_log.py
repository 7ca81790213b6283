"""What every `Log` must do. A test module gives a `log` fixture (an empty one) and imports these tests."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tracker.model.acts import Complaint, Mute, MuteScope
from tracker.model.facts import (
    Batch,
    CanaryResult,
    Coverage,
    Cursor,
    Gap,
    Layer,
    Observation,
    Presence,
    Reason,
    Review,
    Run,
    Sighting,
    Sweep,
    Technique,
)
from tracker.model.names import DomainName
from tracker.model.times import Bounds, Precision, When
from tracker.model.watching import (
    Action,
    ActionKind,
    Announcement,
    Claim,
    ClaimKind,
    Cohort,
    Operation,
    Pap,
    Source,
    Takedown,
    Tlp,
    Watch,
    WatchKind,
    WatchStatus,
)
from tracker.ports import Log

T0 = datetime(2024, 9, 4, 15, 0, tzinfo=UTC)
SOURCE = Source("doj", "An affidavit, “quoted”", "https://example.org/a?b=c", "p. 7")


def later(**units: float) -> datetime:
    """An instant after the beginning."""
    return T0 + timedelta(**units)


def run(number: int = 1) -> Run:
    """A run of the observing stage."""
    return Run(run_id=f"run-{number}", stage="observe", started_at=T0, vantage="here", versions={"tracker": "0.1.0"})


def look(
    name: str,
    at: datetime,
    presence: Presence = Presence.PRESENT,
    reason: Reason = Reason.DELEGATED,
    facts: Mapping[str, tuple[str, ...]] | None = None,
    artefact_ids: tuple[str, ...] = (),
) -> Observation:
    """A look at the parent."""
    return Observation(
        name=DomainName(name),
        probe="delegation",
        layer=Layer.DELEGATED,
        vantage="here",
        at=at,
        presence=presence,
        reason=reason,
        facts={"ns": ("a.example.net", "b.example.net")} if facts is None else facts,
        artefact_ids=artefact_ids,
    )


def sighting(name: str, at: datetime, **facts: tuple[str, ...]) -> Sighting:
    """A name put forward for a watch."""
    return Sighting(
        watch_key="predecessor:rrn.media",
        name=DomainName(name),
        technique=Technique.SAME_LABEL,
        source="suffixes",
        at=at,
        reason="same label",
        facts=facts,
    )


def takedown(domain: str, brand: str = "RRN") -> Takedown:
    """A domain hit by an action."""
    return Takedown(
        action_id="doj-2024-09-04",
        domain=DomainName(domain),
        cohort=Cohort.OWN_BRAND,
        brand=brand,
        effective=Bounds(T0, None),
        sources=(SOURCE,),
    )


WATCH = Watch(
    kind=WatchKind.PREDECESSOR,
    label="rrn",
    since=later(days=-7),
    name=DomainName("rrn.media"),
    operation_id="doppelganger",
    cohort=Cohort.OWN_BRAND,
    aliases=("Reliable Recent News", "=cmd"),
    own=(DomainName("rrn.world"),),
    tlp=Tlp.AMBER_STRICT,
    pap=Pap.GREEN,
    sources=(SOURCE,),
)


MUTE = Mute(
    scope=MuteScope.SUFFIX, value="so", until=later(days=30), reviewer="ann", reason="a parking wave", at=later(hours=1)
)
COMPLAINT = Complaint(
    name=DomainName("rrn.so"), reported_to="Registrar, Inc.", channel="form", reported=When(T0, Precision.DAY)
)


def test_an_empty_log_has_an_empty_history(log: Log) -> None:
    """Nothing was recorded, nothing is watched, nothing is touched, and no time is made up."""
    assert log.newest() is None
    assert log.watches() == ()
    assert log.touched(None) == frozenset()
    assert log.cursor("ct") is None
    assert log.history().spans == {}
    assert log.history(T0).as_of == T0


def test_everything_comes_back_as_it_was_given(log: Log) -> None:
    """Each noun with each of its fields survives, in the order of its key."""
    action = Action(
        action_id="doj-2024-09-04",
        operation_id="doppelganger",
        kind=ActionKind.SEIZURE,
        authority="DOJ",
        when=When(T0, Precision.DAY),
        sources=(SOURCE, replace(SOURCE, source_id="two")),
    )
    claims = tuple(
        Claim(
            kind=ClaimKind.REGISTERED,
            domain=DomainName(name),
            source=replace(SOURCE, revision="1f3c", first=T0, last=left),
            when=when,
            replaces=replaces,
            raw="5/9",
            tlp=Tlp.AMBER,
            pap=Pap.RED,
        )
        for name, when, replaces, left in (
            ("rrn.so", When(T0, Precision.DAY), DomainName("rrn.media"), later(hours=1)),
            ("spiegel.run", None, None, None),
        )
    )
    announcement = Announcement(
        announcement_id="doj/24-1103",
        title="Justice Department Disrupts",
        url="https://example.org/opa/pr/x",
        published=When(T0, Precision.DAY),
        keywords=("domains", "seize"),
        mentions=(DomainName("washingtonpost.pm"),),
        source=SOURCE,
    )
    gap = Gap(source="rdap", scope="*", first=T0, last=later(hours=1), reason=Reason.TIMEOUT, detail="no answer")
    review = Review(
        watch_key=WATCH.key, name=DomainName("rrn.so"), verdict="CONFIRMED", reviewer="ann", reason="saw it", at=T0
    )
    sweep = Sweep(
        sweep_id="s1",
        technique=Technique.SAME_LABEL,
        source="suffixes",
        layer=Layer.DELEGATED,
        vantage="here",
        first=T0,
        last=later(minutes=3),
        coverage=(
            Coverage(
                labels=("rrn", "ввн"),
                suffixes=("so", "co.uk"),
                canary=CanaryResult.GOOD,
                first=T0,
                last=later(minutes=1, microseconds=7),
                exceptions=(DomainName("rrn.so"),),
            ),
            Coverage(labels=("rrn",), suffixes=("ph",), canary=CanaryResult.WILDCARD, first=T0, last=later(minutes=3)),
        ),
    )
    batch = Batch(
        operations=(Operation("doppelganger", "Doppelgänger"),),
        actions=(action,),
        takedowns=(takedown("rrn.world"), takedown("rrn.media")),
        claims=claims,
        watches=(WATCH,),
        sightings=(sighting("rrn.so", T0, serial=("1", "2")), sighting("rrn.cc", T0)),
        observations=(look("rrn.so", T0, artefact_ids=("abc",)),),
        sweeps=(sweep,),
        gaps=(gap,),
        reviews=(review,),
        announcements=(announcement,),
        mutes=(MUTE,),
        complaints=(COMPLAINT,),
    )
    log.append(run(), batch, T0)
    history = log.history()
    assert history.as_of == T0
    assert history.operations == batch.operations
    assert history.actions == batch.actions
    assert history.takedowns == (takedown("rrn.media"), takedown("rrn.world"))
    assert history.claims == claims
    assert history.watches == log.watches() == (WATCH,)
    assert history.sightings == (sighting("rrn.cc", T0), sighting("rrn.so", T0, serial=("1", "2")))
    assert history.sweeps == (sweep,)
    assert history.gaps == (gap,)
    assert history.reviews == (review,)
    assert history.announcements == (announcement,)
    assert (history.mutes, history.complaints) == ((MUTE,), (COMPLAINT,))
    assert history.runs == (run(),)
    assert history.taken_down_at == {"doj-2024-09-04": T0}
    (span,) = history.spans[DomainName("rrn.so")]
    assert span.looks == (T0,)
    assert span.facts == {"ns": ("a.example.net", "b.example.net")}
    assert span.artefact_ids == ("abc",)
    assert (span.presence, span.reason, span.layer) == (Presence.PRESENT, Reason.DELEGATED, Layer.DELEGATED)


def test_facts_said_again_are_not_new_and_changed_ones_are(log: Log) -> None:
    """A list that is polled daily adds nothing while it says the same; what changes shows from when it was recorded."""
    log.append(run(1), Batch(takedowns=(takedown("rrn.media"),), watches=(WATCH,)), T0)
    paused = replace(WATCH, status=WatchStatus.PAUSED)
    log.append(run(2), Batch(takedowns=(takedown("rrn.media", "Changed"),), watches=(paused,)), later(hours=1))
    log.append(run(3), Batch(takedowns=(takedown("rrn.media"),), watches=(WATCH,)), later(hours=2))
    log.append(run(4), Batch(takedowns=(takedown("rrn.media"),), watches=(WATCH,)), later(hours=3))
    assert [log.history(later(hours=hours)).takedowns[0].brand for hours in (0, 1, 2, 3)] == [
        "RRN",
        "Changed",
        "RRN",
        "RRN",
    ]
    assert log.history(later(minutes=59)).watches == (WATCH,)
    assert log.history(later(minutes=60)).watches == (paused,)
    assert log.watches() == (WATCH,)
    assert log.history().taken_down_at == {"doj-2024-09-04": T0}
    assert len(log.history().runs) == 4


def test_a_late_record_holds_from_its_own_moment(log: Log) -> None:
    """An append whose moment lies before a newer one is part of the history in between, and not of the end."""
    for brand, hours in (("one", 0), ("two", 4), ("two", 2)):
        log.append(run(), Batch(takedowns=(takedown("rrn.media", brand),)), later(hours=hours))
        log.history()
    log.append(run(), Batch(takedowns=(takedown("rrn.media", "three"),)), later(hours=1))
    found = [log.history(later(hours=hours)).takedowns[0].brand for hours in (0, 1, 2, 3, 4)]
    assert found == ["one", "three", "two", "two", "two"]


def test_what_is_read_in_part_is_missing_from_nothing_that_is_read_later(log: Log) -> None:
    """Watches, sightings or the newest moment alone are asked for between two batches: the history holds both whole."""
    log.append(run(1), Batch(watches=(WATCH,), observations=(look("rrn.so", T0),)), T0)
    assert log.newest() == T0
    assert log.watches() == (WATCH,)
    log.append(run(2), Batch(sightings=(sighting("rrn.cc", T0),), observations=(look("rrn.cc", T0),)), later(hours=1))
    assert log.sightings() == (sighting("rrn.cc", T0),)
    assert log.watches() == (WATCH,)
    assert log.touched(T0) >= {"rrn.cc"}
    log.append(run(3), Batch(), later(hours=2))
    assert log.newest() == later(hours=2)
    history = log.history()
    assert sorted(history.spans) == ["rrn.cc", "rrn.so"]
    assert [each.run_id for each in history.runs] == ["run-1", "run-2", "run-3"]
    assert (history.watches, history.sightings) == (log.watches(), log.sightings())


def test_a_sighting_is_new_only_with_new_facts(log: Log) -> None:
    """The same name put forward again for the same reason is no second sighting; another certificate is."""
    log.append(run(1), Batch(sightings=(sighting("rrn.so", T0),) * 2), T0)
    log.append(run(2), Batch(sightings=(sighting("rrn.so", later(hours=1)),)), later(hours=1))
    log.append(run(3), Batch(sightings=(sighting("rrn.so", later(hours=2), serial=("7",)),)), later(hours=2))
    assert [found.at for found in log.history().sightings] == [T0, later(hours=2)]


def test_gaps_reviews_and_sweeps_are_kept_once(log: Log) -> None:
    """A batch that a retry appends twice leaves one row of each; reviews keep the order in which they were given."""
    gap = Gap(source="rdap", scope="so", first=T0, last=T0, reason=Reason.TIMEOUT)
    sweep = Sweep(
        sweep_id="s",
        technique=Technique.EDIT,
        source="edits",
        layer=Layer.DELEGATED,
        vantage="v",
        first=T0,
        last=T0,
        coverage=(Coverage(labels=("a",), suffixes=("b",), canary=CanaryResult.GOOD, first=T0, last=T0),),
    )
    review = Review(
        watch_key="w", name=DomainName("a.b"), verdict="CONFIRMED", reviewer="ann", reason="r", at=later(hours=1)
    )
    overruled = replace(review, verdict="RULED_OUT", at=later(hours=2))
    batch = Batch(gaps=(gap,), sweeps=(sweep,), reviews=(review, overruled))
    log.append(run(1), batch, T0)
    log.append(run(1), batch, later(hours=1))
    history = log.history()
    assert (history.gaps, history.sweeps, history.reviews) == ((gap,), (sweep,), (review, overruled))
    second_part = replace(sweep, coverage=(replace(sweep.coverage[0], suffixes=("c",)),))
    log.append(run(1), Batch(sweeps=(second_part,)), later(hours=2))
    assert log.history().sweeps == (sweep, second_part)


def test_an_answered_complaint_is_the_same_complaint(log: Log) -> None:
    """The answer is appended; what was known before it came is still what was known then."""
    answered = replace(COMPLAINT, answer="suspended", answered=When(later(days=2), Precision.SECOND))
    other = replace(COMPLAINT, channel="mail")
    log.append(run(1), Batch(complaints=(COMPLAINT, other)), T0)
    log.append(run(2), Batch(complaints=(answered,)), later(days=2))
    assert log.history().complaints == (answered, other)
    assert log.history(later(days=1)).complaints == (COMPLAINT, other)


def test_equal_looks_are_one_span(log: Log) -> None:
    """A hundred equal looks are one span; a change of presence, reason or facts begins another."""
    instants = [later(minutes=15 * number) for number in range(100)]
    for number, at in enumerate(instants):
        log.append(run(number), Batch(observations=(look("rrn.so", at),)), at)
    gone = look("rrn.so", later(days=2), Presence.ABSENT, Reason.NXDOMAIN, {})
    unknown = look("rrn.so", later(days=2, hours=1), Presence.INDETERMINATE, Reason.TIMEOUT, {})
    moved = look("rrn.so", later(days=2, hours=2), facts={"ns": ("c.example.net",)})
    log.append(run(100), Batch(observations=(gone, unknown, moved)), later(days=3))
    spans = log.history().spans[DomainName("rrn.so")]
    assert [len(span.looks) for span in spans] == [100, 1, 1, 1]
    assert spans[0].looks == tuple(instants)
    assert [span.presence for span in spans] == [
        Presence.PRESENT,
        Presence.ABSENT,
        Presence.INDETERMINATE,
        Presence.PRESENT,
    ]


def test_a_long_silence_ends_a_span(log: Log) -> None:
    """Nothing is known of months without a look, even when the name looks the same after them."""
    log.append(run(), Batch(observations=(look("rrn.so", T0), look("rrn.so", later(days=90)))), later(days=90))
    assert [span.looks for span in log.history().spans[DomainName("rrn.so")]] == [(T0,), (later(days=90),)]


def test_late_looks_are_kept_and_do_not_disturb(log: Log) -> None:
    """A look that arrives after newer ones has a span of its own, and the newer span goes on."""
    for at, recorded in ((T0, T0), (later(hours=2), later(hours=2))):
        log.append(run(), Batch(observations=(look("rrn.so", at),)), recorded)
    late = look("rrn.so", later(hours=1), Presence.ABSENT, Reason.NXDOMAIN, {})
    log.append(run(), Batch(observations=(late,)), later(hours=3))
    log.append(run(), Batch(observations=(look("rrn.so", later(hours=4)),)), later(hours=4))
    assert [span.looks for span in log.history().spans[DomainName("rrn.so")]] == [
        (T0, later(hours=2), later(hours=4)),
        (later(hours=1),),
    ]


def test_a_look_said_twice_is_one_look(log: Log) -> None:
    """A batch that is appended again does not double the newest look, but keeps the reply that it lacked."""
    log.append(run(), Batch(observations=(look("rrn.so", T0),)), T0)
    log.history()
    log.append(run(), Batch(observations=(look("rrn.so", T0, artefact_ids=("abc",)),)), later(minutes=1))
    (span,) = log.history().spans[DomainName("rrn.so")]
    assert (span.looks, span.artefact_ids) == ((T0,), ("abc",))


def test_history_is_cut_by_when_things_were_recorded(log: Log) -> None:
    """What was looked at early but recorded late was not known in between."""
    log.append(run(1), Batch(observations=(look("rrn.so", T0, artefact_ids=("a",)),)), later(minutes=1))
    second = look("rrn.so", later(minutes=2), artefact_ids=("b",))
    log.append(run(2), Batch(observations=(second,)), later(hours=5))
    log.append(run(3), Batch(sightings=(sighting("rrn.cc", T0),)), later(hours=6))
    assert log.history(T0).spans == {}
    before = log.history(later(hours=5, seconds=-1))
    assert [(span.looks, span.artefact_ids) for span in before.spans[DomainName("rrn.so")]] == [((T0,), ("a",))]
    assert before.runs == (run(1),)
    after = log.history(later(hours=5))
    assert [(span.looks, span.artefact_ids) for span in after.spans[DomainName("rrn.so")]] == [
        ((T0, later(minutes=2)), ("a",))
    ]
    assert after.sightings == ()
    assert len(log.history(later(days=900)).sightings) == 1


def test_what_is_appended_is_visible_from_its_moment(log: Log) -> None:
    """Also within a second: `as_of` the very instant of the append shows it."""
    at = later(seconds=1, microseconds=700_000)
    log.append(run(), Batch(sightings=(sighting("rrn.so", T0),)), at)
    assert len(log.history(at).sightings) == 1
    assert log.newest() is not None
    assert log.history(log.newest()) == log.history()
    assert log.history(later(seconds=0)).sightings == ()


def test_touched_names_are_those_with_new_rows(log: Log) -> None:
    """A sighting, a look, a review and a claim touch their name; nothing recorded earlier is missing or added."""
    log.append(run(1), Batch(observations=(look("old.so", T0), look("again.so", T0))), T0)
    assert log.touched(None) == {"old.so", "again.so"}
    review = Review(watch_key="w", name=DomainName("judged.so"), verdict="RULED_OUT", reviewer="a", reason="", at=T0)
    claim = Claim(kind=ClaimKind.BELONGS, domain=DomainName("claimed.so"), source=SOURCE)
    batch = Batch(
        sightings=(sighting("seen.so", T0),),
        observations=(look("again.so", later(minutes=5)),),
        reviews=(review,),
        claims=(claim,),
    )
    log.append(run(2), batch, later(hours=1))
    assert log.touched(later(minutes=1)) == {"seen.so", "again.so", "judged.so", "claimed.so"}
    assert log.touched(later(hours=2)) == frozenset()
    log.append(run(3), Batch(claims=(replace(claim, domain=DomainName("both.so")),)), later(hours=3))
    log.append(run(3), Batch(sightings=(sighting("both.so", T0),)), later(hours=4))
    log.append(run(4), Batch(claims=(replace(claim, domain=DomainName("both.so"), raw="again"),)), later(hours=5))
    assert log.touched(later(hours=4, minutes=1)) == {"both.so"}


def test_nothing_slips_between_two_derivations_of_one_second(log: Log) -> None:
    """What is appended in the second of a history, but after it was read, counts as recorded after it."""
    log.append(run(1), Batch(sightings=(sighting("one.so", T0),)), T0)
    assert log.history(T0).as_of == T0
    log.append(run(2), Batch(sightings=(sighting("two.so", T0),)), T0)
    assert log.touched(T0) == {"two.so"}


def test_the_cursor_travels_with_its_batch(log: Log) -> None:
    """A cursor is where the last stored batch left it, per source."""
    log.append(run(1), Batch(cursor=Cursor("ct", '{"index": 7}')), T0)
    log.append(run(2), Batch(cursor=Cursor("list", "etag")), T0)
    log.append(run(3), Batch(cursor=Cursor("ct", '{"index": 9}')), later(hours=1))
    assert log.cursor("ct") == Cursor("ct", '{"index": 9}')
    assert log.cursor("list") == Cursor("list", "etag")
    assert log.cursor("other") is None


def test_a_batch_that_cannot_be_stored_leaves_nothing(log: Log) -> None:
    """A naive instant anywhere in a batch stops all of it, cursor and run included."""
    naive = T0.replace(tzinfo=None)
    good = Batch(observations=(look("rrn.so", T0),), cursor=Cursor("ct", "1"))
    with pytest.raises(ValueError, match="naive"):
        log.append(run(), replace(good, sightings=(sighting("rrn.cc", T0), sighting("rrn.so", naive))), T0)
    with pytest.raises(ValueError, match="naive"):
        log.append(run(), replace(good, observations=(look("rrn.cc", T0), look("rrn.so", naive))), T0)
    assert log.newest() is None
    assert log.cursor("ct") is None
    assert log.history().runs == ()
    log.append(run(), good, T0)
    assert len(log.history().spans) == 1


def test_a_naive_moment_of_recording_is_refused(log: Log) -> None:
    """Guessing a zone would move everything by hours."""
    with pytest.raises(ValueError, match="naive"):
        log.append(run(), Batch(), T0.replace(tzinfo=None))
