"""The work that several processes share, over SQLite and over PostgreSQL."""

import pytest
from sqlalchemy import Engine

from tests.contract_work import *  # noqa: F403 - the contract of the port, run over this implementation
from tests.contract_work import NOW, due
from tracker.storage.shared_work import SharedWork


@pytest.fixture(params=[False, True], ids=["written at once", "gathered"])
def work(database: Engine, request: pytest.FixtureRequest) -> SharedWork:
    """The implementation under test, empty."""
    return SharedWork(database, gathered=request.param)


def test_what_one_process_writes_another_sees(database: Engine) -> None:
    """At once, or in one piece when it was gathered; what was gathered is seen by its own process before."""
    planner, worker = SharedWork(database), SharedWork(database, gathered=True)
    planner.schedule([due("a", 0), due("b", 1)])
    assert [row.key for row in worker.due("look", NOW, 9)] == ["a"]
    worker.schedule([due("a", 60), due("c", -5)])
    worker.drop("look", ["b"])
    worker.put("note", "kept")
    assert [row.key for row in worker.due("look", NOW, 9)] == ["c"]
    assert set(worker.scheduled("look")) == {"a", "c"}
    assert (worker.get("note"), planner.get("note")) == ("kept", None)
    assert set(planner.scheduled("look")) == {"a", "b"}
    worker.flush()
    assert set(planner.scheduled("look")) == {"a", "c"}
    assert planner.get("note") == "kept"
