"""The chart of competing endings: the share that ended in each way by an age, one panel for each group."""

from typing import TYPE_CHECKING

from tracker.export import theme
from tracker.export.axes import WIDE, apart
from tracker.export.lasting import Lasting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

DAY = 86_400
LOOKS = (
    (theme.OWN, "-"),
    (theme.IMITATED, (0, (5, 2))),
    (theme.SEIZED, (0, (1, 1.5))),
    (theme.INK, "-."),
    (theme.MUTED, (0, (8, 2, 1, 2))),
)
"""Colour and line of the endings of one panel, in order; with more than five the looks repeat and labels tell."""

LABEL = 0.1
"""Height of a label in shares."""


def endings_chart(groups: "Sequence[Lasting]", kind: str, key: str, title: str) -> str:
    """Cumulative incidence by age; thick by the shortest lengths, thin by the longest, named at their ends."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - heavy

    until = max(
        step.t for group in groups for causes in group.incidence.values() for ends in causes.values() for step in ends
    )
    with theme.settings(key):
        wide = kind == WIDE
        across = min(2, len(groups)) if wide else 1
        down = -(-len(groups) // across)
        figure = Figure(figsize=(9.6, 2.9 * down) if wide else (4.4, 2.9 * down), layout="constrained")
        panels = figure.subplots(down, across, sharey=True, squeeze=False).flat
        for axes, group in zip(panels, groups, strict=False):
            _panel(axes, group, max(until, 1) / DAY)
        for axes in list(figure.axes)[len(groups) :]:
            axes.set_visible(False)
        return theme.page_svg(figure, key, title, describe_endings(groups), kind)


def _panel(axes: "Axes", group: Lasting, until: float) -> None:
    endings = sorted({ending for causes in group.incidence.values() for ending in causes})
    lasts = [
        max(ends[-1].share for causes in group.incidence.values() if (ends := causes.get(ending))) for ending in endings
    ]
    for place, (ending, height) in enumerate(zip(endings, apart(lasts, LABEL), strict=True)):
        colour, line = LOOKS[place % len(LOOKS)]
        for bound, width in (("shortest", 1.8), ("longest", 1.0)):
            steps = group.incidence[bound].get(ending, ())
            if steps:
                ages = [0.0, *(step.t / DAY for step in steps), until]
                shares = [0.0, *(step.share for step in steps), steps[-1].share]
                axes.step(ages, shares, where="post", color=colour, linewidth=width, linestyle=line)
        axes.annotate(
            ending.replace("_", " "),
            (until, height),
            (-2, 3),
            textcoords="offset points",
            ha="right",
            fontsize=9,
            color=colour,
            bbox=theme.BEHIND,
            zorder=5,
        )
    axes.set_title(f"{group.role}s, {theme.COHORT_WORDS.get(group.cohort, group.cohort)}, {group.episodes} episodes")
    axes.set_ylim(-0.03, 1.12)
    axes.set_xlim(0, until)
    axes.set_xlabel("age in days")
    axes.set_ylabel("share ended so")
    axes.grid(axis="y", linewidth=0.6)
    axes.set_axisbelow(True)


def describe_endings(groups: "Sequence[Lasting]") -> str:
    """The chart in words."""
    parts = []
    for group in groups:
        who = f"{group.role}s, {theme.COHORT_WORDS.get(group.cohort, group.cohort)}"
        ends = [
            f"{ending.replace('_', ' ')} {steps[-1].share:.2f}" for ending, steps in group.incidence["shortest"].items()
        ]
        parts.append(f"{who}: {', '.join(ends) or 'no known end'}.")
    return " ".join(parts)
