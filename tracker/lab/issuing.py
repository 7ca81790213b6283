"""Certificates that the lab issues: when they hold, and as precertificates that cost next to nothing to make."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tracker.lab.authority import LONG_LIVED, Authority
from tracker.lab.world import Issuance, World

LIFETIME = timedelta(days=90)

_POISON = bytes.fromhex("3013060a2b06010401d6790204030101ff04020500")
_ECDSA_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")


def validity(issued: datetime) -> tuple[datetime, datetime]:
    """First and last second of a certificate issued then: an hour back for slow clocks, 90 days in all."""
    first = issued.astimezone(UTC).replace(microsecond=0) - timedelta(hours=1)
    return first, first + LIFETIME - timedelta(seconds=1)


def latest(world: World, host: str, moment: datetime) -> Issuance | None:
    """The newest certificate that names `host` and was issued by `moment`, expired or not."""
    known = [each for each in world.issuances if host in each.names and each.at <= moment]
    return max(known, key=lambda each: (each.at, each.serial), default=None)


class Precertificates:
    """Precertificates of one authority for the owner of one key, spliced together from parts that the library made."""

    def __init__(self, authority: Authority, owner: str) -> None:
        self._authority = authority
        self._key = authority.key_of(owner)
        sample = authority.issue([owner], not_before=LONG_LIVED[0], not_after=LONG_LIVED[1]).certificate
        fixed = [each for each in sample.extensions if not isinstance(each.value, x509.SubjectAlternativeName)]
        self._extensions = b"".join(_extension(each) for each in fixed)
        self._issuer = sample.issuer.public_bytes()
        self._public = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def tbs(self, names: Sequence[str], serial: int, issued: datetime, *, poison: bool = False) -> bytes:
        """The TBSCertificate, DER; with `poison` as it stands in the precertificate, else as it is logged."""
        first, last = validity(issued)
        alternatives = _tlv(0x30, b"".join(_tlv(0x82, name.encode("ascii")) for name in names))
        extensions = self._extensions + _tlv(0x30, b"\x06\x03\x55\x1d\x11" + _tlv(0x04, alternatives))
        return _tlv(
            0x30,
            b"\xa0\x03\x02\x01\x02"
            + _tlv(0x02, serial.to_bytes(serial.bit_length() // 8 + 1, "big"))
            + _ECDSA_SHA256
            + self._issuer
            + _tlv(0x30, _time(first) + _time(last))
            + _name(names[0])
            + self._public
            + _tlv(0xA3, _tlv(0x30, extensions + (_POISON if poison else b""))),
        )

    def sign(self, tbs: bytes) -> bytes:
        """The authority's signature over a TBSCertificate: the same bytes whenever it is asked."""
        return self._authority.key.sign(tbs, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))

    @staticmethod
    def joined(tbs: bytes, signature: bytes) -> bytes:
        """The certificate, DER."""
        return _tlv(0x30, tbs + _ECDSA_SHA256 + _tlv(0x03, b"\x00" + signature))

    @property
    def issuer_key_hash(self) -> bytes:
        """SHA-256 of the authority's public key, as log entries carry it."""
        public = self._authority.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return hashlib.sha256(public).digest()


def _extension(extension: x509.Extension[x509.ExtensionType]) -> bytes:
    oid = b"\x55\x1d" + bytes([int(extension.oid.dotted_string.removeprefix("2.5.29."))])
    critical = b"\x01\x01\xff" if extension.critical else b""
    return _tlv(0x30, _tlv(0x06, oid) + critical + _tlv(0x04, extension.value.public_bytes()))


def _name(name: str) -> bytes:
    if len(name) > 64:
        return _tlv(0x30, b"")
    return _tlv(0x30, _tlv(0x31, _tlv(0x30, b"\x06\x03\x55\x04\x03" + _tlv(0x0C, name.encode("ascii")))))


def _time(moment: datetime) -> bytes:
    return _tlv(0x17, moment.strftime("%y%m%d%H%M%SZ").encode("ascii"))


def _tlv(tag: int, value: bytes) -> bytes:
    size = len(value)
    if size < 0x80:
        return bytes((tag, size)) + value
    octets = (size.bit_length() + 7) // 8
    return bytes((tag, 0x80 | octets)) + size.to_bytes(octets, "big") + value
