"""The numbers of a report, gathered. Pure: log, views and counts in, one context out. `render` writes it."""

import gc
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from tracker.analysis.agreement import first_words
from tracker.analysis.announced import waiting
from tracker.analysis.churn import ChurnWeek, churn, week_bounds
from tracker.analysis.counting import Counting, counting
from tracker.analysis.displacement import Displacement, displacements
from tracker.analysis.measurement import MeasurementRow, PublishedFigure, measure
from tracker.analysis.mutes import Silence
from tracker.analysis.placebo import Placebo, placebo_dates
from tracker.analysis.triangle import triangle
from tracker.export.context import Announced, Box, Count, Disputed, Erratum, Question, ReportContext, Story
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
    counted = [counting(shown, conclusions, action.action_id) for action in shown.actions if action.action_id in taken]
    rows = [
        row
        for base in counted
        for row in measure(shown, base, basis_name=basis_name, assumed=assumed, published=published)
    ]
    return report_context(
        shown,
        conclusions,
        churn(shown, conclusions, week, previous=before),
        counted,
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
    counted: Sequence[Counting],
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
    """Gather a report with a story of each action `counted`; `week` None leaves out what belongs to one week. Apply
    `disclosed` before counting.

    `snapshot` is taken from the whole log by who calls, because this sees only what may be shown.
    """
    newest_first = sorted(counted, key=lambda base: (base.action.when.at, base.action.action_id), reverse=True)
    stories = tuple(
        story(history, views, base, measurements, curves, reviewed, placebos.get(base.action.action_id, ()))
        for base in newest_first
    )
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
        headline=stories[0].summary if stories else NOTHING,
        boxes=boxes(stories, week),
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
        questions=questions(history, views),
        disputed=disputed(history),
        announced=tuple(announcements),
        reported=complaints(history, views),
        assumptions=tuple(sorted({row.assumed for row in measurements if row.assumed and row.basis in OWN_BASES})),
        rules_version=views.rules_version,
        versions={part: tuple(sorted(versions[part])) for part in sorted(versions)},
        citation=citation(title, history, views, snapshot or "of no log"),
    )


def boxes(stories: Sequence[Story], week: ChurnWeek | None) -> tuple[Box, ...]:
    """The figures at the top: the primary one of the newest action, then the week's, then who judged."""
    found = []
    newest = stories[0] if stories else None
    primary = next((row for row in newest.windows if row.primary), None) if newest else None
    if primary is not None and newest is not None:
        judged = any(row.same_label_reviewed.hi for row in newest.windows if row.window == primary.window)
        answers = primary.answered_reviewed if judged else primary.answered
        said = "by rules alone, none " + ("held by an analyst to be one" if newest.overruled else "reviewed")
        if judged:
            said = f"reviewed; by rules alone {primary.same_label_by_rules}"
        found.append(
            Box(
                label="same label again by the end of day 1",
                value=str(primary.same_label_reviewed if judged else primary.same_label),
                note=f"primary figure: own brands, new names for {answers} of {primary.of} domains; "
                + said
                + (f"; {primary.same_label_unknown} more could not be told" if primary.same_label_unknown else "")
                + ("" if primary.over else "; the day is not over"),
            )
        )
    if week is not None:
        sure = len({row.name for row in week.appeared if row.certain})
        gone = len({row.name for row in week.ended if row.certain})
        some = Count(sure, len({row.name for row in week.appeared}))
        over = Count(gone, len({row.name for row in week.ended}))
        found += [
            Box(label="appeared this week", value=str(some), note="replacements"),
            Box(label="ended this week", value=str(over), note="replacements and predecessors"),
            Box(
                label="alive at the end",
                value=str(Count(week.alive_after_lo, week.alive_after_hi)),
                note=f"{Count(week.alive_before_lo, week.alive_before_hi)} when the week began",
            ),
        ]
    if newest is not None:
        found.append(
            Box(
                label="judged by an analyst",
                value=f"{newest.reviewed} of {newest.reviewed + newest.machine_only}",
                note="the others rest on rules alone"
                + (f"; {newest.overruled} that the rules call one were not held to be" if newest.overruled else ""),
            )
        )
    return tuple(found)


def questions(history: History, views: Views) -> tuple[Question, ...]:
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
    return tuple(
        Question(
            name=row.name,
            might_replace=names[row.watch_key],
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
