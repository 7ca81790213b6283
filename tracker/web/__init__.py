"""What other machines may ask a running tracker: how it is, in two pages on a local port."""
