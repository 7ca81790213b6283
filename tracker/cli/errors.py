"""The two ways in which a command declines: wrong usage, and a part that is not there."""

from collections.abc import Iterator
from contextlib import contextmanager


class Refused(Exception):
    """Wrong usage or configuration: one line, status 2."""


class NotRun(Exception):
    """A part is missing, so nothing was measured: one line, status 3."""


@contextmanager
def refusing(*kinds: type[Exception], file: object = "") -> Iterator[None]:
    """Turn the given errors into one line for the user; `file` is named where the error names none itself."""
    try:
        yield
    except kinds as error:
        raise Refused(reason(error, file)) from error


def reason(error: Exception, file: object = "") -> str:
    """Why, in one line: of files `FILE: No such file or directory`, whichever way the system puts it."""
    if isinstance(error, OSError) and error.strerror:
        name = file if error.filename is None else error.filename
        return f"{name}: {error.strerror}" if name else error.strerror
    if isinstance(error, UnicodeDecodeError):
        said = f"not UTF-8 at byte {error.start}"
        return f"{file}: {said}" if file else said
    return str(error)
