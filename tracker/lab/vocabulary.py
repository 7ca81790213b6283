"""What may stand in a scenario file: its tables, their keys, and what each key wants."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from tracker.analysis.custody import HOLDS
from tracker.analysis.footing import WINDOWS
from tracker.lab import geography
from tracker.lab.stories import SEIZURE_HOST
from tracker.model.facts import Layer
from tracker.model.names import NotAName, parse
from tracker.model.watching import ActionKind


@dataclass(frozen=True, slots=True)
class Key:
    """What one key wants, in words, and whether a value is that."""

    wants: str
    fits: Callable[[Any], bool]
    required: bool = False


def _is(*kinds: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))


def _matches(pattern: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def _list_of(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(map(fits, value))


def one_of(words: Iterable[str], shown: str = "") -> Key:
    """A closed vocabulary; `shown` where it is too long to be printed."""
    known = tuple(words)
    return Key(shown or f"one of {', '.join(word or '(empty)' for word in known)}", lambda value: value in known)


def needed(key: Key) -> Key:
    """The same key, which cannot be left out."""
    return replace(key, required=True)


def _is_name(value: Any) -> bool:
    try:
        return isinstance(value, str) and parse(value) == value
    except NotAName:
        return False


def _is_day(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _is_when(value: Any) -> bool:
    if isinstance(value, Mapping):
        return bool(value) and all(map(_is_day, value.values()))
    return INSTANT.fits(value) or _is_day(value) or (isinstance(value, date) and not isinstance(value, datetime))


_DELAY: Final = r"\+\d+[mhd]"
TEXT: Final = Key("a text", _is(str))
TEXTS: Final = Key("a list of texts", _list_of(_is(str)))
FLAG: Final = Key("true or false", _is(bool))
WHOLE: Final = Key("a whole number, not negative", lambda value: _is(int)(value) and value >= 0)
COUNTED: Final = Key("a whole number from 1", lambda value: _is(int)(value) and value >= 1)
SHARE: Final = Key("a number from 0 to 1", lambda value: _is(int, float)(value) and 0 <= value <= 1)
INSTANT: Final = Key(
    "an instant with its zone, such as 2025-03-03T15:00:00Z",
    lambda value: isinstance(value, datetime) and value.tzinfo is not None,
)
DAY: Final = Key('a day as text, such as "2025-03-03"', _is_day)
NAME: Final = Key("a domain name in lower case", _is_name)
DELAY: Final = Key("a delay such as +20m, +3h or +2d", _matches(_DELAY))
COHORT: Final = one_of(("own_brand", "imitated"))
KIND: Final = one_of(tuple(map(str, ActionKind)))
PAGES: Final = ("operation", "clone", "other", "stranger", "parking", "seizure", "leads")
PAGE: Final = one_of(PAGES)
REGISTRAR: Final = one_of(
    (*(f"r{place}" for place in range(1, geography.REGISTRARS + 1)), geography.PROTECTOR),
    f"r1 to r{geography.REGISTRARS}, or {geography.PROTECTOR}",
)
HOST: Final = one_of(
    (*geography.HOSTS, *geography.SERVICES, SEIZURE_HOST),
    f"{geography.HOSTS[0]} to {geography.HOSTS[-1]}, or one of {', '.join((*geography.SERVICES, SEIZURE_HOST))}",
)
STEPS: Final = Key(
    "a list of steps such as 'delegate +20m', 'page parking +3h'",
    _list_of(_matches(rf"(delegate|move|undelegate|page|hold|unhold|drop|certificate)( [A-Za-z0-9-]+)? {_DELAY}")),
)
DEEDS: Final = ("register", "take", "seize", "drop", "delegate", "move", "undelegate", "page", "hold", "unhold")

TABLES: Final[Mapping[str, Mapping[str, Key]]] = {
    "scenario": {
        "id": needed(TEXT),
        "title": needed(TEXT),
        "start": needed(INSTANT),
        "end": needed(INSTANT),
        "seed": needed(WHOLE),
        "action": needed(TEXT),
        "notice": needed(INSTANT),
        "watchlist": TEXT,
        "suffixes": Key("`all` or a whole number from 1", lambda value: value == "all" or COUNTED.fits(value)),
        "noise": WHOLE,
        "new_names": FLAG,
        "derive_days": COUNTED,
        "page_hours": COUNTED,
        "pages": FLAG,
        "kind": KIND,
        "authority": TEXT,
        "assumptions": TEXTS,
        "caveats": TEXTS,
    },
    "published": {
        "cohort": needed(one_of(("all", "own_brand", "imitated"))),
        "layer": needed(one_of(tuple(map(str, Layer)))),
        "window": needed(one_of(WINDOWS)),
        "count": needed(WHOLE),
        "source": needed(TEXT),
    },
    "further": {"id": needed(TEXT), "notice": needed(INSTANT), "kind": KIND, "authority": TEXT},
    "predecessor": {
        "name": needed(NAME),
        "cohort": needed(COHORT),
        "brand": needed(TEXT),
        "action": TEXT,
        "imitates": TEXT,
        "registrar": REGISTRAR,
        "nameservers": HOST,
        "page": PAGE,
        "registered": DAY,
    },
    "event": {
        "do": needed(one_of(DEEDS)),
        "at": needed(Key("an instant, a day, or a day per source, such as { meta = '2025-03-03' }", _is_when)),
        "name": NAME,
        "names": one_of(("predecessors",)),
        "action": TEXT,
        "within": DELAY,
        "replaces": NAME,
        "sibling": FLAG,
        "innocent": FLAG,
        "kind": TEXT,
        "silent": FLAG,
        "beside": NAME,
        "leads_to": NAME,
        "account": TEXT,
        "registrar": REGISTRAR,
        "nameservers": HOST,
        "page": one_of((*PAGES, *sorted(HOLDS))),
        "then": STEPS,
        "source": TEXT,
    },
    "innocents": {"labels": one_of(("watched", "controls")), "before": WHOLE, "after": WHOLE, "page": PAGE},
    "fault": {
        "source": needed(one_of(("dns", "rdap", "whois", "ct", "web"))),
        "kind": needed(one_of(("servfail", "refused", "silence", "truncate", "throttle", "error", "garbage"))),
        "from": INSTANT,
        "to": INSTANT,
        "share": SHARE,
        "unit": one_of(("request", "day")),
        "retry_after": WHOLE,
    },
    "expect": {
        "likely": one_of(("all successors", "")),
        "never_likely": one_of(("innocents, siblings", "innocents", "siblings", "")),
        "cohorts": Key(
            "a table of own_brand and imitated with whole numbers",
            lambda value: (
                isinstance(value, Mapping)
                and all(COHORT.fits(key) and WHOLE.fits(count) for key, count in value.items())
            ),
        ),
        "window": one_of(WINDOWS),
    },
    "generate": {
        "own_brand": needed(WHOLE),
        "imitated": needed(WHOLE),
        "story": one_of(("mixed",)),
        "lost": SHARE,
        "siblings": WHOLE,
        "clones": WHOLE,
        "innocents": WHOLE,
        "passers_by": WHOLE,
    },
}
REPEATED: Final = frozenset({"published", "further", "predecessor", "event", "innocents", "fault"})
"""Tables that are written as `[[table]]`, once per row."""
