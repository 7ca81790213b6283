"""A report context becomes `report.html`, `report.md` and `report.json`: the same bytes for the same context."""

import base64
import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.export.context import Count, ReportContext, Story
from tracker.export.files import write_whole
from tracker.export.lasting import Lasting
from tracker.export.lifetable import Known
from tracker.export.package import pretty
from tracker.model.names import defang, defanged
from tracker.model.times import iso

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"
MOST_ROWS = 200
"""Rows of a table on the page; the rest is counted on the page and stands in JSON and data package."""


def write_report(context: ReportContext, target: Path) -> None:
    """Write the three files into the folder `target`, which is made if missing."""
    write_whole(target / "report.json", pretty(plain(context)))
    write_whole(target / "report.md", markdown(context).encode("utf-8"))
    write_whole(target / "report.html", html(context).encode("utf-8"))


def plain(value: object) -> object:
    """Values as JSON knows them: moments as text, lengths in seconds, names real because this is data."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return _scalar(value)


def _scalar(value: object) -> object:
    match value:
        case Enum():
            return value.value
        case datetime():
            return iso(value)
        case timedelta():
            return value.total_seconds()
        case float() if not math.isfinite(value):
            return None
    return value


def html(context: ReportContext) -> str:
    """The page: one file, no script, no request, one style sheet allowed by its hash."""
    from markupsafe import Markup  # noqa: PLC0415 - heavy

    css = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    allowed = base64.b64encode(hashlib.sha256(css.encode("utf-8")).digest()).decode("ascii")
    drawings = [
        {name: Markup(svg) for name, svg in _drawings(story, rank).items()}
        for rank, story in enumerate(context.stories, 1)
    ]
    charts = {name: Markup(svg) for name, svg in _charts(context).items()}
    template = environment(escape=True).get_template("report.html.j2")
    return template.render(
        report=context, css=Markup(css), css_hash=allowed, drawings=drawings, charts=charts, most=MOST_ROWS
    )


def _charts(context: ReportContext) -> Mapping[str, str]:
    """The charts that belong to no single action; what has nothing to show is left out."""
    from tracker.export import axes, chart_counts, chart_endings, chart_lasting  # noqa: PLC0415 - heavy

    found = {}
    lasted = [group for group in context.lasting if group.role == "replacement"]
    for kind in (axes.WIDE, axes.NARROW):
        ended = [group for group in context.lasting if group.incidence["shortest"] or group.incidence["longest"]]
        if ended:
            key = f"incidence-{kind}"
            found[f"incidence_{kind}"] = chart_endings.endings_chart(ended, kind, key, "How they ended, by age")
        if lasted:
            title = "How long replacements stay delegated"
            found[f"lasting_{kind}"] = chart_lasting.lasting_chart(lasted, kind, f"lasting-{kind}", title)
        for counting in (context.endings, *context.countings):
            if counting.rows:
                key = f"{counting.key}-{kind}"
                found[f"{counting.key}_{kind}"] = chart_counts.bars_chart(counting, kind, key)
        if context.heat.suffixes:
            found[f"heat_{kind}"] = chart_counts.heat_chart(context.heat, kind, f"heat-{kind}")
    return found


def _drawings(story: Story, rank: int) -> Mapping[str, str]:
    from tracker.export import axes, chart_curves, chart_lifelines  # noqa: PLC0415 - heavy

    return {
        f"{what}_{kind}": draw(story, kind, f"{what}-{rank}-{kind}")
        for what, draw in (("curve", chart_curves.replacements_chart), ("lines", chart_lifelines.lifelines_chart))
        for kind in (axes.WIDE, axes.NARROW)
    }


def markdown(context: ReportContext) -> str:
    """The same report as Markdown, without pictures."""
    return environment(escape=False).get_template("report.md.j2").render(report=context, most=MOST_ROWS)


def environment(*, escape: bool) -> "Environment":
    """jinja2 over the bundled templates; an unknown name in a template raises."""
    import jinja2  # noqa: PLC0415 - heavy

    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=escape,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {
        "defang": defang,
        "defanged": defanged,
        "cell": table_cell,
        "begun": lambda text: text[:1].upper() + text[1:],
        "dated": dated,
        "day": lambda moment: moment.strftime("%Y-%m-%d"),
        "minute": lambda moment: moment.strftime("%Y-%m-%d %H:%M"),
        "bounds": between,
        "words": lambda text: WORDS.get(text, text.replace("_", " ")),
        "listed": listed,
        "span": span,
        "by_chance": by_chance,
        "lived": lived,
        "ages": ages,
        "range": lambda lo, hi: str(Count(lo, hi)),
        "days": days,
        "lag": lag,
        "signed": lambda n: f"+{n}" if n > 0 else str(n).replace("-", "−"),
    }
    return made


def dated(text: str) -> str:
    """Text for the page with its days and weeks as `<time>`, which no line breaks."""
    from markupsafe import Markup, escape  # noqa: PLC0415 - heavy

    return Markup(re.sub(r"\b\d{4}-(?:\d\d-\d\d|W\d\d)\b", r"<time>\g<0></time>", str(escape(text))))


WORDS = {
    "same_label": "same label",
    "any": "all",
    "7d": "7 days",
    "90d": "90 days",
    "own_brand": "own brands",
    "imitated": "imitated outlets",
    "1d": "1 day",
    "2d": "2 days",
    "8d": "8 days",
    "30d": "30 days",
}


def table_cell(text: object) -> str:
    """Text that cannot end a Markdown cell, begin markup, or be made a link of for its address."""
    return re.sub(r"([\\`*_{}\[\]<>|#]|(?<=:)/)", r"\\\1", str(text)).replace("\n", " ")


def between(lo: datetime | None, hi: datetime | None) -> str:
    """Bounds in words; `no data` when neither is known, never an empty cell."""
    low, high = (moment and moment.strftime("%Y-%m-%d %H:%M") for moment in (lo, hi))
    if low and high:
        return low if low == high else f"{low} – {high}"
    return f"by {high}" if high else f"after {low}" if low else "no data"


def span(seconds: float | None) -> str:
    """A length for reading: hours below two days, else days; None is unbounded."""
    if seconds is None:
        return "no data"
    return f"{seconds / 3600:.1f} h" if seconds < 172_800 else f"{seconds / 86_400:.1f} d"


def lived(group: Lasting, figure: str) -> str:
    """A figure of how long they last by both readings, once where they read the same; or why there is none."""
    readings = tuple(dict.fromkeys(_lived(group, figure, end) for end in ("lo", "hi")))
    return ("; " if any("too few" in reading for reading in readings) else " to ").join(readings)


def _lived(group: Lasting, figure: str, end: str) -> str:
    known: Known | None = getattr(group, f"known_{end}")
    why = getattr(group, f"{figure}_{end}_why")
    if known is None:
        return "too few under watch at any age"
    if why == "late":
        return f"too few under watch before {span(known.since)}"
    if why == "outlived":
        return f"longer than {span(known.until)}"
    if why == "not_followed":
        return f"too few under watch after {span(known.until)}"
    return span(getattr(group, f"{figure}_{end}"))


def ages(group: Lasting) -> str:
    """Between which ages the two life tables hold."""
    return "; ".join(dict.fromkeys(_ages(known) for known in (group.known_lo, group.known_hi)))


def _ages(known: Known | None) -> str:
    if known is None:
        return "none"
    start = "birth" if known.since == 0 else span(known.since)
    return f"{start} to " + ("the end" if known.until is None else span(known.until))


def by_chance(expected: float | None, most: float | None, controls: int) -> str:
    """What chance gives, its upper limit, and how many control labels say so: none of two is no proof of none."""
    if expected is None:
        return "no data"
    return f"{expected:.1f}" + (f" ≤ {most:.1f}" if most is not None else "") + f", n {controls}"


def days(shortest: float | None, longest: float | None) -> str:
    """A median in days within its bounds; infinity was not reached, None is unbounded."""

    def one(value: float) -> str:
        return "longer than followed" if value == math.inf else f"{value:.1f} d"

    if longest is None or (shortest is None and longest == math.inf):
        return "not known"
    if shortest is None:
        return f"at most {one(longest)}"
    return " to ".join(dict.fromkeys((one(shortest), one(longest))))


def lag(length: timedelta | None) -> str:
    """A length that may be negative; None is unbounded."""
    if length is None:
        return "no data"
    return ("−" if length < timedelta(0) else "") + span(abs(length.total_seconds()))


def listed(values: Sequence[str]) -> str:
    """Words of a list for reading."""
    return ", ".join(values)
