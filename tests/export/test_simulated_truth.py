"""Lives drawn from known laws, seen through polling, sweeps and late discovery, come back at the nominal rate."""

from bisect import bisect_left
from collections.abc import Callable
from datetime import datetime, timedelta
from math import exp, log

import numpy as np
import pytest

from tests.analysis.histories import at
from tracker.analysis.lifetimes import lifetime
from tracker.analysis.survival_bands import band
from tracker.analysis.timeline import Moment, episodes
from tracker.export.lifetable import Lifespan, survival_curve
from tracker.export.rows_counts import aged, lifespans
from tracker.model.facts import Layer, Presence
from tracker.model.names import DomainName
from tracker.model.views import Lifetime
from tracker.stages.cadence import LOOKS

BORN = at("2024-09-01")
DAY = timedelta(days=1)
RUNS, LIVES = 1000, 80
AGE = 30.0

Law = tuple[Callable[[np.random.Generator], float], Callable[[float], float]]
LAWS: dict[str, Law] = {
    "exponential": (lambda rng: rng.exponential(40.0), lambda t: exp(-t / 40.0)),
    "short lives and long ones": (lambda rng: rng.weibull(0.7) * 40.0, lambda t: exp(-((t / 40.0) ** 0.7))),
}


def schedule() -> list[float]:
    """Days after a discovery at which its name is looked at, by the daemon's own cadence."""
    ages = [0.0]
    while ages[-1] < 130:
        ages.append(ages[-1] + LOOKS.interval(ages[-1] * DAY) / DAY)
    return ages


PLAN = schedule()


def seen(length: float, found: float, until: float, swept: float | None) -> Lifetime | None:
    """One life as the product's own fold reads it: found at age `found`, followed until age `until`.

    `swept` is the age of the last sweep that found nothing, negative; None = nobody swept, but the registry dates it.
    """
    if length <= found or found >= until:
        return None

    def moment(age: float, presence: Presence) -> Moment:
        when: datetime = BORN + age * DAY
        return Moment(first=when, last=when, presence=presence)

    dead = bisect_left(PLAN, min(length, until) - found)  # the first look that is not before the end of the life
    moments = [] if swept is None else [moment(swept, Presence.ABSENT)]
    moments += [moment(found + PLAN[place], Presence.PRESENT) for place in dict.fromkeys((0, dead - 1))]
    if length < until:
        gone = found + PLAN[dead]
        moments += [moment(gone, Presence.ABSENT), moment(gone + 0.25, Presence.ABSENT)]
    stated = [BORN] if swept is None else []
    (row,) = episodes(DomainName("rrn.so"), Layer.DELEGATED, moments, registered=stated)
    return lifetime(row)


def sample(draw: Callable[[np.random.Generator], float], rng: np.random.Generator) -> list[Lifetime]:
    """Two of three are caught by daily sweeps, the others noticed weeks late if they live to be noticed."""
    rows: list[Lifetime] = []
    while len(rows) < LIVES:
        until = rng.uniform(40.0, 120.0)
        if rng.random() < 2 / 3:
            phase = rng.uniform(0.0, 1.0)
            row = seen(draw(rng), phase, until, phase - 1.0)
        else:
            row = seen(draw(rng), rng.exponential(15.0), until, None)
        rows += [row] if row is not None else []
    return rows


def limits(spans: tuple[Lifespan, ...]) -> tuple[float, float]:
    """The 95 % limits of the share alive at the age in question."""
    curve = survival_curve(spans)
    row = int(np.searchsorted(curve.table.t, AGE * 86_400, side="right")) - 1
    found = band(curve.surv[row : row + 1], curve.se[row : row + 1])
    return float(found.lo[0]), float(found.hi[0])


@pytest.mark.parametrize("law", LAWS)
def test_intervals_cover_the_truth_as_often_as_they_say(law: str) -> None:
    """In a thousand runs the limits, from the lower of one reading to the upper of the other, hold it in 93 to 97 %."""
    draw, truth = LAWS[law]
    rng = np.random.default_rng(20240904)
    held = 0
    for _ in range(RUNS):
        rows = sample(draw, rng)
        found = [limits(lifespans(rows, bound)) for bound in ("shortest", "longest")]
        held += min(lo for lo, _ in found) <= truth(AGE) <= max(hi for _, hi in found)
    assert 0.93 <= held / RUNS <= 0.97, held / RUNS


def test_late_discovery_does_not_lengthen_life() -> None:
    """A true 37 % at 30 days stays 37 %; with birth put at the day of discovery it would read far above."""
    rng = np.random.default_rng(7)
    scale = 30.0 / log(1 / 0.37) ** (1 / 0.5)
    rows = [
        row
        for _ in range(6000)
        for found in (rng.exponential(20.0) if rng.random() < 0.8 else 0.0,)
        for row in (seen(rng.weibull(0.5) * scale, found, 120.0, None),)
        if row is not None
    ]
    for bound in ("shortest", "longest"):
        assert survival_curve(lifespans(rows, bound)).at(AGE * 86_400) == pytest.approx(0.37, abs=0.03)
    naive = [Lifespan(0, span.exit, span.ended) for span in lifespans(rows, "shortest")]
    assert survival_curve(naive).at(AGE * 86_400) > 0.45


def test_who_has_no_known_age_is_in_no_curve() -> None:
    """A name that was there when somebody first looked, and that no registry dates, may be of any age."""
    moments = [
        Moment(first=BORN + n * DAY, last=BORN + n * DAY, presence=presence)
        for n, presence in enumerate((Presence.PRESENT, Presence.PRESENT, Presence.ABSENT, Presence.ABSENT))
    ]
    (row,) = episodes(DomainName("rrn.so"), Layer.DELEGATED, moments)
    assert not aged(lifetime(row))
    assert lifespans([lifetime(row)], "shortest") == lifespans([lifetime(row)], "longest") == ()
