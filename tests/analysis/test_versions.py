"""One count in its versions, and what surrounds it: lags, blind suffixes, late discoveries."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.analysis.histories import Story, at
from tests.analysis.results import judged
from tracker.analysis.blindness import blindness
from tracker.analysis.coverage import coverage
from tracker.analysis.displacement import ALL, count_at, displacement
from tracker.analysis.footing import WINDOWS, closing, footing
from tracker.analysis.lags import LATER, Lag, Middle, middle
from tracker.analysis.measurement import measure
from tracker.analysis.tallies import LEVELS, Count, Judgement, Scope, counted, placed
from tracker.analysis.triangle import triangle
from tracker.analysis.versions import PRIMARY, Version, versions
from tracker.model.facts import CanaryResult, Layer, Presence
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import Bounds
from tracker.model.views import Family, Verdict, Views
from tracker.model.watching import Cohort


def returned() -> tuple[History, Views]:
    """rrn.media is seized; rrn.so (its label) and recent-news.cc (another) appear next morning, rrn.cc may have."""
    story = Story(as_of=at("2024-10-14"))
    key = story.predecessor("rrn.media", "2024-08-28")
    story.action("a", "2024-09-04T15:00")
    story.taken("a", "rrn.media")
    story.sweep("2024-09-04T16:00", ["rrn", "recent-news"], ["so", "cc"])
    for name in ("rrn.so", "recent-news.cc"):
        story.sight(key, name, "2024-09-05T09:00")
        story.look(name, "delegation", "2024-09-05T09:00")
    story.look("rrn.so", "addresses", ["2024-09-06T09:00"])
    story.look("rrn.cc", "delegation", "2024-09-20T09:00")
    history = story.history()
    verdicts = {
        (key, "rrn.so"): Verdict.LIKELY,
        (key, "recent-news.cc"): Verdict.CONFIRMED,
        (key, "rrn.cc"): Verdict.POSSIBLE,
    }
    return history, judged(history, verdicts)


def version(found: tuple[Version, ...], **wanted: object) -> Version:
    """The version that differs from the primary one as said."""
    choice = replace(PRIMARY, **wanted)  # type: ignore[arg-type]
    return next(row for row in found if row.choice == choice)


def test_the_primary_figure_counts_the_same_label_alone() -> None:
    """A new brand on old infrastructure is a replacement, but not the figure that was named; both are printed."""
    found = versions(footing(*returned(), "a"))
    named = [row for row in found if row.primary]
    assert [(row.count_lo, row.count_hi, row.of) for row in named] == [(1, 1, 1)]
    assert version(found, scope=Scope.ANY).count_lo == 2
    written = measure(returned()[0], footing(*returned(), "a"), basis_name="observed")
    rows = {(row.cohort, row.basis, row.window): row for row in written}
    assert rows["own_brand", "observed", "1d"].count_lo == 2


def test_each_layer_and_level_has_its_own_count() -> None:
    """A POSSIBLE name counts from POSSIBLE up alone, a reviewed one always; what resolved later counts later."""
    found = versions(footing(*returned(), "a"))
    assert version(found, layer=Layer.RESOLVING).count_lo == 0
    assert version(found, layer=Layer.RESOLVING, window="8d").count_hi == 1
    possible = version(found, verdict_min=Verdict.POSSIBLE, window="30d")
    assert (possible.count_lo, possible.count_hi) == (2, 2)
    confirmed = {scope: version(found, verdict_min=Verdict.CONFIRMED, scope=scope).count_hi for scope in Scope}
    assert confirmed == {Scope.SAME_LABEL: 0, Scope.ANY: 1}


def test_every_version_is_there_once() -> None:
    """Three cohorts, two scopes, six readings, four windows; one of them primary."""
    found = versions(footing(*returned(), "a"))
    assert len({row.choice for row in found}) == len(found) == 3 * 2 * 6 * 4
    assert sum(row.primary for row in found) == 1
    with pytest.raises(KeyError):
        footing(*returned(), "no-such")


def test_excess_is_the_count_less_chance() -> None:
    """A control label whose word came back in the same window takes one off; without controls nothing is said."""
    history, views = returned()
    assert version(versions(footing(history, views, "a"))).excess_lo is None
    story = Story(as_of=at("2024-10-14"))
    key = story.predecessor("rrn.media", "2024-08-28")
    control = story.control("abc", "2024-08-28", key)
    story.action("a", "2024-09-04T15:00")
    story.taken("a", "rrn.media")
    story.sweep("2024-09-04T16:00", ["rrn", "abc"], ["so"])
    for name in ("rrn.so", "abc.so"):
        story.look(name, "delegation", "2024-09-05T09:00")
    history = story.history()
    both = {(key, "rrn.so"): Verdict.LIKELY, (control, "abc.so"): Verdict.LIKELY}
    row = version(versions(footing(history, judged(history, both), "a")))
    assert (row.count_lo, row.expected_by_chance, row.excess_lo, row.excess_hi) == (1, 1.0, 0.0, 0.0)
    assert (row.controls, row.chance_hi) == (1, pytest.approx(5.5716, abs=1e-4))


def test_chance_of_both_kinds_needs_controls_of_both() -> None:
    """None on one control of own brands leaves 3.7 of them possible, and says nothing of the two kinds together."""
    story = Story(as_of=at("2024-10-14"))
    key = story.predecessor("rrn.media", "2024-08-28")
    story.predecessor("spiegel.ltd", "2024-08-28", cohort=Cohort.IMITATED)
    story.control("abc", "2024-08-28", key)
    story.action("a", "2024-09-04T15:00")
    story.taken("a", "rrn.media", "spiegel.ltd")
    history = story.history()
    rows = versions(footing(history, judged(history, {}), "a"))
    assert (version(rows).expected_by_chance, version(rows).chance_hi) == (0.0, pytest.approx(3.6889, abs=1e-4))
    (both,) = [row for row in rows if row.choice == replace(PRIMARY, cohort="all")]
    assert (both.expected_by_chance, both.chance_hi, both.controls) == (None, None, 1)


def test_windows_in_one_pass_are_windows_one_by_one() -> None:
    """Sure, possible, open on a side, not judged, sure for another predecessor: counting together changes nothing."""
    opens = Bounds(at("2024-09-04T15"), at("2024-09-04T16"))
    closings = [at(f"2024-09-{day:02}") for day in (6, 7, 13)]
    instants = [None, *(at(f"2024-09-{day:02}T12") for day in (3, 4, 5, 6, 8, 14))]
    rows = [
        Judgement(
            watch_key=("own", "other")[place % 2],
            name=DomainName(f"n{place % 9}.so"),
            verdict=(Verdict.INSUFFICIENT, Verdict.LIKELY, Verdict.POSSIBLE)[place % 3],
            unheard=place % 5 == 0,
            keeps_label=True,
            places={Layer.DELEGATED: Bounds(lo, hi)},
        )
        for place, (lo, hi) in enumerate(
            (lo, hi) for lo in instants for hi in instants if lo is None or hi is None or lo < hi
        )
    ]
    effect = {"own": opens, "other": Bounds(at("2024-09-05"), at("2024-09-06"))}

    def counts(level: Verdict, ends: list[datetime]) -> tuple[Count, ...]:
        return counted(placed(rows, effect, Layer.DELEGATED, ends), len(ends), level)

    for level in LEVELS:
        assert counts(level, closings) == tuple(count for end in closings for count in counts(level, [end]))
    assert counts(Verdict.LIKELY, closings)[-1] != Count(0, 0, 0)


def test_lags_know_what_came_before_and_what_has_not_come() -> None:
    """One domain was replaced in advance, one within a day, one not yet: the median is that of the second."""
    story = Story(as_of=at("2024-10-14"))
    keys = {name: story.predecessor(name, "2024-08-28") for name in ("one.press", "two.press", "three.press")}
    story.action("a", "2024-09-04T15:00")
    story.taken("a", *keys)
    story.sweep("2024-09-01", ["one"], ["so"])
    story.look("one.so", "delegation", "2024-09-02")
    story.sweep("2024-09-05", ["two"], ["so"])
    story.look("two.so", "delegation", "2024-09-05T15:00")
    history = story.history()
    views = judged(
        history, {(keys["one.press"], "one.so"): Verdict.LIKELY, (keys["two.press"], "two.so"): Verdict.LIKELY}
    )
    lags = {lag.predecessor: lag for lag in displacement(history, views, "a").lags}
    assert lags["one.press"].hi is not None
    assert lags["one.press"].hi < timedelta(0)
    assert (lags["three.press"].name, lags["three.press"].hi) == (None, None)
    found = middle(list(lags.values()))
    assert found.days_hi == 1.0
    covered = {row.domain for row in coverage(history, views, "a", ALL, Layer.DELEGATED, views.as_of) if row.possibly}
    assert covered == {"two.press"}, "what stood before covers nothing"


def test_a_verdict_that_wants_a_source_is_possible_alone() -> None:
    """One that a silent source could undo, and one that it could make: curve and coverage say so as the counts do."""
    history, views = returned()
    closes = closing(history.actions[0], WINDOWS["30d"])
    for silent in (set(), {"rrn.so"}, {"rrn.cc"}, {"rrn.so", "recent-news.cc", "rrn.cc"}):
        rows = [replace(row, unheard=(Family.REGISTRATION,) * (row.name in silent)) for row in views.assessments]
        known = replace(views, assessments=tuple(rows))
        curve = displacement(history, known, "a", Cohort.OWN_BRAND.value)
        count = version(versions(footing(history, known, "a")), scope=Scope.ANY, window="30d")
        assert (count_at(curve.lower, closes), count_at(curve.upper, closes)) == (count.count_lo, count.count_hi)
        (domain,) = coverage(history, known, "a", Cohort.OWN_BRAND.value, Layer.DELEGATED, closes)
        assert (domain.surely, domain.possibly) == (count.count_lo > 0, True)
        assert [lag.name for lag in curve.lags] == ["recent-news.cc"], "a time is that of the verdict as it is"


def test_half_of_the_domains_replaced_is_a_median_and_never_a_number_that_is_none() -> None:
    """The first moment at which half have a replacement; one without any bound and one without a replacement give
    nothing to count from."""
    none = Lag(
        predecessor=DomainName("b.press"),
        cohort=Cohort.IMITATED,
        name=None,
        lo=None,
        hi=None,
        followed=at("2024-10-14"),
    )
    soon = replace(none, name=DomainName("a.so"), lo=timedelta(days=1), hi=timedelta(days=2))
    assert middle([soon, none]) == Middle(1.0, 2.0)
    assert middle([replace(soon, lo=None), none]) == Middle(None, 2.0)
    assert middle([replace(soon, lo=None, hi=None), none]) == Middle(None, LATER)


def test_failed_suffixes_are_listed() -> None:
    """A sweep whose canary failed and looks that could not tell are told by suffix; one that answered is not blind."""
    story = Story(as_of=at("2024-10-14"))
    story.sweep("2024-09-05T00:00", ["rrn"], ["so"], canary=CanaryResult.MISSING)
    story.sweep("2024-09-05T01:00", ["rrn"], ["so", "cc", "pw"])
    story.look("rrn.cc", "delegation", ["2024-09-05T01:00", "2024-09-05T02:00"], presence=Presence.INDETERMINATE)
    story.sweep("2024-11-05T01:00", ["rrn"], ["to"])
    found = {row.suffix: row for row in blindness(story.history(), at("2024-09-04"), at("2024-10-05"))}
    assert (found["so"].sweeps, found["so"].sweeps_failed, found["so"].blind) == (2, 1, True)
    assert (found["cc"].looks, found["cc"].looks_unsure) == (2, 2)
    assert not found["pw"].blind
    assert "to" not in found


def test_late_discoveries_stand_in_the_week_in_which_they_appeared() -> None:
    """One name was put forward in its own week, one three weeks later; what cannot have happened yet is a dash."""
    story = Story(as_of=at("2024-09-25"))
    key = story.predecessor("rrn.media", "2024-08-28")
    story.action("a", "2024-09-04")
    story.taken("a", "rrn.media")
    story.sweep("2024-09-04T16:00", ["rrn"], ["so", "cc"])
    for name in ("rrn.so", "rrn.cc"):
        story.look(name, "delegation", "2024-09-05T09:00")
    history = story.history()
    views = judged(history, {(key, name): Verdict.LIKELY for name in ("rrn.so", "rrn.cc")})
    first = {"rrn.so": at("2024-09-06"), "rrn.cc": at("2024-09-24")}
    views = replace(views, candidates=tuple(replace(row, first_sighted_at=first[row.name]) for row in views.candidates))
    (week,) = triangle(views)
    assert (week.monday, week.found) == (at("2024-09-02"), (1, 0, 0, 1, None))


def test_a_name_that_answers_two_domains_stands_in_the_week_in_which_it_was_first_proved() -> None:
    """What is known of its beginning may differ by the domain that it answers; the earlier proof counts, once."""
    _, views = returned()
    (row,) = [row for row in views.replacements if row.name == "rrn.so"]
    late = Bounds(at("2024-09-10"), at("2024-09-11"))
    again = replace(
        row,
        predecessor=DomainName("rrn.zzz"),
        appearances=tuple(replace(one, bounds=late) for one in row.appearances),
    )
    weeks = triangle(replace(views, replacements=(row, again)))
    assert [(week.monday, sum(n or 0 for n in week.found)) for week in weeks] == [(at("2024-09-02"), 1)]
