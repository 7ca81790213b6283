"""What a name was at each time: one exclusive state, and the rule that decided."""

from dataclasses import dataclass
from datetime import timedelta

from tracker.analysis.index import HistoryIndex
from tracker.analysis.nameservers import ServerRules
from tracker.model.names import DomainName
from tracker.model.views import StateSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class StatePolicy:
    """How long a definite look speaks for the time after it. Versioned with the rules."""

    version: str = "states-1"
    carry: timedelta = timedelta(days=8)


def states(
    index: HistoryIndex, name: DomainName, rules: ServerRules, policy: StatePolicy | None = None
) -> tuple[StateSpan, ...]:
    """The states of `name` by time. A span's `since` is open at the last look that said otherwise."""
    raise NotImplementedError
