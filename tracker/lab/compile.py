"""From a scenario to a world: instants are drawn, strangers are placed, stories are told to the end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tracker.analysis.custody import HOLDS
from tracker.lab import draws, geography
from tracker.lab.scenario import Event, Innocents, Predecessor, Scenario, ScenarioError, Step, day_start
from tracker.lab.stories import CLIENT_LOCK, Certificates, Script, altered, dropped, register, seized
from tracker.lab.web import LEADS_TO
from tracker.lab.world import Fault, World
from tracker.lookalikes.suffixes import Suffixes

DRAWN_HOURS = 23
"""A date-only event is drawn inside the first 23 hours of its day: what follows within the hour falls on that day."""
TRUTHS = ("earliest", "meta", "viginum")


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Who is who, for comparing afterwards. The product never sees it.

    `silent` successors leave no trace but their label: nobody has to find them. `kinds` are the rows of the confusion
    table.
    """

    predecessors: tuple[str, ...]
    successors: Mapping[str, str]
    siblings: tuple[str, ...]
    innocents: tuple[str, ...]
    silent: frozenset[str] = frozenset()
    kinds: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A world and the roster of its names."""

    world: World
    roster: Roster


def claimed_day(at: Mapping[str, str], truth: str) -> str:
    """The date that the lab plays: of the named source, else (and for `earliest`) the earliest of any."""
    return at[truth] if truth in at else min(at.values())


class Compiler:
    """One compilation; collects scripts and certificates, then freezes them."""

    def __init__(self, scenario: Scenario, suffixes: Suffixes, truth: str, seed: int, whois: Mapping[str, str]) -> None:
        self.scenario, self.suffixes, self.truth, self.seed, self.whois = scenario, suffixes, truth, seed, whois
        self.scripts: dict[str, Script] = {}
        self.certificates = Certificates()
        self.used: set[str] = set()

    def compiled(self, control_labels: Sequence[str], extra_faults: Sequence[Fault]) -> Compiled:
        """The world and its roster."""
        scenario = self.scenario
        asked = self._suffixes()
        for predecessor in scenario.predecessors:
            self._predecessor(predecessor)
        for event in sorted(scenario.events, key=lambda event: event.do != "register"):
            self._event(event)
        registered = [event for event in scenario.events if event.do == "register"]
        siblings = tuple(event.name for event in registered if event.sibling)
        successors = {event.name: event.replaces for event in registered if not (event.sibling or event.innocent)}
        # A stranger's name that the operation takes up later has to be found all the same.
        others = [event.name for event in registered if event.innocent and event.name not in successors]
        innocents = [
            *others,
            *(name for group in scenario.innocents for name in self._innocents(group, asked, control_labels)),
        ]
        found = geography.registries(self.suffixes, self.used | set(asked), self.whois, self.seed)
        hosts = geography.addresses(found)
        world = World(
            scenario_id=scenario.scenario_id,
            seed=self.seed,
            start=scenario.start,
            end=scenario.end,
            suffixes=geography.with_addresses(found, hosts),
            stories={name: script.story() for name, script in sorted(self.scripts.items())},
            issuances=self.certificates.issuances(scenario.start, scenario.end),
            faults=(*scenario.faults, *extra_faults),
            hosts=hosts,
        )
        names = tuple(predecessor.name for predecessor in scenario.predecessors)
        return Compiled(
            world,
            Roster(
                predecessors=names,
                successors=successors,
                siblings=siblings,
                innocents=tuple(innocents),
                silent=frozenset(event.name for event in registered if event.silent),
                kinds={event.name: event.kind for event in registered if event.kind},
            ),
        )

    def _script(self, name: str, page_key: str) -> Script:
        if name not in self.scripts:
            split = self.suffixes.split(name)
            if split is None or not split.label:
                raise ScenarioError(f"{name} is not a registrable name")
            self.used.add(split.suffix)
            page = draws.text(120, self.seed, "page", page_key)
            self.scripts[name] = Script(name, split.suffix, page)
        return self.scripts[name]

    def _label(self, name: str) -> str:
        split = self.suffixes.split(name)
        return split.label if split else ""

    def _predecessor(self, row: Predecessor) -> None:
        script = self._script(row.name, f"operation/{self._label(row.name)}")
        days = draws.number(53, 937, self.seed, "age", row.name)
        born = day_start(row.registered) if row.registered else self.scenario.start - timedelta(days=days)
        self._register(script, born, row.registrar, row.nameservers)
        self._online(script, born, row.nameservers, row.page)

    def _register(self, script: Script, at: datetime, registrar: str, host: str) -> None:
        seller, servers = geography.registrar(registrar), geography.name_servers(host)
        script.then(at, register(script, seller, servers, self.scenario.end))

    def _online(self, script: Script, at: datetime, host: str, page: str) -> None:
        script.then(at + timedelta(minutes=20), altered(delegated=True, addresses=(geography.web_address(host),)))
        script.then(at + timedelta(hours=3), altered(page=page))

    def _event(self, event: Event) -> None:
        for name in self._names(event):
            at = self._instant(event, name)
            if event.do in {"register", "take"}:
                replaced = event.replaces or name
                script = self._script(name, f"operation/{self._label(replaced)}" if event.page == "operation" else name)
                script.account = event.account or script.account
                self._register(script, at, event.registrar, event.nameservers)
            elif event.do == "seize":
                self._known(name).then(at, seized((geography.web_address("seizure"),)))
            elif event.do == "drop":
                self._known(name).then(at, dropped)
            else:
                what = event.nameservers if event.do in {"delegate", "move"} else event.page
                if event.do == "hold" and what not in HOLDS:
                    what = ""
                self._known(name).then(at, self._verb(Step(event.do, what, timedelta(0)), event))
            for then in event.then:
                self._step(self._known(name), at + then.after, then, event)

    def _names(self, event: Event) -> list[str]:
        if event.names != "predecessors":
            return [event.name]
        hit = self.scenario.hit_by(event.action) if event.action else self.scenario.predecessors
        return [row.name for row in hit]

    def _known(self, name: str) -> Script:
        if name not in self.scripts:
            raise ScenarioError(f"something is done to {name}, which nobody registered")
        return self.scripts[name]

    def _step(self, script: Script, at: datetime, then: Step, event: Event) -> None:
        if then.verb == "certificate":
            self.certificates.issue(at, script.name, event.beside)
        else:
            script.then(at, self._verb(then, event))

    def _verb(self, then: Step, event: Event) -> Any:
        host = then.what or event.nameservers
        match then.verb:
            case "delegate" | "move":
                return altered(
                    delegated=True,
                    name_servers=geography.name_servers(host),
                    addresses=(geography.web_address(host),),
                )
            case "undelegate":
                return altered(delegated=False)
            case "page":
                page = then.what or event.page
                return altered(page=f"{LEADS_TO}{event.leads_to}" if page == "leads" else page)
            case "hold":
                return altered(delegated=False, statuses=(*CLIENT_LOCK, then.what or "clientHold"))
            case "unhold":
                return altered(delegated=True, statuses=CLIENT_LOCK)
            case "drop":
                return dropped
        raise ScenarioError(f"nothing is known about {then.verb!r}")

    def _instant(self, event: Event, name: str) -> datetime:
        if isinstance(event.at, datetime):
            return event.at + draws.uniform(self.seed, event.do, name) * event.within
        day = day_start(claimed_day(event.at, self.truth))
        return day + timedelta(minutes=draws.number(0, DRAWN_HOURS * 60 - 1, self.seed, event.do, name))

    def _innocents(self, group: Innocents, asked: Sequence[str], control_labels: Sequence[str]) -> list[str]:
        watched = sorted({self._label(row.name) for row in self.scenario.predecessors})
        labels = sorted(control_labels) if group.labels == "controls" else watched
        tops = sorted(frozenset(asked) & frozenset(self.suffixes.frequent()))
        names: list[str] = []
        for place in range(group.before + group.after if labels else 0):
            key = (group.labels, place)
            name = f"{draws.choose(labels, self.seed, 'label', *key)}.{draws.choose(tops, self.seed, 'suffix', *key)}"
            if name in self.scripts:
                continue
            early = place < group.before
            span = self.scenario.end - self.scenario.notice
            born = (
                self.scenario.start - timedelta(days=draws.number(30, 2500, self.seed, "age", *key))
                if early
                else self.scenario.notice + span * draws.uniform(self.seed, "birth", *key)
            )
            host = draws.choose(geography.STRANGERS_HOSTS, self.seed, "host", *key)
            seller = f"r{draws.number(1, geography.REGISTRARS, self.seed, 'registrar', *key)}"
            script = self._script(name, name)
            self._register(script, born, seller, host)
            self._online(script, born, host, group.page)
            self.certificates.issue(born + timedelta(hours=draws.number(1, 72, self.seed, "tls", *key)), name)
            names.append(name)
        return names

    def _suffixes(self) -> tuple[str, ...]:
        if self.scenario.suffixes == "all":
            return self.suffixes.all()
        wanted = int(self.scenario.suffixes)
        rows = [row.name for row in self.scenario.predecessors] + [
            event.name for event in self.scenario.events if event.name
        ]
        used = {split.suffix for split in map(self.suffixes.split, rows) if split}
        tops = [suffix for suffix in self.suffixes.frequent() if suffix not in used]
        drawn = sorted(tops, key=lambda suffix: draws.uniform(self.seed, "asked", suffix))
        return tuple(sorted(used | set(drawn[: max(0, wanted - len(used))])))


def compile_scenario(
    scenario: Scenario,
    suffixes: Suffixes,
    *,
    truth: str = "earliest",
    seed: int | None = None,
    whois: Mapping[str, str] | None = None,
    control_labels: Sequence[str] = (),
    extra_faults: Sequence[Fault] = (),
) -> Compiled:
    """The world of a scenario. `truth` picks whose date is played where sources differ; raises ScenarioError."""
    chosen = scenario.seed if seed is None else seed
    return Compiler(scenario, suffixes, truth, chosen, whois or {}).compiled(control_labels, extra_faults)
