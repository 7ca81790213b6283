"""The codebook, written from the schema itself so that it cannot lag behind."""

from collections.abc import Iterable, Iterator

from tracker.export.columns import Column, Kind, Table
from tracker.export.schema import DOCUMENTED, SCHEMA_VERSION

WRITTEN = {
    Kind.TEXT: "text",
    Kind.LIST: "list, `;` between values",
    Kind.INTEGER: "integer",
    Kind.NUMBER: "number",
    Kind.BOOLEAN: "`true` or `false`",
    Kind.MOMENT: "UTC, `2024-09-05T06:00:00Z`",
    Kind.DURATION: "integer, seconds",
}

PREFACE = f"""# Codebook

Schema {SCHEMA_VERSION}. Files are CSV by RFC 4180 in UTF-8 without a byte-order mark, one header row, lines ending in
CRLF, sorted by key, and the same bytes for the same data. Columns do not come and go with the data.

- **Empty means missing**, never zero and never "no". What could not be told is written as such (`INDETERMINATE`,
  `unknown`, `uncertain`).
- **Moments** are UTC. Where a source gives only a day, the cell is that day's midnight and a `*_precision` column says
  `day`.
- **Bounds**: a pair `*_lo`, `*_hi` says that the moment lies after the first and no later than the second. An empty end
  is unbounded.
- **Names** are real, in lower-case A-labels, because this is data. Do not open them; do not publish them as links.
- **Text that a spreadsheet would run as a formula** has an apostrophe in front. A `;` inside a list value is written as
  `,`.
- **Ids** are UUIDv5 of stable keys: the same thing has the same id in every package.
- **In the public profile** (`reviewed_only` in `manifest.json`) every table, counts and curves included, is made from
  the names that an analyst called a replacement: 0 says that nobody was judged so yet, not that nothing came back.
- **Nothing here names a registrant**, and rows resting on sources marked above TLP:GREEN are left out.
- **Control labels**, which measure chance, are strangers' names: they are counted and never named, except in packages
  made for in-house use, where their role is `control`.
"""


def codebook(tables: Iterable[Table] = DOCUMENTED) -> str:
    """The codebook as Markdown, one section per table."""
    return "\n".join([PREFACE, *(line for table in tables for line in _section(table))])


def _section(table: Table) -> Iterator[str]:
    yield f"## `{table.name}`: {table.title[0].lower()}{table.title[1:]}\n"
    yield table.description
    yield f"\nKey: {', '.join(f'`{name}`' for name in table.primary_key)}."
    for key in table.foreign_keys:
        yield f"`{key.column}` refers to `{key.to_table}.{key.to_column}`."
    yield "\n| column | written as | meaning |\n| --- | --- | --- |"
    for column in table.columns:
        written = WRITTEN[column.kind] + (", required" if column.required else "")
        yield f"| `{column.name}` | {written} | {_meaning(column)} |"
    yield ""


def _meaning(column: Column) -> str:
    if not column.categories:
        return column.description
    return f"{column.description} One of {', '.join(f'`{value}`' for value in column.categories)}."
