"""What a name was at each time: one exclusive state, and the rule that decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter

from tracker.analysis.custody import UNCONFIRMED, Hold, Look, Looked
from tracker.analysis.index import PARKING_KINDS, SEIZURE_KINDS, TEXT_HASH
from tracker.model.facts import Presence
from tracker.model.names import DomainName, is_under
from tracker.model.times import Bounds
from tracker.model.views import State, StateSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class StatePolicy:
    """How long a definite look speaks for the time after it. Versioned with the rules."""

    version: str = "states-2"
    carry: timedelta = timedelta(days=8)


POLICY = StatePolicy()

NOT_SEEN = "unknown.not_seen"

STATE_RULES = {
    "seized.notice": "delegated to a seizure server, and a published action names the domain as seized",
    "seized.banner": "delegated to a seizure server, and its page is a seizure banner",
    "seized.status": "delegated to a seizure server, and the registry shows its three server locks",
    "sinkholed.*": "every name server belongs to a known sinkhole",
    "held.status": "not in the parent zone, and the registry shows serverHold or clientHold",
    "held.*": "every name server belongs to a registrar's suspension or verification service",
    "undelegated.not_registered": "not in the parent zone, and the registry does not know the name",
    "undelegated.leaving": "not in the parent zone, and the registry shows redemptionPeriod or pendingDelete",
    "undelegated.registered": "not in the parent zone, registered, no hold shown",
    "undelegated.registration_unknown": "not in the parent zone; the registry was not asked, or could not tell",
    "not_resolving": "in the parent zone, and its name servers give no address",
    "parked.*": "every name server belongs to a parking, sale or expiry service",
    "parked.page": "its page is a parking or for-sale page",
    "unreachable": "it has an address, and nothing serves there",
    "redirecting": "its page leads to another registrable name",
    "serving_operation": "its page carries a text that a predecessor served before the takedown",
    "serving_clone": "its page says that it belongs to the outlet that is imitated, and that outlet is elsewhere",
    "serving_other": "its page carries another text",
    "unknown.banner": "its page is a seizure banner, but it is not delegated to a seizure server",
    "unknown.seizure_server": "delegated to a seizure server, and nobody else says that it was seized",
    "unknown.delegated": "in the parent zone; nothing above was looked at",
    "unknown.resolving": "it has an address; its page was not looked at, or could not be read",
    NOT_SEEN: "only looks that could not tell, for longer than one look speaks for",
}
"""Every rule id that a state can carry, with its meaning; `*` stands for the id of the name-server row that matched."""


def states(looked: Looked, held: Sequence[Hold], policy: StatePolicy = POLICY) -> tuple[StateSpan, ...]:
    """The states of a name by time; `held` is its custody.

    A span's `since` is open at the last look that said otherwise, and closed at the first that said so; looks that
    could not tell bound nothing.
    """
    found: list[StateSpan] = []
    open_: _Open | None = None
    for moment, last, state, rule_id, otherwise in _Reader(looked, policy).read(held):
        if open_ is not None and open_.state is state and open_.rule_id == rule_id:
            open_.last = max(open_.last, last)
            continue
        if open_ is not None:
            found.append(open_.closed(looked.name))
        lo = next((span.last for span in reversed(found) if span.rule_id != NOT_SEEN), None)
        lo = otherwise if lo is not None and otherwise is not None and otherwise < lo else lo
        since = Bounds(lo if lo is None else min(lo, last), last)
        open_ = _Open(state, rule_id, since, max(moment, last))
    return (*found, open_.closed(looked.name)) if open_ is not None else ()


@dataclass(slots=True)
class _Open:
    """A state that may last on."""

    state: State
    rule_id: str
    since: Bounds
    last: datetime

    def closed(self, name: DomainName) -> StateSpan:
        return StateSpan(name=name, state=self.state, since=self.since, last=self.last, rule_id=self.rule_id)


_Decision = tuple[datetime, datetime, State, str, datetime | None]
"""First and last moment, state and rule; and the look at the delegation before, where it alone tells this state from
the one before: what was seen of addresses and pages meanwhile does not say that the delegation still stood."""


class _Reader:
    """Walks all looks by time, keeping for each layer the newest definite one that still speaks."""

    def __init__(self, looked: Looked, policy: StatePolicy) -> None:
        self._name = looked.name
        self._carry = policy.carry
        self._operation_pages = looked.index.operation_pages
        self._addresses = [look for look in looked.addresses if look.presence is not Presence.INDETERMINATE]
        self._pages = [look for look in looked.pages if look.presence is not Presence.INDETERMINATE]
        self._hold: Hold | None = None
        self._address: Look | None = None
        self._page: Look | None = None

    def read(self, held: Sequence[Hold]) -> list[_Decision]:
        """One decision per look that could tell something."""
        events: list[tuple[datetime, Hold | None, Look | None, bool]] = [
            (hold.first, hold, None, False) for hold in held
        ]
        events += [(look.first, None, look, False) for look in self._addresses]
        events += [(look.first, None, look, True) for look in self._pages]
        events.sort(key=itemgetter(0))  # of one instant in this order
        decisions: list[_Decision] = []
        for moment, hold, look, is_page in events:
            if hold is not None:
                before = self._hold
                decided = self._delegation(hold)
                if decided is not None:
                    otherwise = before.last if before is not None and hold.state is not None else None
                    decisions.append((moment, hold.last, *decided, otherwise))
                continue
            if is_page:
                self._page = look
            else:
                self._address = look
            decided = None if self._held() else self._decide(moment)
            if decided is not None:
                decisions.append((moment, moment, *decided, None))
        return decisions

    def _delegation(self, hold: Hold) -> tuple[State, str] | None:
        if hold.alive is None:
            stale = self._hold is None or hold.first - self._hold.last > self._carry
            return (State.UNKNOWN, NOT_SEEN) if stale else None
        if self._hold is None or self._hold.run != hold.run:
            self._address = self._page = None  # what was behind the former delegation says nothing of this one
        self._hold = hold
        return self._decide(hold.first)

    def _held(self) -> bool:
        """Whether the delegation alone decides: then no look at addresses or pages says that it is still so."""
        return self._hold is not None and self._hold.state is not None

    def _decide(self, moment: datetime) -> tuple[State, str] | None:
        hold = self._hold
        if hold is None or moment - hold.last > self._carry:
            return None
        if hold.state is not None:
            return hold.state, hold.rule_id
        address = self._fresh(self._address, moment)
        page = self._fresh(self._page, moment)
        if address is not None and address.presence is Presence.ABSENT:
            return State.NOT_RESOLVING, "not_resolving"
        if page is not None:
            return self._content(page)
        if hold.rule_id == UNCONFIRMED:
            return State.UNKNOWN, "unknown.seizure_server"
        return State.UNKNOWN, "unknown.delegated" if address is None else "unknown.resolving"

    def _content(self, page: Look) -> tuple[State, str]:
        kinds = frozenset(page.facts.get("kind", ()))
        hosts = page.facts.get("final_host", ())
        if page.presence is Presence.ABSENT:
            return State.UNREACHABLE, "unreachable"
        if kinds & SEIZURE_KINDS:
            return State.UNKNOWN, "unknown.banner"
        if kinds & PARKING_KINDS:
            return State.PARKED, "parked.page"
        if hosts and not any(is_under(host, self._name) for host in hosts):
            return State.REDIRECTING, "redirecting"
        return self._shown(page)

    def _shown(self, page: Look) -> tuple[State, str]:
        """What a page of somebody's own shows."""
        texts = frozenset(page.facts.get(TEXT_HASH, ()))
        if texts & self._operation_pages:
            return State.SERVING_OPERATION, "serving_operation"
        if page.facts.get("copy_of"):
            return State.SERVING_OPERATION, "serving_clone"
        return (State.SERVING_OTHER, "serving_other") if texts else (State.UNKNOWN, "unknown.resolving")

    def _fresh(self, look: Look | None, moment: datetime) -> Look | None:
        return look if look is not None and moment - look.last <= self._carry else None
