"""Composition for those who only read: a database opened without its lock, lists looked at without a daemon."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from tracker import __version__
from tracker.analysis.churn import told_week, week_bounds
from tracker.analysis.derivation import Judge
from tracker.analysis.queue import Queue, Wanted, queue
from tracker.analysis.retractions import withdrawn_names
from tracker.clients.proxy import Proxy
from tracker.clients.system import SystemClock
from tracker.decoders.watchlist import Watchlist
from tracker.export import EXPORTERS, MissingPart, Selection, write_package
from tracker.export.codebook import codebook
from tracker.export.contents import contents
from tracker.export.disclosure import PROFILES
from tracker.export.evidence import dossier, evidence_files, referred, zipped
from tracker.export.published import published_rows
from tracker.export.queue import queue_csv
from tracker.export.render import write_report
from tracker.export.report import weekly
from tracker.export.snapshot import TITLE, citation, snapshot_id
from tracker.feeds.checking import checked, file_of, is_polled, is_watchlist
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.facts import Run
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import DAY, iso
from tracker.model.views import Views
from tracker.policies import figures_of, policy_of
from tracker.ports import Held, StorageTrouble, ViewStore, Work
from tracker.settings import Settings, probes
from tracker.stages.complaining import known
from tracker.stages.planner import Planner
from tracker.storage.database import open_database
from tracker.storage.log import SqlLog
from tracker.storage.migrate import WrongSchema, ensure_current, upgrade_alone
from tracker.storage.refusals import held_back
from tracker.storage.views import SqlViewStore
from tracker.storage.work import SqlWork

__all__ = [
    "EXPORTERS",
    "PROFILES",
    "MissingPart",
    "Selection",
    "Stored",
    "Unreadable",
    "checked_list",
    "cited",
    "codebook",
    "contacts",
    "contents",
    "evidence_zip",
    "is_polled",
    "is_watchlist",
    "judging",
    "list_text",
    "opened",
    "published_rows",
    "queue_csv",
    "queued",
    "views_at",
    "views_before",
    "write_package",
    "written_report",
]


class Unreadable(Exception):
    """The database is not there, not ours, or of another version; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An existing database, open for reading beside a running daemon."""

    log: SqlLog
    work: Work
    views: ViewStore
    held_back: Callable[[datetime], tuple[Held, ...]] = lambda now: ()


@contextmanager
def opened(settings: Settings) -> Iterator[Stored]:
    """The database of the settings; raises Unreadable. Nothing is created or migrated."""
    try:
        database = open_database(settings.database.address)
        ensure_current(database)
    except (StorageTrouble, WrongSchema, ValueError) as error:
        raise Unreadable(str(error)) from error
    try:
        yield Stored(
            SqlLog(database),
            SqlWork(database, visitor=True),
            SqlViewStore(database),
            partial(held_back, database),
        )
    finally:
        database.dispose()


@contextmanager
def desk(settings: Settings, stage: str) -> Iterator[tuple[Stored, Planner, Run, datetime]]:
    """An open database for somebody who adds to it by hand, with a planner, a run of that stage and the present.

    A database that does not exist is made: the first thing somebody wants may be to watch a name.
    """
    now = SystemClock().now()
    try:
        database = open_database(settings.database.address)
        upgrade_alone(database, now)
        database.dispose()
    except (StorageTrouble, WrongSchema, ValueError) as error:
        raise Unreadable(str(error)) from error
    run = Run(
        run_id=f"{stage}@{now.isoformat()}",
        stage=stage,
        started_at=now,
        vantage=settings.identity.vantage,
        versions={"tracker": __version__},
    )
    with opened(settings) as stored:
        yield (
            stored,
            Planner(stored.work, probes(settings), settings.sweeps.edits > 0, settings.sweeps.weekly_all),
            run,
            now,
        )


def views_at(settings: Settings, as_of: datetime | None) -> tuple[History, Views] | None:
    """The log as known at `as_of` (None: its newest record) and what follows; None if nothing was recorded by then."""
    policy = policy_of(settings)
    with opened(settings) as stored:
        newest = stored.log.newest()
        if newest is None:
            return None
        if as_of is not None and as_of > max(newest, SystemClock().now()) + DAY:  # the day that is not over yet
            raise ValueError(
                f"nobody knows yet what will be known at {iso(as_of)}: the newest record is of {iso(newest)}"
            )
        history = stored.log.history(as_of or newest)
        kept = stored.views.load()
    if not history.runs:
        return None
    if kept is not None and kept.as_of == history.as_of and kept.rules_version == policy.rules_version:
        return history, kept
    return history, Judge(Suffixes.bundled(), policy).derive(history)[0]


def queued(settings: Settings, wanted: Wanted) -> Queue | None:
    """The candidates that an analyst should judge, by all that is recorded; None if nothing is."""
    found = views_at(settings, None)
    return None if found is None else queue(*found, SystemClock().now(), wanted)


def evidence_zip(settings: Settings, name: DomainName, as_of: datetime | None) -> bytes | None:
    """The evidence file on a name as known at `as_of`; None if nothing was recorded by then. Raises ValueError when
    there is nothing to say of the name, or what was said of it was taken back.
    """
    found = views_at(settings, as_of)
    if found is None:
        return None
    history, views = found
    if not known(history, name):
        raise ValueError(f"{name} is neither watched nor was it ever put forward")
    if (gone := withdrawn_names(history).get(name)) is not None:
        raise ValueError(f"{name} was taken back on {gone:%Y-%m-%d}; review it again if that was wrong")
    for link in settings.publishing.captures:
        if "{name}" not in link:
            raise ValueError(f"publishing.captures: {link!r} has no {{name}} in it")
    with opened(settings) as stored:
        exhibits = stored.log.exhibits(referred(history, name), history.as_of)
    files = evidence_files(dossier(history, views, name, exhibits, settings.publishing.captures))
    return zipped(files, f"evidence-{name}", history.as_of)


def views_before(settings: Settings, week: str, as_of: datetime) -> Views | None:
    """What the report before that of `week` said: from the log as known when the week began, or at an earlier `as_of`.

    None if nothing had been recorded; raises ValueError for anything but `YYYY-Www`.
    """
    with opened(settings) as stored:
        history = stored.log.history(min(week_bounds(week)[0], as_of))
    return Judge(Suffixes.bundled(), policy_of(settings)).derive(history)[0] if history.runs else None


def written_report(
    settings: Settings, history: History, views: Views, week: str, target: Path, previous: Views | None = None
) -> None:
    """Write the report of one ISO week; raises ValueError for a week that is none or of which nothing is known, or
    OSError."""
    told_week(history, week)
    start = week_bounds(week)[0]
    lab = any(run.vantage == "lab" for run in history.runs)
    title = f"Domain churn, week of {start:%Y-%m-%d}"
    basis = "replay" if lab else "observed"
    context = weekly(
        history,
        views,
        week,
        title=title,
        basis_name=basis,
        previous=previous,
        published=figures_of(settings),
        derive=judging(settings),
    )
    write_report(context, target)


def judging(settings: Settings) -> Callable[[History], Views]:
    """What follows from a log by the rules of the settings."""
    judge = Judge(Suffixes.bundled(), policy_of(settings))
    return lambda history: judge.derive(history)[0]


def cited(history: History, views: Views) -> str:
    """How to cite the data as known at its `as_of`; a report of that moment carries the same words."""
    return citation(TITLE, history, views, snapshot_id(history, views))


def list_text(location: str) -> str:
    """The text of a bundled list or a file; raises OSError or ValueError."""
    return file_of(location)


def checked_list(text: str, location: str, now: datetime) -> Watchlist:
    """A list of any kind, decoded for inspection; raises ValueError for an unknown kind."""
    return checked(location, text, now, Suffixes.bundled())


def checked_visits(settings: Settings) -> None:
    """Whether candidates could be visited as the settings want; raises ValueError for a proxy that is none."""
    Proxy.of(settings.pages.proxy)


def contacts(settings: Settings, locations: Sequence[str], now: datetime) -> list[str]:
    """Who would be asked how often, by the settings and what the lists hold: an estimate, sent nowhere."""
    suffixes = Suffixes.bundled()
    watches = [
        watch
        for location in locations
        if not is_polled(location)
        for watch in checked_list(list_text(location), location, now).watches
    ]
    labels = len({watch.label for watch in watches})
    often = len(suffixes.frequent() if settings.sweeps.suffixes == "frequent" else suffixes.all())
    everywhere = len(suffixes.all())
    daily = labels * often + labels * settings.sweeps.edits
    lines = [
        f"{labels} labels are watched.",
        f"Parent zones: {labels * often} questions per sweep of {often} suffixes, hourly for a day after a takedown, "
        f"every 6 h to day 3, daily to day 30, weekly after; {labels * everywhere} a week over {everywhere} suffixes; "
        f"about {daily} a day in between; at most {settings.dns.rate:g} a second to one set of servers.",
        *(
            [f"Resolver {settings.dns.resolver}: names on which the parents left a doubt."]
            if settings.dns.resolver
            else []
        ),
        "RDAP and WHOIS: one question a day per name under watch, "
        f"at most {settings.registration.rate:g} a second to one server.",
    ]
    if not settings.identity.contact:
        lines.append("CT logs: none, because identity.contact is empty.")
    elif settings.certificates.enabled:
        lines.append(
            f"CT logs: every {settings.certificates.every_minutes} minutes; about 0.3 GB a day for a busy shard "
            "by names tiles, about 5 GB by data tiles."
        )
    lines.append(
        "Pages: " + ("front pages at most every 6 h per name." if settings.pages.enabled else "none (pages.enabled).")
    )
    return lines
