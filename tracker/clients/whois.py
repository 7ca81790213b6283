"""WHOIS over a capped, guarded socket: one question, one reply, one deadline. What it means is decided elsewhere."""

import asyncio
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import resources
from typing import Final

from tracker.clients.guard import ForbiddenAddress, checked_addresses
from tracker.decoders.whois import Outcome, WhoisReply, read
from tracker.model.facts import Reason
from tracker.ports import Budget, Clock, Dial

PORT: Final = 43
LIMIT: Final = 256 * 1024
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


def decoded(body: bytes, charset: str) -> str:
    """The text of a reply: UTF-8 when it is, else the server's own character set, else Latin-1, which never fails."""
    for candidate in ("utf-8", charset):
        try:
            return body.decode(candidate)
        except (UnicodeDecodeError, LookupError):
            continue
    return body.decode("latin-1")


class WhoisClient:
    """Asks the server that the table names for a suffix; at most one hop, to a server among `referrals`."""

    def __init__(
        self,
        dial: Dial,
        budget: Budget,
        clock: Clock,
        servers: Mapping[str, WhoisServer],
        *,
        referrals: Sequence[str] = (),
        deadline: float = 20.0,
        limit: int = LIMIT,
    ) -> None:
        self._dial = dial
        self._budget = budget
        self._clock = clock
        self._servers = servers
        self._referrals = frozenset(referrals)
        self._deadline = deadline
        self._limit = limit

    def server(self, suffix: str) -> WhoisServer | None:
        """The server for a suffix, by the longest known end of it."""
        labels = suffix.split(".")
        ends = (".".join(labels[start:]) for start in range(len(labels)))
        return next((self._servers[end] for end in ends if end in self._servers), None)

    async def lookup(self, name: str, suffix: str) -> WhoisAnswer:
        """Ask about `name` (A-labels). Never raises: failures are outcomes."""
        server = self.server(suffix)
        if server is None:
            return WhoisAnswer(outcome=Reason.NO_SERVER)
        answer = await self._ask(server, name, suffix)
        facts = answer.reply.facts if answer.reply is not None else None
        if facts is None or facts.registered_at is not None or facts.referral not in self._referrals:
            return answer
        referred = await self._ask(WhoisServer(facts.referral), name, suffix)
        return referred if referred.outcome is Reason.WHOIS_FOUND else answer

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
        if reply.outcome is Outcome.THROTTLED:
            self._budget.refused(server.host, None)
        return WhoisAnswer(outcome=_REASONS[reply.outcome], server=server.host, text=text, reply=reply)

    async def _exchange(self, host: str, question: bytes) -> bytes:
        """Everything the server says, at most `limit` bytes of it; a longer reply is cut, which only loses its end."""
        addresses = await checked_addresses(self._dial, host)
        reader, writer = await asyncio.open_connection(*self._dial.endpoint(addresses[0], PORT))
        try:
            writer.write(question)
            await writer.drain()
            body = bytearray()
            while len(body) < self._limit and (chunk := await reader.read(16 * 1024)):
                body += chunk
            return bytes(body[: self._limit])
        finally:
            writer.close()
