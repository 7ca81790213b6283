"""Dates as registries write them."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.decoders.whois_dates import Moment, Order, fold, orders, read_date
from tracker.model.times import Precision, iso

FRENCH, AMERICAN, GENERIC = orders("", "fr"), orders("", "us"), orders("", "com")
DAYS = st.dates(date(1985, 1, 1), date(2068, 12, 31))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2016-09-24T16:20:09Z", "2016-09-24T16:20:09Z"),
        ("05-Nov-2014 10:35:59 UTC", "2014-11-05T10:35:59Z"),
        ("2013-04-15 20:00:10+03", "2013-04-15T17:00:10Z"),
        ("2011-03-30T19:36:27+02:00", "2011-03-30T17:36:27Z"),
        ("2014/04/01 01:01:23 (JST)", "2014-03-31T16:01:23Z"),
        ("1999-06-07 13:01:43 (GMT+0:00)", "1999-06-07T13:01:43Z"),
        ("10/11/2009 14:06:58 EAT", "2009-11-10T11:06:58Z"),
        ("Tue Oct 04 21:44:27 GMT 2005", "2005-10-04T21:44:27Z"),
        ("Sat, 22 Feb 2014 10:00:00 +0100", "2014-02-22T09:00:00Z"),
        ("20170202120000Z", "2017-02-02T12:00:00Z"),
        ("31-Jan-2017 11:12:44 PM UTC", "2017-01-31T23:12:44Z"),
    ],
)
def test_instants(text: str, wanted: str) -> None:
    """A date with a time and a zone is an instant, in UTC."""
    moment = read_date(text, FRENCH)
    assert moment is not None
    assert (iso(moment.at), moment.precision) == (wanted, Precision.SECOND)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2007. 03. 02.", "2007-03-02"),
        ("20140921", "2014-09-21"),
        ("19990518 #162310", "1999-05-18"),
        ("2nd April, 2001", "2001-04-02"),
        ("Wednesday 30th Mar 2011", "2011-03-30"),
        ("2001-Aug-23.", "2001-08-23"),
        ("30.6.2006", "2006-06-30"),
        ("April 23 1999", "1999-04-23"),
        ("02-Mar-99", "1999-03-02"),
        ("14-Feb-05", "2005-02-14"),
        ("23 de agosto de 2012", "2012-08-23"),
        ("12 février 2010", "2010-02-12"),
        ("1. März 2011", "2011-03-01"),
        ("5 мая 2015", "2015-05-05"),
        ("2010年05月03日", "2010-05-03"),
        ("registrar AT ns.il 20131010 (Changed)", "2013-10-10"),
        ("2002-12-04 00:00:00+02", "2002-12-04"),
        ("2000-03-25 23:20:39", "2000-03-25"),
        ("12-Dec-2011 10:00:00 CST", "2011-12-12"),
    ],
)
def test_days(text: str, wanted: str) -> None:
    """Without a zone, with an ambiguous one, or at midnight sharp a date is its calendar day."""
    moment = read_date(text, FRENCH)
    assert moment is not None
    assert (iso(moment.at), moment.precision) == (f"{wanted}T00:00:00Z", Precision.DAY)


@pytest.mark.parametrize(
    ("text", "precision"),
    [("Aug-1996", Precision.MONTH), ("before Aug-1996", Precision.UNKNOWN), ("before 1996-08-01", Precision.UNKNOWN)],
)
def test_what_is_coarser_says_so(text: str, precision: Precision) -> None:
    """A month is a month; `before` bounds one side only."""
    assert read_date(text, FRENCH) == Moment(datetime(1996, 8, 1, tzinfo=UTC), precision)


@pytest.mark.parametrize(
    "text", ["", "n/a", "0000-00-00", "2014-13-40", "31/02/2014", "not disclosed", "12345678901", "2014", "x" * 500]
)
def test_no_date(text: str) -> None:
    """Nothing is made up from parts."""
    assert read_date(text, FRENCH) is None


def test_day_and_month_are_told_by_the_reply_itself() -> None:
    """Declared formats, then the reply's own unambiguous dates, then the country; a contradiction decides nothing."""
    assert orders("complete date format : DD/MM/YYYY", "com")["/"] is Order.DAY_FIRST
    assert orders("Date (mm/dd/yyyy): 01/02/2003", "fr")["/"] is Order.MONTH_FIRST
    assert orders("changed: 12/25/2003", "fr")["/"] is Order.MONTH_FIRST
    assert orders("created: 25.12.2003", "com")["."] is Order.DAY_FIRST
    assert (FRENCH["/"], AMERICAN["/"]) == (Order.DAY_FIRST, Order.MONTH_FIRST)
    assert GENERIC["/"] is GENERIC["-"] is Order.UNDECIDED, "registrars of the whole world answer there"
    assert orders("", "tk")["/"] is Order.MONTH_FIRST and orders("", "xn--p1ai")["/"] is Order.DAY_FIRST
    torn = orders("25/12/2003 12/25/2003", "fr")
    assert read_date("03/04/2005", torn) is None
    assert read_date("13/04/2005", torn) == Moment(datetime(2005, 4, 13, tzinfo=UTC), Precision.DAY)


@given(
    DAYS,
    st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d-%b-%Y", "%d %B %Y", "%b %d, %Y", "%d.%m.%Y"]),
)
def test_a_written_day_is_read_back(day: date, style: str) -> None:
    """Every unambiguous style gives the day that was written."""
    moment = read_date(day.strftime(style), FRENCH)
    assert moment is not None and moment.at.date() == day and moment.precision is Precision.DAY


@given(DAYS, st.sampled_from("/-."))
def test_ambiguous_days_follow_the_order(day: date, separator: str) -> None:
    """Day first in France and month first with slashes in America, for the same digits."""
    first = read_date(day.strftime(f"%d{separator}%m{separator}%Y"), FRENCH)
    assert first is not None and first.at.date() == day
    slashed = read_date(day.strftime("%m/%d/%Y"), AMERICAN)
    assert slashed is not None and slashed.at.date() == day
    unknown = read_date(day.strftime("%m/%d/%Y"), GENERIC)
    assert unknown is None or unknown.at.date() == day


@given(DAYS, st.times(), st.integers(-12, 14))
def test_an_instant_is_the_same_in_every_zone(day: date, at: time, hours: int) -> None:
    """What is written with an offset comes back as the same instant."""
    instant = datetime.combine(day, at.replace(microsecond=0), timezone(timedelta(hours=hours)))
    moment = read_date(instant.isoformat(), FRENCH)
    assert moment is not None
    if moment.precision is Precision.SECOND:
        assert moment.at == instant
    else:
        assert (instant.hour, instant.minute, instant.second) == (0, 0, 0)


@given(st.text(max_size=80))
def test_any_text_is_read_or_not(text: str) -> None:
    """No text breaks the reader."""
    moment = read_date(text, FRENCH)
    assert moment is None or moment.at.tzinfo is UTC


def test_fold_keeps_other_scripts() -> None:
    """Latin loses its accents, Cyrillic and kana lose nothing."""
    assert fold("Créé Ødegård İstanbul") == "cree odegard istanbul"
    assert fold("Найден ドメイン 도메인") == "найден ドメイン 도메인"
