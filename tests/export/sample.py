"""A made-up event, small or large: a log and the views that follow from it, for tests of what is written."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.analysis.histories import Story, at, facts
from tracker.analysis.displacement import replacements
from tracker.analysis.lifetimes import lifetime
from tracker.model.facts import Gap, Layer, Presence, Reason, Run, Sighting, Span, Technique
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import Bounds, When, iso
from tracker.model.views import (
    Appearance,
    Assessment,
    Candidate,
    Ending,
    Episode,
    Evidence,
    Family,
    State,
    StateSpan,
    Verdict,
    Views,
)
from tracker.model.watching import Claim, ClaimKind, Cohort, Source, Watch, WatchKind

ACTION = "seizure-1"
ANNOUNCED = datetime(2024, 9, 4, tzinfo=UTC)
SEIZED_AT = ANNOUNCED + timedelta(hours=15)
AS_OF = datetime(2024, 10, 14, tzinfo=UTC)
LISTS = (Source("meta", "first list"), Source("viginum", "second list", "https://lists.example/2", "row 7"))
HOUR = timedelta(hours=1)


def event(own: int = 5, imitated: int = 3, back: int = 4, as_of: datetime = AS_OF) -> tuple[History, Views]:
    """`own` + `imitated` domains are seized; `back` own brands return within hours, the second until day 20."""
    predecessors = [(f"brand{n}.press", Cohort.OWN_BRAND) for n in range(1, own + 1)]
    predecessors += [(f"outlet{n}.ltd", Cohort.IMITATED) for n in range(1, imitated + 1)]
    return told(predecessors, [(f"brand{n}.press", f"brand{n}.so", 14 + 3 * n) for n in range(1, back + 1)], as_of)


def told(
    predecessors: Sequence[tuple[str, Cohort]], successors: Sequence[tuple[str, str, int]], as_of: datetime = AS_OF
) -> tuple[History, Views]:
    """The event of given names; a successor is (predecessor, name, hours after the announcement's midnight)."""
    story = Story(as_of)
    for name, cohort in predecessors:
        story.predecessor(name, "2024-08-28", cohort)
    story.control("keller", "2024-08-28", f"predecessor:{predecessors[0][0]}")
    story.action(ACTION, "2024-09-04")
    story.taken(ACTION, *(name for name, _ in predecessors))
    labels = [name.partition(".")[0] for name, _ in predecessors]
    for swept in ("2024-09-04T13", "2024-09-05T02"):
        story.sweep(swept, labels, ["so", "cc", "to"])
    for name, _ in predecessors:
        story.spans[DomainName(name)] += _predecessor_looks(DomainName(name), as_of)
    for number, (old, name, hours) in enumerate(successors):
        key, born = f"predecessor:{old}", ANNOUNCED + hours * HOUR
        looks = [born + n * timedelta(hours=6) for n in range(1, 80) if number != 1 or n < 76]
        if number == 2:
            looks = [look for look in looks if not (at("2024-09-12") < look < at("2024-09-18"))]
        story.sight(key, name, iso(born + HOUR)[:16], registrar="r1")
        story.spans[DomainName(name)].append(_span(name, "delegation", looks, ns=("ns1.host.example",)))
        story.spans[DomainName(name)].append(
            replace(
                _span(
                    name,
                    "registration",
                    looks[:1],
                    registered_at=iso(born),
                    registrar="=Registrar, one",
                    status=("ok",),
                    via="rdap",
                ),
                artefact_ids=(hashlib.sha256(name.encode()).hexdigest(),),
            )
        )
        story.logged(key, name, iso(born + HOUR)[:16])
    if successors:
        story.sight(f"predecessor:{predecessors[0][0]}", "brand1.cc", "2024-09-01")
        story.sight("control:keller", "keller.so", "2024-09-01")
    history = replace(
        story.history(),
        gaps=(
            Gap(
                source="rdap",
                scope="",
                first=at("2024-09-06"),
                last=at("2024-09-06T05"),
                reason=Reason.RATE_LIMITED,
                detail="127.0.0.1:4711 said no",
            ),
        ),
        runs=(
            Run(
                run_id="r",
                stage="observe",
                started_at=at("2024-09-01"),
                vantage="lab",
                versions={"tracker": "0.1.0", "psl": "2024-09-01"},
            ),
        ),
        claims=tuple(_claims(successors)),
    )
    return history, views_of(history, successors)


def _predecessor_looks(name: DomainName, as_of: datetime) -> list[Span]:
    before = [at("2024-08-28") + n * timedelta(hours=12) for n in range(15)]
    after = [look for n in range(200) if (look := SEIZED_AT + (1 + 6 * n) * HOUR) <= as_of]
    return [
        _span(name, "delegation", before, ns=("ns1.old.example",)),
        _span(name, "delegation", after, ns=("ns1.seizedservers.com",)),
    ]


def _span(name: str, probe: str, looks: Sequence[datetime], **values: object) -> Span:
    return Span(
        name=DomainName(name),
        probe=probe,
        layer=Layer.DELEGATED if probe == "delegation" else Layer.REGISTERED,
        vantage="lab",
        presence=Presence.PRESENT,
        reason=Reason.DELEGATED if probe == "delegation" else Reason.RDAP_FOUND,
        facts=facts(**values),  # type: ignore[arg-type]
        looks=tuple(looks),
    )


def _claims(successors: Sequence[tuple[str, str, int]]) -> list[Claim]:
    rows = [
        Claim(
            kind=ClaimKind.REPLACES,
            domain=DomainName(name),
            source=source,
            replaces=DomainName(old),
            when=When.of("2024-09-05" if number % 2 == 0 or source.source_id == "meta" else "2024-09-12"),
        )
        for number, (old, name, _) in enumerate(successors)
        for source in LISTS
    ]
    if successors:
        missed = DomainName("brand5.to")
        rows.append(
            Claim(
                kind=ClaimKind.REPLACES,
                domain=missed,
                source=LISTS[0],
                replaces=DomainName(successors[0][0]),
                when=When.of("2024-09-09"),
            )
        )
    return rows


def views_of(history: History, successors: Sequence[tuple[str, str, int]]) -> Views:
    """Views by hand: every successor LIKELY, `brand1.cc` POSSIBLE, the control ruled out."""
    candidates, evidence, assessments, appearances, episodes, states = [], [], [], [], [], []
    for number, (old, name, hours) in enumerate(successors):
        key, born = f"predecessor:{old}", ANNOUNCED + hours * HOUR
        lo, hi = born - 2 * HOUR, born + HOUR
        candidates.append(candidate(key, name, hi))
        evidence += [
            rule(key, name, "label.same", Family.LABEL, 9.5, f"The label of {name} is that of {old}."),
            rule(key, name, "registrar.sisters", Family.REGISTRATION, 6.25, "=Registrar, one is shared by 3 sisters."),
        ]
        assessments.append(assessed(key, name, Verdict.LIKELY, 7.75))
        appearances.append(appearance(key, name, lo, hi))
        ended = number == 1
        last = at("2024-09-24") if ended else history.as_of - 2 * HOUR
        episodes.append(
            episode(name, 1, Bounds(lo, hi), last, Bounds(last, last + 12 * HOUR) if ended else None, entry=hi)
        )
    if successors:
        key = history.watches[0].key
        candidates += [
            candidate(key, "brand1.cc", at("2024-09-01")),
            candidate("control:keller", "keller.so", at("2024-09-01")),
        ]
        evidence.append(rule(key, "brand1.cc", "label.same", Family.LABEL, 9.5, "The label is the same."))
        evidence.append(
            rule(key, "brand1.cc", "older", Family.REGISTRATION, -6.0, "brand1.cc was there before the takedown.")
        )
        assessments.append(assessed(key, "brand1.cc", Verdict.POSSIBLE, 1.5))
        assessments.append(assessed("control:keller", "keller.so", Verdict.RULED_OUT, -12.0))
    for watch in history.watches:
        if watch.kind is WatchKind.PREDECESSOR and watch.name is not None:
            episodes.append(
                episode(watch.name, 1, Bounds(None, watch.since), history.as_of - 5 * HOUR, None, entry=watch.since)
            )
            states.append(
                StateSpan(
                    name=watch.name,
                    state=State.SERVING_OPERATION,
                    since=Bounds(None, watch.since),
                    last=SEIZED_AT - 3 * HOUR,
                    rule_id="page",
                )
            )
            states.append(
                StateSpan(
                    name=watch.name,
                    state=State.SEIZED,
                    since=Bounds(SEIZED_AT - 3 * HOUR, SEIZED_AT + HOUR),
                    last=history.as_of,
                    rule_id="seizure",
                )
            )
    episodes.sort(key=lambda row: (row.name, row.layer, row.number))
    return Views(
        as_of=history.as_of,
        rules_version="rules-1",
        candidates=tuple(sorted(candidates, key=lambda row: row.key)),
        evidence=tuple(sorted(evidence, key=lambda row: (row.watch_key, row.name, row.rule_id))),
        assessments=tuple(sorted(assessments, key=lambda row: (row.watch_key, row.name))),
        states=tuple(sorted(states, key=lambda row: (row.name, row.last))),
        episodes=tuple(episodes),
        lifetimes=tuple(lifetime(row) for row in episodes),
        appearances=tuple(sorted(appearances, key=lambda row: (row.watch_key, row.name))),
        replacements=replacements(history, candidates, assessments, appearances),
    )


def candidate(key: str, name: str, first: datetime) -> Candidate:
    """A candidate found by its label."""
    return Candidate(
        watch_key=key,
        name=DomainName(name),
        first_sighted_at=first,
        techniques=(Technique.SAME_LABEL,),
        sources=("suffixes",),
    )


def rule(key: str, name: str, rule_id: str, family: Family, bits: float, sentence: str) -> Evidence:
    """A fired rule."""
    return Evidence(
        watch_key=key,
        name=DomainName(name),
        rule_id=rule_id,
        family=family,
        bits=bits,
        sentence=sentence,
        witnesses=("look 1", "look 2"),
    )


def assessed(key: str, name: str, verdict: Verdict, bits: float) -> Assessment:
    """A verdict by rules alone."""
    return Assessment(
        watch_key=key,
        name=DomainName(name),
        verdict=verdict,
        by_rules=verdict,
        bits=bits,
        prior_bits=-8.0,
        families=(Family.LABEL, Family.REGISTRATION),
    )


def appearance(key: str, name: str, lo: datetime | None, hi: datetime | None) -> Appearance:
    """An appearance at DELEGATED."""
    return Appearance(
        watch_key=key,
        name=DomainName(name),
        layer=Layer.DELEGATED,
        bounds=Bounds(lo, hi),
        lo_witness="sweep",
        hi_witness="look",
    )


def episode(name: str, number: int, start: Bounds, last: datetime, end: Bounds | None, *, entry: datetime) -> Episode:
    """An episode at DELEGATED."""
    return Episode(
        name=DomainName(name),
        layer=Layer.DELEGATED,
        number=number,
        start=start,
        start_basis="look",
        entry=entry,
        last_alive=last,
        end=end,
        ending=None if end is None else Ending.DARK,
        looks=40,
        unknown_looks=1,
        policy="timeline-1",
    )


def restricted(history: History, name: str, tlp: object) -> History:
    """The same log with one watch marked otherwise."""
    return replace(
        history,
        watches=tuple(
            replace(watch, tlp=tlp) if isinstance(watch, Watch) and watch.name == name else watch
            for watch in history.watches
        ),
    )


def seen(key: str, name: str, at_: datetime) -> Sighting:
    """A sighting by the sweep."""
    return Sighting(
        watch_key=key, name=DomainName(name), technique=Technique.SAME_LABEL, source="suffixes", at=at_, reason="label"
    )
