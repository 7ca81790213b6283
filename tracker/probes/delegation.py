"""Is the name delegated: the question put to its parent's own servers, unseen by whoever runs the name."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from tracker.clients.dns import DnsClient
from tracker.clients.dnssweep import Answer
from tracker.model.facts import Artefact, Batch, Facts, Layer, Observation, Presence
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
        answers = await self._client.delegations(names, keep=True)
        at = self._clock.now()
        replies = {answer.name: _reply(answer, at, self._vantage) for answer in answers if answer.packet}
        yield Batch(
            artefacts=tuple({reply.artefact_id: reply for reply in replies.values()}.values()),
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
                    artefact_ids=(replies[answer.name].artefact_id,) if answer.name in replies else (),
                )
                for answer in answers
            ),
        )


def _reply(answer: Answer, at: datetime, vantage: str) -> Artefact:
    """The reply as it came, but for its message id: that was drawn by us, and without it equal replies are equal."""
    body = bytes(2) + answer.packet[2:]
    return Artefact(
        artefact_id=hashlib.sha256(body).hexdigest(),
        kind="dns",
        media_type="application/dns-message",
        body=body,
        source_url=f"dns://{answer.server}/{answer.name}?type=NS",
        retrieved_at=at,
        vantage=vantage,
    )


def _facts(answer: Answer) -> Facts:
    # Servers that only a resolver named may be as old as its cache.
    present = answer.presence is Presence.PRESENT
    return {"ns": answer.name_servers} if present and answer.name_servers else {}
