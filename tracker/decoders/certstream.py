"""Messages of a certstream server: JSON text to the names of one certificate. Whatever it says is unverified."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

LONGEST = 1_000_000
"""Characters; a certificate with a chain is a few thousand."""


class NotCertstream(ValueError):
    """The text is no message of a certstream server."""


@dataclass(frozen=True, slots=True)
class Streamed:
    """One certificate as told: its names, which log had it at which index, and when the server saw it.

    `seen` is the server's moment, not the log's: it dates nothing. Empty or None where the message does not say.
    """

    names: tuple[str, ...]
    log: str = ""
    index: str = ""
    seen: datetime | None = None


def read(text: str | bytes) -> Streamed | None:
    """The certificate of a message in the full, lite or domains-only form; None for a heartbeat.

    Raises NotCertstream.
    """
    if len(text) > LONGEST:
        raise NotCertstream(f"a message of {len(text)} characters")
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotCertstream(f"not JSON: {error}") from error
    kind, data = _field(message, "message_type"), _field(message, "data")
    if kind == "dns_entries":
        return Streamed(_texts(data))
    if kind == "certificate_update":
        leaf = _field(data, "leaf_cert")
        names = _texts(_field(leaf, "all_domains")) or _texts([_field(_field(leaf, "subject"), "CN")])
        source = _field(data, "source")
        index = _field(data, "cert_index")
        return Streamed(
            names,
            log=_text(_field(source, "url")) or _text(_field(source, "name")),
            index=str(index) if isinstance(index, int) and not isinstance(index, bool) else "",
            seen=_moment(_field(data, "seen")),
        )
    if kind == "heartbeat":
        return None
    raise NotCertstream(f"an unknown type of message: {str(kind)[:40]}")


def _field(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, dict) else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    return tuple(text for text in value if isinstance(text, str) and text) if isinstance(value, list) else ()


def _moment(value: object) -> datetime | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None
