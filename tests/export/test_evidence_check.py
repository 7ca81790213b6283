"""The check that travels with an evidence file, on trees and keys made here."""

import base64
import json
import shutil
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tracker.decoders.merkle import root_over
from tracker.export.evidence_check import Broken, entry, inclusion, main, signature, verified_by_openssl

LEAF = b"\x00\x00" + (1_725_518_940_000).to_bytes(8, "big") + b"\x00\x00 ... rrn.so ..."
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def b64(value: bytes) -> str:
    """As the proofs write it."""
    return base64.b64encode(value).decode()


def proof(size: int, index: int, key: Key) -> dict[str, dict[str, object]]:
    """The proof of an entry in a tree of `size`, its head a signed tree head (RFC 6962)."""
    row = [sha256(b"\x00" + (LEAF if place == index else bytes([place]))).digest() for place in range(size)]
    root, path = root_over(row), _path(index, row)
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    message = b"\x00\x01" + (1_725_520_000_000).to_bytes(8, "big") + size.to_bytes(8, "big") + root
    if isinstance(key, ec.EllipticCurvePrivateKey):
        signed, kind = key.sign(message, ec.ECDSA(hashes.SHA256())), b"\x04\x03"
    else:
        signed, kind = key.sign(message, padding.PKCS1v15(), hashes.SHA256()), b"\x04\x01"
    head = {
        "tree_size": size,
        "timestamp": 1_725_520_000_000,
        "sha256_root_hash": b64(root),
        "tree_head_signature": b64(kind + len(signed).to_bytes(2, "big") + signed),
    }
    return {
        "log": {"log_id": b64(sha256(public).digest()), "key": b64(public), "origin": "log.example"},
        "head": {"size": size, "root": b64(root), "signed": b64(json.dumps(head).encode())},
        "entry": {"index": index, "leaf": b64(LEAF)},
        "inclusion": {"index": index, "path": [b64(node) for node in path]},
    }


def _path(index: int, row: list[bytes]) -> list[bytes]:
    """The audit path, by the recursive definition of RFC 6962, section 2.1.1."""
    if len(row) == 1:
        return []
    split = 1 << (len(row) - 1).bit_length() - 1
    if index < split:
        return [*_path(index, row[:split]), root_over(row[split:])]
    return [*_path(index - split, row[split:]), root_over(row[:split])]


@pytest.fixture(params=["ecdsa", "rsa"])
def key(request: pytest.FixtureRequest) -> Key:
    """Both kinds of key that logs have had."""
    if request.param == "ecdsa":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(65537, 2048)


def test_every_entry_of_every_small_tree_is_included() -> None:
    """By the recursive definition and by the check's iteration alike."""
    key = ec.generate_private_key(ec.SECP256R1())
    for size in range(1, 18):
        for index in range(size):
            assert inclusion(proof(size, index, key)) == f"entry {index} of {size}"


def test_the_signature_is_the_logs(key: Key) -> None:
    """It holds for both kinds of key, and says which log signed what and when."""
    told = proof(7, 3, key)
    log = told["log"]["log_id"]
    assert signature(told) == f"tree of 7 signed by log {log} at 2024-09-05T07:06:40Z (cryptography)"


@pytest.mark.skipif(shutil.which("openssl") is None, reason="NOT RUN: openssl is not here")
def test_openssl_says_the_same(key: Key) -> None:
    """Where the library is missing: the signature holds, and not for another message."""
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    signed = (
        key.sign(b"head", ec.ECDSA(hashes.SHA256()))
        if isinstance(key, ec.EllipticCurvePrivateKey)
        else key.sign(b"head", padding.PKCS1v15(), hashes.SHA256())
    )
    assert verified_by_openssl(public, signed, b"head") == "openssl"
    with pytest.raises(Broken, match="does not hold"):
        verified_by_openssl(public, signed, b"another head")


def test_what_was_tampered_with_is_broken(key: Key) -> None:
    """Another leaf, another path, another key, another size, another name."""
    told = proof(7, 3, key)
    assert entry(told, "rrn.so") == "names rrn.so, logged 2024-09-05T06:49:00Z"
    with pytest.raises(Broken, match="no certificate of faz"):
        entry(told, "faz.net")
    for change in ({"leaf": b64(LEAF + b"x")}, {"index": 4}, {"index": 9}):
        with pytest.raises(Broken):
            inclusion({**told, "entry": {**told["entry"], **change}})
    other = proof(7, 3, ec.generate_private_key(ec.SECP256R1()))
    with pytest.raises(Broken, match="not that of the log id"):
        signature({**told, "log": {**told["log"], "key": other["log"]["key"]}})
    with pytest.raises(Broken, match=r"signature does not hold|unknown kind"):
        signature({**told, "log": other["log"]})
    with pytest.raises(Broken, match="another tree"):
        signature({**told, "head": {**told["head"], "size": 8}})


def test_files_that_are_missing_added_or_changed_are_named(tmp_path: Path) -> None:
    """And the status says so; a folder without any proof is checked for its hashes alone."""
    (tmp_path / "a.txt").write_bytes(b"a")
    (tmp_path / "SHA256SUMS").write_text(f"{sha256(b'a').hexdigest()}  a.txt\n", encoding="utf-8")
    said: list[str] = []
    assert main(tmp_path, said.append) == 0
    (tmp_path / "a.txt").write_bytes(b"b")
    assert main(tmp_path, said.append) == 1
    (tmp_path / "b.txt").write_bytes(b"b")
    assert main(tmp_path, said.append) == 1
    assert [line.split()[0] for line in said] == ["holds", "BROKEN", "BROKEN"]
    assert "a.txt" in said[1] and "b.txt" in said[2]
