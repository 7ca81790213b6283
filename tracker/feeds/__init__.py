"""I/O: lists become actions, takedowns and claims."""
