"""The far-away server: replies late, lost and failed as it was told, and read right by dnspython."""

import asyncio

import dns.asyncquery
import dns.exception
import dns.message
import dns.rcode
import pytest

from tests.virtual import on_virtual_time
from tracker.lab.lag import LagServer


def timed(
    server: LagServer, name: str, rtype: str = "NS", *, recurse: bool = False
) -> tuple[dns.message.Message, float]:
    """One question, and the seconds that its answer took; raises dns.exception.Timeout."""

    async def run() -> tuple[dns.message.Message, float]:
        host, port = await server.start()
        query = dns.message.make_query(name, rtype, use_edns=0, flags=0x0100 if recurse else 0)
        began = asyncio.get_running_loop().time()
        try:
            reply = await dns.asyncquery.udp(query, host, timeout=0.3, port=port)
            return reply, asyncio.get_running_loop().time() - began
        finally:
            await server.close()

    return on_virtual_time(run())


def ask(server: LagServer, name: str, rtype: str = "NS", *, recurse: bool = False) -> dns.message.Message:
    """One question."""
    return timed(server, name, rtype, recurse=recurse)[0]


def server(**trouble: float) -> LagServer:
    """`there.so` is delegated."""
    return LagServer("so", {"there.so"}, **({"delay": 0.0} | trouble))  # type: ignore[arg-type]


def test_a_delegation_is_referred_and_everything_else_denied() -> None:
    """As a parent's server; the zone's SOA stands under the zone's own name."""
    referred, denied = ask(server(), "there.so"), ask(server(), "nobody.so")
    assert len(referred.authority[0]) == 2 and not referred.answer
    assert denied.rcode() == dns.rcode.NXDOMAIN and denied.authority[0].name.to_text() == "so."


def test_who_asks_for_recursion_is_answered_like_by_a_resolver() -> None:
    """NS records as answer, no data of another kind, no such name."""
    assert len(ask(server(), "there.so", recurse=True).answer[0]) == 2
    nothing = ask(server(), "there.so", "A", recurse=True)
    assert nothing.rcode() == dns.rcode.NOERROR and not nothing.answer and nothing.authority
    assert ask(server(), "nobody.so", recurse=True).rcode() == dns.rcode.NXDOMAIN


def test_replies_are_late_lost_and_failed_as_told() -> None:
    """50 ms late; all lost; all failed."""
    _, seconds = timed(server(delay=0.05), "there.so")
    assert 0.05 <= seconds < 0.1
    with pytest.raises(dns.exception.Timeout):
        ask(server(loss=1.0), "there.so")
    assert ask(server(servfail=1.0), "there.so").rcode() == dns.rcode.SERVFAIL
