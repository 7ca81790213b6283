"""The lab's CAs: deterministic, and good enough for a TLS library that is strict."""

import ssl
from datetime import UTC, datetime

import httpx
import pytest

from tests.virtual import on_virtual_time
from tracker.lab.authority import Authority, by_server_name, candidates, infrastructure
from tracker.lab.http import Response, serve

FIRST, LAST = datetime(2024, 9, 1, tzinfo=UTC), datetime(2024, 11, 30, tzinfo=UTC)


def test_the_seed_decides_every_byte() -> None:
    """Two authorities of one seed issue equal certificates; another seed or title issues others."""
    same = [infrastructure(1).issue(["rdap.example"], not_before=FIRST, not_after=LAST).der for _ in range(2)]
    assert same[0] == same[1]
    assert same[0] != infrastructure(2).issue(["rdap.example"], not_before=FIRST, not_after=LAST).der
    assert same[0] != candidates(1).issue(["rdap.example"], not_before=FIRST, not_after=LAST).der


def test_one_owner_keeps_one_key() -> None:
    """Renewals share the public key of their first name, as evidence rules expect of one owner."""
    authority = candidates(1)
    first = authority.issue(["rrn.so", "www.rrn.so"], not_before=FIRST, not_after=LAST)
    second = authority.issue(["rrn.so"], not_before=LAST, not_after=LAST)
    assert first.key.private_numbers() == second.key.private_numbers()
    assert first.certificate.serial_number != second.certificate.serial_number


async def _get(authority: Authority, host: str, trusted: ssl.SSLContext) -> int:
    def pick(name: str) -> ssl.SSLContext | None:
        return authority.server_context(name) if name.endswith(".example") else None

    server = await serve(lambda _: Response(204), by_server_name(authority.server_context("fallback.example"), pick))
    try:
        async with httpx.AsyncClient(verify=trusted, trust_env=False) as client:
            reply = await client.get(f"https://127.0.0.1:{server.port}/", extensions={"sni_hostname": host})
            return reply.status_code
    finally:
        await server.close()


def test_clients_that_trust_the_ca_connect() -> None:
    """A strict client that trusts the CA accepts the certificate picked by server name."""
    authority = infrastructure(1)
    trusted = authority.client_context()
    trusted.verify_flags |= ssl.VERIFY_X509_STRICT
    assert on_virtual_time(_get(authority, "rdap.example", trusted)) == 204


@pytest.mark.parametrize("host", ["rdap.example", "rdap.elsewhere"])
def test_others_do_not_connect(host: str) -> None:
    """Another CA's trust does not do, and a name without certificate is refused in the handshake."""
    trusted = infrastructure(2).client_context() if host == "rdap.example" else infrastructure(1).client_context()
    with pytest.raises(httpx.ConnectError):
        on_virtual_time(_get(infrastructure(1), host, trusted))


def test_equal_arguments_share_a_context() -> None:
    """Contexts are cached, so that a thousand handshakes do not sign a thousand certificates."""
    authority = candidates(1)
    assert authority.server_context("a.example") is authority.server_context("a.example")
    assert authority.server_context("a.example") is not authority.server_context("a.example", not_after=LAST)
