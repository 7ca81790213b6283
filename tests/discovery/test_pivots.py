"""Pivots as a discovery source: what the log gives, then lists of new names asked at the parents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import httpx

from tests.dnsworld import HOST, START, Net, in_lab, state, world
from tracker.discovery.pivots import EVERYBODYS, Pivots
from tracker.lab.http import Response, serve
from tracker.model.facts import Batch, Cursor, Reason, Sighting, Technique
from tracker.model.names import DomainName
from tracker.model.watching import Watch, WatchKind

OLD = DomainName("rrn.media")
WATCH = Watch(kind=WatchKind.PREDECESSOR, label="rrn", since=START, name=OLD)
OTHER = ("ns1.elsewhere.example",)
TOLD = Sighting(
    watch_key=WATCH.key,
    name=DomainName("told.so"),
    technique=Technique.REDIRECT,
    source="pivots",
    at=START,
    reason="rrn[.]media sends its visitors there.",
)


@dataclass(frozen=True)
class Known:
    """Leads as the log gives them."""

    sightings: Sequence[Sighting] = ()
    servers: Mapping[frozenset[str], Sequence[tuple[str, DomainName]]] = field(
        default_factory=lambda: {frozenset(HOST): [(WATCH.key, OLD)]}
    )
    met: frozenset[DomainName] = frozenset({OLD, DomainName("met.so")})


def asked(text: str, names: Sequence[str], known: Known, *, status: int = 200, times: int = 1) -> list[Batch]:
    """All batches: the list says `text`, the `names` are delegated to the known servers, `other.so` elsewhere."""

    async def use(net: Net) -> list[Batch]:
        server = await serve(lambda _: Response(status, {}, text.encode()))
        found: list[Batch] = []
        cursor: Cursor | None = None
        async with httpx.AsyncClient() as http:
            source = Pivots(lambda: known, [f"http://127.0.0.1:{server.port}/new"], http, net.client, net.clock)
            for _ in range(times):
                async for batch in source.discover([WATCH], cursor):
                    found.append(batch)
                    cursor = batch.cursor or cursor
        await server.close()
        return found

    return in_lab(world(*map(state, names), state("other.so", servers=OTHER)), use)


def sighted(batches: Sequence[Batch]) -> dict[str, Technique]:
    """Names with their technique."""
    return {row.name: row.technique for batch in batches for row in batch.sightings}


def test_what_the_log_gives_is_passed_on() -> None:
    """As it is, for active watches only."""
    (first, _) = asked("", [], Known(sightings=(TOLD,)))
    assert [(row.name, row.technique) for row in first.sightings] == [("told.so", Technique.REDIRECT)]
    paused = Known(sightings=(Sighting(**{**_fields(TOLD), "watch_key": "predecessor:paused.so"}),))
    assert sighted(asked("", [], paused)) == {}


def _fields(row: Sighting) -> dict[str, object]:
    return {name: getattr(row, name) for name in row.__dataclass_fields__}


def test_new_names_with_the_servers_of_a_known_one_are_put_forward() -> None:
    """Listed, delegated, the whole set the same; names met before, with a watched label, or elsewhere are not."""
    text = "dawnpost.so\nother.so\nmet.so\nrrn.so\nabsent.so\n"
    found = asked(text, ["dawnpost.so", "met.so", "rrn.so"], Known())
    assert sighted(found) == {"dawnpost.so": Technique.SHARED_INFRASTRUCTURE}
    (row,) = found[0].sightings
    assert row.reason == "It is newly registered and has the name servers of rrn[.]media."
    assert row.facts == {"of": (OLD,), "listed": ("3",), "sharing": ("1",)}


def test_servers_that_many_new_names_have_lead_nowhere() -> None:
    """More than a hoster's few: everybody's."""
    many = [f"customer{place}.so" for place in range(EVERYBODYS + 1)]
    assert sighted(asked("\n".join(many), many, Known())) == {}


def test_an_unchanged_list_is_not_asked_again() -> None:
    """The cursor remembers what it read."""
    assert len(asked("dawnpost.so\n", ["dawnpost.so"], Known(), times=2)) == 1


def test_a_list_that_cannot_be_read_is_a_gap() -> None:
    """Nothing is concluded from it."""
    (batch,) = asked("busy", [], Known(), status=503)
    assert [(gap.source, gap.reason) for gap in batch.gaps] == [("pivots", Reason.SERVER_ERROR)]
    assert batch.sightings == ()
