"""What every `ViewStore` must do. A test module gives a `views` fixture (an empty one) and imports these tests."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tracker.model.facts import Layer, Technique
from tracker.model.names import DomainName
from tracker.model.times import Bounds
from tracker.model.views import (
    Appearance,
    Assessment,
    Candidate,
    Ending,
    Episode,
    Evidence,
    Family,
    Lifetime,
    Replacement,
    State,
    StateSpan,
    Verdict,
    Views,
)
from tracker.model.watching import Cohort
from tracker.ports import ViewStore

T0 = datetime(2024, 9, 4, 15, 0, 0, 123456, tzinfo=UTC)
NAME = DomainName("rrn.so")
WATCH = "predecessor:rrn.media"

APPEARANCE = Appearance(
    watch_key=WATCH,
    name=NAME,
    layer=Layer.DELEGATED,
    bounds=Bounds(T0, T0 + timedelta(hours=1)),
    lo_witness="sweep s1",
    hi_witness="look at 16:00; „quoted“",
    registered_claimed=None,
)
EPISODE = Episode(
    name=NAME,
    layer=Layer.DELEGATED,
    number=1,
    start=Bounds(None, T0),
    start_basis="sweep",
    entry=T0,
    last_alive=T0,
    end=None,
    ending=None,
    looks=3,
    unknown_looks=0,
    policy="p1",
)
FULL = Views(
    as_of=T0,
    rules_version="r1",
    candidates=(
        Candidate(
            watch_key=WATCH,
            name=NAME,
            first_sighted_at=T0,
            techniques=(Technique.SAME_LABEL, Technique.CERTIFICATE),
            sources=("ct", "suffixes"),
        ),
    ),
    evidence=(
        Evidence(
            watch_key=WATCH,
            name=NAME,
            rule_id="label.rare",
            family=Family.LABEL,
            bits=7.123456789012345,
            sentence="The label is rare.",
            witnesses=("a;b", '"c"'),
        ),
    ),
    assessments=(
        Assessment(
            watch_key=WATCH,
            name=NAME,
            verdict=Verdict.CONFIRMED,
            by_rules=Verdict.LIKELY,
            bits=-0.1,
            prior_bits=-10.0,
            families=(Family.LABEL, Family.REGISTRATION),
            reviewed=True,
            reviewer="ann",
            reason="",
        ),
    ),
    states=(
        StateSpan(name=NAME, state=State.NOT_RESOLVING, since=Bounds(T0, None), last=T0, rule_id="s"),
        StateSpan(name=NAME, state=State.UNKNOWN, since=Bounds(None, None), last=T0, rule_id="s"),
    ),
    episodes=(
        EPISODE,
        replace(EPISODE, number=2, end=Bounds(None, None), ending=Ending.SEIZED),
        replace(EPISODE, number=3, end=Bounds(T0, T0 + timedelta(days=1)), ending=Ending.UNKNOWN),
    ),
    lifetimes=(
        Lifetime(
            name=NAME,
            layer=Layer.DELEGATED,
            number=1,
            shortest=timedelta(days=40, microseconds=1),
            longest=None,
            entry_age=timedelta(0),
            entry_age_hi=timedelta(hours=1),
            dated=False,
            alive=True,
            ending=None,
        ),
    ),
    appearances=(APPEARANCE,),
    replacements=(
        Replacement(
            action_id="doj-2024-09-04",
            predecessor=DomainName("rrn.media"),
            name=NAME,
            cohort=Cohort.OWN_BRAND,
            verdict=Verdict.LIKELY,
            bits=12.5,
            appearances=(APPEARANCE, replace(APPEARANCE, layer=Layer.REGISTERED, registered_claimed=T0)),
            technique=Technique.SAME_LABEL,
            reviewed=False,
        ),
    ),
)


def candidate(number: int, source: str = "ct") -> Candidate:
    """One of many."""
    return replace(FULL.candidates[0], name=DomainName(f"n{number:04}.so"), sources=(source,))


def test_nothing_was_derived_yet(views: ViewStore) -> None:
    """No views is not empty views."""
    assert views.load() is None
    assert views.replacements() == ()


def test_views_come_back_as_they_were(views: ViewStore) -> None:
    """Every part with every field, bounds that are open and bounds that are not there kept apart."""
    views.replace(FULL)
    assert views.load() == FULL
    assert views.replacements() == FULL.replacements


def test_empty_views_are_views(views: ViewStore) -> None:
    """A derivation that found nothing replaces one that found something."""
    views.replace(FULL)
    empty = Views(as_of=T0 + timedelta(hours=1), rules_version="r2")
    views.replace(empty)
    assert views.load() == empty


def test_order_is_kept_through_changes(views: ViewStore) -> None:
    """Rows added in the middle, at both ends, removed, changed or turned around come back in the order given."""
    orders = [
        [5, 10, 15],
        [1, 2, 5, 7, 8, 10, 15, 20],
        [2, 7, 20, 21],
        [21, 20, 7, 2],
        [],
        list(range(0, 300, 3)),
        list(range(300)),
        [3, 3, 4],
        [3, 4, 4, 4],
    ]
    for order in orders:
        wanted = replace(FULL, candidates=tuple(map(candidate, order)))
        views.replace(wanted)
        assert views.load() == wanted


def test_a_change_of_one_row_is_a_change(views: ViewStore) -> None:
    """A row whose key stays and whose content changes is written."""
    views.replace(replace(FULL, candidates=tuple(map(candidate, range(9)))))
    changed = tuple(candidate(number, "other" if number == 4 else "ct") for number in range(9))
    views.replace(replace(FULL, candidates=changed))
    loaded = views.load()
    assert loaded is not None
    assert loaded.candidates == changed
