"""The charts of a report: replacements since the action, one lifeline per domain; wide for desks, narrow for phones."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tracker.export import theme
from tracker.export.context import Curve, Lifeline, Story
from tracker.model.names import defang
from tracker.model.times import DAY, midnight

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_LINES = 60
"""Lifelines drawn at most; the page says how many more there are."""

LONGEST = 60 * DAY
"""N(t) is drawn to here at most; the table behind it goes on."""

EARLY = 4 * DAY
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WIDE, NARROW = "wide", "narrow"


def replacements_chart(story: Story, kind: str, key: str) -> str:
    """N(t) as SVG: lower and upper steps by cohort; claims and published marks stand at the ends of their windows."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - heavy

    start = midnight(story.announced)
    until = max(min(story.until, start + LONGEST), start + EARLY)
    top = max([1, *(point.hi for curve in story.curves for point in curve.points), *_marks(story)])
    with theme.settings(key):
        figure = Figure(figsize=(9.6, 3.9) if kind == WIDE else (4.4, 6.6), layout="constrained")
        if kind == WIDE:
            early, whole = figure.subplots(1, 2, sharey=True, width_ratios=[1, 1.25])
        else:
            early, whole = figure.subplots(2, 1)
        for axes, end in ((early, start + EARLY), (whole, until)):
            _steps(axes, story, start, end, top, labelled=axes is whole)
            _claims(axes, story, end, labelled=axes is early)
            axes.set_ylim(-0.04 * top, top * 1.12)
            axes.set_yticks(range(0, top + 1, max(1, -(-top // 6))))
            axes.set_xlim(_x(start), _x(end))
            axes.grid(axis="y", linewidth=0.6)
            axes.set_axisbelow(True)
            _dates(axes, start, end, 7)
        early.set_title("first days")
        whole.set_title(f"to {until:%Y-%m-%d}")
        early.set_ylabel("new names, cumulative")
        if kind == NARROW:
            whole.set_ylabel("new names, cumulative")
        return theme.page_svg(figure, key, f"Replacements after {story.title}", describe_curves(story), kind)


def _x(moment: datetime) -> float:
    """Days since 1970, which is how matplotlib places dates."""
    return (moment - EPOCH) / DAY


def _marks(story: Story) -> list[int]:
    claimed = [row.claimed.hi for row in story.windows if row.claimed]
    return claimed + [row.published for row in story.windows if row.published is not None]


def _steps(axes: "Axes", story: Story, start: datetime, end: datetime, top: int, *, labelled: bool) -> None:
    for curve in story.curves:
        colour = theme.COHORT_COLOURS.get(curve.cohort, theme.INK)
        line = theme.COHORT_LINES.get(curve.cohort, "-")
        inside = [point for point in curve.points if start <= point.at <= end]
        before = [point for point in curve.points if point.at < start]
        first = (before[-1].lo, before[-1].hi) if before else (0, 0)
        instants = [_x(start), *(_x(point.at) for point in inside), _x(end)]
        lower = [first[0], *(point.lo for point in inside)]
        upper = [first[1], *(point.hi for point in inside)]
        lower.append(lower[-1])
        upper.append(upper[-1])
        axes.fill_between(instants, lower, upper, step="post", color=colour, alpha=0.22, linewidth=0)
        axes.step(instants, lower, where="post", color=colour, linewidth=1.8, linestyle=line)
        axes.step(instants, upper, where="post", color=colour, linewidth=1.0, linestyle=line)
        if labelled:
            text = f"{theme.COHORT_WORDS.get(curve.cohort, curve.cohort)}: {_range(lower[-1], upper[-1])}"
            below = lower[-1] > 0.3 * top
            axes.annotate(
                text,
                (_x(end), lower[-1] if below else upper[-1]),
                (-3, -5 if below else 4),
                textcoords="offset points",
                ha="right",
                va="top" if below else "bottom",
                color=colour,
            )


def _range(lo: int, hi: int) -> str:
    return str(lo) if lo == hi else f"{lo}–{hi}"


def _claims(axes: "Axes", story: Story, end: datetime, *, labelled: bool) -> None:
    for row in story.windows:
        if row.cohort == "all" and row.closes <= end:
            if row.claimed is not None:
                spread = (row.claimed.lo, row.claimed.hi)
                axes.plot([_x(row.closes)] * 2, spread, color=theme.MUTED, linewidth=1.1, marker="_", markersize=7)
            if row.published is not None:
                axes.plot(
                    [_x(row.closes)], [row.published], color=theme.MARK, marker="D", markersize=6, linestyle="none"
                )
                if labelled:
                    _label(axes, row.closes, row.published, f"published: {row.published}", theme.MARK)
            if row.claimed is not None and labelled and row.window == "1d":
                _label(axes, row.closes, row.claimed.lo, f"lists: {_range(*spread)}", theme.MUTED)


def _label(axes: "Axes", at: datetime, height: int, text: str, colour: str) -> None:
    axes.annotate(
        text,
        (_x(at), height),
        (7, 0),
        textcoords="offset points",
        ha="left",
        va="center",
        color=colour,
        fontsize=9,
        bbox={"facecolor": theme.PAPER, "edgecolor": "none", "pad": 1},
        zorder=5,
    )


def _dates(axes: "Axes", start: datetime, end: datetime, most: int) -> None:
    """Ticks at midnights (UTC), as many as can be read."""
    step = next(days for days in (1, 7, 14, 28, 91, 182, 364) if days == 364 or end - start <= most * days * DAY)
    first = midnight(start) if start == midnight(start) else midnight(start) + DAY
    ticks = [first + at * DAY for at in range(0, (end - first) // DAY + 1, step)]
    axes.set_xticks([_x(tick) for tick in ticks], [day(tick, year=step > 28) for tick in ticks])


def day(moment: datetime, *, year: bool) -> str:
    """A date for an axis, in English whatever the locale of the machine."""
    return f"{moment.day} {MONTHS[moment.month - 1]}" + (f" {moment.year}" if year else "")


def describe_curves(story: Story) -> str:
    """The chart in words, for who cannot see it."""
    parts = [describe_curve(curve) for curve in story.curves]
    return " ".join(parts) or "Nothing was counted."


def describe_curve(curve: Curve) -> str:
    """One curve in words."""
    who = theme.COHORT_WORDS.get(curve.cohort, curve.cohort)
    if not curve.points or curve.points[-1].hi == 0:
        return f"{who}: no new name for {curve.of} domains."
    last = curve.points[-1]
    return f"{who}: {_range(last.lo, last.hi)} new names for {curve.of} domains, the last step on {last.at:%Y-%m-%d}."


def drawn(lines: Sequence[Lifeline]) -> tuple[Lifeline, ...]:
    """The lifelines that fit."""
    return tuple(lines[:MOST_LINES])


def lifelines_chart(story: Story, kind: str, key: str) -> str:
    """One line per domain as SVG: alive, seized, ended, with bounds drawn thin and unobserved stretches shaded."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - heavy

    lines = drawn(story.lifelines)
    start = midnight(story.announced) - 10 * DAY
    height = 0.9 + (0.19 if kind == WIDE else 0.34) * max(len(lines), 1)
    with theme.settings(key):
        figure = Figure(figsize=(9.6 if kind == WIDE else 4.4, height), layout="constrained")
        axes = figure.subplots()
        for row, line in enumerate(lines):
            _lifeline(axes, line, row, start)
        axes.axvline(_x(midnight(story.announced)), color=theme.INK, linewidth=0.9, linestyle=(0, (1, 2)))
        axes.set_ylim(len(lines) - 0.3, -0.9)
        axes.set_xlim(_x(start), _x(story.until) + 0.02 * (_x(story.until) - _x(start)))
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="y", length=0)
        axes.xaxis.set_ticks_position("both")
        axes.tick_params(axis="x", labeltop=True)
        axes.grid(axis="x", linewidth=0.5)
        axes.set_axisbelow(True)
        if kind == WIDE:
            axes.set_yticks(range(len(lines)), [_name(line) for line in lines], fontsize=9)
        else:
            axes.set_yticks([])
            for row, line in enumerate(lines):
                axes.annotate(
                    _name(line), (_x(start), row), (2, 4), textcoords="offset points", fontsize=9, va="bottom"
                )
        _dates(axes, start, story.until, 10 if kind == WIDE else 5)
        return theme.page_svg(figure, key, f"Lifelines of {story.title}", describe_lifelines(story), kind)


def _name(line: Lifeline) -> str:
    return f"{'→ ' if line.role == 'replacement' else ''}{defang(line.name)}"


def _lifeline(axes: "Axes", line: Lifeline, row: int, start: datetime) -> None:
    colour = theme.COHORT_COLOURS.get(line.cohort, theme.INK) if line.role == "replacement" else theme.MUTED
    for stretch in line.stretches:
        if stretch.last < start:
            continue
        first, last = _x(max(stretch.first, start)), _x(stretch.last)
        ends = ([first, last], [row, row])
        match stretch.kind:
            case "alive":
                axes.plot(*ends, color=colour, linewidth=4.5, solid_capstyle="butt")
            case "maybe":
                axes.plot(*ends, color=colour, linewidth=1.2, solid_capstyle="butt", marker="|", markersize=5)
            case "seized":
                axes.plot(*ends, color=theme.PAPER, linewidth=4.6, solid_capstyle="butt")
                axes.plot(*ends, color=theme.SEIZED, linewidth=1.4, linestyle=(0, (1, 1.5)))
                axes.plot([first], [row], color=theme.SEIZED, marker="x", markersize=6, markeredgewidth=1.6)
            case _:
                axes.broken_barh(
                    [(first, last - first)],
                    (row - 0.36, 0.72),
                    facecolor=theme.QUIET,
                    edgecolor=theme.PAPER,
                    hatch="////",
                    linewidth=0,
                    alpha=0.75,
                )
    last_alive = max((stretch.last for stretch in line.stretches if stretch.kind == "alive"), default=None)
    if line.alive and last_alive is not None and not any(stretch.kind == "seized" for stretch in line.stretches):
        axes.plot([_x(last_alive)], [row], color=colour, marker=">", markersize=6)
    elif line.ended is not None and line.ended.hi is not None and line.ended.hi >= start:
        axes.plot([_x(line.ended.hi)], [row], color=theme.INK, marker="|", markersize=9, markeredgewidth=1.6)


def describe_lifelines(story: Story) -> str:
    """The chart in words."""
    new = [line for line in story.lifelines if line.role == "replacement"]
    alive = sum(line.alive for line in new)
    return (
        f"{len(story.lifelines) - len(new)} domains of the action and {len(new)} replacements, {alive} of these alive "
        f"when last seen. The table behind the chart has the dates."
    )
