"""One file per group of commands; no logic."""
