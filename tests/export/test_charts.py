"""Charts: what is drawn is what was counted."""

import re
from dataclasses import replace

import pytest

from tests.export.sample import at
from tracker.export import chart_curves, chart_lifelines, theme
from tracker.export.axes import NARROW, WIDE, apart, day, round_ticks
from tracker.export.context import ReportContext


def texts(svg: str) -> list[str]:
    """All text of a drawing."""
    return re.findall(r"<text[^>]*>([^<]+)</text>", svg)


@pytest.mark.parametrize("kind", [WIDE, NARROW])
def test_curves_are_labelled_in_place(context: ReportContext, kind: str) -> None:
    """Each cohort's line carries its name and count, and the published mark its number; colour alone says nothing."""
    found = texts(chart_curves.replacements_chart(context.stories[0], kind, "k"))
    assert "own brands: 4" in found
    assert "imitated outlets: 0" in found
    assert "published: 3" in found


def test_labels_keep_apart_and_ticks_are_round() -> None:
    """Labels that would overlap are raised, in their order; ticks are whole and even whatever the count."""
    assert apart([3.0, 1.0, 1.0, 1.5], 1.0) == [4.0, 1.0, 2.0, 3.0]
    assert apart([5.0, 0.0], 1.0) == [5.0, 0.0]
    assert list(round_ticks(17)) == [0, 5, 10, 15]
    assert list(round_ticks(3334)) == [0, 1000, 2000, 3000]
    assert [list(round_ticks(top)) for top in (0, 1, 4)] == [[0], [0, 1], [0, 1, 2, 3, 4]]


def test_every_domain_has_its_line(context: ReportContext) -> None:
    """The names stand beside the lines, defanged, replacements behind an arrow."""
    found = texts(chart_lifelines.lifelines_chart(context.stories[0], WIDE, "k"))
    assert {"brand1[.]press", "→ brand1[.]so", "outlet3[.]ltd"} <= set(found)


def test_drawings_do_not_share_ids(context: ReportContext) -> None:
    """Two drawings on one page have no id in common."""
    story = context.stories[0]
    one, two = (set(re.findall(r'\bid="([^"]+)"', chart_curves.replacements_chart(story, WIDE, key))) for key in "ab")
    assert one
    assert not one & two


def test_charts_can_be_empty(context: ReportContext) -> None:
    """A story without counts, lines or time to tell still draws."""
    bare = replace(context.stories[0], curves=(), windows=(), lifelines=(), until=at("2024-09-04"))
    assert "Nothing was counted" in chart_curves.replacements_chart(bare, WIDE, "k")
    assert "<svg" in chart_lifelines.lifelines_chart(bare, NARROW, "k")


def test_description_gives_the_numbers(context: ReportContext) -> None:
    """Who cannot see the chart hears the counts."""
    assert chart_curves.describe_curves(context.stories[0]) == (
        "own brands: 4 new names for 5 domains, the last step on 2024-09-05. "
        "imitated outlets: no new name for 3 domains."
    )
    assert "4 replacements, 3 of these alive" in chart_lifelines.describe_lifelines(context.stories[0])


def test_clean_makes_attributes_of_styles() -> None:
    """Styles become attributes, the face is left to the page, colours become variables, ids get their prefix."""
    raw = (
        '<?xml version="1.0"?><svg viewBox="0 0 1 1"><defs><style type="text/css">*{a:b}</style></defs>'
        '<g id="x"><path style="fill: #0072b2; clip-path: url(#x)"/><use xlink:href="#x"/>'
        "<text style=\"font: 9px 'DejaVu Sans'; text-anchor: end\">t</text></g></svg>"
    )
    cleaned = theme.clean(raw, "k", "T & U", "D", "wide")
    assert '<g id="k-x"><path fill="var(--own)" clip-path="url(#k-x)"/><use href="#k-x"/>' in cleaned
    assert '<text font-size="9" text-anchor="end">t</text>' in cleaned
    assert '<title id="k-title">T &amp; U</title>' in cleaned
    assert "<style" not in cleaned
    assert "<defs>" not in cleaned


def test_a_drawing_without_box_is_refused() -> None:
    """Without a viewBox a chart cannot scale to the page."""
    with pytest.raises(ValueError, match="viewBox"):
        theme.clean("<svg></svg>", "k", "t", "d", "wide")


def test_dates_are_english_everywhere() -> None:
    """Axis dates do not follow the machine's locale."""
    assert day(at("2024-05-03"), year=False) == "3 May"
    assert day(at("2024-12-24"), year=True) == "24 Dec 2024"
