"""The chart of replacements since the action: lower and upper steps, beside what others published."""

from datetime import datetime
from typing import TYPE_CHECKING

from tracker.export import theme
from tracker.export.axes import NARROW, WIDE, apart, dates, place, round_ticks
from tracker.export.context import Curve, Story
from tracker.model.times import DAY, midnight

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LONGEST = 60 * DAY
"""N(t) is drawn to here at most; the table behind it goes on."""

EARLY = 4 * DAY


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
            _steps(axes, story, start, end)
            _claims(axes, story, end, labelled=axes is early)
            axes.set_ylim(-0.04 * top, top * 1.16)
            axes.set_yticks(round_ticks(top))
            axes.set_xlim(place(start), place(end))
            axes.grid(axis="y", linewidth=0.6)
            axes.set_axisbelow(True)
            dates(axes, start, end, 7)
        _named(whole, story, until, top)
        early.set_title("first days")
        whole.set_title(f"to {until:%Y-%m-%d}")
        early.set_ylabel("new names, cumulative")
        if kind == NARROW:
            whole.set_ylabel("new names, cumulative")
        return theme.page_svg(figure, key, f"Replacements after {story.title}", describe_curves(story), kind)


def _marks(story: Story) -> list[int]:
    claimed = [row.claimed.hi for row in story.windows if row.claimed]
    return claimed + [row.published for row in story.windows if row.published is not None]


def _named(axes: "Axes", story: Story, end: datetime, top: int) -> None:
    """The curves' names at their ends, above their upper lines, before all that crosses them."""
    ends = [[point for point in curve.points if point.at <= end][-1:] for curve in story.curves]
    reached = [(point[0].lo, point[0].hi) if point else (0, 0) for point in ends]
    heights = apart([hi for _, hi in reached], 0.09 * top)
    for curve, (lo, hi), height in zip(story.curves, reached, heights, strict=True):
        axes.annotate(
            f"{theme.COHORT_WORDS.get(curve.cohort, curve.cohort)}: {_range(lo, hi)}",
            (place(end), height),
            (-3, 4),
            textcoords="offset points",
            ha="right",
            va="bottom",
            color=theme.COHORT_COLOURS.get(curve.cohort, theme.INK),
            bbox=theme.BEHIND,
            zorder=5,
        )


def _steps(axes: "Axes", story: Story, start: datetime, end: datetime) -> None:
    for curve in story.curves:
        colour = theme.COHORT_COLOURS.get(curve.cohort, theme.INK)
        line = theme.COHORT_LINES.get(curve.cohort, "-")
        inside = [point for point in curve.points if start <= point.at <= end]
        before = [point for point in curve.points if point.at < start]
        first = (before[-1].lo, before[-1].hi) if before else (0, 0)
        instants = [place(start), *(place(point.at) for point in inside), place(end)]
        lower = [first[0], *(point.lo for point in inside)]
        upper = [first[1], *(point.hi for point in inside)]
        lower.append(lower[-1])
        upper.append(upper[-1])
        axes.fill_between(instants, lower, upper, step="post", color=colour, alpha=0.22, linewidth=0)
        axes.step(instants, lower, where="post", color=colour, linewidth=1.8, linestyle=line)
        axes.step(instants, upper, where="post", color=colour, linewidth=1.0, linestyle=line)


def _range(lo: int, hi: int) -> str:
    return str(lo) if lo == hi else f"{lo}–{hi}"


def _claims(axes: "Axes", story: Story, end: datetime, *, labelled: bool) -> None:
    for row in story.windows:
        if row.cohort == "all" and row.closes <= end:
            if row.claimed is not None:
                spread = (row.claimed.lo, row.claimed.hi)
                axes.plot([place(row.closes)] * 2, spread, color=theme.MUTED, linewidth=1.1, marker="_", markersize=7)
            if row.published is not None:
                axes.plot(
                    [place(row.closes)], [row.published], color=theme.MARK, marker="D", markersize=6, linestyle="none"
                )
                if labelled:
                    _label(axes, row.closes, row.published, f"published: {row.published}", theme.MARK)
            if row.claimed is not None and labelled and row.window == "1d":
                _label(axes, row.closes, row.claimed.lo, f"lists: {_range(*spread)}", theme.MUTED)


def _label(axes: "Axes", at: datetime, height: int, text: str, colour: str) -> None:
    axes.annotate(
        text,
        (place(at), height),
        (7, 0),
        textcoords="offset points",
        ha="left",
        va="center",
        color=colour,
        fontsize=9,
        bbox=theme.BEHIND,
        zorder=5,
    )


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
