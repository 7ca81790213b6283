"""What is told while it happens: replacements, deaths and returns, each with its reason, and nothing at the start."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from tests.analysis.histories import Story, at
from tests.analysis.stories import story, watch_of
from tracker.analysis.derivation import Judge
from tracker.analysis.news import news
from tracker.analysis.policy import POLICY
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.facts import Presence, Reason
from tracker.model.history import History
from tracker.model.notices import Notice, NoticeKind
from tracker.model.views import Verdict, Views
from tracker.model.watching import Tlp, WatchKind

JUDGE = Judge(Suffixes.bundled())


@cache
def derived(moment: str) -> tuple[History, Views]:
    """The story of the five returns, as known at a moment."""
    history = story().history(at(moment))
    return history, JUDGE.derive(history)[0]


def told(before: str, after: str) -> Sequence[Notice]:
    """What is news between two moments of the story."""
    history, views = derived(after)
    return news(history, derived(before)[1], views, POLICY)


def between(tale: Story, before: str, after: str) -> Sequence[Notice]:
    """What is news between two moments of another tale."""
    earlier, later = tale.history(at(before)), tale.history(at(after))
    return news(later, JUDGE.derive(earlier)[0], JUDGE.derive(later)[0], POLICY)


def test_a_replacement_is_told_with_its_reason_and_defanged() -> None:
    """Who replaces whom, how sure, since when, and the strongest evidence; nobody can click on it."""
    rows = [row for row in told("2024-03-10", "2024-04-02") if row.kind is NoticeKind.REPLACEMENT]
    assert "verdict/redfinch.so" in {row.key for row in rows}
    row = next(row for row in rows if row.key == "verdict/redfinch.so")
    assert row.what.startswith("redfinch[.]so is likely to replace redfinch[.]press (LIKELY, ")
    assert "delegated between 2024-03-11T" in row.what
    assert "the same label appeared" in row.reason
    assert not any(name in row.what + row.reason for name in ("redfinch.so", "redfinch.press"))


def test_seizures_are_told_as_deaths_with_their_cause() -> None:
    """The predecessors are delegated to the seizure's servers: each is told once, with when it was last itself."""
    rows = [row for row in told("2024-03-10", "2024-04-02") if row.kind is NoticeKind.DEATH]
    seized = [row for row in rows if row.key == "death/redfinch.press/1"]
    assert [(row.what, row.reason) for row in seized] == [
        (
            "redfinch[.]press died between 2024-03-09T00:00:00Z and 2024-03-11T00:00:00Z",
            "cause: seized; last seen alive 2024-03-09T00:00:00Z",
        )
    ]


def test_nothing_new_is_nothing_told() -> None:
    """Neither at the start, where all is as it was found, nor between two equal derivations."""
    history, views = derived("2024-04-02")
    assert news(history, None, views, POLICY) == ()
    assert news(history, views, views, POLICY) == ()


def test_what_is_taken_back_is_told_as_well() -> None:
    """An analyst rules a name out: those who were told of it hear so."""
    tale = story()
    tale.review(watch_of("redfinch.so"), "redfinch.so", Verdict.RULED_OUT, "2024-04-10")
    rows = between(tale, "2024-04-02", "2024-04-11")
    (row,) = [row for row in rows if row.key == "verdict/redfinch.so"]
    assert row.what == "redfinch[.]so is no longer called a replacement of redfinch[.]press (now RULED_OUT)"


def test_a_watched_name_that_dies_and_returns_is_told_both_times() -> None:
    """Two absences apart end a life; the next presence begins the second one."""
    tale = Story(as_of=at("2024-05-01"))
    tale.predecessor("heron.news", "2024-03-01")
    tale.look("heron.news", "delegation", ("2024-03-01", "2024-03-05"), ns=("ns1.a.example",))
    tale.look("heron.news", "delegation", ("2024-03-06", "2024-03-07"), Presence.ABSENT)
    tale.look("heron.news", "delegation", ("2024-03-20",), ns=("ns1.b.example",))
    (death,) = between(tale, "2024-03-05", "2024-03-08")
    assert (death.kind, death.key) == (NoticeKind.DEATH, "death/heron.news/1")
    assert death.what == "heron[.]news died between 2024-03-05T00:00:00Z and 2024-03-06T00:00:00Z"
    (back,) = between(tale, "2024-03-08", "2024-03-21")
    assert (back.kind, back.key) == (NoticeKind.RETURN, "return/heron.news/2")
    assert back.reason == "life 2; it was gone before"


def test_what_could_not_be_told_is_no_death() -> None:
    """A server that does not answer is a gap, whatever how long."""
    tale = Story(as_of=at("2024-05-01"))
    tale.predecessor("heron.news", "2024-03-01")
    tale.look("heron.news", "delegation", ("2024-03-01", "2024-03-05"), ns=("ns1.a.example",))
    tale.look("heron.news", "delegation", ("2024-03-06", "2024-03-16"), Presence.INDETERMINATE, Reason.TIMEOUT)
    assert between(tale, "2024-03-05", "2024-03-17") == ()


def test_a_name_that_was_known_to_be_gone_returns_with_its_first_life() -> None:
    """A predecessor seized before watching began: its first presence is a return."""
    tale = Story(as_of=at("2024-05-01"))
    tale.predecessor("heron.news", "2024-03-01")
    tale.look("heron.news", "delegation", ("2024-03-01", "2024-03-05"), Presence.ABSENT)
    tale.look("heron.news", "delegation", ("2024-03-20",), ns=("ns1.b.example",))
    (back,) = between(tale, "2024-03-06", "2024-03-21")
    assert (back.key, back.reason) == ("return/heron.news/1", "it was not there before")


def test_strangers_and_controls_are_not_told() -> None:
    """A name that nobody watches may come and go."""
    tale = Story(as_of=at("2024-05-01"))
    tale.predecessor("heron.news", "2024-03-01")
    tale.look("stranger.example", "delegation", ("2024-03-01", "2024-03-05"), ns=("ns1.a.example",))
    tale.look("stranger.example", "delegation", ("2024-03-06", "2024-03-07"), Presence.ABSENT)
    assert between(tale, "2024-03-05", "2024-03-08") == ()


def test_a_notice_carries_the_strictest_mark_of_its_watches() -> None:
    """What is derived from a TLP:RED watch is TLP:RED, though another watch on the name is open."""
    tale = Story(as_of=at("2024-05-01"))
    tale.predecessor("heron.news", "2024-03-01")
    tale.watches.append(replace(tale.watches[0], kind=WatchKind.PROTECTED, tlp=Tlp.RED))
    tale.look("heron.news", "delegation", ("2024-03-01", "2024-03-05"), ns=("ns1.a.example",))
    tale.look("heron.news", "delegation", ("2024-03-06", "2024-03-07"), Presence.ABSENT)
    (death,) = between(tale, "2024-03-05", "2024-03-08")
    assert death.tlp is Tlp.RED
