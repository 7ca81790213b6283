"""Look-back: which names carry a label today, since when by whom, and what a look today cannot tell."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tracker.model.facts import NO_FACTS, CanaryResult, Coverage, Facts, Observation, Presence, Reason
from tracker.model.names import DomainName
from tracker.model.times import DAY, Bounds, Precision, When, from_iso


class Unknown(StrEnum):
    """Stable ids of what could not be known of a name or a suffix."""

    SUFFIX_NOT_SWEPT = "suffix_not_swept"
    DELEGATION_UNCERTAIN = "delegation_uncertain"
    NO_REGISTRATION_SERVER = "no_registration_server"
    REGISTRATION_UNCERTAIN = "registration_uncertain"
    DATE_WITHHELD = "date_withheld"
    REGISTERED_ANEW = "registered_anew"
    CERTIFICATES_UNKNOWN = "certificates_unknown"
    CERTIFICATES_CAPPED = "certificates_capped"


class Timing(StrEnum):
    """Where the registration lies: UNCLEAR when the precision of the dates does not decide, UNKNOWN without a date."""

    BEFORE = "before"
    WITHIN = "within"
    AFTER = "after"
    UNCLEAR = "unclear"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A label that is looked back for, and the names that it was taken from, if there were any."""

    label: str
    names: tuple[DomainName, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstCertificate:
    """The earliest certificate that `source` knows for a name: a bound from above for its age, never its birthday.

    Without `at`, `reason` says why nothing is known; that is never "there was no certificate". With `capped` older
    certificates may exist.
    """

    name: DomainName
    source: str
    at: datetime | None = None
    reason: str = ""
    capped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LookbackRow:
    """One name that is there, or could not be told; without `name`, all suffixes of a label that could not be swept.

    Lags are days from the date asked about, as bounds; both are None where the source gave no date.
    """

    subject: Subject
    name: DomainName | None
    presence: Presence
    reason: str
    name_servers: tuple[str, ...] = ()
    registered: When | None = None
    registered_source: str = ""
    registered_lag: tuple[float, float] | None = None
    timing: Timing = Timing.UNKNOWN
    certificate: datetime | None = None
    certificate_source: str = ""
    certificate_lag: tuple[float, float] | None = None
    could_not_know: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How far a label was looked for. `swept` suffixes had good canaries: there, what is not listed was absent."""

    subject: Subject
    swept: int
    not_swept: int
    present: int
    uncertain: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked: the date, and how long after it a registration still counts as following it."""

    on: When
    window: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was seen today: the sweep's coverage, looks at the parents and at registries, first certificates."""

    coverage: Sequence[Coverage]
    delegations: Sequence[Observation]
    registrations: Sequence[Observation] = ()
    certificates: Sequence[FirstCertificate] = ()


def look_back(subjects: Sequence[Subject], question: Question, seen: Seen) -> tuple[LookbackRow, ...]:
    """Rows by label and name; the suffixes that could not be swept stand last for each label, one row per canary."""
    registered = {look.name: look for look in seen.registrations}
    issued = {first.name: first for first in seen.certificates}
    rows: list[LookbackRow] = []
    for subject in sorted(subjects, key=lambda subject: subject.label):
        looks = [look for look in seen.delegations if look.name.partition(".")[0] == subject.label]
        rows += [
            _row(subject, look, registered.get(look.name), issued.get(look.name), question)
            for look in sorted(looks, key=lambda look: look.name)
            if look.presence is not Presence.ABSENT
        ]
        rows += _unswept(subject, seen.coverage)
    return tuple(rows)


def tallies(subjects: Iterable[Subject], seen: Seen) -> tuple[Tally, ...]:
    """One per subject, by label."""
    found = []
    for subject in sorted(subjects, key=lambda subject: subject.label):
        parts = [part for part in seen.coverage if subject.label in part.labels]
        looks = [look for look in seen.delegations if look.name.partition(".")[0] == subject.label]
        found.append(
            Tally(
                subject=subject,
                swept=sum(len(part.suffixes) for part in parts if part.canary is CanaryResult.GOOD),
                not_swept=sum(len(part.suffixes) for part in parts if part.canary is not CanaryResult.GOOD),
                present=sum(look.presence is Presence.PRESENT for look in looks),
                uncertain=sum(look.presence is Presence.INDETERMINATE for look in looks),
            )
        )
    return tuple(found)


def lag(moment: Bounds, on: When) -> tuple[float, float] | None:
    """Least and greatest number of days from `on` to the moment, to a hundredth; None when a side is unbounded."""
    asked = on.bounds()
    if moment.lo is None or moment.hi is None or asked.lo is None or asked.hi is None:
        return None
    return round((moment.lo - asked.hi) / DAY, 2), round((moment.hi - asked.lo) / DAY, 2)


def timing(moment: Bounds, question: Question) -> Timing:
    """Where a registration lies. A date that is a day counts as that whole calendar day, UTC, so its own day is
    WITHIN.
    """
    asked = question.on.bounds()
    if moment.lo is None or moment.hi is None or asked.lo is None or asked.hi is None:
        return Timing.UNKNOWN
    end = asked.hi + question.window
    if moment.lo >= asked.lo and moment.hi <= end:
        return Timing.WITHIN
    if moment.hi <= asked.lo:
        return Timing.BEFORE
    return Timing.AFTER if moment.lo >= end else Timing.UNCLEAR


def _row(
    subject: Subject,
    look: Observation,
    registration: Observation | None,
    first: FirstCertificate | None,
    question: Question,
) -> LookbackRow:
    stated = _stated(registration.facts if registration is not None else NO_FACTS)
    bounds = Bounds(None, None) if stated is None else stated.bounds()
    where = timing(bounds, question)
    issued = None if first is None else first.at
    unknown = [f"{Unknown.DELEGATION_UNCERTAIN}: {look.reason}"] if look.presence is Presence.INDETERMINATE else []
    unknown += _registration_unknown(registration, stated)
    if stated is not None and where is Timing.AFTER:
        unknown.append(f"{Unknown.REGISTERED_ANEW}: after the window; who held the name before left no date")
    elif bounds.lo is not None and issued is not None and issued < bounds.lo - DAY:
        unknown.append(f"{Unknown.REGISTERED_ANEW}: a certificate is older than the registration")
    unknown += _certificates_unknown(first)
    return LookbackRow(
        subject=subject,
        name=look.name,
        presence=look.presence,
        reason=look.reason.value,
        name_servers=look.facts.get("ns", ()),
        registered=stated,
        registered_source=_first(registration.facts, "via") if registration is not None and stated is not None else "",
        registered_lag=lag(bounds, question.on),
        timing=where,
        certificate=issued,
        certificate_source=first.source if first is not None and issued is not None else "",
        certificate_lag=None if issued is None else lag(Bounds(issued, issued), question.on),
        could_not_know=tuple(unknown),
    )


def _registration_unknown(look: Observation | None, stated: When | None) -> list[str]:
    if look is None:
        return [f"{Unknown.REGISTRATION_UNCERTAIN}: {Reason.NOT_ASKED}"]
    if look.reason is Reason.NO_SERVER:
        return [f"{Unknown.NO_REGISTRATION_SERVER}"]
    if look.presence is not Presence.PRESENT:
        # A delegated name that its registry denies is a directory lagging behind its zone, or a reserved name.
        return [f"{Unknown.REGISTRATION_UNCERTAIN}: {look.reason}"]
    return [] if stated is not None else [f"{Unknown.DATE_WITHHELD}: {_first(look.facts, 'via')}"]


def _certificates_unknown(first: FirstCertificate | None) -> list[str]:
    if first is None:
        return []
    if first.at is None:
        return [f"{Unknown.CERTIFICATES_UNKNOWN}: {first.reason}"]
    return [f"{Unknown.CERTIFICATES_CAPPED}: {first.source} gave its most rows"] if first.capped else []


def _stated(facts: Facts) -> When | None:
    text, precision = _first(facts, "registered_at"), _first(facts, "precision")
    if not text:
        return None
    return When(from_iso(text), Precision(precision) if precision else Precision.UNKNOWN)


def _first(facts: Mapping[str, tuple[str, ...]], key: str) -> str:
    return next(iter(facts.get(key, ())), "")


def _unswept(subject: Subject, coverage: Sequence[Coverage]) -> list[LookbackRow]:
    failed: dict[CanaryResult, set[str]] = {}
    for part in coverage:
        if part.canary is not CanaryResult.GOOD and subject.label in part.labels:
            failed.setdefault(part.canary, set()).update(part.suffixes)
    return [
        LookbackRow(
            subject=subject,
            name=None,
            presence=Presence.INDETERMINATE,
            reason=f"canary_{canary}",
            could_not_know=(
                f"{Unknown.SUFFIX_NOT_SWEPT}: {' '.join(f'.{suffix}' for suffix in sorted(failed[canary]))}",
            ),
        )
        for canary in sorted(failed)
    ]
