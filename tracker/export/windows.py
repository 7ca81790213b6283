"""What was counted within calendar days of one action, and the sentence that says it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tracker.analysis.footing import WINDOWS, closing
from tracker.analysis.measurement import MeasurementRow
from tracker.analysis.tallies import Scope
from tracker.analysis.versions import PRIMARY, Version
from tracker.export.context import Count, WindowRow
from tracker.model.facts import Layer
from tracker.model.history import History
from tracker.model.times import Precision
from tracker.model.watching import Action, Cohort

OWN_BASES = ("observed", "replay")
Answers = Mapping[tuple[str, str], tuple[int, int]]
"""By cohort and window, how many domains were surely and possibly answered."""


def window_rows(
    action: Action,
    rows: Sequence[MeasurementRow],
    reviewed: Sequence[MeasurementRow],
    versions: Sequence[Version],
    reviewed_versions: Sequence[Version],
    machine_versions: Sequence[Version],
    answers: Answers,
    reviewed_answers: Answers,
    unasked: Mapping[tuple[str, str], int],
) -> tuple[WindowRow, ...]:
    """Own counts at DELEGATED by cohort and window, with the claims about the same cell beside them."""
    judged = {
        (row.cohort, row.window): Count(row.count_lo, row.count_hi)
        for row in reviewed
        if row.basis in OWN_BASES and row.layer is Layer.DELEGATED
    }
    kept, kept_judged = _same_label(versions), _same_label(reviewed_versions)
    chances = _scoped(versions, Scope.ANY)
    by_rules = _same_label(machine_versions)
    claims = {
        (row.cohort, row.window, row.basis.partition(":")[2]): row.count_lo
        for row in rows
        if row.basis.startswith("claim")
    }
    found = []
    for row in rows:
        if row.basis not in OWN_BASES or row.layer is not Layer.DELEGATED:
            continue
        closes = closing(action, WINDOWS[row.window])
        found_by_chance = chances.get((row.cohort, row.window))
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
                same_label=_count(kept.get((row.cohort, row.window))),
                same_label_reviewed=_count(kept_judged.get((row.cohort, row.window))),
                same_label_by_rules=_count(by_rules.get((row.cohort, row.window))),
                answered=Count(*answers.get((row.cohort, row.window), (0, 0))),
                answered_reviewed=Count(*reviewed_answers.get((row.cohort, row.window), (0, 0))),
                same_label_unknown=kept[row.cohort, row.window].unknown if kept else 0,
                unknown=row.unknown,
                unasked=unasked[row.cohort, row.window],
                of=row.of,
                claimed=None if both is None or either is None else Count(both, either),
                by_source=dict(sorted(said.items())),
                chance=row.expected_by_chance,
                chance_hi=found_by_chance.chance_hi if found_by_chance else None,
                controls=found_by_chance.controls if found_by_chance else 0,
                published=row.published,
                primary=(row.cohort, row.window) == (PRIMARY.cohort, PRIMARY.window),
            )
        )
    return tuple(found)


def _same_label(versions: Sequence[Version]) -> Mapping[tuple[str, str], Version]:
    """The versions that differ from the primary figure in cohort and window alone."""
    return _scoped(versions, PRIMARY.scope)


def _scoped(versions: Sequence[Version], scope: Scope) -> Mapping[tuple[str, str], Version]:
    """The versions of a scope that are counted like the primary figure, by cohort and window."""
    wanted = replace(PRIMARY, scope=scope)
    return {
        (row.choice.cohort, row.choice.window): row
        for row in versions
        if replace(row.choice, cohort=PRIMARY.cohort, window=PRIMARY.window) == wanted
    }


def _count(row: Version | None) -> Count:
    return Count(row.count_lo, row.count_hi) if row else Count(0, 0)


def summary(history: History, action: Action, windows: Sequence[WindowRow], overruled: int = 0) -> str:
    """One or two sentences with their bounds, of reviewed names where there are any, and who judged.

    `overruled` names are called replacements by the rules and not by an analyst. Says so when nothing was measured or
    nobody looked, instead of printing zeros.
    """
    taken = [row for row in history.takedowns if row.action_id == action.action_id]
    day = f"{action.when.at:%Y-%m-%d}"
    undated = action.when.precision is Precision.UNKNOWN
    dated = f", whose day nobody states (first read on {day})" if undated else f" on {day}"
    what = f"the {action.kind.value} of {len(taken)} domain{'' if len(taken) == 1 else 's'}{dated}"
    first_day = {row.cohort: row for row in windows if row.window == PRIMARY.window}
    own, imitated = (first_day.get(cohort.value) for cohort in Cohort)
    judged = any(row.same_label_reviewed.hi for row in first_day.values())
    parts = []
    if own is not None and own.of:
        parts.append(f"{_answer(own, judged)} that carried the operation's own brands")
    if imitated is not None and imitated.of:
        parts.append(f"{_answer(imitated, judged)} that imitated an outlet")
    if not parts:
        return f"After {what}, nothing could be measured yet."
    open_yet = any(not row.over for row in first_day.values())
    rows = [row for row in (own, imitated) if row and row.of]
    if all(row.blind for row in rows):
        so_far = "yet" if open_yet else "in that time"
        return f"What came back by the end of the day after {what} is not known: nobody looked {so_far}."
    when = "So far, before the end of the day after" if open_yet else "By the end of the day after"
    beside = _untold(rows) + _unasked(rows) + _others(rows)
    return f"{when} {what}, {' and '.join(parts)}.{beside}{_judges(judged, rows, overruled)}"


def _untold(rows: Sequence[WindowRow]) -> str:
    """How many more names there may be that could not be placed or judged, when there are any."""
    n = sum(row.same_label_unknown for row in rows)
    return f" Of {n} more name{'' if n == 1 else 's'} it could not be told." if n else ""


def _unasked(rows: Sequence[WindowRow]) -> str:
    """For how many domains nobody looked, when there are any: nothing found there says nothing."""
    asked = [row for row in rows if not row.blind]
    missing, of = sum(row.unasked for row in asked), sum(row.of for row in asked)
    if missing == of:
        return " Nobody looked in that time: what is counted is dated by what was learned later."
    return f" For {missing} of these {of} nobody looked in that time." if missing else ""


def _answer(row: WindowRow, judged: bool) -> str:
    """How many new names there were, and how many of the domains they answer to: not every one need be among them."""
    if row.blind:
        return f"nobody looked for what replaced the {'one' if row.of == 1 else row.of}"
    seen, domains = (row.same_label_reviewed, row.answered_reviewed) if judged else (row.same_label, row.answered)
    of = f"any of the {row.of}" if domains.hi == 0 else f"{domains} of the {row.of}"
    return f"{_names(seen)} under the same label replaced {'the one' if row.of == 1 else of}"


def _others(rows: Sequence[WindowRow]) -> str:
    """What replaced them under another label, when there was any: it is not in the primary figure."""
    more = Count(
        sum(max(0, row.seen.lo - row.same_label.lo) for row in rows),
        sum(max(0, row.seen.hi - row.same_label.hi) for row in rows),
    )
    if more.lo == 0:
        return f" Under other labels there may have been {more.hi} more." if more.hi else ""
    return f" Under other labels there {'was' if more.hi == 1 else 'were'} {more} more."


def _judges(judged: bool, rows: Sequence[WindowRow], overruled: int) -> str:
    """Who says so: analysts, with what the rules alone would say, or the rules alone."""
    machine = Count(sum(row.same_label_by_rules.lo for row in rows), sum(row.same_label_by_rules.hi for row in rows))
    against = f" Analysts did not agree with the rules on {overruled}." if overruled else ""
    if judged:
        return f" Only names that an analyst has judged are counted; by rules alone it would be {machine}.{against}"
    if overruled:
        return f" This is by rules alone: no analyst has called any of them a replacement yet.{against}"
    return " This is by rules alone: no analyst has judged any of them yet." if machine.hi else ""


def _names(seen: Count) -> str:
    if seen.hi == 0:
        return "no new name"
    if seen.lo == seen.hi:
        return f"{seen.lo} new name{'' if seen.lo == 1 else 's'}"
    return f"between {seen.lo} and {seen.hi} new names"
