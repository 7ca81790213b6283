"""What is to be done when: turns new watches, takedowns, sightings and looks into due rows. Keeps no facts."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tracker.model.facts import Observation, Presence, Sighting, canonical
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import from_iso, iso
from tracker.model.watching import Action, Takedown, Watch, WatchKind
from tracker.ports import Due, Work, answered_key
from tracker.stages.cadence import DAY, FLOORS, HOUR, backed_off, next_look, next_sweep
from tracker.stages.permission import candidates, is_active, obey

SWEEP, SWEEP_ALL, EDITS, POLL, CERTIFICATES, PIVOTS, DERIVE, NOTIFY, PUBLISH, CANARY, DISCARD = (
    "sweep:frequent",
    "sweep:all",
    "sweep:edits",
    "poll",
    "certificates",
    "pivots",
    "derive",
    "notify",
    "publish",
    "canary",
    "discard",
)
SETTLED = timedelta(days=30)
"""How long ago a watch without a takedown counts as having begun: it is swept daily to weekly from the start."""
OUTLET_PROBE = "page"
"""The one look that a protected brand's own domain gets: what a copy of its page would have in common with it."""
PROFILE_ATTEMPTS = 3
"""Looks that a probe spends on a name of the baseline that tells it nothing."""


def look_kind(probe: str) -> str:
    """The kind of due rows of a probe."""
    return f"look:{probe}"


def probe_of(kind: str) -> str:
    """The probe whose due rows are of this kind."""
    return kind.removeprefix("look:")


@dataclass(frozen=True, slots=True)
class Planner:
    """Writes due rows. `probes` are the ids of the probes that are switched on."""

    work: Work
    probes: tuple[str, ...]
    edits: bool
    weekly_all: bool
    page_floor: timedelta = FLOORS["page"]

    def watched(self, watches: Iterable[Watch], now: datetime, among: Iterable[Watch] = ()) -> None:
        """Schedule what new watches need: their baseline sweep at once, looks at the predecessor itself.

        `among` is all that is watched: a label is swept as long as one active watch carries it.
        """
        rows: list[Due] = []
        wanted = {watch.label for watch in among if is_active(watch)}
        planned = set(self.work.scheduled(SWEEP))
        for watch in watches:
            if not is_active(watch):
                self.forgotten(watch, wanted)
                planned -= {watch.label} - wanted
                continue
            if watch.label not in planned:
                planned.add(watch.label)
                rows += self._sweeps(watch.label, now, now - SETTLED)
            if watch.kind in (WatchKind.PREDECESSOR, WatchKind.ADOPTED) and watch.name is not None:
                self.work.put(f"name:{watch.name}", "watched")
                rows += self._looks(watch.name, now, now - 14 * DAY)
            elif watch.kind is WatchKind.PROTECTED and watch.name is not None and OUTLET_PROBE in self.probes:
                self.work.put(f"name:{watch.name}", "watched")
                rows.append(Due(look_kind(OUTLET_PROBE), watch.name, now, now - 14 * DAY))
        self.work.schedule(rows)

    def _sweeps(self, label: str, now: datetime, origin: datetime) -> list[Due]:
        rows = [Due(SWEEP, label, now, origin)]
        rows += [Due(SWEEP_ALL, label, now, origin)] if self.weekly_all else []
        rows += [Due(EDITS, label, now, origin)] if self.edits else []
        return rows

    def _looks(self, name: DomainName, now: datetime, origin: datetime) -> list[Due]:
        return [Due(look_kind(probe), name, now, origin) for probe in self.probes]

    def forgotten(self, watch: Watch, wanted: Collection[str] = ()) -> None:
        """Stop active looks for a watch that was paused, removed or marked PAP:RED; what was seen stays.

        Labels `wanted` by another watch are still swept.
        """
        if watch.label not in wanted:
            for kind in (SWEEP, SWEEP_ALL, EDITS):
                self.work.drop(kind, [watch.label])
        if watch.name is not None:
            for probe in self.probes:
                self.work.drop(look_kind(probe), [watch.name])

    def changed(self, watches: Collection[Watch], history: History, now: datetime) -> None:
        """Plan for watches that were paused, removed, resumed or marked, and for the names put forward for them.

        What may be looked at again is due again; a name of the baseline had its one look.
        """
        self.watched(watches, now, history.watches)
        names = candidates([watch for watch in watches if is_active(watch)], history)
        found = self.work.notes([f"name:{name}" for name in names])
        planned = {probe: self.work.scheduled(look_kind(probe)) for probe in self.probes}
        self.work.schedule(
            [
                row
                for name in sorted(names)
                if found.get(f"name:{name}") == "new"
                for row in self._looks(name, now, now - 14 * DAY)
                if name not in planned[probe_of(row.kind)]
            ]
        )
        obey(self.work, [(probe, look_kind(probe)) for probe in self.probes], history)

    def taken_down(
        self, takedowns: Collection[Takedown], actions: Iterable[Action], watches: Sequence[Watch], now: datetime
    ) -> int:
        """Start the fast cadence for takedowns not met before; returns how many they were.

        A takedown of a name that nobody may look at is noted, and nothing is planned for it.
        """
        moments = {action.action_id: action.when for action in actions}
        active = [watch for watch in watches if is_active(watch)]
        labels = {watch.name: watch.label for watch in active if watch.name is not None}
        mirrors = {watch.matched_to: watch.label for watch in active if watch.kind is WatchKind.CONTROL}
        silent = {watch.name for watch in watches} - set(labels)
        rows: list[Due] = []
        fresh = 0
        met = set(self.work.notes([f"takedown:{takedown.key}" for takedown in takedowns]))
        for takedown in takedowns:
            note = f"takedown:{takedown.key}"
            if note in met:
                continue
            met.add(note)
            self.work.put(note, iso(now))
            fresh += 1
            if takedown.domain in silent:
                continue
            when = moments[takedown.action_id].bounds()
            origin = min(when.hi or now, now)
            label = labels.get(takedown.domain, "")
            mirrored = mirrors.get(f"{WatchKind.PREDECESSOR}:{takedown.domain}", "")
            rows += [Due(SWEEP, entry, now, origin) for entry in (label, mirrored) if entry]
            rows += self._looks(takedown.domain, now, origin)
            self._stale(takedown.domain)
        self.work.schedule(rows)
        return fresh

    def sighted(
        self, sightings: Sequence[Sighting], observations: Sequence[Observation], now: datetime, *, baseline: bool
    ) -> None:
        """Schedule looks at names met for the first time, and at baseline names that changed hands.

        A name met in the baseline sweep is profiled once; after that the sweeps see it.
        """
        rows: list[Due] = []
        servers = {look.name: canonical(look.facts) for look in observations if look.presence is Presence.PRESENT}
        names = sorted({sighting.name for sighting in sightings})
        notes = self.work.notes([f"{kind}:{name}" for name in names for kind in ("name", "servers")])
        for name in names:
            known = notes.get(f"name:{name}")
            seen = servers.get(name)
            before = notes.get(f"servers:{name}")
            if seen is not None and seen != before:
                self.work.put(f"servers:{name}", seen)
            if known is None:
                self.work.put(f"name:{name}", "baseline" if baseline else "new")
                rows += self._looks(name, now, now)
            elif known == "baseline" and seen is not None and before is not None and seen != before:
                self.work.put(f"name:{name}", "new")
                rows += self._looks(name, now, now)
                self._stale(name)
        self.work.schedule(rows)

    def returned(self, names: Iterable[DomainName], now: datetime) -> None:
        """Look again, and from now on, at names of the baseline that left the zone and came back."""
        wanted = sorted(names)
        notes = self.work.notes([f"name:{name}" for name in wanted])
        rows: list[Due] = []
        for name in wanted:
            if notes.get(f"name:{name}") == "baseline":
                self.work.put(f"name:{name}", "new")
                rows += self._looks(name, now, now)
                self._stale(name)
        self.work.schedule(rows)

    def _stale(self, name: str) -> None:
        """What a registry said of the name is old news: it may be asked again before its answer is a day old."""
        key = answered_key("registration", name)
        if self.work.get(key):
            self.work.put(key, "")

    def looked(self, probe: str, due: Collection[Due], presences: dict[str, Presence], now: datetime) -> None:
        """Schedule the next look at names that were just looked at; a baseline name has had its one profile.

        When presence changed, the other probes look at the name at once: together they tell what happened.
        """
        kind = look_kind(probe)
        rows: list[Due] = []
        done: list[str] = []
        changed: list[str] = []
        heads = ("name", f"absent:{probe}", "changed")
        notes = self.work.notes([f"{head}:{row.key}" for row in due for head in heads])
        for row in due:
            told = presences.get(row.key) is not Presence.INDETERMINATE
            attempts = 0 if told else row.attempts + 1
            if notes.get(f"name:{row.key}") == "baseline" and (told or attempts >= PROFILE_ATTEMPTS):
                done.append(row.key)
                continue
            key = f"absent:{probe}:{row.key}"
            before, presence = notes.get(key), presences.get(row.key)
            if _turned(before, presence):
                changed.append(row.key)
            absent = self._absent_since(key, before, presence, now)
            since = now if changed[-1:] == [row.key] else _moment(notes.get(f"changed:{row.key}"))
            again = next_look(
                probe,
                row.key,
                now,
                row.origin,
                absent,
                changed=since,
                failures=attempts,
                floor=self.page_floor if probe == "page" else None,
            )
            rows.append(Due(kind, row.key, again, row.origin, attempts))
        self.work.drop(kind, done)
        self.work.schedule(rows)
        self._hurry(probe, changed, now)

    def _hurry(self, probe: str, names: Collection[str], now: datetime) -> None:
        """Have the other probes look at names that just changed; pages keep their distance."""
        for name in names:
            self.work.put(f"changed:{name}", iso(now))
            if probe != "registration":
                self._stale(name)
        for other in self.probes:
            if names and other not in (probe, "page"):
                rows = self.work.rows(look_kind(other), names)
                self.work.schedule([Due(row.kind, row.key, now, row.origin, row.attempts) for row in rows])

    def _absent_since(self, key: str, noted: str | None, presence: Presence | None, now: datetime) -> datetime | None:
        if presence is Presence.ABSENT and not noted:
            self.work.put(key, iso(now))
            return now
        if presence is Presence.PRESENT and noted != "":
            self.work.put(key, "")
            return None
        return _moment(noted)

    def swept(self, kind: str, due: Collection[Due], now: datetime, *, told: bool = True) -> None:
        """Schedule the next sweep of labels just swept. One that told nothing at all is tried again, ever later.

        Nor is it a baseline: what the next one finds may have been there before.
        """
        if not told:
            again = [replace(row, attempts=row.attempts + 1) for row in due]
            self.work.schedule([replace(row, due_at=now + backed_off(HOUR / 2, row.attempts)) for row in again])
            return
        weekly = {SWEEP_ALL: 7 * DAY, EDITS: DAY}
        self.work.schedule(
            [
                Due(
                    kind,
                    row.key,
                    now + weekly[kind] if kind in weekly else next_sweep(kind, now, row.origin),
                    row.origin,
                )
                for row in due
            ]
        )
        for row in due:
            if self.is_baseline(kind, row.key):
                self.work.put(_baseline(kind, row.key), iso(now))

    def is_baseline(self, kind: str, label: str) -> bool:
        """Whether the label has never been swept that way to the end; what is found then was there before."""
        return self.work.get(_baseline(kind, label)) is None


def _moment(noted: str | None) -> datetime | None:
    return from_iso(noted) if noted else None


def _turned(noted: str | None, presence: Presence | None) -> bool:
    """Whether a definite look says the opposite of the definite look before it (noted "" = it was there)."""
    return (presence is Presence.ABSENT and noted == "") or (presence is Presence.PRESENT and bool(noted))


def _baseline(kind: str, label: str) -> str:
    return f"baseline:{EDITS if kind == EDITS else SWEEP}:{label}"
