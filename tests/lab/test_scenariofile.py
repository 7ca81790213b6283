"""A scenario file that somebody wrote by hand: played as written, or refused with the line of every mistake."""

from pathlib import Path

import pytest

from tracker.lab.scenario import ScenarioError, Step
from tracker.lab.scenariofile import load
from tracker.lab.vocabulary import TABLES

DOCS = Path(__file__).parents[2] / "docs" / "scenarios.md"
WRITTEN = DOCS.read_text(encoding="utf-8").partition("```toml\n")[2].partition("```")[0]


def test_the_example_of_the_docs_is_a_scenario(tmp_path: Path) -> None:
    """What the page shows can be copied and played."""
    scenario = load(_file(tmp_path, WRITTEN))
    assert scenario.scenario_id == "my-event"
    assert [(row.kind, row.authority) for row in scenario.notices] == [("suspension", "Example Registrar")]
    assert [row.name for row in scenario.predecessors] == ["dailytruthreport.com"]
    assert [event.do for event in scenario.events] == ["seize", "register", "hold"]
    assert scenario.events[1].then[2].verb == "page"
    assert isinstance(scenario.events[1].then[0], Step)


def test_every_key_is_documented() -> None:
    """Tables, keys and the closed vocabularies stand on the page."""
    text = DOCS.read_text(encoding="utf-8")
    missing = [f"{table}.{key}" for table, keys in TABLES.items() for key in keys if f"`{key}`" not in text]
    assert not missing
    assert all(f"[{table}]" in text for table in TABLES)


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("seed = 7", "sede = 7", 10, "unknown key scenario.sede"),
        ("seed = 7", "", 1, "scenario.seed is missing"),
        ("suffixes = 60", 'suffixes = "sixty"', 11, "scenario.suffixes wants `all` or a whole number"),
        ("notice = 2025-03-05T12:00:00Z", "notice = 2025-03-05", 5, "an instant with its zone"),
        ("end = 2025-03-20T00:00:00Z", "end = 2025-03-04T00:00:00Z", 5, "the notice falls between start and end"),
        ("[[predecessor]]", "[[predecesor]]", 13, "unknown table [predecesor]"),
        ("[[predecessor]]", "[predecessor]", 13, r"predecessor is written as [[predecessor]]"),
        ('cohort = "own_brand"', 'cohort = "mine"', 15, "one of own_brand, imitated"),
        ('do = "seize"', 'do = "explode"', 19, "event.do wants one of register"),
        ('within = "+2h"', 'within = "2h"', 22, "a delay such as +20m"),
        ('replaces = "dailytruthreport.com"', 'replaces = "nobody.com"', 24, "nobody.com is replaced"),
        ('replaces = "dailytruthreport.com"\n', "", 24, "says whom it replaces"),
        ('"page +3h"]', '"page leads +3h"]', 24, "wants leads_to"),
        ('"page +3h"]', '"page 3h"]', 30, "a list of steps"),
        (
            'do = "hold"\nname = "dailytruthreport.org"',
            'do = "hold"\nname = "other.org"',
            32,
            "which nobody registered",
        ),
        ("at = 2025-03-12T08:00:00Z", "at = 2025-03-21T08:00:00Z", 35, "this happens after the end, 2025-03-20"),
        (
            'name = "dailytruthreport.org"\nreplaces',
            'name = "dailytruthreport.zzzz"\nreplaces',
            26,
            "there is no .zzzz",
        ),
        ('name = "dailytruthreport.org"\nreplaces', 'name = "co.uk"\nreplaces', 26, "co.uk is a public suffix"),
        ('kind = "suspension"', 'kind = "shouting"', 8, "one of seizure, suspension"),
        ('window = "8d"', 'window = "8 days"', 38, "one of 1d, 2d, 8d, 30d"),
    ],
)
def test_a_mistake_is_refused_with_its_line(tmp_path: Path, old: str, new: str, line: int, reason: str) -> None:
    """Nothing is played from a file that could mean something else than was meant."""
    assert old in WRITTEN
    path = _file(tmp_path, WRITTEN.replace(old, new, 1))
    with pytest.raises(ScenarioError) as refused:
        load(path)
    assert reason in str(refused.value)
    assert f"{path}:{line}: " in str(refused.value)


def test_all_mistakes_are_said_at_once(tmp_path: Path) -> None:
    """A line each, in the order of the file."""
    path = _file(tmp_path, WRITTEN.replace("seed = 7", 'seed = "x"').replace('do = "hold"', 'do = "holds"'))
    with pytest.raises(ScenarioError) as refused:
        load(path)
    assert [line.split(":")[1] for line in str(refused.value).splitlines()] == ["10", "33"]


def test_drawn_names_are_not_written_as_well(tmp_path: Path) -> None:
    """`[generate]` would silently replace them."""
    path = _file(tmp_path, WRITTEN + "\n[generate]\nown_brand = 1\nimitated = 0\n")
    with pytest.raises(ScenarioError, match="names are drawn"):
        load(path)


def test_a_mixed_story_says_all_its_numbers(tmp_path: Path) -> None:
    """It has no defaults for the strangers who make it hard."""
    head = WRITTEN.partition("[[predecessor]]")[0]
    path = _file(tmp_path, head + '[generate]\nstory = "mixed"\nown_brand = 1\nimitated = 0\n')
    with pytest.raises(ScenarioError, match="clones, innocents, passers_by"):
        load(path)


def _file(folder: Path, text: str) -> Path:
    path = folder / "story.toml"
    path.write_text(text, encoding="utf-8")
    return path
