"""Reading where a source was left."""

import json
from typing import Any

from tracker.model.facts import Cursor


class DamagedCursor(ValueError):
    """Where a source was left cannot be read; it is never guessed, since what lay between would be lost silently."""


def remembered(cursor: Cursor | None) -> dict[str, Any]:
    """What the cursor says, as an object; empty where there is none yet. Raises DamagedCursor."""
    if cursor is None:
        return {}
    try:
        found = json.loads(cursor.state)
    except ValueError as error:
        raise DamagedCursor(f"what is remembered of {cursor.source} is damaged: {error}") from error
    if not isinstance(found, dict):
        raise DamagedCursor(f"what is remembered of {cursor.source} is damaged: no object")
    return found
