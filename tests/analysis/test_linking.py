"""The story as a whole: who is called a replacement, with all sources and with some missing."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.histories import Story, at
from tests.analysis.stories import BACK, CHANCER, COPYCAT, OWN, SIBLING, STRANGERS, key, registered, story, watch_of
from tracker.analysis.baserates import base_rates
from tracker.analysis.derivation import Judge
from tracker.analysis.explain import explain
from tracker.analysis.linking import Linked, link, link_names, merge
from tracker.analysis.policy import POLICY, Policy
from tracker.analysis.sensitivity import sensitivity
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.facts import Span
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.views import REPLACEMENT_VERDICTS, Family, Verdict

SUFFIXES = Suffixes.bundled()
PROBES = ("delegation", "registration", "certificate")
LAIR = "lair.example"


@cache
def told() -> History:
    """The plain story."""
    return story().history()


def judged(history: History, policy: Policy = POLICY) -> dict[str, Verdict]:
    """Verdict by name."""
    return {row.name: row.verdict for row in link(history, SUFFIXES, policy).assessments}


def replacements(history: History, policy: Policy = POLICY) -> set[str]:
    """The names that are called replacements."""
    return {name for name, verdict in judged(history, policy).items() if verdict in REPLACEMENT_VERDICTS}


def without(history: History, probe: str, first: str, last: str) -> History:
    """The story as if one source had not answered from `first` to `last`; for delegation the sweeps fall silent,
    too."""
    lo, hi = at(first), at(last)
    spans = {
        name: tuple(cut for row in rows if (cut := _cut(row, probe, lo, hi))) for name, rows in history.spans.items()
    }
    source = {"certificate": "certificates", "delegation": "suffixes"}.get(probe)
    return replace(
        history,
        spans=spans,
        sightings=tuple(row for row in history.sightings if row.source != source or not lo <= row.at < hi),
        sweeps=tuple(row for row in history.sweeps if probe != "delegation" or not lo <= row.first < hi),
    )


def _cut(span: Span, probe: str, lo: datetime, hi: datetime) -> Span | None:
    if span.probe != probe:
        return span
    looks = tuple(look for look in span.looks if not lo <= look < hi)
    return replace(span, looks=looks) if looks else None


def test_every_replacement_and_no_stranger() -> None:
    """The brands that came back are LIKELY; siblings, strangers, a copycat and a chancer are not."""
    found = judged(told())
    assert {name for name, verdict in found.items() if verdict in REPLACEMENT_VERDICTS} == set(BACK)
    assert all(found[name] is Verdict.RULED_OUT for name in (*STRANGERS, SIBLING))
    assert found[COPYCAT] is Verdict.INSUFFICIENT
    assert found[CHANCER] is Verdict.RULED_OUT


@pytest.mark.parametrize("probe", PROBES)
@pytest.mark.parametrize("first", ["2024-03-01", "2024-03-08", "2024-03-11"])
def test_one_source_may_fail_for_a_week(probe: str, first: str) -> None:
    """Whichever source is gone for whichever week, no stranger becomes LIKELY; from the takedown on nobody is lost
    either."""
    found = replacements(without(told(), probe, first, f"{first[:8]}{int(first[8:]) + 7:02d}"))
    assert found <= set(BACK)
    if first >= "2024-03-08":
        assert found == set(BACK)


@pytest.mark.parametrize("probe", ["registration", "certificate"])
def test_registration_or_certificates_may_be_missing_for_good(probe: str) -> None:
    """Some suffixes never give registration data, some names never get a certificate."""
    assert replacements(without(told(), probe, "2024-01-01", "2025-01-01")) == set(BACK)


def test_the_label_alone_is_never_likely() -> None:
    """One family never suffices, however surprising."""
    alone = replace(POLICY, families=frozenset({Family.LABEL}))
    found = judged(told(), alone)
    assert all(found[name] is Verdict.POSSIBLE for name in BACK)
    assert not replacements(told(), alone)


def test_a_single_takedown_is_found_too() -> None:
    """Without any sister the host that was kept and the date must do."""
    tale = Story(as_of=at("2024-04-01"))
    watch = tale.predecessor("redfinch.press", "2024-03-01")
    tale.action("a", "2024-03-10")
    tale.taken("a", "redfinch.press")
    tale.look("redfinch.press", "delegation", "2024-03-05", ns=("ns1.lair.example",))
    for day in ("2024-03-01", "2024-03-09", "2024-03-11"):
        tale.sweep(day, ["redfinch"], ["so", "xyz"])
    registered(tale, "redfinch.so", "2024-03-11T09:10", ("2024-03-11T09:45",), "Bargain Names", "lair.example", watch)
    tale.logged(watch, "redfinch.so", "2024-03-11T09:40")
    registered(
        tale, "redfinch.xyz", "2024-03-11T09:20", ("2024-03-11T09:45",), "Bargain Names", "meadow.example", watch
    )
    tale.logged(watch, "redfinch.xyz", "2024-03-11T09:40")
    assert replacements(tale.history()) == {"redfinch.so"}


def test_two_replacements_of_one_label_are_no_rivals() -> None:
    """A label that came back twice, the same way both times, is believed twice; a copycat beside it is not."""
    tale = story()
    registered(tale, "redfinch.cc", "2024-03-11T11:10", ("2024-03-11T11:45", "2024-04-01"), "Bargain Names", LAIR)
    registered(tale, "redfinch.xyz", "2024-03-11T11:20", ("2024-03-11T11:45", "2024-04-01"), "Seller 3 Ltd", LAIR)
    found = link(tale.history(), SUFFIXES)
    rivals = {row.name for row in found.evidence if row.rule_id == "label.rival"}
    assert rivals & {"redfinch.so", "redfinch.cc", "redfinch.xyz"} == {"redfinch.xyz"}


def test_a_stranger_at_a_sisters_registrar_is_not_likely() -> None:
    """A registrar in common, with a host of one's own, is chance."""
    tale = story()
    registered(tale, "dimgrove.xyz", "2024-03-11T22:10", ("2024-03-11T22:45",), "Bargain Names, LLC", "willow.example")
    assert "dimgrove.xyz" not in replacements(tale.history())


def test_a_spare_with_strong_company_is_not_excluded() -> None:
    """A name registered days in advance may still be LIKELY when hosting and registrar tie it to its sisters."""
    tale = story()
    registered(tale, "dimgrove.so", "2024-03-04T08:00", ("2024-03-11T10:45",), "Bargain Names, LLC", "lair.example")
    tale.look("dimgrove.so", "page", "2024-03-12", simhash="0f", text_sha256="same")
    tale.look("dimgrove.com", "page", "2024-03-05", simhash="0f", text_sha256="same")
    assert "dimgrove.so" in replacements(tale.history())


def test_a_control_is_judged_as_its_match_would_be() -> None:
    """A stranger's name at a control label gets the bits it would have got at the label it mirrors."""
    tale = story()
    control = tale.control("larkspurz", "2024-03-01", key("larkspurs.net"))
    tale.sweep("2024-03-11T08:00", ["larkspurz"], ["so"])
    registered(
        tale, "larkspurz.so", "2024-03-11T09:00", ("2024-03-11T09:45",), "Seller 1 Ltd", "quarry.example", control
    )
    twin = story()
    registered(twin, "larkspurs.so", "2024-03-11T09:00", ("2024-03-11T09:45",), "Seller 1 Ltd", "quarry.example")
    (mine,) = (row for row in link(tale.history(), SUFFIXES).assessments if row.name == "larkspurz.so")
    (theirs,) = (row for row in link(twin.history(), SUFFIXES).assessments if row.name == "larkspurs.so")
    assert mine.verdict is theirs.verdict
    assert abs(mine.bits - theirs.bits) < 1.0


def test_a_controls_names_are_nobodys_sisters() -> None:
    """What chance brings to controls must not speak for replacements."""
    tale = story()
    control = tale.control("larkspurz", "2024-03-01", key("larkspurs.net"))
    registered(
        tale, "larkspurz.so", "2024-03-11T09:00", ("2024-03-11T09:45",), "Seller 1 Ltd", "quarry.example", control
    )
    rows = link(tale.history(), SUFFIXES).evidence
    assert not [row for row in rows if row.name == COPYCAT and row.rule_id == "registration.sister_registrar"]


def brands() -> tuple[Story, dict[str, str]]:
    """Three outlets are protected, and the operation that lost its own brands registers their labels on its hosts."""
    tale = story()
    watches = {label: tale.protected(f"{label}.example", "2024-03-01") for label in ("gazette", "courier", "tribune")}
    for place, (label, watch) in enumerate(watches.items()):
        born = f"2024-03-18T09:{10 + place}"
        registered(tale, f"{label}.top", born, ("2024-03-18T11:00",), "Bargain Names", "lair.example", watch)
    registered(tale, "gazette.de", "2024-03-25", ("2024-03-26",), "Seller 9", "elsewhere.example", watches["gazette"])
    registered(tale, "gazette.fr", "2019-03-25", ("2024-03-26",), "Seller 9", "elsewhere.example", watches["gazette"])
    tale.look("gazette.example", "page", "2024-03-05", simhash="9e3779b97f4a7c15", text_sha256="t0", trackers="UA-7")
    tale.look("gazette.top", "page", "2024-03-18T12:00", simhash="9e3779b97f4a7c16", text_sha256="t1", trackers="UA-7")
    return tale, watches


def test_lookalikes_of_a_protected_brand_are_judged_without_any_takedown() -> None:
    """What sits where the operation sits is likely its; elsewhere it is not, and an older name is none at all."""
    tale, watches = brands()
    linked = link(tale.history(), SUFFIXES)
    found = {row.name: row for row in linked.assessments if row.watch_key == watches["gazette"]}
    assert {name: row.verdict for name, row in found.items()} == {
        "gazette.top": Verdict.LIKELY,
        "gazette.de": Verdict.RULED_OUT,
        "gazette.fr": Verdict.RULED_OUT,
    }
    assert set(found["gazette.top"].families) >= {Family.HOSTING, Family.PAGE}
    (courier,) = (row for row in linked.assessments if row.watch_key == watches["courier"])
    assert courier.verdict is Verdict.LIKELY
    (case,) = explain(tale.history(), Judge(SUFFIXES).derive(tale.history())[0], DomainName("gazette.top")).cases
    assert "gazette[.]top as a lookalike of gazette[.]example" in case.speaks_for


def test_what_happens_to_brands_moves_no_verdict_on_a_replacement() -> None:
    """Protected brands are nobody's takedown: nothing that comes to them says anything of what came after one."""
    tale, watches = brands()
    keys = set(watches.values())
    with_brands = link(tale.history(), SUFFIXES)
    alone = link(story().history(), SUFFIXES)
    assert tuple(row for row in with_brands.assessments if row.watch_key not in keys) == alone.assessments
    assert not [row for row in Judge(SUFFIXES).derive(tale.history())[0].replacements if row.name == "gazette.top"]


def test_an_outlets_own_account_is_no_ones_link() -> None:
    """Two copied pages keep the account of the outlet: that proves copying twice, and no common owner."""
    tale, _ = brands()
    tale.look("courier.top", "page", "2024-03-18T12:00", text_sha256="t2", trackers="UA-7")
    fired = [row.rule_id for row in link(tale.history(), SUFFIXES).evidence if row.name == "courier.top"]
    assert "page.same_tracker" not in fired


def test_a_lookalike_that_was_merely_put_forward_is_a_question() -> None:
    """Without a takedown and without a date nothing is known of it."""
    tale = story()
    watch = tale.protected("globe.com", "2024-03-01")
    tale.sight(watch, CHANCER, "2024-03-12")
    found = {row.name: row.verdict for row in link(tale.history(), SUFFIXES).assessments if row.watch_key == watch}
    assert found == {CHANCER: Verdict.INSUFFICIENT}


def test_before_the_takedown_nothing_is_a_replacement() -> None:
    """Candidates exist from the first sweep on, verdicts on them only when there is something to replace."""
    assert not replacements(story().history(at("2024-03-09")))


@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(0, 24 * 40), min_size=2, max_size=5, unique=True))
def test_incremental_equals_from_scratch(hours: list[int]) -> None:
    """Judging what was touched, or all when the rates moved, gives what judging everything gives, at any moment."""
    tale = story()
    tale.review(watch_of("redfinch.so"), "redfinch.so", Verdict.CONFIRMED, "2024-03-20")
    kept, digest, before = Linked(), "", History(as_of=at("2024-02-01"))
    for hour in sorted(hours):
        now = tale.history(at("2024-03-01") + timedelta(hours=hour))
        rates = base_rates(now, SUFFIXES)
        touched = {name for name, rows in now.spans.items() if rows != before.spans.get(name)}
        touched |= {row.name for row in now.sightings if row not in before.sightings}
        touched |= {row.name for row in now.reviews if row not in before.reviews}
        if rates.digest == digest:
            kept = merge(kept, link_names(now, touched, rates, SUFFIXES), touched)
        else:
            kept = link_names(now, None, rates, SUFFIXES)
        assert kept == link(now, SUFFIXES)
        digest, before = rates.digest, now


def test_results_do_not_depend_on_the_order_of_rows() -> None:
    """Equal facts give equal views, whatever order the log hands them over in."""
    history = told()
    shuffled = replace(
        history, takedowns=history.takedowns[::-1], watches=history.watches[::-1], sweeps=history.sweeps[::-1]
    )
    assert link(shuffled, SUFFIXES) == link(history, SUFFIXES)


def test_no_single_weight_makes_or_unmakes_a_replacement() -> None:
    """Halving or doubling any weight, or the prior's odds, leaves every LIKELY of the story LIKELY and adds none."""
    assert [turn for turn in sensitivity(told(), SUFFIXES) if turn.changes_replacement] == []


def test_a_verdict_that_hangs_on_one_weight_is_named() -> None:
    """Where one weight decides, sensitivity says which."""
    meek = replace(POLICY, likely_bits=11.0)
    turns = [turn for turn in sensitivity(told(), SUFFIXES, meek) if turn.changes_replacement]
    assert {turn.rule_id for turn in turns} >= {"label.same_label", "hosting.predecessor_name_servers"}
    assert {turn.name for turn in turns} <= set(BACK)


def test_candidates_carry_the_key_of_their_watch() -> None:
    """Evidence, assessments and candidates join on (watch, name)."""
    linked = link(told(), SUFFIXES)
    keys = {row.key for row in linked.candidates}
    assert {(row.watch_key, row.name) for row in linked.assessments} == keys
    assert {(row.watch_key, row.name) for row in linked.evidence} <= keys
    assert {watch for watch, _ in keys} <= {key(name) for name in OWN} | {key("globe.ltd"), key("herald.top")}


def test_staying_with_the_host_tells_more_when_sisters_stayed() -> None:
    """The weight follows what the other labels of the action did."""

    def bits(refuge: str) -> float:
        history = story(refuge=refuge, copycat_host="lair.example").history()
        rows = link(history, SUFFIXES).evidence
        return next(
            row.bits for row in rows if (row.name, row.rule_id) == (COPYCAT, "hosting.predecessor_name_servers")
        )

    assert bits(refuge="fort.example") < bits(refuge="") - 1
