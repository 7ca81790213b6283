"""Charts of counts: bars by property, and weeks by suffix as a map of shades with the numbers in them."""

from typing import Any

from tracker.export import theme
from tracker.export.axes import WIDE
from tracker.export.countings import Counting, CountRow, Heat
from tracker.model.names import defang

MOST_BARS = 12
NAMES = ("ns",)
"""Counts whose values are host names."""


def bars_chart(counting: Counting, kind: str, key: str) -> str:
    """Counts as bars, own brands and imitated outlets side by side on one line, numbers at their ends."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - heavy
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415 - heavy

    rows = counting.rows[:MOST_BARS]
    with theme.settings(key):
        size = (9.6, 0.7 + 0.3 * len(rows)) if kind == WIDE else (4.4, 0.8 + 0.5 * len(rows))
        figure = Figure(figsize=size, layout="constrained")
        axes = figure.subplots()
        places = range(len(rows))
        own = [row.own_brand for row in rows]
        edge: dict[str, Any] = {"edgecolor": theme.PAPER, "linewidth": 0}
        axes.barh(places, own, color=theme.OWN, height=0.62)
        axes.barh(
            places, [row.imitated for row in rows], left=own, color=theme.IMITATED, height=0.62, hatch="//", **edge
        )
        for place, row in enumerate(rows):
            label = str(row.own_brand + row.imitated)
            axes.annotate(
                label if kind == WIDE else f"{_short(row, counting, 40)}  {label}",
                (row.own_brand + row.imitated, place) if kind == WIDE else (0, place - 0.34),
                (4, 0) if kind == WIDE else (0, 1),
                textcoords="offset points",
                va="center" if kind == WIDE else "bottom",
                fontsize=9,
            )
        axes.set_yticks(
            places if kind == WIDE else [], [_short(row, counting, 44) for row in rows] if kind == WIDE else []
        )
        axes.set_ylim(len(rows) - 0.5, -0.9 if kind != WIDE else -0.5)
        axes.set_xlim(0, max([1, *(row.own_brand + row.imitated for row in rows)]) * 1.08)
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        title = counting.title if counting.key == "ending" else f"Replacements by {counting.title.lower()}"
        return theme.page_svg(figure, key, title, describe_counts(counting), kind)


def _short(row: CountRow, counting: Counting, most: int) -> str:
    """The value as it may be read by people: names of hosts defanged."""
    text = defang(row.value) if counting.key in NAMES else row.value
    return text if len(text) <= most else text[: most - 1] + "…"


def describe_counts(counting: Counting) -> str:
    """The chart in words: the first three."""
    parts = [f"{_short(row, counting, 60)}: {row.own_brand + row.imitated}" for row in counting.rows[:3]]
    rest = len(counting.rows) - 3
    return "; ".join(parts) + (f"; and {rest} more." if rest > 0 else ".")


def heat_chart(shown: Heat, kind: str, key: str) -> str:
    """Weeks across and suffixes down (on a phone the last eight weeks), darker for more, the count in each cell."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - heavy

    first = 0 if kind == WIDE else max(0, len(shown.weeks) - 8)
    weeks = shown.weeks[first:]
    cells = [row[first:] for row in shown.cells]
    most = max([1, *(n for row in cells for n in row)])
    with theme.settings(key):
        size = (9.6, 0.9 + 0.28 * len(cells)) if kind == WIDE else (4.4, 1.1 + 0.34 * len(cells))
        figure = Figure(figsize=size, layout="constrained")
        axes = figure.subplots()
        for down, row in enumerate(cells):
            for across, n in enumerate(row):
                if n:
                    box = ([across - 0.47, across + 0.47], down - 0.45, down + 0.45)
                    axes.fill_between(*box, color=theme.OWN, alpha=0.15 + 0.4 * n / most, linewidth=0)
                    axes.annotate(str(n), (across, down), ha="center", va="center", fontsize=9)
        axes.set_xlim(-0.5, max(len(weeks), 1) - 0.5)
        axes.set_ylim(len(cells) - 0.5, -0.5)
        step = max(1, -(-len(weeks) // 13)) if kind == WIDE else max(1, -(-len(weeks) // 4))
        axes.set_xticks(range(0, len(weeks), step), [week[2:] for week in weeks[::step]])
        axes.set_yticks(range(len(cells)), ["." + suffix if suffix != "other" else suffix for suffix in shown.suffixes])
        axes.tick_params(length=0)
        return theme.page_svg(figure, key, "New names by week and suffix", describe_heat(shown), kind)


def describe_heat(shown: Heat) -> str:
    """The chart in words: the week and suffix with the most."""
    found = [
        (n, week, suffix)
        for suffix, row in zip(shown.suffixes, shown.cells, strict=True)
        for week, n in zip(shown.weeks, row, strict=True)
        if n
    ]
    if not found:
        return "No new name in these weeks."
    n, week, suffix = max(found, key=lambda cell: (cell[0], cell[1], cell[2]))
    total = sum(cell[0] for cell in found)
    return f"{total} new names in {len(shown.weeks)} weeks; the most, {n}, under .{suffix} in {week}."
