"""A small internet on loopback, and the scenarios replayed in it."""
