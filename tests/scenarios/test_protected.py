"""Two newsrooms protect their names. Nothing was taken down, and yet they hear of the copies of their front pages."""

import asyncio
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tracker import settings as knobs
from tracker.cli.main import app
from tracker.clients.system import Outside
from tracker.daemon import Daemon
from tracker.lab import authority, geography
from tracker.lab.compile import compile_scenario
from tracker.lab.internet import Internet
from tracker.lab.lists import ListServer
from tracker.lab.loop import LoopClock, VirtualLoop
from tracker.lab.scenario import Event, Scenario, step
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.views import Verdict, Views
from tracker.wiring import build

pytestmark = pytest.mark.xdist_group("replay")
START = datetime(2025, 3, 1, tzinfo=UTC)
END = START + timedelta(days=8)
ONLINE = (step("delegate +20m"), step("certificate +40m"), step("page +3h"))
BRANDS = """
[sources.desk]
title = "the newsroom's own word"
[[protected]]
name = "lapresse-libre.fr"
brand = "La Presse libre"
own = ["lapresse-libre.fr"]
sources = ["desk"]
[[protected]]
name = "nordkurier-heute.de"
brand = "Nordkurier heute"
own = ["nordkurier-heute.de"]
sources = ["desk"]
"""
COPIES = (DomainName("lapresse-libre.ltd"), DomainName("nordkurier-heute.pm"))
NAMESAKE = DomainName("lapresse-libre.ca")
DEFENCE = DomainName("nordkurier-heute.com")


def born(
    name: str, at: datetime, host: str, registrar: str, page: str, *, replaces: str = "", leads_to: str = ""
) -> Event:
    """A name that comes into the world and goes online; without `replaces` it is a bystander's."""
    return Event(
        do="register",
        name=name,
        at=at,
        innocent=not replaces,
        replaces=replaces,
        leads_to=leads_to,
        nameservers=host,
        registrar=registrar,
        page=page,
        then=ONLINE,
    )


def story() -> Scenario:
    """Two outlets since ever; on the third day somebody copies both; a namesake, and an outlet's own defence."""
    day, since = timedelta(days=1), START - timedelta(days=4000)
    return Scenario(
        scenario_id="protected",
        title="Two protected brands",
        start=START,
        end=END,
        seed=7,
        action="none",
        notice=END - timedelta(hours=1),
        suffixes=30,
        noise=300,
        events=(
            born("lapresse-libre.fr", since, "host-c", "r5", "operation"),
            born("nordkurier-heute.de", since, "host-d", "r6", "operation"),
            born(COPIES[0], START + 2.3 * day, "host-f", "r3", "operation", replaces="lapresse-libre.fr"),
            born(COPIES[1], START + 2.6 * day, "host-f", "r3", "operation", replaces="nordkurier-heute.de"),
            born(NAMESAKE, START + 4 * day, "parking", "r9", "parking"),
            born(DEFENCE, START + 3 * day, "protection", geography.PROTECTOR, "leads", leads_to="nordkurier-heute.de"),
        ),
    )


@dataclass(frozen=True)
class Watched:
    """What the tracker knew at the end, and where it is written."""

    history: History
    views: Views
    config: Path


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """The story, seen by the daemon with pages on and with no list but the brands."""
    folder = tmp_path_factory.mktemp("protected")
    (folder / "brands.toml").write_text(BRANDS, encoding="utf-8")
    (folder / "tracker.toml").write_text(f'[database]\nurl = "{folder / "tracker.db"}"\n', encoding="utf-8")
    scenario, suffixes = story(), Suffixes.bundled()
    compiled = compile_scenario(scenario, suffixes, whois=geography.whois_servers())
    (folder / "suffixes.txt").write_text("\n".join(compiled.world.suffixes), encoding="utf-8")
    settings = knobs.Settings(
        database=knobs.Database(str(folder / "tracker.db")),
        identity=knobs.Identity(contact="lab@example.org", vantage="lab"),
        lists=knobs.Lists(watchlists=(str(folder / "brands.toml"),), controls=0.0),
        sweeps=knobs.Sweeps(suffixes=str(folder / "suffixes.txt"), weekly_all=False),
        dns=knobs.Dns(rate=20_000.0, global_rate=1_000_000.0),
        registration=knobs.Registration(rate=50.0),
        certificates=knobs.Certificates(
            log_list_url=f"https://{geography.CT_HOST}/log_list.json",
            operators=(),
            rate=50.0,
            every_minutes=360,
            partial_patience=0,
        ),
        pages=knobs.Pages(enabled=True, every_hours=48),
        judging=knobs.Judging(derive_minutes=24 * 60),
        publishing=knobs.Publishing(directory=""),
        daemon=knobs.Daemon(canary=""),
    )
    loop = VirtualLoop()
    clock = LoopClock(loop, START)

    async def days() -> tuple[History, Views]:
        lists = ListServer(scenario, "", {"lab": "the lab"}, clock, compiled.world)
        async with Internet(compiled.world, clock, lists, noise=scenario.noise) as internet:
            trust = authority.infrastructure(7).client_context()
            outside = Outside(clock=clock, dial=internet.dial, trust=trust, rng=random.Random(7))
            async with build(settings, outside) as parts:
                daemon = Daemon(parts)
                while (now := clock.now()) < END:
                    assert not (await daemon.run_due(now)).failed
                    await asyncio.sleep((now + timedelta(hours=3) - clock.now()).total_seconds())
                views = parts.views.load()
                assert views is not None
                return parts.log.history(END), views

    try:
        history, views = loop.run_until_complete(days())
    finally:
        loop.close()
    return Watched(history, views, folder / "tracker.toml")


def verdict(watched: Watched, name: DomainName) -> Verdict | None:
    """The verdict on a name as a lookalike of a protected brand; None when it was never met."""
    return next(
        (
            row.verdict
            for row in watched.views.assessments
            if row.name == name and row.watch_key.startswith("protected:")
        ),
        None,
    )


def test_the_copies_are_found_and_judged_without_a_takedown_or_a_date(watched: Watched) -> None:
    """Same label, one registrar and hoster on one day for two brands, and the outlets' own front pages."""
    assert watched.history.takedowns == ()
    assert [verdict(watched, name) for name in COPIES] == [Verdict.LIKELY, Verdict.LIKELY]


def test_a_namesake_and_the_outlets_own_defence_are_nobodys_imitation(watched: Watched) -> None:
    """They carry the label, too, and were met."""
    assert verdict(watched, NAMESAKE) in {Verdict.POSSIBLE, Verdict.INSUFFICIENT}
    assert verdict(watched, DEFENCE) is Verdict.RULED_OUT


def test_the_newsroom_can_read_why(watched: Watched) -> None:
    """`tracker explain` names the brand, the copied page and how sure it is."""
    shown = CliRunner().invoke(app, ["--config", str(watched.config), "explain", COPIES[0]])
    assert shown.exit_code == 0, shown.output
    assert "LIKELY" in shown.output and "page.clones_outlet" in shown.output
