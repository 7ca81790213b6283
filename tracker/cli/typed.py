"""What was typed: moments and words of closed lists, read in one place and refused with the name of the option."""

import math
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from tracker.cli.errors import Refused

if TYPE_CHECKING:
    from tracker.model.times import When

Kind = TypeVar("Kind", bound=StrEnum)


def when(option: str, text: str) -> "When":
    """A day, or an instant with its zone; raises Refused."""
    from tracker.model.times import When

    try:
        return When.of(text.strip())
    except ValueError as error:
        known = "a day such as 2024-09-05, or an instant with its zone such as 2024-09-05T12:00:00Z"
        raise Refused(f"{option} wants {known}, not {text!r}") from error


def instant(option: str, text: str) -> datetime | None:
    """An instant, or a day as its midnight UTC; None when nothing was typed; raises Refused."""
    return when(option, text).at if text else None


def finite(option: str, number: float) -> float:
    """A number that can be compared; raises Refused for `nan` and `inf`."""
    if not math.isfinite(number):
        raise Refused(f"{option} wants a number, not {number}")
    return number


def word(option: str, text: str, known: Iterable[str]) -> str:
    """One of the known words, in any case; raises Refused, which lists them."""
    words = list(known)
    found = next((one for one in words if one.casefold() == text.strip().casefold()), None)
    if found is None:
        raise Refused(f"{option}: there is no {text!r}; there are {', '.join(words)}")
    return found


def choice(option: str, text: str, kind: type[Kind]) -> Kind:
    """One member of an enumeration, by its value in any case; raises Refused, which lists them."""
    return kind(word(option, text, kind))
