"""What is worth a message: the difference between two derivations, as seen by somebody on call."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from tracker.analysis.changes import VERDICT_ORDER, best_replacements
from tracker.analysis.explain import explain
from tracker.analysis.policy import Policy
from tracker.model.facts import Layer
from tracker.model.history import History
from tracker.model.names import DomainName, defang
from tracker.model.notices import Notice, NoticeKind
from tracker.model.times import Bounds, iso
from tracker.model.views import Episode, Replacement, Verdict, Views
from tracker.model.watching import TLP_ORDER, Tlp, WatchKind

LAYER = Layer.DELEGATED
"""Where a life is told: minutes fresh, and the operator does not notice that somebody looks."""


def news(history: History, previous: Views | None, views: Views, policy: Policy) -> tuple[Notice, ...]:
    """Replacements that became likely or are no longer so, deaths and returns of names under watch.

    Nothing without `previous`: what was there when watching began is no news.
    """
    if previous is None:
        return ()
    marks = _markings(history, views)
    found = [*_replacements(history, previous, views, policy, marks), *_lives(history, previous, views, marks)]
    return tuple(sorted(found, key=lambda notice: (notice.kind, notice.key)))


def _markings(history: History, views: Views) -> Mapping[DomainName, Tlp]:
    """Per name the strictest TLP of the watches that it is or belongs to."""
    by_key = {watch.key: watch.tlp for watch in history.watches}
    found: defaultdict[DomainName, list[Tlp]] = defaultdict(list)
    for watch in history.watches:
        if watch.name is not None:
            found[watch.name].append(watch.tlp)
    for row in views.assessments:
        if row.verdict in VERDICT_ORDER[2:]:
            found[row.name].append(by_key.get(row.watch_key, Tlp.RED))
    return {name: max(marks, key=TLP_ORDER.index) for name, marks in found.items()}


def _replacements(
    history: History, previous: Views, views: Views, policy: Policy, marks: Mapping[DomainName, Tlp]
) -> Iterator[Notice]:
    before, after = best_replacements(previous), best_replacements(views)
    for name in sorted(after.keys() - before.keys()):
        yield _appeared(history, views, after[name], policy, marks.get(name, Tlp.RED))
    for name in sorted(before.keys() - after.keys()):
        verdicts = [row.verdict for row in views.assessments if row.name == name]
        now = max(verdicts, key=VERDICT_ORDER.index).value if verdicts else "no candidate"
        yield Notice(
            kind=NoticeKind.REPLACEMENT,
            key=f"verdict/{name}",
            what=f"{defang(name)} is no longer called a replacement of {defang(before[name].predecessor)} (now {now})",
            reason="newer facts, a review or other rules weigh differently",
            tlp=marks.get(name, Tlp.RED),
        )


def _appeared(history: History, views: Views, row: Replacement, policy: Policy, tlp: Tlp) -> Notice:
    cases = explain(history, views, row.name, policy).cases
    best = max(cases, key=lambda case: VERDICT_ORDER.index(case.verdict))
    certain = "is confirmed to replace" if row.verdict is Verdict.CONFIRMED else "is likely to replace"
    place = next((seen.bounds for seen in row.appearances if seen.layer is LAYER), Bounds(None, None))
    return Notice(
        kind=NoticeKind.REPLACEMENT,
        key=f"verdict/{row.name}",
        what=f"{defang(row.name)} {certain} {defang(row.predecessor)} ({row.verdict}, {row.bits:.1f} bits), "
        f"delegated {_between(place)}",
        reason=best.speaks_for.partition(": ")[2] or "by review",
        tlp=tlp,
    )


def _lives(history: History, previous: Views, views: Views, marks: Mapping[DomainName, Tlp]) -> Iterator[Notice]:
    own = {watch.name for watch in history.watches if watch.name is not None and watch.kind is not WatchKind.CONTROL}
    watched = own | set(best_replacements(previous)) | set(best_replacements(views))
    before, after = _newest(previous), _newest(views)
    for name in sorted(watched & after.keys()):
        old, new = before.get(name), after[name]
        tlp = marks.get(name, Tlp.RED)
        if new.end is None and _is_back(old, new, name in own):
            yield Notice(
                kind=NoticeKind.RETURN,
                key=f"return/{name}/{new.number}",
                what=f"{defang(name)} is back, delegated {_between(new.start)}",
                reason=f"life {new.number}; it was gone before" if new.number > 1 else "it was not there before",
                tlp=tlp,
            )
        cause = str(new.ending or "unknown").replace("_", " ")
        if new.end is not None and (old is None or old.number < new.number or old.end is None):
            yield Notice(
                kind=NoticeKind.DEATH,
                key=f"death/{name}/{new.number}",
                what=f"{defang(name)} died {_between(new.end)}",
                reason=f"cause: {cause}; last seen alive {iso(new.last_alive)}",
                tlp=tlp,
            )


def _is_back(old: Episode | None, new: Episode, watched: bool) -> bool:
    """A further life; or the first one of a name that was watched and known to be absent before."""
    if old is not None:
        return new.number > old.number
    return new.number > 1 or (watched and new.start.lo is not None)


def _newest(views: Views) -> dict[DomainName, Episode]:
    lives = (row for row in views.episodes if row.layer is LAYER)
    return {row.name: row for row in sorted(lives, key=lambda row: row.number)}


def _between(bounds: Bounds) -> str:
    low, high = iso(bounds.lo), iso(bounds.hi)
    if low and high:
        return f"between {low} and {high}"
    return f"by {high}" if high else f"after {low}" if low else "at an unknown moment"
