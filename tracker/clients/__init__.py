"""I/O: one protocol each, typed replies, typed errors."""
