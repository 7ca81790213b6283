"""RDAP documents: facts, redaction, and what must not be kept."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.decoders.rdap import RdapError, denial, read_bootstrap, read_domain, scrubbed
from tracker.model.times import Precision, iso

DOMAIN = {
    "objectClassName": "domain",
    "ldhName": "RRN.SO.",
    "status": ["client hold", "serverTransferProhibited", "active", "associated", "auto renew period"],
    "events": [
        {"eventAction": "registration", "eventDate": "2023-01-05T10:00:00Z", "eventActor": "jane@example.org"},
        {"eventAction": "reregistration", "eventDate": "2024-09-05T01:10:09Z"},
        {"eventAction": "last changed", "eventDate": "2024-09-05T04:10:00.123Z"},
        {"eventAction": "expiration", "eventDate": "2025-09-05T00:00:00Z"},
        {"eventAction": "last update of RDAP database", "eventDate": "2024-09-20T00:00:00Z"},
    ],
    "nameservers": [{"ldhName": "NS2.HOST.EXAMPLE."}, {"ldhName": "ns1.host.example"}, {"ldhName": 7}, "x"],
    "entities": [
        {
            "objectClassName": "entity",
            "handle": "9001",
            "roles": ["registrar"],
            "publicIds": [{"type": "IANA Registrar ID", "identifier": "9001"}],
            "vcardArray": ["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", "Seller Ltd"]]],
            "entities": [
                {
                    "roles": ["abuse"],
                    "vcardArray": [
                        "vcard",
                        [["fn", {}, "text", "Jane Doe"], ["email", {}, "text", "Abuse@Seller.example"]],
                    ],
                }
            ],
        },
        {
            "roles": ["registrant"],
            "vcardArray": ["vcard", [["fn", {}, "text", "Jane Doe"], ["email", {}, "text", "jane@example.org"]]],
        },
    ],
    "redacted": [{"name": {"description": "Registrant Name"}}, {"name": {"type": "Tech Email"}}, {"name": 1}],
    "remarks": [{"description": ["call Jane Doe"]}],
}


def test_facts_of_a_domain() -> None:
    """Dates with precision, EPP statuses, servers, registrar, abuse contact, withheld fields."""
    facts = read_domain(json.dumps(DOMAIN).encode())
    assert facts.domain == "rrn.so"
    assert iso(facts.registered_at) == "2024-09-05T01:10:09Z"
    assert iso(facts.updated_at) == "2024-09-05T04:10:00Z"
    assert facts.precisions["expires_at"] is Precision.DAY
    assert facts.statuses == ("autoRenewPeriod", "clientHold", "linked", "ok", "serverTransferProhibited")
    assert facts.name_servers == ("ns1.host.example", "ns2.host.example")
    assert (facts.registrar, facts.registrar_iana_id, facts.abuse_email) == (
        "Seller Ltd",
        "9001",
        "abuse@seller.example",
    )
    assert facts.withheld == ("Registrant Name", "Tech Email")


def test_what_is_kept_of_a_reply() -> None:
    """No person, no remark, nothing that changes at every look; the same facts again."""
    kept = scrubbed(json.dumps(DOMAIN).encode())
    assert b"Jane" not in kept and b"jane@" not in kept and b"database" not in kept
    assert b"Abuse@Seller.example" in kept
    assert read_domain(kept) == read_domain(json.dumps(DOMAIN).encode())
    later = json.loads(json.dumps(DOMAIN))
    later["events"][-1]["eventDate"] = "2024-09-21T00:00:00Z"
    assert scrubbed(json.dumps(later).encode()) == kept


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"{}", b'{"errorCode": 404}', b'{"objectClassName": "entity"}', b"[" * 100_000],
)
def test_not_a_domain_object(body: bytes) -> None:
    """Errors, web pages and other objects are refused, whatever their status code was."""
    with pytest.raises(RdapError):
        read_domain(body)


_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=12), st.floats(allow_nan=False)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from([*DOMAIN, "roles"]), _JSON, max_size=8))
def test_parts_of_the_wrong_shape_are_passed_over(parts: dict[str, object]) -> None:
    """A minor error never makes the rest unreadable, and nothing but RdapError comes out."""
    body = json.dumps({**parts, "objectClassName": "domain"}).encode()
    assert read_domain(body) is not None
    assert json.loads(scrubbed(body))["objectClassName"] == "domain"


def test_bootstrap() -> None:
    """https is preferred, slashes are evened out, all suffixes of a service are known."""
    text = json.dumps(
        {
            "version": "1.0",
            "services": [
                [["So", "xn--p1ai"], ["http://a.example/rdap", "https://a.example/rdap"]],
                [["cc"], ["https://b.example/"]],
                [["none"], []],
            ],
        }
    )
    assert read_bootstrap(text) == {
        "so": "https://a.example/rdap/",
        "xn--p1ai": "https://a.example/rdap/",
        "cc": "https://b.example/",
    }
    for broken in ("", "{}", '{"version": "2.0", "services": []}', '{"version": "1.0", "services": [1]}'):
        with pytest.raises(RdapError):
            read_bootstrap(broken)


def test_a_denial_keeps_the_error_and_drops_notices() -> None:
    """What a deletion rests on, without what changes or names who asked; most servers say nothing at all."""
    body = json.dumps({"errorCode": 404, "title": "Not Found", "notices": [{"title": "You are 192.0.2.7"}]}).encode()
    assert json.loads(denial(body)) == {"errorCode": 404, "title": "Not Found"}
    assert denial(b"") == denial(b"gone") == denial(b"[]") == denial(b"{}") == b""
