"""`tracker resolve` against a server on loopback: rows, order, exit codes."""

import csv
import io
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import dns.flags
import dns.message
import dns.rrset
import pytest
import typer
from typer.testing import CliRunner

from tracker.cli.errors import Refused
from tracker.cli.resolve import register

COLUMNS = ["domain", "presence", "reason", "name_servers", "server", "attempts"]


@pytest.fixture
def server() -> Iterator[str]:
    """A server that refers `there.so`, fails for `broken.so` and denies the rest."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0))
        bound.settimeout(0.05)
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                try:
                    packet, peer = bound.recvfrom(2000)
                except TimeoutError:
                    continue
                query = dns.message.from_wire(packet)
                reply = dns.message.make_response(query)
                name = query.question[0].name
                if name.to_text() == "there.so.":
                    reply.authority.append(dns.rrset.from_text(name, 60, "IN", "NS", "ns2.x.so.", "ns1.x.so."))
                elif name.to_text() == "broken.so.":
                    reply.set_rcode(2)
                else:
                    reply.set_rcode(3)
                    reply.flags |= dns.flags.AA
                    reply.authority.append(dns.rrset.from_text("so.", 60, "IN", "SOA", "ns.so. h.so. 1 2 3 4 5"))
                bound.sendto(reply.to_wire(), peer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"127.0.0.1:{bound.getsockname()[1]}"
        stop.set()
        thread.join()


def run(*arguments: str, given: str = "") -> tuple[int, str, str]:
    """The command's exit code, stdout and stderr."""
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    result = CliRunner().invoke(app, ["resolve", *arguments], input=given)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_every_name_is_answered_once_in_order(server: str) -> None:
    """Present, absent, undecided; name servers joined by semicolons; CSV in a pipe."""
    given = "there.so\n# a comment\nhxxp://gone[.]so/page\nbroken.so\nthere.so\n"
    code, out, _ = run("--server", server, "--rate", "0", given=given)
    rows = list(csv.reader(io.StringIO(out)))
    assert code == 0
    assert rows == [
        COLUMNS,
        ["there.so", "PRESENT", "delegated", "ns1.x.so;ns2.x.so", server, "1"],
        ["gone.so", "ABSENT", "nxdomain", "", server, "1"],
        ["broken.so", "INDETERMINATE", "servfail", "", server, "4"],
    ]


def test_names_come_from_a_file_and_limits_from_options(server: str, tmp_path: Path) -> None:
    """A file instead of stdin, JSON instead of CSV, a rate and a window."""
    (tmp_path / "names").write_text("there.so\n")
    code, out, _ = run(
        str(tmp_path / "names"), "--server", server, "--rate", "100", "--in-flight", "5", "--format", "json"
    )
    assert code == 0
    assert '"domain": "there.so", "presence": "PRESENT"' in out


def test_a_line_that_is_no_name_is_told_and_the_rest_answered(server: str) -> None:
    """Exit 1, the line on stderr, every name on stdout."""
    code, out, told = run("--server", server, "--rate", "0", given="gone.so\nnot a name\n")
    assert code == 1
    assert "gone.so,ABSENT" in out
    assert "-:2: " in told


@pytest.mark.parametrize("text", ["example.com:53", "127.0.0.1:x", "127.0.0.1:0", "[::1"])
def test_a_server_is_an_address(text: str) -> None:
    """A name would have to be resolved, which is what is being asked."""
    with pytest.raises(Refused, match="ADDR:PORT"):
        run("--server", text, given="gone.so\n")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """One line, status 2."""
    with pytest.raises(Refused, match="No such file"):
        run(str(tmp_path / "none"), "--server", "127.0.0.1:5300")


def test_a_profile_has_a_row_for_every_name_even_when_nobody_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The columns stand; what was not learned is empty. Asked of one server it makes no sense, and is refused."""
    (tmp_path / "tracker.toml").write_text('[dns]\nroots = ["127.0.0.1"]\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    code, out, _ = run("--profile", given="gone.so\n")
    (row,) = csv.DictReader(io.StringIO(out))
    assert code == 0 and row["presence"] == "INDETERMINATE"
    assert {row[column] for column in ("resolving", "a", "mx", "txt", "caa", "ttl")} == {""}
    with pytest.raises(Refused, match="--profile"):
        run("--profile", "--server", "127.0.0.1:5300", given="gone.so\n")
