"""Pure: which names might they register next (generate), does this name match (matcher)."""
