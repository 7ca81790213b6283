"""The daemon's weekly publication: once per week, from what was known then, corrections against the week before."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tests.export.sample import at, event
from tracker.export.publication import weekly_publication
from tracker.model.history import History
from tracker.model.views import Views


@dataclass
class Shelf:
    """A log that was known in two versions: before the action's week nothing, after it the sample."""

    later: History
    asked: list[datetime]

    def history(self, as_of: datetime | None = None) -> History:
        """Nothing had been recorded when the week began."""
        assert as_of is not None
        self.asked.append(as_of)
        return History(as_of=as_of, runs=self.later.runs if as_of > at("2024-09-03") else ())


def test_a_week_is_written_once_and_the_same_again(tmp_path: Path) -> None:
    """Report and package stand in the week's folder; a second writing changes no byte."""
    history, views = event()
    shelf = Shelf(history, [])

    def derive(known: History) -> Views:
        return views if known is history else Views(as_of=known.as_of, rules_version="rules-1")

    publish = weekly_publication(shelf, derive, tmp_path)  # type: ignore[arg-type]
    folder = publish(history, "2024-W36")
    assert folder == tmp_path / "2024-W36"
    before = {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}
    assert {"report.html", "report.md", "report.json", "manifest.json", "SHA256SUMS"} <= {path.name for path in before}
    publish(history, "2024-W36")
    assert before == {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in before}
    assert shelf.asked == [at("2024-09-02")] * 2
    assert json.loads((folder / "report.json").read_text(encoding="utf-8"))["corrections"] is None


def test_the_week_before_is_what_it_is_compared_with(tmp_path: Path) -> None:
    """Names that came before the week and were not yet told are corrections, not news of the week."""
    history, views = event()
    publish = weekly_publication(
        Shelf(history, []),  # type: ignore[arg-type]
        lambda known: views if known is history else Views(as_of=known.as_of, rules_version="rules-1"),
        tmp_path,
    )
    told = json.loads((publish(history, "2024-W37") / "report.json").read_text(encoding="utf-8"))
    assert {row["name"] for row in told["corrections"]} == {f"brand{n}.so" for n in range(1, 5)}
    assert {row["what"] for row in told["corrections"]} == {"new"}
