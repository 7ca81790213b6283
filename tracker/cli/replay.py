"""`tracker replay`: an event played in the lab, measured by the product's own stages."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from tracker.cli.errors import refusing
from tracker.cli.output import Format, chosen, say, write_rows
from tracker.cli.typed import word


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("replay")(replay)


def replay(
    scenario: str = typer.Argument(
        help="A bundled scenario (doj-2024-09-04, generated, mixed-wave, short) or your own (docs/scenarios.md)."
    ),
    out: Path | None = typer.Option(None, "--out", help="Folder for everything written; default out/SCENARIO."),
    truth: str = typer.Option("earliest", "--truth", help="Whose claimed dates are played: earliest, meta or viginum."),
    seed: int | None = typer.Option(None, "--seed", min=0, help="Another draw of instants and strangers."),
    faults: bool = typer.Option(False, "--faults", help="Let each source fail for a random fifth of the days."),
    bare: bool = typer.Option(False, "--bare", help="Write the database and score.json only: no report, no data."),
    quiet: bool = typer.Option(False, "--quiet", help="Print the closing line only."),
    form: Format = typer.Option(Format.AUTO, "--format", help="Form of the measurement on stdout."),
) -> None:
    """Replay an event in the lab, print the measurement, write report and data. Exits 1 when an expectation fails.

    Example: tracker replay doj-2024-09-04 --out out/doj-2024-09-04
    """
    import logging

    from tracker.cli.logging import configure
    from tracker.lab import outcome
    from tracker.lab.compile import TRUTHS
    from tracker.lab.replay import run_replay
    from tracker.lab.scenario import ScenarioError
    from tracker.lab.scenariofile import load, scenario_path

    configure("text", logging.ERROR)  # scripted trouble is part of the story, not news
    truth = word("--truth", truth, TRUTHS)
    with refusing(ScenarioError):
        story = load(scenario_path(scenario))
    folder = out or Path("out") / story.scenario_id
    with refusing(OSError, file=folder):
        folder.mkdir(parents=True, exist_ok=True)
        for stale in folder.glob("tracker.db*"):
            stale.unlink()
    with refusing(ScenarioError), _bar(story.start, story.end, quiet) as progress:
        played = run_replay(story, folder / "tracker.db", truth=truth, seed=seed, faults=faults, progress=progress)
    if not bare:
        outcome.write(played, folder)
    outcome.write_score(played.score, folder)
    form = chosen(form)
    tell = typer.echo if form is Format.TABLE else say
    if not quiet:
        tell(outcome.caveat(played))
        if form is Format.TABLE:
            write_rows(*outcome.table(played.rows), form)
        else:
            write_rows(outcome.COLUMNS, map(outcome.cells, played.rows), form)
        for line in outcome.closing(played):
            tell(line)
        package = "" if bare else "measurement.csv, report.html, report.md, data/, "
        tell(f"Written to {folder}: {package}score.json, tracker.db")
    for failure in played.score.failures:
        say(f"expectation not met: {failure}")
    tell(played.score.line())
    if played.score.failures:
        raise typer.Exit(1)


@contextmanager
def _bar(start: Any, end: Any, quiet: bool) -> Iterator[Any]:
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("replaying {task.fields[at]}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("replay", total=(end - start).total_seconds(), at=f"{start:%Y-%m-%d %H:%M}")

        def advance(now: Any) -> None:
            progress.update(task, completed=(now - start).total_seconds(), at=f"{now:%Y-%m-%d %H:%M}")

        yield advance
