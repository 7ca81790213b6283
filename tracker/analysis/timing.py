"""States, episodes, lifetimes and appearances of some names: the part of derivation that each name decides for itself."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from tracker.analysis.index import HistoryIndex
from tracker.analysis.nameservers import ServerRules
from tracker.analysis.states import StatePolicy
from tracker.analysis.timeline import TimelinePolicy
from tracker.model.names import DomainName
from tracker.model.views import Appearance, Candidate, Episode, Lifetime, StateSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Results for a set of names, each tuple sorted by key as `Views` wants it."""

    states: tuple[StateSpan, ...] = ()
    episodes: tuple[Episode, ...] = ()
    lifetimes: tuple[Lifetime, ...] = ()
    appearances: tuple[Appearance, ...] = ()


def derive_timing(
    index: HistoryIndex,
    names: Collection[DomainName],
    candidates: Iterable[Candidate],
    rules: ServerRules,
    *,
    state_policy: StatePolicy | None = None,
    timeline_policy: TimelinePolicy | None = None,
) -> Timing:
    """Derive `names` (appearances for those of the `candidates` whose name is among them), each from its own facts, the sweeps and `index.digest`."""
    raise NotImplementedError


def merge(previous: Timing, fresh: Timing, names: Collection[DomainName]) -> Timing:
    """`previous` with everything about `names` replaced by `fresh`; equal to deriving from scratch when `names` held all that changed."""
    raise NotImplementedError


def swept(index: HistoryIndex, names: Iterable[DomainName], known_sweeps: Collection[str]) -> frozenset[DomainName]:
    """Those of `names` that a sweep outside `known_sweeps` (ids) proved absent: they must be derived again although nothing else touched them."""
    raise NotImplementedError
