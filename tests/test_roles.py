"""Many processes on one PostgreSQL: what they find together is what one process finds, and each knows its place."""

import asyncio
import random
import signal
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner

from tests.nowhere import nowhere, said_until, started  # noqa: F401 - a fixture among them
from tests.stages.fakes import (
    NOW,
    FixedProbe,
    FixedSource,
    ListFeed,
    SetClock,
    action,
    look,
    predecessor,
    sighting,
    takedown,
)
from tests.storage.conftest import MakeDatabase, postgres  # noqa: F401 - a fixture
from tests.webhook import webhook
from tracker.analysis.derivation import Judge
from tracker.cli.errors import Refused
from tracker.cli.main import app
from tracker.clients.messenger import messengers
from tracker.clients.system import Outside, SystemDial
from tracker.daemon import Daemon
from tracker.grounds import Role, ground
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.facts import Batch, Presence
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.views import Views
from tracker.ports import Messenger, Watches
from tracker.settings import Database, Lists, Settings
from tracker.stages.notify import Discretion
from tracker.stages.planner import SWEEP, Planner
from tracker.storage.database import conninfo
from tracker.wiring import Parts

NAMES = [DomainName(f"name-{number}.example") for number in range(210)]
JUDGE = Judge(Suffixes.bundled())


def presence(name: DomainName) -> Presence:
    """Of five names one is gone, and one tells nothing."""
    return (Presence.ABSENT, Presence.INDETERMINATE, Presence.PRESENT)[min(2, len(name) * ord(name[-9]) % 5)]


def successors(watches: Watches) -> Sequence[Batch]:
    """A sweep that finds every tenth label under another suffix."""
    found = [sighting(DomainName(f"{watch.label}.so"), watch=watch) for watch in watches if watch.label.endswith("0")]
    return [Batch(sightings=tuple(found), observations=tuple(look(each.name) for each in found))]


@dataclass
class World:
    """What there is to be seen, at one moment; the same for whoever looks."""

    clock: SetClock = field(default_factory=lambda: SetClock(NOW, timedelta(0)))
    places: Mapping[str, Messenger] = field(default_factory=dict)
    names: Sequence[DomainName] = field(default_factory=lambda: NAMES)

    def __post_init__(self) -> None:
        rows = Batch(
            watches=tuple(predecessor(name) for name in self.names),
            takedowns=tuple(takedown(name) for name in self.names[::3]),
            actions=(action(),),
        )
        self.feed, self.source = ListFeed([rows]), FixedSource(successors)
        self.probe = FixedProbe(self.clock, presence)

    @asynccontextmanager
    async def daemon(self, url: str, role: Role) -> AsyncIterator[Daemon]:
        """One process of a role on the database."""
        settings = Settings(database=Database(url), lists=Lists(watchlists=("list",)))
        outside = Outside(self.clock, SystemDial(), ssl.create_default_context(), random.Random(1))
        async with ground(settings, outside, role) as base:
            yield Daemon(
                Parts(
                    settings=settings,
                    clock=self.clock,
                    log=base.log,
                    work=base.work,
                    views=base.views,
                    engine=base.engine,
                    planner=Planner(base.work, ("delegation",), edits=False, weekly_all=False),
                    feeds={"list": self.feed},
                    sweeps={SWEEP: self.source},
                    certificates={},
                    probes={"delegation": self.probe},
                    judge=JUDGE,
                    controls=lambda _: (),
                    publication=lambda _, week: Path(week),
                    messengers=self.places if role is Role.PLANNER else {},
                    discretion=Discretion(),
                    versions={"tracker": "test"},
                )
            )


def known(daemon: Daemon) -> tuple[History, Views]:
    """What was found, and what follows when all of it is known."""
    history = daemon.parts.log.history()
    return history, JUDGE.derive(history)[0]


async def alone(url: str) -> tuple[World, History, Views]:
    """One process that does everything, until nothing is due."""
    world = World()
    async with world.daemon(url, Role.ALL) as daemon:
        while (await daemon.run_due(NOW)).done:
            pass
        return world, *known(daemon)


async def together(url: str) -> tuple[World, History, Views]:
    """A planner and two workers, until the planner finds nothing to plan."""
    world = World()
    async with AsyncExitStack() as stack:
        planner, first, second = [
            await stack.enter_async_context(world.daemon(url, role))
            for role in (Role.PLANNER, Role.WORKER, Role.WORKER)
        ]
        while await planner.plan(NOW):
            assert await planner.plan(NOW) == 0  # what waits is not planned again
            assert await asyncio.gather(first.drain(), second.drain()) == [{}, {}]
            assert await planner.drain() == {}
        return world, *known(planner)


def test_many_processes_find_what_one_finds(postgres: MakeDatabase, tmp_path: Path) -> None:  # noqa: F811
    """The same facts and conclusions on SQLite, on PostgreSQL, and by planner and workers; nobody asked twice."""

    async def story() -> list[tuple[World, History, Views]]:
        return [
            await alone(str(tmp_path / "tracker.db")),
            await alone(conninfo(postgres())),
            await together(conninfo(postgres())),
        ]

    (one, history, views), *others = asyncio.run(story())
    assert len(history.spans) == len(NAMES) + 21
    assert len(history.sightings) == 21
    assert len(views.candidates) == 21
    for world, same_history, same_views in others:
        for part in ("watches", "takedowns", "sightings", "spans", "gaps"):
            assert getattr(same_history, part) == getattr(history, part), part
        assert same_views == views
        assert sorted(world.probe.looked) == sorted(one.probe.looked)
        assert sorted(sum(world.source.asked, ())) == sorted(sum(one.source.asked, ()))


def test_the_planner_tells_people_what_workers_saw(postgres: MakeDatabase) -> None:  # noqa: F811
    """A name dies at the workers' hands: the webhook, which only the planner knows, gets it once."""

    async def story(url: str) -> None:
        world = World(places=messengers([hook.url]), names=NAMES[:3])
        world.source.found = lambda _: []
        world.probe.presence = lambda _: Presence.PRESENT
        async with world.daemon(url, Role.PLANNER) as planner, world.daemon(url, Role.WORKER) as worker:
            for day in range(7):
                world.clock.at = NOW + timedelta(days=day)
                while await planner.plan(world.clock.at):
                    assert await worker.drain() == {}
                    assert await planner.drain() == {}
                world.probe.presence = lambda name: Presence.ABSENT if name == NAMES[0] else Presence.PRESENT

    with webhook() as hook:
        asyncio.run(story(conninfo(postgres())))
    assert [post["title"] for post in hook.posted] == ["Domain churn: 1 death"]
    assert "- name-0[.]example died between 2024-09-04T" in hook.text


# As people start them


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """Whatever a command configures is undone: its stderr ends with it."""
    yield
    structlog.reset_defaults()


def test_planner_and_worker_divide_the_work_and_end_on_sigterm(
    postgres: MakeDatabase,  # noqa: F811
    nowhere: Path,  # noqa: F811
) -> None:
    """The worker polls the list that the planner found due; a second planner is refused, a second worker welcome."""
    del nowhere
    url = conninfo(postgres())
    processes = [started("--database", url, "run", "--role", role) for role in ("planner", "worker", "worker")]
    try:
        for process in processes:
            said_until(process, "watching")
        said_until(processes[0], "planned")
        with pytest.raises(Refused, match="in use by another instance"):
            CliRunner().invoke(app, ["--database", url, "run", "--role", "planner", "--once"], catch_exceptions=False)
        once = CliRunner().invoke(app, ["--database", url, "run", "--role", "worker", "--once"], catch_exceptions=False)
        assert once.exit_code == 0, once.output
        for process in processes:
            process.send_signal(signal.SIGTERM)
        rest = [process.communicate(timeout=60)[1] for process in processes]
    finally:
        for process in processes:
            process.kill()
    assert [process.returncode for process in processes] == [0, 0, 0], rest
    assert all("stopped" in text and "Traceback" not in text for text in rest), rest
    listed = CliRunner().invoke(app, ["--database", url, "watch", "list", "--format", "names"], catch_exceptions=False)
    assert listed.stdout.split() == ["rrn.media"]


def test_roles_that_cannot_be_are_refused(postgres: MakeDatabase, nowhere: Path) -> None:  # noqa: F811
    """A worker needs a server and its schema; unknown roles and queues are named."""
    del nowhere

    def run(*arguments: str) -> None:
        CliRunner().invoke(app, arguments, catch_exceptions=False)

    empty = conninfo(postgres(empty=True))
    for arguments, reason in (
        (("run", "--role", "worker"), "needs a database on a server"),
        (("--database", empty, "run", "--role", "worker"), "tracker db upgrade"),
        (("run", "--role", "boss"), "there is no boss"),
        (("run", "--queues", "dns,smtp"), "there is no smtp"),
    ):
        with pytest.raises(Refused, match=reason):
            run(*arguments)
