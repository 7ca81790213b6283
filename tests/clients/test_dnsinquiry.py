"""One server that the user named, played by scripts: lost, late, forged, wrong and hostile replies."""

import asyncio
import random
import socket
from collections.abc import Callable, Sequence

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

from tests.dnsworld import FixedClock, MapDial, Scripted, Unlimited, client_for, scripted
from tests.virtual import on_virtual_time
from tracker.clients.dnssweep import Answer
from tracker.model.facts import Presence, Reason
from tracker.model.names import DomainName

ABSENT, PRESENT, UNKNOWN = Presence.ABSENT, Presence.PRESENT, Presence.INDETERMINATE
Script = Callable[[dns.message.Message], Sequence[bytes]]


def answer(
    query: dns.message.Message, rcode: int = 3, *, flags: int = dns.flags.AA, name_server: str = ""
) -> dns.message.Message:
    """A reply: no such name with SOA, an error, or a referral to `name_server`."""
    reply = dns.message.make_response(query)
    reply.flags |= flags
    reply.set_rcode(rcode)
    if name_server:
        reply.authority.append(dns.rrset.from_text(query.question[0].name, 60, "IN", "NS", name_server))
    elif rcode == 3:
        reply.authority.append(dns.rrset.from_text("so.", 60, "IN", "SOA", "ns.so. h.so. 1 2 3 4 5"))
    return reply


def ask(
    names: Sequence[str], script: Script, *, timeout: float = 0.05, tries: int = 4, in_flight: int = 500
) -> tuple[list[Answer], list[bytes]]:
    """Ask a scripted server about `names`: the answers, and the packets it got."""

    async def run() -> tuple[list[Answer], list[bytes]]:
        server, transport, endpoint = await scripted(lambda packet: script(dns.message.from_wire(packet)))
        try:
            client = client_for(
                MapDial({}), Unlimited(), FixedClock(), timeout=timeout, tries=tries, in_flight=in_flight
            )
            return await client.ask_server([DomainName(name) for name in names], endpoint), server.asked
        finally:
            transport.close()

    return on_virtual_time(run())


def test_the_server_is_asked_as_it_is() -> None:
    """NS, RD=0, EDNS; the answer carries address and port of the server."""
    answers, asked = ask(["rrn.so"], lambda query: [answer(query).to_wire()])
    assert (answers[0].presence, answers[0].reason, answers[0].attempts) == (ABSENT, Reason.NXDOMAIN, 1)
    assert answers[0].server.startswith("127.0.0.1:")
    sent = dns.message.from_wire(asked[0])
    assert (sent.question[0].to_text(), sent.flags & dns.flags.RD, sent.payload) == ("rrn.so. IN NS", 0, 1232)


def test_forged_replies_are_ignored() -> None:
    """Wrong id, wrong question or wrong section: the real reply that follows counts, and nothing is lost."""

    def script(query: dns.message.Message) -> list[bytes]:
        real = answer(query, 0, flags=0, name_server="ns1.x.so.").to_wire()
        other = answer(dns.message.make_query("other.so", "NS", id=query.id)).to_wire()
        wrong_id = answer(query).to_wire()
        wrong_id = bytes((wrong_id[0] ^ 1,)) + wrong_id[1:]
        return [wrong_id, other, b"", b"x", real]

    answers, _ = ask(["rrn.so"], script)
    assert (answers[0].presence, answers[0].name_servers, answers[0].attempts) == (PRESENT, ("ns1.x.so",), 1)


def test_a_reply_from_another_source_is_ignored() -> None:
    """The kernel drops what does not come from the server's own address and port."""

    async def run() -> list[Answer]:
        servers: list[Scripted] = []

        def forge(packet: bytes) -> list[bytes]:
            forger.sendto(answer(dns.message.from_wire(packet)).to_wire(), servers[0].peers[-1])
            return []

        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as forger:
            server, transport, endpoint = await scripted(forge)
            servers.append(server)
            client = client_for(MapDial({}), Unlimited(), FixedClock(), tries=2)
            try:
                return await client.ask_server([DomainName("rrn.so")], endpoint)
            finally:
                transport.close()

    (only,) = on_virtual_time(run())
    assert (only.presence, only.reason, only.attempts) == (UNKNOWN, Reason.TIMEOUT, 2)


def test_loss_and_failures_make_no_wrong_presence() -> None:
    """3 % of packets lost, 2 % SERVFAIL of which half lasts: no wrong answer, every name once."""
    rng = random.Random(3)
    names = [f"n{number}.so" for number in range(400)]
    real = {name for name in names if rng.random() < 0.02}
    broken = {name for name in names if rng.random() < 0.01}

    def script(query: dns.message.Message) -> list[bytes]:
        name = query.question[0].name.to_text(omit_final_dot=True)
        if rng.random() < 0.03:
            return []
        if name in broken or rng.random() < 0.01:
            return [answer(query, 2).to_wire()]
        if name in real:
            return [answer(query, 0, flags=0, name_server="ns1.x.so.").to_wire()]
        return [answer(query).to_wire()]

    answers, _ = ask(names, script, timeout=1.0)
    assert [one.name for one in answers] == names
    for one in answers:
        expected = UNKNOWN if one.name in broken else PRESENT if one.name in real else ABSENT
        assert one.presence in {expected, UNKNOWN}, one
    assert sum(one.presence is UNKNOWN for one in answers) <= len(broken) + 2


def test_a_broken_nxdomain_is_counted_and_asked_again() -> None:
    """Header and question are right, the SOA is cut off: not an absence until a sound reply comes."""
    seen: list[int] = []

    def script(query: dns.message.Message) -> list[bytes]:
        seen.append(1)
        packet = answer(query).to_wire()
        return [packet[:-3] if len(seen) < 3 else packet]

    answers, _ = ask(["rrn.so"], script)
    assert (answers[0].presence, answers[0].attempts) == (ABSENT, 3)
    answers, _ = ask(["rrn.so"], lambda query: [answer(query).to_wire()[:-3]])
    assert (answers[0].presence, answers[0].reason) == (UNKNOWN, Reason.MALFORMED)


def test_counts_that_lie_are_not_excused_by_a_known_zone() -> None:
    """The same SOA was read before, but this header promises two: no absence until the counts are right."""

    def script(query: dns.message.Message) -> list[bytes]:
        packet = answer(query).to_wire()
        return [packet[:9] + b"\x02" + packet[10:] if query.question[0].name.to_text() == "liar.so." else packet]

    answers, _ = ask(["n1.so", "liar.so"], script)
    assert [(one.presence, one.reason) for one in answers] == [(ABSENT, Reason.NXDOMAIN), (UNKNOWN, Reason.MALFORMED)]


def test_a_server_that_answers_is_not_given_up_for_what_it_answers() -> None:
    """Hundreds of SERVFAILs in a row: every name is asked to the end, and those behind them are found."""
    names = [f"x{number:04}.so" for number in range(1_200)] + ["fine-one.so"]

    def script(query: dns.message.Message) -> list[bytes]:
        return [answer(query, 2 if query.question[0].name.to_text().startswith("x") else 3).to_wire()]

    answers, _ = ask(names, script, tries=1, in_flight=4)
    assert {(one.presence, one.attempts) for one in answers[:-1]} == {(UNKNOWN, 1)}
    assert answers[-1].presence is ABSENT


def test_a_server_that_truncates_everything_is_asked_over_few_connections() -> None:
    """Each name is answered over TCP, and the process never holds more than some sockets for it."""
    names = [f"n{number}.so" for number in range(200)]
    held: list[int] = []

    def cut(packet: bytes) -> list[bytes]:
        return [answer(dns.message.from_wire(packet), flags=dns.flags.AA | dns.flags.TC).to_wire()]

    async def over_tcp(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(held[-1] + 1 if held else 1)
        size = int.from_bytes(await reader.readexactly(2), "big")
        packet = answer(dns.message.from_wire(await reader.readexactly(size))).to_wire()
        await asyncio.sleep(0.01)
        writer.write(len(packet).to_bytes(2, "big") + packet)
        held.append(held[-1] - 1)
        writer.close()

    async def run() -> list[Answer]:
        _, transport, endpoint = await scripted(cut)
        server = await asyncio.start_server(over_tcp, *endpoint, backlog=500)
        try:
            client = client_for(MapDial({}), Unlimited(), FixedClock(), timeout=5.0)
            return await client.ask_server([DomainName(name) for name in names], endpoint)
        finally:
            transport.close()
            server.close()

    assert {(one.presence, one.attempts) for one in on_virtual_time(run())} == {(ABSENT, 1)}
    assert max(held) <= 60


def test_a_foreign_reply_over_tcp_is_malformed_not_throttling() -> None:
    """Truncated over UDP, and over TCP the id is another's: nothing is learned, and the reason says why."""

    def cut(packet: bytes) -> list[bytes]:
        return [answer(dns.message.from_wire(packet), flags=dns.flags.AA | dns.flags.TC).to_wire()]

    async def over_tcp(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        size = int.from_bytes(await reader.readexactly(2), "big")
        packet = answer(dns.message.from_wire(await reader.readexactly(size))).to_wire()
        writer.write(len(packet).to_bytes(2, "big") + bytes((packet[0] ^ 1,)) + packet[1:])
        writer.close()

    async def run() -> list[Answer]:
        _, transport, endpoint = await scripted(cut)
        server = await asyncio.start_server(over_tcp, *endpoint)
        try:
            client = client_for(MapDial({}), Unlimited(), FixedClock(), timeout=5.0, tries=2)
            return await client.ask_server([DomainName("rrn.so")], endpoint)
        finally:
            transport.close()
            server.close()

    (only,) = on_virtual_time(run())
    assert (only.presence, only.reason, only.attempts) == (UNKNOWN, Reason.MALFORMED, 2)


def test_a_server_without_edns_is_asked_without() -> None:
    """FORMERR to EDNS, an answer without it."""

    def script(query: dns.message.Message) -> list[bytes]:
        return [answer(query, 1 if query.edns >= 0 else 3).to_wire()]

    answers, _ = ask(["rrn.so"], script)
    assert (answers[0].presence, answers[0].attempts) == (ABSENT, 2)


def test_a_resolver_is_asked_to_recurse() -> None:
    """A server that offers recursion and refuses RD=0 gets RD=1; its unauthoritative word counts."""

    def script(query: dns.message.Message) -> list[bytes]:
        wanted = bool(query.flags & dns.flags.RD)
        return [answer(query, 3 if wanted else 5, flags=dns.flags.RA).to_wire()]

    answers, _ = ask(["rrn.so", "x.so"], script)
    assert {one.presence for one in answers} == {ABSENT}


def test_a_silent_server_is_given_up_after_four_tries() -> None:
    """A time-out is no answer."""
    answers, asked = ask(["rrn.so"], lambda query: [])
    assert (answers[0].presence, answers[0].reason, answers[0].attempts) == (UNKNOWN, Reason.TIMEOUT, 4)
    assert len(asked) == 4


def test_a_closed_port_is_unreachable() -> None:
    """The kernel's refusal is told apart from silence."""

    async def run() -> list[Answer]:
        client = client_for(MapDial({}), Unlimited(), FixedClock())
        return await client.ask_server([DomainName("rrn.so"), DomainName("x.so")], ("127.0.0.1", 1))

    assert {(one.presence, one.reason) for one in on_virtual_time(run())} == {(UNKNOWN, Reason.UNREACHABLE)}


def test_an_upward_referral_says_nothing() -> None:
    """A server that only points to the root does not know the name."""

    def script(query: dns.message.Message) -> list[bytes]:
        reply = dns.message.make_response(query)
        reply.authority.append(dns.rrset.from_text(".", 60, "IN", "NS", "a.root-servers.net."))
        return [reply.to_wire()]

    answers, _ = ask(["rrn.so"], script)
    assert (answers[0].presence, answers[0].reason) == (UNKNOWN, Reason.NO_SERVER)
