"""A small builder of histories for tests: who was watched, taken down, swept and looked at, as a frozen History."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tracker.model.facts import (
    CanaryResult,
    Coverage,
    Facts,
    Gap,
    Layer,
    Presence,
    Reason,
    Review,
    Sighting,
    Span,
    Sweep,
    Technique,
)
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import Bounds, When, iso
from tracker.model.views import Verdict
from tracker.model.watching import Action, ActionKind, Cohort, Operation, Takedown, Watch, WatchKind

OPERATION = "operation"
VANTAGE = "lab"
LAYERS = {
    "delegation": Layer.DELEGATED,
    "addresses": Layer.RESOLVING,
    "registration": Layer.REGISTERED,
    "certificate": Layer.SERVING,
    "page": Layer.SERVING,
}
FOUND = {
    "delegation": Reason.DELEGATED,
    "addresses": Reason.ADDRESS,
    "registration": Reason.RDAP_FOUND,
    "certificate": Reason.CERTIFICATE,
    "page": Reason.SERVED,
}
MISSED = {"registration": Reason.RDAP_NOT_FOUND, "addresses": Reason.NO_ADDRESS}


def at(text: str) -> datetime:
    """`2024-09-05`, `2024-09-05T10` or `2024-09-05T10:30` as UTC."""
    return datetime.fromisoformat(text if "T" not in text or ":" in text else text + ":00").replace(tzinfo=UTC)


def facts(**values: str | Iterable[str]) -> Facts:
    """Facts from keyword arguments: text becomes a one-value tuple, anything else is sorted."""
    return {key: (value,) if isinstance(value, str) else tuple(sorted(value)) for key, value in values.items()}


@dataclass
class Story:
    """Collects rows and freezes them with `history()`. Methods return nothing: call them in the order of the tale."""

    as_of: datetime
    watches: list[Watch] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    takedowns: list[Takedown] = field(default_factory=list)
    sweeps: list[Sweep] = field(default_factory=list)
    sightings: list[Sighting] = field(default_factory=list)
    spans: dict[DomainName, list[Span]] = field(default_factory=lambda: defaultdict(list))
    gaps: list[Gap] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)

    def predecessor(
        self, name: str, since: str, cohort: Cohort = Cohort.OWN_BRAND, own: Sequence[str] = (), generation: int = 1
    ) -> str:
        """Watch a known name of the operation; gives the key of the watch."""
        watch = Watch(
            kind=WatchKind.PREDECESSOR,
            label=name.partition(".")[0],
            since=at(since),
            name=DomainName(name),
            operation_id=OPERATION,
            cohort=cohort,
            own=tuple(map(DomainName, own)),
            generation=generation,
        )
        self.watches.append(watch)
        return watch.key

    def protected(self, name: str, since: str) -> str:
        """Watch an imitated brand, without any takedown."""
        watch = Watch(kind=WatchKind.PROTECTED, label=name.partition(".")[0], since=at(since), name=DomainName(name))
        self.watches.append(watch)
        return watch.key

    def control(self, label: str, since: str, matched_to: str) -> str:
        """Watch a control label that mirrors a predecessor's watch."""
        watch = Watch(kind=WatchKind.CONTROL, label=label, since=at(since), matched_to=matched_to)
        self.watches.append(watch)
        return watch.key

    def action(self, action_id: str, when: str, kind: ActionKind = ActionKind.SEIZURE) -> None:
        """Announce an action; `when` as a date has day precision."""
        precise = When(at(when)) if "T" in when else When.of(when)
        self.actions.append(
            Action(action_id=action_id, operation_id=OPERATION, kind=kind, authority="somebody", when=precise)
        )

    def taken(self, action_id: str, *names: str, effective: Bounds | None = None) -> None:
        """The action hits names; their cohort is that of their watch."""
        cohorts = {watch.name: watch.cohort for watch in self.watches}
        for name in names:
            self.takedowns.append(
                Takedown(
                    action_id=action_id,
                    domain=DomainName(name),
                    cohort=cohorts.get(DomainName(name)) or Cohort.OWN_BRAND,
                    brand=name,
                    effective=effective or Bounds(None, None),
                )
            )

    def sweep(
        self,
        when: str,
        labels: Iterable[str],
        suffixes: Iterable[str],
        present: Iterable[str] = (),
        unsure: Iterable[str] = (),
        canary: CanaryResult = CanaryResult.GOOD,
    ) -> None:
        """Ask labels x suffixes within five minutes; `present` and `unsure` are the exceptions, all else is absent.

        Looks at the present names are yours to add with `look`.
        """
        first = at(when)
        last = first + timedelta(minutes=5)
        part = Coverage(
            labels=tuple(sorted(labels)),
            suffixes=tuple(sorted(suffixes)),
            canary=canary,
            first=first,
            last=last,
            exceptions=tuple(sorted(map(DomainName, (*present, *unsure)))),
        )
        self.sweeps.append(
            Sweep(
                sweep_id=f"suffixes@{iso(first)}",
                technique=Technique.SAME_LABEL,
                source="suffixes",
                layer=Layer.DELEGATED,
                vantage=VANTAGE,
                first=first,
                last=last,
                coverage=(part,),
            )
        )

    def sight(
        self, key: str, name: str, when: str, technique: Technique = Technique.SAME_LABEL, **values: str | Iterable[str]
    ) -> None:
        """Put a name forward for a watch."""
        self.sightings.append(
            Sighting(
                watch_key=key,
                name=DomainName(name),
                technique=technique,
                source="certificates" if technique is Technique.CERTIFICATE else "suffixes",
                at=at(when),
                reason="the label is the same",
                facts=facts(**values),
            )
        )

    def logged(self, key: str, name: str, when: str, **values: str | Iterable[str]) -> None:
        """A verified certificate of the name in a transparency log."""
        stated = {"timestamp": iso(at(when)), "verified": "verified", "names": (name, f"www.{name}")}
        self.sight(key, name, when, Technique.CERTIFICATE, **(stated | values))

    def look(
        self,
        name: str,
        probe: str,
        when: str | Sequence[str],
        presence: Presence = Presence.PRESENT,
        reason: Reason | None = None,
        **values: str | Iterable[str],
    ) -> None:
        """One span of equal looks by a probe, at one or several instants."""
        missing = Reason.TIMEOUT if presence is Presence.INDETERMINATE else MISSED.get(probe, Reason.NXDOMAIN)
        usual = FOUND[probe] if presence is Presence.PRESENT else missing
        self.spans[DomainName(name)].append(
            Span(
                name=DomainName(name),
                probe=probe,
                layer=LAYERS[probe],
                vantage=VANTAGE,
                presence=presence,
                reason=reason or usual,
                facts=facts(**values),
                looks=(at(when),) if isinstance(when, str) else tuple(map(at, when)),
            )
        )

    def review(self, key: str, name: str, verdict: Verdict, when: str, *, reviewer: str = "AB") -> None:
        """An analyst's verdict."""
        row = {"verdict": verdict, "reviewer": reviewer, "reason": "seen it"}
        self.reviews.append(Review(watch_key=key, name=DomainName(name), at=at(when), **row))

    def history(self, as_of: datetime | None = None) -> History:
        """Freeze the rows in the order that a History promises, taking every row as recorded when it happened."""
        moment = as_of or self.as_of
        actions = tuple(row for row in self.actions if row.when.at <= moment)
        known = {row.action_id for row in actions}
        spans: dict[DomainName, tuple[Span, ...]] = {}
        for name in sorted(self.spans):
            rows = [cut for span in self.spans[name] if (cut := _cut(span, moment))]
            if rows:
                spans[name] = tuple(sorted(rows, key=lambda span: (span.probe, span.vantage, span.first)))
        return History(
            as_of=moment,
            operations=(Operation(OPERATION, "An operation"),),
            actions=actions,
            takedowns=tuple(row for row in self.takedowns if row.action_id in known),
            watches=tuple(watch for watch in self.watches if watch.since <= moment),
            sightings=tuple(
                sorted(
                    (row for row in self.sightings if row.at <= moment),
                    key=lambda row: (row.watch_key, row.name, row.at),
                )
            ),
            spans=spans,
            sweeps=tuple(sweep for sweep in self.sweeps if sweep.last <= moment),
            gaps=tuple(gap for gap in self.gaps if gap.last <= moment),
            reviews=tuple(review for review in self.reviews if review.at <= moment),
            taken_down_at={row.action_id: row.when.at for row in actions},
        )


def _cut(span: Span, moment: datetime) -> Span | None:
    looks = tuple(look for look in span.looks if look <= moment)
    if not looks:
        return None
    return Span(
        name=span.name,
        probe=span.probe,
        layer=span.layer,
        vantage=span.vantage,
        presence=span.presence,
        reason=span.reason,
        facts=span.facts,
        looks=looks,
        artefact_ids=span.artefact_ids,
    )
