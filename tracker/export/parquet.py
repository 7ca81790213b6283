"""The tables of the data package as Parquet, typed by the same schema, written by DuckDB."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from tracker.export.columns import Column, Kind, Table
from tracker.export.files import Files, missing, write_package_files
from tracker.export.package import csv_tables
from tracker.export.schema import PACKAGE
from tracker.export.selection import EVERYTHING, Selection, Shown, selected
from tracker.model.history import History
from tracker.model.views import Views

TYPES: Mapping[Kind, str] = {
    Kind.TEXT: "VARCHAR",
    Kind.LIST: "VARCHAR[]",
    Kind.INTEGER: "BIGINT",
    Kind.NUMBER: "DOUBLE",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.MOMENT: "TIMESTAMPTZ",
    Kind.DURATION: "BIGINT",
}


class ParquetTables:
    """`parquet/*.parquet`: moments as TIMESTAMPTZ, lists as lists, everything else as in the CSV."""

    id = "parquet"

    def files(self, shown: Shown) -> Files:
        """One file per table; raises MissingPart without DuckDB. One thread, so that equal rows give equal bytes."""
        try:
            import duckdb  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise missing("parquet", "duckdb") from error
        found = {}
        with TemporaryDirectory() as folder, duckdb.connect() as connection:
            connection.execute("SET threads = 1; SET TimeZone = 'UTC'")
            for name, (_, body) in csv_tables(shown).items():
                place = Path(folder) / name
                place.with_suffix(".csv").write_bytes(body)
                table = next(table for table in PACKAGE if table.name == name)
                connection.execute(_copy(table, place))
                found[f"parquet/{name}.parquet"] = place.with_suffix(".parquet").read_bytes()
        return found

    def write(self, history: History, views: Views, target: Path, selection: Selection = EVERYTHING) -> None:
        """Write them below `target`, with `SHA256SUMS`."""
        write_package_files(self.files(selected(history, views, selection)), target)


def _copy(table: Table, place: Path) -> str:
    """Read as text and cast by the schema: nothing is guessed from the data, so that columns keep their types."""
    raw = ", ".join(f"'{column.name}': 'VARCHAR'" for column in table.columns)
    cast = ", ".join(_cast(column) for column in table.columns)
    return (
        f"COPY (SELECT {cast} FROM read_csv('{place.with_suffix('.csv')}', header = true, quote = '\"', escape = '\"', "
        f"delim = ',', nullstr = '', auto_detect = false, columns = {{{raw}}})) "
        f"TO '{place.with_suffix('.parquet')}' (FORMAT parquet, COMPRESSION zstd)"
    )


def _cast(column: Column) -> str:
    name = f'"{column.name}"'
    value = f"string_split({name}, ';')" if column.kind is Kind.LIST else f"CAST({name} AS {TYPES[column.kind]})"
    return f"{value} AS {name}"
