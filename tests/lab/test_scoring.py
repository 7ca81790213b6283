"""Scoring: who was called a replacement, against who is one."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tracker.analysis.measurement import MeasurementRow
from tracker.lab.compile import Roster
from tracker.lab.scenario import Expect
from tracker.lab.scoring import Score, score
from tracker.model.facts import Layer
from tracker.model.names import DomainName
from tracker.model.views import Assessment, Verdict, Views

NOW = datetime(2025, 3, 11, tzinfo=UTC)
ROSTER = Roster(
    predecessors=("rrn.media", "rrn.world"),
    successors={"rrn.so": "rrn.media", "rrn.to": "rrn.world", "late.so": "rrn.world"},
    siblings=("rrn.press",),
    innocents=("rrn.de", "rrn.fr"),
)
KNOWN = ("rrn.so", "rrn.to")
"""The successors that appeared early enough to be found; `late.so` is born on the last evening."""
EXPECT = Expect(window="8d")
ROW = MeasurementRow(
    action="seizure",
    cohort="own_brand",
    basis="replay",
    layer=Layer.DELEGATED,
    verdict_min="LIKELY",
    window="8d",
    count_lo=1,
    count_hi=2,
    unknown=0,
    of=2,
    share_lo=0.5,
    share_hi=1.0,
    expected_by_chance=0.0,
    published=None,
    assumed="",
    as_of=NOW,
)


def judged(**verdicts: Verdict) -> Views:
    """Views in which names (dots written as underscores) got these verdicts for one predecessor."""
    return Views(
        as_of=NOW,
        rules_version="test",
        assessments=tuple(
            _assessment("predecessor:rrn.media", name.replace("_", "."), verdict) for name, verdict in verdicts.items()
        ),
    )


def _assessment(key: str, name: str, verdict: Verdict) -> Assessment:
    return Assessment(
        watch_key=key, name=DomainName(name), verdict=verdict, by_rules=verdict, bits=0, prior_bits=-5, families=()
    )


def scored(views: Views, expect: Expect = EXPECT) -> Score:
    """The score of some views."""
    return score(views, [ROW], ROSTER, expect, KNOWN)


def test_all_found_and_nobody_else() -> None:
    """Precision and recall are one, and no expectation is missed."""
    found = scored(judged(rrn_so=Verdict.LIKELY, rrn_to=Verdict.CONFIRMED, rrn_de=Verdict.POSSIBLE))
    assert (found.precision, found.recall, found.failures) == (1.0, 1.0, ())
    assert found.line() == "precision 1.000 recall 1.000 innocents 0 missed 0"


@pytest.mark.parametrize(
    ("name", "group", "words"),
    [
        ("rrn_de", "innocents", "innocents called replacements: rrn.de"),
        ("rrn_press", "siblings", "siblings called replacements: rrn.press"),
        ("other_com", "strangers", "called replacements although nobody in the story: other.com"),
        ("rrn_media", "strangers", "called replacements although nobody in the story: rrn.media"),
    ],
)
def test_a_wrong_name_is_a_failure_in_words(name: str, group: str, words: str) -> None:
    """A bystander, an older sister, somebody unknown, the predecessor itself: each lowers precision and is named."""
    found = scored(judged(rrn_so=Verdict.LIKELY, rrn_to=Verdict.LIKELY, **{name: Verdict.LIKELY}))
    assert getattr(found, group) == (name.replace("_", "."),)
    assert found.failures == (words,)
    assert found.precision == pytest.approx(2 / 3)
    assert found.line().endswith("innocents 1 missed 0")


def test_a_missed_successor_is_a_failure() -> None:
    """POSSIBLE is not enough, and what was never judged is missed as well."""
    found = scored(judged(rrn_so=Verdict.POSSIBLE))
    assert found.missed == ("rrn.so", "rrn.to")
    assert found.failures == ("not LIKELY: rrn.so, rrn.to",)
    assert (found.precision, found.recall) == (None, 0.0)
    assert found.line() == "precision none recall 0.000 innocents 0 missed 2"


def test_a_successor_of_the_last_evening_may_be_missed_but_counts_when_found() -> None:
    """It was born too late to be expected; calling it is no mistake."""
    both = {"rrn_so": Verdict.LIKELY, "rrn_to": Verdict.LIKELY}
    assert scored(judged(**both)).recall == 1.0
    found = scored(judged(**both, late_so=Verdict.LIKELY))
    assert found.failures == ()
    assert "late.so" in found.found


def test_controls_are_not_called() -> None:
    """A LIKELY for a control label measures chance and accuses nobody."""
    views = judged(rrn_so=Verdict.LIKELY, rrn_to=Verdict.LIKELY)
    control = _assessment("control:garden", "garden.so", Verdict.LIKELY)
    assert scored(replace(views, assessments=(*views.assessments, control))) == scored(views)


@pytest.mark.parametrize(("count", "kept"), [(0, False), (1, True), (2, True), (3, False)])
def test_counts_are_expected_within_their_bounds(count: int, kept: bool) -> None:
    """One to two were measured; expecting more or fewer is a failure that names both."""
    views = judged(rrn_so=Verdict.LIKELY, rrn_to=Verdict.LIKELY)
    failures = scored(views, Expect(window="8d", cohorts={"own_brand": count})).failures
    assert failures == (() if kept else (f"own_brand 8d: 1 to 2, expected {count}",))


def test_a_scenario_may_expect_less() -> None:
    """Without `likely` and `never_likely` only strangers remain a failure."""
    views = judged(rrn_de=Verdict.LIKELY, rrn_press=Verdict.LIKELY, other_com=Verdict.LIKELY)
    failures = scored(views, Expect(likely="", never_likely="", window="8d")).failures
    assert failures == ("called replacements although nobody in the story: other.com",)
