"""Telling people: in batches, each thing once, to real webhooks, across restarts, refusals and a kill."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from tests.analysis.stories import story
from tests.stages.fakes import NOW, RRN, MemoryLog, MemoryViews, MemoryWork, look, predecessor, run
from tests.webhook import Webhook, webhook
from tracker.analysis.derivation import Judge
from tracker.analysis.policy import POLICY
from tracker.clients.messenger import messengers
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.facts import Batch, Presence
from tracker.model.notices import Notice, NoticeKind
from tracker.model.watching import Tlp
from tracker.ports import Messenger, Work
from tracker.stages.derive import derive_views
from tracker.stages.message import LONGEST, MOST_LINES, body, harmless, title
from tracker.stages.notify import MOST_WAITING, Discretion, Outbox, deliver, gather_news, gather_sight
from tracker.stages.status import STALE_AFTER, blind
from tracker.storage.database import open_database
from tracker.storage.migrate import upgrade
from tracker.storage.work import SqlWork

EVERYTHING = Discretion(ceiling=Tlp.RED)
JUDGE = Judge(Suffixes.bundled())


def notice(key: str, kind: NoticeKind = NoticeKind.DEATH, tlp: Tlp = Tlp.CLEAR) -> Notice:
    """Something to tell."""
    return Notice(kind=kind, key=key, what=f"{key} died", reason="cause: held", tlp=tlp)


@pytest.fixture
def hook() -> Iterator[Webhook]:
    """A webhook that takes what it gets."""
    with webhook() as listening:
        yield listening


@pytest.fixture
def reopened(tmp_path: Path) -> Callable[[], SqlWork]:
    """The work tables in a file, opened anew at each call, as a process that starts again would."""
    file = tmp_path / "tracker.db"
    engine = open_database(file)
    upgrade(engine, NOW)
    engine.dispose()
    return lambda: SqlWork(open_database(file), gathered=True)


def put(work: Work, places: Mapping[str, Messenger], *notices: Notice) -> None:
    """Put notices before the places."""
    Outbox.read(work).joined(EVERYTHING(notices), places).keep(work)


def test_what_happens_together_travels_together(hook: Webhook) -> None:
    """One message with a heading per kind; when nothing waits, nothing is sent."""
    work, places = MemoryWork(), messengers([hook.url])
    put(work, places, notice("a.example"), notice("b.example"), notice("c.example", NoticeKind.RETURN))
    assert asyncio.run(deliver(work, places)) == {}
    assert asyncio.run(deliver(work, places)) == {}
    (post,) = hook.posted
    assert post["title"] == "Domain churn: 2 deaths, 1 return"
    assert post["message"].splitlines()[:3] == [
        "Deaths:",
        "- a[.]example died. cause: held",
        "- b[.]example died. cause: held",
    ]


def test_each_thing_is_told_once_across_restarts(hook: Webhook, reopened: Callable[[], SqlWork]) -> None:
    """Gathered by one process, sent by the next, found again by a third that knows only the tables."""
    places = messengers([hook.url])
    put(reopened(), places, notice("a.example"))
    put(reopened(), places, notice("a.example"))
    asyncio.run(deliver(reopened(), places))
    asyncio.run(deliver(reopened(), places))
    put(reopened(), places, notice("b.example"))
    asyncio.run(deliver(reopened(), places))
    assert [post["message"].count(" died") for post in hook.posted] == [1, 1]
    assert "Message 1." in hook.posted[0]["message"] and "Message 2." in hook.posted[1]["message"]


def test_a_place_that_refuses_gets_it_later_and_the_others_are_not_told_twice(hook: Webhook) -> None:
    """Each place has its own queue; what is told of the failure holds nothing of the address."""
    with webhook("another-secret") as broken:
        work, places = MemoryWork(), messengers([hook.url, broken.url])
        broken.status = 500
        put(work, places, notice("a.example"))
        ((place, why),) = asyncio.run(deliver(work, places)).items()
        assert places[place].kind == "json (address 2)"
        assert "500" in why and "secret" not in why and "127.0.0.1" not in why
        broken.status = 200
        put(work, places, notice("b.example"))
        assert asyncio.run(deliver(work, places)) == {}
        assert [post["title"] for post in hook.posted] == ["Domain churn: 1 death", "Domain churn: 1 death"]
        assert [post["title"] for post in broken.posted] == ["Domain churn: 2 deaths"]


SENDER = """
import asyncio, sys
from tracker.clients.messenger import messengers
from tracker.stages.notify import deliver
from tracker.storage.database import open_database
from tracker.storage.work import SqlWork
asyncio.run(deliver(SqlWork(open_database(sys.argv[1]), gathered=True), messengers([sys.argv[2]])))
"""


def test_a_message_cut_off_by_a_kill_is_sent_again_and_says_so(
    hook: Webhook, reopened: Callable[[], SqlWork], tmp_path: Path
) -> None:
    """SIGKILL arrives with the message: whether it had arrived cannot be known, so it comes again under its number."""
    places = messengers([hook.url])
    put(reopened(), places, notice("a.example"))
    sender = subprocess.Popen([sys.executable, "-c", SENDER, str(tmp_path / "tracker.db"), hook.url])
    hook.before_answering = sender.kill
    assert sender.wait(timeout=60) == -signal.SIGKILL
    hook.before_answering = lambda: None
    asyncio.run(deliver(reopened(), places))
    asyncio.run(deliver(reopened(), places))
    first, second = hook.posted
    assert "it may be here already, as message 1" in second["message"]
    assert "Message 1." in first["message"] and "Message 1." in second["message"]
    assert not Outbox.read(reopened()).queues[next(iter(places))].waiting


def test_what_comes_while_a_message_is_on_its_way_is_not_lost() -> None:
    """A derivation may end while a slow place is being told."""
    work = MemoryWork()

    @dataclass
    class Slow:
        id: str = "slow"
        kind: str = "slow"

        async def send(self, title: str, body: str) -> str:
            put(work, {"slow": self}, notice("b.example"))
            return ""

    put(work, {"slow": Slow()}, notice("a.example"))
    asyncio.run(deliver(work, {"slow": Slow()}))
    assert [row.key for row in Outbox.read(work).queues["slow"].waiting] == ["b.example"]


def test_muted_kinds_are_not_told_and_restricted_names_are_not_named() -> None:
    """A chat is somebody else's machine: above the ceiling only the fact that something happened is told."""
    discretion = Discretion(muted=frozenset({NoticeKind.RETURN}), ceiling=Tlp.GREEN)
    told = discretion([notice("a.example", NoticeKind.RETURN), notice("b.example", tlp=Tlp.AMBER), notice("c.example")])
    assert [(row.what, row.reason) for row in told] == [
        ("a name that is TLP:AMBER, see `tracker status`", ""),
        ("c.example died", "cause: held"),
    ]


def test_going_blind_is_told_once_and_so_is_seeing_again() -> None:
    """With the reason; what lay between is called a gap."""
    work, places = MemoryWork(), {"place": None}
    lost = {"delegation": "last success 2024-09-01T00:00:00Z, timeout since"}
    for blind_now in ({}, lost, lost, {}, {}):
        gather_sight(work, places, EVERYTHING, blind_now)
        if blind_now:
            (row,) = Outbox.read(work).queues["place"].waiting
            assert (row.what, row.reason) == ("blind: delegation", lost["delegation"])
    (row,) = Outbox.read(work).queues["place"].waiting
    assert row.what == "sees again: delegation"
    assert "not an absence" in row.reason


def test_blindness_is_what_health_calls_stale() -> None:
    """A probe whose last success is too old is named with why."""
    log = MemoryLog()
    log.append(run(), Batch(observations=(look(RRN, NOW),)), NOW)
    assert blind(log.history(), NOW + STALE_AFTER) == {}
    later = NOW + STALE_AFTER + timedelta(hours=1)
    assert blind(log.history(), later) == {"delegation": "last success 2024-09-04T15:00:00Z"}


def test_news_is_kept_before_the_views_are_stored(hook: Webhook) -> None:
    """A crash between the two finds the same news again, under the same key: told once."""
    log, views, work = MemoryLog(), MemoryViews(), MemoryWork()
    places = messengers([hook.url])

    def tell(*found: object) -> None:
        gather_news(work, places, EVERYTHING, *found, POLICY)  # type: ignore[arg-type]

    class Crashing(MemoryViews):
        def replace(self, views: object) -> None:
            raise OSError("the disk is full")

    log.append(run(), Batch(watches=(predecessor(),), observations=(look(RRN, NOW),)), NOW)
    derive_views(log, views, work, JUDGE, tell)
    for hours in (1, 8):
        moment = NOW + timedelta(hours=hours)
        log.append(run(at=moment), Batch(observations=(look(RRN, moment, Presence.ABSENT),)), moment)
    with pytest.raises(OSError, match="full"):
        derive_views(log, Crashing(views.views), work, JUDGE, tell)
    derive_views(log, views, work, JUDGE, tell)
    asyncio.run(deliver(work, places))
    derive_views(log, views, work, JUDGE, tell)
    asyncio.run(deliver(work, places))
    (post,) = hook.posted
    assert post["message"].count("rrn[.]media died between") == 1


def test_a_place_that_takes_nothing_for_months_does_not_fill_the_database() -> None:
    """The oldest notices are given up, and the message that gets through says how many."""
    work = MemoryWork()
    rows = [notice(f"name-{number}.example") for number in range(MOST_WAITING + 7)]
    Outbox.read(work).joined(rows, ["place"]).keep(work)
    queue = Outbox.read(work).queues["place"]
    assert (len(queue.waiting), queue.dropped) == (MOST_WAITING, 7)
    text = body(queue.waiting, 1, dropped=queue.dropped)
    assert f"and {MOST_WAITING - MOST_LINES} more" in text
    assert "7 older notices could not be delivered" in text
    assert title(queue.waiting) == f"Domain churn: {MOST_WAITING} deaths"


def test_places_that_are_gone_are_forgotten() -> None:
    """An address taken out of the settings leaves nothing behind in the database."""
    outbox = Outbox().joined([notice("a.example")], ["old", "kept"])
    assert set(outbox.joined([notice("b.example")], ["kept"]).queues) == {"kept"}


@pytest.mark.parametrize(
    ("hostile", "calm"),
    [
        ("seen at HTTPS://evil.example/x", "seen at HxxPS://evil[.]example/x"),
        ("@channel <!here> `run`", "＠channel ‹!here› 'run'"),
        ("two\nlines\x1b[31m\u202e", "two lines [31m"),
        ("x" * 1000, "x" * LONGEST + "…"),
    ],
)
def test_text_that_operators_chose_is_made_harmless(hostile: str, calm: str) -> None:
    """No link, no mention, no markup, no control sign, no flood."""
    assert harmless(hostile) == calm


def test_a_real_story_fits_into_a_message() -> None:
    """The five returns of the story, told as somebody on call would read them."""
    history = story().history()
    early = story().history(history.as_of.replace(month=3, day=10))
    work = MemoryWork()
    before, after = JUDGE.derive(early)[0], JUDGE.derive(history)[0]
    gather_news(work, ["place"], Discretion(), history, before, after, POLICY)
    waiting = Outbox.read(work).queues["place"].waiting
    assert title(waiting) == "Domain churn: 5 replacements, 6 deaths"
    text = body(waiting, 1)
    assert "redfinch[.]so is likely to replace redfinch[.]press" in text
    assert not any(f"{name}." in text for name in ("redfinch", "quillmoss", "lair"))
