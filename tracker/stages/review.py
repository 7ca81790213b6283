"""Append analysts' verdicts and mutes: one by one, or a whole queue, of which every row is stored or none."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tracker.analysis.agreement import key_of
from tracker.analysis.mutes import values
from tracker.model.acts import Mute, MuteScope
from tracker.model.facts import Batch, Review, Run
from tracker.model.history import History
from tracker.model.names import DomainName, NotAName, parse
from tracker.model.times import DAY, from_iso, iso
from tracker.model.views import Verdict
from tracker.model.watching import WatchKind
from tracker.ports import Log

_LENGTH = re.compile(r"(\d{1,4}) ?(d|days?|w|weeks?)")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What an analyst decided of a name; `verdict` None is a mute of `scope` until `until` (as written).

    `predecessor` empty means for every watch that the name was put forward for. `line` is where it was read.
    """

    name: DomainName
    verdict: Verdict | None
    reason: str
    note: str = ""
    predecessor: str = ""
    scope: MuteScope = MuteScope.NAME
    until: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a decision cannot be stored."""

    line: int
    reason: str


class Refusals(ValueError):
    """Decisions that cannot be stored, all of them at once; nothing was stored."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__("; ".join(row.reason for row in refusals))
        self.refusals = tuple(refusals)


@dataclass(frozen=True, slots=True)
class Decided:
    """How many verdicts and mutes were appended, and how many said only what the log already had from this analyst."""

    verdicts: int
    mutes: int
    known: int


def decide(
    log: Log, decisions: Sequence[Decision], *, reviewer: str, run: Run, at: datetime, dry: bool = False
) -> Decided:
    """Store all decisions in one append; raises Refusals, and then nothing is stored. `dry` stores nothing."""
    if not reviewer.strip():
        raise Refusals([Refusal(0, "a review needs a reviewer and a reason")])
    desk = _Desk(log.history(), reviewer.strip(), at)
    for decision in decisions:
        desk.take(decision)
    if desk.refusals:
        raise Refusals(desk.refusals)
    if not dry and (desk.reviews or desk.mutes):
        log.append(run, Batch(reviews=tuple(desk.reviews.values()), mutes=tuple(desk.mutes.values())), at)
    return Decided(len(desk.reviews), len(desk.mutes), desk.known)


class _Desk:
    """Turns decisions into facts, one after another, and keeps what is wrong with them."""

    def __init__(self, history: History, reviewer: str, at: datetime) -> None:
        self._history, self._reviewer, self._at = history, reviewer, at
        controls = {watch.key for watch in history.watches if watch.kind is WatchKind.CONTROL}
        self._watches: dict[DomainName, dict[str, None]] = {}
        for row in history.sightings:
            if row.watch_key not in controls:
                self._watches.setdefault(row.name, {})[row.watch_key] = None
        self._named = {watch.key: str(watch.name or watch.label) for watch in history.watches}
        self._said = {
            (row.watch_key, row.name): (row.verdict, row.reason, row.note)
            for row in history.reviews
            if key_of(row.reviewer) == key_of(reviewer)
        }
        self._lines: dict[tuple[str, str], tuple[int, Verdict]] = {}
        self.reviews: dict[tuple[str, str], Review] = {}
        self.mutes: dict[tuple[MuteScope, str], Mute] = {}
        self.refusals: list[Refusal] = []
        self.known = 0

    def take(self, decision: Decision) -> None:
        """One decision, as reviews or mutes, or as a refusal."""
        try:
            if not decision.reason.strip():
                raise ValueError("a review needs a reviewer and a reason")
            keys = self._keys(decision)
            if decision.verdict is None:
                for mute in self._muting(decision, keys):
                    self.mutes[mute.scope, mute.value] = mute
            else:
                self._judge(decision, decision.verdict, keys)
        except ValueError as error:
            self.refusals.append(Refusal(decision.line, str(error)))

    def _keys(self, decision: Decision) -> list[str]:
        keys = sorted(self._watches.get(decision.name, ()))
        if not keys:
            raise ValueError(f"{decision.name} was never put forward for anything that is watched")
        if not decision.predecessor:
            return keys
        wanted = _plain(decision.predecessor)
        meant = [key for key in keys if wanted in (self._named.get(key, "").casefold(), key.casefold())]
        if not meant:
            known = ", ".join(sorted({self._named.get(key, key) for key in keys}))
            raise ValueError(f"{decision.name} was never put forward for {wanted}, only for {known}")
        return meant

    def _judge(self, decision: Decision, verdict: Verdict, keys: Sequence[str]) -> None:
        for key in keys:
            line, said = self._lines.setdefault((key, decision.name), (decision.line, verdict))
            if said is not verdict:
                raise ValueError(f"{decision.name} is {verdict} here and {said} in line {line}")
        for key in keys:
            if self._said.get((key, decision.name)) == (verdict, decision.reason.strip(), decision.note.strip()):
                self.known += 1
                continue
            self.reviews[key, decision.name] = Review(
                watch_key=key,
                name=decision.name,
                verdict=verdict,
                reviewer=self._reviewer,
                reason=decision.reason.strip(),
                at=self._at,
                note=decision.note.strip(),
            )

    def _muting(self, decision: Decision, keys: Sequence[str]) -> Iterator[Mute]:
        until = expiry(decision.until, self._at)
        for key in keys:
            found = values(self._history, decision.name, self._named.get(key, key))[decision.scope]
            if not found:
                raise ValueError(f"no {decision.scope.replace('_', ' ')} of {decision.name} is known")
            for value in found:
                if self._muted(decision, value):
                    self.known += 1
                    continue
                yield Mute(
                    scope=decision.scope,
                    value=value,
                    until=until,
                    reviewer=self._reviewer,
                    reason=decision.reason.strip(),
                    at=self._at,
                )

    def _muted(self, decision: Decision, value: str) -> bool:
        """Whether this analyst's newest mute of it said the same: so long from then on, or until the same day."""
        said = [row for row in self._history.mutes if (row.scope, row.value) == (decision.scope, value)]
        if not said or key_of(said[-1].reviewer) != key_of(self._reviewer):
            return False
        return (said[-1].reason, said[-1].until) == (decision.reason.strip(), expiry(decision.until, said[-1].at))


def expiry(text: str, now: datetime) -> datetime:
    """When a mute ends: a length (`30d`, `4w`; `0d` ends it now) or a day, whose midnight UTC it is.

    Raises ValueError for the past and for dates that could be read in two ways.
    """
    words = text.strip().casefold()
    if match := _LENGTH.fullmatch(words):
        return now + int(match[1]) * (DAY if match[2].startswith("d") else timedelta(weeks=1))
    if match := _DOTTED.fullmatch(words):
        words = f"{match[3]}-{int(match[2]):02}-{int(match[1]):02}"
    try:
        until = from_iso(words.upper())
    except ValueError as error:
        raise ValueError(f"{text!r} is no end of a mute: a day such as 2024-12-31, or a length such as 30d") from error
    if until < now:
        raise ValueError(f"the mute would have ended already, on {iso(until)}")
    return until


def _plain(text: str) -> str:
    """A predecessor as people write it: a name, defanged or not, a watch's key, or a label."""
    try:
        return parse(text)
    except NotAName:
        return text.strip().casefold()
