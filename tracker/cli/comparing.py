"""`tracker compare`, `pool` and `protocol`: actions side by side or together, and what was fixed."""

from pathlib import Path

import typer

from tracker.cli.context import history_and_views
from tracker.cli.errors import Refused, refusing
from tracker.cli.output import FORMAT, Format, say, write_rows
from tracker.cli.typed import choice

COLUMNS = ("figure", "cohort", "unit", "first_lo", "first_hi", "second_lo", "second_hi", "published", "source")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("compare")(compare)
    app.command("pool")(pool)
    app.command("protocol")(protocol)


def compare(
    context: typer.Context,
    first: str = typer.Argument(help="Id of an action; `tracker export` lists them in actions.csv."),
    second: str = typer.Argument(help="Id of another action."),
    layer: str = typer.Option("DELEGATED", "--layer", help="REGISTERED, DELEGATED, RESOLVING or SERVING."),
    verdict: str = typer.Option("LIKELY", "--verdict", help="Count from here up: POSSIBLE, LIKELY or CONFIRMED."),
    published: Path | None = typer.Option(
        None, "--published", help="CSV of published figures to print beneath, instead of the bundled ones."
    ),
    as_of: str = typer.Option("", "--as-of", help="As known at this instant (ISO); default: the newest record."),
    form: Format = FORMAT,
) -> None:
    """Two actions at one layer, verdict level, cadence and follow-up, beside published figures. No p-value.

    A figure lies between `lo` and `hi`; an empty end is not known, `later` is beyond the follow-up.

    Example: tracker compare doj-2024-09-04 qurium-2024-07-11 --database tracker.db
    """
    from tracker.analysis.comparison import Reading
    from tracker.analysis.comparison import compare as compared
    from tracker.analysis.lags import LATER
    from tracker.model.facts import Layer
    from tracker.model.views import Verdict
    from tracker.reading import published_rows

    with refusing(OSError, ValueError, file=published or ""):
        figures = published_rows(published) if published else published_rows()
    history, views = history_and_views(context, as_of)
    for action in (first, second):
        if not any(row.action_id == action for row in history.actions):
            known = ", ".join(sorted(row.action_id for row in history.actions)) or "none"
            raise Refused(f"no action {action!r}; there are {known}")
    chosen = choice("--layer", layer, Layer), choice("--verdict", verdict, Verdict)
    with refusing(ValueError):
        found = compared(history, views, first, second, *chosen)

    def cells(reading: Reading) -> tuple[str, str]:
        return _number(reading.lo, LATER), _number(reading.hi, LATER)

    rows = [(row.figure, row.cohort, row.unit, *cells(row.first), *cells(row.second), "", "") for row in found.rows]
    rows += [
        (f"{row.setting}: {row.figure}", "", row.unit, "", "", "", "", f"{row.value:g}", row.source) for row in figures
    ]
    write_rows(COLUMNS, rows, form, names="figure")
    followed = f"both followed for {found.follow_up} d"
    say(f"first: {first}, second: {second}; {followed}, verdict at least {found.verdict_min}.")
    if found.cadence_differs:
        say("They were not looked at equally often: the one looked at more is read as the other was.")
    say("One action is one decision: two actions are two observations, and no test can tell them apart.")


def pool(
    context: typer.Context,
    days: int = typer.Option(30, "--days", min=1, help="Replacements within so many calendar days after the action."),
    kind: str = typer.Option("", "--kind", help="Actions of one kind alone, such as seizure or suspension."),
    layer: str = typer.Option("DELEGATED", "--layer", help="REGISTERED, DELEGATED, RESOLVING or SERVING."),
    as_of: str = typer.Option("", "--as-of", help="As known at this instant (ISO); default: the newest record."),
    seed: int = typer.Option(1, "--seed", min=0, help="Seed of the resampling."),
    form: Format = FORMAT,
) -> None:
    """Over all actions: how many domains, and how many actions, had a replacement after; with intervals from ten on.

    Domains: resampled by action. Actions, each of which is one decision: Wilson and Clopper-Pearson.

    Example: tracker pool --days 30 --database tracker.db
    """
    from dataclasses import astuple, fields

    import numpy as np

    from tracker.analysis.pooling import Pooled, left_out, pooled
    from tracker.model.facts import Layer
    from tracker.model.watching import ActionKind

    chosen, one = choice("--layer", layer, Layer), choice("--kind", kind, ActionKind) if kind else None
    history, views = history_and_views(context, as_of)
    rows = pooled(history, views, days, np.random.default_rng(seed), chosen, one)
    columns = [field.name for field in fields(Pooled)]
    lines = [
        ["" if cell is None else f"{cell:.4g}" if isinstance(cell, float) else str(cell) for cell in astuple(row)]
        for row in rows
    ]
    write_rows(columns, lines, form, names="cohort")
    if young := left_out(history, views, days, one):
        say(f"Left out: {young} action{'' if young == 1 else 's'} not yet followed for {days} d.")


def _number(value: float | None, later: float) -> str:
    if value is None:
        return ""
    return "later" if value == later else f"{value:.4g}"


def protocol(hash_only: bool = typer.Option(False, "--hash", help="Print the SHA-256 alone.")) -> None:
    """Print what decides the primary figure, as JSON with its hash, to be published before the next event.

    Example: tracker protocol --hash
    """
    import json

    from tracker.analysis.protocol import protocol as fixed
    from tracker.analysis.protocol import protocol_hash

    if hash_only:
        typer.echo(protocol_hash())
        return
    typer.echo(json.dumps({"sha256": protocol_hash(), **fixed()}, ensure_ascii=False, indent=2))
