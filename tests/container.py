"""`make container-test`: the image is linted, built and run for real, without a container engine.

buildah builds it (chroot isolation) on a debootstrap base; umoci unpacks it; it then runs as process 1 of its own
namespaces with a read-only root, `/data` and `/tmp` to write into, and no network but loopback. Exit status 3 and
`NOT RUN: ...` where a part is missing.
"""

import ctypes
import fcntl
import hashlib
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).parent.parent
SUITE = "bookworm"
BASE = f"localhost/tracker-base:{SUITE}"
IMAGE = "localhost/domain-churn-tracker"
TOOLS = ("buildah", "debootstrap", "umoci", "unshare")
BASE_SECONDS, BUILD_SECONDS, RUN_SECONDS, STOP_SECONDS = 420, 600, 180, 20
UNREACHABLE = ("Max retries exceeded", "Temporary failure in name resolution", "Failed to establish a new connection")
WRITABLE = ("data", "tmp", "dev", "proc")
MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18


class Missing(Exception):
    """A part is not there, so nothing was tested."""


class Failed(Exception):
    """The image does not do what it has to."""


def say(text: str) -> None:
    """One line of progress."""
    sys.stdout.write(f"container-test: {text}\n")
    sys.stdout.flush()


def call(command: Sequence[object], seconds: float, **options: object) -> str:
    """Output of a command; raises Failed with its last lines when it fails or takes too long."""
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words,
            timeout=seconds,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            **options,  # type: ignore[call-overload]
        )
    except subprocess.TimeoutExpired as error:
        raise Failed(f"{words[0]} took longer than {seconds:.0f} s") from error
    if done.returncode:
        if any(mark in done.stdout for mark in UNREACHABLE):
            raise Missing(f"the package index cannot be reached from the build ({words[0]})")
        raise Failed(f"{' '.join(words)[:120]} exited {done.returncode}:\n{done.stdout[-3000:]}")
    return str(done.stdout)


# Building


def lint() -> None:
    """hadolint finds nothing; a Dockerfile with a known mistake is found, so that the silence means something."""
    hadolint = Path(sys.executable).with_name("hadolint")
    if not hadolint.exists():
        raise Missing("hadolint is not installed: make setup")
    call([hadolint, ROOT / "Dockerfile"], 60)
    bad = subprocess.run([hadolint, "-"], input="FROM debian\nRUN cd /\n", text=True, capture_output=True, check=False)
    if "DL3006" not in bad.stdout:
        raise Failed("hadolint does not see a base image without a version")
    say("hadolint: nothing found")


def compose() -> None:
    """The compose file is valid by a compose program's own schema, with and without the profile; a wrong one is not."""
    program = shutil.which("docker-compose")
    if program is None:
        sys.stdout.write("NOT RUN: compose.yaml against its schema: no docker-compose\n")
        return
    for profile in ([], ["--profile", "scale"]):
        call([program, "--file", ROOT / "compose.yaml", *profile, "config", "--quiet"], 60)
    wrong = subprocess.run(
        [program, "--file", "-", "config", "--quiet"],
        input="services: {tracker: {image: a, nonsense: 1}}",
        text=True,
        capture_output=True,
        check=False,
    )
    if wrong.returncode == 0:
        raise Failed("docker-compose does not see an option that does not exist")
    say("compose.yaml: valid, with and without the profile")


def base_tree(work: Path) -> Path:
    """A Debian tree with Python, made once and kept in the working folder."""
    tree = work / "base"
    if not (tree / ".complete").exists():
        shutil.rmtree(tree, ignore_errors=True)
        say("debootstrap makes the base")
        packages = "--include=ca-certificates,python3-minimal,python3-venv"
        try:
            call(["debootstrap", "--variant=minbase", packages, SUITE, tree], BASE_SECONDS)
        except Failed as error:
            raise Missing(f"no base system: {error}") from error
        (tree / ".complete").touch()
    return tree


def index_secrets(work: Path) -> list[str]:
    """pip's own settings, from its environment and files, as secrets of the build; nothing of it stays in the image."""
    listed = call([sys.executable, "-m", "pip", "config", "list"], 60)
    options: dict[str, str] = {}
    for line in listed.splitlines():
        name, found, value = line.partition("=")
        if found:
            options[name.rpartition(".")[2]] = value.strip("'\"")
    secrets = []
    if authority := options.pop("cert", ""):
        secrets += ["--secret", f"id=ca.pem,src={authority}"]
        options["cert"] = "/run/secrets/ca.pem"
    kept = {name: value for name, value in options.items() if not Path(value).is_dir()}
    conf = work / "pip.conf"
    conf.write_text("[global]\n" + "".join(f"{name} = {value}\n" for name, value in kept.items()))
    return ["--secret", f"id=pip.conf,src={conf}", *secrets]


def storage(work: Path) -> list[object]:
    """Where buildah keeps layers: overlay mounts where this machine can, whole copies (slower) where it cannot."""
    for driver in ("overlay", "vfs"):
        store = ["--storage-driver", driver, "--root", work / driver, "--runroot", work / f"{driver}-run"]
        with suppress(Failed):
            trial = call(["buildah", *store, "from", "scratch"], 60).strip()
            call(["buildah", *store, "mount", trial], 60)
            call(["buildah", *store, "rm", trial], 60)
            return store
    raise Missing("buildah can keep no layers here")


def build(work: Path) -> tuple[Path, dict[str, object]]:
    """The unpacked bundle of the image, and its configuration as an engine would read it."""
    tree = base_tree(work)
    store = storage(work)
    if BASE not in call(["buildah", *store, "images", "--format", "{{.Name}}:{{.Tag}}"], 60).split():
        scratch = call(["buildah", *store, "from", "scratch"], 60).strip()
        call(["buildah", *store, "add", "--quiet", scratch, tree, "/"], BASE_SECONDS)
        call(["buildah", *store, "commit", "--quiet", "--rm", "--format", "docker", scratch, BASE], BASE_SECONDS)
    say("buildah builds the image")
    started = time.monotonic()
    how = ["--isolation", "chroot", "--network", "host", "--format", "docker", "--build-arg", f"BASE={BASE}"]
    call(["buildah", *store, "build", *how, *index_secrets(work), "--tag", IMAGE, ROOT], BUILD_SECONDS)
    config = json.loads(call(["buildah", *store, "inspect", "--type", "image", IMAGE], 60))["Docker"]["config"]
    for stale in ("image", "bundle"):
        shutil.rmtree(work / stale, ignore_errors=True)
    call(["buildah", *store, "push", "--quiet", IMAGE, f"oci:{work / 'image'}:test"], BUILD_SECONDS)
    call(["umoci", "unpack", "--image", f"{work / 'image'}:test", work / "bundle"], BUILD_SECONDS)
    call(["buildah", *store, "rmi", IMAGE], 60)
    say(f"built and unpacked in {time.monotonic() - started:.0f} s")
    return work / "bundle" / "rootfs", config


def check_config(config: Mapping[str, object]) -> None:
    """What an engine reads: user, exec forms, volume, stop signal, health check, labels."""
    labels = config["Labels"]
    assert isinstance(labels, dict)
    wanted = {
        "User": "10001:10001",
        "Entrypoint": ["tracker"],
        "Cmd": ["run"],
        "Volumes": {"/data": {}},
        "WorkingDir": "/data",
        "StopSignal": "SIGTERM",
    }
    wrong = [f"{key} is {config.get(key)!r}" for key, value in wanted.items() if config.get(key) != value]
    wrong += [
        f"no label {key}"
        for key in ("version", "revision", "source", "licenses", "title", "description")
        if not labels.get(f"org.opencontainers.image.{key}")
    ]
    health = config.get("Healthcheck")
    if not isinstance(health, dict) or health.get("Test") != ["CMD", "tracker", "health"]:
        wrong.append(f"Healthcheck is {health!r}")
    if wrong:
        raise Failed("; ".join(wrong))
    say("configuration: user 10001, exec form, volume, stop signal, health check, labels")


# Running


@dataclass(frozen=True)
class Container:
    """The unpacked image, its environment, and the two folders that it may write into."""

    rootfs: Path
    folder: Path
    environment: Mapping[str, str]

    def start(self, *command: str, uid: int = 10001, **extra: str) -> "subprocess.Popen[str]":
        """The command as process 1 of new namespaces: no network but loopback, read-only root."""
        inside = [sys.executable, __file__, "--inside", str(self.rootfs), str(self.folder), str(uid), *command]
        return subprocess.Popen(
            ["unshare", "--mount", "--net", "--pid", "--ipc", "--uts", "--fork", "--kill-child", *inside],
            env={**self.environment, **extra},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *command: str, expect: int = 0, uid: int = 10001, **extra: str) -> str:
        """Output of a command that has to end with the expected status."""
        process = self.start(*command, uid=uid, **extra)
        try:
            said = process.communicate(timeout=RUN_SECONDS)[0]
        except subprocess.TimeoutExpired as error:
            process.kill()
            raise Failed(f"{' '.join(command)} took longer than {RUN_SECONDS} s") from error
        if process.returncode != expect:
            raise Failed(f"{' '.join(command)} exited {process.returncode}, not {expect}:\n{said[-3000:]}")
        return said


def inside(rootfs: str, folder: str, uid: str, *command: str) -> None:
    """Become the container's first process: mounts, loopback up, root changed, user given up, then the command."""
    libc = ctypes.CDLL(None, use_errno=True)

    def mount(source: str, target: str, kind: str, flags: int) -> None:
        if libc.mount(source.encode(), target.encode(), kind.encode(), flags, None):
            raise OSError(ctypes.get_errno(), f"mount {source} on {target}")

    mount("none", "/", "", MS_REC | MS_PRIVATE)
    mount(rootfs, rootfs, "", MS_BIND)
    mount(rootfs, rootfs, "", MS_REMOUNT | MS_BIND | MS_RDONLY)
    for name in ("data", "tmp"):
        mount(f"{folder}/{name}", f"{rootfs}/{name}", "", MS_BIND)
    mount("proc", f"{rootfs}/proc", "proc", 0)
    mount("/dev", f"{rootfs}/dev", "", MS_BIND)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, 0x8914, struct.pack("16sh", b"lo", 1))  # SIOCSIFFLAGS, IFF_UP
    os.chroot(rootfs)
    os.chdir("/data")
    os.setgroups([])
    os.setgid(int(uid))
    os.setuid(int(uid))
    os.execvpe(command[0], command, os.environ)


def tree(rootfs: Path) -> dict[str, tuple[object, ...]]:
    """Every path outside the writable folders with mode, owner, time and contents."""
    return dict(_entries(rootfs, rootfs))


def _entries(rootfs: Path, folder: Path) -> Iterator[tuple[str, tuple[object, ...]]]:
    for entry in os.scandir(folder):
        path = Path(entry.path)
        name = str(path.relative_to(rootfs))
        if name in WRITABLE:
            continue
        stat = entry.stat(follow_symlinks=False)
        content = ""
        if entry.is_symlink():
            content = str(path.readlink())
        elif entry.is_file():
            content = hashlib.sha256(path.read_bytes()).hexdigest()
        yield name, (stat.st_mode, stat.st_uid, stat.st_mtime_ns, content)
        if entry.is_dir(follow_symlinks=False):
            yield from _entries(rootfs, path)


def exercise(rootfs: Path, work: Path, config: Mapping[str, object]) -> None:
    """What an operator does with it, from the first start to the stop."""
    folder = work / "writable"
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("data", "tmp"):
        (folder / name).mkdir(parents=True)
        os.chown(folder / name, 10001, 10001)
        (rootfs / name).mkdir(exist_ok=True)
    variables = config["Env"]
    health = config["Healthcheck"]
    assert isinstance(variables, list) and isinstance(health, dict)
    container = Container(rootfs, folder, dict(variable.split("=", 1) for variable in variables))
    probe = tuple(health["Test"][1:])
    before = tree(rootfs)

    if "Read-only file system" not in container.run("touch", "/etc/x", expect=1, uid=0):
        raise Failed("the root can be written")
    container.run("tracker", "db", "upgrade")
    container.run("tracker", "db", "check")
    container.run(*probe, expect=1)
    say("db upgrade: done; health of a database that saw nothing: 1")

    container.run("tracker", "replay", "short", "--quiet", "--out", "/data/lab")
    lab = {"TRACKER_DATABASE_URL": "/data/lab/tracker.db"}
    end = json.loads((folder / "data" / "lab" / "manifest.json").read_text(encoding="utf-8"))["as_of"]
    container.run(*probe, "--now", end, **lab)
    later = datetime.fromisoformat(end) + timedelta(days=10)
    container.run(*probe, "--now", later.isoformat(), expect=1, **lab)
    container.run("python", "-c", "import apprise")
    say("one pass in the lab: done; its health: 0, ten days later: 1")

    stop(container)
    if changed := sorted(path for path, what in tree(rootfs).items() if before.get(path) != what):
        raise Failed(f"written outside /data and /tmp: {', '.join(changed[:10])}")
    if gone := sorted(before.keys() - tree(rootfs).keys()):
        raise Failed(f"removed: {', '.join(gone[:10])}")
    written = sorted(path.name for path in (folder / "data").iterdir())
    say(f"{len(before)} paths of the root unchanged; /data holds {', '.join(written)}")


def stop(container: Container) -> None:
    """`tracker run` as process 1 ends with 0 within the time that an engine gives it."""
    process = container.start("tracker", "run")
    assert process.stdout is not None
    said = ""
    try:
        while "watching" not in said:
            line = process.stdout.readline()
            if not line:
                raise Failed(f"tracker run ended by itself:\n{said[-3000:]}")
            said += line
        (first,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        started = time.monotonic()
        os.kill(int(first), signal.SIGTERM)
        said += process.communicate(timeout=STOP_SECONDS)[0]
    except subprocess.TimeoutExpired as error:
        raise Failed(f"tracker run did not end within {STOP_SECONDS} s") from error
    finally:
        process.kill()
    if process.returncode or "Traceback" in said:
        raise Failed(f"tracker run exited {process.returncode}:\n{said[-3000:]}")
    say(f"SIGTERM: exit 0 after {time.monotonic() - started:.1f} s")


def main(work: Path) -> int:
    """Everything in order; 0, 1 or 3."""
    try:
        lint()
        compose()
        if os.geteuid() != 0:
            raise Missing("needs root (mounts and namespaces)")
        if absent := [tool for tool in TOOLS if shutil.which(tool) is None]:
            raise Missing(f"{', '.join(absent)} not installed: apt-get install buildah debootstrap umoci")
        work.mkdir(parents=True, exist_ok=True)
        rootfs, config = build(work.resolve())
        check_config(config)
        exercise(rootfs, work.resolve(), config)
    except Missing as error:
        sys.stdout.write(f"NOT RUN: container-test: {error}\n")
        return 3
    except Failed as error:
        sys.stdout.write(f"container-test failed: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    if sys.argv[1] == "--inside":
        inside(*sys.argv[2:])
    sys.exit(main(Path(sys.argv[1])))
