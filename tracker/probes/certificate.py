"""The certificate that a name's server shows in the TLS handshake. Nothing is asked of the site itself.

Certificate errors are what is being observed, so the TLS library verifies nothing; validity is judged at `Clock.now()`.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from tracker.clients.guard import unverified_context
from tracker.clients.proxy import Proxy
from tracker.decoders.certificates import Certificate, CertificateError, describe
from tracker.model.facts import NO_FACTS, Artefact, Batch, Facts, Layer, Observation, Presence, Reason
from tracker.model.names import DomainName
from tracker.model.times import iso
from tracker.ports import Budget, Clock, Dial

PORT = 443
TOGETHER = 20
ADDRESSES_TRIED = 2


class _Unseen(Exception):
    """No certificate was seen; `reason` says why. It says nothing about whether the name exists."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class CertificateProbe:
    """One handshake per name on port 443. `check` says why an address must not be connected to.

    What a browser would complain of is among the facts (`errors`); the chain above the certificate is not judged, as
    servers leave parts of it out and authorities differ between machines.
    """

    id = "certificate"
    layer = Layer.SERVING

    def __init__(
        self,
        dial: Dial,
        check: Callable[[str], str | None],
        budget: Budget,
        clock: Clock,
        vantage: str,
        *,
        proxy: Proxy | None = None,
        timeout: float = 10.0,
    ) -> None:
        self._dial = dial
        self._proxy = proxy
        self._check = check
        self._budget = budget
        self._clock = clock
        self._vantage = vantage
        self._timeout = timeout
        self._context = unverified_context()

    async def observe(self, names: Sequence[DomainName]) -> AsyncIterator[Batch]:
        """One look per name, some names together, in their order. A refused or broken handshake is INDETERMINATE."""
        for group in _groups(names, TOGETHER):
            looks = await asyncio.gather(*(self._look(name) for name in group))
            kept = {artefact.artefact_id: artefact for _, artefact in looks if artefact is not None}
            yield Batch(observations=tuple(look for look, _ in looks), artefacts=tuple(kept.values()))

    async def _look(self, name: DomainName) -> tuple[Observation, Artefact | None]:
        try:
            der = await self._handshake(name)
            certificate = describe(der)
        except _Unseen as unseen:
            return self._observation(name, Presence.INDETERMINATE, unseen.reason), None
        except CertificateError:
            return self._observation(name, Presence.INDETERMINATE, Reason.MALFORMED), None
        now = self._clock.now()
        artefact = Artefact(
            artefact_id=certificate.sha256,
            kind="certificate",
            media_type="application/pkix-cert",
            body=der,
            source_url=f"tls://{name}:{PORT}",
            retrieved_at=now,
            vantage=self._vantage,
        )
        facts = facts_of(certificate, name, now)
        return self._observation(name, Presence.PRESENT, Reason.CERTIFICATE, facts, (certificate.sha256,)), artefact

    async def _handshake(self, name: DomainName) -> bytes:
        try:
            async with asyncio.timeout(self._timeout):
                addresses = tuple(await self._dial.addresses(name))
        except TimeoutError as error:
            raise _Unseen(Reason.TIMEOUT) from error
        except OSError as error:
            raise _Unseen(Reason.UNREACHABLE) from error
        if any(self._check(address) is not None for address in addresses):
            raise _Unseen(Reason.BLOCKED_ADDRESS)
        reason = Reason.UNREACHABLE
        for address in addresses[:ADDRESSES_TRIED]:
            await self._budget.take(address)
            try:
                return await self._shown(name, address)
            except TimeoutError:
                reason = Reason.TIMEOUT
            except (ssl.SSLError, ConnectionResetError, ConnectionAbortedError, ValueError):  # in the handshake
                reason = Reason.TLS_ERROR
            except OSError:
                reason = Reason.UNREACHABLE
        raise _Unseen(reason)

    async def _shown(self, name: DomainName, address: str) -> bytes:
        async with asyncio.timeout(self._timeout):
            if self._proxy is None:
                host, port = self._dial.endpoint(address, PORT)
                _, writer = await asyncio.open_connection(host, port, ssl=self._context, server_hostname=name)
            else:
                _, writer = await self._proxy.stream(address, PORT)
                await writer.start_tls(self._context, server_hostname=name)
        try:
            line: ssl.SSLObject = writer.get_extra_info("ssl_object")
            der = line.getpeercert(binary_form=True)
        finally:
            writer.transport.abort()
        if not der:
            raise ssl.SSLError("the server showed no certificate")
        return der

    def _observation(
        self,
        name: DomainName,
        presence: Presence,
        reason: Reason,
        facts: Facts = NO_FACTS,
        artefact_ids: tuple[str, ...] = (),
    ) -> Observation:
        return Observation(
            name=name,
            probe=self.id,
            layer=self.layer,
            vantage=self._vantage,
            at=self._clock.now(),
            presence=presence,
            reason=reason,
            facts=facts,
            artefact_ids=artefact_ids,
        )


def covers(names: Sequence[str], host: str) -> bool:
    """Whether a certificate with these names holds for `host`: equal, or a wildcard in place of its first label."""
    wanted = {host, "*." + host.partition(".")[2]}
    return any(name.lower().rstrip(".") in wanted for name in names)


def facts_of(certificate: Certificate, name: DomainName, now: datetime) -> Facts:
    """Facts of an observation at `now`."""
    errors = tuple(_errors(certificate, name, now))
    return {
        "sha256": (certificate.sha256,),
        "spki_sha256": (certificate.spki_sha256,),
        "issuer": (certificate.issuer,),
        "names": tuple(sorted(set(certificate.names))),
        "not_before": (iso(certificate.not_before),),
        "not_after": (iso(certificate.not_after),),
        "valid": ("no" if errors else "yes",),
        **({"errors": errors} if errors else {}),
    }


def _errors(certificate: Certificate, name: str, now: datetime) -> Iterator[str]:
    if now > certificate.not_after:
        yield "expired"
    if now < certificate.not_before:
        yield "not_yet_valid"
    if certificate.is_self_signed:
        yield "self_signed"
    if not covers(certificate.names, name):
        yield "wrong_name"


def _groups(names: Sequence[DomainName], size: int) -> Iterator[list[DomainName]]:
    source = iter(names)
    while group := list(islice(source, size)):
        yield group
