"""The work over SQLite and over PostgreSQL."""

import pytest
from sqlalchemy import Engine

from tests.contract_work import *  # noqa: F403 - the contract of the port, run over this implementation
from tracker.storage.work import SqlWork


@pytest.fixture
def work(database: Engine) -> SqlWork:
    """The implementation under test, empty."""
    return SqlWork(database)
