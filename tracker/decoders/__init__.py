"""Pure: bytes and text in, facts out."""
