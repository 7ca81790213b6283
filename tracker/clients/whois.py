"""WHOIS over a capped, guarded socket: one question, one reply, one deadline. What it means is decided elsewhere."""

import asyncio
import json
import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from importlib import resources
from typing import Final

from tracker.clients.guard import ForbiddenAddress, checked_addresses
from tracker.decoders.whois import Outcome, WhoisReply, read
from tracker.model.facts import Reason
from tracker.model.times import from_iso, iso
from tracker.ports import Budget, Clock, Dial, Notes

PORT: Final = 43
LIMIT: Final = 256 * 1024
IANA: Final = "whois.iana.org"
IANA_KEPT: Final = timedelta(days=7)
"""How long it is remembered which server IANA names for a suffix, or that it names none."""
ADDRESSES_TRIED: Final = 3
PATIENCE: Final = timedelta(minutes=2)
"""A server that asked us to stay away for longer is not waited for."""

_REASONS: Final = {
    Outcome.FOUND: Reason.WHOIS_FOUND,
    Outcome.NOT_FOUND: Reason.WHOIS_NOT_FOUND,
    Outcome.THROTTLED: Reason.RATE_LIMITED,
    Outcome.REFUSED: Reason.FORBIDDEN,
    Outcome.EMPTY: Reason.MALFORMED,
    Outcome.ERROR: Reason.MALFORMED,
}


_DECLARED: Final = (
    (re.compile(rb"\xff\xfe|\xfe\xff"), "utf-16"),
    (re.compile(rb"\xef\xbb\xbf"), "utf-8-sig"),
    (re.compile(rb"[^\x1b]*\x1b\$[@B]"), "iso-2022-jp"),
)


@dataclass(frozen=True, slots=True)
class WhoisServer:
    """How one server is asked: `query` with %s for the name, `charset` it answers in when that is not UTF-8."""

    host: str
    query: str = "%s"
    charset: str = "utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoisAnswer:
    """What became of one question. `outcome` WHOIS_FOUND and WHOIS_NOT_FOUND are definite; any other tells nothing."""

    outcome: Reason
    server: str = ""
    text: str = field(default="", repr=False)
    reply: WhoisReply | None = None
    detail: str = ""


def bundled_servers() -> Mapping[str, WhoisServer]:
    """The shipped table, by suffix; its file says where each row comes from."""
    table = tomllib.loads(resources.files(__package__).joinpath("whois_servers.toml").read_text(encoding="utf-8"))
    default = table["default"]
    return {
        suffix: WhoisServer(row["host"], row.get("query", default["query"]), row.get("charset", default["charset"]))
        for row in table["server"]
        for suffix in row["suffixes"]
    }


def bundled_referrals() -> frozenset[str]:
    """Servers that a reply may send us on to: the shipped table's registrars and its own registries."""
    table = tomllib.loads(resources.files(__package__).joinpath("whois_servers.toml").read_text(encoding="utf-8"))
    return frozenset(table["referrals"]["hosts"]) | {row["host"] for row in table["server"]}


def decoded(body: bytes, charset: str) -> str:
    """The text of a reply: what it declares by its own marks, UTF-8 when it is that, else the server's own character
    set, else Latin-1, which never fails.
    """
    declared = next((name for mark, name in _DECLARED if mark.match(body)), "utf-8")
    for candidate in (declared, "utf-8", charset):
        try:
            return body.decode(candidate)
        except (UnicodeDecodeError, LookupError):
            continue
    return body.decode("latin-1")


_REFERRED: Final = re.compile(r"^(?:whois|refer):[ \t]+([A-Za-z0-9.-]{4,253})[ \t]*$", re.MULTILINE)
_TOLD: Final = re.compile(r"^domain:[ \t]+\S|^% This query returned 0 objects", re.MULTILINE)


class _Remembered(dict[str, str]):
    """Notes for one run."""

    def put(self, key: str, value: str) -> None:
        self[key] = value


class WhoisClient:
    """Asks the server that the table names for a suffix, else the one that IANA names for its last label.

    At most one hop from there, to a server among `referrals`. `iana` empty asks the table alone; `notes` keeps IANA's
    answers.
    """

    def __init__(
        self,
        dial: Dial,
        budget: Budget,
        clock: Clock,
        servers: Mapping[str, WhoisServer],
        *,
        referrals: Collection[str] = (),
        iana: str = "",
        notes: Notes | None = None,
        deadline: float = 20.0,
        limit: int = LIMIT,
    ) -> None:
        self._dial = dial
        self._budget = budget
        self._clock = clock
        self._servers = servers
        self._referrals = frozenset(referrals)
        self._iana = iana
        self._notes: Notes = _Remembered() if notes is None else notes
        self._deadline = deadline
        self._limit = limit

    def server(self, suffix: str) -> WhoisServer | None:
        """The server that the table has for a suffix, by the longest known end of it."""
        labels = suffix.split(".")
        ends = (".".join(labels[start:]) for start in range(len(labels)))
        return next((self._servers[end] for end in ends if end in self._servers), None)

    async def lookup(self, name: str, suffix: str) -> WhoisAnswer:
        """Ask about `name` (A-labels). Never raises: failures are outcomes.

        A denial by a server that IANA named counts like any other: the registry itself told IANA where it answers.
        """
        server = self.server(suffix)
        if server is None:
            named = await self._named(suffix.rpartition(".")[2])
            if isinstance(named, WhoisAnswer):
                return named
            server = named
        answer = await self._ask(server, name, suffix)
        facts = answer.reply.facts if answer.reply is not None else None
        if facts is None or facts.registered_at is not None or facts.referral not in self._referrals:
            return answer
        referred = await self._ask(WhoisServer(facts.referral), name, suffix)
        return referred if referred.outcome is Reason.WHOIS_FOUND else answer

    async def _named(self, label: str) -> WhoisServer | WhoisAnswer:
        """The server that IANA names for a top-level label, or why there is none; asked once a week."""
        if not self._iana:
            return WhoisAnswer(outcome=Reason.NO_SERVER)
        key, now = f"whois-server:{label}", self._clock.now()
        noted = json.loads(self._notes.get(key) or "null")
        if noted is None or from_iso(noted[1]) <= now:
            answer = await self._ask(WhoisServer(self._iana), label, label)
            found = _REFERRED.search(answer.text)
            if found is None and not _TOLD.search(answer.text):
                return replace(answer, reply=None, detail=f"{self._iana} did not say who answers for {label}")
            noted = [found[1].lower() if found is not None else "", iso(now + IANA_KEPT)]
            self._notes.put(key, json.dumps(noted))
        return WhoisServer(noted[0]) if noted[0] else WhoisAnswer(outcome=Reason.NO_SERVER)

    async def _ask(self, server: WhoisServer, name: str, suffix: str) -> WhoisAnswer:
        blocked = self._budget.blocked_until(server.host)
        if blocked is not None and blocked - self._clock.now() > PATIENCE:
            return WhoisAnswer(outcome=Reason.RATE_LIMITED, server=server.host, detail="asked to stay away")
        await self._budget.take(server.host)
        try:
            async with asyncio.timeout(self._deadline):
                body = await self._exchange(server.host, (server.query % name).encode("ascii") + b"\r\n")
        except TimeoutError:
            return WhoisAnswer(outcome=Reason.TIMEOUT, server=server.host)
        except ForbiddenAddress as error:
            return WhoisAnswer(outcome=Reason.BLOCKED_ADDRESS, server=server.host, detail=str(error))
        except OSError as error:
            return WhoisAnswer(outcome=Reason.UNREACHABLE, server=server.host, detail=str(error))
        text = decoded(body, server.charset)
        reply = read(text, suffix, server.host)
        if reply.outcome in {Outcome.THROTTLED, Outcome.REFUSED}:
            self._budget.refused(server.host, None)
        return WhoisAnswer(outcome=_REASONS[reply.outcome], server=server.host, text=text, reply=reply)

    async def _exchange(self, host: str, question: bytes) -> bytes:
        """Everything the server says, at most `limit` bytes of it; a longer reply is cut, which only loses its end."""
        reader, writer = await self._connected(await checked_addresses(self._dial, host))
        try:
            writer.write(question)
            await writer.drain()
            body = bytearray()
            while len(body) < self._limit and (chunk := await reader.read(16 * 1024)):
                body += chunk
            return bytes(body[: self._limit])
        finally:
            writer.close()

    async def _connected(self, addresses: Sequence[str]) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to the first checked address that takes one."""
        failure = OSError("no address")
        for address in addresses[:ADDRESSES_TRIED]:
            try:
                return await asyncio.open_connection(*self._dial.endpoint(address, PORT))
            except OSError as error:
                failure = error
        raise failure
