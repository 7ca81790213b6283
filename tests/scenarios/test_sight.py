"""That the watch can see, from end to end: in the lab it finds what was planted, and says so when it is blinded."""

import asyncio
import logging
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import structlog

from tests.virtual import on_virtual_time
from tracker import settings as knobs
from tracker.cli.logging import configure
from tracker.clients.system import Outside
from tracker.daemon import Daemon
from tracker.lab import authority, geography
from tracker.lab.compile import compile_scenario
from tracker.lab.generated import SOURCES, expanded
from tracker.lab.internet import Internet
from tracker.lab.lists import ListServer, list_path
from tracker.lab.loop import LoopClock
from tracker.lab.scenariofile import load, scenario_path
from tracker.lab.world import Fault
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.facts import Presence, Technique
from tracker.model.history import History
from tracker.stages.health import complaints
from tracker.wiring import build

SUFFIXES = Suffixes.bundled()
STORY = expanded(load(scenario_path("short")), SUFFIXES, 1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BLINDED, SEEING = STORY.start + 7 * DAY, STORY.start + 9 * DAY
WORLD = compile_scenario(
    STORY,
    SUFFIXES,
    seed=1,
    whois=geography.whois_servers(),
    extra_faults=(Fault("dns", "silence", BLINDED, SEEING, 1.0, "day"),),
).world


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The log of the daemon is not printed."""
    configure("text", logging.CRITICAL)
    yield
    structlog.reset_defaults()


def settings(folder: Path) -> knobs.Settings:
    """As people set it up, with one of the watched names as canary."""
    (folder / "suffixes.txt").write_text("\n".join(WORLD.suffixes))
    return knobs.Settings(
        database=knobs.Database(str(folder / "tracker.db")),
        identity=knobs.Identity(contact="lab@example.org", vantage="lab"),
        lists=knobs.Lists(watchlists=(f"https://{geography.FEED_HOST}{list_path(STORY.action)}",), controls=0.0),
        sweeps=knobs.Sweeps(suffixes=str(folder / "suffixes.txt"), weekly_all=False, edits=0),
        dns=knobs.Dns(rate=20_000.0, global_rate=1_000_000.0),
        registration=knobs.Registration(rate=50.0),
        certificates=knobs.Certificates(
            log_list_url=f"https://{geography.CT_HOST}/log_list.json", operators=(), rate=50.0, partial_patience=0
        ),
        pages=knobs.Pages(certificates=False),
        publishing=knobs.Publishing(directory=""),
        daemon=knobs.Daemon(canary=canary()),
    )


def canary() -> str:
    """A name that is delegated from the first to the last day."""
    days = [STORY.start + number * DAY for number in range(11)]
    return next(
        name
        for name, story in sorted(WORLD.stories.items())
        if all((state := story.at(day)) is not None and state.delegated for day in days)
    )


class Reader:
    """A place that takes every message."""

    id = kind = "reader"

    def __init__(self) -> None:
        self.lines: list[str] = []

    async def send(self, title: str, body: str) -> str:
        """Keep it."""
        self.lines += [title, *body.splitlines()]
        return ""


def test_what_is_planted_is_seen_and_blindness_is_told(tmp_path: Path) -> None:
    """Sweep, certificates and probes find the successors, and the canaries are seen as they are. Then all servers of
    names fall silent: health has a line for each who is blind, people get a message, and nothing dies of it."""
    said: dict[datetime, list[str]] = {}
    reader = Reader()

    async def story() -> History:
        clock = LoopClock(asyncio.get_running_loop(), STORY.start)
        async with Internet(WORLD, clock, ListServer(STORY, "", SOURCES, clock), noise=10) as internet:
            trust = authority.infrastructure(WORLD.seed).client_context()
            outside = Outside(clock=clock, dial=internet.dial, trust=trust, rng=random.Random(1))
            async with build(settings(tmp_path), outside) as parts:
                daemon = Daemon(replace(parts, messengers={"reader": reader}))
                while (now := clock.now()) < STORY.end:
                    assert (await daemon.run_due(now)).failed == {}
                    said[now] = complaints(parts.log.history(), parts.work, clock.now())
                    await asyncio.sleep(6 * HOUR.total_seconds())
                return parts.log.history()

    history = on_virtual_time(story())
    found = {name for name in WORLD.stories if name.partition(".")[0] in {watch.label for watch in history.watches}}
    by_sweep, by_certificate = (
        {sighting.name for sighting in history.sightings if sighting.technique is technique}
        for technique in (Technique.SAME_LABEL, Technique.CERTIFICATE)
    )
    looked_at = {
        name for name, spans in history.spans.items() if any(span.presence is Presence.PRESENT for span in spans)
    }
    assert len(by_sweep & by_certificate & looked_at & found) >= 3
    assert {row.source for row in history.canaries} == {"suffixes", "delegation", "addresses", "registration"}

    before = [line for at, lines in said.items() if at < BLINDED for line in lines]
    assert before == []
    during = {line.partition(" saw ")[0] for at, lines in said.items() if BLINDED < at < SEEING for line in lines}
    assert {"canary: suffixes", "canary: delegation", "canary: addresses"} <= during
    after = [line for at, lines in said.items() if at > SEEING + DAY / 2 for line in lines]
    assert after == []
    for place in ("delegation (canary)", "addresses (canary)", "suffixes (canary)"):
        told = [line for line in reader.lines if place in line]
        assert [line.startswith("- sees again") for line in told] == [False, True], told
    absent = {
        name
        for name, spans in history.spans.items()
        for span in spans
        if span.presence is Presence.ABSENT and any(BLINDED + HOUR < look < SEEING for look in span.looks)
    }
    assert absent == set()
