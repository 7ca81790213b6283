"""What a later derivation says differently from an earlier one: news, and corrections of what was reported."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from tracker.model.facts import Layer
from tracker.model.names import DomainName
from tracker.model.times import Bounds, iso
from tracker.model.views import Appearance, Episode, Replacement, Verdict, Views

VERDICT_ORDER = (Verdict.RULED_OUT, Verdict.INSUFFICIENT, Verdict.POSSIBLE, Verdict.LIKELY, Verdict.CONFIRMED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A difference to what the previous report said. `what`: new, withdrawn, verdict, appearance, ended, revived, end.

    `before` and `after` are text for people; empty = there was nothing.
    """

    name: DomainName
    what: str
    before: str
    after: str


def changes(previous: Views, views: Views, layer: Layer) -> tuple[Changed, ...]:
    """The differences in replacements and in their episodes at `layer`, by name."""
    before, after = best_replacements(previous), best_replacements(views)
    lives_before, lives_after = _episodes(previous, layer), _episodes(views, layer)
    found: list[Changed] = []
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            what = "new" if old is None else "withdrawn"
            found.append(_changed(name, what, old.verdict if old else "", new.verdict if new else _now(views, name)))
            continue
        if old.verdict is not new.verdict:
            found.append(_changed(name, "verdict", old.verdict, new.verdict))
        was, now = _place(old.appearances, layer), _place(new.appearances, layer)
        if was != now:
            found.append(_changed(name, "appearance", _interval(was), _interval(now)))
        found += _endings(name, lives_before.get(name, {}), lives_after.get(name, {}))
    return tuple(found)


def _changed(name: DomainName, what: str, before: str, after: str) -> Changed:
    return Changed(name=name, what=what, before=str(before), after=str(after))


def best_replacements(views: Views) -> Mapping[DomainName, Replacement]:
    """Per name its replacement row with the highest verdict: one name may answer several takedowns."""
    return {row.name: row for row in sorted(views.replacements, key=lambda row: VERDICT_ORDER.index(row.verdict))}


def _now(views: Views, name: DomainName) -> str:
    """The best verdict that a withdrawn name has now; empty when it is no candidate any more."""
    verdicts = [row.verdict for row in views.assessments if row.name == name]
    return max(verdicts, key=VERDICT_ORDER.index).value if verdicts else ""


def _place(appearances: tuple[Appearance, ...], layer: Layer) -> Bounds | None:
    return next((row.bounds for row in appearances if row.layer is layer), None)


def _interval(bounds: Bounds | None) -> str:
    """ISO 8601 interval with `..` for an unknown side; empty when there is none."""
    return "" if bounds is None else f"{iso(bounds.lo) or '..'}/{iso(bounds.hi) or '..'}"


def _episodes(views: Views, layer: Layer) -> dict[DomainName, dict[int, Episode]]:
    found: defaultdict[DomainName, dict[int, Episode]] = defaultdict(dict)
    for row in views.episodes:
        if row.layer is layer:
            found[row.name][row.number] = row
    return found


def _endings(name: DomainName, before: Mapping[int, Episode], after: Mapping[int, Episode]) -> list[Changed]:
    found: list[Changed] = []
    for number, row in sorted(after.items()):
        old = before.get(number)
        if old is None and number > 1 and number - 1 in before:
            found.append(_changed(name, "revived", "", _interval(row.start)))
        elif old is not None and old.end is None and row.end is not None:
            found.append(_changed(name, "ended", "", f"{row.ending} {_interval(row.end)}"))
        elif old is not None and old.end != row.end:
            found.append(_changed(name, "end", _interval(old.end), _interval(row.end)))
    return found
