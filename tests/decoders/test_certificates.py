"""The DER walk against the library, on recorded and damaged certificates."""

import contextlib
import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.decoders import certificates, ctentries, der
from tracker.decoders.certificates import CertificateError, describe, moment, name_text, salvage
from tracker.decoders.ctentries import Entry, EntryError, read_leaf, read_static
from tracker.decoders.identity import identify
from tracker.lab.authority import derived_key

TILE = Path(__file__).parents[3] / "shared" / "data" / "ct" / "navigli2025h2" / "tile" / "data" / "000"
NOW = datetime(2024, 9, 5, tzinfo=UTC)
KEY = derived_key(1, "test")


def made(names: list[x509.GeneralName], subject: list[tuple[x509.ObjectIdentifier, str]], *, years: int = 0) -> bytes:
    """A certificate by the library, for what no recorded one shows."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(oid, value) for oid, value in subject]))
        .issuer_name(
            x509.Name(
                [
                    x509.NameAttribute(NameOID.ORGANIZATION_NAME, 'A, "B" + C'),
                    x509.NameAttribute(NameOID.COMMON_NAME, "#é "),
                ]
            )
        )
        .public_key(KEY.public_key())
        .serial_number(2**150 + 7)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=90 + 366 * years))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=not subject)
    return builder.sign(KEY, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def leaf_of(certificate: bytes) -> bytes:
    """The MerkleTreeLeaf of a final certificate, as RFC 6962 frames it."""
    return b"\x00\x00" + bytes(8) + b"\x00\x00" + len(certificate).to_bytes(3, "big") + certificate + b"\x00\x00"


def by_library(certificate: bytes) -> tuple[list[str], datetime, datetime, str, str]:
    """Names (SAN, then the CN if it is new and can be a host), validity, issuer and key hash; its many errors pass."""
    read = x509.load_der_x509_certificate(certificate)
    names: list[str] = []
    for extension in read.extensions:
        if isinstance(extension.value, x509.SubjectAlternativeName):
            names += extension.value.get_values_for_type(x509.DNSName)
    common = [str(each.value) for each in read.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    names += [name for name in dict.fromkeys(common) if "." in name and " " not in name and name not in names]
    spki = read.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return (
        names,
        read.not_valid_before_utc,
        read.not_valid_after_utc,
        read.issuer.rfc4514_string(),
        sha256(spki).hexdigest(),
    )


def by_us(entry: Entry) -> tuple[list[str], datetime, datetime, str]:
    """The same of an entry, without the key."""
    return entry.names, moment(entry.not_before), moment(entry.not_after), name_text(entry.issuer)


MADE = [
    made([x509.DNSName("rrn.so")], []),
    made([x509.DNSName("*.rrn.so"), x509.DNSName("RRN.so.")], [(NameOID.COMMON_NAME, "rrn.so")]),
    made([x509.DNSName(f"host{n}.example") for n in range(500)], []),
    made(
        [x509.DNSName("a" * 63 + "." + "b" * 63 + "." + "c" * 20 + ".example")], [(NameOID.COMMON_NAME, "Some Company")]
    ),
    made([x509.DNSName("good.example\x00.bad.example")], []),
    made([x509.UniformResourceIdentifier("https://a.example/"), x509.RFC822Name("a@b.example")], []),
    made(
        [x509.DNSName("xn--e1afmkfd.example")],
        [(NameOID.ORGANIZATION_NAME, "Пример"), (NameOID.COMMON_NAME, "new.example")],
    ),
    made([], [(NameOID.COUNTRY_NAME, "DE"), (NameOID.COMMON_NAME, "only.example")]),
    made([], [(NameOID.COMMON_NAME, "only.example")]),
    made(
        [x509.DNSName("a.example")], [(NameOID.COMMON_NAME, name) for name in ("b.example", "c.example", "a.example")]
    ),
    made([x509.DNSName("far.example")], [], years=40),
]


@pytest.mark.parametrize("certificate", MADE)
def test_odd_certificates_read_as_the_library_reads_them(certificate: bytes) -> None:
    """Names, times and issuer of every odd form equal the library's."""
    entry, wanted, told = read_leaf(leaf_of(certificate)), by_library(certificate), describe(certificate)
    assert entry.problem == ""
    assert by_us(entry) == wanted[:4]
    assert (list(told.names), told.not_before, told.not_after, told.issuer, told.spki_sha256) == wanted
    assert (entry.certificate, told.sha256) == (certificate, sha256(certificate).hexdigest())


def _recorded() -> list[Entry]:
    if not TILE.exists():
        pytest.skip("no recorded tile on this machine")
    return read_static(TILE.read_bytes())


def test_every_recorded_entry_reads_as_the_library_reads_it() -> None:
    """On 256 real precertificates names, times and issuer equal the library's, and the careful walk's."""
    entries = _recorded()
    assert [entry.leaf_index for entry in entries] == list(range(256))
    for entry in entries:
        assert entry.problem == ""
        assert by_us(entry) == by_library(entry.certificate)[:4]
        size = int.from_bytes(entry.raw[42:45], "big")
        walked = der.walk(entry.raw, 45, 45 + size)
        assert tuple(walked[:4]) == (entry.names, entry.not_before, entry.not_after, entry.issuer)


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_damage_is_never_read_as_no_names(data: st.DataObject) -> None:
    """Whatever bytes are changed: no foreign exception, and where the library still reads names, so do we."""
    certificate = bytearray(data.draw(st.sampled_from(MADE)))
    for _ in range(data.draw(st.integers(1, 3))):
        position = data.draw(st.integers(0, len(certificate) - 1))
        certificate[position] = data.draw(st.integers(0, 255))
    entry = read_leaf(leaf_of(bytes(certificate)))
    entry.row()
    with contextlib.suppress(CertificateError):
        describe(bytes(certificate))
    try:
        wanted = by_library(bytes(certificate))[0]
    except Exception:  # noqa: BLE001 - what the library raises for damage is not ours to list
        return
    if not entry.problem:
        assert entry.names == wanted
    else:
        hosts = [name for name in wanted if re.fullmatch(r"([a-z0-9-]+\.)+[a-z0-9-]{2,}", name)]
        assert set(hosts) <= set(entry.names)


@given(st.binary(max_size=200))
@settings(max_examples=300)
def test_nonsense_raises_entry_errors_only(junk: bytes) -> None:
    """Bytes that are no entry are refused with EntryError, in tiles and leaves alike."""
    for read in (read_static, read_leaf, ctentries.read_get_entries):
        try:
            read(junk)
        except EntryError:
            continue
    salvage(junk)
    name_text(junk)


def test_a_second_san_look_alike_does_not_hide_the_first() -> None:
    """Bytes that look like a SAN inside the public key or another extension do not mislead the short path."""
    fake = b"\x06\x03\x55\x1d\x11\x04\x0d\x30\x0b\x82\x09evil.test"
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CA")]))
        .public_key(KEY.public_key())
        .serial_number(int.from_bytes(b"\x01" * 19, "big"))
        .not_valid_before(NOW)
        .not_valid_after(NOW)
        .add_extension(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), fake), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("real.example")]), critical=True)
    )
    certificate = builder.sign(KEY, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    assert read_leaf(leaf_of(certificate)).names == ["real.example"]


def test_of_two_sans_neither_is_lost() -> None:
    """Forbidden, and refused by libraries; whom it was made for is still what both say."""
    one = made([x509.DNSName("first.example"), x509.DNSName("other.example")], [])
    at = one.index(b"\x06\x03\x55\x1d\x11") - 2
    end = at + 2 + one[at + 1]
    extensions = one.rindex(b"\xa3", 0, at)
    twice = bytearray(one[:end] + one[at:end].replace(b"first", b"twice") + one[end:])
    assert one[extensions + 1] < 0x80
    for place in (extensions + 1, extensions + 3):
        twice[place] += end - at
    for place in (2, 6):
        twice[place : place + 2] = (int.from_bytes(twice[place : place + 2], "big") + end - at).to_bytes(2, "big")
    entry = read_leaf(leaf_of(bytes(twice)))
    assert (entry.problem, entry.names) == (
        "",
        ["first.example", "other.example", "twice.example", "other.example"],
    )


def test_salvage_sees_names_behind_a_broken_length() -> None:
    """A certificate whose outer length lies still gives its names, marked with the problem."""
    broken = bytearray(MADE[1])
    broken[3] ^= 0x20
    entry = read_leaf(leaf_of(bytes(broken)))
    assert entry.problem
    assert {"*.rrn.so", "RRN.so.", "rrn.so"} <= set(entry.names)


def test_issuers_are_remembered_in_small() -> None:
    """A prefix of megabytes before the validity does not enter the memory of issuers."""
    blown = b"\x00" * 2_000_000 + b"\x30\x1e\x17\x0d"
    assert identify(blown, 1, len(blown)) is None


def test_an_ip_only_certificate_has_no_names_and_no_problem() -> None:
    """No names is an answer when the certificate says so itself."""
    import ipaddress

    certificate = made([x509.IPAddress(ipaddress.ip_address("192.0.2.1"))], [])
    entry = read_leaf(leaf_of(certificate))
    assert (entry.names, entry.problem) == ([], "")


def test_times_of_both_centuries() -> None:
    """UTCTime turns at 50, GeneralizedTime is taken as it is, nonsense raises DerError."""
    assert moment(b"\x17\x0d500101000000Z").year == 1950
    assert moment(b"\x17\x0d491231235959Z").year == 2049
    assert moment(b"\x18\x0f20500101000000Z").year == 2050
    for wrong in (b"", b"\x17\x0d991332000000Z", b"\x17\x0d9901010000000", b"\x18\x0f00000101000000Z"):
        with pytest.raises(der.DerError):
            moment(wrong)


def test_describe_refuses_what_is_none() -> None:
    """The library's errors come out as one kind."""
    with pytest.raises(CertificateError):
        describe(MADE[0][:-20])
    assert certificates.describe(MADE[0]).names == ("rrn.so",)
