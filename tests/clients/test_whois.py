"""The WHOIS client: capped, guarded, bounded in time; recorded replies travel the whole way from a socket."""

import asyncio
import csv
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from benchmarks.whois import DATES, DEFAULT, Score, scored, table
from tests.lab.ctworld import FreeBudget, SetClock, Written, run
from tests.lab.registryworld import NOW, Dial
from tracker.clients.whois import (
    IANA,
    WhoisAnswer,
    WhoisClient,
    WhoisServer,
    bundled_referrals,
    bundled_servers,
    decoded,
)
from tracker.model.facts import Reason

HOST, ADDRESS = "whois.example", "45.80.0.12"
RECORD = "Domain Name: rrn.so\nCreation Date: 2024-09-05T01:10:00Z\nName Server: ns1.host.example\n"
Handler = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


def _ask(
    handler: Handler, *, known: list[str] | None = None, query: str = "%s", charset: str = "utf-8", **options: object
) -> tuple[WhoisAnswer, Dial, FreeBudget]:
    dial, budget = Dial({HOST: known or [ADDRESS]}, {}), FreeBudget()

    async def main() -> WhoisAnswer:
        async def line(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await handler(await reader.readline(), writer)
            writer.close()

        server = await asyncio.start_server(line, "127.0.0.1", 0)
        dial.ports[ADDRESS, 43] = server.sockets[0].getsockname()[1]
        client = WhoisClient(
            dial,
            budget,
            SetClock(NOW),
            {"so": WhoisServer(HOST, query, charset)},
            **options,  # type: ignore[arg-type]
        )
        try:
            return await client.lookup("rrn.so", "so")
        finally:
            server.close()

    return run(main), dial, budget


def _says(text: bytes) -> Handler:
    async def handler(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(text)
        await writer.drain()

    return handler


def test_a_record_is_found_and_the_question_is_the_server_s_own() -> None:
    """The query template of the table is what goes over the wire."""
    questions: list[bytes] = []

    async def handler(question: bytes, writer: asyncio.StreamWriter) -> None:
        questions.append(question)
        writer.write(RECORD.encode())

    answer, dial, budget = _ask(handler, query="-T dn %s")
    assert answer.outcome is Reason.WHOIS_FOUND and answer.reply is not None and answer.reply.facts is not None
    assert questions == [b"-T dn rrn.so\r\n"]
    assert (dial.connected, budget.taken) == ([(ADDRESS, 43)], [HOST])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"No match for rrn.so\n", Reason.WHOIS_NOT_FOUND),
        (b"Query limit exceeded. No match for rrn.so\n", Reason.RATE_LIMITED),
        (b"Access denied\n", Reason.FORBIDDEN),
        (b"", Reason.MALFORMED),
        (b"Internal server error\n", Reason.MALFORMED),
    ],
)
def test_outcomes_become_reasons(text: bytes, reason: Reason) -> None:
    """Only the registry's own denial is an absence; a throttle is told to the budget."""
    answer, _, budget = _ask(_says(text))
    assert answer.outcome is reason
    assert budget.refusals == ([(HOST, None)] if reason in {Reason.RATE_LIMITED, Reason.FORBIDDEN} else [])


@pytest.mark.parametrize("address", ["127.0.0.1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "10.0.0.1"])
def test_the_guard_is_in_the_way(address: str) -> None:
    """A server's name that resolves to somewhere inside is never connected to."""
    answer, dial, _ = _ask(_says(b"No match"), known=[address])
    assert answer.outcome is Reason.BLOCKED_ADDRESS
    assert not dial.connected


def test_a_dripping_server_meets_the_deadline() -> None:
    """One byte a second for ever ends at the total deadline, whatever each read did."""

    async def drip(_: bytes, writer: asyncio.StreamWriter) -> None:
        for _tick in range(1000):
            writer.write(b"N")
            await asyncio.sleep(1)

    answer, _, _ = _ask(drip, deadline=10.0)
    assert answer.outcome is Reason.TIMEOUT


def test_an_endless_reply_is_cut() -> None:
    """What is over the cap is not read; a registered name stays found."""

    async def flood(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(RECORD.encode())
        for _tick in range(2000):
            writer.write(b"x" * 1000 + b"\n")
            await writer.drain()

    answer, _, _ = _ask(flood, limit=50_000)
    assert answer.outcome is Reason.WHOIS_FOUND
    assert len(answer.text) == 50_000


def test_a_server_that_is_down_and_one_that_asked_for_quiet() -> None:
    """Neither says anything about the name, and the second is not asked."""
    answer, dial, _ = _ask(_says(b""), known=["45.80.0.99"])
    assert answer.outcome is Reason.UNREACHABLE

    async def main() -> WhoisAnswer:
        budget = FreeBudget(blocked=NOW + timedelta(hours=1))
        dial.connected.clear()
        return await WhoisClient(dial, budget, SetClock(NOW), {"so": WhoisServer(HOST)}).lookup("rrn.so", "so")

    assert run(main).outcome is Reason.RATE_LIMITED
    assert not dial.connected


def test_referrals_are_followed_once_and_only_to_allowed_hosts() -> None:
    """A reply that names another server leads there when that server is allowed; an address of ours never is."""
    thin = b"Domain Name: rrn.so\nRegistrar: Seller\nRegistrar WHOIS Server: whois.example\n"
    _, dial, _ = _ask(_says(thin), referrals=(HOST,))
    assert dial.connected == [(ADDRESS, 43)] * 2
    _, dial, _ = _ask(_says(thin))
    assert dial.connected == [(ADDRESS, 43)]
    _, dial, _ = _ask(_says(thin.replace(b"whois.example", b"169.254.169.254")), referrals=(HOST,))
    assert dial.connected == [(ADDRESS, 43)]


def test_iana_names_the_server_of_other_suffixes_once_a_week() -> None:
    """A suffix that the table lacks: one question to IANA, kept between runs; then the registry itself is asked."""
    says = {
        b"zz": b"% IANA WHOIS server\n\ndomain:       ZZ\n\nwhois:        whois.nic.zz\n\nstatus:       ACTIVE\n",
        b"none": b"% IANA WHOIS server\n\ndomain:       NONE\nstatus:       ACTIVE\n",
        b"inside": b"domain:       INSIDE\n\nwhois:        metadata.example\n",
        b"down": b"Service temporarily unavailable\n",
        b"rrn.zz": b"No match for rrn.zz\n",
    }
    asked: list[bytes] = []
    notes, clock = Written(), SetClock(NOW)

    async def main() -> list[Reason]:
        async def line(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            asked.append((await reader.readline()).strip())
            writer.write(says[asked[-1]])
            writer.close()

        server = await asyncio.start_server(line, "127.0.0.1", 0)
        known = {IANA: [ADDRESS], "whois.nic.zz": [ADDRESS], "metadata.example": ["169.254.169.254"]}
        dial = Dial(known, {(ADDRESS, 43): server.sockets[0].getsockname()[1]})
        outcomes = []
        for suffix in ("zz", "zz", "none", "none", "inside", "down", "down"):
            client = WhoisClient(dial, FreeBudget(), clock, {}, iana=IANA, notes=notes)  # each run its own client
            outcomes.append((await client.lookup(f"rrn.{suffix}", suffix)).outcome)
        clock.moment += timedelta(days=7)
        outcomes.append(
            (await WhoisClient(dial, FreeBudget(), clock, {}, iana=IANA, notes=notes).lookup("rrn.zz", "zz")).outcome
        )
        outcomes.append((await WhoisClient(dial, FreeBudget(), clock, {}).lookup("rrn.zz", "zz")).outcome)
        server.close()
        return outcomes

    gone, unserved = Reason.WHOIS_NOT_FOUND, Reason.NO_SERVER
    trouble = [Reason.BLOCKED_ADDRESS, Reason.MALFORMED, Reason.MALFORMED]
    assert run(main) == [gone, gone, unserved, unserved, *trouble, gone, unserved]
    assert asked == [b"zz", b"rrn.zz", b"rrn.zz", b"none", b"inside", b"down", b"down", b"zz", b"rrn.zz"]


def test_the_next_address_of_a_server_is_tried() -> None:
    """A server with a dead address still answers on the other."""
    answer, _, _ = _ask(_says(b"No match for rrn.so\n"), known=["45.80.0.99", ADDRESS])
    assert answer.outcome is Reason.WHOIS_NOT_FOUND


def test_character_sets() -> None:
    """UTF-8 first, then the server's own, then one that never fails."""
    assert decoded("é".encode(), "iso-8859-9") == "é"
    assert decoded("ş".encode("iso-8859-9"), "iso-8859-9") == "ş"
    assert decoded(b"\xff\xa0", "no-such-charset") == "ÿ\xa0"
    assert decoded("домен".encode("koi8-r"), "koi8-r") == "домен"
    assert decoded("ドメイン".encode("iso-2022-jp"), "utf-8") == "ドメイン"
    assert decoded("\ufeffnot found".encode(), "utf-8") == decoded("not found".encode("utf-16"), "utf-8") == "not found"


def test_the_shipped_table() -> None:
    """Every suffix once, hosts are names, queries take the name."""
    servers = bundled_servers()
    assert servers["to"].host == "whois.tonicregistry.to"
    for suffix, server in servers.items():
        assert suffix == suffix.lower() and "." in server.host and server.query.count("%s") == 1
        decoded(b"", server.charset)
    assert {"whois.markmonitor.com", "whois.tcinet.ru"} <= bundled_referrals()
    assert not any(char in host for host in bundled_referrals() for char in ":/ ")


@pytest.mark.skipif(not (DEFAULT / "expected.csv").exists(), reason=f"no recorded replies in {DEFAULT}")
def test_recorded_replies_served_from_a_socket() -> None:
    """Socket, character set, classifier, reader: no death that did not happen, hardly a wrong field, most dates read.

    The score per field is printed.
    """
    wanted = {"found": Reason.WHOIS_FOUND, "not_found": Reason.WHOIS_NOT_FOUND, "throttled": Reason.RATE_LIMITED}

    async def main() -> list[tuple[dict[str, str], WhoisAnswer]]:
        with (DEFAULT / "expected.csv").open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        replies = [(DEFAULT / row["host"] / row["tld"] / f"{row['case']}.txt").read_bytes() for row in rows]

        async def line(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(replies[int((await reader.readline()).split(b".")[0])])
            writer.close()

        server = await asyncio.start_server(line, "127.0.0.1", 0)
        hosts = {row["host"]: [ADDRESS] for row in rows}
        dial = Dial(hosts, {(ADDRESS, 43): server.sockets[0].getsockname()[1]})  # type: ignore[arg-type]
        answers = []
        for at, row in enumerate(rows):
            client = WhoisClient(dial, FreeBudget(), SetClock(NOW), {row["tld"]: WhoisServer(row["host"])})
            answers.append((row, await client.lookup(f"{at}.x", row["tld"])))
        server.close()
        return answers

    found: list[Score] = []
    for row, answer in run(main):
        assert answer.reply is not None
        assert answer.outcome is not Reason.WHOIS_NOT_FOUND or row["outcome"] == "not_found", row
        if row["outcome"] in wanted and answer.reply.outcome.value == row["outcome"]:
            assert answer.outcome is wanted[row["outcome"]]
        found += scored(f"{row['host']}/{row['tld']}/{row['case']}", row, answer.reply)
    sys.stdout.write(f"\n{table(found)}")
    available = [score.result for score in found if score.field == "outcome" and score.wanted == "not_found"]
    fields = [score.result for score in found if score.field != "outcome"]
    dates = [score.result for score in found if score.field in DATES]
    assert available.count("right") >= 0.95 * len(available) > 0
    assert fields.count("wrong") <= 0.01 * len(fields)
    assert dates.count("right") >= 0.85 * len(dates) > 0
