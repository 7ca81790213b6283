"""Dates as registries write them: many orders, languages and zones, read without guessing a missing part."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Final

from tracker.model.times import Precision


class Order(StrEnum):
    """Which of two small numbers is the day."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Moment:
    """A date as read. With precision `day` it is that calendar day's midnight UTC, not an instant."""

    at: datetime
    precision: Precision


_UNFOLDABLE: Final = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "：": ":"})


def fold(text: str) -> str:
    """Lower case, Latin letters without accents, so that one spelling of a word is enough; other scripts stay."""
    if text.isascii():
        return text.lower()
    kept: list[str] = []
    latin = False
    for char in unicodedata.normalize("NFKD", text.casefold().translate(_UNFOLDABLE)):
        if not unicodedata.combining(char):
            latin = char.isascii()
        elif latin:
            continue
        kept.append(char)
    return unicodedata.normalize("NFC", "".join(kept))


_MONTH_NAMES: Final = (
    "jan january janvier janv enero ene janeiro gennaio gen januar januari jaan ocak января январь"
    " ianuarie ledna stycznia tammikuuta tammikuu januara januarja січня ιανουαρίου",
    "feb february fevrier fevr febrero fevereiro fev febbraio februar februari subat февраля февраль"
    " februarie unora lutego helmikuuta helmikuu februara februarja лютого φεβρουαρίου",
    "mar march mars marzo marco marz maerz mrz maart mrt mart марта март"
    " martie brezna marca maaliskuuta maaliskuu marec maret kovo березня μαρτίου",
    "apr april avril avr abril abr aprile nisan апреля апрель"
    " aprilie dubna kwietnia huhtikuuta huhtikuu aprila квітня απριλίου",
    "may mai mayo maio maggio mag mei maj mayis мая май kvetna maja toukokuuta toukokuu травня μαΐου",
    "jun june juin junio junho giugno giu juni haziran июня июнь"
    " iunie cervna czerwca kesakuuta kesakuu juna junija червня ιουνίου",
    "jul july juillet juil julio julho luglio lug juli temmuz июля июль"
    " iulie cervence lipca heinakuuta heinakuu jula julija липня ιουλίου",
    "aug august aout agosto ago augustus augusti agustos августа август"
    " srpna sierpnia elokuuta elokuu augusta avgusta серпня αυγούστου",
    "sep sept september septembre septiembre setiembre setembro settembre set eylul сентября сентябрь"
    " septembrie zari wrzesnia syyskuuta syyskuu septembra вересня σεπτεμβρίου",
    "oct october octobre octubre outubro ottobre out ott oktober okt ekim октября октябрь"
    " octombrie rijna pazdziernika lokakuuta lokakuu oktobra жовтня οκτωβρίου",
    "nov november novembre noviembre novembro kasim ноября ноябрь"
    " noiembrie listopadu marraskuuta marraskuu novembra листопада νοεμβρίου",
    "dec december decembre diciembre dezembro dicembre dezember dic dez des aralik декабря декабрь"
    " decembrie prosince grudnia joulukuuta joulukuu decembra desember грудня δεκεμβρίου",
)
_MONTHS: Final[Mapping[str, int]] = {
    fold(word): number for number, words in enumerate(_MONTH_NAMES, 1) for word in words.split()
}
# Abbreviations with one meaning only. CST and IST stand for several zones and are therefore no zone at all.
_ZONES: Final[Mapping[str, float]] = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 1, "cet": 1, "met": 1, "cest": 2, "mest": 2, "sast": 2,
    "eet": 2, "eest": 3, "msk": 3, "eat": 3, "trt": 3, "irst": 3.5, "ict": 7, "wib": 7, "hkt": 8, "sgt": 8, "myt": 8,
    "awst": 8, "jst": 9, "kst": 9, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13, "brt": -3, "brst": -2, "art": -3,
    "clst": -3, "clt": -4, "edt": -4, "est": -5, "cdt": -5, "mst": -7, "pdt": -7, "pst": -8,
}  # fmt: skip
_MONTH: Final = "(?P<mon>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\.?"
_TIME: Final = (
    r"(?:[t,\s]+(?:at\s+)?(?P<h>\d{1,2}):(?P<mi>\d{2})(?::(?P<s>\d{2}))?(?:[.,]\d+)?(?:\s*(?P<half>am|pm)\b)?"
    r"(?:\s*\(?\s*(?P<zone>(?:utc|gmt)?\s*[+-]\s*\d{1,2}(?::?\d{2})?|[a-z]{1,4}\b))?)?"
)
_DAY: Final = r"(?P<d>\d{1,2})(?:st|nd|rd|th|er|re|º|ª|\.)?"
_YEAR: Final = r"(?P<y>(?:19|20)\d{2})"
_SHAPES: Final = tuple(
    re.compile(shape)
    for shape in (
        rf"(?<!\d){_YEAR}\s*[-/.年년]\s*(?P<m>\d{{1,2}})\s*[-/.月월]\s*(?P<d>\d{{1,2}})(?!\d)(?:\s?[日일]|\.)?{_TIME}",
        rf"(?<!\d){_YEAR}(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?:(?P<hms>\d{{6}})z)?(?!\d){_TIME}",
        rf"(?<!\d){_YEAR}[-/.\s]+{_MONTH}[-/.\s]+(?P<d>\d{{1,2}})(?!\d)\.?{_TIME}",
        rf"(?<!\d){_DAY}[-/.,\s]*(?:de\s+|of\s+)?{_MONTH}[-/.,\s]*(?:de\s+|del\s+)?{_YEAR}(?!\d){_TIME}",
        rf"\b{_MONTH}\s+{_DAY}\s+(?P<h>\d{{1,2}}):(?P<mi>\d{{2}}):(?P<s>\d{{2}})\s+(?:(?P<zone>[a-z]{{1,4}})\s+)?{_YEAR}(?!\d)",
        rf"\b{_MONTH}[-/.\s]+{_DAY}[-/.,\s]+{_YEAR}(?!\d){_TIME}",
        rf"(?<!\d)(?P<a>\d{{1,2}})(?P<sep>[-/.])(?P<b>\d{{1,2}})(?P=sep){_YEAR}(?!\d){_TIME}",
        rf"(?<!\d){_DAY}[-/.\s]{_MONTH}[-/.\s](?P<yy>\d{{2}})(?!\d){_TIME}",
    )
)
_STARTS: Final = re.compile(rf"\d|\b(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+)?{_MONTH}[\s-]+\d")
_MONTH_ONLY: Final = re.compile(
    rf"\b{_MONTH}[-/.,\s]+{_YEAR}(?!\d)|(?<!\d)(?P<y2>(?:19|20)\d{{2}})-(?P<m>0[1-9]|1[0-2])$"
)
_YEAR_ONLY: Final = re.compile(r"^(?:before|avant|antes de|vor)\s+(?P<y>(?:19|20)\d{2})\b")
_BEFORE: Final = re.compile(r"^\s*(?:before|avant|antes de|vor|prior to)\b")
_NUMERIC: Final = re.compile(r"(?<![\d./-])(\d{1,2})([-/.])(\d{1,2})\2(?:19|20)\d{2}(?!\d)")
_DECLARED_DAY: Final = re.compile(r"\b[djt]{1,2}\s*[-/.]\s*m{1,2}\s*[-/.]\s*(?:y|j|a){2,4}\b")
_DECLARED_MONTH: Final = re.compile(r"\bm{1,2}\s*[-/.]\s*d{1,2}\s*[-/.]\s*(?:y|j|a){2,4}\b")
_COUNTRY: Final = 2  # letters of a country's suffix
_FREENOM: Final = ("tk", "ml", "ga", "cf", "gq")  # one operator answered for all of them, as Americans write
_MONTH_FIRST_COUNTRIES: Final = frozenset(["us", "as", "fm", "gu", "mh", "mp", "pr", "pw", "um", "vi", "ph", *_FREENOM])


def orders(text: str, suffix: str) -> Mapping[str, Order]:
    """Which order numeric dates have in this reply, per separator.

    Decided by what the reply declares, else by its own dates with a number above twelve, else by the country of
    `suffix`; a reply that contradicts itself decides nothing.
    """
    folded = fold(text)
    day, month = _DECLARED_DAY.search(folded) is not None, _DECLARED_MONTH.search(folded) is not None
    if day != month:
        declared = Order.DAY_FIRST if day else Order.MONTH_FIRST
        return dict.fromkeys("-/.", declared)
    found: dict[str, set[Order]] = {"-": set(), "/": set(), ".": set()}
    for first, separator, second in _NUMERIC.findall(folded):
        if int(first) > 12 >= int(second):
            found[separator].add(Order.DAY_FIRST)
        elif int(second) > 12 >= int(first):
            found[separator].add(Order.MONTH_FIRST)
    country = suffix.rpartition(".")[2].lower()
    if country in _MONTH_FIRST_COUNTRIES:
        habit = Order.MONTH_FIRST
    elif len(country) == _COUNTRY or country.startswith("xn--"):
        habit = Order.DAY_FIRST
    else:
        habit = Order.UNDECIDED  # registrars of the whole world answer for generic suffixes, each in its own order
    usual = {"/": habit, "-": habit, ".": Order.DAY_FIRST}
    return {
        separator: usual[separator] if not seen else next(iter(seen)) if len(seen) == 1 else Order.UNDECIDED
        for separator, seen in found.items()
    }


def read_date(value: str, order: Mapping[str, Order]) -> Moment | None:
    """The moment that `value` states, or None. A time without a zone counts as its day: a guessed zone moves births."""
    text = fold(value).strip()
    if not text or len(text) > 120:
        return None
    for shape in _SHAPES:
        found = shape.search(text)
        if found is not None:
            moment = _moment(found.groupdict(), order)
            if moment is None:
                return None
            return Moment(moment.at, Precision.UNKNOWN) if _BEFORE.match(text) else moment
    return _coarse(text)


def date_starts(sentence: str) -> int:
    """Where in a sentence its date may begin: the first digit, or the name of a day or month before it; 0 for none."""
    found = _STARTS.search(fold(sentence)) if sentence.isascii() else re.search(r"\d", sentence)
    return found.start() if found is not None else 0


def _coarse(text: str) -> Moment | None:
    """A month or a bare `before` year; `before` makes the precision unknown, since it bounds one side only."""
    found = _MONTH_ONLY.search(text)
    if found is not None:
        month = _MONTHS[found["mon"]] if found["mon"] else int(found["m"])
        at = datetime(int(found["y"] or found["y2"]), month, 1, tzinfo=UTC)
        return Moment(at, Precision.UNKNOWN if _BEFORE.match(text) else Precision.MONTH)
    year = _YEAR_ONLY.match(text)
    return None if year is None else Moment(datetime(int(year["y"]), 1, 1, tzinfo=UTC), Precision.UNKNOWN)


def _moment(part: Mapping[str, str | None], order: Mapping[str, Order]) -> Moment | None:
    year = int(part["y"] or 0) if part.get("y") else _full_year(int(part["yy"] or 0))
    if part.get("a"):
        pair = _day_and_month(int(part["a"] or 0), int(part["b"] or 0), order[part["sep"] or "/"])
        if pair is None:
            return None
        day, month = pair
    else:
        day = int(part["d"] or 0)
        month = _MONTHS[part["mon"] or ""] if part.get("mon") else int(part["m"] or 0)
    try:
        midnight = datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return None
    if part.get("hms"):
        hms = part["hms"] or ""
        return _timed(midnight, int(hms[:2]), int(hms[2:4]), int(hms[4:]), 0.0)
    if not part.get("h"):
        return Moment(midnight, Precision.DAY)
    hour = int(part["h"] or 0)
    if part.get("half"):
        hour = hour % 12 + (12 if part["half"] == "pm" else 0)
    return _timed(midnight, hour, int(part["mi"] or 0), int(part["s"] or 0), _offset(part.get("zone")))


def _timed(midnight: datetime, hour: int, minute: int, second: int, offset: float | None) -> Moment | None:
    """Midnight sharp is a date that was padded; so is a time whose zone nobody states."""
    if hour > 23 or minute > 59 or second > 60:
        return None
    if offset is None or (hour, minute, second) == (0, 0, 0):
        return Moment(midnight, Precision.DAY)
    zone = timezone(timedelta(hours=offset))
    local = midnight.replace(tzinfo=zone) + timedelta(hours=hour, minutes=minute, seconds=second)
    try:
        return Moment(local.astimezone(UTC), Precision.SECOND)
    except OverflowError:
        return None


def _offset(zone: str | None) -> float | None:
    """Hours east of UTC; None for a zone that is missing or has several meanings."""
    if not zone:
        return None
    signed = re.search(r"([+-])\s*(\d{1,2}):?(\d{2})?$", zone)
    if signed is None:
        return _ZONES.get(zone.strip())
    hours = int(signed[2]) + int(signed[3] or 0) / 60
    if hours > 14:
        return None
    return -hours if signed[1] == "-" else hours


def _day_and_month(first: int, second: int, order: Order) -> tuple[int, int] | None:
    if first > 12 >= second:
        return first, second
    if second > 12 >= first:
        return second, first
    if first == second:
        return first, second
    if order is Order.UNDECIDED:
        return None
    return (first, second) if order is Order.DAY_FIRST else (second, first)


def _full_year(short: int) -> int:
    return 1900 + short if short >= 70 else 2000 + short
