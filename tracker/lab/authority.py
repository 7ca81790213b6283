"""The lab's certificate authorities: every key and certificate is a function of the seed."""

import hashlib
import ipaddress
import ssl
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LONG_LIVED = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2119, 12, 31, tzinfo=UTC))
"""Validity of infrastructure: the TLS library judges it by the wall clock, whatever the virtual instant."""

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def derived_key(seed: int, label: str) -> ec.EllipticCurvePrivateKey:
    """The P-256 key that this seed gives to this label. No secret: anybody with the scenario has it."""
    digest = hashlib.sha512(f"lab key\n{seed}\n{label}".encode()).digest()
    return ec.derive_private_key(int.from_bytes(digest, "big") % (_ORDER - 1) + 1, ec.SECP256R1())


def public_der(key: ec.EllipticCurvePrivateKey) -> bytes:
    """SubjectPublicKeyInfo, DER."""
    return key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A certificate with the key of its owner."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def der(self) -> bytes:
        """The certificate as it goes over the wire."""
        return self.certificate.public_bytes(serialization.Encoding.DER)


class Authority:
    """A CA of the lab. `title` is its common name and, with the seed, decides every key and signature under it."""

    def __init__(self, seed: int, title: str) -> None:
        self.seed = seed
        self.title = title
        self.key = derived_key(seed, f"authority {title}")
        self.name = x509.Name(
            [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Lab"), x509.NameAttribute(NameOID.COMMON_NAME, title)]
        )
        self.certificate = self._root()
        self._contexts: dict[tuple[object, ...], ssl.SSLContext] = {}

    @property
    def der(self) -> bytes:
        """The CA's own certificate, DER."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> str:
        """The CA's own certificate, PEM: what a client that trusts this CA is given."""
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")

    def client_context(self) -> ssl.SSLContext:
        """A context that trusts this CA and no other."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=self.pem)
        return context

    def key_of(self, name: str) -> ec.EllipticCurvePrivateKey:
        """The key of the owner of `name`: equal in every certificate whose first name it is."""
        return derived_key(self.seed, f"{self.title}\n{name}")

    def issue(
        self, names: Sequence[str], *, not_before: datetime, not_after: datetime, serial: int | None = None
    ) -> Leaf:
        """A server certificate for `names` (or addresses); without `serial` it is drawn from names and validity."""
        key = self.key_of(names[0])
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])] if len(names[0]) <= 64 else []))
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(self._serial(names, not_before, not_after) if serial is None else serial)
            .not_valid_before(not_before)
            .not_valid_after(not_after)
            .add_extension(_key_usage(ca=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
            .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
        )
        return Leaf(builder.sign(self.key, hashes.SHA256(), ecdsa_deterministic=True), key)

    def server_context(
        self,
        host: str,
        *,
        names: Sequence[str] = (),
        not_before: datetime = LONG_LIVED[0],
        not_after: datetime = LONG_LIVED[1],
        serial: int | None = None,
    ) -> ssl.SSLContext:
        """A server's context with a certificate for `names` (default: `host`); equal arguments, same context."""
        wanted = (tuple(names) or (host,), not_before, not_after, serial)
        if wanted not in self._contexts:
            leaf = self.issue(wanted[0], not_before=not_before, not_after=not_after, serial=serial)
            self._contexts[wanted] = _context(leaf)
        return self._contexts[wanted]

    def _serial(self, names: Sequence[str], not_before: datetime, not_after: datetime) -> int:
        text = "\n".join([str(self.seed), self.title, *names, not_before.isoformat(), not_after.isoformat()])
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:15], "big") + 1

    def _root(self) -> x509.Certificate:
        public = self.key.public_key()
        builder = (
            x509.CertificateBuilder()
            .subject_name(self.name)
            .issuer_name(self.name)
            .public_key(public)
            .serial_number(self._serial((), *LONG_LIVED))
            .not_valid_before(LONG_LIVED[0])
            .not_valid_after(LONG_LIVED[1])
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(ca=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        )
        return builder.sign(self.key, hashes.SHA256(), ecdsa_deterministic=True)


def infrastructure(seed: int) -> Authority:
    """The CA of registries, logs and feeds, which the product is told to trust."""
    return Authority(seed, "Lab Infrastructure CA")


def candidates(seed: int) -> Authority:
    """The CA that signs what the names under watch serve. Nobody is told to trust it."""
    return Authority(seed, "Lab Candidates CA")


def by_server_name(fallback: ssl.SSLContext, pick: Callable[[str], ssl.SSLContext | None]) -> ssl.SSLContext:
    """Make `fallback` answer each TLS client with `pick(server name)`, and refuse the handshake when that is None."""

    def choose(line: ssl.SSLSocket | ssl.SSLObject, name: str | None, _: object) -> int | None:
        context = fallback if name is None else pick(name.lower())
        if context is None:
            return int(ssl.AlertDescription.ALERT_DESCRIPTION_UNRECOGNIZED_NAME)
        line.context = context
        return None

    fallback.set_servername_callback(choose)
    return fallback


def _key_usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _context(leaf: Leaf) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    secret = leaf.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with tempfile.TemporaryDirectory() as folder:  # the ssl module takes keys from files only
        path = Path(folder) / "leaf.pem"
        path.write_bytes(leaf.certificate.public_bytes(serialization.Encoding.PEM) + secret)
        context.load_cert_chain(path)
    return context
