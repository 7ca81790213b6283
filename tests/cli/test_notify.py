"""`tracker notify`, and what `tracker run` says of messages that cannot be sent."""

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.webhook import webhook
from tracker.cli.errors import NotRun, Refused
from tracker.cli.main import app

INSTALL = r"pip install 'domain-churn-tracker\[notify\]'"


def call(*words: str, **variables: str):
    """The command with these variables."""
    return CliRunner().invoke(app, list(words), env=variables, catch_exceptions=False)


def test_a_test_message_arrives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Addresses come from a file; each place is named by number and kind, never by its address."""
    monkeypatch.chdir(tmp_path)
    with webhook() as good, webhook() as bad:
        bad.status = 403
        Path("urls").write_text(f"{good.url}\n{bad.url}\n")
        result = call("notify", TRACKER_NOTIFICATIONS_URLS_FILE="urls")
        assert [post["title"] for post in good.posted] == ["Domain churn: a test"]
    assert result.exit_code == 1
    first, second = result.stdout.splitlines()
    assert first == "json (address 1): taken"
    assert second.startswith("json (address 2): ") and "403" in second
    assert "secret" not in result.output


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({}, "no place to tell: set TRACKER_NOTIFICATIONS_URLS"),
        ({"TRACKER_NOTIFICATIONS_URLS": "pigeon://loft/hidden"}, "notifications.urls: address 1 is no apprise URL"),
        ({"TRACKER_NOTIFICATIONS_MUTED": "birth"}, "notifications.muted: 'birth' is not a valid NoticeKind; there are"),
        ({"TRACKER_NOTIFICATIONS_TLP": "PINK"}, "notifications.tlp: 'PINK' is not a valid Tlp; there are TLP:CLEAR"),
    ],
)
def test_what_is_wrong_with_the_settings_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], message: str
) -> None:
    """One line, without the address; `tracker check` says it as well, before anything runs."""
    monkeypatch.chdir(tmp_path)
    for command in ("notify", "check") if variables else ("notify",):
        with pytest.raises(Refused, match=message) as refusal:
            call(command, **variables)
        assert "hidden" not in str(refusal.value)


def test_check_names_the_places_by_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is set is told, what is secret is not."""
    monkeypatch.chdir(tmp_path)
    result = call(
        "check",
        TRACKER_NOTIFICATIONS_URLS="json://127.0.0.1:9/hidden slack://a1b2c3d4e/f1g2h3i4j/k1l2m3n4o5p6q7r8s9t0u1v2/#desk",
    )
    assert "messages: json (address 1), slack (address 2)" in result.stdout
    assert "hidden" not in result.output


@pytest.mark.parametrize("words", [("notify",), ("run", "--once")])
def test_without_apprise_it_is_said_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """A daemon that is to tell people does not start silently without being able to."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(NotRun, match=INSTALL):
        call(*words, TRACKER_NOTIFICATIONS_URLS="json://127.0.0.1:9/x", TRACKER_DATABASE_URL="tracker.db")
