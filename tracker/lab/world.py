"""What is true in the lab: every reply of every lab server is a function of (world, virtual instant, question)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tracker.lab.draws import uniform


@dataclass(frozen=True, slots=True)
class Registrar:
    """A registrar of the lab."""

    name: str
    iana_id: int
    abuse_email: str


@dataclass(frozen=True, slots=True)
class Registry:
    """Who runs a set of suffixes: its name servers (host, public address), and how it answers about registrations.

    `registration` is `rdap`, `whois` or `none`; `host` is the name of its RDAP or WHOIS server. `wildcard` registries
    answer every name (hosting platforms).
    """

    registry_id: str
    name_servers: tuple[tuple[str, str], ...]
    registration: str
    host: str
    wildcard: bool = False


@dataclass(frozen=True, slots=True)
class NameState:
    """One registered name at one instant. A name that is not registered has no state."""

    name: str
    suffix: str
    registered_at: datetime
    updated_at: datetime
    expires_at: datetime
    registrar: Registrar
    statuses: tuple[str, ...]
    name_servers: tuple[str, ...]
    delegated: bool
    addresses: tuple[str, ...]
    page: str | None


@dataclass(frozen=True, slots=True)
class Story:
    """The states of one name in time: `states[i]` holds from `changes[i]` on; None = not registered.

    `page_text` is what the operation shows there, `account` draws the account that counts its visitors.
    """

    name: str
    changes: tuple[datetime, ...]
    states: tuple[NameState | None, ...]
    page_text: str = ""
    account: str = ""

    def at(self, moment: datetime) -> NameState | None:
        """The state at `moment`."""
        current: NameState | None = None
        for change, state in zip(self.changes, self.states, strict=True):
            if change > moment:
                break
            current = state
        return current


@dataclass(frozen=True, slots=True)
class Issuance:
    """A certificate that the lab's CA logs at `at` (as precertificate), valid for 90 days."""

    at: datetime
    names: tuple[str, ...]
    serial: int


@dataclass(frozen=True, slots=True)
class Fault:
    """Scripted trouble of one source. `kind`: servfail, refused, silence, truncate, throttle, error, garbage.

    `unit` says what `share` is a share of: `request` (drawn per question and minute) or `day` (the whole source, whole
    UTC days).
    """

    source: str
    kind: str
    first: datetime
    last: datetime
    share: float
    unit: str = "request"
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class World:
    """A compiled scenario. Servers of the lab read it and hold no state of their own."""

    scenario_id: str
    seed: int
    start: datetime
    end: datetime
    suffixes: Mapping[str, Registry]
    stories: Mapping[str, Story]
    issuances: tuple[Issuance, ...]
    faults: tuple[Fault, ...]
    hosts: Mapping[str, str]  # infrastructure host name -> public address (RDAP, WHOIS, CT, feeds, name servers)

    def state(self, name: str, moment: datetime) -> NameState | None:
        """The state of a registrable name, or None when it is not registered."""
        story = self.stories.get(name)
        return None if story is None else story.at(moment)

    def fault(self, source: str, key: str, moment: datetime) -> Fault | None:
        """The trouble that `source` (dns, rdap, whois, ct, web) has with question `key` at `moment`, by the seed."""
        for fault in self.faults:
            if fault.source == source and fault.first <= moment < fault.last:
                when: object = moment.date() if fault.unit == "day" else moment.replace(second=0, microsecond=0)
                what = "" if fault.unit == "day" else key
                if uniform(self.seed, "fault", source, fault.kind, what, when) < fault.share:
                    return fault
        return None
