"""The files: one page without script or request, the same bytes twice, readable at any size, names defanged."""

import base64
import hashlib
import json
import math
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from tests.export.sample import AS_OF, event, told
from tracker.export.context import ReportContext
from tracker.export.disclosure import disclosed
from tracker.export.render import between, days, defanged, html, markdown, plain, table_cell, write_report
from tracker.export.report import report_context, weekly
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.views import Views
from tracker.model.watching import Cohort

VOID = {"meta", "link", "br", "hr", "img", "input", "path", "use", "rect"}


class Page(HTMLParser):
    """Collects tags, ids, references and text, and checks that tags nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def test_the_page_runs_nothing_and_fetches_nothing(page: str) -> None:
    """No script, no inline style, no address of anything: the only URLs are names of namespaces."""
    parsed = Page(page)
    assert not {"script", "link", "img", "iframe", "object", "form", "a"} & set(parsed.tags)
    assert not [name for _, name, _ in parsed.attributes if name == "style" or name.startswith("on")]
    assert set(re.findall(r"https?://[^\"'<> ]+", page)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"@import|url\((?!#)", page)


def test_the_policy_allows_exactly_this_style_sheet(page: str) -> None:
    """The hash in the policy is that of the one style element, and everything else is refused."""
    styles = re.findall(r"<style>(.*?)</style>", page, flags=re.DOTALL)
    assert len(styles) == 1
    digest = base64.b64encode(hashlib.sha256(styles[0].encode()).digest()).decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in policy[1]
    assert "unsafe" not in policy[1]


def test_the_page_is_accessible(page: str) -> None:
    """Headings in order, charts named and described, references resolve, ids are unique, tables have heads."""
    parsed = Page(page)
    ids = [value for _, name, value in parsed.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    assert ("html", "lang", "en") in parsed.attributes
    charts = [value for tag, name, value in parsed.attributes if tag == "svg" and name == "aria-labelledby"]
    assert len(charts) == 16  # in two widths: two of the action, survival, endings, three counts, weeks
    wanted = {
        part for _, name, value in parsed.attributes if name == "aria-labelledby" and value for part in value.split()
    }
    wanted |= {value[1:] for _, name, value in parsed.attributes if name == "href" and value}
    wanted |= set(re.findall(r"url\(#([^)]+)\)", page))
    assert wanted <= set(ids)
    levels = [int(tag[1]) for tag in parsed.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(deeper - level <= 1 for level, deeper in pairwise(levels))
    assert parsed.tags.count("table") == parsed.tags.count("thead")


def test_charts_follow_the_scheme(page: str) -> None:
    """Charts are drawn in the page's own colours, so dark and print are no afterthought; each variable is set."""
    used = set(re.findall(r"var\((--[a-z]+)\)", page))
    assert used <= set(re.findall(r"(--[a-z]+):", page))
    svg = page[page.index("<svg") :]
    assert set(re.findall(r'(?:fill|stroke)="(#[0-9a-f]{6})"', svg)) == set()
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page


def test_names_are_defanged(page: str, context: ReportContext) -> None:
    """No name can be clicked by accident, in page or Markdown; the JSON carries the real ones."""
    for text in (page, markdown(context)):
        assert not re.search(r"(brand|outlet)\d\.(so|press|ltd|cc|to)", text)
        assert "brand1[.]so" in text
    assert "brand1.so" in json.dumps(plain(context))


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("see rrn.so now", "see rrn[.]so now"),
        ("www.a-b.co.uk.", "www[.]a-b[.]co[.]uk."),
        ("version 1.2 of it", "version 1.2 of it"),
        ("xn--bcher-kva.example", "xn--bcher-kva[.]example"),
        ("end of line.Next", "end of line[.]Next"),
    ],
)
def test_free_text_is_defanged(text: str, safe: str) -> None:
    """Names in sentences are defanged, numbers and full stops stay; a missing space is taken for a name."""
    assert defanged(text) == safe


def test_titles_cannot_break_out(page: str, context: ReportContext) -> None:
    """Text is escaped in HTML and in Markdown."""
    assert "Churn &lt;of&gt; the week" in page
    assert table_cell("a|b <x> `y`\nz") == r"a\|b \<x\> \`y\` z"
    assert table_cell("see https://a[.]b/x") == r"see https:\//a\[.\]b/x"
    hostile = replace(context, stories=(), headline='<script>alert("x")</script>')
    assert "<script" not in html(hostile)
    assert not re.search(r"(?<!\\)<script", markdown(hostile))


def test_numbers_on_the_page_are_those_of_the_json(page: str, context: ReportContext) -> None:
    """Each row of the counts can be read back from the page and equals the JSON."""
    cells = re.findall(
        r'<th scope="row" class="w">([^<]+)</th><td class="w">([^<]+)</td>'
        r'<td class="n key">([^<]+)</td>'
        r'<td class="n">([^<]+)</td><td class="n">([^<]+)</td><td class="n">(\d+)</td><td class="n">(\d+)</td>',
        page,
    )
    words = {"own_brand": "own brands", "imitated": "imitated outlets", "all": "all"}
    wanted = [
        (words[row["cohort"]], row["window"], row["seen"]["lo"], row["seen"]["hi"], row["unknown"], row["of"])
        for row in json.loads(json.dumps(plain(context)))["stories"][0]["windows"]
    ]
    read = []
    for cohort, window, same_label, seen, reviewed, unknown, of in cells:
        assert (reviewed, same_label) == ("0", seen)
        lo, _, hi = seen.partition(" to ")
        days = window.split()[0] + "d"
        read.append((cohort, days, int(lo), int(hi or lo), int(unknown), int(of)))
    assert read == wanted
    assert len(read) == 12


def test_the_same_bytes_in_another_process(context: ReportContext, tmp_path: Path) -> None:
    """Page, Markdown and JSON do not depend on the process: hash seed, folder, time zone, settings of matplotlib."""
    write_report(context, tmp_path / "here")
    program = (
        "import sys; from pathlib import Path\n"
        "from tests.export.conftest import PUBLISHED; from tests.export.sample import event\n"
        "from tracker.export.render import write_report; from tracker.export.report import weekly\n"
        "write_report(weekly(*event(), '2024-W36', title='Churn <of> the week', basis_name='replay',"
        " assumed='certificates come at once', published=PUBLISHED), Path(sys.argv[1]))"
    )
    taste = tmp_path / "matplotlibrc"
    taste.write_text("lines.linewidth: 9\naxes.grid: True\naxes.xmargin: 0.3\n", encoding="utf-8")
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "7",
        "TZ": "Asia/Tokyo",
        "MATPLOTLIBRC": str(taste),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "there")], check=True, env=environment, cwd=tmp_path)
    for name in ("report.html", "report.md", "report.json"):
        assert (tmp_path / "here" / name).read_bytes() == (tmp_path / "there" / name).read_bytes()


def test_empty_and_single_reports_are_pages() -> None:
    """No action at all, an empty week, and one domain each give a page that parses."""
    nothing = report_context(History(as_of=AS_OF), Views(as_of=AS_OF, rules_version=""), None, (), (), (), title="t")
    assert "nothing to count" in html(nothing)
    Page(html(nothing))
    assert "No replacement appeared" in markdown(weekly(*event(), "2024-W41", title="t"))
    one = html(weekly(*told([("only.press", Cohort.OWN_BRAND)], []), "2024-W40", title="t"))
    Page(one)
    assert "only[.]press" in one


def test_large_reports_stay_readable(told_event: tuple[History, Views], context: ReportContext) -> None:
    """With ten thousand domains the page stays small and says how much it leaves out."""
    story = context.stories[0]
    line = story.lifelines[0]
    many = tuple(replace(line, name=DomainName(f"name{n}.press")) for n in range(10_000))
    questions = tuple(replace(context.questions[0], name=DomainName(f"q{n}.so")) for n in range(5_000))
    large = replace(context, stories=(replace(story, lifelines=many),), questions=questions)
    text = html(large)
    assert len(text) < 600_000
    assert "9940 more in the data package" in text
    assert "9800 more in <code>report.json</code>" in text
    assert "4950 more in" in text
    assert "9800 more in" in markdown(large)


def test_bounds_in_words() -> None:
    """An unknown side is said in words, and no data is never an empty cell."""
    assert between(None, None) == "no data"
    assert between(AS_OF, None) == "after 2024-10-14 00:00"
    assert between(None, AS_OF) == "by 2024-10-14 00:00"
    assert between(AS_OF, AS_OF) == "2024-10-14 00:00"


def test_medians_in_words() -> None:
    """What is unbounded is never a number: at most, longer than followed, or not known."""
    assert days(1.0, 2.0) == "1.0 d to 2.0 d"
    assert days(None, 0.5) == "at most 0.5 d"
    assert days(1.0, math.inf) == "1.0 d to longer than followed"
    assert days(math.inf, math.inf) == "longer than followed"
    assert days(None, math.inf) == days(None, None) == "not known"


def test_actions_of_one_title_are_told_apart_by_their_day(context: ReportContext) -> None:
    """In the headings of page and Markdown; a title of its own stays as it is."""
    first = context.stories[0]
    twice = replace(context, stories=(first, replace(first, announced=first.announced + timedelta(days=3))))
    for text in (html(twice), markdown(twice)):
        heads = re.findall(r"(?:<h2[^>]*>|## )([^<\n]*, (?:<time>)?2024-09-0[47])", text)
        assert [head[-10:] for head in heads] == ["2024-09-04", "2024-09-07"]
    assert not re.search(r"## [^\n]*, 2024-09-04\n", markdown(context))


def test_disclosed_is_what_is_written(told_event: tuple[History, Views], context: ReportContext) -> None:
    """The report lists no name that the public package would not."""
    shown, views = disclosed(*told_event)
    known = {row.name for row in views.candidates} | {row.domain for row in shown.takedowns}
    named = {line.name for line in context.stories[0].lifelines} | {row.name for row in context.questions}
    assert named <= known


def test_markdown_sets_tables_and_headings_apart(context: ReportContext) -> None:
    """A blank line before each heading and each table, without which many readers show plain text."""
    lines = markdown(context).splitlines()
    for before, line in pairwise(lines):
        if line.startswith("#") or (line.startswith("|") and not before.startswith("|")):
            assert before == "", (before, line)
