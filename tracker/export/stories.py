"""From views and counts to the story of one action: what was taken down, what came back, what is not known."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from tracker.analysis.blindness import SuffixBlindness, blindness, never_asked
from tracker.analysis.displacement import ALL, Displacement, takedowns_of
from tracker.analysis.footing import Footing, closing, footing
from tracker.analysis.lags import middle
from tracker.analysis.measurement import MeasurementRow
from tracker.analysis.placebo import Placebo, per_day
from tracker.analysis.versions import answered, versions
from tracker.export.context import AGES, Count, Curve, Lifeline, Missed, Story
from tracker.export.curves import points
from tracker.export.lifelines import lifelines
from tracker.export.revisions import machine_views, overruled, reviewed_views
from tracker.export.windows import summary, window_rows
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import midnight
from tracker.model.views import Verdict, Views
from tracker.model.watching import Action, ClaimKind

MONTH_DAYS = 30
"""For so many days after an action it is told where nothing could be known."""


def story(
    history: History,
    views: Views,
    base: Footing,
    measurements: Sequence[MeasurementRow],
    curves: Sequence[Displacement],
    reviewed: Sequence[MeasurementRow] = (),
    placebos: Sequence[Placebo] = (),
) -> Story:
    """The story of the action that `base` counts, from its rows among `measurements` and `curves`; `reviewed` counts
    only those judged."""
    action = base.action
    by_analysts = footing(history, reviewed_views(views), action.action_id) if reviewed else None
    lines = lifelines(history, views, action)
    found_versions = versions(base)
    windows = window_rows(
        action,
        [row for row in measurements if row.action == action.action_id],
        [row for row in reviewed if row.action == action.action_id],
        found_versions,
        versions(by_analysts) if by_analysts else (),
        versions(footing(history, machine_views(history, views), action.action_id))
        if any(row.reviewed for row in views.assessments)
        else found_versions,
        answered(base),
        answered(by_analysts) if by_analysts else {},
        never_asked(history, action),
    )
    excluded = overruled(history, views, action.action_id)
    found = [line for line in lines if line.role == "replacement"]
    judged = sum(line.reviewed for line in found)
    mine = [row for row in curves if row.action_id == action.action_id and row.cohort != ALL]
    seen = blind_suffixes(history, views, action)
    return Story(
        action_id=action.action_id,
        title=action.title or f"{action.kind.value.capitalize()} by {action.authority}",
        kind=action.kind.value,
        authority=action.authority,
        announced=action.when.at,
        announced_precision=action.when.precision.value,
        until=views.as_of,
        summary=summary(history, action, windows, excluded),
        windows=windows,
        versions=found_versions,
        curves=tuple(_curve(row) for row in mine),
        placebos=tuple(placebos),
        placebo_limit=per_day(placebos),
        lags=tuple(lag for row in mine for lag in row.lags),
        middles={row.cohort: middle(row.lags) for row in mine if row.lags},
        lifelines=lines,
        alive=_alive(found),
        blind=tuple(row for row in seen if row.blind),
        suffixes_asked=len(seen),
        missed=missed(history, views, action),
        reviewed=judged,
        machine_only=len(found) - judged,
        overruled=excluded,
    )


def _alive(found: Sequence[Lifeline]) -> Mapping[str, Mapping[str, Mapping[str, int]]]:
    """Per cohort and age the number of each answer."""
    answers: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for line in found:
        for age in AGES:
            answers[line.cohort][age][line.alive_at[age]] += 1
    return {cohort: {age: dict(sorted(answers[cohort][age].items())) for age in AGES} for cohort in sorted(answers)}


def blind_suffixes(history: History, views: Views, action: Action) -> tuple[SuffixBlindness, ...]:
    """What is known of each suffix asked in the month after an action, with its candidates that cannot be judged."""
    hit = {row.domain for row in takedowns_of(history, action.action_id)}
    keys = {watch.key for watch in history.watches if watch.name in hit}
    unjudged = [row.name for row in views.assessments if row.verdict is Verdict.INSUFFICIENT and row.watch_key in keys]
    return blindness(history, midnight(action.when.at), closing(action, MONTH_DAYS), unjudged)


def _curve(row: Displacement) -> Curve:
    return Curve(
        cohort=row.cohort,
        points=tuple(points(row)),
        of=row.of,
        covered=Count(row.covered_lo, row.covered_hi),
    )


def missed(history: History, views: Views, action: Action) -> tuple[Missed, ...]:
    """Successors that sources name for the action's domains and that have no verdict of ours of at least LIKELY."""
    ours = {row.name for row in views.replacements if row.action_id == action.action_id}
    taken = {row.domain for row in history.takedowns if row.action_id == action.action_id}
    named: dict[tuple[DomainName, DomainName], set[str]] = defaultdict(set)
    for claim in history.claims:
        known = claim.when is None or claim.when.at <= history.as_of
        if claim.kind is ClaimKind.REPLACES and claim.replaces in taken and claim.domain not in ours and known:
            named[claim.domain, claim.replaces].add(claim.source.source_id)
    return tuple(
        Missed(name=name, replaces=replaces, sources=tuple(sorted(sources)))
        for (name, replaces), sources in sorted(named.items())
    )
