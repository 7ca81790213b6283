"""Classification of name-server sets."""

import pytest

from tracker.analysis.nameservers import ServerClass, Strength, bundled, read


@pytest.mark.parametrize(
    ("servers", "expected"),
    [
        (["ns1.fbi.seized.gov", "ns2.fbi.seized.gov"], ServerClass.SEIZED),
        (["NS1.SEIZEDSERVERS.COM.", "ns2.seizedservers.com"], ServerClass.SEIZED),
        (["jocelyn.ns.cloudflare.com", "plato.ns.cloudflare.com"], ServerClass.SEIZED),
        (["sc-a.sinkhole.shadowserver.org", "sinkhole-01.shadowserver.org"], ServerClass.SINKHOLED),
        (["ns1.kryptoslogicsinkhole.net"], ServerClass.SINKHOLED),
        (["ns1.verification-hold.suspended-domain.com"], ServerClass.HELD),
        (["ns1.suspended-domain.org"], ServerClass.HELD),
        (["expired1.namebrightdns.com", "expired2.namebrightdns.com"], ServerClass.EXPIRED),
        (["ns1.sedoparking.com", "ns2.sedoparking.com"], ServerClass.PARKED),
        (["nsg1.namebrightdns.com", "nsg2.namebrightdns.com"], ServerClass.PARKED),
        (["jocelyn.ns.cloudflare.com", "ada.ns.cloudflare.com"], None),
        (["jocelyn.ns.cloudflare.com"], None),
        (["dns1.registrar-servers.com", "dns2.registrar-servers.com"], None),
        (["ns1.notseized.gov"], None),
        (["ns1.fbi.seized.gov.example.net"], None),
        (["ns1.fbi.seized.gov", "ns1.example.net"], None),
        ([], None),
    ],
)
def test_servers_are_classified_as_a_whole_set(servers: list[str], expected: ServerClass | None) -> None:
    """All servers must fit one strong row, on label boundaries; mixed, weak and unknown sets say nothing."""
    rule = bundled().classify(servers)
    assert (rule.server_class if rule else None) is expected


def test_every_row_is_complete() -> None:
    """Ids are unique, every row has source and date, and weak rows exist only to be ignored."""
    rules = bundled()
    ids = [rule.rule_id for rule in rules.rules]
    assert len(ids) == len(set(ids)) and rules.version
    assert all(rule.source and rule.date and rule.zones for rule in rules.rules)
    assert {rule.strength for rule in rules.rules} == set(Strength)


def test_an_incomplete_row_is_refused() -> None:
    """A row without zones is an error at once, not a rule that matches nothing."""
    with pytest.raises(KeyError):
        read('version = "x"\n[[rule]]\nid = "a"\nclass = "parked"\nsource = "s"\ndate = "d"\n')
