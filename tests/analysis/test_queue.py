"""The review queue: who is asked about what, in which order, and what must not show."""

from dataclasses import replace
from datetime import timedelta
from functools import cache

from tests.analysis.stories import COPYCAT, SIBLING, story, watch_of
from tracker.analysis.linking import link
from tracker.analysis.mutes import standing
from tracker.analysis.queue import Asked, Queue, Wanted, queue
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.acts import Mute, MuteScope
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.views import Verdict, Views
from tracker.model.watching import WatchKind

DAY = timedelta(days=1)


@cache
def judged(*reviews: tuple[str, Verdict, str]) -> tuple[History, Views]:
    """The story with some reviews (name, verdict, reviewer) of March 20."""
    tale = story()
    for name, verdict, reviewer in reviews:
        tale.review(watch_of(name), name, verdict, "2024-03-20", reviewer=reviewer)
    history = tale.history()
    linked = link(history, Suffixes.bundled())
    return history, Views(
        as_of=history.as_of,
        rules_version="test",
        candidates=linked.candidates,
        evidence=linked.evidence,
        assessments=linked.assessments,
    )


def asked(*reviews: tuple[str, Verdict, str], wanted: Wanted | None = None, **more: object) -> Queue:
    """The queue of that story; `more` are fields of the history."""
    history, views = judged(*reviews)
    changed: History = replace(history, **more)  # type: ignore[arg-type]
    return queue(changed, views, history.as_of, wanted or Wanted())


def named(found: Queue) -> list[DomainName]:
    """The names in order of rank."""
    return [row.name for row in found.rows]


def test_the_best_founded_come_first_with_their_reasons() -> None:
    """Ranked from 1, likely before possible; sentences, bits by family, dates with sources, registrar, servers."""
    rows = asked().rows
    assert [row.rank for row in rows] == list(range(1, len(rows) + 1))
    assert rows[0].by_rules is Verdict.LIKELY
    row = next(row for row in rows if row.name == "redfinch.so")
    assert row.predecessor == "redfinch.press"
    assert row.speaks_for.startswith("For redfinch[.]so as a replacement of redfinch[.]press: ")
    assert sum(row.bits_by_family.values()) - 5.0 - row.bits < 0.01
    assert all(dated.source for dated in row.dates)
    assert row.portrait.name_servers


def test_the_excluded_and_the_controls_are_not_asked() -> None:
    """Names older than the takedown only on request, controls never."""
    assert SIBLING not in named(asked())
    everything = asked(wanted=Wanted(ruled_out=True))
    assert SIBLING in named(everything)
    history, _ = judged()
    controls = {watch.key for watch in history.watches if watch.kind is WatchKind.CONTROL}
    assert not controls & {row.watch_key for row in everything.rows}


def test_a_second_analyst_is_asked_blindly() -> None:
    """What the first said changes neither order, nor sentence, nor bits, nor what the rules are said to say."""
    reviews = (("redfinch.so", Verdict.RULED_OUT, "AB"), (COPYCAT, Verdict.CONFIRMED, "AB"))
    second = asked(*reviews, wanted=Wanted(reviewer="CD"))
    assert second == asked()
    only = asked(*reviews, wanted=Wanted(reviewer="CD", after="ab"))
    assert sorted(named(only)) == sorted([DomainName("redfinch.so"), COPYCAT])
    assert [row.by_rules for row in only.rows] == [row.by_rules for row in asked().rows if row.name in named(only)]


def test_nobody_is_asked_twice() -> None:
    """What somebody judged is done, and what one judged is done for that one, however the initials are written."""
    review = ("redfinch.so", Verdict.CONFIRMED, "AB")
    assert "redfinch.so" not in named(asked(review))
    assert "redfinch.so" not in named(asked(review, wanted=Wanted(reviewer=" ab")))


def test_a_limit_says_how_many_wait() -> None:
    """The first rows, and the number of the others."""
    everything = asked()
    found = asked(wanted=Wanted(limit=2))
    assert found.rows == everything.rows[:2]
    assert found.waiting == len(everything.rows) - 2


def mute(scope: MuteScope, value: str, days: int = 30) -> Mute:
    """A mute of the last day of the story."""
    at = judged()[0].as_of
    return Mute(scope=scope, value=value, until=at + days * DAY, reviewer="AB", reason="x", at=at - DAY)


def muted_by(row: Asked, scope: MuteScope) -> str:
    """The value with which a scope covers a row."""
    label, _, suffix = row.name.partition(".")
    return {
        MuteScope.NAME: row.name,
        MuteScope.PREDECESSOR: row.predecessor,
        MuteScope.LABEL: label,
        MuteScope.SUFFIX: suffix,
        MuteScope.REGISTRAR: row.portrait.registrar,
        MuteScope.NAME_SERVER: row.portrait.name_servers[0] if row.portrait.name_servers else "",
    }[scope]


def test_every_scope_mutes_what_it_covers_and_nothing_else() -> None:
    """By name, predecessor, label, suffix, registrar, name server; muted ones are counted and come on request."""
    before = asked()
    subject = next(row for row in before.rows if row.portrait.registrar and row.portrait.name_servers)
    for scope in MuteScope:
        value = muted_by(subject, scope)
        left = asked(mutes=(mute(scope, value),))
        covered = {
            row.name
            for row in before.rows
            if value == muted_by(row, scope) or (scope is MuteScope.NAME_SERVER and value in row.portrait.name_servers)
        }
        assert subject.name in covered
        assert {row.name for row in left.rows} == set(named(before)) - covered
        assert left.muted == len(before.rows) - len(left.rows)
        assert len(asked(wanted=Wanted(muted=True), mutes=(mute(scope, value),)).rows) == len(before.rows)


def test_a_mute_ends_by_itself_or_by_a_newer_one() -> None:
    """After its day it holds no more; the newest of a scope and value counts."""
    history, _ = judged()
    old = mute(MuteScope.SUFFIX, "so")
    assert standing(replace(history, mutes=(old,)), history.as_of) == (old,)
    assert standing(replace(history, mutes=(old,)), history.as_of + 30 * DAY) == ()
    assert standing(replace(history, mutes=(old, mute(MuteScope.SUFFIX, "so", days=0))), history.as_of) == ()
