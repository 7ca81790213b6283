"""What every `Work` must do. A test module gives a `work` fixture (an empty one) and imports these tests."""

from datetime import UTC, datetime, timedelta

from tracker.ports import Due, Work

NOW = datetime(2024, 9, 4, 15, tzinfo=UTC)


def due(key: str, minutes: float, kind: str = "look", attempts: int = 0) -> Due:
    """Something due so many minutes from now."""
    return Due(kind, key, NOW + timedelta(minutes=minutes), NOW - timedelta(days=1), attempts)


def test_what_is_due_comes_first_overdue_first(work: Work) -> None:
    """Only rows of the kind whose time has come, ordered by time and key, no more than asked for."""
    assert work.due("look", NOW, 10) == ()
    assert work.next_due() is None
    rows = (due("c", -1), due("b", -5), due("a", -5), due("d", 1), due("e", 0), due("x", -9, kind="poll"))
    work.schedule(rows)
    assert [row.key for row in work.due("look", NOW, 10)] == ["a", "b", "c", "e"]
    assert [row.key for row in work.due("look", NOW, 2)] == ["a", "b"]
    assert work.due("poll", NOW, 10) == (due("x", -9, kind="poll"),)
    assert work.next_due() == NOW - timedelta(minutes=9)
    assert work.scheduled("look") == {row.key: row for row in rows[:5]}


def test_scheduling_again_moves(work: Work) -> None:
    """A row has one time; of two in one call the last holds."""
    work.schedule((due("a", -5),))
    work.schedule((due("a", 7), due("a", 9.5, attempts=3)))
    assert work.scheduled("look") == {"a": due("a", 9.5, attempts=3)}
    work.schedule(())
    assert len(work.scheduled("look")) == 1


def test_dropping_forgets_only_what_is_named(work: Work) -> None:
    """Rows of another kind with the same key stay, and dropping what is not there is no error."""
    work.schedule((due("a", 0), due("b", 0), due("a", 0, kind="poll")))
    work.drop("look", ["a", "nobody"])
    work.drop("look", [])
    assert set(work.scheduled("look")) == {"b"}
    assert set(work.scheduled("poll")) == {"a"}


def test_thousands_at_once(work: Work) -> None:
    """More rows than a statement has room for are scheduled and dropped in one call."""
    work.schedule([due(f"n{number}", 0) for number in range(3000)])
    assert len(work.due("look", NOW, 5000)) == 3000
    work.drop("look", [f"n{number}" for number in range(2999)])
    assert set(work.scheduled("look")) == {"n2999"}


def test_notes_are_kept_and_overwritten(work: Work) -> None:
    """A note is the last value put under its key, whatever is in it."""
    assert work.get("psl") is None
    work.put("psl", "")
    assert work.get("psl") == ""
    work.put("psl", '{"ü": "%s\n"}')
    assert work.get("psl") == '{"ü": "%s\n"}'
    assert work.get("other") is None


def test_many_rows_and_notes_are_read_together(work: Work) -> None:
    """Some keys at once: those that are there, in the order asked for; what is unknown is left out."""
    work.schedule([due(f"n{number}", number) for number in range(1200)])
    asked = [f"n{number}" for number in range(1300, 0, -1)]
    assert [row.key for row in work.rows("look", asked)] == [f"n{number}" for number in range(1199, 0, -1)]
    assert work.rows("poll", asked) == ()
    work.put("a", "1")
    work.put("b", "2")
    assert work.notes(["b", "c", "a"]) == {"a": "1", "b": "2"}
    work.flush()
    assert work.notes(["a"]) == {"a": "1"}
