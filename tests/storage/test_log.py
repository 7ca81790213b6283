"""The log over SQLite and over PostgreSQL."""

import pytest
from sqlalchemy import Engine

from tests.contract_log import *  # noqa: F403 - the contract of the port, run over this implementation
from tracker.storage.log import SqlLog


@pytest.fixture
def log(database: Engine) -> SqlLog:
    """The implementation under test, empty."""
    return SqlLog(database)
