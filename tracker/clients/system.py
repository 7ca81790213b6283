"""The machine as the product meets it: its clock, its resolver, its trusted authorities, its randomness."""

import asyncio
import random
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tracker.ports import Clock, Dial


@dataclass(frozen=True, slots=True)
class Outside:
    """What comes from outside the program: the time, the way to sockets, whom to trust, and chance."""

    clock: Clock
    dial: Dial
    trust: ssl.SSLContext
    rng: random.Random


class SystemClock:
    """The machine's clock, aware UTC."""

    def now(self) -> datetime:
        """The present."""
        return datetime.now(UTC)


class SystemDial:
    """The machine's resolver and real addresses."""

    async def addresses(self, host: str) -> Sequence[str]:
        """What the resolver says; raises OSError."""
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(str(entry[4][0]) for entry in found))

    def endpoint(self, address: str, port: int) -> tuple[str, int]:
        """The address itself."""
        return (address, port)


def expired(ca_file: str, now: datetime) -> str:
    """Why nobody will be trusted by this PEM file at `now`: all authorities in it have expired. Empty when one has not.

    Raises ValueError for a file that cannot be read.
    """
    from cryptography.x509 import load_pem_x509_certificates  # noqa: PLC0415 - only where a bundle is set

    try:
        ends = [row.not_valid_after_utc for row in load_pem_x509_certificates(Path(ca_file).read_bytes())]
    except OSError as error:
        raise ValueError(f"identity.ca_file: {ca_file}: {error.strerror}") from error
    except ValueError as error:
        raise ValueError(f"identity.ca_file: {ca_file}: no certificate in PEM form can be read from it") from error
    if max(ends) > now:
        return ""
    return f"identity.ca_file: {ca_file}: every authority in it has expired, the last on {max(ends):%Y-%m-%d}"


def machine(ca_file: str) -> Outside:
    """The real outside, trusting `ca_file` (PEM) beside the system's authorities; raises ValueError if unreadable."""
    trust = ssl.create_default_context()
    if ca_file:
        try:
            trust.load_verify_locations(ca_file)
        except ssl.SSLError as error:
            raise ValueError(f"identity.ca_file: {ca_file}: no certificate in PEM form can be read from it") from error
        except OSError as error:
            raise ValueError(f"identity.ca_file: {ca_file}: {error.strerror}") from error
    return Outside(clock=SystemClock(), dial=SystemDial(), trust=trust, rng=random.SystemRandom())
