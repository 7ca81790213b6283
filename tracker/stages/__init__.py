"""The use cases: poll, discover, observe, derive, publish."""
