"""The lab's RDAP: the bootstrap file, and what each registry says of a name at the virtual instant."""

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from tracker.lab.authority import by_server_name, infrastructure
from tracker.lab.http import Request, Response, Server, serve
from tracker.lab.world import Fault, NameState, World
from tracker.model.times import iso
from tracker.ports import Clock

BOOTSTRAP_HOST = "data.iana.org"
BOOTSTRAP_PATH = "/rdap/dns.json"
_TYPE = {"Content-Type": "application/rdap+json"}
_REDACTED = [{"name": {"description": "Registrant Name"}, "method": "emptyValue", "reason": {"description": "policy"}}]


class LabRdap:
    """Plays every RDAP host of the world and the bootstrap host on one port; `hosts` are their names."""

    def __init__(self, world: World, clock: Clock) -> None:
        self._world, self._clock = world, clock
        self._asked_of = {
            suffix: registry.host for suffix, registry in world.suffixes.items() if registry.registration == "rdap"
        }
        self.hosts = frozenset(self._asked_of.values()) | {BOOTSTRAP_HOST}
        self._server: Server | None = None

    async def start(self) -> int:
        """Listen; the loopback port."""
        authority = infrastructure(self._world.seed)
        context = by_server_name(
            authority.server_context(BOOTSTRAP_HOST),
            lambda host: authority.server_context(host) if host in self.hosts else None,
        )
        self._server = await serve(self.answer, context)
        return self._server.port

    async def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            await self._server.close()

    def answer(self, request: Request) -> Response | None:
        """The reply to one question; None is silence."""
        now = self._clock.now()
        name = request.path.rpartition("/")[2]
        fault = self._world.fault("rdap", name, now)
        if fault is not None:
            return _trouble(fault)
        if request.host == BOOTSTRAP_HOST:
            return self._bootstrap() if request.path == BOOTSTRAP_PATH else Response(404)
        if not request.path.startswith("/domain/") or not self._is_asked_here(name, request.host):
            return _error(400, "not a domain of this registry")
        state = self._world.state(name, now)
        if state is None:
            return _error(404, "object not found")
        return Response(200, _TYPE, json.dumps(document(state, iso(now))).encode())

    def _is_asked_here(self, name: str, host: str) -> bool:
        labels = name.split(".")
        ends = (".".join(labels[start:]) for start in range(1, len(labels)))
        return next((self._asked_of[end] == host for end in ends if end in self._asked_of), False)

    def _bootstrap(self) -> Response:
        tops: dict[str, set[str]] = {}
        for suffix, host in self._asked_of.items():
            tops.setdefault(host, set()).add(suffix.rpartition(".")[2])
        services = [[sorted(suffixes), [f"https://{host}/"]] for host, suffixes in sorted(tops.items())]
        body = {"version": "1.0", "publication": iso(self._world.start - timedelta(days=1)), "services": services}
        return Response(200, {"Content-Type": "application/json", "ETag": '"lab"'}, json.dumps(body).encode())


def document(state: NameState, now: str) -> Mapping[str, Any]:
    """A domain object as registries write it, the registrant withheld and the hour of the database included."""
    card = ["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", state.registrar.name]]]
    abuse = ["vcard", [["version", {}, "text", "4.0"], ["email", {}, "text", state.registrar.abuse_email]]]
    return {
        "objectClassName": "domain",
        "rdapConformance": ["rdap_level_0", "redacted"],
        "ldhName": state.name.upper(),
        "status": [_spaced(status) for status in state.statuses] or ["active"],
        "events": [
            {"eventAction": "registration", "eventDate": iso(state.registered_at)},
            {"eventAction": "last changed", "eventDate": iso(state.updated_at)},
            {"eventAction": "expiration", "eventDate": iso(state.expires_at)},
            {"eventAction": "last update of RDAP database", "eventDate": now},
        ],
        "entities": [
            {
                "objectClassName": "entity",
                "roles": ["registrar"],
                "publicIds": [{"type": "IANA Registrar ID", "identifier": str(state.registrar.iana_id)}],
                "vcardArray": card,
                "entities": [{"objectClassName": "entity", "roles": ["abuse"], "vcardArray": abuse}],
            },
            {"objectClassName": "entity", "roles": ["registrant"], "vcardArray": _person(state.name)},
        ],
        "nameservers": [{"objectClassName": "nameserver", "ldhName": server} for server in state.name_servers],
        "redacted": _REDACTED,
    }


def _person(name: str) -> list[Any]:
    """A registrant who must not end up in anybody's database."""
    return ["vcard", [["fn", {}, "text", "Lab Person"], ["email", {}, "text", f"owner@{name}"]]]


def _spaced(status: str) -> str:
    return "active" if status == "ok" else re.sub(r"(?<!^)([A-Z])", r" \1", status).lower()


def _error(status: int, title: str) -> Response:
    return Response(status, _TYPE, json.dumps({"errorCode": status, "title": title}).encode())


def _trouble(fault: Fault) -> Response | None:
    match fault.kind:
        case "silence":
            return None
        case "throttle":
            wait = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
            return Response(429, wait)
        case "garbage":
            return Response(200, {"Content-Type": "text/html"}, b"<html><body>It works!</body></html>")
        case _:
            return Response(503)
