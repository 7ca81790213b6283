"""Measures how influence operations come back after their domains are taken down."""

__version__ = "0.1.0"
