"""Logs go to stderr: lines for people, or JSON for machines."""

import logging
import sys

import structlog

LIBRARIES = {"apscheduler": logging.ERROR, "procrastinate": logging.CRITICAL, "psycopg.pool": logging.CRITICAL}
"""What they say below this is no trouble (a pass outlasts a tick), or is said here in one line (a lost database)."""


def configure(form: str, level: int = logging.INFO) -> None:
    """Set up structlog once per process; `form` is `text` or `json`, what is below `level` is dropped."""
    renderer = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=0)
    )
    for name, least in LIBRARIES.items():
        logging.getLogger(name).setLevel(least)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer() if form == "json" else structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # the stderr of the moment, not of the set-up
        cache_logger_on_first_use=False,
    )
