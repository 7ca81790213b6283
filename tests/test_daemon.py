"""The daemon: what is due is done once, in order, whatever fails; and it ends when it is told to."""

import asyncio
import json
import logging
import re
import signal
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from typer.testing import CliRunner

from tests.nowhere import ELSEWHERE, furnish, nowhere, said_until, started  # noqa: F401 - a fixture among them
from tests.stages.fakes import (
    NOW,
    RRN,
    SO,
    FixedProbe,
    FixedSource,
    ListFeed,
    MemoryLog,
    MemoryViews,
    MemoryWork,
    SetClock,
    action,
    look,
    predecessor,
    run,
    sighting,
    takedown,
)
from tests.webhook import webhook
from tracker.analysis.derivation import Judge
from tracker.cli.errors import Refused
from tracker.cli.logging import configure
from tracker.cli.main import app
from tracker.clients.messenger import messengers
from tracker.daemon import Daemon, Outcome
from tracker.duties import Duties
from tracker.engine.local import LocalEngine
from tracker.engine.pauses import Pauses
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.facts import Batch, Layer, Presence
from tracker.model.names import DomainName
from tracker.model.watching import Pap, WatchStatus
from tracker.ports import Watches, WorkUnit
from tracker.settings import Settings
from tracker.stages.health import complaints
from tracker.stages.notify import Discretion
from tracker.stages.planner import POLL, SWEEP, Planner, look_kind
from tracker.wiring import Parts

LOOK = look_kind("delegation")
JUDGE = Judge(Suffixes.bundled())
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Logs of the fakes' bugs are not printed; whatever a command configures is undone."""
    configure("text", logging.CRITICAL)
    yield
    structlog.reset_defaults()


def successor(watches: Watches) -> Sequence[Batch]:
    """A sweep that finds `rrn.so` whenever it looks for `rrn`."""
    if "rrn" not in {watch.label for watch in watches}:
        return []
    return [Batch(sightings=(sighting(SO),), observations=(look(SO),))]


@dataclass
class House:
    """The daemon among fakes; its clock goes on by a second whenever it is asked, like a real one."""

    feed: ListFeed = field(default_factory=lambda: ListFeed([Batch(watches=(predecessor(),))]))
    broken: frozenset[str] = frozenset()
    step: timedelta = timedelta(seconds=1)

    def __post_init__(self) -> None:
        self.clock = SetClock(NOW, self.step)
        self.log, self.work, self.views = MemoryLog(), MemoryWork(), MemoryViews()
        self.source = FixedSource(successor)
        self.probe = FixedProbe(self.clock, broken=self.broken)
        self.daemon = Daemon(
            Parts(
                settings=Settings(),
                clock=self.clock,
                log=self.log,
                work=self.work,
                views=self.views,
                engine=LocalEngine(self.clock),
                planner=Planner(self.work, ("delegation",), edits=False, weekly_all=False),
                feeds={"list": self.feed},
                sweeps={SWEEP: self.source},
                certificates={},
                probes={"delegation": self.probe},
                judge=JUDGE,
                controls=lambda _: (),
                publication=lambda _, week: Path(week),
                messengers={},
                discretion=Discretion(),
                versions={"tracker": "test"},
            )
        )

    def tick(self, after: timedelta = timedelta(0)) -> Outcome:
        """One pass, some time after the last."""
        self.clock.at += after
        return asyncio.run(self.daemon.run_due(self.clock.at))

    def complaints(self) -> list[str]:
        """What `tracker health` would say."""
        return complaints(self.log.history(), self.work, self.clock.at)


def test_one_pass_goes_all_the_way() -> None:
    """From list to verdict: what one stage plans is due for the next, though the clock went on meanwhile."""
    house = House()
    outcome = house.tick()
    assert outcome.failed == {}
    assert outcome.done == 4  # list, sweep, looks, views
    assert house.source.asked == [("rrn",)]
    assert sorted(house.probe.looked) == [RRN, SO]
    views = house.views.load()
    assert views is not None and [row.name for row in views.candidates] == [SO]


def test_nothing_due_is_nothing_done() -> None:
    """A minute later nobody is asked again, and the next due moment is told."""
    house = House()
    first = house.tick()
    assert house.tick(timedelta(minutes=1)).done == 0
    assert first.next_due is not None and first.next_due > NOW + timedelta(minutes=10)


def test_every_row_says_in_which_run_it_was_recorded() -> None:
    """Runs carry stage, vantage and versions; time without runs is a gap."""
    house = House()
    house.tick()
    runs = house.log.history().runs
    assert {run.stage for run in runs} == {"poll", "discover", "observe"}
    assert {(run.vantage, run.versions["tracker"]) for run in runs} == {("here", "test")}


def test_the_first_sweep_is_the_baseline() -> None:
    """What the first sweep finds gets one profile; a takedown then hurries the predecessor, not the bystander."""
    house = House(ListFeed([Batch(watches=(predecessor(),)), Batch(takedowns=(takedown(),), actions=(action(),))]))
    house.tick()
    assert set(house.work.scheduled(LOOK)) == {RRN}
    house.tick(HOUR)
    assert house.work.scheduled(LOOK)[RRN].origin == NOW


def test_what_a_later_sweep_finds_is_watched_closely() -> None:
    """A name that the baseline did not hold is a discovery."""
    house = House()
    house.source.found = lambda _: []
    house.tick()
    house.source.found = successor
    house.tick(timedelta(days=8))
    row = house.work.scheduled(LOOK)[SO]
    assert row.due_at - house.clock.at < timedelta(minutes=17)


@pytest.mark.parametrize("change", [{"status": WatchStatus.PAUSED}, {"pap": Pap.RED}])
def test_candidates_of_a_watch_that_was_paused_elsewhere_are_left_alone(change: dict[str, Any]) -> None:
    """Another process paused the watch, or a list marked it PAP:RED: what is due for its candidates is not done."""
    house = House()
    house.source.found = lambda _: []
    house.tick()
    house.source.found = successor
    house.tick(timedelta(days=8))
    house.probe.looked.clear()
    house.log.append(run(), Batch(watches=(replace(predecessor(), **change),)), house.clock.at)
    house.tick(timedelta(days=8))
    assert house.probe.looked == []
    assert house.work.scheduled(LOOK) == {}


def test_a_seizure_that_is_seen_starts_the_fast_cadence() -> None:
    """The name moves to a seizure server and its page is a banner: a takedown, seen by us, and its label is hurried."""
    house = House()
    house.source.found = lambda _: []
    house.tick()
    house.tick(timedelta(days=20))
    swept = house.work.scheduled(SWEEP)["rrn"].due_at
    banner = replace(
        look(RRN, house.clock.at + 2 * HOUR, probe="page"), layer=Layer.SERVING, facts={"kind": ("seizure",)}
    )
    seen = replace(look(RRN, house.clock.at + HOUR), facts={"ns": ("ns1.seized.gov",)})
    before = replace(look(RRN, house.clock.at), facts={"ns": ("ns1.host.example",)})
    house.log.append(run(), Batch(observations=(before, seen, banner)), house.clock.at + 2 * HOUR)
    house.tick(3 * HOUR)
    (hit,) = house.log.history().takedowns
    assert (hit.domain, hit.action_id, hit.effective.hi) == (RRN, f"observed-{seen.at:%Y-%m-%d}", seen.at)
    assert house.work.scheduled(SWEEP)["rrn"].due_at < swept
    house.tick(HOUR)
    assert len(house.log.history().takedowns) == 1
    assert house.source.asked[-1] == ("rrn",)


def test_a_failing_unit_is_tried_again_and_stops_nobody() -> None:
    """The probe meets a bug; list, sweep and views are done. The looks stay due and rest, longer each time."""
    house = House(broken=frozenset({SO}))
    outcome = house.tick()
    (unit,) = outcome.failed
    assert unit == "look/delegation/rrn.media"
    assert "a bug met rrn.so" in outcome.failed[unit]
    assert outcome.done == 3
    assert all(row.due_at <= house.clock.at for row in house.work.scheduled(LOOK).values())
    pause = Pauses().first
    assert house.tick(pause / 2).failed == {}
    assert list(house.tick(pause).failed) == [unit]
    house.probe.broken = frozenset()
    assert house.tick(pause).failed == {} and SO not in house.probe.looked
    assert house.tick(pause * 2).failed == {}
    assert SO in house.probe.looked


def test_a_failing_list_does_not_stop_another() -> None:
    """Each list is a unit of its own."""

    @dataclass
    class Broken(ListFeed):
        async def poll(self, cursor):
            raise RuntimeError("no list")
            yield

    house = House()
    house.daemon.parts.feeds["a broken one"] = Broken([])  # type: ignore[index]
    outcome = house.tick()
    assert list(outcome.failed) == ["poll/a broken one"]
    assert [watch.name for watch in house.log.watches()] == [RRN]
    assert house.work.scheduled(POLL)["a broken one"].due_at <= house.clock.at


def test_fixed_cadences_do_not_drift() -> None:
    """Ticks come late, polls stay on the hour; after a long silence they start anew instead of catching up."""
    house = House()
    house.tick()
    assert house.work.scheduled(POLL)["list"].due_at == NOW + HOUR
    house.clock.at = NOW + HOUR + timedelta(seconds=40)
    house.tick()
    assert house.work.scheduled(POLL)["list"].due_at == NOW + 2 * HOUR
    house.clock.at = NOW + 30 * HOUR
    house.tick()
    due = house.work.scheduled(POLL)["list"].due_at
    assert timedelta(0) <= due - (NOW + 31 * HOUR) < timedelta(minutes=1)
    assert len(house.feed.cursors) == 3


def test_a_restart_loses_nothing() -> None:
    """A second daemon on the same rows does what the first left due, and nothing twice."""
    house, again = House(), House()
    house.tick()
    again.daemon = Daemon(house.daemon.parts)
    again.clock = house.clock
    assert again.tick(timedelta(minutes=1)).done == 0
    assert again.tick(HOUR).done > 0


@pytest.mark.parametrize("silenced", [{"pap": Pap.RED}, {"status": WatchStatus.PAUSED}])
def test_nobody_looks_at_what_must_not_be_looked_at(silenced: dict[str, object]) -> None:
    """Neither sweeps nor looks, not even when the name is taken down."""
    rows = Batch(watches=(predecessor(**silenced),), takedowns=(takedown(),), actions=(action(),))
    house = House(ListFeed([rows]))
    assert house.tick().failed == {}
    house.tick(timedelta(days=1))
    assert house.source.asked == []
    assert house.probe.looked == []
    assert [row.domain for row in house.log.history().takedowns] == [RRN]


def test_a_sweep_is_made_for_active_watches_only() -> None:
    """Of two names with one label the paused one gets no sightings, though its label is asked for the other."""
    paused = predecessor(DomainName("rrn.world"), status=WatchStatus.PAUSED)
    house = House(ListFeed([Batch(watches=(predecessor(), paused))]))
    served: list[DomainName | None] = []
    house.source.found = lambda watches: served.extend(watch.name for watch in watches) or []
    house.tick()
    assert served == [RRN]


def test_many_names_are_looked_at_in_several_units() -> None:
    """A crash repeats at most one unit, so units are small."""
    names = [DomainName(f"name-{number}.example") for number in range(450)]
    house = House(ListFeed([Batch(watches=tuple(predecessor(name) for name in names))]), step=timedelta(0))
    house.source.found = lambda _: []
    assert house.tick().done == 2 + 3 + 3  # list, views, and 450 labels and names by 200
    assert sorted(house.probe.looked) == sorted(names)


def test_a_unit_that_is_done_again_does_nothing() -> None:
    """Units are repeated after a crash: the rows have moved on, so nobody is asked twice."""
    house = House()
    units: list[WorkUnit] = []

    @dataclass
    class Noting:
        """An engine that keeps what it runs."""

        inner: LocalEngine

        async def submit(self, unit: WorkUnit) -> bool:
            units.append(unit)
            return await self.inner.submit(unit)

        def __getattr__(self, name: str) -> object:
            return getattr(self.inner, name)

    house.daemon = Daemon(replace(house.daemon.parts, engine=Noting(LocalEngine(house.clock))))  # type: ignore[arg-type]
    house.tick()
    before = (list(house.source.asked), list(house.probe.looked), len(house.log.appended))
    handlers = Duties(house.daemon.parts).handlers
    for unit in units:
        assert json.loads(json.dumps(unit.payload)) == unit.payload
        asyncio.run(handlers[unit.kind](unit))  # type: ignore[arg-type]
    assert {unit.kind for unit in units} == {"poll", "sweep", "look", "derive"}
    assert (house.source.asked, house.probe.looked, len(house.log.appended)) == before


def test_people_are_told_in_the_course_of_a_pass() -> None:
    """A watched name dies between two passes: the webhook gets it with the next message, and never again."""
    with webhook() as hook:
        house = House()
        house.source.found = lambda _: []
        house.daemon = Daemon(replace(house.daemon.parts, messengers=messengers([hook.url])))
        house.tick()
        house.probe.presence = lambda _: Presence.ABSENT
        for _ in range(6):
            assert house.tick(timedelta(days=1)).failed == {}
    assert [post["title"] for post in hook.posted] == ["Domain churn: 1 death"]
    assert "- rrn[.]media died between 2024-09-04T" in hook.text


# The real thing, where nobody can be reached


def test_run_once_names_what_it_could_not_reach(nowhere: Path) -> None:  # noqa: F811
    """Exit 1, one line per source: the list, the sweep, each probe; and nothing became an absence."""
    furnish(nowhere, "list.toml", ELSEWHERE)
    result = CliRunner().invoke(app, ["run", "--once"], catch_exceptions=False)
    assert result.exit_code == 1
    for source in (ELSEWHERE, "suffixes", "delegation", "addresses", "registration"):
        assert any(line.startswith(f"{source}: ") for line in result.stderr.splitlines()), source
    watched = CliRunner().invoke(app, ["watch", "list", "--format", "names"])
    assert watched.stdout.split() == ["rrn.media"]
    status = CliRunner().invoke(app, ["status", "--format", "csv"])
    assert "ABSENT" not in status.stdout
    assert "failing: forbidden" in status.stdout


def test_run_ends_on_sigterm(nowhere: Path) -> None:  # noqa: F811
    """A container is stopped: the process says so and exits 0 soon; a second one was refused."""
    del nowhere
    running = started("run", TRACKER_DAEMON_LISTEN=":0")
    try:
        said = said_until(running, "no look told anything")
        port = re.search(r"answering /healthz and /metrics\s+port=(\d+)", said)
        assert port is not None, said
        with urllib.request.urlopen(f"http://127.0.0.1:{port[1]}/metrics", timeout=10) as page:
            assert b'tracker_watches{kind="predecessor"} 1.0' in page.read()
        with pytest.raises(Refused, match="in use by process"):
            CliRunner().invoke(app, ["run", "--once"], catch_exceptions=False)
        running.send_signal(signal.SIGTERM)
        rest = running.communicate(timeout=60)[1]
    finally:
        running.kill()
    assert running.returncode == 0
    assert "stopped" in rest
    assert "Traceback" not in said + rest
