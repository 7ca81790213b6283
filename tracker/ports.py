"""The contracts of the house. Every implementation passes the contract suite of its port (`tests/contract_*.py`)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from tracker.model.facts import Batch, Cursor, Layer, Run, Sighting, Technique
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.views import Replacement, Views
from tracker.model.watching import Watch

Watches = Sequence[Watch]


class Clock(Protocol):
    """The time, read once at an edge and passed down."""

    def now(self) -> datetime: ...


class Feed(Protocol):
    """A list somebody publishes. An unreachable or shrunken list yields a gap, never an empty list."""

    @property
    def id(self) -> str: ...

    def poll(self, cursor: Cursor | None) -> AsyncIterator[Batch]: ...


class DiscoverySource(Protocol):
    """Puts names forward for watches. It says what was seen, never that it is a replacement."""

    id: str
    technique: Technique

    def discover(self, watches: Watches, cursor: Cursor | None) -> AsyncIterator[Batch]: ...


class Probe(Protocol):
    """Looks at names. Never raises for what the network did: failures are observations with a reason."""

    id: str
    layer: Layer

    def observe(self, names: Sequence[DomainName]) -> AsyncIterator[Batch]: ...


class Exporter(Protocol):
    """Writes views to files below `target`, byte-identical for equal input."""

    id: str

    def write(self, history: History, views: Views, target: Path) -> None: ...


class StorageTrouble(RuntimeError):
    """The database cannot be used as it is; the message is one line for the person who runs the program."""


class Log(Protocol):
    """The append-only log. What is appended at `at` is visible to `history(as_of)` for every `as_of >= at`."""

    def append(self, run: Run, batch: Batch, at: datetime) -> None: ...  # one transaction, cursor included
    def cursor(self, source: str) -> Cursor | None: ...
    def watches(self) -> tuple[Watch, ...]: ...
    def sightings(self) -> tuple[Sighting, ...]: ...  # both as `history` has them, for less than a history costs
    def newest(self) -> datetime | None: ...  # newest recorded_at
    def history(self, as_of: datetime | None = None) -> History: ...
    def touched(self, since: datetime | None) -> frozenset[DomainName]: ...  # names with a row recorded after `since`


class ViewStore(Protocol):
    """Where views are kept between derivations; dropping it loses nothing."""

    def load(self) -> Views | None: ...
    def replacements(self) -> tuple[Replacement, ...]: ...  # those of `load`, which reads much more
    def replace(self, views: Views) -> None: ...


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be looked at, by whom, when. `origin` is the takedown or discovery that the cadence counts from."""

    kind: str
    key: str
    due_at: datetime
    origin: datetime
    attempts: int = 0


class Notes(Protocol):
    """Small values kept between runs and shared by whoever works: what servers asked of us, caches with their hour."""

    def get(self, key: str) -> str | None: ...
    def put(self, key: str, value: str) -> None: ...


def answered_key(probe: str, name: str) -> str:
    """The note that says until when a probe's last definite answer about a name stands; emptied when things changed."""
    return f"answered:{probe}:{name}"


@dataclass(frozen=True, slots=True)
class Held:
    """A server that refused so many times in a row, and is left alone until then."""

    server: str
    until: datetime
    refusals: int


class Work(Protocol):
    """Mutable bookkeeping: due times, notes of sources, small caches. Losing it costs repeated looks, never a fact."""

    def due(self, kind: str, now: datetime, limit: int) -> tuple[Due, ...]: ...
    def next_due(self) -> datetime | None: ...
    def schedule(self, rows: Collection[Due]) -> None: ...  # insert or move
    def drop(self, kind: str, keys: Collection[str]) -> None: ...
    def scheduled(self, kind: str) -> Mapping[str, Due]: ...
    def rows(self, kind: str, keys: Collection[str]) -> tuple[Due, ...]: ...  # those of the keys that are scheduled
    def get(self, key: str) -> str | None: ...
    def notes(self, keys: Collection[str]) -> Mapping[str, str]: ...  # those of the keys that are kept
    def put(self, key: str, value: str) -> None: ...
    def flush(self) -> None: ...  # what was gathered in memory is stored


@dataclass(frozen=True, slots=True)
class WorkUnit:
    """An idempotent piece of work. `payload` is JSON, `lane` what it must not overlap with ("" = nothing).

    `queue` says which workers take it.
    """

    kind: str
    key: str
    payload: Mapping[str, object] = field(default_factory=dict)
    lane: str = ""
    queue: str = "local"


Handler = Callable[[WorkUnit], Awaitable[None]]


class Engine(Protocol):
    """Where units run: at least once, those of one lane never at a time, one per key waiting.

    A unit that failed is run again by the engine after a pause that doubles. What was given up half-way waits again.
    """

    async def submit(self, unit: WorkUnit) -> bool: ...  # False when a unit with its key waits already
    async def outstanding(self) -> Sequence[WorkUnit]: ...  # waiting, resting after a failure, running
    async def drain(self, handlers: Mapping[str, Handler]) -> Mapping[str, BaseException | None]: ...
    async def serve(self, handlers: Mapping[str, Handler], stop: asyncio.Event) -> None: ...  # until `stop`


class Messenger(Protocol):
    """A place where people read messages. Never raises for what the network did."""

    @property
    def id(self) -> str: ...  # stable, and tells nothing of a secret address
    @property
    def kind(self) -> str: ...  # for people: which of the places, without its address
    async def send(self, title: str, body: str) -> str: ...  # empty when it was taken, else why not


class Budget(Protocol):
    """Rates per server, shared by all workers: more workers never ask one server faster."""

    async def take(self, server: str, amount: int = 1) -> None: ...  # returns when `amount` questions may be sent
    def refused(self, server: str, retry_after: float | None) -> None: ...  # seconds, when the server said so
    def blocked_until(self, server: str) -> datetime | None: ...


class Dial(Protocol):
    """How names become sockets. `addresses` are unchecked; `endpoint` is where a checked address is connected to."""

    async def addresses(self, host: str) -> Sequence[str]: ...  # raises OSError
    def endpoint(self, address: str, port: int) -> tuple[str, int]: ...
