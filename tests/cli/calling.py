"""Calls the program as a shell does: arguments in, exit status, stdout and stderr out."""

import contextlib
import csv
import io
import sys
from dataclasses import dataclass

from tracker.cli.main import run


@dataclass(frozen=True)
class Said:
    """What one call came to."""

    status: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, str]]:
        """Stdout read as CSV."""
        return list(csv.DictReader(io.StringIO(self.out, newline="")))


def tracker(*arguments: object) -> Said:
    """Run `tracker` with these arguments in this process."""
    out, err, before = io.StringIO(newline=""), io.StringIO(), sys.argv
    sys.argv = ["tracker", *map(str, arguments)]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            run()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        sys.argv = before
    return Said(status, out.getvalue(), err.getvalue())
