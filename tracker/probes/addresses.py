"""Does the name resolve, and what does it publish, asked at its own name servers. Their operator can see that."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from tracker.clients.dns import DnsClient
from tracker.clients.dnssweep import Answer
from tracker.model.facts import Batch, Facts, Layer, Observation, Presence, Reason
from tracker.model.names import DomainName
from tracker.ports import Clock


class AddressProbe:
    """`ports.Probe` at RESOLVING. PRESENT means an address is published, not that anything answers there.

    What the parent does not delegate does not resolve: ABSENT with the parent's reason, and nobody else is asked.
    """

    id = "addresses"
    layer = Layer.RESOLVING

    def __init__(self, client: DnsClient, clock: Clock, vantage: str) -> None:
        self._client, self._clock, self._vantage = client, clock, vantage

    async def observe(self, names: Sequence[DomainName]) -> AsyncIterator[Batch]:
        """One look per distinct name, all in one batch; the parents are asked first for the name servers."""
        answers = await self._client.delegations(names)
        yield Batch(observations=tuple(await asyncio.gather(*(self._look(answer) for answer in answers))))

    async def _look(self, answer: Answer) -> Observation:
        presence, reason, facts = answer.presence, answer.reason, dict[str, tuple[str, ...]]()
        if presence is Presence.PRESENT:
            profile = await self._client.profile(answer.name, answer.name_servers or ())
            presence, reason, facts = profile.presence, profile.reason, profile.facts
        elif presence is Presence.ABSENT and reason is not Reason.NXDOMAIN:
            # Names can live in the parent zone without a delegation, and then only the parent knows their addresses.
            presence, reason = Presence.INDETERMINATE, Reason.NO_SERVER
        return self._observation(answer.name, presence, reason, facts)

    def _observation(self, name: DomainName, presence: Presence, reason: Reason, facts: Facts) -> Observation:
        return Observation(
            name=name,
            probe=self.id,
            layer=self.layer,
            vantage=self._vantage,
            at=self._clock.now(),
            presence=presence,
            reason=reason,
            facts=facts,
        )
