"""Ids that stay the same from one package to the next: UUIDv5 of stable keys, never of row numbers."""

from uuid import UUID, uuid5

NAMESPACE = UUID("8a7f6f0e-52b5-5c0e-9d0a-3f5f2b6f8f11")
"""Fixed for ever: changing it would orphan every id published so far."""


def stable_id(kind: str, *parts: object) -> str:
    """UUIDv5 of a kind and its natural key; equal keys give equal ids in every package."""
    return str(uuid5(NAMESPACE, "\x1f".join((kind, *(str(part) for part in parts)))))


def domain_id(name: str) -> str:
    """The id of a name, whatever role it plays."""
    return stable_id("domain", name)
