"""Pure: log in, views out. No I/O, no clock."""
