"""The chart of survival: two readings of the bounds, boxes where the ends are not known better."""

from typing import TYPE_CHECKING

from tracker.export import theme
from tracker.export.axes import WIDE
from tracker.export.lasting import Lasting
from tracker.export.lifetable import Known, LifeStep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

DAY = 86_400


def lasting_chart(groups: "Sequence[Lasting]", kind: str, key: str, title: str) -> str:
    """Share still delegated by age, one panel for each group; shaded between the shortest and the longest reading."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - heavy

    until = max((step.t for group in groups for step in (*group.shortest, *group.longest)), default=DAY) / DAY
    with theme.settings(key):
        wide = kind == WIDE
        figure = Figure(figsize=(9.6, 3.4) if wide else (4.4, 3.2 * len(groups)), layout="constrained")
        panels = figure.subplots(1, len(groups), sharey=True) if wide else figure.subplots(len(groups), 1)
        for axes, group in zip([panels] if len(groups) == 1 else panels.flat, groups, strict=True):
            _panel(axes, group, until)
        return theme.page_svg(figure, key, title, describe_lasting(groups), kind)


def _panel(axes: "Axes", group: Lasting, until: float) -> None:
    colour = theme.COHORT_COLOURS.get(group.cohort, theme.INK)
    for every, known, width in ((group.shortest, group.known_lo, 1.8), (group.longest, group.known_hi, 1.0)):
        ages, shares = _corners(every, known)
        line = theme.COHORT_LINES.get(group.cohort, "-")
        axes.step(ages, shares, where="post", color=colour, linewidth=width, linestyle=line)
        at = [(step.t / DAY, step.surv) for step in every if step.n_censor and step.surv is not None]
        axes.plot([x for x, _ in at], [y for _, y in at], linestyle="none", marker="|", markersize=6, color=colour)
    for box in group.npmle:
        axes.fill_between([box.lo / DAY, box.hi / DAY], box.after, box.before, color=colour, alpha=0.18, linewidth=0)
    if group.known_lo is None and group.known_hi is None:
        axes.annotate("too few under watch", (0.5, 0.5), xycoords="axes fraction", ha="center", color=theme.MUTED)
    axes.set_title(f"{theme.COHORT_WORDS.get(group.cohort, group.cohort)}, {group.episodes} episodes")
    axes.set_ylim(-0.03, 1.05)
    axes.set_xlim(0, until * 1.03)
    axes.set_xlabel("days since it appeared")
    axes.set_ylabel("share still delegated")
    axes.grid(axis="y", linewidth=0.6)
    axes.set_axisbelow(True)


def _corners(steps: tuple[LifeStep, ...], known: Known | None) -> tuple[list[float], list[float]]:
    """The part of a curve that holds; nothing when none does."""
    held = [(step.t / DAY, step.surv) for step in steps if step.surv is not None]
    if known is None:
        return [], []
    return [known.since / DAY, *(age for age, _ in held)], [1.0, *(share for _, share in held)]


def describe_lasting(groups: "Sequence[Lasting]") -> str:
    """The chart in words."""
    parts = []
    for group in groups:
        who = theme.COHORT_WORDS.get(group.cohort, group.cohort)
        held = [[step.surv for step in steps if step.surv is not None] for steps in (group.shortest, group.longest)]
        last = [shares[-1] for shares in held if shares]
        share = f"share at the end {min(last):.2f} to {max(last):.2f}" if last else "too few under watch for a share"
        parts.append(f"{who}: {group.episodes} episodes, {group.alive} of them alive, {share}.")
    return " ".join(parts)
