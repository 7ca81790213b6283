"""The store of views over SQLite and over PostgreSQL."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event, text

from tests.contract_views import *  # noqa: F403 - the contract of the port, run over this implementation
from tests.contract_views import FULL, candidate
from tests.storage.conftest import MakeDatabase
from tracker.model.views import Views
from tracker.storage.database import reading, writing
from tracker.storage.migrate import differences
from tracker.storage.rows import columns_of
from tracker.storage.views import KINDS, SqlViewStore


@pytest.fixture
def views(database: Engine) -> SqlViewStore:
    """The implementation under test, empty."""
    return SqlViewStore(database)


def places(engine: Engine) -> list[tuple[int, str]]:
    """Place and name of each stored candidate."""
    with reading(engine) as connection:
        rows = connection.execute(text("SELECT place, name FROM view_candidates ORDER BY place"))
        return [(row[0], row[1]) for row in rows]


def with_candidates(numbers: Sequence[int]) -> Views:
    """Views with these candidates."""
    return replace(FULL, candidates=tuple(map(candidate, numbers)))


def test_another_process_reads_the_same(database: Engine) -> None:
    """What one store wrote, one that never wrote anything loads; and it sees the next change too."""
    writer, reader = SqlViewStore(database), SqlViewStore(database)
    writer.replace(with_candidates([1, 2]))
    assert reader.load() == with_candidates([1, 2])
    writer.replace(with_candidates([2, 3]))
    assert reader.load() == with_candidates([2, 3])
    reader.replace(with_candidates([3]))
    writer.replace(with_candidates([3, 4]))
    assert reader.load() == SqlViewStore(database).load() == with_candidates([3, 4])
    assert SqlViewStore(database).replacements() == reader.replacements() == FULL.replacements


def test_only_what_differs_is_written(database: Engine) -> None:
    """A thousand candidates of which one is new cost one inserted row, and the others keep their places."""
    store = SqlViewStore(database)
    store.replace(with_candidates(range(0, 2000, 2)))
    before = places(database)
    written: list[tuple[str, int]] = []

    def count(_c: object, _cursor: object, statement: str, parameters: object, _x: object, many: bool) -> None:
        if "view_candidates" in statement and not statement.lstrip().startswith("SELECT"):
            written.append((statement.split(maxsplit=1)[0], len(parameters) if many else 1))  # type: ignore[arg-type]

    event.listen(database, "before_cursor_execute", count)
    store.replace(with_candidates([*range(0, 1000, 2), 999, *range(1000, 2000, 2)]))
    assert written == [("INSERT", 1)]
    assert set(before) < set(places(database))
    SqlViewStore(database).replace(with_candidates(range(0, 2000, 2)))
    assert written == [("INSERT", 1), ("DELETE", 1)]


def test_views_of_another_shape_are_gone_until_rebuilt(database: Engine) -> None:
    """Tables of another version are no views; the next derivation drops them, also those that only it knew."""
    SqlViewStore(database).replace(FULL)
    with writing(database) as connection:
        connection.execute(text("UPDATE view_derived SET shape = 'older'"))
        connection.execute(text("DROP TABLE view_states"))
        connection.execute(text("CREATE TABLE view_forgotten (x INTEGER)"))
    store = SqlViewStore(database)
    assert store.load() is None
    store.replace(FULL)
    assert SqlViewStore(database).load() == FULL
    with reading(database) as connection:
        assert not database.dialect.has_table(connection, "view_forgotten")


def test_migrations_do_not_see_views(database: Engine) -> None:
    """A database with views has the schema that the migrations want."""
    SqlViewStore(database).replace(FULL)
    assert differences(database) == []


def test_a_failed_replacement_changes_nothing(database: Engine) -> None:
    """Views that cannot be stored leave the stored ones, and the store can go on."""
    store = SqlViewStore(database)
    store.replace(with_candidates([1, 2]))
    naive = replace(candidate(3), first_sighted_at=FULL.as_of.replace(tzinfo=None))
    with pytest.raises(ValueError, match="naive"):
        store.replace(replace(FULL, candidates=(candidate(1), naive)))
    assert store.load() == with_candidates([1, 2])
    store.replace(with_candidates([1, 3]))
    assert SqlViewStore(database).load() == with_candidates([1, 3])


def test_columns_say_what_the_nouns_say() -> None:
    """Every field of a view has its columns in the table, and no column is left over."""
    for kind, model in KINDS.values():
        assert {"place", *columns_of(kind)} == set(model.model_fields)


@pytest.fixture(scope="module")
def shared(sqlite: MakeDatabase) -> Engine:
    """One database for all examples."""
    return sqlite()


@given(st.lists(st.lists(st.integers(0, 12), max_size=14), min_size=1, max_size=6))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_series_of_replacements_ends_in_the_last(shared: Engine, series: list[list[int]]) -> None:
    """Whatever was stored before, what is loaded is what was stored last, by the same store and by a new one."""
    store = SqlViewStore(shared)
    for numbers in series:
        store.replace(with_candidates(numbers))
        assert store.load() == with_candidates(numbers)
    assert SqlViewStore(shared).load() == with_candidates(series[-1])
