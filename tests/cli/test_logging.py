"""Where log lines go."""

import io
import sys

import pytest
import structlog

from tracker.cli.logging import configure


def test_lines_follow_stderr(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stderr that was closed since the set-up takes nobody's log line with it."""
    first, second = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", first)
    configure("json")
    logger = structlog.get_logger()
    try:
        logger.info("one")
        first.close()
        monkeypatch.setattr(sys, "stderr", second)
        logger.info("two")
    finally:
        structlog.reset_defaults()
    assert '"event": "two"' in second.getvalue()
