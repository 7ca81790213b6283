"""The figures at the top of a report: the primary one of the newest action, then the week's, then who judged."""

from collections.abc import Collection

from tracker.analysis.churn import Appeared, ChurnWeek, Ended
from tracker.export.context import Box, Count, Story, WindowRow


def boxes(newest: Story | None, week: ChurnWeek | None) -> tuple[Box, ...]:
    """What there is to say of the `newest` action of the week and of the `week`; nothing without either."""
    primary = [row for row in newest.windows if row.primary] if newest else []
    return (
        *(_primary(newest, row) for row in primary if newest),
        *(_of_the_week(week) if week else ()),
        *([_judged(newest)] if newest else ()),
    )


def _primary(story: Story, row: WindowRow) -> Box:
    judged = any(each.same_label_reviewed.hi for each in story.windows if each.window == row.window)
    answers = row.answered_reviewed if judged else row.answered
    said = [f"primary figure: own brands, new names for {answers} of {row.of} domains"]
    if not row.of:
        said = ["primary figure: own brands, of which none was taken down"]
    elif row.blind:
        said = ["primary figure: own brands"]
    elif judged:
        said.append(f"reviewed; by rules alone {row.same_label_by_rules}")
    else:
        said.append("by rules alone, none " + ("held by an analyst to be one" if story.overruled else "reviewed"))
    if row.same_label_unknown:
        said.append(f"{row.same_label_unknown} more could not be told")
    if row.unasked:
        said.append(f"nobody looked for those of {row.unasked} in that time")
    if not row.over:
        said.append("the day is not over")
    count = str(row.same_label_reviewed if judged else row.same_label)
    return Box(
        label="same label again by the end of day 1", value="no data" if row.blind else count, note="; ".join(said)
    )


def _of_the_week(week: ChurnWeek) -> tuple[Box, ...]:
    blind = not (week.quality.looks or week.quality.sweeps or week.appeared or week.ended)
    unknown = "nobody looked in this week" if blind else ""
    roles = ", ".join(
        f"{_names([row for row in week.ended if row.role == role])} {what}"
        for role, what in (("replacement", "replacements"), ("predecessor", "domains of actions"))
    )
    net = " to ".join(dict.fromkeys(_signed(n) for n in (week.net_lo, week.net_hi)))
    return (
        Box(label="appeared this week", value=str(_names(week.appeared)), note=unknown or "replacements"),
        Box(label="ended this week", value=str(_names(week.ended)), note=unknown or roles),
        Box(
            label="alive at the end",
            value=str(Count(week.alive_after_lo, week.alive_after_hi)),
            note=f"replacements; {Count(week.alive_before_lo, week.alive_before_hi)} when the week began, net {net}",
        ),
    )


def _names(rows: Collection[Appeared] | Collection[Ended]) -> Count:
    return Count(len({row.name for row in rows if row.certain}), len({row.name for row in rows}))


def _signed(n: int) -> str:
    return f"+{n}" if n > 0 else str(n).replace("-", "\u2212")


def _judged(story: Story) -> Box:
    found = story.reviewed + story.machine_only
    said = ["replacements after the newest action"] if found else ["no replacement after the newest action yet"]
    if story.machine_only:
        said.append("the others rest on rules alone" if story.reviewed else "they rest on rules alone")
    if story.overruled:
        said.append(f"{story.overruled} that the rules call one were not held to be")
    return Box(label="judged by an analyst", value=f"{story.reviewed} of {found}", note="; ".join(said))
