"""Where log lines go."""

import io
import logging
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


def test_libraries_do_not_talk_in_between(capsys: pytest.CaptureFixture[str]) -> None:
    """A pass that outlasts a tick is no trouble, and a lost database is told in one line, not in their traces."""
    configure("text")
    structlog.reset_defaults()
    logging.getLogger("apscheduler.scheduler").warning("skipped: maximum number of running instances reached")
    logging.getLogger("procrastinate.worker").error("side task failed")
    logging.getLogger("psycopg.pool").warning("error connecting")
    assert capsys.readouterr().err == ""
    assert logging.getLogger("apscheduler.executors.default").isEnabledFor(logging.ERROR)
