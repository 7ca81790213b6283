"""The numbers of a report, gathered. Pure: log, views and counts in, one context out. `render` writes it."""

import gc
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from tracker.analysis.agreement import first_words
from tracker.analysis.announced import waiting
from tracker.analysis.churn import ChurnWeek, churn, week_bounds
from tracker.analysis.displacement import Displacement, displacements
from tracker.analysis.footing import Footing, footing
from tracker.analysis.measurement import MeasurementRow, PublishedFigure, measure
from tracker.analysis.mutes import Silence
from tracker.analysis.placebo import Placebo, placebo_dates
from tracker.analysis.triangle import triangle
from tracker.export.boxes import boxes
from tracker.export.context import Announced, Disputed, Erratum, Question, ReportContext, Story
from tracker.export.countings import countings, endings, heat
from tracker.export.disclosure import PUBLIC, Disclosure, disclosed
from tracker.export.lasting import lasting
from tracker.export.revisions import complaints, corrections, freshness, reviewed_rows, taken_back
from tracker.export.rows_views import watched
from tracker.export.snapshot import citation, snapshot_id
from tracker.export.stories import story
from tracker.export.windows import OWN_BASES
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.views import Evidence, Verdict, Views
from tracker.model.watching import WatchKind

NO_PLACEBOS: Mapping[str, Sequence[Placebo]] = {}
NOTHING = "No action with takedowns is on record, so there is nothing to count replacements from."


@contextmanager
def _uncollected() -> Iterator[None]:
    """What was read stays, and nothing counted is in a cycle: the collector would walk it for nothing."""
    wanted = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if wanted:
            gc.enable()


@_uncollected()
def weekly(
    history: History,
    views: Views,
    week: str,
    *,
    title: str,
    previous: Views | None = None,
    basis_name: str = "observed",
    assumed: str = "",
    published: Sequence[PublishedFigure] = (),
    disclosure: Disclosure = PUBLIC,
    derive: Callable[[History], Views] | None = None,
) -> ReportContext:
    """The report of one ISO week from what may be shown; raises ValueError for anything but `YYYY-Www`.

    `derive` judges each action anew at placebo dates; without it none are given. Controls stay in for counting
    what chance would give; their names are never listed.
    """
    shown, conclusions = disclosed(history, views, Disclosure(disclosure.ceiling, controls=True))
    before = disclosed(history, previous, Disclosure(disclosure.ceiling, controls=True))[1] if previous else None
    taken = {takedown.action_id for takedown in shown.takedowns}
    footings = [footing(shown, conclusions, action.action_id) for action in shown.actions if action.action_id in taken]
    rows = [
        row
        for base in footings
        for row in measure(shown, base, basis_name=basis_name, assumed=assumed, published=published)
    ]
    return report_context(
        shown,
        conclusions,
        churn(shown, conclusions, week, previous=before, footings=footings),
        footings,
        rows,
        displacements(shown, conclusions),
        title=title,
        snapshot=snapshot_id(history, views),
        reviewed=reviewed_rows(
            shown, conclusions, sorted(taken & {row.action_id for row in shown.actions}), basis_name
        ),
        errata=taken_back(history, week_bounds(week)[0]),
        placebos=placebo_dates(shown, derive) if derive else {},
        announcements=announced(history),
    )


def report_context(
    history: History,
    views: Views,
    week: ChurnWeek | None,
    footings: Sequence[Footing],
    measurements: Sequence[MeasurementRow],
    curves: Sequence[Displacement],
    *,
    title: str,
    snapshot: str = "",
    reviewed: Sequence[MeasurementRow] = (),
    errata: Sequence[Erratum] = (),
    placebos: Mapping[str, Sequence[Placebo]] = NO_PLACEBOS,
    announcements: Sequence[Announced] = (),
) -> ReportContext:
    """Gather a report with a story of each action in `footings`; `week` None leaves out what belongs to one week. Apply
    `disclosed` before counting.

    `snapshot` is taken from the whole log by who calls, because this sees only what may be shown.
    """
    newest_first = sorted(footings, key=lambda base: (base.action.when.at, base.action.action_id), reverse=True)
    stories = tuple(
        story(history, views, base, measurements, curves, reviewed, placebos.get(base.action.action_id, ()))
        for base in newest_first
    )
    newest = next((row for row in stories if week is None or row.announced < week.last), None)
    lasted = lasting(history, views)
    lab = any(row.basis == "replay" for row in measurements)
    versions: dict[str, set[str]] = defaultdict(set)
    for run in history.runs:
        for part, version in run.versions.items():
            versions[part].add(version)
    return ReportContext(
        title=title,
        snapshot=snapshot,
        as_of=views.as_of,
        lab=lab,
        headline=headline(stories, newest, week),
        boxes=boxes(newest, week),
        stories=stories,
        churn=week,
        corrections=corrections(views, week),
        errata=tuple(errata),
        triangle=triangle(views),
        lasting=lasted,
        endings=endings(lasted),
        countings=countings(history, views),
        heat=heat(views),
        freshness=freshness(history, week),
        questions=questions(history, views, week),
        disputed=disputed(history),
        announced=tuple(announcements),
        reported=complaints(history, views),
        assumptions=tuple(sorted({row.assumed for row in measurements if row.assumed and row.basis in OWN_BASES})),
        rules_version=views.rules_version,
        versions={part: tuple(sorted(versions[part])) for part in sorted(versions)},
        citation=citation(title, history, views, snapshot or "of no log"),
    )


def headline(stories: Sequence[Story], newest: Story | None, week: ChurnWeek | None) -> str:
    """What the newest action by the end of the week came to; a later one is no news of that week."""
    if newest is not None:
        return newest.summary
    return f"No action with takedowns had been announced by the end of {week.week}." if stories and week else NOTHING


def questions(history: History, views: Views, week: ChurnWeek | None = None) -> tuple[Question, ...]:
    """Candidates that are POSSIBLE, neither reviewed nor muted, strongest first, with the best reason each way."""
    names, silence = watched(history), Silence(history, views.as_of)
    open_to = {watch.key for watch in history.watches if watch.kind is not WatchKind.CONTROL}
    reasons: dict[tuple[str, DomainName], list[Evidence]] = defaultdict(list)
    for row in views.evidence:
        reasons[row.watch_key, row.name].append(row)
    asked = [
        row
        for row in views.assessments
        if row.verdict is Verdict.POSSIBLE
        and not row.reviewed
        and row.watch_key in open_to
        and silence.covers(row.name, names[row.watch_key]) is None
    ]
    met: dict[tuple[str, DomainName], datetime] = {}
    wanted = {(row.watch_key, row.name) for row in asked}
    for seen in history.sightings:
        if (key := (seen.watch_key, seen.name)) in wanted:
            met[key] = min(seen.at, met.get(key, seen.at))

    def new(moment: datetime | None) -> bool:
        return moment is not None and week is not None and week.first <= moment < week.last

    return tuple(
        Question(
            name=row.name,
            might_replace=names[row.watch_key],
            put_forward=met.get((row.watch_key, row.name)),
            new=new(met.get((row.watch_key, row.name))),
            verdict=row.verdict.value,
            bits=row.bits,
            pro=_strongest(reasons[row.watch_key, row.name], sign=1),
            contra=_strongest(reasons[row.watch_key, row.name], sign=-1),
        )
        for row in sorted(asked, key=lambda row: (-row.bits, row.name, row.watch_key))
    )


def disputed(history: History) -> tuple[Disputed, ...]:
    """Candidates that analysts judged differently, by name. The newest review decides all the same."""
    names = watched(history)
    said: dict[tuple[DomainName, str], list[str]] = defaultdict(list)
    for verdicts in first_words(history).values():
        for (key, name), verdict in verdicts.items():
            said[name, key].append(verdict)
    return tuple(
        Disputed(name=name, might_replace=names[key], verdicts=tuple(sorted(verdicts)))
        for (name, key), verdicts in sorted(said.items())
        if len(set(verdicts)) > 1 and key in names
    )


def announced(history: History) -> tuple[Announced, ...]:
    """Announcements that wait to be imported by hand, the newest first. Public, so taken from the whole log."""
    return tuple(
        Announced(
            published=row.published.at,
            authority=row.authority,
            title=row.title,
            url=row.url,
            announcement_id=row.announcement_id,
        )
        for row in waiting(history)
    )


def _strongest(rows: Sequence[Evidence], *, sign: int) -> str:
    speaking = [row for row in rows if row.bits * sign > 0]
    return min(speaking, key=lambda row: (-row.bits * sign, row.rule_id)).sentence if speaking else ""
