"""`tracker parse whois|rdap` and the refusals of `tracker registration`."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from tracker.cli.errors import Refused
from tracker.cli.registration import register


def _invoke(*arguments: str, text: str = ""):  # type: ignore[no-untyped-def]
    app = typer.Typer()

    @app.callback()
    def options(context: typer.Context) -> None:
        context.obj = {"config": None, "database": ""}

    register(app)
    return CliRunner().invoke(app, list(arguments), input=text)


def test_a_saved_whois_reply_is_decoded() -> None:
    """One JSON line with outcome and facts; the suffix decides what is day and month."""
    text = "domain: rrn.fr\ncreated: 03/04/2020\nnserver: ns1.host.example\n"
    row = json.loads(_invoke("parse", "whois", "-", "--suffix", "fr", text=text).stdout)
    assert (row["outcome"], row["registered_at"], row["precisions"]) == (
        "found",
        "2020-04-03T00:00:00Z",
        {"registered_at": "day"},
    )
    assert json.loads(_invoke("parse", "whois", "-", text="Too many requests\nNo match\n").stdout) == {
        "outcome": "throttled"
    }


def test_a_saved_domain_object_is_decoded(tmp_path: Path) -> None:
    """Facts as one JSON line; exit 1 for what is no domain object."""
    file = tmp_path / "reply.json"
    file.write_text(json.dumps({"objectClassName": "domain", "ldhName": "RRN.SO", "status": ["server hold"]}))
    row = json.loads(_invoke("parse", "rdap", str(file)).stdout)
    assert (row["domain"], row["statuses"]) == ("rrn.so", ["serverHold"])
    file.write_text("<html>")
    result = _invoke("parse", "rdap", str(file))
    assert result.exit_code == 1 and "not JSON" in result.stderr


@pytest.mark.parametrize("name", ["localhost", "a b.so", "-x.so"])
def test_what_is_no_name_is_refused_before_anybody_is_asked(name: str) -> None:
    """Wrong usage is one line and status 2."""
    result = _invoke("registration", "--", name)
    assert isinstance(result.exception, Refused)
