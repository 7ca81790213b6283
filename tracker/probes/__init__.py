"""I/O: names become observations."""
