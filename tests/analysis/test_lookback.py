"""Look-back: lags as bounds, where a registration lies, and what could not be known."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tracker.analysis.lookback import (
    FirstCertificate,
    LookbackRow,
    Question,
    Seen,
    Subject,
    Timing,
    lag,
    look_back,
    tallies,
    timing,
)
from tracker.model.facts import CanaryResult, Coverage, Facts, Layer, Observation, Presence, Reason
from tracker.model.names import DomainName
from tracker.model.times import DAY, Bounds, Precision, When

DAY0 = datetime(2024, 9, 4, tzinfo=UTC)
NOW = DAY0 + 300 * DAY
NAME = DomainName("rrn.so")
RRN = Subject(label="rrn", names=(DomainName("rrn.world"),))
QUESTION = Question(on=When(DAY0, Precision.DAY), window=60 * DAY)
MOMENTS = st.integers(0, 20_000 * 86_400).map(
    lambda seconds: datetime(1990, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
WHENS = st.builds(When, MOMENTS, st.sampled_from([Precision.SECOND, Precision.DAY, Precision.MONTH]))


def look(presence: Presence, reason: Reason, facts: Facts, *, probe: str = "registration") -> Observation:
    """A look at rrn.so."""
    layer = Layer.DELEGATED if probe == "delegation" else Layer.REGISTERED
    return Observation(
        name=NAME, probe=probe, layer=layer, vantage="here", at=NOW, presence=presence, reason=reason, facts=facts
    )


DELEGATED = look(Presence.PRESENT, Reason.DELEGATED, {"ns": ("ns1.x.so", "ns2.x.so")}, probe="delegation")


def dated(day: str, precision: str = "day") -> Observation:
    """The registry states a date."""
    facts = {"registered_at": (day,), "precision": (precision,), "via": ("rdap",)}
    return look(Presence.PRESENT, Reason.RDAP_FOUND, facts)


def only(registration: Observation | None, first: FirstCertificate | None = None) -> LookbackRow:
    """The row of rrn.so."""
    seen = Seen(
        coverage=[],
        delegations=[DELEGATED],
        registrations=[] if registration is None else [registration],
        certificates=[] if first is None else [first],
    )
    (row,) = look_back([RRN], QUESTION, seen)
    return row


@given(WHENS, WHENS, st.floats(0, 1), st.floats(0, 1))
def test_the_lag_holds_every_instant_that_the_dates_leave_open(
    registered: When, on: When, one: float, two: float
) -> None:
    """Wherever in their intervals the two moments lie, their distance is within the bounds."""
    found, first, second = lag(registered.bounds(), on), registered.bounds(), on.bounds()
    assert found and first.lo and first.hi and second.lo and second.hi
    real = (first.lo + one * (first.hi - first.lo)) - (second.lo + two * (second.hi - second.lo))
    assert found[0] - 0.01 <= real / DAY <= found[1] + 0.01


@given(WHENS, WHENS, st.integers(0, 100))
def test_a_registration_is_placed_only_where_its_whole_interval_lies(registered: When, on: When, days: int) -> None:
    """BEFORE ends before the date begins, AFTER begins when the window is over, WITHIN lies between."""
    bounds, asked = registered.bounds(), on.bounds()
    assert bounds.lo and bounds.hi and asked.lo and asked.hi
    match timing(bounds, Question(on=on, window=days * DAY)):
        case Timing.BEFORE:
            assert bounds.hi <= asked.lo
        case Timing.AFTER:
            assert bounds.lo >= asked.hi + days * DAY
        case Timing.WITHIN:
            assert asked.lo <= bounds.lo and bounds.hi <= asked.hi + days * DAY
        case other:
            assert other is Timing.UNCLEAR and bounds.lo < asked.hi + days * DAY and bounds.hi > asked.lo


def test_no_date_has_no_lag_and_no_place() -> None:
    """A precision that is not known bounds nothing."""
    nothing = When(DAY0, Precision.UNKNOWN).bounds()
    assert lag(nothing, QUESTION.on) is None
    assert timing(nothing, QUESTION) is Timing.UNKNOWN
    assert lag(Bounds(DAY0, DAY0), When(DAY0, Precision.UNKNOWN)) is None


def test_the_day_after_is_one_to_two_days_less_a_day() -> None:
    """Both dates are days: the lag is known to a day on each side, the calendar place exactly."""
    row = only(dated("2024-09-05"))
    assert (row.registered_lag, row.timing, row.could_not_know) == ((0.0, 2.0), Timing.WITHIN, ())
    assert row.registered_source == "rdap" and row.name_servers == ("ns1.x.so", "ns2.x.so")
    assert only(dated("2024-09-04")).timing is Timing.WITHIN
    assert only(dated("2024-09-03")).timing is Timing.BEFORE


def test_a_withheld_date_is_said_to_be_withheld() -> None:
    """Registered, but the registry gives no date; or no server, a failure, a denial: each has its words."""
    unknown = {
        "date_withheld: whois": look(Presence.PRESENT, Reason.WHOIS_FOUND, {"via": ("whois",)}),
        "no_registration_server": look(Presence.INDETERMINATE, Reason.NO_SERVER, {}),
        "registration_uncertain: rate_limited": look(Presence.INDETERMINATE, Reason.RATE_LIMITED, {}),
        "registration_uncertain: rdap_not_found": look(Presence.ABSENT, Reason.RDAP_NOT_FOUND, {}),
        "registration_uncertain: not_asked": None,
    }
    for text, registration in unknown.items():
        row = only(registration)
        assert (row.could_not_know, row.timing, row.registered) == ((text,), Timing.UNKNOWN, None)


def test_a_name_registered_anew_hides_who_held_it_before() -> None:
    """After the window, or younger than its own first certificate."""
    assert only(dated("2025-02-01")).could_not_know[0].startswith("registered_anew: after the window")
    first = FirstCertificate(name=NAME, source="crt.sh", at=DAY0 - 400 * DAY)
    row = only(dated("2024-09-05"), first)
    assert row.could_not_know == ("registered_anew: a certificate is older than the registration",)
    assert row.certificate_lag == (-401.0, -400.0)


def test_certificates_that_nobody_knew_of_are_unknown() -> None:
    """No row is no evidence; a reply at the cap may lack older ones."""
    row = only(dated("2024-09-05"), FirstCertificate(name=NAME, source="crt.sh", reason="no rows"))
    assert row.could_not_know == ("certificates_unknown: no rows",) and row.certificate_source == ""
    row = only(dated("2024-09-05"), FirstCertificate(name=NAME, source="crt.sh", at=DAY0 + 2 * DAY, capped=True))
    assert row.could_not_know[0].startswith("certificates_capped")


def test_suffixes_that_could_not_be_swept_are_named_and_doubts_kept() -> None:
    """A row per canary result, for the labels that were asked there; an absent name is no row."""
    hour = timedelta(hours=1)
    coverage = [
        Coverage(labels=("rrn",), suffixes=("so", "to"), canary=CanaryResult.GOOD, first=NOW, last=NOW + hour),
        Coverage(labels=("rrn",), suffixes=("ws", "ph"), canary=CanaryResult.WILDCARD, first=NOW, last=NOW + hour),
        Coverage(labels=("other",), suffixes=("vg",), canary=CanaryResult.UNREACHABLE, first=NOW, last=NOW + hour),
    ]
    doubt = look(Presence.INDETERMINATE, Reason.SERVFAIL, {}, probe="delegation")
    seen = Seen(coverage=coverage, delegations=[doubt])
    named, unswept = look_back([RRN], QUESTION, seen)
    assert named.presence is Presence.INDETERMINATE and "delegation_uncertain: servfail" in named.could_not_know
    assert unswept.name is None and unswept.could_not_know == ("suffix_not_swept: .ph .ws",)
    (tally,) = tallies([RRN], seen)
    assert (tally.swept, tally.not_swept, tally.present, tally.uncertain) == (2, 2, 0, 1)
