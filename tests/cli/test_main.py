"""Whatever goes wrong with a call ends in one line that names the option, the file or the word, with its status."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.calling import tracker

REFUSED = {
    "no such command": (("nosuch",), "nosuch"),
    "no such option": (("report", "--nosuch"), "--nosuch"),
    "an argument is missing": (("survival",), "Missing argument"),
    "a number is too small": (("replay", "short", "--seed", "-1"), "--seed"),
    "not a number": (("match", "--bits", "nan", "--watch", "watchlists"), "--bits wants a number, not nan"),
    "nothing to imitate": (("lookalikes", ""), "'' is neither a name nor a label"),
    "a word of a list": (
        ("review", "a.so", "--mute", "9d", "--scope", "foo"),
        "--scope: there is no 'foo'; there are name",
    ),
    "a marking": (
        ("watch", "add", "a.so", "--source", "x", "--tlp", "FOO"),
        "--tlp: there is no 'FOO'; there are TLP",
    ),
    "a technique": (("lookalikes", "a.so", "--technique", "magic"), "--technique: there is no 'magic'; there are"),
    "a profile": (("export", "--profile", "all"), "--profile: there is no 'all'; there are"),
    "no moment": (("cite", "--as-of", "foo"), "--as-of wants a day"),
    "no such month": (("lookback", "a.so", "--on", "2024-13-10"), "--on wants a day"),
    "a file that is not there": (("check", "/no/such.toml"), "/no/such.toml: No such file or directory"),
    "a file that is no text": (("check", sys.executable), "not UTF-8 at byte"),
    "a reply that is not there": (("parse", "rdap", "/no/such.json"), "/no/such.json: No such file or directory"),
    "a folder in a file": (("init", f"{__file__}/x"), "Not a directory"),
}


@pytest.mark.parametrize(("arguments", "reason"), REFUSED.values(), ids=list(REFUSED))
def test_misuse_is_one_line_with_status_2(arguments: tuple[str, ...], reason: str, tmp_path: Path) -> None:
    """No trace, no box, no system's number: who reads it knows what to change."""
    said = tracker("--database", tmp_path / "none.db", *arguments)
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith("tracker: ") and said.err.count("\n") == 1
    assert reason in said.err and "Errno" not in said.err


def printing(output: int, *arguments: str) -> "subprocess.Popen[bytes]":
    """A call as a process of its own, because it ends with its output."""
    line = [sys.executable, "-c", "from tracker.cli.main import run; run()", *arguments]
    return subprocess.Popen(line, stdout=output, stderr=subprocess.PIPE)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="NOT RUN: this system has no /dev/full")
def test_an_output_without_room_is_one_line() -> None:
    """As when a disk is full: status 1, since what was asked for is not all there."""
    with Path("/dev/full").open("w") as full, printing(full.fileno(), "protocol") as call:
        assert call.communicate()[1] == b"tracker: output: No space left on device\n"
    assert call.returncode == 1


def test_a_reader_that_has_enough_is_no_fault() -> None:
    """`tracker lookalikes … | head -1` ends with 141 and in silence, as programs do that are cut off."""
    with printing(subprocess.PIPE, "lookalikes", "example.com", "--limit", "20000") as call:
        assert call.stdout is not None and call.stderr is not None
        call.stdout.readline()
        call.stdout.close()
        assert call.stderr.read() == b""
    assert call.returncode == 141
