"""crt.sh from loopback, on good days and bad: pace, retries, and that silence means nothing."""

import asyncio
import itertools
import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest

from tests.decoders.test_crtsh import REPLY
from tests.lab.ctworld import SetClock, run
from tests.lab.registryworld import Dial
from tracker.clients.crtsh import APART, CrtSh, CrtShReply
from tracker.clients.guard import guarded_client, unverified_context
from tracker.decoders import crtsh
from tracker.lab.http import Request, Response, serve
from tracker.model.facts import Reason
from tracker.model.names import DomainName

NAME = DomainName("rrn.so")
GOOD = Response(200, {"Content-Type": "application/json"}, REPLY)


def ask(
    answer: Callable[[Request], Response | None], names: Sequence[DomainName] = (NAME,)
) -> tuple[list[CrtShReply], list[tuple[float, str]]]:
    """The replies for `names`, and when (loop time) which path was asked."""
    asked: list[tuple[float, str]] = []

    async def main() -> list[CrtShReply]:
        loop = asyncio.get_running_loop()

        def noted(request: Request) -> Response | None:
            asked.append((loop.time(), request.path))
            return answer(request)

        server = await serve(noted)
        dial = Dial({"crt.example": ["45.80.0.10"]}, {("45.80.0.10", 80): server.port})
        clock = SetClock(datetime(2024, 11, 1, tzinfo=UTC))
        try:
            async with guarded_client(dial, ssl_context=unverified_context(), user_agent="t") as http:
                client = CrtSh(http, clock, random.Random(1), "http://crt.example/")
                return list(await asyncio.gather(*(client.first_certificate(name) for name in names)))
        finally:
            await server.close()

    return run(main), asked


def script(*responses: Response | None) -> Callable[[Request], Response | None]:
    """One response after the other, the last one for ever."""
    left = list(responses)
    return lambda request: left.pop(0) if len(left) > 1 else left[0]


def test_the_earliest_certificate_of_the_name_is_found() -> None:
    """Of three rows the oldest belongs to somebody else's name."""
    (reply,), asked = ask(script(GOOD))
    assert (reply.outcome, reply.first) == (Reason.CERTIFICATE, datetime(2024, 9, 4, 23, tzinfo=UTC))
    assert asked[0][1] == "/?q=rrn.so&output=json"


def test_an_empty_array_is_unknown_and_never_none() -> None:
    """`200 []` is how the service also answers for names that have certificates."""
    (reply,), asked = ask(script(Response(200, {}, b"[]")))
    assert reply.outcome is not Reason.CERTIFICATE and reply.first is None
    assert "no evidence" in reply.detail and len(asked) == 1


def test_questions_stand_twelve_seconds_apart_whoever_asks() -> None:
    """Asked at the same time, they go one after another."""
    _, asked = ask(script(GOOD), [DomainName("rrn.so"), DomainName("rrn.to"), DomainName("rrn.io")])
    times = [at for at, _ in asked]
    assert len(times) == 3
    assert all(later - sooner >= APART for sooner, later in itertools.pairwise(times))


@pytest.mark.parametrize(
    "bad",
    [Response(503), Response(429), Response(200, {}, b"<html>busy</html>"), Response(200, {}, b""), None],
    ids=["503", "429", "html", "empty", "silence"],
)
def test_a_bad_moment_is_asked_again(bad: Response | None) -> None:
    """Three attempts, apart; then the good reply counts, or the last reason is given."""
    (reply,), asked = ask(script(bad, bad, GOOD))
    assert reply.outcome is Reason.CERTIFICATE and len(asked) == 3
    (reply,), asked = ask(script(bad))
    assert reply.first is None and reply.outcome in {Reason.SERVER_ERROR, Reason.RATE_LIMITED, Reason.TIMEOUT}
    assert len(asked) == 3


def test_a_refusal_ends_the_questions() -> None:
    """403 is a ban: nothing more is asked of the service, and the rest is not asked."""
    replies, asked = ask(script(Response(403)), [DomainName("rrn.so"), DomainName("rrn.to")])
    assert [reply.outcome for reply in replies] == [Reason.FORBIDDEN, Reason.NOT_ASKED]
    assert len(asked) == 1


def test_retry_after_is_kept() -> None:
    """A stated pause is waited for when it is short, and ends the questions when it is long."""
    _, asked = ask(script(Response(429, {"Retry-After": "90"}), GOOD))
    assert asked[1][0] - asked[0][0] >= 90
    (reply,), asked = ask(script(Response(429, {"Retry-After": "9000"}), GOOD))
    assert reply.outcome is Reason.FORBIDDEN and len(asked) == 1


def test_as_many_rows_as_the_service_gives_are_noted() -> None:
    """At the cap older certificates may be missing."""
    row = REPLY[1:].partition(b"},")[0] + b"}"
    (reply,), _ = ask(script(Response(200, {}, b"[" + b",".join([row] * crtsh.ROW_CAP) + b"]")))
    assert reply.capped and reply.rows == crtsh.ROW_CAP and reply.first is not None
