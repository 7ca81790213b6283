"""Is the name registered, asked at its registry by RDAP, else by WHOIS. Whoever runs the name cannot see it."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from tracker.clients.rdap import RdapClient, RdapReply
from tracker.clients.whois import WhoisAnswer, WhoisClient
from tracker.decoders import rdap as rdap_decoder
from tracker.decoders import whois as whois_decoder
from tracker.lookalikes.suffixes import Split
from tracker.model.facts import Artefact, Batch, Facts, Layer, Observation, Presence, Reason
from tracker.model.names import DomainName
from tracker.model.times import Precision, from_iso, iso
from tracker.ports import Clock, Notes, answered_key

PRESENT: Final = frozenset({Reason.RDAP_FOUND, Reason.WHOIS_FOUND})
ABSENT: Final = frozenset({Reason.RDAP_NOT_FOUND, Reason.WHOIS_NOT_FOUND})
_COARSEST_FIRST: Final = (Precision.UNKNOWN, Precision.MONTH, Precision.DAY, Precision.SECOND)


class Registered(Protocol):
    """What RDAP and WHOIS both state of a registered name."""

    @property
    def registered_at(self) -> datetime | None: ...
    @property
    def expires_at(self) -> datetime | None: ...
    @property
    def updated_at(self) -> datetime | None: ...
    @property
    def precisions(self) -> Mapping[str, Precision]: ...
    @property
    def registrar(self) -> str: ...
    @property
    def registrar_iana_id(self) -> str: ...
    @property
    def abuse_email(self) -> str: ...
    @property
    def name_servers(self) -> tuple[str, ...]: ...
    @property
    def statuses(self) -> tuple[str, ...]: ...
    @property
    def withheld(self) -> tuple[str, ...]: ...


def facts_of(stated: Registered, via: str) -> Facts:
    """Facts of an observation. `precision` is that of `registered_at` (of the coarsest date when that one is missing).

    Name servers here are the registry's copy, which lags: the parent zone is what counts.
    """
    precisions = dict(stated.precisions)
    first = precisions.get("registered_at") or next((p for p in _COARSEST_FIRST if p in precisions.values()), None)
    texts = {
        "registered_at": (iso(stated.registered_at),),
        "expires_at": (iso(stated.expires_at),),
        "updated_at": (iso(stated.updated_at),),
        "precision": (first.value if first is not None else "",),
        "registrar": (stated.registrar,),
        "registrar_iana_id": (stated.registrar_iana_id,),
        "abuse_email": (stated.abuse_email,),
        "status": stated.statuses,
        "name_servers": stated.name_servers,
        "withheld": stated.withheld,
        "via": (via,),
    }
    return {key: values for key, values in texts.items() if any(values)}


@dataclass(frozen=True, slots=True)
class Kept:
    """How long a registry's answer stands before the same name is asked about again, by what it said."""

    found: timedelta = timedelta(hours=24)
    absent: timedelta = timedelta(hours=1)


class RegistrationProbe:
    """`ports.Probe` at REGISTERED. ABSENT only from an authoritative 404 or the registry's own `no match`.

    Under a hosting platform's suffix the registry above would deny every name, so those are not asked. `split` takes a
    name apart at its public suffix; `in_flight` names are under way at once. With `notes`, a name whose answer is still
    `kept` is not asked about again and yields no look: the log has that answer, and an old answer is no new one.
    """

    id = "registration"
    layer = Layer.REGISTERED

    def __init__(
        self,
        rdap: RdapClient,
        whois: WhoisClient,
        split: Callable[[str], Split],
        clock: Clock,
        vantage: str,
        *,
        notes: Notes | None = None,
        kept: Kept = Kept(),
        in_flight: int = 50,
    ) -> None:
        self._rdap, self._whois, self._split = rdap, whois, split
        self._clock, self._vantage, self._in_flight = clock, vantage, in_flight
        self._notes, self._kept = notes, kept

    async def observe(self, names: Sequence[DomainName]) -> AsyncIterator[Batch]:
        """One look per distinct name, in batches as they are in; servers are asked at their own pace."""
        distinct = [name for name in dict.fromkeys(names) if not self._is_answered(name)]
        for start in range(0, len(distinct), self._in_flight):
            part = distinct[start : start + self._in_flight]
            looks = await asyncio.gather(*(self._look(name) for name in part))
            for look, _ in looks:
                self._keep(look)
            yield Batch(
                observations=tuple(look for look, _ in looks),
                artefacts=tuple(artefact for _, artefact in looks if artefact is not None),
            )

    def _is_answered(self, name: DomainName) -> bool:
        until = None if self._notes is None else self._notes.get(answered_key(self.id, name))
        return bool(until) and from_iso(until or "") > self._clock.now()

    def _keep(self, look: Observation) -> None:
        hours = {Presence.PRESENT: self._kept.found, Presence.ABSENT: self._kept.absent}.get(look.presence)
        if self._notes is not None and hours:
            self._notes.put(answered_key(self.id, look.name), iso(look.at + hours))

    async def _look(self, name: DomainName) -> tuple[Observation, Artefact | None]:
        split = self._split(name)
        if split.is_private or split.registrable != name:
            return self._observation(name, Reason.NO_SERVER, {}, None), None
        reply = await self._rdap.lookup(name, split.suffix)
        if reply.outcome in PRESENT | ABSENT or not await self._may_ask_whois(reply, split.suffix):
            return self._from_rdap(name, reply)
        answer = await self._whois.lookup(name, split.suffix)
        if answer.outcome is Reason.NO_SERVER and reply.outcome is not Reason.NO_SERVER:
            return self._from_rdap(name, reply)
        return self._from_whois(name, answer)

    async def _may_ask_whois(self, reply: RdapReply, suffix: str) -> bool:
        """Not beside an official RDAP server: that is the registry itself, and its trouble is its answer."""
        base = await self._rdap.base(suffix)
        return base is None or not self._rdap.is_official(base)

    def _from_rdap(self, name: DomainName, reply: RdapReply) -> tuple[Observation, Artefact | None]:
        body = b""
        told: Facts = {}
        if reply.facts is not None:
            body, told = rdap_decoder.scrubbed(reply.raw), facts_of(reply.facts, "rdap")
        elif reply.outcome is Reason.RDAP_NOT_FOUND:
            body = rdap_decoder.denial(reply.raw)
        artefact = self._artefact("rdap", "application/rdap+json", body, reply.url)
        return self._observation(name, reply.outcome, told, artefact), artefact

    def _from_whois(self, name: DomainName, answer: WhoisAnswer) -> tuple[Observation, Artefact | None]:
        facts = answer.reply.facts if answer.reply is not None else None
        body = ""
        told: Facts = {}
        if facts is not None:
            body, told = whois_decoder.scrubbed(answer.text), facts_of(facts, "whois")
        elif answer.outcome is Reason.WHOIS_NOT_FOUND:
            body = whois_decoder.denial(answer.text)
        url = f"whois://{answer.server}/{name}"
        artefact = self._artefact("whois", "text/plain; charset=utf-8", body.encode(), url)
        return self._observation(name, answer.outcome, told, artefact), artefact

    def _artefact(self, kind: str, media_type: str, body: bytes, url: str) -> Artefact | None:
        if not body:
            return None
        return Artefact(
            artefact_id=hashlib.sha256(body).hexdigest(),
            kind=kind,
            media_type=media_type,
            body=body,
            source_url=url,
            retrieved_at=self._clock.now(),
            vantage=self._vantage,
        )

    def _observation(self, name: DomainName, reason: Reason, facts: Facts, artefact: Artefact | None) -> Observation:
        presence = (
            Presence.PRESENT if reason in PRESENT else Presence.ABSENT if reason in ABSENT else Presence.INDETERMINATE
        )
        return Observation(
            name=name,
            probe=self.id,
            layer=self.layer,
            vantage=self._vantage,
            at=self._clock.now(),
            presence=presence,
            reason=reason,
            facts=facts,
            artefact_ids=() if artefact is None else (artefact.artefact_id,),
        )
