"""Watchlists in TOML: one action or a set of brands, kept by hand, every row with its source."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tracker.decoders.namelist import Problem
from tracker.decoders.tables import shaped
from tracker.model.names import DomainName, NotAName, parse
from tracker.model.times import Bounds, When
from tracker.model.watching import (
    Action,
    ActionKind,
    Claim,
    ClaimKind,
    Cohort,
    Operation,
    Pap,
    Source,
    Takedown,
    Tlp,
    Watch,
    WatchKind,
)

LabelOf = Callable[[DomainName], str]
_SECTIONS = {"operation", "action", "sources", "takedown", "claim", "protected", "watch", "list", "tlp", "pap"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Watchlist:
    """What a watchlist says. `watches` holds a predecessor per takedown, the known names and the protected brands."""

    operations: tuple[Operation, ...] = ()
    actions: tuple[Action, ...] = ()
    takedowns: tuple[Takedown, ...] = ()
    claims: tuple[Claim, ...] = ()
    watches: tuple[Watch, ...] = ()
    listed: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    names: int = 0
    duplicates: int = 0


class _Reader:
    """Collects rows and problems of one document."""

    def __init__(self, text: str, document: Mapping[str, Any], origin: str, since: datetime, label_of: LabelOf) -> None:
        self.text, self.origin, self.since, self.label_of = text, origin, since, label_of
        self.problems: list[Problem] = []
        self.document = shaped(document, self.refuse)
        self.operation_id = str(self.document.get("operation", {}).get("id", ""))
        self.tlp: Tlp = self.choice(Tlp, self.document, "tlp", Tlp.CLEAR)
        self.pap: Pap = self.choice(Pap, self.document, "pap", Pap.CLEAR)

    def line_of(self, value: object) -> int:
        """The line that mentions the value; TOML readers do not say where a value stood."""
        match = re.search(rf"[\"'\[.]{re.escape(str(value))}[\"'\].]", self.text)
        return self.text.count("\n", 0, match.start()) + 1 if match else 1

    def refuse(self, value: object, reason: str) -> None:
        self.problems.append(Problem(self.line_of(value), reason))

    def name(self, row: Mapping[str, Any], key: str) -> DomainName | None:
        """The name in a cell, or None with the reason noted."""
        text = str(row.get(key, ""))
        try:
            name = parse(text)
        except NotAName as error:
            self.refuse(text, f"{key}: {error}")
            return None
        if not self.label_of(name):
            self.refuse(text, f"{key}: {name} is a public suffix, nobody registers it")
            return None
        return name

    def sources(self, row: Mapping[str, Any]) -> tuple[Source, ...]:
        ids = row.get("sources", [row["source"]] if "source" in row else [])
        table = self.document.get("sources", {})
        found = []
        for source_id in ids:
            if source_id not in table:
                self.refuse(source_id, f"source {source_id!r} is not described under [sources]")
                continue
            entry = table[source_id]
            found.append(Source(source_id, str(entry.get("title", "")), str(entry.get("url", "")), self.origin))
        if not ids:
            self.refuse(row.get("domain", row.get("name", "")), "a row without a source")
        return tuple(found)

    def choice(self, kind: Any, row: Mapping[str, Any], key: str, default: Any) -> Any:
        """A cell with a closed vocabulary; the default when it is not in it, with the reason noted."""
        text = row.get(key, default)
        try:
            return kind(text) if text is not None else None
        except ValueError:
            self.refuse(text, f"{key} {text!r} is none of {', '.join(kind)}")
            return default

    def when(self, row: Mapping[str, Any], key: str) -> When | None:
        text = row.get(key)
        if text is None:
            return None
        try:
            return When.of(text if isinstance(text, str) else text.isoformat())
        except ValueError as error:
            self.refuse(text, f"{key}: {error}")
            return None

    def names(self, row: Mapping[str, Any], key: str) -> tuple[DomainName, ...]:
        found = [self.name({key: text}, key) for text in row.get(key, ())]
        return tuple(name for name in found if name)

    def marking(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row's own TLP and PAP, else those at the top of the list."""
        return {"tlp": self.choice(Tlp, row, "tlp", self.tlp), "pap": self.choice(Pap, row, "pap", self.pap)}

    def watch(self, kind: WatchKind, name: DomainName, row: Mapping[str, Any], **more: Any) -> Watch:
        return Watch(
            kind=kind,
            label=self.label_of(name),
            since=self.since,
            name=name,
            operation_id=more.pop("operation_id", self.operation_id),
            brand=str(row.get("brand", "")),
            aliases=tuple(str(alias) for alias in row.get("aliases", ())),
            own=self.names(row, "own"),
            friendly=self.names(row, "friendly"),
            **self.marking(row),
            why=str(row.get("why", "")),
            sources=self.sources(row),
            **more,
        )


def read(text: str, *, origin: str, since: datetime, label_of: LabelOf) -> Watchlist:
    """Decode a watchlist. It never raises for its content: wrong rows are left out and named, with their line.

    `origin` (file or URL) is kept as the place of every row's source; `label_of` gives the registrable label of a name,
    empty for a public suffix.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        return Watchlist(problems=(Problem(int(line[1]) if line else 1, str(error)),))
    reader = _Reader(text, document, origin, since, label_of)
    for section in sorted(set(document) - _SECTIONS):
        reader.refuse(section, f"unknown section [{section}]; there are {', '.join(sorted(_SECTIONS))}")
    title = str(reader.document.get("operation", {}).get("title", ""))
    operations = (Operation(reader.operation_id, title),) if reader.operation_id else ()
    actions = _actions(reader)
    takedowns, predecessors = _takedowns(reader, actions)
    known = _watches(reader, "watch", WatchKind.PREDECESSOR)
    protected = _watches(reader, "protected", WatchKind.PROTECTED)
    every = [*predecessors, *known, *protected]
    watches = {watch.key: watch for watch in reversed(every)}
    return Watchlist(
        operations=operations,
        actions=actions,
        takedowns=takedowns,
        claims=_claims(reader),
        watches=tuple(watches[key] for key in sorted(watches)),
        listed=_listed(reader),
        problems=tuple(sorted(reader.problems, key=lambda problem: problem.line)),
        names=len(every),
        duplicates=len(every) - len(watches),
    )


def _listed(reader: _Reader) -> dict[str, Any]:
    """Where names are kept elsewhere, with the markings and the source that hold for all of them."""
    row = reader.document.get("list")
    if row is None:
        return {}
    if "location" not in row:
        reader.refuse("list", "a [list] needs a location: a file or a URL")
        return {}
    cohort = reader.choice(Cohort, row, "cohort", Cohort.OWN_BRAND)
    source = next(iter(reader.sources(row)), None) if "source" in row or "sources" in row else None
    return {**row, "cohort": cohort, "source": source, **reader.marking(row)}


def _actions(reader: _Reader) -> tuple[Action, ...]:
    row = reader.document.get("action")
    if row is None:
        return ()
    when = reader.when(row, "announced")
    if when is None or "id" not in row:
        reader.refuse("action", "an [action] needs an id and the day it was announced")
        return ()
    return (
        Action(
            action_id=str(row["id"]),
            operation_id=reader.operation_id,
            kind=reader.choice(ActionKind, row, "kind", ActionKind.SEIZURE),
            authority=str(row.get("authority", "")),
            when=when,
            title=str(row.get("title", "")),
            country=str(row.get("country", "")),
            instrument=str(row.get("instrument", "")),
            case_number=str(row.get("case_number", "")),
            sources=reader.sources(row),
        ),
    )


def _takedowns(reader: _Reader, actions: tuple[Action, ...]) -> tuple[tuple[Takedown, ...], list[Watch]]:
    rows = reader.document.get("takedown", ())
    if rows and not actions:
        reader.refuse("takedown", "takedowns without an [action]")
        return (), []
    takedowns: dict[DomainName, Takedown] = {}
    watches: list[Watch] = []
    for position, row in enumerate(rows, start=1):
        name = reader.name(row, "domain")
        cohort = reader.choice(Cohort, row, "cohort", None)
        if cohort is None:
            reader.refuse(row.get("domain", ""), "cohort must say own_brand or imitated: the two are never pooled")
        if name is None or cohort is None:
            continue
        imitates = reader.name(row, "imitates") if "imitates" in row else None
        effective = reader.when(row, "effective")
        takedowns[name] = Takedown(
            action_id=actions[0].action_id,
            domain=name,
            cohort=cohort,
            brand=str(row.get("brand", "")),
            imitates=imitates,
            effective=effective.bounds() if effective else Bounds(None, None),
            position=position,
            sources=reader.sources(row),
        )
        own = {"own": [str(imitates)]} if imitates and "own" not in row else {}
        watches.append(reader.watch(WatchKind.PREDECESSOR, name, {**row, **own}, cohort=cohort))
    return tuple(takedowns.values()), watches


def _watches(reader: _Reader, section: str, kind: WatchKind) -> list[Watch]:
    watches = []
    for row in reader.document.get(section, ()):
        name = reader.name(row, "name")
        if name is not None:
            cohort = reader.choice(Cohort, row, "cohort", None)
            watches.append(reader.watch(kind, name, row, cohort=cohort))
    return watches


def _claims(reader: _Reader) -> tuple[Claim, ...]:
    claims: dict[str, Claim] = {}
    for row in reader.document.get("claim", ()):
        name, sources = reader.name(row, "domain"), reader.sources(row)
        replaces = reader.name(row, "replaces") if "replaces" in row else None
        if name is None or not sources:
            continue
        when = reader.when(row, "registered")
        kind = ClaimKind.REPLACES if replaces else ClaimKind.REGISTERED if when else ClaimKind.BELONGS
        claim = Claim(
            kind=kind,
            domain=name,
            source=sources[0],
            operation_id=reader.operation_id,
            replaces=replaces,
            when=when,
            raw=str(row.get("raw", row.get("registered", ""))),
            **reader.marking(row),
        )
        claims[claim.key] = claim
    return tuple(claims[key] for key in sorted(claims))
