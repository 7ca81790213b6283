"""The databases of the storage tests."""

from tests.storage.conftest import postgres

__all__ = ["postgres"]
