"""The lab's internet: every server is up between `async with` and its end, and reached at public addresses only."""

import asyncio
import random
from datetime import timedelta

import httpx
import pytest

from tests.stages.fakes import SetClock
from tests.virtual import on_virtual_time
from tracker.clients.guard import forbidden, guarded_client, unverified_context
from tracker.lab import authority, geography
from tracker.lab.compile import Compiled, compile_scenario
from tracker.lab.generated import SOURCES, expanded
from tracker.lab.internet import Internet, LabDial
from tracker.lab.lists import ListServer, list_path
from tracker.lab.scenariofile import load, scenario_path
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.facts import Presence
from tracker.model.names import DomainName
from tracker.resolving import dns_client
from tracker.settings import Dns

SUFFIXES = Suffixes.bundled()
STORY = expanded(load(scenario_path("short")), SUFFIXES, 1)
NAME = STORY.predecessors[0].name
LATER = STORY.notice + timedelta(days=2)


@pytest.fixture(scope="module")
def compiled() -> Compiled:
    """The short story as a world."""
    return compile_scenario(STORY, SUFFIXES, seed=1, whois=geography.whois_servers())


def internet(compiled: Compiled, clock: SetClock) -> Internet:
    """All servers of the story, not up yet."""
    return Internet(compiled.world, clock, ListServer(STORY, "", SOURCES, clock), noise=10)


def test_lists_rdap_logs_names_and_pages_answer(compiled: Compiled) -> None:
    """One question to each kind of server, by the product's clients, under the lab's authority."""
    clock = SetClock(STORY.start)
    urls = (
        f"https://{geography.FEED_HOST}{list_path(STORY.action)}",
        f"https://{geography.BOOTSTRAP_HOST}/rdap/dns.json",
        f"https://{geography.CT_HOST}/log_list.json",
        f"http://{NAME}/",
    )

    async def main() -> tuple[list[int], list[Presence]]:
        async with internet(compiled, clock) as lab:
            trust = authority.infrastructure(1).client_context()
            async with guarded_client(lab.dial, ssl_context=trust, user_agent="test", timeout=5.0) as http:
                replies = [await http.get(url) for url in urls]
            dns = dns_client(Dns(rate=0.0), lab.dial, clock, random.Random(1))
            answers = await dns.delegations([DomainName(NAME)])
            return [reply.status_code for reply in replies], [answer.presence for answer in answers]

    assert on_virtual_time(main()) == ([200, 200, 200, 200], [Presence.PRESENT])


def test_after_the_end_nobody_answers(compiled: Compiled) -> None:
    """No server outlives its `async with`."""

    async def main() -> None:
        async with internet(compiled, SetClock(STORY.start)) as lab:
            pass
        async with guarded_client(lab.dial, ssl_context=unverified_context(), user_agent="test") as http:
            with pytest.raises(httpx.ConnectError):
                await http.get(f"http://{NAME}/")

    on_virtual_time(main())


def test_every_host_has_a_public_address(compiled: Compiled) -> None:
    """The product's guard stays on in the lab, so an address that it refuses would play no part."""
    world = compiled.world
    assert [host for host, address in world.hosts.items() if forbidden(address)] == []
    assert len(set(world.hosts.values())) == len(world.hosts)


def test_addresses_follow_the_story(compiled: Compiled) -> None:
    """A name leads to its hoster, after the seizure to the banner; unregistered ones lead nowhere."""
    clock = SetClock(STORY.start)
    dial = LabDial(compiled.world, clock, {})
    host = STORY.predecessors[0].nameservers
    assert list(on_virtual_time(dial.addresses(NAME))) == [geography.web_address(host)]
    assert on_virtual_time(dial.addresses(f"www.{NAME}")) == asyncio.run(dial.addresses(NAME))
    clock.at = LATER
    assert list(on_virtual_time(dial.addresses(NAME))) == [geography.web_address("seizure")]
    successor, predecessor = next(iter(compiled.roster.successors.items()))
    assert predecessor.partition(".")[0] == successor.partition(".")[0]
    for nobody in (f"nobody.{NAME.partition('.')[2]}", "localhost"):
        with pytest.raises(OSError, match="no address"):
            on_virtual_time(dial.addresses(nobody))
    clock.at = STORY.start
    with pytest.raises(OSError, match="no address"):
        on_virtual_time(dial.addresses(successor))


def test_an_address_that_nobody_plays_is_down(compiled: Compiled) -> None:
    """It leads to a loopback port where nothing listens, never to the real address."""
    dial = LabDial(compiled.world, SetClock(), {("45.80.0.10", 443): ("127.0.0.1", 4000)})
    assert dial.endpoint("45.80.0.10", 443) == ("127.0.0.1", 4000)
    assert dial.endpoint("45.80.0.10", 80) == dial.endpoint("8.8.8.8", 443) == ("127.0.0.1", 1)
