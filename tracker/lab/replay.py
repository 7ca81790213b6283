"""Replaying an event: the product's own stages, on the lab's internet, in virtual time."""

import asyncio
import gc
import random
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from tracker import settings as knobs
from tracker.analysis.controls import controls_for
from tracker.analysis.derivation import Judge
from tracker.analysis.footing import footing
from tracker.analysis.index import index
from tracker.analysis.linking import link
from tracker.analysis.measurement import MeasurementRow, PublishedFigure, measure
from tracker.analysis.policy import Policy
from tracker.clients.system import Outside
from tracker.daemon import Daemon
from tracker.feeds.locations import path_of
from tracker.lab import authority, generated, geography
from tracker.lab.bracketing import bracketed
from tracker.lab.compile import Compiled, compile_scenario
from tracker.lab.internet import Internet
from tracker.lab.lists import NEW_NAMES, ListServer, list_path
from tracker.lab.loop import LoopClock, VirtualLoop
from tracker.lab.scenario import Scenario
from tracker.lab.scoring import Score, called, score
from tracker.lab.world import Fault
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.facts import Layer
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.views import Family, Views
from tracker.model.watching import Cohort, Watch, WatchKind
from tracker.wiring import Parts, build

Progress = Callable[[datetime], None]
DAY_FAULTS = (("dns", "silence"), ("rdap", "throttle"), ("whois", "throttle"), ("ct", "error"))
"""With `faults`, each of these sources is down for a fifth of the days, drawn apart."""
ABLATIONS: tuple[tuple[str, frozenset[Family]], ...] = (
    ("label only", frozenset({Family.LABEL})),
    ("+ name servers", frozenset({Family.LABEL, Family.HOSTING})),
    ("+ registration", frozenset({Family.LABEL, Family.HOSTING, Family.REGISTRATION})),
    ("+ certificates", frozenset({Family.LABEL, Family.HOSTING, Family.REGISTRATION, Family.CERTIFICATE})),
    ("+ pages", frozenset(Family) - {Family.ANALYST}),
)
TICKS = (
    (timedelta(0), timedelta(hours=3)),
    (timedelta(hours=36), timedelta(minutes=15)),
    (timedelta(hours=60), timedelta(minutes=30)),
    (timedelta(days=14), timedelta(hours=3)),
)
LAST_TICK = timedelta(hours=6)
"""How often the clock ticks, by the time since the notice: looks that fall between two ticks are made together."""
CONTROLS = 0.12
"""Control labels per watched label in a replay; each costs a fortieth of all questions."""
WITHOUT_PAGES = frozenset(Family) - {Family.PAGE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What a replay came to. `verdicts` counts replacements by the families of evidence that were heard."""

    scenario: Scenario
    history: History
    views: Views
    rows: tuple[MeasurementRow, ...]
    verdicts: tuple[tuple[str, int], ...]
    score: Score
    published: tuple[PublishedFigure, ...]
    derive: Callable[[History], Views]


def watched_labels(scenario: Scenario, suffixes: Suffixes, share: float, since: datetime) -> tuple[str, ...]:
    """The control labels that the product will choose for this scenario's predecessors: its rule is public."""
    return tuple(watch.label for watch in _controls(scenario, suffixes, share, since))


def _controls(scenario: Scenario, suffixes: Suffixes, share: float, since: datetime) -> tuple[Watch, ...]:
    watches = [
        Watch(
            kind=WatchKind.PREDECESSOR,
            label=suffixes.split(row.name).label,
            since=since,
            name=DomainName(row.name),
            cohort=Cohort(row.cohort),
        )
        for row in scenario.predecessors
    ]
    return tuple(controls_for(watches, share))


def _chance_words(scenario: Scenario, suffixes: Suffixes) -> str:
    """On how few labels chance is measured in a replay, said where its assumptions are."""
    chosen = _controls(scenario, suffixes, CONTROLS, scenario.start)
    by_cohort = [f"{sum(watch.cohort is cohort for watch in chosen)} {cohort.value}" for cohort in Cohort]
    return f"chance is measured on few control labels ({', '.join(by_cohort)}), so its upper limits are wide"


def run_replay(
    scenario: Scenario,
    database: Path,
    *,
    truth: str = "earliest",
    seed: int | None = None,
    faults: bool = False,
    extra_faults: Sequence[Fault] = (),
    progress: Progress | None = None,
) -> Replay:
    """Play a scenario to its end on a fresh database and measure; raises ScenarioError for one that cannot be."""
    chosen = scenario.seed if seed is None else seed
    suffixes = Suffixes.bundled()
    scenario = generated.expanded(scenario, suffixes, chosen)
    if faults:
        extra_faults = (
            *extra_faults,
            *(Fault(source, kind, scenario.start, scenario.end, 0.2, "day") for source, kind in DAY_FAULTS),
        )
    compiled = compile_scenario(
        scenario,
        suffixes,
        truth=truth,
        seed=chosen,
        whois=geography.whois_servers(),
        control_labels=watched_labels(scenario, suffixes, CONTROLS, scenario.start),
        extra_faults=extra_faults,
    )
    scenario = replace(scenario, assumptions=(*scenario.assumptions, _chance_words(scenario, suffixes)))
    loop = VirtualLoop()
    thresholds = gc.get_threshold()
    gc.freeze()  # what is loaded by now stays, and what the log keeps is in no cycle: young objects are walked, not all
    gc.set_threshold(20_000, 50, 10_000)
    try:
        with tempfile.TemporaryDirectory() as folder:
            play = _Play(scenario, compiled, database, Path(folder), loop, chosen)
            history, outcome = loop.run_until_complete(play.run(progress))
    finally:
        loop.close()
        gc.unfreeze()
        gc.set_threshold(*thresholds)
    return _measured(scenario, compiled, history, outcome, suffixes)


class _Play:
    """One run of the product inside one world."""

    def __init__(
        self, scenario: Scenario, compiled: Compiled, database: Path, folder: Path, loop: VirtualLoop, seed: int
    ) -> None:
        self.scenario, self.compiled, self.folder, self.seed = scenario, compiled, folder, seed
        self.clock = LoopClock(loop, scenario.start)
        self.settings = self._settings(database)

    def _settings(self, database: Path) -> knobs.Settings:
        swept = "frequent"
        if self.scenario.suffixes != "all":
            path = self.folder / "suffixes.txt"
            path.write_text("\n".join(self.compiled.world.suffixes), encoding="utf-8")
            swept = str(path)
        return knobs.Settings(
            database=knobs.Database(str(database)),
            identity=knobs.Identity(contact="lab@example.org", vantage="lab"),
            lists=knobs.Lists(
                watchlists=tuple(
                    f"https://{geography.FEED_HOST}{list_path(notice.action)}" for notice in self.scenario.notices
                ),
                poll_minutes=180,
                controls=CONTROLS,
                new_names=(f"https://{geography.FEED_HOST}{NEW_NAMES}",) if self.scenario.new_names else (),
            ),
            sweeps=knobs.Sweeps(suffixes=swept, weekly_all=self.scenario.suffixes == "all"),
            dns=knobs.Dns(rate=20_000.0, global_rate=1_000_000.0),
            registration=knobs.Registration(rate=50.0),
            certificates=knobs.Certificates(
                log_list_url=f"https://{geography.CT_HOST}/log_list.json",
                operators=(),
                rate=50.0,
                every_minutes=360,
                partial_patience=0,
            ),
            pages=knobs.Pages(enabled=True, every_hours=self.scenario.page_hours),
            judging=knobs.Judging(derive_minutes=self.scenario.derive_days * 24 * 60),
            publishing=knobs.Publishing(directory=""),
            daemon=knobs.Daemon(canary=""),
        )

    async def run(self, progress: Progress | None) -> tuple[History, Views | None]:
        """From the first to the last virtual instant; returns the log as known at the end."""
        bundled = path_of(f"bundled:{self.scenario.watchlist}").read_text("utf-8") if self.scenario.watchlist else ""
        lists = ListServer(self.scenario, bundled, generated.SOURCES, self.clock, self.compiled.world)
        async with Internet(self.compiled.world, self.clock, lists, noise=self.scenario.noise) as internet:
            outside = Outside(
                clock=self.clock,
                dial=internet.dial,
                trust=authority.infrastructure(self.seed).client_context(),
                rng=random.Random(self.seed),
            )
            async with build(self.settings, outside) as parts:
                await self._watch(parts, progress)
                return parts.log.history(self.scenario.end), parts.views.load()

    async def _watch(self, parts: Parts, progress: Progress | None) -> None:
        daemon = Daemon(parts)
        while (now := self.clock.now()) < self.scenario.end:
            outcome = await daemon.run_due(now)
            if progress is not None:
                progress(self.clock.now())
            if outcome.failed:
                raise RuntimeError(f"at {now}: {outcome.failed}")
            tick = min(_tick(now - notice.at) for notice in self.scenario.notices)
            due = min(outcome.next_due or now + tick, self.scenario.end)
            wake = max(self.clock.now() + timedelta(seconds=1), due)
            steps = -(-(wake - self.scenario.start) // tick)
            await asyncio.sleep((self.scenario.start + steps * tick - self.clock.now()).total_seconds())


def _tick(since: timedelta) -> timedelta:
    """How long until the clock ticks again, by the time since a notice."""
    return next((tick for until, tick in TICKS if since < until), LAST_TICK)


def _measured(
    scenario: Scenario, compiled: Compiled, history: History, stored: Views | None, suffixes: Suffixes
) -> Replay:
    published = tuple(
        PublishedFigure(
            action_id=scenario.action,
            cohort=row["cohort"],
            layer=Layer(row["layer"]),
            window=row["window"],
            count=row["count"],
            source=row["source"],
        )
        for row in scenario.published
    )
    judge = Judge(suffixes, Policy(families=frozenset(Family) if scenario.pages else WITHOUT_PAGES))
    views, _ = judge.derive(history)
    rows = tuple(
        row
        for notice in scenario.notices
        for row in measure(
            history,
            footing(history, views, notice.action),
            basis_name="replay",
            assumed="; ".join(scenario.assumptions),
            published=published,
        )
    )
    early = scenario.end - timedelta(days=2)
    timely = [name for name in compiled.roster.successors if compiled.world.stories[name].changes[0] < early]
    known = index(history)
    verdicts = []
    for title, families in ABLATIONS:
        heard = link(history, suffixes, Policy(families=families), known)
        verdicts.append((title, len(called(heard.assessments))))
    return Replay(
        scenario=scenario,
        history=history,
        views=views,
        rows=rows,
        verdicts=tuple(verdicts),
        score=score(
            views,
            rows,
            compiled.roster,
            scenario.expect,
            timely,
            bracketed(views, compiled.world, () if compiled.world.faults else (*compiled.roster.predecessors, *timely)),
        ),
        published=published,
        derive=lambda other: judge.derive(other)[0],
    )
