"""The chart of one line per domain: alive, seized, ended, and where nobody could tell."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from tracker.export import theme
from tracker.export.axes import WIDE, dates, place
from tracker.export.context import Lifeline, Story
from tracker.export.lifelines import MOST_LINES
from tracker.model.names import defang
from tracker.model.times import DAY, midnight

if TYPE_CHECKING:
    from matplotlib.axes import Axes


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
        _stretches(axes, lines, start)
        _endings(axes, lines, start)
        axes.axvline(place(midnight(story.announced)), color=theme.INK, linewidth=0.9, linestyle=(0, (1, 2)))
        axes.set_ylim(len(lines) - 0.3, -0.9)
        axes.set_xlim(place(start), place(story.until) + 0.02 * (place(story.until) - place(start)))
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
                    _name(line), (place(start), row), (2, 4), textcoords="offset points", fontsize=9, va="bottom"
                )
        dates(axes, start, story.until, 10 if kind == WIDE else 5)
        return theme.page_svg(figure, key, f"Lifelines of {story.title}", describe_lifelines(story), kind)


def _name(line: Lifeline) -> str:
    return f"{'→ ' if line.role == 'replacement' else ''}{defang(line.name)}"


def _colour(line: Lifeline) -> str:
    return theme.COHORT_COLOURS.get(line.cohort, theme.INK) if line.role == "replacement" else theme.MUTED


STROKES: Mapping[str, tuple[tuple[float, str | None, Literal["solid", "dotted"], float], ...]] = {
    "alive": ((4.5, None, "solid", 2.0),),
    "maybe": ((1.2, None, "solid", 2.1),),
    "seized": ((5.4, theme.PAPER, "solid", 2.2), (1.4, theme.SEIZED, "dotted", 2.3)),
}
"""How a kind of stretch is drawn: (width, colour or that of the line, style, layer) per stroke, one over the other."""


def _stretches(axes: "Axes", lines: Sequence[Lifeline], start: datetime) -> None:
    found: dict[tuple[str, str], list[tuple[int, float, float]]] = defaultdict(list)
    for row, line in enumerate(lines):
        for stretch in line.stretches:
            if stretch.last >= start:
                spot = (row, place(max(stretch.first, start)), place(stretch.last))
                found[stretch.kind, _colour(line)].append(spot)
    for (kind, colour), spots in sorted(found.items()):
        rows, firsts, lasts = zip(*spots, strict=True)
        for width, fixed, style, layer in STROKES.get(kind, ()):
            axes.hlines(rows, firsts, lasts, colors=fixed or colour, linewidth=width, linestyles=style, zorder=layer)
        if kind == "maybe":
            axes.plot(
                [*firsts, *lasts], [*rows, *rows], color=colour, linestyle="none", marker="|", markersize=5, zorder=3
            )
        elif kind == "seized":
            axes.plot(
                firsts,
                rows,
                color=theme.SEIZED,
                linestyle="none",
                marker="x",
                markersize=6,
                markeredgewidth=1.6,
                zorder=3,
            )
        elif kind == "unobserved":
            widths = [last - first for first, last in zip(firsts, lasts, strict=True)]
            axes.barh(
                rows,
                widths,
                0.72,
                firsts,
                facecolor=theme.QUIET,
                edgecolor=theme.PAPER,
                hatch="////",
                linewidth=0,
                zorder=1,
            )


def _endings(axes: "Axes", lines: Sequence[Lifeline], start: datetime) -> None:
    for row, line in enumerate(lines):
        alive = [stretch.last for stretch in line.stretches if stretch.kind == "alive"]
        if line.alive and alive and not any(stretch.kind == "seized" for stretch in line.stretches):
            axes.plot([place(max(alive))], [row], color=_colour(line), marker=">", markersize=6)
        elif line.ended is not None and line.ended.hi is not None and line.ended.hi >= start:
            axes.plot([place(line.ended.hi)], [row], color=theme.INK, marker="|", markersize=9, markeredgewidth=1.6)


def describe_lifelines(story: Story) -> str:
    """The chart in words."""
    new = [line for line in story.lifelines if line.role == "replacement"]
    alive = sum(line.alive for line in new)
    return (
        f"{len(story.lifelines) - len(new)} domains of the action and {len(new)} replacements, {alive} of these alive "
        f"when last seen. The table behind the chart has the dates."
    )
