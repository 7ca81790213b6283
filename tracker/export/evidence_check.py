"""Checks an evidence folder without any network and without the tracker: `python3 verify.py`.

Hashes of all files, then per certificate-log proof: that the leaf names the domain, that it is in the tree of the
signed head, and that the log's own key signed that head. Python 3.11 or later; the signature needs `cryptography`
or openssl.
"""

import base64
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

RFC6962 = b"\x05"
"""Algorithm byte of a certificate log's signature in a signed note."""


class Broken(Exception):
    """Something does not hold."""


class Unchecked(Exception):
    """Something could not be checked here."""


def main(folder: Path, say: Callable[[str], object]) -> int:
    """0 when everything holds, 1 when anything does not, 3 when a signature could not be checked."""
    worst = 0
    for what, check in checks(folder):
        try:
            say(f"holds        {what}: {check()}\n")
        except Unchecked as reason:
            say(f"NOT CHECKED  {what}: {reason}\n")
            worst = worst or 3
        except (Broken, KeyError, ValueError, OSError) as reason:
            say(f"BROKEN       {what}: {reason}\n")
            worst = 1
    return worst


def checks(folder: Path) -> Iterator[tuple[str, Callable[[], str]]]:
    """What is checked, and how."""
    yield "SHA256SUMS", lambda: sums(folder)
    for file in sorted((folder / "artefacts").glob("*-ct-proof-*.json")):
        proof = json.loads(file.read_bytes())
        yield f"{file.name}, entry", lambda proof=proof: entry(proof, domain(folder))  # type: ignore[misc]
        yield f"{file.name}, inclusion", lambda proof=proof: inclusion(proof)  # type: ignore[misc]
        yield f"{file.name}, signature", lambda proof=proof: signature(proof)  # type: ignore[misc]


def domain(folder: Path) -> str:
    """The name that the file is about."""
    return str(json.loads((folder / "evidence.json").read_bytes())["domain"])


def sums(folder: Path) -> str:
    """Every listed file has its hash, and no file is unlisted."""
    listed = {}
    for line in (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, _, path = line.partition("  ")
        listed[path] = digest
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {"SHA256SUMS"}
    if odd := sorted(there ^ listed.keys()):
        raise Broken(f"listed or there, not both: {', '.join(odd)}")
    wrong = [path for path, digest in listed.items() if sha256((folder / path).read_bytes()).hexdigest() != digest]
    if wrong:
        raise Broken(f"changed: {', '.join(sorted(wrong))}")
    return f"{len(listed)} files unchanged"


def entry(proof: dict[str, dict[str, object]], name: str) -> str:
    """The leaf is a log entry whose certificate carries the name; says when the log took it in."""
    leaf = raw(proof["entry"]["leaf"])
    if leaf[:2] != b"\x00\x00" or name.encode("ascii") not in leaf:
        raise Broken(f"the entry is no certificate of {name}")
    at = datetime.fromtimestamp(int.from_bytes(leaf[2:10], "big") / 1000, UTC)
    return f"names {name}, logged {at:%Y-%m-%dT%H:%M:%SZ}"


def inclusion(proof: dict[str, dict[str, object]]) -> str:
    """The leaf is in the tree: the path leads from its hash to the root (RFC 9162, section 2.1.3.2)."""
    index, size = number(proof["entry"]["index"]), number(proof["head"]["size"])
    path = proof["inclusion"]["path"]
    assert isinstance(path, list)
    fn, sn, current = index, size - 1, sha256(b"\x00" + raw(proof["entry"]["leaf"])).digest()
    if not 0 <= index < size:
        raise Broken(f"no entry {index} in a tree of {size}")
    for sibling in map(raw, path):
        if sn == 0:
            raise Broken("the path is too long")
        if fn & 1 or fn == sn:
            current = sha256(b"\x01" + sibling + current).digest()
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            current = sha256(b"\x01" + current + sibling).digest()
        fn, sn = fn >> 1, sn >> 1
    if sn or current != raw(proof["head"]["root"]):
        raise Broken("the path does not lead to the root")
    return f"entry {index} of {size}"


def signature(proof: dict[str, dict[str, object]]) -> str:
    """The log's key signed this size and root."""
    key, signed = raw(proof["log"]["key"]), raw(proof["head"]["signed"])
    size, root = number(proof["head"]["size"]), raw(proof["head"]["root"])
    if base64.b64encode(sha256(key).digest()).decode() != proof["log"]["log_id"]:
        raise Broken("the key is not that of the log id")
    read = _of_json if signed.lstrip()[:1] == b"{" else _of_note
    timestamp, value = read(signed, str(proof["log"]["origin"]), key, size, root)
    message = b"\x00\x01" + timestamp.to_bytes(8, "big") + size.to_bytes(8, "big") + root
    if value[:1] != b"\x04" or int.from_bytes(value[2:4], "big") != len(value) - 4:
        raise Broken("a signature of an unknown kind")
    how = _verified(key, value[4:], message)
    at = datetime.fromtimestamp(timestamp / 1000, UTC)
    return f"tree of {size} signed by log {proof['log']['log_id']} at {at:%Y-%m-%dT%H:%M:%SZ} ({how})"


def _of_note(signed: bytes, origin: str, key: bytes, size: int, root: bytes) -> tuple[int, bytes]:
    """Timestamp and signature from a checkpoint (a signed note)."""
    body, _, lines = signed.decode("utf-8").rpartition("\n\n")
    if body.split("\n") != [origin, str(size), base64.b64encode(root).decode()]:
        raise Broken("the checkpoint states another tree")
    key_id = sha256(origin.encode() + b"\n" + RFC6962 + sha256(key).digest()).digest()[:4]
    for line in lines.splitlines():
        value = base64.b64decode(line.rpartition(" ")[2])
        if value[:4] == key_id:
            return int.from_bytes(value[4:12], "big"), value[12:]
    raise Broken("no signature by the log's key")


def _of_json(signed: bytes, _: str, __: bytes, size: int, root: bytes) -> tuple[int, bytes]:
    """Timestamp and signature from a signed tree head (RFC 6962, section 4.3)."""
    head = json.loads(signed)
    if (head["tree_size"], raw(head["sha256_root_hash"])) != (size, root):
        raise Broken("the tree head states another tree")
    return int(head["timestamp"]), raw(head["tree_head_signature"])


def _verified(key: bytes, value: bytes, message: bytes) -> str:
    try:
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - may not be here
        from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
        from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa  # noqa: PLC0415
        from cryptography.hazmat.primitives.serialization import load_der_public_key  # noqa: PLC0415
    except ImportError:
        return verified_by_openssl(key, value, message)
    public = load_der_public_key(key)
    try:
        if isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(value, message, ec.ECDSA(hashes.SHA256()))
        elif isinstance(public, rsa.RSAPublicKey):
            public.verify(value, message, padding.PKCS1v15(), hashes.SHA256())
        else:
            raise Broken("a key of an unknown kind")
    except InvalidSignature as error:
        raise Broken("the signature does not hold") from error
    return "cryptography"


def verified_by_openssl(key: bytes, value: bytes, message: bytes) -> str:
    """Check a signature (SHA-256, by a public key in DER) with the program that is nearly everywhere."""
    with tempfile.TemporaryDirectory() as kept:
        files = {name: Path(kept) / name for name in ("key", "value", "message")}
        for name, body in (("value", value), ("message", message)):
            files[name].write_bytes(body)
        pem = base64.encodebytes(key).decode()
        files["key"].write_text(f"-----BEGIN PUBLIC KEY-----\n{pem}-----END PUBLIC KEY-----\n", encoding="ascii")
        command: Sequence[object] = ("-verify", files["key"], "-signature", files["value"], files["message"])
        try:
            done = subprocess.run(["openssl", "dgst", "-sha256", *map(str, command)], capture_output=True, check=False)
        except FileNotFoundError as error:
            raise Unchecked("neither the Python package `cryptography` nor openssl is here") from error
    if done.returncode:
        raise Broken("the signature does not hold")
    return "openssl"


def raw(value: object) -> bytes:
    """Bytes from base64."""
    return base64.b64decode(str(value), validate=True)


def number(value: object) -> int:
    """A whole number; raises ValueError."""
    return int(str(value))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent, sys.stdout.write))
