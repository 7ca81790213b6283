"""Name-server rules of one's own: they decide before the bundled ones, under another version of the rules."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tracker.analysis.derivation import Judge
from tracker.analysis.nameservers import ServerClass, bundled, extended
from tracker.analysis.policy import POLICY
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.facts import Layer, Presence, Reason, Span
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.views import State
from tracker.policies import policy_of
from tracker.settings import Judging, Settings

OWN = """
version = "cert-example-1"
[[rule]]
id = "sinkhole_cert_example"
class = "sinkholed"
zones = ["sinkhole.cert.example", "sedoparking.com"]
source = "our own sinkhole"
date = "2026-11-22"
"""
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def settings(folder: Path, text: str) -> Settings:
    """Settings that name a file with this text."""
    path = folder / "servers.toml"
    path.write_text(text, encoding="utf-8")
    return Settings(judging=Judging(name_servers=str(path)))


def test_own_rules_come_first_and_the_bundled_ones_stay() -> None:
    """A service can be classified otherwise; what is not mentioned is classified as before."""
    rules = extended(OWN)
    parked, seized = rules.classify(["ns1.sedoparking.com"]), rules.classify(["ns1.fbi.seized.gov"])
    assert parked is not None and parked.server_class is ServerClass.SINKHOLED
    assert seized is not None and seized.server_class is ServerClass.SEIZED
    assert rules.version == f"{bundled().version}+cert-example-1"


def test_the_state_of_a_name_follows_them(tmp_path: Path) -> None:
    """Delegated to the user's own sinkhole: sinkholed with the rules, something else without."""
    name = DomainName("rrn.so")
    span = Span(
        name=name,
        probe="delegation",
        layer=Layer.DELEGATED,
        vantage="here",
        presence=Presence.PRESENT,
        reason=Reason.DELEGATED,
        facts={"ns": ("a.sinkhole.cert.example", "b.sinkhole.cert.example")},
        looks=(NOW - timedelta(hours=1), NOW),
    )
    history = History(as_of=NOW, spans={name: (span,)})
    policy = policy_of(settings(tmp_path, OWN))

    def states(judge: Judge) -> list[State]:
        return [row.state for row in judge.derive(history)[0].states if row.name == name]

    assert states(Judge(Suffixes.bundled(), policy))[-1] is State.SINKHOLED
    assert State.SINKHOLED not in states(Judge(Suffixes.bundled()))
    assert policy.rules_version == f"{POLICY.rules_version}+cert-example-1"
    assert Judge(Suffixes.bundled(), policy).derive(history)[1] != Judge(Suffixes.bundled()).derive(history)[1]


def test_without_a_file_the_policy_is_the_shipped_one() -> None:
    """Nothing is read, nothing is renamed."""
    assert policy_of(Settings()) is POLICY


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("version = 1\n[[rule]]\nid = 'x'", "without 'class'"),
        ("version = 1", "without 'rule'"),
        (OWN.replace("sinkholed", "sunk"), "sunk"),
        (OWN.replace("sinkhole_cert_example", "seized_gov"), "taken: seized_gov"),
        ("version =", "Invalid value"),
    ],
)
def test_a_file_with_a_mistake_is_refused_by_name(tmp_path: Path, text: str, says: str) -> None:
    """The message names the setting, the file and the mistake."""
    with pytest.raises(ValueError, match=f"judging.name_servers: .*{says}"):
        policy_of(settings(tmp_path, text))


def test_a_file_that_is_not_there_is_refused() -> None:
    """Before anything is judged without it."""
    with pytest.raises(ValueError, match="No such file"):
        policy_of(Settings(judging=Judging(name_servers="/nowhere.toml")))
