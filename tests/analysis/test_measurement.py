"""The rows of measurement.csv: claims of the 2024 event, the tracker's own evidence, chance, and what is not known."""

import csv
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.histories import Story, at
from tests.analysis.results import judged
from tracker.analysis.displacement import count_at, displacement
from tracker.analysis.footing import WINDOWS, closing, footing
from tracker.analysis.measurement import MeasurementRow, PublishedFigure, measure
from tracker.decoders.watchlist import read
from tracker.model.facts import Layer, Presence
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import When
from tracker.model.views import Verdict, Views
from tracker.model.watching import Action, ActionKind, Claim, ClaimKind, Cohort, Source, Takedown

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
ACTION = "doj-2024-09-04"
WANTED = {"1d": (13, 9, 7, 15), "2d": (14, 10, 7, 17), "8d": (15, 16, 14, 17), "30d": (15, 16, 14, 17)}
SOURCES = {"facebook/threat-research": "meta", "VIGINUM-FR/Rapports-Techniques": "viginum"}

Cell = tuple[str, str, str]


def cells(history: History, views: Views, **options: object) -> Mapping[Cell, MeasurementRow]:
    """The rows by (cohort, basis, window)."""
    rows = measure(history, footing(history, views, history.actions[0].action_id), basis_name="observed", **options)  # type: ignore[arg-type]
    return {(row.cohort, row.basis, row.window): row for row in rows}


def nothing(history: History) -> Views:
    """Views without any candidate."""
    return Views(as_of=history.as_of, rules_version="test")


def check_claims(history: History) -> None:
    """The counts of the two lists, and of their agreement, that are known for the 2024 event."""
    rows = cells(history, nothing(history))
    for window, wanted in WANTED.items():
        for basis, count in zip(("claim:meta", "claim:viginum", "claims:both", "claims:either"), wanted, strict=True):
            row = rows[("all", basis, window)]
            assert (row.count_lo, row.count_hi) == (count, count), (basis, window)
            assert row.count_lo == rows[("own_brand", basis, window)].count_lo
            assert rows[("imitated", basis, window)].count_hi == 0
    assert [rows[(cohort, "claims:either", "30d")].of for cohort in ("own_brand", "imitated", "all")] == [19, 13, 32]
    assert [rows[("all", basis, "1d")].unknown for basis in ("claim:meta", "claim:viginum", "claims:both")] == [1, 1, 2]


def test_the_lists_give_the_known_counts_from_the_development_data() -> None:
    """13/9/7/15 on the first day, 17 in either list by the second: from the CSV as compiled."""
    listed = DATA / "doj-2024-09-04-replacements.csv"
    if not listed.exists():
        pytest.skip("the folder with the development data is not here")
    claims = [
        Claim(
            kind=ClaimKind.REPLACES,
            domain=DomainName(row["replacement"]),
            source=Source(SOURCES[row["source"]], row["source"]),
            replaces=DomainName(row["predecessor"]),
            when=When.of(row["registered_on"]),
        )
        for row in csv.DictReader(listed.read_text(encoding="utf-8").splitlines())
    ]
    takedowns = [
        Takedown(
            action_id=ACTION,
            domain=DomainName(row["domain"]),
            cohort=Cohort.OWN_BRAND if row["kind"] == "unique-brand" else Cohort.IMITATED,
            brand=row["impersonates_or_brand"],
        )
        for row in csv.DictReader((DATA / "doj-2024-09-04.csv").read_text(encoding="utf-8").splitlines())
    ]
    action = Action(
        action_id=ACTION, operation_id="o", kind=ActionKind.SEIZURE, authority="a", when=When.of("2024-09-04")
    )
    check_claims(History(as_of=at("2024-10-14"), actions=(action,), takedowns=tuple(takedowns), claims=tuple(claims)))


def test_the_lists_give_the_known_counts_from_the_bundled_watchlist() -> None:
    """The same from the watchlist that ships with the program, with the notice recorded at 15:00."""
    text = (ROOT / "watchlists" / f"{ACTION}.toml").read_text(encoding="utf-8")
    listed = read(text, origin="bundled", since=at("2024-08-28"), label_of=lambda name: name.partition(".")[0])
    check_claims(
        History(
            as_of=at("2024-10-14"),
            actions=listed.actions,
            takedowns=listed.takedowns,
            claims=listed.claims,
            watches=listed.watches,
            taken_down_at={ACTION: at("2024-09-04T15:00")},
        )
    )


def test_a_claim_dated_to_the_day_of_the_action_is_possible_only() -> None:
    """A date cannot say whether it was before or after the announcement of that day."""
    story, key = seized()
    history = claimed(story, "2024-09-04")
    row = cells(history, nothing(history))[("all", "claim:x", "1d")]
    assert key and (row.count_lo, row.count_hi) == (0, 1)


def claimed(story: Story, day: str) -> History:
    """The story with one list that dates rrn.so to a day."""
    claim = Claim(
        kind=ClaimKind.REPLACES,
        domain=DomainName("rrn.so"),
        source=Source("x", "X"),
        replaces=DomainName("rrn.media"),
        when=When.of(day),
    )
    older = replace(claim, domain=DomainName("rrn.world"), when=When.of("2022-06-06"))
    other = replace(claim, kind=ClaimKind.REGISTERED, domain=DomainName("rrn.xyz"), replaces=None)
    return replace(story.history(), claims=(claim, older, other))


def seized() -> tuple[Story, str]:
    """rrn.media and two imitations that share a label, seized on 4 September at 15:00."""
    story = Story(as_of=at("2024-10-14"))
    key = story.predecessor("rrn.media", "2024-08-28")
    story.predecessor("fox-news.top", "2024-08-28", Cohort.IMITATED)
    story.predecessor("fox-news.in", "2024-08-28", Cohort.IMITATED)
    story.action("a", "2024-09-04T15:00")
    story.taken("a", "rrn.media", "fox-news.top", "fox-news.in")
    return story, key


def test_own_evidence_is_counted_by_its_bounds() -> None:
    """Sure when both bounds lie inside, possible when they leave room; what came before the action never counts."""
    story, key = seized()
    story.sweep("2024-09-04T15:00", ["rrn"], ["so", "cc", "pw"], present=["rrn.pw"])
    story.look("rrn.pw", "delegation", "2024-09-04T15:01")
    story.sweep("2024-08-28", ["rrn"], ["to", "pw"], present=["rrn.to"])
    story.look("rrn.to", "delegation", ["2024-08-28", "2024-09-05"])
    story.sweep("2024-09-05T10:00", ["rrn"], ["so", "cc"])
    story.look("rrn.so", "delegation", "2024-09-05T11:00")
    story.look("rrn.cc", "delegation", "2024-09-06T11:00")
    names = ("rrn.so", "rrn.cc", "rrn.to", "rrn.pw")
    history = story.history()
    rows = cells(history, judged(history, {(key, name): Verdict.LIKELY for name in names}))
    day, two = rows[("own_brand", "observed", "1d")], rows[("own_brand", "observed", "2d")]
    assert (day.count_lo, day.count_hi, day.unknown, day.of) == (1, 3, 0, 1)
    assert (two.count_lo, two.count_hi) == (2, 3)
    assert (day.share_lo, day.share_hi) == (1.0, 3.0)
    assert rows[("imitated", "observed", "30d")].count_hi == 0


def test_what_cannot_be_placed_or_judged_is_unknown() -> None:
    """No absence before it, or never seen: possible and unknown. INSUFFICIENT: unknown alone. POSSIBLE: neither."""
    story, key = seized()
    story.look("rrn.so", "delegation", "2024-09-05T11:00")
    story.look("rrn.cc", "delegation", "2024-09-05T11:00")
    story.look("rrn.to", "delegation", "2024-09-01")
    verdicts = {
        (key, "rrn.so"): Verdict.LIKELY,
        (key, "rrn.pw"): Verdict.CONFIRMED,
        (key, "rrn.cc"): Verdict.INSUFFICIENT,
        (key, "rrn.to"): Verdict.INSUFFICIENT,
        (key, "rrn.xyz"): Verdict.POSSIBLE,
    }
    history = story.history()
    row = cells(history, judged(history, verdicts))[("all", "observed", "1d")]
    assert (row.count_lo, row.count_hi, row.unknown) == (0, 2, 3)


def test_a_name_counts_once_however_many_predecessors_it_answers() -> None:
    """fox-news.click answers two seized names that share their label: one replacement, and both were seized."""
    story, _ = seized()
    story.sweep("2024-09-04T15:00", ["fox-news"], ["click"])
    story.look("fox-news.click", "delegation", "2024-09-05T11:00")
    history = story.history()
    keys = [f"predecessor:fox-news.{suffix}" for suffix in ("top", "in")]
    views = judged(history, {(key, "fox-news.click"): Verdict.LIKELY for key in keys})
    row = cells(history, views)[("imitated", "observed", "1d")]
    assert (row.count_lo, row.count_hi, row.of, row.share_lo) == (1, 1, 2, 0.5)
    shown = displacement(history, views, "a", "imitated")
    assert (count_at(shown.lower, at("2024-10-01")), shown.covered_lo, shown.covered_hi) == (1, 2, 2)


def test_registry_dates_are_a_basis_of_their_own() -> None:
    """The date as read, with its precision; a name without one is unknown and possible."""
    story, key = seized()
    for name, day, precision in (
        ("rrn.so", "2024-09-05T09:00:00Z", "second"),
        ("rrn.cc", "2024-09-04T00:00:00Z", "day"),
        ("rrn.to", "2023-02-23T00:00:00Z", "second"),
    ):
        story.look(name, "registration", "2024-09-08", registered_at=day, precision=precision)
    story.look("rrn.pw", "registration", "2024-09-08")
    history = story.history()
    names = ("rrn.so", "rrn.cc", "rrn.to", "rrn.pw")
    row = cells(history, judged(history, {(key, name): Verdict.LIKELY for name in names}))[("all", "registry", "1d")]
    assert (row.layer, row.count_lo, row.count_hi, row.unknown) == (Layer.REGISTERED, 1, 3, 1)


def test_chance_is_measured_on_controls() -> None:
    """One verdict on two control labels gives half a replacement per label, times the labels of the cohort."""
    story, key = seized()
    story.sweep("2024-09-04T15:00", ["abc"], ["so"])
    story.look("abc.so", "delegation", "2024-09-05T11:00")
    history = story.history()
    assert cells(history, nothing(history))[("all", "observed", "1d")].expected_by_chance is None
    first = story.control("abc", "2024-08-28", key)
    story.control("xyz", "2024-08-28", key)
    history = story.history()
    rows = cells(history, judged(history, {(first, "abc.so"): Verdict.LIKELY}))
    assert rows[("own_brand", "observed", "1d")].expected_by_chance == 0.5
    assert rows[("all", "observed", "1d")].expected_by_chance is None  # none for the imitated: not known, not half
    assert rows[("imitated", "observed", "1d")].expected_by_chance is None
    assert rows[("all", "observed", "1d")].count_hi == 0
    assert judged(history, {(first, "abc.so"): Verdict.LIKELY}).replacements == ()


def test_published_figures_and_assumptions_stand_where_they_belong() -> None:
    """The figure on its own cell of the tracker's basis alone; assumptions on judged rows alone."""
    story, _ = seized()
    history = claimed(story, "2024-09-05")
    figure = PublishedFigure(action_id="a", cohort="all", layer=Layer.DELEGATED, window="1d", count=12)
    rows = cells(history, nothing(history), published=[figure], assumed="instants are drawn")
    assert [cell for cell, row in rows.items() if row.published is not None] == [("all", "observed", "1d")]
    assert {basis for (_, basis, _), row in rows.items() if row.assumed} == {"observed", "registry"}
    assert {basis for (_, basis, _), row in rows.items() if row.verdict_min} == {"observed", "registry"}
    assert [window for _, basis, window in rows if basis == "claim:x"] == list(WINDOWS) * 3


def test_an_unknown_action_is_an_error() -> None:
    """Rather than a table of zeros."""
    story, _ = seized()
    with pytest.raises(KeyError):
        footing(story.history(), nothing(story.history()), "b")


LOOKS = st.tuples(st.integers(0, 120), st.sampled_from(["so", "cc", "to"]), st.booleans(), st.booleans())


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["so", "cc", "to"]), st.integers(-20, 100), min_size=3),
    st.lists(LOOKS, max_size=30, unique_by=lambda look: look[:2]),
    st.data(),
)
def test_fewer_looks_never_claim_more(
    births: dict[str, int], looks: list[tuple[int, str, bool, bool]], data: st.DataObject
) -> None:
    """Dropping looks and sweeps never raises a sure count and never lowers a possible one; the truth lies between."""
    kept = [look for look in looks if data.draw(st.booleans())]
    full, fewer = told(births, looks), told(births, kept)
    for window, days in WINDOWS.items():
        row, less = full[("all", "observed", window)], fewer[("all", "observed", window)]
        true = sum(
            at("2024-09-04T15:00") <= born(hours) < at("2024-09-05") + timedelta(days=days) for hours in births.values()
        )
        assert less.count_lo <= row.count_lo <= true <= row.count_hi <= less.count_hi


def born(hours: int) -> object:
    """Births are scripted in hours after the seizure."""
    return at("2024-09-04T15:00") + timedelta(hours=hours)


def told(births: dict[str, int], looks: list[tuple[int, str, bool, bool]]) -> Mapping[Cell, MeasurementRow]:
    """What is measured when names born at some hours are looked at on a schedule; some looks cannot tell."""
    story, key = seized()
    for hours, suffix, swept, unsure in sorted(looks):
        moment = at("2024-09-03T12:00") + timedelta(hours=hours)
        when, name = moment.strftime("%Y-%m-%dT%H:%M"), f"rrn.{suffix}"
        here = moment >= at("2024-09-04T15:00") + timedelta(hours=births[suffix])
        if unsure:
            story.look(name, "delegation", when, Presence.INDETERMINATE)
        elif here:
            story.look(name, "delegation", when)
        elif swept:
            story.sweep(when, ["rrn"], [suffix])
        else:
            story.look(name, "delegation", when, Presence.ABSENT)
    history = story.history()
    return cells(history, judged(history, {(key, f"rrn.{suffix}"): Verdict.LIKELY for suffix in births}))


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["so", "cc", "to"]), st.integers(-20, 100), min_size=3),
    st.lists(LOOKS, max_size=30, unique_by=lambda look: look[:2]),
)
def test_curves_rise_and_agree_with_the_rows(births: dict[str, int], looks: list[tuple[int, str, bool, bool]]) -> None:
    """N(t) never falls, lower never exceeds upper, and at the end of each window the curves give the row's counts."""
    story, key = seized()
    for hours, suffix, _, unsure in sorted(looks):
        moment = at("2024-09-03T12:00") + timedelta(hours=hours)
        here = hours >= 27 + births[suffix]
        presence = Presence.INDETERMINATE if unsure else Presence.PRESENT if here else Presence.ABSENT
        story.look(f"rrn.{suffix}", "delegation", moment.strftime("%Y-%m-%dT%H:%M"), presence)
    history = story.history()
    views = judged(history, {(key, f"rrn.{suffix}"): Verdict.LIKELY for suffix in births})
    shown = displacement(history, views, "a")
    moments = sorted({step.at for step in (*shown.lower, *shown.upper)})
    for curve in (shown.lower, shown.upper):
        assert [step.count for step in curve] == sorted({step.count for step in curve})
    assert all(count_at(shown.lower, moment) <= count_at(shown.upper, moment) for moment in moments)
    rows = cells(history, views)
    for window, days in WINDOWS.items():
        closes = closing(history.actions[0], days)
        row = rows[("all", "observed", window)]
        assert count_at(shown.lower, closes) == row.count_lo
        assert count_at(shown.upper, closes - timedelta(seconds=1)) == row.count_hi
