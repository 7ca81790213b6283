"""RDAP documents (RFC 9083): the bootstrap file, and what a domain object states. Personal data are passed over."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from tracker.decoders.redaction import is_marker
from tracker.decoders.registered import RegistryFacts
from tracker.decoders.whois_dates import Moment, orders, read_date
from tracker.decoders.whois_fields import epp, host

_KEPT_ROLES: Final = frozenset({"registrar", "abuse"})
_KEPT_CARD: Final = frozenset({"version", "fn", "org", "email", "tel", "url"})
_RENAMED: Final = {"active": "ok", "associated": "linked"}  # RFC 8056; all others differ in spelling only
_ISO: Final = orders("", "")


class RdapError(ValueError):
    """The document is not what it should be; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RdapFacts(RegistryFacts):
    """What a domain object states; `related` is where the registrar's own answer is said to be: unchecked text."""

    domain: str = ""
    related: str = ""


def read_bootstrap(text: str) -> Mapping[str, str]:
    """Suffix to base URL (https where offered, with a trailing slash) from an IANA bootstrap file; raises RdapError."""
    document = _document(text.encode())
    services = document.get("services")
    if document.get("version") != "1.0" or not isinstance(services, list):
        raise RdapError("not an RDAP bootstrap file, version 1.0")
    found: dict[str, str] = {}
    for service in services:
        if not isinstance(service, list) or len(service) < 2:
            raise RdapError("a service is not a pair of lists")
        suffixes, urls = service[-2], [url for url in service[-1] if isinstance(url, str)]
        best = next((url for url in urls if url.startswith("https://")), urls[0] if urls else "")
        if best.startswith(("https://", "http://")):
            found.update((suffix.lower(), best.rstrip("/") + "/") for suffix in suffixes if isinstance(suffix, str))
    return found


def read_domain(body: bytes) -> RdapFacts:
    """Facts of a domain object; raises RdapError when the body is none. Parts of the wrong shape are passed over."""
    document = _document(body)
    if document.get("objectClassName") != "domain":
        raise RdapError(f"not a domain object: {str(document.get('title') or document.get('errorCode'))[:80]}")
    dates = _dates(document)
    entities = list(_entities(document))
    registrar = next((entity for entity in entities if "registrar" in _roles(entity)), {})
    abuse = next((one for one in (*_entities(registrar), *entities) if "abuse" in _roles(one)), {})
    servers = (host(str(server.get("ldhName", ""))) for server in _dicts(document.get("nameservers")))
    return RdapFacts(
        domain=str(document.get("ldhName", "")).rstrip(".").lower(),
        registered_at=_at(dates.get("registered_at")),
        expires_at=_at(dates.get("expires_at")),
        updated_at=_at(dates.get("updated_at")),
        precisions={name: moment.precision for name, moment in dates.items()},
        registrar=next(_card(registrar, "fn"), "") or next(_card(registrar, "org"), "") or _handle(registrar),
        registrar_iana_id=next(_iana_ids(registrar), ""),
        abuse_email=next(_card(abuse, "email"), "").lower(),
        name_servers=tuple(sorted({server for server in servers if server})),
        statuses=tuple(sorted({_status(str(status)) for status in _list(document.get("status"))})),
        withheld=tuple(sorted({_redaction(one) for one in _dicts(document.get("redacted"))} - {""})),
        related=next(_related(document), ""),
    )


def _handle(registrar: Mapping[str, Any]) -> str:
    """The registry's own word for a registrar without a card; a mere number is no name."""
    handle = registrar.get("handle")
    return handle.strip() if isinstance(handle, str) and not handle.strip().isdecimal() else ""


def _related(document: Mapping[str, Any]) -> Iterator[str]:
    for link in _dicts(document.get("links")):
        href, media_type = link.get("href"), str(link.get("type", ""))
        if link.get("rel") == "related" and "rdap" in media_type and isinstance(href, str):
            yield href


def scrubbed(body: bytes) -> bytes:
    """The domain object without anybody's personal data and without what changes at every look; raises RdapError.

    Of entities only the registrar and its abuse contact stay, of cards only role names, addresses and numbers.
    """
    document = _document(body)
    kept = {key: value for key, value in document.items() if key not in {"entities", "notices", "remarks"}}
    kept["events"] = [
        {key: value for key, value in event.items() if key != "eventActor"}
        for event in _dicts(document.get("events"))
        if "database" not in str(event.get("eventAction", "")).lower()
    ]
    kept["entities"] = _kept(document)
    return json.dumps(kept, ensure_ascii=False, sort_keys=True, indent=1).encode()


def denial(body: bytes) -> bytes:
    """What an error reply says of the error, without notices, which change and may name who asked.

    Empty where it says nothing, as many do: their status alone is the answer.
    """
    try:
        document = _document(body)
    except RdapError:
        return b""
    kept = {key: document[key] for key in ("rdapConformance", "errorCode", "title", "description") if key in document}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True, indent=1).encode() if kept else b""


def _kept(parent: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "objectClassName": "entity",
            "roles": sorted(_roles(entity) & _KEPT_ROLES),
            **({"handle": entity["handle"]} if "registrar" in _roles(entity) and _handle(entity) else {}),
            "publicIds": _list(entity.get("publicIds")),
            "vcardArray": ["vcard", [line for line in _lines(entity) if line[0] in _kept_lines(entity)]],
            "entities": _kept(entity),
        }
        for entity in _entities(parent)
        if _roles(entity) & _KEPT_ROLES
    ]


def _kept_lines(entity: Mapping[str, Any]) -> frozenset[str]:
    """Of an abuse contact the name may be a person's; of a registrar it is the point."""
    return _KEPT_CARD if "registrar" in _roles(entity) else _KEPT_CARD - {"fn", "org"}


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RdapError("not JSON") from error
    if not isinstance(document, dict):
        raise RdapError("not a JSON object")
    return document


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _dicts(value: object) -> list[dict[str, Any]]:
    return [entry for entry in _list(value) if isinstance(entry, dict)]


def _entities(parent: Mapping[str, Any]) -> list[dict[str, Any]]:
    return _dicts(parent.get("entities"))


def _roles(entity: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(role for role in _list(entity.get("roles")) if isinstance(role, str))


def _lines(entity: Mapping[str, Any]) -> list[list[Any]]:
    card = _list(entity.get("vcardArray"))
    lines = _list(card[1]) if len(card) == 2 else []
    return [line for line in lines if isinstance(line, list) and len(line) >= 4 and isinstance(line[0], str)]


def _card(entity: Mapping[str, Any], name: str) -> Iterator[str]:
    for line in _lines(entity):
        if line[0].lower() == name and isinstance(line[3], str) and not is_marker(line[3]):
            yield line[3].strip()


def _iana_ids(registrar: Mapping[str, Any]) -> Iterator[str]:
    for row in _dicts(registrar.get("publicIds")):
        if "iana" in str(row.get("type", "")).lower():
            yield str(row.get("identifier", ""))


def _status(status: str) -> str:
    return _RENAMED.get(status.strip().lower()) or epp(status)


def _redaction(row: Mapping[str, Any]) -> str:
    name = row.get("name")
    return str(name.get("description") or name.get("type") or "") if isinstance(name, dict) else ""


def _dates(document: Mapping[str, Any]) -> dict[str, Moment]:
    """Newest of each kind; a re-registration is where the present life of the name begins."""
    actions: dict[str, list[Moment]] = {}
    for event in _dicts(document.get("events")):
        moment = read_date(str(event.get("eventDate", "")), _ISO)
        if moment is not None:
            actions.setdefault(str(event.get("eventAction", "")).strip().lower(), []).append(moment)
    found = {
        "registered_at": _newest(actions, ("reregistration",)) or _newest(actions, ("registration",)),
        "expires_at": _newest(actions, ("expiration", "soft expiration")),
        "updated_at": _newest(actions, ("last changed", "last update", "last modified")),
    }
    return {name: moment for name, moment in found.items() if moment is not None}


def _newest(actions: Mapping[str, list[Moment]], names: Iterable[str]) -> Moment | None:
    moments = [moment for name in names for moment in actions.get(name, ())]
    return max(moments, key=lambda moment: moment.at, default=None)


def _at(moment: Moment | None) -> datetime | None:
    return None if moment is None else moment.at
