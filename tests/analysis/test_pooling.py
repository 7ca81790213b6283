"""Shares over many actions: by hand, and with intervals only where ten actions bear them."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pytest

from tests.analysis.histories import Story, at
from tests.analysis.results import judged
from tracker.analysis.coverage import coverage
from tracker.analysis.pooling import ALIKE, Pooled, left_out, pooled
from tracker.model.facts import Layer
from tracker.model.history import History
from tracker.model.views import Verdict, Views
from tracker.model.watching import ActionKind


def seized(actions: int, answered: Collection[int], *, first_seen: str = "2024-09-05T09:00") -> tuple[History, Views]:
    """That many actions on two own brands each; after some of them one of the two is back the next day."""
    story = Story(as_of=at("2024-10-14"))
    verdicts = {}
    labels = [f"brand{n}{part}" for n in range(actions) for part in "xy"]
    keys = {label: story.predecessor(f"{label}.media", "2024-08-28") for label in labels}
    for n in range(actions):
        story.action(f"action{n}", "2024-09-04T15:00")
        story.taken(f"action{n}", f"brand{n}x.media", f"brand{n}y.media")
    story.sweep("2024-08-29", labels, ["so"])
    if first_seen > "2024-09-04T16:00":
        story.sweep("2024-09-04T16:00", labels, ["so"])
    for n in answered:
        story.look(f"brand{n}x.so", "delegation", first_seen)
        verdicts[keys[f"brand{n}x"], f"brand{n}x.so"] = Verdict.LIKELY
    history = story.history()
    return history, judged(history, verdicts)


def rows(history: History, views: Views) -> tuple[Pooled, Pooled, Pooled]:
    """Own brands: domains resampled, actions by Wilson, actions by Clopper and Pearson."""
    one, two, three, *imitated = pooled(history, views, 30, np.random.default_rng(1))
    assert {row.of for row in imitated} == {0}
    return one, two, three


def test_ten_actions_give_an_interval_around_the_share_of_domains() -> None:
    """Ten of forty domains: a quarter, and limits drawn from whole actions."""
    story = seized(20, range(0, 20, 2))
    found = rows(*story)[0]
    assert (found.unit, found.interval, found.actions, found.of) == ("domains", "resampled by action", 20, 40)
    assert (found.with_one_lo, found.with_one_hi, found.share_lo, found.why) == (10, 10, 0.25, "")
    assert found.ci_lo is not None and found.ci_hi is not None
    assert 0.1 < found.ci_lo < 0.25 < found.ci_hi < 0.4
    assert found == rows(*story)[0], "the same seed gives the same limits"


def test_actions_are_independent_and_get_the_intervals_of_a_share() -> None:
    """Ten of twenty actions were answered: what R's prop.test without correction and binom.test say of 10 in 20."""
    _, score, exact = rows(*seized(20, range(0, 20, 2)))
    assert (score.unit, score.of, score.with_one_lo, score.share_lo) == ("actions", 20, 10, 0.5)
    assert (score.interval, score.ci_lo, score.ci_hi) == ("Wilson", pytest.approx(0.299298), pytest.approx(0.700702))
    assert (exact.interval, exact.ci_lo) == ("Clopper-Pearson", pytest.approx(0.271957, abs=1e-6))


@pytest.mark.parametrize(("answered", "kept"), [((), "ci_lo"), (range(12), None)])
def test_actions_that_came_out_alike_are_no_certainty(answered: Collection[int], kept: str | None) -> None:
    """Drawn again they stay alike, so that no limit comes of it; twelve of twelve still allow a quarter to fail."""
    drawn, _, exact = rows(*seized(12, answered))
    assert drawn.why == ALIKE
    assert (drawn.ci_lo, drawn.ci_hi) == (0.0 if kept else None, None)
    assert (exact.ci_lo, exact.ci_hi) == (
        pytest.approx(0.735352 if answered else 0, abs=1e-6),
        pytest.approx(1 if answered else 0.264648, abs=1e-6),
    )


def test_fewer_say_why_there_is_none() -> None:
    """Nine actions are nine decisions: the shares stand, the intervals do not."""
    found = rows(*seized(9, range(0, 9, 2)))
    assert [row.share_lo for row in found] == [pytest.approx(5 / 18), pytest.approx(5 / 9), pytest.approx(5 / 9)]
    assert {(row.ci_lo, row.ci_hi, row.why) for row in found} == {
        (None, None, "9 of the 10 actions that a sampling interval needs")
    }


def test_what_stood_before_the_action_is_no_answer_to_it() -> None:
    """Seen on the third of September, seized on the fourth: it may have answered an earlier action."""
    history, views = seized(2, [0], first_seen="2024-09-03")
    assert rows(history, views)[0].with_one_hi == 0
    assert not any(
        row.possibly for row in coverage(history, views, "action0", "own_brand", Layer.DELEGATED, views.as_of)
    )


def test_actions_that_are_too_young_are_left_out() -> None:
    """Followed for forty days, asked about sixty."""
    history, views = seized(2, [0])
    assert (left_out(history, views, 30), left_out(history, views, 60)) == (0, 2)
    assert pooled(history, views, 60, np.random.default_rng(1))[0].of == 0


def test_one_kind_of_action_may_be_asked_for() -> None:
    """A publication takes nothing down: whoever asks for seizures is not told of it."""
    history, views = seized(3, [0])
    first, *others = history.actions
    told = replace(history, actions=(replace(first, kind=ActionKind.PUBLICATION), *others))
    every, seizures = (
        pooled(told, views, 30, np.random.default_rng(1), kind=kind)[0] for kind in (None, ActionKind.SEIZURE)
    )
    assert (every.actions, every.with_one_lo) == (3, 1)
    assert (seizures.actions, seizures.with_one_lo) == (2, 0)
    assert left_out(told, views, 60, ActionKind.PUBLICATION) == 1
