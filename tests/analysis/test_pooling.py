"""A share over many actions: by hand, and with an interval only where ten actions bear one."""

import numpy as np
import pytest

from tests.analysis.histories import Story, at
from tests.analysis.results import judged
from tracker.analysis.pooling import Pooled, pooled
from tracker.model.views import Verdict


def row(actions: int) -> Pooled:
    """That many actions on two own brands each; of every other action one of the two is back the next day."""
    story = Story(as_of=at("2024-10-14"))
    verdicts = {}
    labels = [f"brand{n}{part}" for n in range(actions) for part in "xy"]
    keys = {label: story.predecessor(f"{label}.media", "2024-08-28") for label in labels}
    for n in range(actions):
        story.action(f"action{n}", "2024-09-04T15:00")
        story.taken(f"action{n}", f"brand{n}x.media", f"brand{n}y.media")
    story.sweep("2024-09-04T16:00", labels, ["so"])
    for n in range(0, actions, 2):
        story.look(f"brand{n}x.so", "delegation", "2024-09-05T09:00")
        verdicts[keys[f"brand{n}x"], f"brand{n}x.so"] = Verdict.LIKELY
    history = story.history()
    own, _ = pooled(history, judged(history, verdicts), 30, np.random.default_rng(1))
    return own


def test_ten_actions_give_an_interval_around_the_share() -> None:
    """Ten of forty domains: a quarter, and limits drawn from whole actions."""
    found = row(20)
    assert (found.actions, found.of, found.with_one_lo, found.with_one_hi) == (20, 40, 10, 10)
    assert (found.share_lo, found.why) == (0.25, "")
    assert found.ci_lo is not None and found.ci_hi is not None
    assert 0.1 < found.ci_lo < 0.25 < found.ci_hi < 0.4
    assert found == row(20), "the same seed gives the same limits"


def test_fewer_say_why_there_is_none() -> None:
    """Nine actions are nine decisions: the share stands, the interval does not."""
    found = row(9)
    assert (found.share_lo, found.ci_lo, found.ci_hi) == (pytest.approx(5 / 18), None, None)
    assert found.why == "9 of the 10 actions that a sampling interval needs"
