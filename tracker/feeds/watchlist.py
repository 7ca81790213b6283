"""A watchlist, polled: TOML with actions, takedowns, brands and claims; or a bare list of names that it points to."""

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx

from tracker.decoders import namelist, watchlist
from tracker.decoders.watchlist import LabelOf, Watchlist
from tracker.feeds.locations import LOOSE, Unreachable, fetch
from tracker.model.facts import Batch, Cursor, Gap, Reason
from tracker.model.times import Bounds, Precision, When, from_iso, iso
from tracker.model.watching import Action, ActionKind, Cohort, Source, Takedown, Watch, WatchKind
from tracker.ports import Clock

SHRINK_LIMIT = 0.5
"""A list that loses more than this share of its names at once is not applied: an emptied file is not an un-seizure."""

NOTED_EVERY = timedelta(hours=12)
"""How often an unchanged list is noted as read; a gap may be stated that much too wide, never too narrow."""


@dataclass(frozen=True, slots=True)
class WatchlistFeed:
    """One list at one location. `id` names it in cursors and gaps."""

    id: str
    location: str
    http: httpx.AsyncClient
    clock: Clock
    label_of: LabelOf
    complain: Callable[[str], None]

    async def poll(self, cursor: Cursor | None) -> AsyncIterator[Batch]:
        """What the list says when it changed, else a batch with the cursor alone; a gap when it could not be read."""
        now = self.clock.now()
        state: dict[str, Any] = json.loads(cursor.state) if cursor else {}
        try:
            # A list that points to names kept elsewhere is read whole each time: names change, the pointer does not.
            validators = {} if state.get("points") else state.get("validators", {})
            fetched = await fetch(self.location, self.http, validators)
            pointer = self._pointer(fetched.text or "", now)
            listed = await self._listed(pointer)
            digest = hashlib.sha256(((fetched.text or "") + listed).encode()).hexdigest()
            changed = fetched.text is not None and digest != state.get("sha256")
            read = self._read(fetched.text or "", pointer, listed, now) if changed else None
        except Unreachable as error:
            self.complain(f"{error}; what was read before stays")
            yield Batch(gaps=(self._gap(state, now, error.reason, str(error)),), cursor=cursor)
            return
        noted = state.get("last_success")
        state |= {"last_success": iso(now), "validators": dict(fetched.validators)}
        if read is None:
            if noted is None or now - from_iso(noted) >= NOTED_EVERY:
                yield Batch(cursor=Cursor(self.id, json.dumps(state, sort_keys=True)))
            return
        for problem in read.problems:
            self.complain(f"{self.location}:{problem.line}: {problem.text}")
        if read.names < SHRINK_LIMIT * state.get("names", 0):
            message = f"{self.location} shrank from {state['names']} names to {read.names}: not applied"
            self.complain(message)
            yield Batch(gaps=(self._gap(state, now, Reason.MALFORMED, message),), cursor=cursor)
            return
        state |= {"sha256": digest, "names": read.names, "points": bool(read.listed)}
        yield Batch(
            operations=read.operations,
            actions=read.actions,
            takedowns=read.takedowns,
            claims=read.claims,
            watches=read.watches,
            cursor=Cursor(self.id, json.dumps(state, sort_keys=True)),
        )

    def _gap(self, state: Mapping[str, Any], now: datetime, reason: Reason, detail: str) -> Gap:
        first = from_iso(state["last_success"]) if "last_success" in state else now
        return Gap(source=self.id, scope=self.location, first=first, last=now, reason=reason, detail=detail)

    def _pointer(self, text: str, now: datetime) -> Watchlist | None:
        """The list as TOML; None for a bare list of names."""
        if self.location.endswith(LOOSE):
            return None
        return watchlist.read(text, origin=self.location, since=now, label_of=self.label_of)

    async def _listed(self, pointer: Watchlist | None) -> str:
        """The names that the list points to, as text; empty when it points nowhere. Raises Unreachable."""
        if pointer is None or not pointer.listed:
            return ""
        return (await fetch(str(pointer.listed.get("location", "")), self.http, {})).text or ""

    def _read(self, text: str, pointer: Watchlist | None, listed: str, now: datetime) -> Watchlist:
        if pointer is not None:
            return self._with_names(pointer, listed, pointer.listed, now) if pointer.listed else pointer
        action = Action(
            action_id=self.id,
            operation_id="",
            kind=ActionKind.SEIZURE,
            authority="",
            when=When(now, Precision.UNKNOWN),
            title=self.location,
        )
        columns = {"columns": {"domain": "domain"}} if self.location.endswith(".csv") else {}
        return self._with_names(Watchlist(actions=(action,)), text, columns, now)

    def _with_names(self, read: Watchlist, text: str, how: Mapping[str, Any], now: datetime) -> Watchlist:
        columns = how.get("columns")
        names = namelist.read_csv(text, columns) if columns else namelist.read_plain(text)
        cohort = Cohort(how.get("cohort", Cohort.OWN_BRAND))
        takedowns, watches = list(read.takedowns), list(read.watches)
        problems = [*read.problems, *names.problems]
        for position, entry in enumerate(names.names, start=1):
            label = self.label_of(entry.name)
            if not label:
                problems.append(namelist.Problem(entry.line, f"{entry.name} is a public suffix, nobody registers it"))
                continue
            source = (Source(self.id, self.location, place=f"line {entry.line}"),)
            brand = entry.cells.get("brand", "")
            takedowns.extend(
                Takedown(
                    action_id=action.action_id,
                    domain=entry.name,
                    cohort=cohort,
                    brand=brand,
                    effective=_effective(entry.cells.get("date", "")),
                    position=position,
                    sources=source,
                )
                for action in read.actions
            )
            watches.append(
                Watch(
                    kind=WatchKind.PREDECESSOR,
                    label=label,
                    since=now,
                    name=entry.name,
                    operation_id=read.operations[0].operation_id if read.operations else "",
                    cohort=cohort,
                    brand=brand,
                    sources=source,
                )
            )
        return Watchlist(
            operations=read.operations,
            actions=read.actions,
            takedowns=tuple(takedowns),
            claims=read.claims,
            watches=tuple(watches),
            listed=read.listed,
            problems=tuple(problems),
            names=read.names + len(names.names),
            duplicates=read.duplicates + names.duplicates,
        )


def _effective(text: str) -> Bounds:
    try:
        return When.of(text).bounds() if text else Bounds(None, None)
    except ValueError:
        return Bounds(None, None)
