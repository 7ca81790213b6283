"""All views from the log, from scratch or from what changed; both give the same result."""

import json
from collections.abc import Collection
from dataclasses import dataclass

from tracker.analysis import linking, timing
from tracker.analysis.baserates import base_rates
from tracker.analysis.displacement import replacements
from tracker.analysis.index import HistoryIndex, index
from tracker.analysis.linking import Linked
from tracker.analysis.policy import POLICY, Policy
from tracker.analysis.timing import Timing
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.views import Views


@dataclass(frozen=True, slots=True)
class Memory:
    """What the last derivation rested on beyond each name's own facts: when it moves, all names are derived anew."""

    digest: str
    sweeps: frozenset[str]

    def as_text(self) -> str:
        """JSON for a note in the work tables."""
        return json.dumps({"digest": self.digest, "sweeps": sorted(self.sweeps)})

    @classmethod
    def from_text(cls, text: str) -> "Memory":
        """The inverse of `as_text`; raises ValueError for anything else."""
        state = json.loads(text)
        return cls(state["digest"], frozenset(state["sweeps"]))


def subjects(found: HistoryIndex) -> frozenset[DomainName]:
    """Every name that has a life of its own in the views: those looked at, sighted, watched or taken down."""
    history = found.history
    names = {*history.spans, *found.sightings, *(takedown.domain for takedown in history.takedowns)}
    return frozenset(names | {watch.name for watch in history.watches if watch.name is not None})


@dataclass(frozen=True, slots=True)
class Judge:
    """How views are derived: the public suffixes and the policy that is applied."""

    suffixes: Suffixes
    policy: Policy = POLICY

    def derive(self, history: History) -> tuple[Views, Memory]:
        """Every view of a history, from scratch."""
        return self._derive(history, None, None, frozenset())

    def derive_again(
        self, history: History, previous: Views, memory: Memory, touched: Collection[DomainName]
    ) -> tuple[Views, Memory]:
        """The views after more was recorded; `touched` are the names with new rows since `previous`.

        Names that only a sweep spoke of are found here; all is derived anew when base rates, rules or watches changed.
        """
        return self._derive(history, previous, memory, touched)

    def _derive(
        self, history: History, previous: Views | None, memory: Memory | None, touched: Collection[DomainName]
    ) -> tuple[Views, Memory]:
        found = index(history)
        rates = base_rates(history, self.suffixes, found, self.policy.servers)
        now = Memory(
            f"{self.policy.rules_version}/{self.policy.servers.version}/{found.digest}/{rates.digest}", found.sweep_ids
        )
        everyone = subjects(found)
        if previous is None or memory is None or memory.digest != now.digest:
            linked = linking.link_names(history, None, rates, self.suffixes, self.policy, found)
            timed = timing.derive_timing(found, everyone, linked.candidates, self.policy.servers)
        else:
            changed = frozenset(touched) & everyone | timing.swept(found, everyone, memory.sweeps)
            fresh = linking.link_names(history, changed, rates, self.suffixes, self.policy, found)
            linked = linking.merge(_linked(previous), fresh, changed)
            retimed = timing.derive_timing(found, changed, linked.candidates, self.policy.servers)
            timed = timing.merge(_timed(previous), retimed, changed)
        views = Views(
            as_of=history.as_of,
            rules_version=self.policy.rules_version,
            candidates=linked.candidates,
            evidence=linked.evidence,
            assessments=linked.assessments,
            states=timed.states,
            episodes=timed.episodes,
            lifetimes=timed.lifetimes,
            appearances=timed.appearances,
            replacements=replacements(history, linked.candidates, linked.assessments, timed.appearances),
        )
        return views, now


def _linked(views: Views) -> Linked:
    return Linked(candidates=views.candidates, evidence=views.evidence, assessments=views.assessments)


def _timed(views: Views) -> Timing:
    return Timing(
        states=views.states, episodes=views.episodes, lifetimes=views.lifetimes, appearances=views.appearances
    )
