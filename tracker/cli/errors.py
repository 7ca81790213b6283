"""The two ways in which a command declines: wrong usage, and a part that is not there."""

from collections.abc import Iterator
from contextlib import contextmanager


class Refused(Exception):
    """Wrong usage or configuration: one line, status 2."""


class NotRun(Exception):
    """A part is missing, so nothing was measured: one line, status 3."""


@contextmanager
def refusing(*kinds: type[Exception]) -> Iterator[None]:
    """Turn the given errors into one line for the user."""
    try:
        yield
    except kinds as error:
        raise Refused(str(error)) from error
