"""Look-back from the end of a played event: the lab's internet, one sweep, no daemon and no database."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import orjson
import pytest

from tracker import settings as knobs
from tracker.analysis.lookback import LookbackRow, Question, Tally, Timing, Unknown
from tracker.clients.system import Outside
from tracker.lab import authority, generated, geography
from tracker.lab.compile import Compiled, compile_scenario
from tracker.lab.http import Request, Response, serve
from tracker.lab.internet import Internet
from tracker.lab.lists import ListServer
from tracker.lab.loop import LoopClock, VirtualLoop
from tracker.lab.scenario import Scenario
from tracker.lab.scenariofile import load, scenario_path
from tracker.lab.world import Fault
from tracker.lookalikes.suffixes import Suffixes
from tracker.lookback import COLUMNS, cells, looked_back, shown, subjects, told
from tracker.model.facts import Presence
from tracker.model.times import Precision, When
from tracker.ports import Dial

SUFFIXES = Suffixes.bundled()
ADDRESS = "45.80.99.99"


def played(*faults: Fault, scenario_id: str = "short") -> tuple[Scenario, Compiled]:
    """A scenario and its world."""
    scenario = load(scenario_path(scenario_id))
    scenario = generated.expanded(scenario, SUFFIXES, scenario.seed)
    return scenario, compile_scenario(
        scenario, SUFFIXES, seed=scenario.seed, whois=geography.whois_servers(), extra_faults=faults
    )


def look(
    scenario: Scenario, compiled: Compiled, folder: Path, question: Question, *, crtsh: bool = False
) -> tuple[Sequence[LookbackRow], Sequence[Tally]]:
    """Look back at the scenario's end for every predecessor."""
    file = folder / "suffixes.txt"
    file.write_text("\n".join(compiled.world.suffixes), encoding="utf-8")
    settings = knobs.Settings(
        sweeps=knobs.Sweeps(suffixes=str(file)),
        dns=knobs.Dns(rate=20_000.0, global_rate=0.0),
        registration=knobs.Registration(rate=50.0),
        certificates=knobs.Certificates(crtsh_url=f"https://{geography.CT_HOST}"),
    )
    loop = VirtualLoop()
    clock = LoopClock(loop, scenario.end)
    trusted = authority.infrastructure(scenario.seed)

    async def run() -> tuple[Sequence[LookbackRow], Sequence[Tally]]:
        lists = ListServer(scenario, "", generated.SOURCES, clock)
        service = await serve(_crtsh(compiled, scenario.end), trusted.server_context(geography.CT_HOST))
        async with Internet(compiled.world, clock, lists, noise=0) as internet:
            outside = Outside(clock, _Beside(internet.dial, service.port), trusted.client_context(), random.Random(1))
            wanted = subjects(compiled.roster.predecessors)
            told: list[tuple[int, int]] = []
            found = await looked_back(
                wanted,
                question,
                settings,
                outside,
                crtsh=crtsh,
                progress=lambda asked, total: told.append((asked, total)),
            )
            assert told and all(asked <= total == told[0][1] for asked, total in told)
        await service.close()
        return found

    try:
        return loop.run_until_complete(run())
    finally:
        loop.close()


class _Beside:
    """The lab's internet with one more host on port 443."""

    def __init__(self, dial: Dial, port: int) -> None:
        self._dial, self._port = dial, port

    async def addresses(self, host: str) -> Sequence[str]:
        return [ADDRESS] if host == geography.CT_HOST else await self._dial.addresses(host)

    def endpoint(self, address: str, port: int) -> tuple[str, int]:
        return ("127.0.0.1", self._port) if address == ADDRESS else self._dial.endpoint(address, port)


def _crtsh(compiled: Compiled, now: datetime):
    """What crt.sh would say of the world's certificates."""

    def answer(request: Request) -> Response:
        name = request.path.partition("q=")[2].partition("&")[0]
        rows = [
            {
                "id": row.serial,
                "common_name": name,
                "name_value": "\n".join(row.names),
                "entry_timestamp": row.at.strftime("%Y-%m-%dT%H:%M:%S.%f"),
                "not_before": row.at.strftime("%Y-%m-%dT%H:%M:%S"),
            }
            for row in compiled.world.issuances
            if name in row.names and row.at <= now
        ]
        return Response(200, {"Content-Type": "application/json"}, orjson.dumps(rows))

    return answer


def test_successors_are_found_with_their_dates_and_what_is_unknown_is_said(tmp_path: Path) -> None:
    """Every successor that stands at the end is a row with the registry's date, a lag, and its first certificate."""
    scenario, compiled = played()
    question = Question(on=When(scenario.notice), window=timedelta(days=8))
    rows, tallies = look(scenario, compiled, tmp_path, question, crtsh=True)
    by_name = {row.name: row for row in rows if row.name is not None}
    assert compiled.roster.successors
    dated = 0
    for name in compiled.roster.successors:
        row = by_name[name]
        truth = compiled.world.state(name, scenario.end)
        assert truth is not None and row.presence is Presence.PRESENT
        assert row.certificate is not None and row.certificate >= truth.registered_at
        if row.registered is None:
            assert any(
                text.startswith((Unknown.DATE_WITHHELD, Unknown.NO_REGISTRATION_SERVER)) for text in row.could_not_know
            )
            continue
        dated += 1
        bounds = row.registered.bounds()
        assert bounds.lo is not None and bounds.hi is not None
        assert bounds.lo <= truth.registered_at.replace(microsecond=0) <= bounds.hi
        assert row.registered_lag is not None and row.registered_lag[0] <= row.registered_lag[1]
        assert row.timing in {Timing.WITHIN, Timing.UNCLEAR}
    assert dated
    assert all(tally.swept > 30 for tally in tallies)
    assert all(len(cells(row)) == len(COLUMNS) and shown(row) for row in rows)
    assert "could not be swept" in told(tallies[0])


@pytest.mark.slow
def test_the_event_of_2024_is_seen_from_its_end(tmp_path: Path) -> None:
    """All 17 successors of own brands, under nearly ten thousand suffixes, each registered within the window."""
    scenario, compiled = played(scenario_id="doj-2024-09-04")
    question = Question(on=When.of("2024-09-04"), window=timedelta(days=60))
    rows, _ = look(scenario, compiled, tmp_path, question)
    by_name = {row.name: row for row in rows}
    assert len(compiled.roster.successors) == 17
    assert {by_name[name].timing for name in compiled.roster.successors} == {Timing.WITHIN}
    assert {by_name[name].timing for name in compiled.roster.siblings} <= {Timing.BEFORE, Timing.UNKNOWN}


def test_predecessors_are_older_than_the_date(tmp_path: Path) -> None:
    """What was registered before the date is said to be before it, with a negative lag."""
    scenario, compiled = played()
    question = Question(on=When(scenario.notice), window=timedelta(days=8))
    rows, _ = look(scenario, compiled, tmp_path, question)
    own = [row for row in rows if row.name in compiled.roster.predecessors and row.registered is not None]
    assert own
    for row in own:
        assert row.timing is Timing.BEFORE and row.registered_lag is not None and row.registered_lag[1] < 0


def test_nothing_is_called_absent_when_the_parents_fail(tmp_path: Path) -> None:
    """With every name server failing nothing is swept and nothing absent: every suffix is named as not swept."""
    scenario, _ = played()
    fault = Fault("dns", "servfail", scenario.start, scenario.end + timedelta(days=9), 1.0)
    scenario, compiled = played(fault)
    question = Question(on=When(scenario.notice, Precision.DAY), window=timedelta(days=8))
    rows, tallies = look(scenario, compiled, tmp_path, question)
    assert rows and all(row.name is None and row.presence is Presence.INDETERMINATE for row in rows)
    assert all(tally.swept == 0 and tally.not_swept >= 40 for tally in tallies)
    for suffix in compiled.world.suffixes:
        assert any(f".{suffix}" in row.could_not_know[0].split() for row in rows)


def test_what_is_asked_may_be_names_labels_and_urls() -> None:
    """A host stands for its registrable name; a public suffix is refused."""
    found = subjects(["hxxps://www.rrn[.]world/a", "rrn.world", "rrn", "rrn.so", "spiegel.co.uk", "bild"])
    assert [(one.label, one.names) for one in found] == [
        ("rrn", ("rrn.world", "rrn.so")),
        ("spiegel", ("spiegel.co.uk",)),
        ("bild", ()),
    ]
    try:
        subjects(["co.uk"])
    except ValueError as error:
        assert "public suffix" in str(error)
    else:
        raise AssertionError("co.uk is no name")
