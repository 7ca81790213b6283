"""What every test relies on: nothing leaves loopback."""

import ipaddress
import socket
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# The same examples every time: a suite must not pass or fail by luck. `make fuzz` is where new examples are looked for.
settings.register_profile("steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")


class LeftLoopback(AssertionError):
    """A test tried to reach an address outside this machine."""


def _allowed(address: object) -> bool:
    if not isinstance(address, tuple):
        return True  # a path of a Unix socket
    host = str(address[0]).partition("%")[0]
    try:
        return ipaddress.ip_address(host).is_loopback or host in {"", "0.0.0.0"}
    except ValueError:
        return host in {"localhost", ""}


@pytest.fixture(autouse=True, scope="session")
def stay_on_loopback() -> Iterator[None]:
    """Make any connection or datagram to another machine fail at once, whoever sends it."""
    real = {name: getattr(socket.socket, name) for name in ("connect", "connect_ex", "sendto")}

    def guarded(name: str):
        def call(self: socket.socket, *arguments: object):
            address = arguments[-1]
            if self.family in (socket.AF_INET, socket.AF_INET6) and not _allowed(address):
                raise LeftLoopback(f"{name} to {address}")
            return real[name](self, *arguments)

        return call

    for name in real:
        setattr(socket.socket, name, guarded(name))
    yield
    for name, method in real.items():
        setattr(socket.socket, name, method)
