"""Nothing that rests on a restricted watch leaves the house, and no control is named."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from tests.export.sample import AS_OF, at, event, restricted
from tracker.export.disclosure import PROFILES, PUBLIC, WITHHELD, Disclosure, disclosed, withdrawn
from tracker.export.package import DataPackage
from tracker.export.render import html, markdown, plain
from tracker.export.report import weekly
from tracker.export.selection import Selection
from tracker.model.acts import Complaint
from tracker.model.facts import Gap, Reason, Review
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import When
from tracker.model.views import Evidence, Family, Verdict, Views
from tracker.model.watching import Source, Tlp


def written(history: History, views: Views, target: Path) -> str:
    """Everything a package says, in one text."""
    DataPackage().write(history, views, target)
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(target.rglob("*")) if path.is_file())


@pytest.mark.parametrize("tlp", [Tlp.AMBER, Tlp.AMBER_STRICT, Tlp.RED])
def test_restricted_watches_leave_no_trace(tmp_path: Path, tlp: Tlp) -> None:
    """Neither the name nor its label nor what was found for it is written, not even in gaps or claims."""
    history, views = event()
    history = restricted(history, "brand1.press", tlp)
    gap = Gap(source="crtsh", scope="brand1", first=at("2024-09-06"), last=at("2024-09-07"), reason=Reason.TIMEOUT)
    everything = written(replace(history, gaps=(*history.gaps, gap)), views, tmp_path)
    assert "brand1" not in everything
    assert "brand2.so" in everything


def sisters(name: str, sentence: str, *witnesses: str) -> Evidence:
    """Evidence for one name that rests on others."""
    return Evidence(
        watch_key="predecessor:brand2.press",
        name=DomainName(name),
        rule_id="label.sisters_return",
        family=Family.LABEL,
        bits=3.0,
        sentence=sentence,
        witnesses=witnesses,
    )


def test_evidence_for_one_name_does_not_tell_of_a_restricted_other() -> None:
    """Witnesses and sentences name sisters. What must not be told is withheld and counted; the weight stands."""
    history, views = event()
    rows = (
        sisters(
            "brand2.so", "2 of the 3 other labels got a new name", "label:brand1", "label:brand3", "name:brand1.so"
        ),
        sisters("brand2.so", "one certificate names it together with brand1[.]so", "certificate:2024-09-05"),
    )
    history = restricted(history, "brand1.press", Tlp.AMBER)
    _, shown = disclosed(history, replace(views, evidence=rows))
    assert [row.bits for row in shown.evidence] == [3.0, 3.0]
    assert shown.evidence[0].witnesses == ("label:brand3", "2 withheld")
    assert shown.evidence[0].sentence == rows[0].sentence
    assert (shown.evidence[1].witnesses, shown.evidence[1].sentence) == (rows[1].witnesses, WITHHELD)
    _, whole = disclosed(history, replace(views, evidence=rows), Disclosure(Tlp.RED, controls=True))
    assert whole.evidence == rows


def test_the_public_profile_names_no_unreviewed_sister() -> None:
    """In a sentence as little as in a row of its own; labels of domains that an action hit are public."""
    history, views = event()
    row = sisters(
        "brand2.press", "one certificate names it together with brand3[.]so.", "label:brand3", "name:brand3.so"
    )
    _, shown = disclosed(history, replace(views, evidence=(row,)), PROFILES["public"])
    assert (shown.evidence[0].sentence, shown.evidence[0].witnesses) == (WITHHELD, ("label:brand3", "1 withheld"))


def test_what_is_seen_of_one_name_does_not_tell_of_a_restricted_other(tmp_path: Path) -> None:
    """A name server or the end of a redirect can be a restricted name: the host goes, and the row says from where."""
    history, views = event()
    history = restricted(history, "brand1.press", Tlp.RED)
    name = DomainName("brand2.so")
    first, *others = history.spans[name]
    first = replace(
        first,
        facts={**first.facts, "ns": ("ns1.brand1.so", "ns1.host.example"), "final_host": ("www.brand1.press",)},
    )
    history = replace(history, spans={**history.spans, name: (first, *others)})
    assert "brand1" not in written(history, views, tmp_path)
    with (tmp_path / "data/observations.csv").open(encoding="utf-8", newline="") as file:
        (row,) = [row for row in csv.DictReader(file) if row["withheld"]]
    assert (row["name_servers"], row["final_host"], row["withheld"]) == (
        "ns1.host.example",
        "",
        "name_servers;final_host",
    )


def test_a_source_is_shown_with_the_domains_that_it_names(tmp_path: Path) -> None:
    """Who reported a restricted domain is restricted too, in the action that it shares with others."""
    history, views = event()
    (action,) = history.actions
    teller = Source("by-hand", "https://brand1.press/we-are-gone", "https://brand1.press/we-are-gone")
    hit, *others = history.takedowns
    history = replace(
        history,
        actions=(replace(action, sources=(*action.sources, teller)),),
        takedowns=(replace(hit, sources=(*hit.sources, teller)), *others),
    )
    assert teller.title in written(history, views, tmp_path / "open")
    history = restricted(history, "brand1.press", Tlp.RED)
    assert "brand1" not in written(history, views, tmp_path / "shut")


def test_analysts_stand_as_their_role_outside_the_house(tmp_path: Path) -> None:
    """Who judged a name and in which words stays in; that somebody did, when, and the verdict go out."""
    history, views = event()
    said = Evidence(
        watch_key="predecessor:brand2.press",
        name=DomainName("brand2.so"),
        rule_id="analyst.review",
        family=Family.ANALYST,
        bits=0.0,
        sentence="Jane Doe judged it CONFIRMED: ring me, +00 1234",
        witnesses=("review:Jane Doe@2024-09-10T00:00:00Z",),
    )
    told = tuple(
        replace(row, verdict=Verdict.CONFIRMED, reviewed=True) if row.name == said.name else row
        for row in views.assessments
    )
    views = replace(views, evidence=(*views.evidence, said), assessments=told)
    for name in ("shared", "public"):
        DataPackage().write(history, views, tmp_path / name, Selection(disclosure=PROFILES[name]))
        evidence = (tmp_path / name / "data/evidence.csv").read_text(encoding="utf-8")
        assert "an analyst judged it CONFIRMED,review:analyst@2024-09-10T00:00:00Z\n" in evidence
        assert not any(word in evidence for word in ("Jane", "1234"))
    DataPackage().write(history, views, tmp_path / "house", Selection(disclosure=PROFILES["house"]))
    assert said.sentence in (tmp_path / "house/data/evidence.csv").read_text(encoding="utf-8").replace('"', "")


def test_a_claim_keeps_the_marking_of_its_list(tmp_path: Path) -> None:
    """What a restricted list says of a name is not shown, though nobody watches the name."""
    history, views = event()
    claim = replace(history.claims[0], domain=DomainName("claimed.cc"), replaces=None, tlp=Tlp.AMBER)
    assert "claimed.cc" not in written(replace(history, claims=(*history.claims, claim)), views, tmp_path)
    shown, _ = disclosed(replace(history, claims=(claim,)), views, Disclosure(Tlp.AMBER))
    assert shown.claims == (claim,)


def test_a_complaint_is_shown_with_its_name_or_not_at_all(tmp_path: Path) -> None:
    """To whom a restricted name was reported is restricted as well."""
    history, views = event()
    complaints = tuple(
        Complaint(name=DomainName(name), reported_to="=Registrar", channel="mail", reported=When.of("2024-09-10"))
        for name in ("brand1.so", "brand2.so")
    )
    history = restricted(replace(history, complaints=complaints), "brand1.press", Tlp.AMBER)
    written(history, views, tmp_path)
    with (tmp_path / "data/complaints.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["domain"], row["reported_to"], row["reported_precision"]) == ("brand2.so", "'=Registrar", "day")


def test_green_is_shown(tmp_path: Path) -> None:
    """TLP:GREEN is within the default ceiling, and the row says so."""
    history, views = event()
    everything = written(restricted(history, "brand1.press", Tlp.GREEN), views, tmp_path)
    assert "brand1.so" in everything
    assert "TLP:GREEN" in (tmp_path / "data/domains.csv").read_text(encoding="utf-8")


def test_a_higher_ceiling_shows_more() -> None:
    """Who may read AMBER gets AMBER, and nobody gets RED by it."""
    history, views = event()
    amber = restricted(restricted(history, "brand1.press", Tlp.AMBER), "brand2.press", Tlp.RED)
    _, shown = disclosed(amber, views, Disclosure(Tlp.AMBER))
    assert {row.name for row in shown.replacements} == {"brand1.so", "brand3.so", "brand4.so"}


def test_controls_are_counted_and_not_named(tmp_path: Path) -> None:
    """A stranger's name under a control label is in no file and in no report, but chance is still computed."""
    history, views = event()
    assert "keller" not in written(history, views, tmp_path)
    report = weekly(history, views, "2024-W36", title="t")
    assert report.stories[0].windows[0].chance is not None
    assert not any("keller" in text for text in (html(report), markdown(report), str(plain(report))))


def test_controls_in_house_have_their_role(tmp_path: Path) -> None:
    """When controls are let through, their names have no other role than control."""
    DataPackage().write(*event(), tmp_path, Selection(disclosure=Disclosure(controls=True)))
    lines = (tmp_path / "data/domains.csv").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if "keller.so" in line and ",control," in line]


def review(name: str, verdict: Verdict, day: str) -> Review:
    """An analyst's word about a candidate of brand1.press."""
    return Review(
        watch_key="predecessor:brand1.press",
        name=DomainName(name),
        verdict=verdict,
        reviewer="AB",
        reason="looked",
        at=at(day),
    )


def test_withdrawn_names_become_tombstones(tmp_path: Path) -> None:
    """A name called a replacement and later ruled out is gone but for its id among the tombstones."""
    history, views = event()
    reviews = (
        review("brand1.so", Verdict.CONFIRMED, "2024-09-10"),
        review("brand1.so", Verdict.RULED_OUT, "2024-09-20"),
        review("brand1.cc", Verdict.RULED_OUT, "2024-09-20"),
    )
    history = replace(history, reviews=reviews)
    assert withdrawn(history) == {"brand1.so": at("2024-09-20")}
    everything = written(history, views, tmp_path)
    assert "brand1.so" not in everything
    assert "brand1.cc" in everything
    assert len((tmp_path / "data/tombstones.csv").read_text(encoding="utf-8").splitlines()) == 2


def test_reinstated_names_are_back() -> None:
    """A later confirmation takes a withdrawal back."""
    history, _ = event()
    reviews = (
        review("brand1.so", Verdict.LIKELY, "2024-09-10"),
        review("brand1.so", Verdict.RULED_OUT, "2024-09-20"),
        review("brand1.so", Verdict.CONFIRMED, "2024-09-25"),
    )
    assert withdrawn(replace(history, reviews=reviews)) == {}


def test_everything_public_stays() -> None:
    """With nothing restricted and controls let through the filter changes nothing."""
    history, views = event(as_of=AS_OF)
    assert disclosed(history, views, Disclosure(PUBLIC.ceiling, controls=True)) == (history, views)
