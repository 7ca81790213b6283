"""From views and counts to the story of one action: what was taken down, what came back, what is not known."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime

from tracker.analysis.displacement import ALL, Displacement
from tracker.analysis.measurement import WINDOWS, MeasurementRow
from tracker.export.context import Count, Curve, Lifeline, Missed, Story, WindowRow
from tracker.export.curves import points
from tracker.export.lifelines import stretches
from tracker.export.rows_views import MONTH, alive_after, chosen
from tracker.model.facts import Layer
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import DAY, Bounds, midnight
from tracker.model.views import Episode, Replacement, StateSpan, Views
from tracker.model.watching import Action, ClaimKind, Cohort

OWN_BASES = ("observed", "replay")
PRIMARY = (Cohort.OWN_BRAND.value, "1d")
"""The one figure that was named beforehand; every other is exploratory."""

NOWHERE = Bounds(None, None)


def story(
    history: History,
    views: Views,
    action: Action,
    measurements: Sequence[MeasurementRow],
    curves: Sequence[Displacement],
    reviewed: Sequence[MeasurementRow] = (),
) -> Story:
    """The story of one action, from its rows among `measurements` and `curves`; `reviewed` counts only those judged."""
    lines = lifelines(history, views, action)
    windows = window_rows(
        action,
        [row for row in measurements if row.action == action.action_id],
        [row for row in reviewed if row.action == action.action_id],
    )
    found = [line for line in lines if line.role == "replacement"]
    judged = sum(line.reviewed for line in found)
    answers: dict[str, Counter[str]] = defaultdict(Counter)
    for line in found:
        answers[line.cohort][line.alive_30d] += 1
    return Story(
        action_id=action.action_id,
        title=action.title or f"{action.kind.value} by {action.authority}",
        kind=action.kind.value,
        authority=action.authority,
        announced=action.when.at,
        announced_precision=action.when.precision.value,
        until=views.as_of,
        summary=summary(history, action, windows),
        windows=windows,
        curves=tuple(_curve(row) for row in curves if row.action_id == action.action_id and row.cohort != ALL),
        lifelines=lines,
        alive_30d={cohort: dict(sorted(answers[cohort].items())) for cohort in sorted(answers)},
        missed=missed(history, views, action),
        reviewed=judged,
        machine_only=len(found) - judged,
    )


def window_rows(
    action: Action, rows: Sequence[MeasurementRow], reviewed: Sequence[MeasurementRow] = ()
) -> tuple[WindowRow, ...]:
    """Own counts at DELEGATED by cohort and window, with the claims about the same cell beside them."""
    judged = {
        (row.cohort, row.window): Count(row.count_lo, row.count_hi)
        for row in reviewed
        if row.basis in OWN_BASES and row.layer is Layer.DELEGATED
    }
    claims = {
        (row.cohort, row.window, row.basis.partition(":")[2]): row.count_lo
        for row in rows
        if row.basis.startswith("claim")
    }
    found = []
    for row in rows:
        if row.basis not in OWN_BASES or row.layer is not Layer.DELEGATED:
            continue
        closes = midnight(action.when.at) + (1 + WINDOWS[row.window]) * DAY
        said = {
            basis: n for (cohort, window, basis), n in claims.items() if (cohort, window) == (row.cohort, row.window)
        }
        both, either = said.pop("both", None), said.pop("either", None)
        found.append(
            WindowRow(
                cohort=row.cohort,
                window=row.window,
                closes=closes,
                over=closes <= row.as_of,
                basis=row.basis,
                seen=Count(row.count_lo, row.count_hi),
                reviewed=judged.get((row.cohort, row.window), Count(0, 0)),
                unknown=row.unknown,
                of=row.of,
                claimed=None if both is None or either is None else Count(both, either),
                by_source=dict(sorted(said.items())),
                chance=row.expected_by_chance,
                published=row.published,
                primary=(row.cohort, row.window) == PRIMARY,
            )
        )
    return tuple(found)


def summary(history: History, action: Action, windows: Sequence[WindowRow]) -> str:
    """One or two sentences with their bounds, of reviewed names where there are any, and who judged.

    Says so when nothing was measured, instead of printing zeros.
    """
    taken = [row for row in history.takedowns if row.action_id == action.action_id]
    what = (
        f"the {action.kind.value} of {len(taken)} domain{'' if len(taken) == 1 else 's'} on {action.when.at:%Y-%m-%d}"
    )
    first_day = {row.cohort: row for row in windows if row.window == PRIMARY[1]}
    own, imitated = (first_day.get(cohort.value) for cohort in Cohort)
    judged = any(row.reviewed.hi for row in first_day.values())
    parts = []
    if own is not None and own.of:
        seen = own.reviewed if judged else own.seen
        parts.append(f"{_names(seen)} replaced the {own.of} that carried the operation's own brands")
    if imitated is not None and imitated.of:
        seen = imitated.reviewed if judged else imitated.seen
        parts.append(f"{_names(seen)} replaced the {imitated.of} that imitated an outlet")
    if not parts:
        return f"After {what}, nothing could be measured yet."
    open_yet = any(not row.over for row in first_day.values())
    when = "So far, before the end of the day after" if open_yet else "By the end of the day after"
    return f"{when} {what}, {' and '.join(parts)}.{_judges(judged, [row for row in (own, imitated) if row])}"


def _judges(judged: bool, rows: Sequence[WindowRow]) -> str:
    """Who says so: analysts, with what the rules alone would add, or the rules alone."""
    machine = Count(sum(row.seen.lo for row in rows), sum(row.seen.hi for row in rows))
    if judged:
        return f" Only names that an analyst has judged are counted; by rules alone it would be {machine}."
    return " This is by rules alone: no analyst has judged any of them yet." if machine.hi else ""


def _names(seen: Count) -> str:
    if seen.hi == 0:
        return "no new name"
    if seen.lo == seen.hi:
        return f"{seen.lo} new name{'' if seen.lo == 1 else 's'}"
    return f"between {seen.lo} and {seen.hi} new names"


def _curve(row: Displacement) -> Curve:
    return Curve(
        cohort=row.cohort,
        points=tuple(points(row)),
        of=row.of,
        covered=Count(row.covered_lo, row.covered_hi),
    )


def lifelines(history: History, views: Views, action: Action) -> tuple[Lifeline, ...]:
    """Every domain that the action hit, each followed by what replaced it; those with replacements come first."""
    episodes: dict[DomainName, list[Episode]] = defaultdict(list)
    states: dict[DomainName, list[StateSpan]] = defaultdict(list)
    for episode in views.episodes:
        if episode.layer is Layer.DELEGATED:
            episodes[episode.name].append(episode)
    for state in views.states:
        states[state.name].append(state)
    answered: dict[DomainName, list[Replacement]] = defaultdict(list)
    for replacement in views.replacements:
        if replacement.action_id == action.action_id:
            answered[replacement.predecessor].append(replacement)

    def line(name: DomainName, cohort: str, found: Replacement | None) -> Lifeline:
        lives = episodes[name]
        last = lives[-1] if lives else None
        shown = chosen(found.appearances) if found else None
        appeared = shown.bounds if shown else (lives[0].start if lives else NOWHERE)
        return Lifeline(
            name=name,
            role="replacement" if found else "predecessor",
            cohort=cohort,
            replaces=found.predecessor if found else None,
            verdict=found.verdict.value if found else "",
            reviewed=bool(found and found.reviewed),
            appeared=appeared,
            ended=last.end if last else None,
            ending=last.ending.value if last and last.ending else "",
            alive=last is not None and last.end is None,
            alive_30d=alive_after(appeared, lives, MONTH) if found else "",
            stretches=stretches(lives, states[name], history.spans.get(name, ()), views.as_of),
        )

    taken = sorted(
        (row for row in history.takedowns if row.action_id == action.action_id),
        key=lambda row: (not answered[row.domain], row.cohort != Cohort.OWN_BRAND, row.position, row.domain),
    )
    lines: list[Lifeline] = []
    drawn: set[DomainName] = set()
    for takedown in taken:
        lines.append(line(takedown.domain, takedown.cohort.value, None))
        for found in sorted(answered[takedown.domain], key=_appearance):
            if found.name not in drawn:
                drawn.add(found.name)
                lines.append(line(found.name, takedown.cohort.value, found))
    return tuple(lines)


def _appearance(found: Replacement) -> tuple[bool, datetime | None, DomainName]:
    shown = chosen(found.appearances)
    return (shown is None, shown.bounds.hi if shown else None, found.name)


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
