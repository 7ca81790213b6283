"""The schema: complete, consistent, and the only source of the codebook."""

from dataclasses import fields
from pathlib import Path

import pytest

from tracker.analysis.measurement import MeasurementRow
from tracker.export.codebook import codebook
from tracker.export.columns import Table
from tracker.export.schema import DOCUMENTED, PACKAGE
from tracker.export.schema_counts import MEASUREMENT

BY_NAME = {table.name: table for table in DOCUMENTED}
CONTRACT = {
    "domains", "observations", "sweeps", "episodes", "replacements", "actions", "takedowns", "claims", "evidence",
    "artefacts", "lifetimes_summary", "survival_curves", "replacement_curve", "tombstones",
}  # fmt: skip


def test_contract_tables_are_there() -> None:
    """Every table that users were promised is part of the package."""
    assert {table.name for table in PACKAGE} >= CONTRACT
    assert len(BY_NAME) == len(DOCUMENTED)


@pytest.mark.parametrize("table", DOCUMENTED, ids=lambda table: table.name)
def test_columns_are_described(table: Table) -> None:
    """Names are snake_case, descriptions are sentences, keys are required."""
    for column in table.columns:
        assert column.name == column.name.lower()
        assert " " not in column.name
        assert len(column.description) > 3
        assert column.description.rstrip("`").endswith((".", "…"))
    required = {column.name for column in table.columns if column.required}
    assert set(table.primary_key) <= required


@pytest.mark.parametrize("table", PACKAGE, ids=lambda table: table.name)
def test_foreign_keys_point_at_keys(table: Table) -> None:
    """A foreign key refers to the whole primary key of a table of the package."""
    for key in table.foreign_keys:
        assert BY_NAME[key.to_table].primary_key == (key.to_column,)


def test_measurement_has_the_columns_of_its_rows() -> None:
    """The measurement is written with the fields of its rows, in their order."""
    assert MEASUREMENT.names == tuple(field.name for field in fields(MeasurementRow))


def test_codebook_says_all() -> None:
    """Every column of every table stands in the codebook with its vocabulary."""
    written = codebook()
    for table in DOCUMENTED:
        section = written[written.index(f"## `{table.name}`") :].partition("\n## ")[0]
        for column in table.columns:
            assert f"| `{column.name}` |" in section
            assert all(f"`{value}`" in section for value in column.categories)


def test_the_page_is_up_to_date() -> None:
    """docs/codebook.md is what the schema says today; `make docs` writes it."""
    page = Path(__file__).parents[2] / "docs" / "codebook.md"
    assert page.read_text(encoding="utf-8") == codebook()
