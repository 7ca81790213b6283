"""What a replay says and writes: the caveat first, then the counts, then the files."""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from tracker.analysis.churn import week_of
from tracker.analysis.measurement import MeasurementRow
from tracker.export.cells import cell
from tracker.export.package import DataPackage, write_measurement
from tracker.export.render import write_report
from tracker.export.report import weekly
from tracker.export.rows_counts import measurement_rows
from tracker.export.schema_counts import MEASUREMENT
from tracker.export.selection import Selection
from tracker.lab.replay import Replay
from tracker.lab.scoring import Score
from tracker.model.facts import Layer
from tracker.model.times import iso
from tracker.model.views import Verdict

COLUMNS = tuple(column.name for column in MEASUREMENT.columns)
SHOWN = ("action", "cohort", "basis", "layer", "window", "count", "unknown", "of", "share", "by chance", "published")
ROLES = ("successor", "sibling", "innocent")
"""The kinds of names in a scenario that tells no others apart."""
CANNOT_SEE = (
    "What this cannot see: new outlets that share neither a label nor a certificate, a redirect, an account or name "
    "servers with a known domain."
)


def caveat(replay: Replay) -> str:
    """The first line: what this is, and what it is not."""
    figures = [row for row in replay.published if row.window == "1d"]
    if not figures:
        return "This tests the instrument on a story told to it; it is no evidence about any event."
    head = "This tests the instrument on published dates; it is no independent evidence about the event."
    claims = {
        row.basis: row.count_lo for row in replay.rows if row.basis.startswith("claims:") and _key(row) == ("all", "1d")
    }
    return (
        f"{head} The published {figures[0].count} of the first day has no named members; it lies between the "
        f"{claims.get('claims:both', 0)} that both lists date to that day and the {claims.get('claims:either', 0)} "
        "that either does."
    )


def cells(row: MeasurementRow) -> tuple[str, ...]:
    """A measurement as measurement.csv holds it, under `COLUMNS`."""
    (values,) = measurement_rows([row])
    return tuple(cell(column, values[column.name]) for column in MEASUREMENT.columns)


def _key(row: MeasurementRow) -> tuple[str, str]:
    return (row.cohort, row.window)


def table_row(row: MeasurementRow) -> tuple[str, ...]:
    """A measurement as people read it, under `SHOWN`: one number where the bounds meet."""
    count = str(row.count_lo) if row.count_lo == row.count_hi else f"{row.count_lo} to {row.count_hi}"
    shares = [f"{share:.2f}" for share in (row.share_lo, row.share_hi) if share is not None]
    chance = "" if row.expected_by_chance is None else f"{row.expected_by_chance:.1f}"
    published = "" if row.published is None else str(row.published)
    share = " to ".join(dict.fromkeys(shares))
    return (
        row.action,
        row.cohort,
        row.basis,
        row.layer,
        row.window,
        count,
        str(row.unknown),
        str(row.of),
        share,
        chance,
        published,
    )


def table(rows: Sequence[MeasurementRow]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Columns and rows for people; which action a row is of is said where there are several."""
    first = 0 if len({row.action for row in rows}) > 1 else 1
    return SHOWN[first:], [table_row(row)[first:] for row in rows]


def closing(replay: Replay) -> Iterator[str]:
    """What belongs under the table: which verdict rests on what, survival as assumed, and the blind spot."""
    yield "Replacements (verdict at least LIKELY) by the evidence that is heard:"
    for title, count in replay.verdicts:
        yield f"  {title:<15} {count}"
    yield from _confusion(replay.score)
    called = {row.name for row in replay.views.replacements}
    alive = {row.name for row in replay.views.episodes if row.end is None and row.layer is Layer.DELEGATED}
    still = f"{len(called & alive)} of {len(called)}"
    yield f"Still alive (delegated, not seized or held) at the end of the replay: {still}."
    yield CANNOT_SEE
    yield from replay.scenario.caveats
    assumed = "; ".join(replay.scenario.assumptions)
    yield f"As of {iso(replay.views.as_of)}" + (f"; assumptions: {assumed}." if assumed else ".")


def _confusion(score: Score) -> Iterator[str]:
    """Who was called what, and how well the instants of the story were bracketed."""
    if len(score.confusion) > len(ROLES):
        verdicts = (*Verdict, "")
        yield "Who was called what (highest verdict per name; the last column: never met):"
        yield f"  {'':<24}" + "".join(f"{verdict.lower().replace('_', ' ') or 'not met':>13}" for verdict in verdicts)
        for kind, counts in score.confusion.items():
            yield f"  {kind:<24}" + "".join(f"{counts.get(verdict, 0) or '.':>13}" for verdict in verdicts)
    bounds = score.bounds
    if bounds.widths:
        hours = [width / timedelta(hours=1) for width in bounds.widths]
        middle, most = hours[len(hours) // 2], hours[int(0.9 * len(hours))]
        yield (
            f"Bounds of states and episodes: {bounds.checked} held against the story, {len(bounds.wrong)} without "
            f"their moment, {len(bounds.unseen)} moments unseen; width {middle:.1f} h (median), "
            f"{most:.1f} h (nine in ten)."
        )


def write_score(score: Score, folder: Path) -> None:
    """score.json: the closing figures, who was missed or wrongly called, and every width in hours."""
    bounds = score.bounds
    document = {
        "precision": score.precision,
        "recall": score.recall,
        "missed": score.missed,
        "wrongly_called": (*score.innocents, *score.siblings, *score.strangers),
        "confusion": score.confusion,
        "bounds": {
            "checked": bounds.checked,
            "wrong": bounds.wrong,
            "unseen": bounds.unseen,
            "hours": [round(width / timedelta(hours=1), 2) for width in bounds.widths],
        },
        "failures": score.failures,
    }
    (folder / "score.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def write(replay: Replay, folder: Path) -> None:
    """measurement.csv, the report and the data package; the same bytes for the same scenario, truth and seed."""
    write_measurement(replay.rows, folder / "measurement.csv")
    DataPackage().write(replay.history, replay.views, folder, Selection(derive=replay.derive))
    context = weekly(
        replay.history,
        replay.views,
        week_of(replay.scenario.notice),
        title=replay.scenario.title,
        basis_name="replay",
        assumed="; ".join(replay.scenario.assumptions),
        published=replay.published,
        derive=replay.derive,
    )
    write_report(context, folder)
