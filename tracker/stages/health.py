"""Whether the watch can be relied on: one line per reason why not. People read it, and so does a HEALTHCHECK."""

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from textwrap import shorten

from tracker.model.history import History
from tracker.model.times import DAY, from_iso, iso
from tracker.ports import Work
from tracker.stages.clockwork import behind
from tracker.stages.planner import CANARY, CERTIFICATES, DERIVE, EDITS, POLL, PUBLISH, SWEEP, SWEEP_ALL, look_kind
from tracker.stages.status import LATE_AFTER, freshness, late, overdue, stale

PASS, TROUBLE, CLOCK = "pass", "trouble", "clock"
"""Notes: when a pass last began or ended, and what failed in passes since; what failed may be the clock."""
SILENT_AFTER = timedelta(hours=6)
"""A pass may sweep for hours; one that began longer ago than that, with none after it, is a daemon that is gone."""
FORGOTTEN_AFTER = DAY
"""A failure that was neither repeated nor mended for that long is no news any more."""


def begun(work: Work, now: datetime) -> None:
    """A pass begins."""
    work.put(PASS, iso(now))


def ended(work: Work, now: datetime, done: Collection[str], failed: Mapping[str, str]) -> None:
    """A pass ended."""
    remembered(work, now, (*done, CLOCK), failed)
    work.put(PASS, iso(now))


def doubted(work: Work, now: datetime, why: str) -> None:
    """No pass was made, because the clock is not believed; the next pass that is made ends the doubt."""
    remembered(work, now, (), {CLOCK: why})
    work.flush()


def remembered(work: Work, now: datetime, done: Collection[str], failed: Mapping[str, str]) -> None:
    """What failed is remembered by kind of unit until that kind succeeds."""
    before = _troubles(work)
    troubles = {
        kind: (when, why)
        for kind, (when, why) in before.items()
        if kind not in {_kind(key) for key in done} and abs(now - from_iso(when)) < FORGOTTEN_AFTER
    }
    troubles |= {_kind(key): (iso(now), shorten(why, 200)) for key, why in failed.items()}
    if troubles != before:
        work.put(TROUBLE, json.dumps(troubles, sort_keys=True) if troubles else "")


def complaints(history: History, work: Work, now: datetime) -> list[str]:
    """One line per reason why the watch cannot be relied on; empty when it can."""
    if doubt := behind(now, history.as_of):
        return [doubt]  # whoever asks has the same wrong clock: no age that it says can be believed
    canaries = [f"canary: {source} {saw}" for source, saw in sorted(unseeing(history).items())]
    return [*stale(history, now, work), *_backlog(history, work, now), *_passes(work, now), *canaries]


def unseeing(history: History) -> dict[str, str]:
    """The sources whose newest canary was not seen as it is, with what was seen in its place."""
    newest = {(canary.source, canary.expected): canary for canary in history.canaries}
    return {
        source: f"saw {canary.name} as {canary.seen} ({canary.reason}) at {iso(canary.at)}, though it is {expected}"
        for (source, expected), canary in sorted(newest.items())
        if canary.failed
    }


def _backlog(history: History, work: Work, now: datetime) -> Iterator[str]:
    kinds = [POLL, SWEEP, SWEEP_ALL, EDITS, CERTIFICATES, CANARY, DERIVE, PUBLISH]
    kinds += [look_kind(row.source) for row in freshness(history, work)]
    for kind in kinds:
        if rows := late(kind, work, now - LATE_AFTER):
            yield f"{kind}: {overdue(rows)}"


def _passes(work: Work, now: datetime) -> Iterator[str]:
    last = work.get(PASS)
    if last and now - from_iso(last) > SILENT_AFTER:
        yield f"no pass since {last}: is `tracker run` still running?"
    for kind, (when, why) in sorted(_troubles(work).items()):
        if abs(now - from_iso(when)) < FORGOTTEN_AFTER:
            yield f"{kind} failed at {when}: {why}"


def _troubles(work: Work) -> dict[str, tuple[str, str]]:
    noted = work.get(TROUBLE)
    return {kind: (when, why) for kind, (when, why) in json.loads(noted).items()} if noted else {}


def _kind(key: str) -> str:
    """What the units of one kind share: `look/delegation/rrn.so` and its neighbours are `look/delegation`."""
    return "/".join(key.split("/")[:2]) if key.startswith("look/") else key.split("/", maxsplit=1)[0]
