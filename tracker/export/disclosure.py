"""What may leave the house: the part of log and views that rests on watches marked for sharing.

The filter works on the input, so that nothing computed later can leak a restricted row into a count, a date or a list.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from tracker.analysis.retractions import PREFIX, Retraction, What, retractions, withdrawn_names
from tracker.model.facts import Span
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.views import REPLACEMENT_VERDICTS, Evidence, Family, Verdict, Views
from tracker.model.watching import TLP_ORDER, Action, Claim, Takedown, Tlp, Watch, WatchKind

withdrawn = withdrawn_names

WITHHELD = "in words that name somebody else, who is not shown here"
"""In place of a sentence; its weight stays."""

BETWEEN_WORDS = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class Disclosure:
    """How much is shown. `ceiling` is the most restricted TLP let through; `controls` lets strangers' names through.

    `reviewed_only` lets no name through as a replacement, candidate or claim unless an analyst called it one.
    `analysts` lets through who judged and in which words, else they stand as their role.
    """

    ceiling: Tlp = Tlp.GREEN
    controls: bool = False
    reviewed_only: bool = False
    analysts: bool = False

    def admits(self, watch: Watch) -> bool:
        """Whether what rests on `watch` may be shown."""
        if watch.kind is WatchKind.CONTROL and not self.controls:
            return False
        return self.passes(watch.tlp)

    def passes(self, tlp: Tlp) -> bool:
        """Whether something so marked may be shown."""
        return TLP_ORDER.index(tlp) <= TLP_ORDER.index(self.ceiling)


PUBLIC = Disclosure()
"""TLP:CLEAR and TLP:GREEN, no control names."""

PROFILES: Mapping[str, Disclosure] = {
    "shared": PUBLIC,
    "public": Disclosure(Tlp.CLEAR, reviewed_only=True),
    "house": Disclosure(Tlp.RED, controls=True, analysts=True),
}
"""`shared` among those who may read TLP:GREEN, `public` for anybody (reviewed names only), `house` keeps it in."""


def reviewed_names(history: History, views: Views) -> frozenset[DomainName]:
    """Names that an analyst calls a replacement, and those that an action hit or a watch bears: these are public."""
    judged = {row.name for row in views.assessments if row.reviewed and row.verdict in REPLACEMENT_VERDICTS}
    known = {row.domain for row in history.takedowns}
    known |= {row.name for row in history.watches if row.name is not None and row.kind is not WatchKind.CONTROL}
    return frozenset(judged | known)


def disclosed(history: History, views: Views, disclosure: Disclosure = PUBLIC) -> tuple[History, Views]:
    """Log and views without what was retracted and what `disclosure` does not admit. Sweeps stay as counts."""
    shown = {watch.key for watch in history.watches if disclosure.admits(watch)}
    hidden_watches = tuple(watch for watch in history.watches if watch.key not in shown)
    back = retractions(history)
    gone = {row.name for row in back if row.what is What.NAME}
    hidden = {watch.name for watch in hidden_watches if watch.name is not None}
    hidden -= {watch.name for watch in history.watches if watch.key in shown}
    hidden |= gone
    if disclosure.reviewed_only:
        public = reviewed_names(history, views)
        hidden |= {row.name for row in views.candidates if row.name not in public}
        hidden |= {row.domain for row in history.claims if row.domain not in public}
    takedowns = tuple(row for row in history.takedowns if row.domain not in hidden)
    claims = tuple(
        row
        for row in corrected(history.claims, back)
        if disclosure.passes(row.tlp) and row.domain not in hidden and row.replaces not in hidden
    )
    watches = tuple(watch for watch in history.watches if watch.key in shown and watch.name not in gone)
    shown = {watch.key for watch in watches}
    sightings = tuple(row for row in history.sightings if row.watch_key in shown and row.name not in hidden)
    candidates = tuple(row for row in views.candidates if row.watch_key in shown and row.name not in hidden)
    known = {row.domain for row in takedowns} | {row.domain for row in claims}
    known |= {watch.name for watch in watches if watch.name is not None}
    known |= {row.name for row in sightings} | {row.name for row in candidates}
    secret = {watch.label for watch in hidden_watches} | hidden
    actions = {row.action_id for row in takedowns}
    visible = known - hidden
    judged = {(row.watch_key, row.name): row.verdict for row in views.assessments if row.reviewed}
    mentioned = {row.name for row in history.sightings} | {row.name for row in views.candidates}
    mentioned |= {row.domain for row in history.claims}
    unsaid = frozenset(
        {watch.label for watch in hidden_watches} - {watch.label for watch in watches} | hidden | mentioned - visible
    )
    return (
        replace(
            history,
            actions=tuple(
                _sourced(row, takedowns, history.takedowns) for row in history.actions if row.action_id in actions
            ),
            takedowns=takedowns,
            claims=claims,
            watches=watches,
            sightings=sightings,
            spans={name: _silent(spans, unsaid) for name, spans in history.spans.items() if name in known},
            gaps=tuple(gap for gap in history.gaps if not any(word in gap.scope for word in secret)),
            reviews=tuple(row for row in history.reviews if row.watch_key in shown and row.name in known),
            complaints=tuple(row for row in history.complaints if row.name in visible),
        ),
        replace(
            views,
            candidates=candidates,
            evidence=tuple(
                _without(row if disclosure.analysts else _by_role(row, judged), unsaid)
                for row in views.evidence
                if row.watch_key in shown and row.name in known
            ),
            assessments=tuple(row for row in views.assessments if row.watch_key in shown and row.name in known),
            states=tuple(row for row in views.states if row.name in known),
            episodes=tuple(row for row in views.episodes if row.name in known),
            lifetimes=tuple(row for row in views.lifetimes if row.name in known),
            appearances=tuple(row for row in views.appearances if row.watch_key in shown and row.name in known),
            replacements=tuple(
                row
                for row in views.replacements
                if row.action_id in actions and row.name in visible and row.predecessor not in hidden
            ),
        ),
    )


def _sourced(action: Action, shown: Iterable[Takedown], every: Iterable[Takedown]) -> Action:
    """The action without the sources that only its hidden takedowns name."""
    told = {source for row in shown if row.action_id == action.action_id for source in row.sources}
    hidden = {source for row in every if row.action_id == action.action_id for source in row.sources} - told
    return replace(action, sources=tuple(source for source in action.sources if source not in hidden))


HOSTS = {
    "ns": "name_servers",
    "name_servers": "name_servers",
    "mx": "mx",
    "final_host": "final_host",
    "hops": "",
    "copy_of": "copy_of",
}
"""Facts whose values are names of hosts, and their columns: what is seen of one name may name another."""


def _silent(spans: tuple[Span, ...], unsaid: Collection[str]) -> tuple[Span, ...]:
    """The spans without hosts that are, or lie below, a name that must not be told; `withheld` says of which facts."""
    return tuple(_quiet(span, unsaid) for span in spans) if unsaid else spans


def _quiet(span: Span, unsaid: Collection[str]) -> Span:
    kept = {
        key: tuple(host for host in span.facts[key] if not any(name in unsaid for name in _parents(host)))
        for key in HOSTS
        if key in span.facts
    }
    less = [key for key, hosts in kept.items() if len(hosts) < len(span.facts[key])]
    if not less:
        return span
    withheld = (*span.facts.get("withheld", ()), *(HOSTS[key] for key in less if HOSTS[key]))
    return replace(span, facts={**span.facts, **{key: kept[key] for key in less}, "withheld": withheld})


def _parents(host: str) -> Iterator[str]:
    """The host and the names that it lies below, a top-level domain alone left out."""
    labels = host.lower().rstrip(".").split(".")
    return (".".join(labels[first:]) for first in range(len(labels) - 1))


def _by_role(row: Evidence, judged: Mapping[tuple[str, DomainName], Verdict]) -> Evidence:
    """A verdict without the name and the words of who gave it: analysts are no part of the data."""
    if row.family is not Family.ANALYST:
        return row
    witnesses = tuple(f"review:analyst@{witness.rpartition('@')[2]}" for witness in row.witnesses)
    verdict = judged.get((row.watch_key, row.name), "")
    return replace(row, sentence=f"an analyst judged it {verdict}".rstrip(), witnesses=witnesses)


def _without(row: Evidence, unsaid: Collection[str]) -> Evidence:
    """The row with its weight, but silent about others: a sister's name or label can be what must not be told."""
    if not unsaid:
        return row
    witnesses = tuple(witness for witness in row.witnesses if not _said(witness, unsaid))
    if len(witnesses) < len(row.witnesses):
        witnesses = (*witnesses, f"{len(row.witnesses) - len(witnesses)} withheld")
    # a label alone may be an ordinary word: only whole names are looked for in sentences
    names = any("." in word for word in _said(row.sentence, unsaid))
    return replace(row, witnesses=witnesses, sentence=WITHHELD if names else row.sentence)


def _said(text: str, unsaid: Collection[str]) -> list[str]:
    """Which of the words stand in the text, defanged or not."""
    words = BETWEEN_WORDS.split(text.replace("[.]", ".").lower())
    return [word for word in (word.rstrip(".") for word in words) if word in unsaid]


def corrected(claims: Iterable[Claim], back: Iterable[Retraction]) -> Iterable[Claim]:
    """Claims without the retracted ones; where only the date was wrong, the claim without date and wording."""
    rows = [row for row in back if row.what is not What.NAME]
    for claim in claims:
        said = [row.what for row in rows if row.covers(claim.domain, claim.source.source_id)]
        if What.CLAIM not in said:
            yield replace(claim, when=None, raw="") if What.DATE in said else claim


def recent(history: History, views: Views, since: datetime, *, only_new: bool = False) -> tuple[History, Views]:
    """The part of it about names with news after `since`: first put forward (`only_new`), or looked at or judged.

    Actions stay, and so do the predecessors of what is shown, so that keys hold. Count nothing from the result.
    """
    fresh = {row.name for row in views.candidates if row.first_sighted_at > since}
    if not only_new:
        fresh |= {name for name, spans in history.spans.items() if any(span.last > since for span in spans)}
        fresh |= {row.name for row in history.sightings if row.at > since}
        fresh |= {row.name for row in history.reviews if row.at > since and not row.watch_key.startswith(PREFIX)}
    replacements = tuple(row for row in views.replacements if row.name in fresh)
    kept = fresh | {row.predecessor for row in replacements}
    claims = tuple(row for row in history.claims if row.domain in fresh)
    kept |= {row.replaces for row in claims if row.replaces is not None}
    return (
        replace(
            history,
            takedowns=tuple(row for row in history.takedowns if row.domain in kept),
            watches=tuple(row for row in history.watches if row.name is None or row.name in kept or not only_new),
            claims=claims,
            sightings=tuple(row for row in history.sightings if row.name in kept),
            spans={name: spans for name, spans in history.spans.items() if name in kept},
            sweeps=tuple(row for row in history.sweeps if row.last > since),
            gaps=tuple(row for row in history.gaps if row.last > since),
            complaints=tuple(row for row in history.complaints if row.name in kept),
        ),
        replace(
            views,
            candidates=tuple(row for row in views.candidates if row.name in kept),
            evidence=tuple(row for row in views.evidence if row.name in kept),
            assessments=tuple(row for row in views.assessments if row.name in kept),
            states=tuple(row for row in views.states if row.name in kept),
            episodes=tuple(row for row in views.episodes if row.name in kept),
            lifetimes=tuple(row for row in views.lifetimes if row.name in kept),
            appearances=tuple(row for row in views.appearances if row.name in kept),
            replacements=replacements,
        ),
    )
