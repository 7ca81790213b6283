"""Signed notes and checkpoints, real and hostile."""

import base64
import json
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from tracker.decoders import notes
from tracker.decoders.notes import NoteError, parse, read_checkpoint, verify_checkpoint
from tracker.lab.authority import derived_key, public_der

STATIC_LOG = Path(__file__).parents[3] / "shared" / "data" / "ct" / "static-log"
ORIGIN = "log.example/2024"
PRIVATE = derived_key(1, "log")
KEY = public_der(PRIVATE)
ROOT = sha256(b"root").digest()
TIME = 1_725_500_000_123


def _line(name: str, key_id: bytes, value: bytes) -> str:
    return f"\u2014 {name} {base64.b64encode(key_id + value).decode()}\n"


def _signature(size: int = 300, root: bytes = ROOT, private: ec.EllipticCurvePrivateKey = PRIVATE) -> bytes:
    signed = private.sign(notes.tree_head(size, root, TIME), ec.ECDSA(hashes.SHA256()))
    return TIME.to_bytes(8, "big") + b"\x04\x03" + len(signed).to_bytes(2, "big") + signed


def _body(size: object = 300, root: bytes = ROOT, extra: str = "") -> str:
    return f"{ORIGIN}\n{size}\n{base64.b64encode(root).decode()}\n{extra}"


def _note(body: str, *lines: str) -> bytes:
    return (body + "\n" + "".join(lines)).encode()


OWN = _line(ORIGIN, notes.log_key_id(ORIGIN, KEY), _signature())
GREASE = _line(ORIGIN, b"\x01\x02\x03\x04", b"grease that bears the log's own name")
WITNESS = _line("witness.example", b"\x09\x09\x09\x09", bytes(72))


def test_the_recorded_checkpoint_verifies_with_its_key() -> None:
    """The checkpoint of the recorded log is signed by the key in its description, and by no other."""
    if not STATIC_LOG.exists():
        pytest.skip("no recorded log on this machine")
    described = json.loads((STATIC_LOG / "log.v3.json").read_text())
    note, origin = (STATIC_LOG / "checkpoint").read_bytes(), "rome2026h1.example.org"
    checkpoint = verify_checkpoint(note, origin, base64.b64decode(described["key"]))
    assert (checkpoint.size, base64.b64encode(checkpoint.root).decode()) == (
        described["final_tree_head"]["tree_size"],
        described["final_tree_head"]["sha256_root_hash"],
    )
    with pytest.raises(NoteError, match="no signature by the log's key"):
        verify_checkpoint(note, origin, KEY)


@pytest.mark.parametrize("lines", [(OWN,), (GREASE, WITNESS, OWN), (OWN, WITNESS, GREASE)])
def test_strangers_lines_are_passed_over(lines: tuple[str, ...]) -> None:
    """Unknown key ids do not matter, not even under the log's own name; the log's own line decides."""
    checkpoint = verify_checkpoint(_note(_body(), *lines), ORIGIN, KEY)
    assert (checkpoint.size, checkpoint.root) == (300, ROOT)
    assert checkpoint.at is not None
    assert checkpoint.at.isoformat() == "2024-09-05T01:33:20.123000+00:00"


FORGED = _line(ORIGIN, notes.log_key_id(ORIGIN, KEY), _signature(private=derived_key(2, "log")))


@pytest.mark.parametrize(
    "note",
    [
        _note(_body(), GREASE),
        _note(_body(), WITNESS),
        _note(_body(), FORGED),
        _note(_body(301), OWN),
        _note(_body(root=sha256(b"other").digest()), OWN),
        _note(_body(extra="an extra line\n"), OWN),
        _note(_body("0300"), OWN),
        _note(_body("+300"), OWN),
        _note(_body(root=ROOT + b"x"), OWN),
        _note(_body().replace("=", ""), OWN),
        _note(_body().replace("\n", "\r\n"), OWN),
        _note(_body().replace(ORIGIN, "log.example/2025"), OWN),
        _note(_body()),
        _note(_body(), OWN)[:-1],
        _note(_body(), OWN.replace("\u2014", "-")),
        _note(_body(), OWN, "no signature line\n"),
        _note(_body(), _line(ORIGIN, notes.log_key_id(ORIGIN, KEY), b"\x00" * 5)),
        b"\xff\xfe",
        b"",
    ],
)
def test_what_is_not_strictly_a_checkpoint_of_the_log_is_refused(note: bytes) -> None:
    """Wrong key, wrong signer, wrong size, root or origin, extra lines, loose numbers, loose base64: NoteError."""
    with pytest.raises(NoteError):
        verify_checkpoint(note, ORIGIN, KEY)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_nonsense_raises_note_errors_only(junk: bytes) -> None:
    """No bytes make the readers raise anything but NoteError, as note, signature or key."""
    for read in (
        lambda: read_checkpoint(parse(junk)),
        lambda: verify_checkpoint(_note(_body(), OWN), ORIGIN, junk),
        lambda: notes.verify_tree_head(1, ROOT, 1, junk, KEY),
        lambda: notes.verify_tree_head(1, ROOT, 1, b"\x04\x03" + len(junk).to_bytes(2, "big") + junk, KEY),
    ):
        with pytest.raises(NoteError):
            read()
