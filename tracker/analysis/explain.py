"""Why a name is, or is not, called a replacement: one plain sentence for, one against, and what would change it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tracker.analysis.assess import netted, speaking
from tracker.analysis.policy import POLICY, Policy
from tracker.analysis.portrait import Dated, dates
from tracker.analysis.rules import BY_ID
from tracker.analysis.witnesses import Dating
from tracker.model.acts import Complaint
from tracker.model.facts import Review
from tracker.model.history import History
from tracker.model.names import DomainName, defang
from tracker.model.times import UNBOUNDED, iso
from tracker.model.views import REPLACEMENT_VERDICTS, Assessment, Evidence, Family, Verdict, Views
from tracker.model.watching import WatchKind

SOURCES = {
    Family.REGISTRATION: "registration data",
    Family.HOSTING: "name servers or addresses that are not everybody's",
    Family.CERTIFICATE: "a certificate",
    Family.PAGE: "a page of its own",
}
"""What has to be seen before a family can say anything; the label is always there."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry of a lifeline: after `lo` and by `hi` this came to be. Empty on a side is unbounded."""

    lo: str
    hi: str
    what: str

    @property
    def exact(self) -> bool:
        """Whether the instant is known: then nothing lies between the bounds."""
        return bool(self.lo) and self.lo == self.hi


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A name against one watch. `speaks_for` and `speaks_against` are whole sentences, empty when nothing does.

    `rules` are ordered by weight, strongest first, whichever way they speak. `reviews` are all that analysts said of
    it, oldest first; the newest decides.
    """

    watch_key: str
    verdict: Verdict
    by_rules: Verdict
    bits: float
    prior_bits: float
    reviewed: bool
    speaks_for: str
    speaks_against: str
    rules: tuple[Evidence, ...]
    would_change: tuple[str, ...]
    reviews: tuple[Review, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """All cases of one name, its dates by source, its lifeline, and who was told of it.

    Without cases it was never put forward, which is no acquittal: `note` says so.
    """

    name: DomainName
    cases: tuple[Case, ...]
    dates: tuple[Dated, ...]
    lifeline: tuple[Moment, ...]
    complaints: tuple[Complaint, ...] = ()
    note: str = ""


def explain(history: History, views: Views, name: DomainName, policy: Policy = POLICY) -> Explanation:
    """Explain from views that were derived from this history with this policy."""
    watches = {watch.key: watch.name or watch.label for watch in history.watches}
    dating = Dating(history, views)
    cases = tuple(
        case_of(
            row,
            [
                replace(
                    fired,
                    witnesses=dating.dated(fired.witnesses, (name, DomainName(watches.get(row.watch_key, "")))),
                )
                for fired in views.evidence
                if (fired.watch_key, fired.name) == (row.watch_key, name)
            ],
            watches,
            policy,
            [said for said in history.reviews if (said.watch_key, said.name) == (row.watch_key, name)],
        )
        for row in views.assessments
        if row.name == name
    )
    note = "" if cases else f"{defang(name)} was never put forward for any watch: nothing is known of it, either way"
    told = tuple(row for row in history.complaints if row.name == name)
    return Explanation(
        name=name,
        cases=cases,
        dates=dates(history, views, name),
        lifeline=_lifeline(views, name, told),
        complaints=told,
        note=note,
    )


def case_of(
    row: Assessment,
    evidence: Sequence[Evidence],
    watches: Mapping[str, str],
    policy: Policy = POLICY,
    reviews: Sequence[Review] = (),
) -> Case:
    """One assessment with its evidence, in words. `watches` maps each key to the watched name, or its label."""
    ordered = tuple(sorted(evidence, key=lambda fired: (-abs(fired.bits), fired.rule_id)))
    role = "a lookalike" if _of_brand(row) else "a replacement"
    about = f"{defang(row.name)} as {role} of {defang(watches.get(row.watch_key, row.watch_key))}"
    speaking = [fired for fired in ordered if fired.bits > 0]
    opposing = [fired for fired in ordered if fired.bits < 0]
    return Case(
        watch_key=row.watch_key,
        verdict=row.verdict,
        by_rules=row.by_rules,
        bits=row.bits,
        prior_bits=row.prior_bits,
        reviewed=row.reviewed,
        speaks_for=_sentence(f"For {about}", speaking),
        speaks_against=_sentence(f"Against {about}", opposing),
        rules=ordered,
        would_change=tuple(_would_change(row, ordered, policy)),
        reviews=tuple(sorted(reviews, key=lambda said: said.at)),
    )


def _of_brand(row: Assessment) -> bool:
    """Whether it is held against a protected brand, which is imitated and not replaced."""
    return row.watch_key.startswith(f"{WatchKind.PROTECTED}:")


def _sentence(start: str, rows: Sequence[Evidence]) -> str:
    """The strongest finding of each of the two strongest families; one sentence stays readable with two reasons."""
    if not rows:
        return ""
    first = rows[0]
    second = next((row for row in rows if row.family is not first.family), None)
    reasons = first.sentence if second is None else f"{first.sentence}; moreover, {second.sentence}"
    return f"{start}: {reasons}."


def _would_change(row: Assessment, evidence: Sequence[Evidence], policy: Policy) -> list[str]:
    if row.reviewed:
        return [f"only a newer review: {row.reviewer} has decided"]
    if any(BY_ID[fired.rule_id].excludes for fired in evidence if fired.rule_id in BY_ID):
        event = "the watch began" if _of_brand(row) else "the takedown"
        return [f"a registration date of the registry that is later than a month before {event}, or a review"]
    net = netted(evidence)
    if row.verdict in REPLACEMENT_VERDICTS:
        found = [
            f"{family} alone taken away ({net[family]:+.1f} bits)"
            for family in row.families
            if _falls(row, net, family, policy)
        ]
        spare = row.bits - policy.likely_bits
        enough = (
            f"{spare:.1f} bits of contrary evidence, or a review; no single family of data taken away would be enough"
        )
        return (found or [enough]) + _unheard(row)
    wanted: list[str] = []
    if row.bits < policy.likely_bits:
        wanted.append(f"{policy.likely_bits - row.bits:.1f} bits more")
    missing = policy.families_required - len(row.families)
    if missing > 0:
        silent = [what for family, what in SOURCES.items() if family not in {fired.family for fired in evidence}]
        hint = f"; nothing was learned from {', '.join(silent)}" if silent else ""
        wanted.append(
            f"{missing} more family of data with {policy.family_bits:.2f} bits or more, "
            f"or {policy.joint_bits:.1f} bits from the weaker ones together{hint}"
        )
    return wanted + _unheard(row)


def _unheard(row: Assessment) -> list[str]:
    asked = ", ".join(SOURCES[family] for family in row.unheard)
    return [f"an answer about {asked}: its source failed, and could still turn the verdict"] if asked else []


def _falls(row: Assessment, net: Mapping[Family, float], without: Family, policy: Policy) -> bool:
    """Whether the verdict would fall below LIKELY without a family."""
    left = speaking({**net, without: 0.0}, policy)
    return row.bits - net[without] < policy.likely_bits or len(left) < policy.families_required


def _lifeline(views: Views, name: DomainName, told: Sequence[Complaint]) -> tuple[Moment, ...]:
    """What came to be, by the moment it is sure to have been so; who was told of it stands between."""
    rows = [
        (seen.bounds, f"first known at {seen.layer}")
        for seen in views.appearances
        if seen.name == name and seen.bounds.hi
    ]
    rows += [
        (span.since, f"{span.state.value.replace('_', ' ')} (rule {span.rule_id})")
        for span in views.states
        if span.name == name
    ]
    rows += [
        (life.end, f"end of life {life.number} at {life.layer}" + (f": {life.ending}" if life.ending else ""))
        for life in views.episodes
        if life.name == name and life.end is not None
    ]
    for row in told:
        rows.append((row.reported.bounds(), f"reported to {row.reported_to} by {row.channel}"))
        if row.answer:
            when = UNBOUNDED if row.answered is None else row.answered.bounds()
            rows.append((when, f"answer of {row.reported_to}: {row.answer}"))
    moments = {Moment(iso(bounds.lo), iso(bounds.hi), what) for bounds, what in rows}
    return tuple(sorted(moments, key=lambda moment: (moment.hi or "~", moment.lo, moment.what)))
