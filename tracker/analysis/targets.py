"""What candidates are judged against: the watches with the takedowns that they, or the names they mirror, suffered."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import Bounds
from tracker.model.watching import Cohort, Watch, WatchKind

BRANDS = "brands"
"""Stands for the action where a protected brand has none: all such brands are imitated together."""


@dataclass(frozen=True, slots=True)
class Strike:
    """What candidates are held against: a takedown between `lo` and `hi`, both known, or the day a watch began."""

    action_id: str
    lo: datetime
    hi: datetime
    event: str = "the takedown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A watch as the rules see it. Without strikes nothing can replace it, and no rule about time applies.

    `seat` is the label whose place it takes in the action: its own, or, for a control, its matched predecessor's.
    `since` and `excluded` decide who is a candidate at all, so that base rates move when they do.
    """

    watch_key: str
    kind: WatchKind
    labels: tuple[str, ...]
    seat: str
    cohort: Cohort | None
    origin: DomainName | None
    strikes: tuple[Strike, ...]
    since: datetime
    excluded: tuple[DomainName, ...] = ()

    @property
    def is_control(self) -> bool:
        """Whether it measures chance."""
        return self.kind is WatchKind.CONTROL

    @property
    def is_brand(self) -> bool:
        """Whether it is somebody's brand, which is imitated and not replaced."""
        return self.kind is WatchKind.PROTECTED

    def strike_for(self, moment: datetime) -> Strike:
        """The takedown that a name appearing at `moment` answers: the latest before it, else the first. Needs a
        strike."""
        earlier = [strike for strike in self.strikes if strike.lo <= moment]
        return earlier[-1] if earlier else self.strikes[0]


def targets(history: History) -> dict[str, Target]:
    """Targets by watch key. A control is judged as if its matched predecessor's label were its own."""
    by_key = {watch.key: watch for watch in history.watches}
    strikes = _strikes(history)
    found: dict[str, Target] = {}
    for key in sorted(by_key):
        watch = by_key[key]
        stands_for = by_key.get(watch.matched_to, watch) if watch.kind is WatchKind.CONTROL else watch
        origin = stands_for.name if stands_for.kind is WatchKind.PREDECESSOR else None
        found[key] = Target(
            watch_key=key,
            kind=watch.kind,
            labels=_labels(watch),
            seat=stands_for.label,
            cohort=stands_for.cohort,
            origin=origin,
            strikes=strikes.get(origin, ()) if origin is not None else (),
            since=watch.since,
            excluded=tuple(sorted({*watch.own, *watch.friendly})),
        )
    return found


def _labels(watch: Watch) -> tuple[str, ...]:
    return (watch.label, *(alias for alias in watch.aliases if alias != watch.label))


def _strikes(history: History) -> dict[DomainName, tuple[Strike, ...]]:
    actions = {action.action_id: action for action in history.actions}
    rows: dict[DomainName, list[Strike]] = {}
    for takedown in history.takedowns:
        action = actions.get(takedown.action_id)
        if action is None:
            continue
        announced = action.when.bounds()
        within = _either(takedown.effective, announced)
        rows.setdefault(takedown.domain, []).append(
            Strike(takedown.action_id, within.lo or action.when.at, within.hi or action.when.at)
        )
    return {
        domain: tuple(sorted(found, key=lambda strike: (strike.lo, strike.action_id))) for domain, found in rows.items()
    }


def _either(effective: Bounds, announced: Bounds) -> Bounds:
    """The takedown's own interval, an open side filled from the announcement as long as that does not reverse it."""
    lo = effective.lo or announced.lo
    hi = effective.hi or announced.hi
    if lo is not None and hi is not None and lo > hi:
        lo = hi = effective.lo or effective.hi
    return Bounds(lo, hi)


def predecessors(all_targets: Iterable[Target]) -> tuple[Target, ...]:
    """Targets that name a domain of an operation."""
    return tuple(target for target in all_targets if target.kind is WatchKind.PREDECESSOR)


def brands(all_targets: Iterable[Target]) -> dict[str, Target]:
    """Protected brands by watch key, as their lookalikes are held against them: what is older than the watch is none
    of its business, and what is newer imitates an outlet."""
    return {
        target.watch_key: replace(
            target,
            cohort=Cohort.IMITATED,
            strikes=(Strike(BRANDS, target.since, target.since, "the watch began"),),
        )
        for target in all_targets
        if target.is_brand
    }
