"""Views become files."""
