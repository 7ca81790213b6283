"""What is shipped: image, compose file, locked requirements, and the tools that look at them."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.audit import CLEAN, FOUND, NOT_RUN, judged
from tracker import __version__

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "domain-churn-tracker"}


def test_the_dockerfile_has_nothing_that_a_linter_objects_to() -> None:
    """hadolint, the whole of it; `make container-test` also proves that it sees mistakes."""
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_image_says_its_version() -> None:
    """The label, the package and the citation are one."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert re.search(rf"^ARG VERSION={re.escape(__version__)}$", DOCKERFILE, re.MULTILINE)
    assert project["version"] == __version__
    assert f"\nversion: {__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


def test_nothing_is_installed_without_its_hash() -> None:
    """Every pip that may reach an index demands hashes, and every locked line has one."""
    for line in re.findall(r"pip install [^\\\n]*", DOCKERFILE):
        assert "--require-hashes" in line or "--no-index" in line, line
    for locked in (ROOT / "requirements").glob("*.txt"):
        text = locked.read_text(encoding="utf-8").replace("\\\n", " ")
        for line in text.splitlines():
            assert "--hash=sha256:" in line, (locked.name, line)
        assert "://" not in text, f"{locked.name} names an index"


def test_the_image_holds_the_extra_that_sends_messages_and_all_that_runs() -> None:
    """What the image installs is what is tested, and apprise with it."""
    pinned = {name: set(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE)) for name, text in _locked().items()}
    assert pinned["run.txt"] <= pinned["image.txt"]
    assert "apprise" in {package for package, _ in pinned["image.txt"]}
    assert pinned["image.txt"] <= pinned["dev.txt"]


def _locked() -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "requirements").glob("*.txt")}


def test_only_one_service_runs_unless_more_is_asked_for() -> None:
    """The default is one container and one volume; everything else belongs to the profile `scale`."""
    assert [name for name, service in SERVICES.items() if "profiles" not in service] == ["tracker"]
    scaled = {name for name, service in SERVICES.items() if service.get("profiles") == ["scale"]}
    assert scaled == {"postgres", "migrate", "planner", "worker", "ct"}


@pytest.mark.parametrize("name", sorted(OURS))
def test_each_of_our_containers_can_do_little(name: str) -> None:
    """Read-only root, no capabilities, no new privileges, limits, time to drain."""
    service = OURS[name]
    assert service["read_only"] is True
    assert service["tmpfs"] == ["/tmp"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"] and service["pids_limit"]
    assert service["stop_grace_period"] == "30s"
    assert "ports" not in service


def test_nothing_starts_before_the_database_is_migrated() -> None:
    """The one-shot migration waits for PostgreSQL, the roles wait for the migration."""
    assert SERVICES["migrate"]["command"] == ["db", "upgrade"]
    assert SERVICES["migrate"]["restart"] == "no"
    assert SERVICES["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    for role in ("planner", "worker", "ct"):
        assert SERVICES[role]["command"] == ["run", "--role", role]
        assert SERVICES[role]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}


def test_what_is_not_set_wins_over_nothing() -> None:
    """An empty variable would win over `tracker.toml`, and beside its `_FILE` twin be refused: none is ever made."""
    for name, service in SERVICES.items():
        given = service.get("environment", {})
        assert [key for key, value in given.items() if value is not None and ":-}" in value] == [], name


def test_all_parts_read_the_same_settings() -> None:
    """A worker with other settings than its planner would lack what it is to do; one of them writes."""
    for name in OURS:
        reads = "data:/data" if name in {"tracker", "planner"} else "data:/data:ro"
        assert OURS[name]["volumes"] == [reads], name


def test_no_secret_stands_in_the_compose_file() -> None:
    """The password is a file, mounted where `*_FILE` variables point to."""
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            if "PASSWORD" in variable:
                assert variable.endswith("_FILE") and value.startswith("/run/secrets/"), name
        if "TRACKER_DATABASE_PASSWORD_FILE" in service.get("environment", {}):
            assert service["secrets"] == ["database_password"]
    assert set(COMPOSE["secrets"]) == {"database_password"}


@pytest.mark.parametrize(
    ("rows", "status", "said"),
    [
        ([{"name": "a", "version": "1", "vulns": []}], CLEAN, "1 packages, no known vulnerability"),
        ([{"name": "a", "skip_reason": "not found"}], NOT_RUN, "NOT RUN: audit: the index"),
        (
            [{"name": "a", "version": "1", "vulns": []}, {"name": "b", "skip_reason": "not found"}],
            CLEAN,
            "NOT RUN: audit of b",
        ),
        (
            [{"name": "a", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}],
            FOUND,
            "a 1: CVE-1, fixed in 2",
        ),
    ],
)
def test_an_audit_that_could_not_look_is_no_clean_bill(rows: list[dict[str, object]], status: int, said: str) -> None:
    """A package that was skipped is named; where all were, nothing was run."""
    found, lines = judged({"dependencies": rows})
    assert found == status
    assert any(said in line for line in lines)


def ran(folder: Path, *arguments: str, path: str = "") -> tuple[int, str]:
    """Status and last line of a Python program without PostgreSQL from the package index, and with no other tools."""
    for package in Path(yaml.__file__).parents[1].iterdir():
        if not package.name.startswith("pixeltable"):
            (folder / package.name).symlink_to(package)
    done = subprocess.run(
        [sys.executable, "-S", *arguments],
        cwd=ROOT,
        env={"PATH": path, "PYTHONPATH": f"{folder}:{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.splitlines()[-1] if done.stdout else done.stderr


def test_what_is_missing_is_not_run_and_is_no_success(tmp_path: Path) -> None:
    """Without a server, without the tools that build an image: one line that says so, and status 3."""
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    status, said = ran(tmp_path / "one", "-m", "benchmarks.scale")
    assert (status, said.partition(":")[0]) == (3, "NOT RUN"), said
    status, said = ran(tmp_path / "other", "tests/container.py", str(tmp_path / "out"))
    assert (status, said.partition(":")[0]) == (3, "NOT RUN"), said
