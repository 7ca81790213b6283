"""What a report says of its own reliability: corrections, errata, what was reviewed, how fresh the sources are."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from tracker.analysis.churn import Changed, ChurnWeek
from tracker.analysis.displacement import replacements
from tracker.analysis.footing import footing
from tracker.analysis.measurement import MeasurementRow, measure
from tracker.analysis.retractions import retractions
from tracker.export.context import Erratum, Freshness, Reported
from tracker.export.identity import domain_id
from tracker.export.rows_views import chosen
from tracker.model.facts import Layer
from tracker.model.history import History
from tracker.model.times import Bounds
from tracker.model.views import REPLACEMENT_VERDICTS, Views

REVISED = ("withdrawn", "verdict", "appearance", "end")
"""Changes to what had been said; `new`, `ended` and `revived` are news."""


def reviewed_views(views: Views) -> Views:
    """The same views with only those replacements that an analyst has judged."""
    return replace(
        views,
        replacements=tuple(row for row in views.replacements if row.reviewed),
        assessments=tuple(row for row in views.assessments if row.reviewed or row.verdict not in REPLACEMENT_VERDICTS),
    )


def machine_views(history: History, views: Views) -> Views:
    """The same views as if nobody had judged anything."""
    assessments = tuple(replace(row, verdict=row.by_rules, reviewed=False) for row in views.assessments)
    found = replacements(history, views.candidates, assessments, views.appearances)
    return replace(views, assessments=assessments, replacements=found)


def overruled(history: History, views: Views, action_id: str) -> int:
    """How many names the rules would call a replacement after this action that an analyst did not."""
    taken = {row.domain for row in history.takedowns if row.action_id == action_id}
    keys = {watch.key for watch in history.watches if watch.name in taken}
    return len(
        {
            row.name
            for row in views.assessments
            if row.watch_key in keys
            and row.by_rules in REPLACEMENT_VERDICTS
            and row.verdict not in REPLACEMENT_VERDICTS
        }
    )


def reviewed_rows(
    history: History, views: Views, action_ids: Sequence[str], basis_name: str
) -> tuple[MeasurementRow, ...]:
    """The measurement with only those replacements that an analyst has judged; nothing when none was."""
    if not any(row.reviewed for row in views.replacements):
        return ()
    judged = reviewed_views(views)
    return tuple(
        row
        for action_id in action_ids
        for row in measure(history, footing(history, judged, action_id), basis_name=basis_name)
    )


def corrections(views: Views, week: ChurnWeek | None) -> tuple[Changed, ...] | None:
    """What is now said differently of earlier weeks: revisions, and replacements found only now that came before."""
    if week is None or week.changes is None:
        return None
    late = set()
    for row in views.replacements:
        found = chosen(row.appearances)
        if found is not None and found.bounds.hi is not None and found.bounds.hi < week.first:
            late.add(row.name)
    return tuple(row for row in week.changes if row.what in REVISED or (row.what == "new" and row.name in late))


def taken_back(history: History, since: datetime) -> tuple[Erratum, ...]:
    """What was retracted since then, from the whole log; names by id alone."""
    return tuple(
        Erratum(at=row.at, what=row.what.value, domain_id=domain_id(row.name), source=row.source)
        for row in retractions(history)
        if row.at >= since
    )


def complaints(history: History, views: Views) -> tuple[Reported, ...]:
    """Every complaint, newest first, with the first end of a delegation that may have come after it."""
    ends = [row for row in views.episodes if row.layer is Layer.DELEGATED and row.end is not None]
    found = []
    for row in sorted(history.complaints, key=lambda row: (row.reported.at, row.key), reverse=True):
        life = next((end for end in ends if end.name == row.name and _may_follow(end.end, row.reported.at)), None)
        found.append(
            Reported(
                name=row.name,
                reported_to=row.reported_to,
                channel=row.channel,
                reported=row.reported.text,
                reported_by=row.reported_by,
                answer=row.answer,
                answered=row.answered.text if row.answered else "",
                ended=life.end if life else None,
                ending=life.ending.value if life and life.ending else "",
            )
        )
    return tuple(found)


def _may_follow(end: Bounds | None, moment: datetime) -> bool:
    return end is not None and (end.hi is None or end.hi >= moment)


def freshness(history: History, week: ChurnWeek | None) -> tuple[Freshness, ...]:
    """Per probe, sweep and discovery source: its newest word, and looks, sweeps or sightings in the week."""
    heard: dict[str, tuple[datetime, int]] = {}
    first, last = (week.first, week.last) if week else (history.as_of, history.as_of)

    def hear(source: str, at: datetime, count: int) -> None:
        newest, made = heard.get(source, (at, 0))
        heard[source] = max(at, newest), made + count

    for spans in history.spans.values():
        for span in spans:
            inside = bisect_left(span.looks, last) - bisect_left(span.looks, first)
            hear(f"probe {span.probe}", span.last, inside)
    for sweep in history.sweeps:
        hear(f"sweep {sweep.source}", sweep.last, first <= sweep.first < last)
    for row in history.sightings:
        hear(f"found by {row.source}", row.at, first <= row.at < last)
    return tuple(Freshness(source, *heard[source]) for source in sorted(heard))
