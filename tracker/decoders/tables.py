"""The shape of a watchlist: tables where tables belong, texts where texts do. What has another shape is left out."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

_TABLES = frozenset({"operation", "action", "list"})
_ROWS = frozenset({"takedown", "claim", "protected", "watch"})
_LISTS = frozenset({"sources", "aliases", "own", "friendly"})

Refuse = Callable[[object, str], None]


def shaped(document: Mapping[str, Any], refuse: Refuse) -> dict[str, Any]:
    """The document without what a reader of rows could trip over; `refuse` is told of all that was left out.

    Cells are texts, dates, or lists of texts; numbers become text. Unknown sections stay as they are, to be named.
    """
    found: dict[str, Any] = {}
    for section, value in document.items():
        if section in _ROWS:
            rows = value if isinstance(value, list) else [value]
            found[section] = [_cells(section, row, refuse) for row in rows if _is_table(section, row, refuse)]
        elif section == "sources":
            rows = value if _is_table(section, value, refuse) else {}
            found[section] = {
                key: _cells(section, row, refuse) for key, row in rows.items() if _is_table(section, row, refuse)
            }
        elif section not in _TABLES:
            found[section] = value
        elif _is_table(section, value, refuse):
            found[section] = _cells(section, value, refuse)
    return found


def _is_table(section: str, value: object, refuse: Refuse) -> bool:
    if not isinstance(value, dict):
        refuse(section, f"[{section}] holds something that is no table")
    return isinstance(value, dict)


def _cells(section: str, row: Mapping[str, Any], refuse: Refuse) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in row.items():
        cell = str(value) if isinstance(value, (int, float)) else value
        if section == "list" and key == "columns":
            fits = isinstance(cell, dict) and all(isinstance(each, str) for each in cell.values())
        elif key in _LISTS:
            fits = isinstance(cell, list) and all(isinstance(each, str) for each in cell)
        else:
            fits = isinstance(cell, (str, date, datetime))
        if fits:
            found[key] = cell
        else:
            refuse(key, f"{section}.{key} has the wrong shape")
    return found
