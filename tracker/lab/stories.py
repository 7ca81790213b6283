"""From events to stories: what each name is at each virtual instant."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from tracker.lab.world import Issuance, NameState, Registrar, Story

SEIZURE_SERVERS = ("ns1.fbi.seized.gov", "ns2.fbi.seized.gov")
SEIZURE_HOST = "seizure"
SERVER_LOCKS = ("serverDeleteProhibited", "serverTransferProhibited", "serverUpdateProhibited")
CLIENT_LOCK = ("clientTransferProhibited",)
YEAR = timedelta(days=365)

Change = Callable[[NameState | None, datetime], NameState | None]


@dataclass(slots=True)
class Script:
    """The changes of one name while a scenario is compiled; `story()` freezes it."""

    name: str
    suffix: str
    page_text: str = ""
    account: str = ""
    changes: list[tuple[datetime, Change]] = field(default_factory=list)

    def then(self, at: datetime, change: Change) -> None:
        """Add a change at an instant; the order of adding does not matter."""
        self.changes.append((at, change))

    def story(self) -> Story:
        """The states in time order."""
        state: NameState | None = None
        instants: list[datetime] = []
        states: list[NameState | None] = []
        for at, change in sorted(self.changes, key=lambda entry: entry[0]):
            state = change(state, at)
            instants.append(at)
            states.append(state)
        return Story(self.name, tuple(instants), tuple(states), self.page_text, self.account)


def register(script: Script, registrar: Registrar, name_servers: tuple[str, ...], until: datetime) -> Change:
    """A registration that is not delegated yet, renewed year by year until after `until`."""

    def change(_: NameState | None, at: datetime) -> NameState:
        return NameState(
            name=script.name,
            suffix=script.suffix,
            registered_at=at,
            updated_at=at,
            expires_at=at + YEAR * ((until - at) // YEAR + 1),
            registrar=registrar,
            statuses=CLIENT_LOCK,
            name_servers=name_servers,
            delegated=False,
            addresses=(),
            page=None,
        )

    return change


def altered(**values: object) -> Change:
    """A change of some fields of a registered name; nothing happens to a name that is not registered."""

    def change(state: NameState | None, at: datetime) -> NameState | None:
        return None if state is None else replace(state, updated_at=at, **values)  # type: ignore[arg-type]

    return change


def dropped(_: NameState | None, __: datetime) -> None:
    """The registration ends."""


def seized(addresses: tuple[str, ...]) -> Change:
    """Delegation to the seizure servers, the registry's locks, the banner."""
    return altered(
        name_servers=SEIZURE_SERVERS,
        delegated=True,
        statuses=CLIENT_LOCK + SERVER_LOCKS,
        addresses=addresses,
        page="seizure",
    )


@dataclass(slots=True)
class Certificates:
    """Issuances collected while compiling; serial numbers follow the instants, not the order of the script."""

    wanted: list[tuple[datetime, tuple[str, ...]]] = field(default_factory=list)

    def issue(self, at: datetime, name: str, beside: str = "") -> None:
        """A certificate for the name and its www host, and for another name of the same holder if there is one."""
        self.wanted.append((at, (name, f"www.{name}", *((beside,) if beside else ()))))

    def issuances(self, start: datetime, end: datetime) -> tuple[Issuance, ...]:
        """What the log shows within the scenario, in time order."""
        inside = sorted((at, names) for at, names in self.wanted if start <= at < end)
        return tuple(Issuance(at, names, serial) for serial, (at, names) in enumerate(inside, start=1))
