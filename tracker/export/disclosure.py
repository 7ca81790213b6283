"""What may leave the house: the part of log and views that rests on watches marked for sharing.

The filter works on the input, so that nothing computed later can leak a restricted row into a count, a date or a list.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.views import Views
from tracker.model.watching import TLP_ORDER, Tlp, Watch, WatchKind


@dataclass(frozen=True, slots=True)
class Disclosure:
    """How much is shown. `ceiling` is the most restricted TLP let through; `controls` lets strangers' names through."""

    ceiling: Tlp = Tlp.GREEN
    controls: bool = False

    def admits(self, watch: Watch) -> bool:
        """Whether what rests on `watch` may be shown."""
        if watch.kind is WatchKind.CONTROL and not self.controls:
            return False
        return TLP_ORDER.index(watch.tlp) <= TLP_ORDER.index(self.ceiling)


PUBLIC = Disclosure()
"""TLP:CLEAR and TLP:GREEN, no control names."""


def withdrawn(history: History) -> Mapping[DomainName, datetime]:
    """Names that a reviewer called a replacement and later ruled out for the same watch, and when that was."""
    said: dict[tuple[str, DomainName], bool] = {}
    gone: dict[DomainName, datetime] = {}
    for review in sorted(history.reviews, key=lambda review: (review.at, review.watch_key, review.name)):
        key = (review.watch_key, review.name)
        if review.verdict in ("CONFIRMED", "LIKELY"):
            said[key] = True
            gone.pop(review.name, None)
        elif review.verdict == "RULED_OUT" and said.get(key):
            gone[review.name] = review.at
    return gone


def disclosed(history: History, views: Views, disclosure: Disclosure = PUBLIC) -> tuple[History, Views]:
    """Log and views without withdrawn names and what `disclosure` does not admit. Sweeps stay as counts."""
    shown = {watch.key for watch in history.watches if disclosure.admits(watch)}
    hidden_watches = tuple(watch for watch in history.watches if watch.key not in shown)
    gone = withdrawn(history)
    hidden = {watch.name for watch in hidden_watches if watch.name is not None}
    hidden -= {watch.name for watch in history.watches if watch.key in shown}
    takedowns = tuple(row for row in history.takedowns if row.domain not in hidden)
    claims = tuple(
        row
        for row in history.claims
        if row.domain not in hidden | gone.keys() and (row.replaces is None or row.replaces not in hidden)
    )
    sightings = tuple(row for row in history.sightings if row.watch_key in shown and row.name not in gone)
    candidates = tuple(row for row in views.candidates if row.watch_key in shown and row.name not in gone)
    known = {row.domain for row in takedowns} | {row.domain for row in claims}
    known |= {watch.name for watch in history.watches if watch.key in shown and watch.name is not None}
    known |= {row.name for row in sightings} | {row.name for row in candidates}
    secret = {watch.label for watch in hidden_watches} | hidden
    actions = {row.action_id for row in takedowns}
    return (
        replace(
            history,
            actions=tuple(row for row in history.actions if row.action_id in actions),
            takedowns=takedowns,
            claims=claims,
            watches=tuple(watch for watch in history.watches if watch.key in shown),
            sightings=sightings,
            spans={name: spans for name, spans in history.spans.items() if name in known},
            gaps=tuple(gap for gap in history.gaps if not any(word in gap.scope for word in secret)),
            reviews=tuple(row for row in history.reviews if row.watch_key in shown),
        ),
        replace(
            views,
            candidates=candidates,
            evidence=tuple(row for row in views.evidence if row.watch_key in shown and row.name in known),
            assessments=tuple(row for row in views.assessments if row.watch_key in shown and row.name in known),
            states=tuple(row for row in views.states if row.name in known),
            episodes=tuple(row for row in views.episodes if row.name in known),
            lifetimes=tuple(row for row in views.lifetimes if row.name in known),
            appearances=tuple(row for row in views.appearances if row.watch_key in shown and row.name in known),
            replacements=tuple(
                row
                for row in views.replacements
                if row.action_id in actions and row.name in known and row.predecessor not in hidden
            ),
        ),
    )
