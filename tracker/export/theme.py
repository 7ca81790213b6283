"""One look for all charts, and what turns matplotlib's SVG into a part of the page.

Colours are drawn as fixed values and then named as CSS variables, so that one drawing serves light, dark and print.
Nothing keeps a `style` attribute: the page's content security policy allows one style sheet, by its hash.
"""

import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK, MUTED, GRID, PAPER = "#1b2733", "#5b6772", "#d8dee4", "#fefefe"
OWN, IMITATED, SEIZED, QUIET, MARK = "#0072b2", "#d55e00", "#cc79a7", "#b9c1c9", "#111213"
COHORT_COLOURS = {"own_brand": OWN, "imitated": IMITATED}
COHORT_LINES = {"own_brand": "-", "imitated": (0, (5, 2))}
COHORT_WORDS = {"own_brand": "own brands", "imitated": "imitated outlets", "all": "all"}

VARIABLES: Mapping[str, str] = {
    INK: "--ink",
    MUTED: "--muted",
    GRID: "--grid",
    PAPER: "--paper",
    OWN: "--own",
    IMITATED: "--imitated",
    SEIZED: "--seized",
    QUIET: "--quiet",
    MARK: "--mark",
}
"""Colour as drawn (Okabe-Ito and greys) and the CSS variable that the page sets for each scheme."""

BEHIND = {"facecolor": PAPER, "edgecolor": "none", "pad": 1}
"""Paper behind a label, so that no line crosses it."""

FACE = "DejaVu Sans"
"""Ships with matplotlib, so that measuring text does not depend on the machine; the page uses its own face."""


@contextmanager
def settings(key: str) -> Iterator[None]:
    """matplotlib's own settings and ours for one chart, whatever the machine's `matplotlibrc` says.

    Text stays text, ids depend on `key` alone.
    """
    import matplotlib as mpl  # noqa: PLC0415 - heavy

    chosen: dict[Any, object] = {
        "svg.fonttype": "none",
        "svg.hashsalt": key,
        "font.family": [FACE],
        "font.size": 10,
        "text.color": INK,
        "axes.edgecolor": MUTED,
        "axes.labelcolor": INK,
        "axes.facecolor": "none",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": 10,
        "axes.titlelocation": "left",
        "axes.titlecolor": MUTED,
        "xtick.color": MUTED,
        "ytick.color": MUTED,
        "xtick.labelcolor": INK,
        "ytick.labelcolor": INK,
        "grid.color": GRID,
        "figure.facecolor": "none",
        "hatch.linewidth": 0.6,
        "timezone": "UTC",
    }
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(chosen)
        yield


def page_svg(figure: "Figure", key: str, title: str, description: str, kind: str) -> str:
    """The figure as `<svg>` for a page: named, described, no style attributes, ids prefixed by `key`, class `kind`."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return clean(buffer.getvalue(), key, title, description, kind)


def clean(svg: str, key: str, title: str, description: str, kind: str) -> str:
    """See `page_svg`; text in, text out."""
    body = svg[svg.index("<svg") :]
    box = re.search(r'viewBox="([^"]+)"', body)
    if box is None:
        raise ValueError("the drawing has no viewBox")
    body = body[body.index(">", body.index("<svg")) + 1 :]
    body = re.sub(r"<metadata>.*?</metadata>|<style[^>]*>.*?</style>|<!--.*?-->", "", body, flags=re.DOTALL)
    body = re.sub(r'\bid="([^"]+)"', rf'id="{key}-\1"', body)
    body = re.sub(r"url\(#([^)]+)\)", rf"url(#{key}-\1)", body)
    body = re.sub(r'xlink:href="#([^"]+)"', rf'href="#{key}-\1"', body)
    body = re.sub(r'style="([^"]*)"', lambda found: _attributes(found[1]), body)
    for colour, variable in VARIABLES.items():
        body = body.replace(colour, f"var({variable})")
    body = re.sub(r"<defs>\s*</defs>", "", body)
    body = re.sub(r"\n\s*", "\n", body).strip()
    return (
        f'<svg class="chart {kind}" viewBox="{box[1]}" role="img" aria-labelledby="{key}-title {key}-desc" '
        f'xmlns="http://www.w3.org/2000/svg">\n<title id="{key}-title">{escape(title)}</title>\n'
        f'<desc id="{key}-desc">{escape(description)}</desc>\n{body}\n'
    )


def _attributes(style: str) -> str:
    found = []
    for part in filter(None, (piece.strip() for piece in style.split(";"))):
        name, _, value = part.partition(":")
        if name.strip() != "font":
            found.append(f'{name.strip()}="{escape(value.strip())}"')
        elif size := re.search(r"([\d.]+)px", value):
            weight = ' font-weight="bold"' if re.search(r"\b(bold|[67]00)\b", value) else ""
            found.append(f'font-size="{size[1]}"{weight}')
    return " ".join(found)
