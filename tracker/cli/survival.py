"""`tracker survival`: the estimators of lifetimes on any CSV of lifetimes."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tracker.cli.errors import Refused, refusing
from tracker.cli.output import FORMAT, Format, chosen, say, write_rows
from tracker.cli.typed import choice, finite

if TYPE_CHECKING:
    from tracker.analysis.survival_summary import Summary, Wishes
    from tracker.analysis.survival_table import Sample

TOLD = 20
"""So many bad rows are shown one by one; the rest is counted."""


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("survival")(survival)


def survival(
    file: Path = typer.Argument(help="CSV with columns entry,time,event or lo,hi (empty hi = alive); - is stdin."),
    by: str = typer.Option("", "--by", help="Column whose values make the groups to compare."),
    strata: list[str] = typer.Option(
        [], "--strata", help="Column within whose values groups are compared; repeatable."
    ),
    tau: float = typer.Option(
        0.0, "--tau", min=0.0, help="Horizon of the restricted mean; 0 = as far as all groups go."
    ),
    interval: str = typer.Option("log-log", "--interval", help="Scale of the limits: log-log, log or plain."),
    least: int = typer.Option(1, "--least-at-risk", min=1, help="Begin curves where so many are at risk."),
    seed: int = typer.Option(1, "--seed", min=0, help="Seed of the permutations that compare groups of lo,hi."),
    form: Format = FORMAT,
) -> None:
    """How long do they live? Survival with delayed entry or from intervals, by group, with tests between groups.

    Optional columns: cause (competing endings), id (rows of one unit), and any named by --by or --strata. JSON has all
    of it; CSV has the curves alone; a table has one line per group. What each estimator is: docs/survival.md.

    Example: tracker survival lifetimes.csv --by cohort --tau 30 --format json
    """
    from tracker.analysis.survival_bands import Scale
    from tracker.analysis.survival_summary import Wishes

    if strata and not by:
        raise Refused("--strata compares groups within strata, so it needs --by")
    if form is Format.NAMES:
        raise Refused("--format names: there are no names here")
    with refusing(ValueError):
        wishes = Wishes(
            tau=finite("--tau", tau) or None, scale=choice("--interval", interval, Scale), least_at_risk=least
        )
    found = _summary(_sample(file, [by, *strata] if by else []), by, strata, wishes, seed)
    for note in found.notes:
        say(f"{file}: {note}")
    if chosen(form) is Format.JSON:
        typer.echo(json.dumps(found.document, ensure_ascii=False, indent=1, allow_nan=False))
    elif chosen(form) is Format.CSV:
        _curves(found)
    else:
        _table(found)


def _summary(sample: "Sample", by: str, strata: Sequence[str], wishes: "Wishes", seed: int) -> "Summary":
    import numpy as np

    from tracker.analysis.survival_compare import NoStrata, grouped, whole
    from tracker.analysis.survival_npmle import NotConverged

    with refusing(NoStrata, NotConverged):
        return grouped(sample, by, strata, wishes, np.random.default_rng(seed)) if by else whole(sample, wishes)


@contextmanager
def _opened(file: Path) -> Iterator[Iterator[str]]:
    """The lines of the file, or of stdin for `-`, as UTF-8 without the mark that some programs put in front."""
    try:
        with nullcontext(sys.stdin.buffer) if str(file) == "-" else file.open("rb") as data:
            lines = TextIOWrapper(data, encoding="utf-8-sig", errors="surrogateescape", newline="")
            yield _decoded(file, lines)
            lines.detach()
    except OSError as error:
        raise Refused(f"{file}: {error.strerror}") from error


def _decoded(file: Path, lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        if not line.isascii() and any("\udc80" <= letter <= "\udcff" for letter in line):
            raise Refused(f"{file}:{number}: not UTF-8")
        yield line


def _sample(file: Path, columns: Sequence[str]) -> "Sample":
    from tracker.analysis.survival_table import BadTable, read

    try:
        with _opened(file) as lines:
            return read(lines, columns)
    except BadTable as error:
        *others, last = error.rows[:TOLD]
        for row in others:
            say(f"{file}:{row.line}: {row.reason}")
        more = f" (and {len(error.rows) - TOLD} more)" if len(error.rows) > TOLD else ""
        raise Refused(f"{file}:{last.line}: {last.reason}{more}") from error


def _groups(found: "Summary") -> dict[str, dict[str, object]]:
    groups = found.document.get("groups")
    return groups if isinstance(groups, dict) else {"": found.document}


def _curves(found: "Summary") -> None:
    """The curves, under the columns of their kind even where nobody was at risk."""
    from tracker.analysis.survival_rows import KM, MASS

    groups = _groups(found)
    rows = [
        {"group": name, **row}
        for name, one in groups.items()
        for curve in (one["km"] or one["npmle"],)
        if isinstance(curve, list)
        for row in curve
    ]
    columns = KM if any(one["npmle"] is None for one in groups.values()) else MASS
    write_rows(["group", *columns], (list(row.values()) for row in rows), Format.CSV)


def _table(found: "Summary") -> None:
    groups = _groups(found)
    lines = [
        [name or "all", one["n"], one["n_event"], *_median(one), *_numbers(one["rmst"], "tau", "value", "se")]
        for name, one in groups.items()
    ]
    write_rows(["group", "n", "ended", "median", "ci_lo", "ci_hi", "tau", "mean", "se"], lines, Format.TABLE)
    tests = [
        [key, *_numbers(found.document.get(key), "chi2", "df", "p")]
        for key in ("logrank", "peto_peto")
        if found.document.get(key)
    ]
    if tests:
        write_rows(["test", "chi2", "df", "p"], tests, Format.TABLE)
    means = found.document.get("rmst_difference")
    if isinstance(means, list) and means:
        columns = ("tau", "value", "se", "ci_lo", "ci_hi", "p")
        gaps = [[f"{row['group']} - {row['minus']}", *_numbers(row, *columns)] for row in means]
        write_rows(["difference of means", *columns], gaps, Format.TABLE)


def _median(one: Mapping[str, object]) -> list[str]:
    """The median, or the ages between which it lies, with its limits; one that is not reached is above the last age."""
    median, curve = one["median"], one["km"]
    lo, hi, *limits = _numbers(median, "lo", "hi", "ci_lo", "ci_hi")
    if not lo:
        last = curve[-1]["t"] if isinstance(curve, list) and curve else None
        told = "" if last is None else f"> {last:.6g}"
    elif not hi:
        told = f"{lo} or more" if _numbers(median, "value") == [lo] else f"> {lo}"
    else:
        told = lo if lo == hi else f"{lo} to {hi}"
    return [told, *limits]


def _numbers(values: object, *keys: str) -> list[str]:
    """Cells of a small dictionary, shortened; empty where it has no number, or is none."""
    known = values if isinstance(values, dict) else {}
    return ["" if known.get(key) is None else f"{known[key]:.6g}" for key in keys]
