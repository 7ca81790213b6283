"""NSD on loopback: an authoritative server that knows nothing of this program."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import dns.message
import dns.query

PROGRAM = shutil.which("nsd", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")

_SERVER = """server:
  ip-address: 127.0.0.1
  port: {port}
  username: ""
  chroot: ""
  zonesdir: "{folder}"
  database: ""
  pidfile: "{folder}/nsd.pid"
  xfrdfile: "{folder}/xfrd.state"
  zonelistfile: "{folder}/zone.list"
  xfrdir: "{folder}"
  server-count: 1
  rrl-ratelimit: 0
remote-control:
  control-enable: no
"""
HEAD = "$TTL 3600\n@ SOA ns.nsd.example. h.nsd.example. 1 7200 900 1209600 900\n@ NS ns.nsd.example.\n"


@contextmanager
def served(folder: Path, zones: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """NSD with these zones (name → records below SOA and NS), up and answering; where it is."""
    assert PROGRAM is not None
    port = _free_port()
    config = [_SERVER.format(port=port, folder=folder)]
    for number, (zone, records) in enumerate(zones.items()):
        (folder / f"{number}.zone").write_text(f"$ORIGIN {zone}\n{HEAD}{records}\n", encoding="utf-8")
        config.append(f'zone:\n  name: "{zone}"\n  zonefile: "{number}.zone"\n')
    (folder / "nsd.conf").write_text("".join(config), encoding="utf-8")
    log = (folder / "nsd.log").open("w", encoding="utf-8")
    child = subprocess.Popen([PROGRAM, "-d", "-c", str(folder / "nsd.conf")], stdout=log, stderr=log)
    try:
        _wait(port, next(iter(zones)), child, folder / "nsd.log")
        yield "127.0.0.1", port
    finally:
        child.terminate()
        child.wait(10)
        log.close()


def _free_port() -> int:
    while True:
        with socket.socket() as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            port: int = tcp.getsockname()[1]
            try:
                udp.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def _wait(port: int, zone: str, child: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(100):
        try:
            if dns.query.udp(dns.message.make_query(zone, "SOA"), "127.0.0.1", timeout=0.2, port=port).answer:
                return
        except (OSError, dns.exception.Timeout):
            pass
        assert child.poll() is None, log.read_text(encoding="utf-8")
        time.sleep(0.1)
    raise AssertionError(f"NSD does not answer: {log.read_text(encoding='utf-8')}")
