"""Is the name delegated: the question put to its parent's own servers, unseen by whoever runs the name."""

from collections.abc import AsyncIterator, Sequence

from tracker.clients.dns import DnsClient
from tracker.clients.dnssweep import Answer
from tracker.model.facts import Batch, Facts, Layer, Observation, Presence
from tracker.model.names import DomainName
from tracker.ports import Clock


class DelegationProbe:
    """`ports.Probe` at DELEGATED. ABSENT means no delegation at the parent; the name may still be registered."""

    id = "delegation"
    layer = Layer.DELEGATED

    def __init__(self, client: DnsClient, clock: Clock, vantage: str) -> None:
        self._client, self._clock, self._vantage = client, clock, vantage

    async def observe(self, names: Sequence[DomainName]) -> AsyncIterator[Batch]:
        """One look per distinct name, all in one batch, dated when the last answer was in."""
        answers = await self._client.delegations(names)
        at = self._clock.now()
        yield Batch(
            observations=tuple(
                Observation(
                    name=answer.name,
                    probe=self.id,
                    layer=self.layer,
                    vantage=self._vantage,
                    at=at,
                    presence=answer.presence,
                    reason=answer.reason,
                    facts=_facts(answer),
                )
                for answer in answers
            )
        )


def _facts(answer: Answer) -> Facts:
    # Servers that only a resolver named may be as old as its cache.
    present = answer.presence is Presence.PRESENT
    return {"ns": answer.name_servers} if present and answer.name_servers else {}
