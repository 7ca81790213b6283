"""Every test of the pages starts with a log of its own: a command of another test may have pointed it elsewhere."""

from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(autouse=True)
def fresh_log() -> Iterator[None]:
    """Lines go where they go by default."""
    structlog.reset_defaults()
    yield
    structlog.reset_defaults()
