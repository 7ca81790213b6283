"""Signed notes and the checkpoints of certificate logs in them (signed-note, tlog-checkpoint, static-ct-api).

The key decides, never the name: a line with the log's name and an unknown key id is passed over like a stranger's.
"""

import base64
import binascii
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256

_LINE = re.compile("\u2014 ([^\\s+]+) ([A-Za-z0-9+/]+={0,2})")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_RFC6962 = 0x05
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NOTE_LIMIT = 1_000_000
_MS_LIMIT = 253_402_300_800_000


class NoteError(ValueError):
    """The note is malformed, or no key that we know signed it."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line; who really signed is decided by the key."""

    name: str
    key_id: bytes
    value: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Note:
    """Body (with its last newline) and signature lines, nothing verified."""

    body: str
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Size and root that a log vouches for. `at` is the log's own clock, None when the checkpoint was not verified."""

    origin: str
    size: int
    root: bytes
    at: datetime | None = None


def parse(data: bytes) -> Note:
    """Split a signed note; raises NoteError."""
    if len(data) > _NOTE_LIMIT:
        raise NoteError("note too long")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NoteError("note is not UTF-8") from error
    if any(char < " " and char != "\n" for char in text):
        raise NoteError("control character in note")
    body, gap, lines = text.rpartition("\n\n")
    if not gap or not lines.endswith("\n"):
        raise NoteError("note without signatures")
    return Note(body + "\n", tuple(_signature(line) for line in lines[:-1].split("\n")))


def read_checkpoint(note: Note) -> Checkpoint:
    """The checkpoint in a note's body, unverified; raises NoteError for anything but three strict lines."""
    lines = note.body[:-1].split("\n")
    if len(lines) != 3 or not lines[0] or not _SIZE.fullmatch(lines[1]):
        raise NoteError("checkpoint is not origin, size and root")
    return Checkpoint(lines[0], int(lines[1]), _strict_base64(lines[2], 32))


def verify_checkpoint(data: bytes, origin: str, key: bytes) -> Checkpoint:
    """The checkpoint that the log with this origin and key (SubjectPublicKeyInfo, DER) signed; raises NoteError."""
    note = parse(data)
    checkpoint = read_checkpoint(note)
    if checkpoint.origin != origin:
        raise NoteError(f"checkpoint of {checkpoint.origin!r}, wanted {origin!r}")
    key_id = log_key_id(origin, key)
    for signature in note.signatures:
        if signature.name == origin and signature.key_id == key_id:
            if len(signature.value) < 8:
                raise NoteError("signature too short")
            timestamp = int.from_bytes(signature.value[:8], "big")
            at = verify_tree_head(checkpoint.size, checkpoint.root, timestamp, signature.value[8:], key)
            return Checkpoint(origin, checkpoint.size, checkpoint.root, at)
    raise NoteError("no signature by the log's key")


def log_key_id(origin: str, key: bytes) -> bytes:
    """The four bytes by which a note names a certificate log's key."""
    return sha256(origin.encode() + b"\n" + bytes([_RFC6962]) + sha256(key).digest()).digest()[:4]


def tree_head(size: int, root: bytes, timestamp: int) -> bytes:
    """The bytes that a log signs (RFC 6962, section 3.5); timestamp in milliseconds."""
    return b"\x00\x01" + timestamp.to_bytes(8, "big") + size.to_bytes(8, "big") + root


def verify_tree_head(size: int, root: bytes, timestamp: int, signature: bytes, key: bytes) -> datetime:
    """Check a log's DigitallySigned over a tree head and give its time; raises NoteError."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm  # noqa: PLC0415 - heavy, rarely needed
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_der_public_key  # noqa: PLC0415

    if (
        not 0 <= timestamp < _MS_LIMIT
        or len(signature) < 4
        or int.from_bytes(signature[2:4], "big") != len(signature) - 4
    ):
        raise NoteError("malformed signature")
    try:
        public, signed, message = load_der_public_key(key), signature[4:], tree_head(size, root, timestamp)
        if signature[:2] == b"\x04\x03" and isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(signed, message, ec.ECDSA(hashes.SHA256()))
        elif signature[:2] == b"\x04\x01" and isinstance(public, rsa.RSAPublicKey):
            public.verify(signed, message, padding.PKCS1v15(), hashes.SHA256())
        else:
            raise NoteError("signature of another kind than the key")
    except InvalidSignature as error:
        raise NoteError("signature does not hold") from error
    except (ValueError, OverflowError, UnsupportedAlgorithm) as error:
        raise NoteError(f"signature cannot be checked: {error}") from error
    return _EPOCH + timedelta(milliseconds=timestamp)


def _signature(line: str) -> Signature:
    match = _LINE.fullmatch(line)
    if match is None:
        raise NoteError("malformed signature line")
    value = _strict_base64(match[2])
    if len(value) < 5:
        raise NoteError("signature line without a signature")
    return Signature(match[1], value[:4], value[4:])


def _strict_base64(text: str, length: int | None = None) -> bytes:
    try:
        value = binascii.a2b_base64(text.encode("ascii"), strict_mode=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise NoteError("no base64") from error
    if base64.b64encode(value).decode("ascii") != text or (length is not None and len(value) != length):
        raise NoteError("base64 of another form or length")
    return value
