"""The documentation says what the program does: every command, setting, rule, column and plug-in."""

import re
from pathlib import Path

import pytest

from tracker.cli import reference

DOCS = Path(__file__).parent.parent / "docs"
README = (DOCS.parent / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", reference.pages())
def test_generated_pages_are_up_to_date(name: str) -> None:
    """What `make docs` writes is what is committed: commands, settings, codebook, contents of report.json."""
    assert (DOCS / name).read_text(encoding="utf-8") == reference.pages()[name], "run `make docs`"


def test_every_rule_stands_in_the_rules_page() -> None:
    """A verdict that cites a rule can be looked up."""
    from tracker.analysis.rules import RULES

    page = (DOCS / "rules.md").read_text(encoding="utf-8")
    missing = [rule.rule_id for rule in RULES if f"`{rule.rule_id}`" not in page]
    assert not missing


def test_every_state_and_its_rules_stand_in_the_states_page() -> None:
    """Each state of the vocabulary is explained."""
    from tracker.model.views import State

    page = (DOCS / "states.md").read_text(encoding="utf-8")
    assert not [state for state in State if state.value not in page and state.value.replace("_", " ") not in page]


def test_every_plug_in_stands_in_the_plug_ins_page() -> None:
    """Feeds, discovery sources, probes and exporters are listed with what they ask and whom."""
    from tracker.discovery import SOURCES
    from tracker.export import EXPORTERS
    from tracker.feeds import FEEDS
    from tracker.probes import PROBES

    page = (DOCS / "plug-ins.md").read_text(encoding="utf-8")
    missing = [name for name in (*FEEDS, *SOURCES, *PROBES, *EXPORTERS) if f"`{name}`" not in page]
    assert not missing


def test_every_noun_of_the_model_stands_in_the_ontology() -> None:
    """The words of the house are defined once."""
    page = (DOCS / "ontology.md").read_text(encoding="utf-8")
    nouns = "Operation Action Takedown Claim Watch Run Sweep Sighting Observation Span Layer Presence Gap Artefact"
    nouns += " Review Mute Complaint"
    nouns += " Candidate State Evidence Assessment Verdict Replacement Appearance Episode Lifetime Ending"
    assert not [noun for noun in nouns.split() if not re.search(rf"\*\*[^*]*{noun}", page)]


def test_what_the_security_page_points_to_is_there() -> None:
    """Each threat names the module that stops it and the test that shows it."""
    page = (DOCS / "security.md").read_text(encoding="utf-8")
    named = re.findall(r"`([a-z_/0-9]+(?:\.py|/))`", page)
    assert len(named) > 40
    assert not [
        path for path in named if not any((root / path).exists() for root in (DOCS.parent, DOCS.parent / "tracker"))
    ]
    rows = [row for row in page.splitlines() if row.startswith("| ") and not row.startswith(("| threat", "| ---"))]
    assert all("tests/" in row or "benchmarks/" in row for row in rows)


def test_links_between_pages_lead_somewhere() -> None:
    """No page points to one that is not there."""
    for page in [DOCS.parent / "README.md", *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} → {target}"


def test_the_readme_names_the_two_commands_and_what_cannot_be_seen() -> None:
    """A newcomer finds how to begin, and what not to expect."""
    for phrase in ("make reproduce", "make test", "cannot see", "cite"):
        assert phrase in README
