"""DNS messages as bytes, refereed by dnspython."""

from contextlib import suppress

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdatatype
import dns.rrset
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.decoders.dnswire import (
    EDNS,
    HEAD,
    NS,
    NS_IN,
    A,
    Malformed,
    addresses_of,
    label_wire,
    name_wire,
    question_name,
    read,
)

LABELS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_", min_size=1, max_size=12)
NAMES = st.lists(LABELS, min_size=1, max_size=5).map(".".join)
DELEGATION = ("rrn.so 60 NS ns1.host.example.", "rrn.so 60 NS ns2.host.example.")
QUESTION = name_wire("rrn.so") + NS_IN


def message(section: str, *records: str, rcode: int = 0, flags: int = dns.flags.AA) -> bytes:
    """A reply to NS rrn.so as dnspython writes it, compression included."""
    query = dns.message.make_query("rrn.so", "NS", use_edns=0, payload=1232)
    built = dns.message.make_response(query)
    built.flags |= flags
    built.set_rcode(rcode)
    for text in records:
        owner, ttl, rtype, data = text.split(" ", 3)
        getattr(built, section).append(dns.rrset.from_text(f"{owner}.", int(ttl), "IN", rtype, data))
    return built.to_wire()


def test_records_of_another_class_are_no_delegation() -> None:
    """CHAOS has name servers too; they say nothing about the Internet's name."""
    sound = message("authority", *DELEGATION)
    assert read(sound, QUESTION).authority[0].target == "ns1.host.example"
    at = sound.index(b"\x00\x02\x00\x01\x00\x00\x00\x3c")
    with pytest.raises(Malformed, match="class"):
        read(sound[: at + 3] + b"\x03" + sound[at + 4 :], QUESTION)


@given(NAMES)
def test_names_are_written_as_dnspython_writes_them(name: str) -> None:
    """The wire form is the library's, and reading it gives the name back."""
    assert name_wire(name) == dns.name.from_text(name).to_wire()
    assert question_name(name_wire(name) + NS_IN) == name


@pytest.mark.parametrize("name", ["a..b", "x" * 64, ".".join(["abcdefgh"] * 29), "ä.com"])
def test_names_that_do_not_fit_are_refused(name: str) -> None:
    """Empty, over-long and non-ASCII labels never reach a server."""
    with pytest.raises(Malformed):
        name_wire(name)


def test_a_label_is_one_label() -> None:
    """A dot inside a label would ask about another name."""
    assert label_wire("rrn") == b"\x03rrn"
    with pytest.raises(Malformed):
        label_wire("rrn.so")


def test_a_question_is_what_dnspython_reads() -> None:
    """Our concatenated packet is an NS question with RD=0 and EDNS at 1,232 bytes."""
    parsed = dns.message.from_wire(b"\x12\x34" + HEAD + QUESTION + EDNS)
    assert parsed.id == 0x1234
    assert not parsed.flags & dns.flags.RD
    assert (parsed.edns, parsed.payload) == (0, 1232)
    assert parsed.question[0].to_text() == "rrn.so. IN NS"


@given(
    st.lists(NAMES, min_size=1, max_size=6, unique=True),
    st.integers(0, 2**31 - 1),
    st.sampled_from(["answer", "authority"]),
)
def test_name_servers_are_read_as_dnspython_reads_them(hosts: list[str], ttl: int, section: str) -> None:
    """Owners, targets and TTLs of compressed NS records agree with the library's reading."""
    packet = message(section, *(f"rrn.so {ttl} NS {host}." for host in hosts))
    records = getattr(read(packet, QUESTION), section)
    assert {record.target for record in records} == set(hosts)
    assert {(record.owner, record.rtype, record.ttl) for record in records} == {("rrn.so", NS, ttl)}


@given(st.lists(st.tuples(st.integers(0, 65_535), NAMES), min_size=1, max_size=4, unique=True))
def test_mail_exchangers_are_read_as_dnspython_reads_them(rows: list[tuple[int, str]]) -> None:
    """Preference and name, compression included; a null exchanger has no name."""
    packet = message("answer", *(f"rrn.so 60 MX {preference} {host}." for preference, host in rows))
    assert [record.target for record in read(packet, QUESTION).answer] == [f"{number} {host}" for number, host in rows]
    assert read(message("answer", "rrn.so 60 MX 0 ."), QUESTION).answer[0].target == "0 "


@given(st.lists(st.binary(max_size=255), min_size=1, max_size=4))
def test_the_strings_of_a_text_are_one_text(strings: list[bytes]) -> None:
    """As dnspython has them, put together; case stays, because tokens depend on it."""
    built = dns.message.make_response(dns.message.make_query("rrn.so", "NS"))
    data = b"".join(bytes((len(text),)) + text for text in strings)
    rdata = dns.rdata.from_wire("IN", "TXT", data, 0, len(data))
    built.answer.append(dns.rrset.from_rdata("rrn.so.", 60, rdata))
    (record,) = read(built.to_wire(), QUESTION).answer
    assert record.target == b"".join(rdata.strings).decode("utf-8", "replace")


def test_glue_is_found_by_host_ipv4_first() -> None:
    """Addresses of other hosts are nobody's glue."""
    packet = message("additional", "ns1.rrn.so 60 AAAA 2001:db8::1", "ns1.rrn.so 60 A 192.0.2.1", "x.so 60 A 192.0.2.9")
    assert addresses_of(read(packet, QUESTION).additional, "ns1.rrn.so") == ("192.0.2.1", "2001:db8::1")


def test_the_echo_is_compared_without_regard_to_case() -> None:
    """A server that writes the question in capitals still answers it; another name does not."""
    packet = message("answer", "rrn.so 60 NS ns1.x.so.")
    assert read(packet.replace(b"\x03rrn\x02so", b"\x03RRN\x02SO", 1), QUESTION).answer[0].target == "ns1.x.so"
    with pytest.raises(Malformed):
        read(packet, name_wire("rrm.so") + NS_IN)


def test_an_error_may_come_without_the_question() -> None:
    """Some servers return a bare header with REFUSED; that is a reply, though no answer."""
    assert read(b"\x00\x01\x80\x05" + bytes(8), QUESTION).rcode == 5
    with pytest.raises(Malformed):
        read(b"\x00\x01\x84\x03" + bytes(8), QUESTION)


def test_a_malformed_soa_is_no_reply() -> None:
    """The header says NXDOMAIN, but what follows is broken: no absence may rest on it."""
    packet = message("authority", "so 60 SOA ns.so. h.so. 1 2 3 4 5", rcode=3)
    assert read(packet, QUESTION).rcode == 3
    broken = packet.replace(b"\x00\x00\x00\x01\x00\x00\x00\x02", b"\x00\x00\x00\x01\x00\x00", 1)
    with pytest.raises(Malformed):
        read(broken, QUESTION)


def test_extended_rcodes_are_put_together() -> None:
    """BADVERS lives half in the OPT record."""
    assert read(message("answer", rcode=int(dns.rcode.BADVERS)), QUESTION).rcode == 16


@pytest.mark.parametrize(
    "tail",
    [
        b"\xc0\x18",  # points at itself
        b"\xc0\xff",  # points forwards
        b"\x00\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x05\x01\x02\x03\x04\x05",  # an IPv4 address of five bytes
        b"\x00\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\x01\x02\x03\x04!",  # a byte too many
        b"\x00\x00\x0f\x00\x01\x00\x00\x00\x3c\x00\x01\x0a",  # a mail exchanger cut short
        b"\x00\x00\x10\x00\x01\x00\x00\x00\x3c\x00\x02\x05a",  # a text longer than its record
        b"\x40a\x00\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\x01\x02\x03\x04",  # a kind of label nobody defined
    ],
)
def test_broken_records_are_refused(tail: bytes) -> None:
    """Loops, forward pointers, wrong lengths, left-over bytes."""
    with pytest.raises(Malformed):
        read(b"\x00\x01\x84\x00\x00\x01\x00\x01\x00\x00\x00\x00" + QUESTION + tail, QUESTION)


def test_a_long_chain_of_pointers_is_refused_not_followed() -> None:
    """Thousands of pointers to pointers must neither hang nor exhaust the stack."""
    begin = 12 + len(QUESTION) + 11
    chain = b"\x00\x00" + b"".join((0xC000 | (begin + 2 * place)).to_bytes(2, "big") for place in range(4000))
    text = b"\x00\x00\x0d\x00\x01\x00\x00\x00\x00" + len(chain).to_bytes(2, "big") + chain
    owner = (0xC000 | (begin + 2 * 4000)).to_bytes(2, "big")
    address = owner + b"\x00\x01\x00\x01\x00\x00\x00\x00\x00\x04\x01\x01\x01\x01"
    packet = b"\x00\x01\x84\x00\x00\x01\x00\x02\x00\x00\x00\x00" + QUESTION + text + address
    with pytest.raises(Malformed, match="too many pointers"):
        read(packet, QUESTION)


@settings(max_examples=200)
@given(st.data())
def test_damaged_replies_raise_nothing_else(data: st.DataObject) -> None:
    """Any change to a good reply is read or refused, never an IndexError or RecursionError."""
    packet = bytearray(message("authority", *DELEGATION, flags=0))
    for _ in range(data.draw(st.integers(1, 6))):
        packet[data.draw(st.integers(2, len(packet) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(packet)))
    with suppress(Malformed):
        read(bytes(packet[:cut]), QUESTION)


@settings(max_examples=200)
@given(st.binary(max_size=200), st.integers(0, 3), st.integers(0, 3))
def test_arbitrary_records_raise_nothing_else(tail: bytes, answers: int, authorities: int) -> None:
    """Whatever follows a good header and question."""
    counts = b"\x00\x01" + answers.to_bytes(2, "big") + authorities.to_bytes(2, "big") + b"\x00\x00"
    try:
        reply = read(b"\x00\x01\x84\x00" + counts + QUESTION + tail, QUESTION)
    except Malformed:
        return
    assert len(reply.answer) == answers
    assert all(record.rtype != A or record.target.count(".") == 3 for record in reply.answer)
