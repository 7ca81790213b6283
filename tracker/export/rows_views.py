"""Rows of what follows: fired rules, episodes, replacements, withdrawn names."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from tracker.analysis.displacement import takedowns_of
from tracker.analysis.footing import closing
from tracker.analysis.ownlives import former
from tracker.analysis.placement import Window, origins
from tracker.analysis.retractions import retractions
from tracker.export.identity import domain_id, stable_id
from tracker.export.lifetable import SECOND
from tracker.export.rows_counts import lifespans
from tracker.export.rows_facts import NEVER
from tracker.export.tables import Row
from tracker.model.facts import Layer
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import DAY, Bounds
from tracker.model.views import Appearance, Candidate, Episode, Evidence, Lifetime, Views
from tracker.model.watching import Claim, ClaimKind, WatchKind


def watched(history: History) -> Mapping[str, str]:
    """What a watch looks for, by its key: the name, or the label where there is none."""
    return {watch.key: watch.name or watch.label for watch in history.watches}


def evidence_rows(history: History, views: Views) -> Iterator[Row]:
    """Rows of `evidence`."""
    names = watched(history)
    for row in views.evidence:
        yield {
            "evidence_id": _evidence_id(row),
            "domain_id": domain_id(row.name),
            "domain": row.name,
            "predecessor": names[row.watch_key],
            "rule_id": row.rule_id,
            "family": row.family.value,
            "bits": row.bits,
            "sentence": row.sentence,
            "witnesses": row.witnesses,
        }


def _evidence_id(row: Evidence) -> str:
    return stable_id("evidence", row.watch_key, row.name, row.rule_id)


def episode_rows(views: Views) -> Iterator[Row]:
    """Rows of `episodes`, with the length and the absence before."""
    not_its_own = former(views)
    lengths = {(row.name, row.layer, row.number): row for row in views.lifetimes}
    earlier: dict[tuple[DomainName, Layer, int], Episode] = {
        (row.name, row.layer, row.number): row for row in views.episodes
    }
    for row in views.episodes:
        length = lengths.get((row.name, row.layer, row.number))
        before = earlier.get((row.name, row.layer, row.number - 1))
        gap_lo, gap_hi = _between(before.end if before else None, row.start)
        end = row.end or NEVER
        yield {
            "episode_id": stable_id("episode", row.name, row.layer, row.number),
            "domain_id": domain_id(row.name),
            "domain": row.name,
            "layer": row.layer.value,
            "episode_no": row.number,
            "start_lo": row.start.lo,
            "start_hi": row.start.hi,
            "start_basis": row.start_basis,
            "entry_at": row.entry,
            "last_alive_at": row.last_alive,
            "end_lo": end.lo,
            "end_hi": end.hi,
            "ending": row.ending.value if row.ending else None,
            "censored": "right" if row.end is None else "none",
            "former": (row.name, row.layer, row.number) in not_its_own,
            "duration_lo_s": length.shortest if length else None,
            "duration_hi_s": length.longest if length else None,
            "entry_age_s": length.entry_age if length else None,
            "entry_age_hi_s": length.entry_age_hi if length else None,
            **_at_risk(length),
            "gap_before_lo_s": gap_lo,
            "gap_before_hi_s": gap_hi,
            "looks": row.looks,
            "unknown_looks": row.unknown_looks,
            "unknown_share": row.unknown_looks / row.looks if row.looks else None,
            "policy": row.policy,
        }


def _at_risk(length: Lifetime | None) -> dict[str, timedelta | None]:
    """From which age to which an episode is at risk, by both readings; nothing where its age is not known."""
    found: dict[str, timedelta | None] = {}
    for bound, suffix in (("shortest", "lo"), ("longest", "hi")):
        read = lifespans([length], bound) if length else ()
        found[f"risk_from_{suffix}_s"] = read[0].entry * SECOND if read else None
        found[f"risk_until_{suffix}_s"] = read[0].exit * SECOND if read else None
    return found


def _between(end: Bounds | None, start: Bounds) -> tuple[timedelta | None, timedelta | None]:
    if end is None:
        return None, None
    shortest = max(start.lo - end.hi, timedelta(0)) if start.lo and end.hi else None
    return shortest, (start.hi - end.lo if start.hi and end.lo else None)


def replacement_rows(history: History, views: Views) -> Iterator[Row]:
    """Rows of `replacements`."""
    actions = {action.action_id: action for action in history.actions}
    windows = {
        (key, domain): (effect, closing(action, 1))
        for key, action in actions.items()
        for domain, effect in origins(history, action, takedowns_of(history, key)).items()
    }
    watch_of = {name: key for key, name in watched(history).items() if key.startswith("predecessor:")}
    labels = {watch.name: watch.label for watch in history.watches if watch.kind is WatchKind.PREDECESSOR}
    fired: dict[tuple[str, DomainName], list[Evidence]] = defaultdict(list)
    for evidence in views.evidence:
        fired[evidence.watch_key, evidence.name].append(evidence)
    candidates = {row.key: row for row in views.candidates}
    wanting = {(row.watch_key, row.name): row.unheard for row in views.assessments if row.unheard}
    lives: dict[DomainName, list[Episode]] = defaultdict(list)
    for episode in views.episodes:
        if episode.layer is Layer.DELEGATED:
            lives[episode.name].append(episode)
    claimed: dict[DomainName, list[Claim]] = defaultdict(list)
    for claim in history.claims:
        if claim.kind is ClaimKind.REPLACES:
            claimed[claim.domain].append(claim)
    for row in views.replacements:
        key = (watch_of.get(row.predecessor, ""), row.name)
        rules = sorted(fired[key], key=lambda evidence: (-evidence.bits, evidence.rule_id))
        found: Candidate | None = candidates.get(key)
        shown = chosen(row.appearances)
        appeared = shown.bounds if shown else NEVER
        announced = actions[row.action_id].when.bounds()
        claims = claimed[row.name]
        unheard = wanting.get(key, ())
        day = within_first_day(*windows[row.action_id, row.predecessor], appeared)
        yield {
            "replacement_id": stable_id("replacement", row.action_id, row.predecessor, row.name),
            "action_id": row.action_id,
            "predecessor_domain_id": domain_id(row.predecessor),
            "predecessor": row.predecessor,
            "domain_id": domain_id(row.name),
            "domain": row.name,
            "cohort": row.cohort.value,
            "verdict": row.verdict.value,
            "bits": row.bits,
            "reviewed": row.reviewed,
            "technique": row.technique.value,
            "same_label": row.name.partition(".")[0] == labels.get(row.predecessor),
            "rule_ids": tuple(dict.fromkeys(evidence.rule_id for evidence in rules)),
            "unheard": tuple(family.value for family in unheard),
            "appearance_layer": shown.layer.value if shown else None,
            "appeared_lo": appeared.lo,
            "appeared_hi": appeared.hi,
            "delay_lo_s": appeared.lo - announced.hi if appeared.lo and announced.hi else None,
            "delay_hi_s": appeared.hi - announced.lo if appeared.hi and announced.lo else None,
            "within_1d": "uncertain" if unheard and day == "yes" else day,
            **{f"alive_{days}d": alive_after(appeared, lives[row.name], days * DAY) for days in (7, 30, 90)},
            "claimed_by": tuple(sorted({claim.source.source_id for claim in claims})),
            "claimed_at": _earliest(claims),
            "discovered_at": found.first_sighted_at if found else None,
        }


def chosen(appearances: Sequence[Appearance]) -> Appearance | None:
    """The appearance that a replacement is dated by: DELEGATED if known, else the first layer known."""
    first = None
    for row in appearances:
        if row.bounds.hi is not None:
            if row.layer is Layer.DELEGATED:
                return row
            first = first or row
    return first


def _earliest(claims: Iterable[Claim]) -> datetime | None:
    return min((claim.when.at for claim in claims if claim.when), default=None)


def within_first_day(effect: Bounds, closes: datetime, appeared: Bounds) -> str:
    """Whether an appearance falls between what it answers and the end of the first day, as counts have it."""
    window = Window(effect, closes)
    return "yes" if window.surely(appeared) else "uncertain" if window.possibly(appeared) else "no"


def alive_after(appeared: Bounds, episodes: Sequence[Episode], age: timedelta) -> str:
    """Whether a name was alive `age` after it appeared; `censored` when it was last seen alive before that.

    `no` also between two lives, where it was seen to be away.
    """
    if appeared.hi is None:
        return "uncertain"
    sooner, later = (appeared.lo or appeared.hi) + age, appeared.hi + age
    for episode in episodes:
        begun = episode.start.hi is not None and episode.start.hi <= sooner
        if begun and episode.last_alive >= later:
            return "yes"
    if episodes and all(_away(episode, sooner, later) for episode in episodes):
        return "no"
    alive = [episode for episode in episodes if episode.end is None]
    return "censored" if alive and all(episode.last_alive < later for episode in alive) else "uncertain"


def _away(episode: Episode, first: datetime, last: datetime) -> bool:
    """Whether an episode was surely over before a stretch of time, or begins after it."""
    over = episode.end is not None and episode.end.hi is not None and episode.end.hi <= first
    return over or (episode.start.lo is not None and episode.start.lo >= last)


def tombstone_rows(history: History) -> Iterator[Row]:
    """Rows of `tombstones`."""
    for row in retractions(history):
        yield {
            "tombstone_id": stable_id("tombstone", *row.key),
            "domain_id": domain_id(row.name),
            "what": row.what.value,
            "source_id": row.source,
            "withdrawn_at": row.at,
        }
