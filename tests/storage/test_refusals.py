"""The ledger of refusals, as people read it: from the notes of one process and from budgets that many share."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, insert

from tracker.ports import Held
from tracker.storage.database import writing
from tracker.storage.log_tables import table
from tracker.storage.refusals import held_back
from tracker.storage.work import SqlWork
from tracker.storage.work_tables import BudgetRow

NOW = datetime(2024, 9, 5, 12, tzinfo=UTC)


def test_servers_that_refused_are_told_until_they_may_be_asked_again(database: Engine) -> None:
    """Two ledgers, one list; what is over is over, and other notes are no refusals."""
    work = SqlWork(database)
    work.put("refusal:rdap.example", "2024-09-05T12:10:00Z 3")
    work.put("refusal:whois.example", "2024-09-05T11:00:00Z 1")
    work.put("name:rrn.so", "watched")
    work.flush()
    row = {"tokens": 0.0, "counted_at": 0.0, "last_pause": 60.0, "refusals": 2}
    until = (NOW + timedelta(hours=1)).timestamp()
    with writing(database) as connection:
        for server, moment in (("dns/192.0.2.1", until), ("dns/192.0.2.2", 0.0)):
            connection.execute(insert(table(BudgetRow)), [row | {"server": server, "blocked_until": moment}])
    assert held_back(database, NOW) == (
        Held("dns/192.0.2.1", NOW + timedelta(hours=1), 2),
        Held("rdap.example", NOW + timedelta(minutes=10), 3),
    )
