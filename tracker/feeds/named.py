"""Names that a watchlist points to: with an action they are its takedowns and are watched, else they are claims."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from tracker.decoders import namelist
from tracker.decoders.listing import Listing, Statement
from tracker.decoders.namelist import Problem
from tracker.decoders.watchlist import Watchlist
from tracker.feeds import cof, meta, misp, names, ofac, stix
from tracker.feeds.locations import Unreachable
from tracker.feeds.published import Format, Standing, claims_of, read_as, revision
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.facts import Reason
from tracker.model.names import DomainName, NotAName, parse
from tracker.model.times import UNBOUNDED, Bounds, When
from tracker.model.watching import Cohort, Pap, Source, Takedown, Tlp, Watch, WatchKind

FORMATS: Mapping[str, Format] = {
    kind.id: kind for kind in (meta.FORMAT, misp.FORMAT, stix.FORMAT, cof.FORMAT, names.PLAIN, names.HOSTS, ofac.FORMAT)
}
"""Formats of one document, by the word for them in settings and watchlists."""


@dataclass(frozen=True, slots=True)
class Named:
    """One row of a list that is pointed to: what it states, and what takedowns take from its cells."""

    statement: Statement
    line: int = 0
    brand: str = ""
    effective: Bounds = UNBOUNDED


def format_of(how: Mapping[str, Any]) -> Format | None:
    """The format that a `[list]` names; None for plain names and CSV. Raises Unreachable for an unknown one."""
    if "format" not in how:
        return None
    if how["format"] not in FORMATS:
        raise Unreachable(Reason.MALFORMED, f"list.format {how['format']!r} is none of {', '.join(FORMATS)}")
    return FORMATS[how["format"]]


def with_names(read: Watchlist, text: str, location: str, since: datetime, suffixes: Suffixes) -> Watchlist:
    """The watchlist with the names of `text`, which stands at `location`; raises Unreachable if it is no such list."""
    how = read.listed
    listing, rows = _rows(text, how, location)
    problems = list(listing.problems)
    taken: list[Named] = []
    for row in rows:
        if suffixes.split(row.statement.name).label:
            taken.append(row)
        else:
            problems.append(Problem(row.line, f"{row.statement.name} is a public suffix, nobody registers it"))
    found = replace(
        read,
        problems=(*read.problems, *problems),
        names=read.names + len(listing.statements),
        duplicates=read.duplicates + listing.rows - len(listing.statements),
    )
    version = revision(text)
    said: Source = how.get("source") or Source(location, location)
    if read.actions:
        return _taken_down(found, taken, replace(said, revision=version), location, since, suffixes)
    standing = Standing(
        source_id=said.source_id,
        title=said.title,
        url=said.url,
        operation_id=read.operations[0].operation_id if read.operations else "",
        tlp=how.get("tlp", Tlp.CLEAR),
        pap=how.get("pap", Pap.CLEAR),
    )
    stated = replace(listing, statements=tuple(row.statement for row in taken))
    return replace(found, claims=(*read.claims, *claims_of(stated, standing, location, version, suffixes)))


def _taken_down(
    read: Watchlist, rows: list[Named], said: Source, location: str, since: datetime, suffixes: Suffixes
) -> Watchlist:
    """Each row hit by each action of the watchlist, and watched as a predecessor."""
    how = read.listed
    cohort = Cohort(how.get("cohort", Cohort.OWN_BRAND))
    takedowns, watches = list(read.takedowns), list(read.watches)
    for position, row in enumerate(rows, start=1):
        sources = (replace(said, place=f"{location}, {row.statement.place}"),)
        takedowns += [
            Takedown(
                action_id=action.action_id,
                domain=row.statement.name,
                cohort=cohort,
                brand=row.brand,
                effective=row.effective,
                position=position,
                sources=sources,
            )
            for action in read.actions
        ]
        watches.append(
            Watch(
                kind=WatchKind.PREDECESSOR,
                label=suffixes.split(row.statement.name).label,
                since=since,
                name=row.statement.name,
                operation_id=read.operations[0].operation_id if read.operations else "",
                cohort=cohort,
                brand=row.brand,
                tlp=how.get("tlp", Tlp.CLEAR),
                pap=how.get("pap", Pap.CLEAR),
                sources=(replace(said, place=f"{location}, {row.statement.place}", revision=""),),
            )
        )
    return replace(read, takedowns=tuple(takedowns), watches=tuple(watches))


def _rows(text: str, how: Mapping[str, Any], location: str) -> tuple[Listing, list[Named]]:
    kind = format_of(how)
    if kind is not None:
        listing = read_as(kind, text, location)
        first = {row.name: row for row in reversed(listing.statements)}
        return listing, [Named(row) for row in reversed(first.values())]
    found = namelist.read_csv(text, how["columns"]) if how.get("columns") else namelist.read_plain(text)
    rows = list(_cells(found))
    statements = tuple(row.statement for row in rows)
    return Listing(statements=statements, rows=len(rows) + found.duplicates, problems=found.problems), rows


def _cells(found: namelist.NameList) -> Iterator[Named]:
    for row in found.names:
        cells = row.cells
        when = When.stated(cells.get("registered", ""))
        statement = Statement(
            name=row.name,
            place=f"row {row.line}",
            raw=" | ".join(filter(None, cells.values())),
            when=when,
            registered=when is not None,
            replaces=_name(cells.get("replaces", "")),
        )
        date = When.stated(cells.get("date", ""))
        yield Named(statement, row.line, cells.get("brand", ""), date.bounds() if date else UNBOUNDED)


def _name(text: str) -> DomainName | None:
    try:
        return parse(text) if text else None
    except NotAName:
        return None
