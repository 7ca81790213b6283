"""Which logs a cover set takes in, and what reading them costs."""

from dataclasses import replace

import pytest

from tracker.decoders.loglist import LogInfo, Protocol
from tracker.discovery.cover import Reading, Tailing, sentence


def log(operator: str, protocol: Protocol, url: str) -> LogInfo:
    """A log of an operator."""
    return LogInfo(
        log_id=url,
        key=b"",
        description="",
        operator=operator,
        protocol=protocol,
        url=url,
        origin="",
        state="usable",
        mmd=0,
    )


LISTED = (
    log("Let's Encrypt", Protocol.STATIC, "https://mon.sycamore.example/2027h1/"),
    log("Google", Protocol.RFC6962, "https://argon.example/2027h1/"),
    log("Google", Protocol.STATIC, "https://parcelyard.example/2027h1/"),
    log("DigiCert", Protocol.RFC6962, "https://wyvern.example/2027h1/"),
)
S, A, P, W = LISTED


@pytest.mark.parametrize(
    ("tailing", "wanted"),
    [
        (Tailing(), (S, P)),
        (Tailing(operators=("google",)), (P,)),
        (Tailing(operators=("Let's", "DigiCert")), (S, W)),
        (Tailing(operators=("nobody",)), ()),
        (Tailing(wanted=("argon", "wyvern")), (A, W)),
        (Tailing(wanted=("argon",), operators=("Let's Encrypt",)), (A,)),
    ],
)
def test_a_cover_set(tailing: Tailing, wanted: tuple[LogInfo, ...]) -> None:
    """Static logs of the named operators, others only where an operator has no static log or a log is named itself."""
    assert tailing.chosen(LISTED) == wanted


def test_names_cost_a_fraction_of_data() -> None:
    """The estimate orders the three ways of reading as they are."""
    data = Tailing()
    names = replace(data, reading=Reading.NAMES)
    assert names.gigabytes(S) < 0.1 * data.gigabytes(S) < 0.1 * data.gigabytes(A)
    assert "of 2 of 3 operators; not read: DigiCert; at most 0.6 GB a day (5.3 for a log" in sentence(
        (S, P), LISTED, names
    )
    assert sentence((S, P), LISTED, names, {S.log_id, P.log_id}).endswith("at most 10.5 GB a day")
