"""Nouns as rows: typed columns, nothing lost."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlmodel import SQLModel

from tests.contract_log import SOURCE, T0, WATCH, sighting, takedown
from tracker.model import acts, facts, watching
from tracker.model.names import DomainName
from tracker.model.times import Bounds, Precision, When
from tracker.storage import log_tables as tables
from tracker.storage import look_tables
from tracker.storage.rows import columns_of, digest, from_row, to_row

TABLES: dict[type, type[SQLModel]] = {
    facts.Run: tables.RunRow,
    facts.Canary: look_tables.CanaryRow,
    watching.Operation: tables.OperationRow,
    watching.Action: tables.ActionRow,
    watching.Takedown: tables.TakedownRow,
    watching.Claim: tables.ClaimRow,
    watching.Watch: tables.WatchRow,
    facts.Sighting: tables.SightingRow,
    facts.Gap: tables.GapRow,
    facts.Review: tables.ReviewRow,
    acts.Mute: tables.MuteRow,
    acts.Complaint: tables.ComplaintRow,
    facts.Artefact: tables.ArtefactRow,
}
OWN = {"row_id", "recorded_at", "append_id", "key", "digest", "size"}


@pytest.mark.parametrize("kind", TABLES, ids=lambda kind: kind.__name__)
def test_every_field_has_its_column(kind: type) -> None:
    """A field added to a noun without a column would be lost; a column without a field would stay empty."""
    assert set(columns_of(kind)) == set(TABLES[kind].model_fields) - OWN


def test_a_takedown_is_readable_in_the_file() -> None:
    """Who opens the database sees plain values, not objects."""
    row = to_row(takedown("rrn.media"))
    assert row["domain"] == "rrn.media"
    assert row["cohort"] == "own_brand"
    assert (row["effective_lo"], row["effective_hi"]) == (T0, None)
    assert row["sources"].startswith('[["doj",')


@pytest.mark.parametrize("noun", [WATCH, takedown("a.so"), sighting("b.so", T0, serial=("1",), issuer=("Ü",))], ids=str)
def test_rows_go_back_to_nouns(noun: object) -> None:
    """With the columns of the table among them."""
    row = {**to_row(noun), "row_id": 7, "digest": b""}
    again = from_row(type(noun), row)
    assert again == noun
    assert {field.name: type(getattr(again, field.name)) for field in fields(WATCH) if hasattr(again, field.name)} == {
        field.name: type(getattr(noun, field.name)) for field in fields(WATCH) if hasattr(noun, field.name)
    }


def test_open_bounds_and_no_day_stay_apart() -> None:
    """An unknown moment, a moment with unknown precision and a day are three statements."""
    for when in (None, When(T0, Precision.UNKNOWN), When(T0, Precision.DAY)):
        claim = watching.Claim(kind=watching.ClaimKind.REGISTERED, domain=DomainName("a.so"), source=SOURCE, when=when)
        assert from_row(watching.Claim, to_row(claim)) == claim


def test_digests_tell_contents_apart() -> None:
    """Equal instants in different zones are equal; every other difference counts, also one of a microsecond."""
    elsewhere = T0.astimezone(timezone(timedelta(hours=5)))
    assert digest([T0]) == digest([elsewhere])
    contents = [[T0], [T0 + timedelta(microseconds=1)], [str(T0)], [None], [""], ["", ""], [0], [False], [["", ""]]]
    assert len({digest(content) for content in contents}) == len(contents)
    with pytest.raises(ValueError, match="naive"):
        digest([T0.replace(tzinfo=None)])


def test_times_are_kept_to_the_microsecond() -> None:
    """A row holds what the noun said, in UTC."""
    at = datetime(2024, 9, 4, 17, 0, 0, 1, tzinfo=timezone(timedelta(hours=2)))
    assert to_row(sighting("a.so", at))["at"] == datetime(2024, 9, 4, 15, 0, 0, 1, tzinfo=UTC)
    assert to_row(takedown("a.so"))["effective_lo"] == Bounds(T0, None).lo
