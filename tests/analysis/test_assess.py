"""From evidence to verdicts."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.histories import at
from tracker.analysis.assess import assess
from tracker.analysis.policy import POLICY, Policy
from tracker.analysis.rule import Finding, Rule
from tracker.model.facts import Review, Technique
from tracker.model.names import DomainName
from tracker.model.views import Candidate, Family, Verdict

WHO = Candidate(
    watch_key="predecessor:redfinch.press",
    name=DomainName("redfinch.so"),
    first_sighted_at=at("2024-03-11"),
    techniques=(Technique.SAME_LABEL,),
    sources=("suffixes",),
)


def said(family: Family, bits: float, group: str = "", rule_id: str = "", **flags: bool) -> tuple[Rule, Finding]:
    """A fired rule."""
    rule = Rule(
        rule_id=rule_id or f"{family}.{group or 'rule'}{bits}",
        family=family,
        applies=lambda _: True,
        weigh=lambda *_: None,
        basis="test",
        group=group,
        **flags,
    )
    return rule, Finding(bits, "it is so", ("witness",))


def verdict(*fired: tuple[Rule, Finding], policy: Policy = POLICY) -> Verdict:
    """The verdict on what was said."""
    return assess(WHO, fired, None, policy)[1].verdict


LABEL, HOST = said(Family.LABEL, 8.0), said(Family.HOSTING, 4.0)


@pytest.mark.parametrize(
    ("fired", "expected"),
    [
        ((), Verdict.INSUFFICIENT),
        ((LABEL,), Verdict.POSSIBLE),
        ((said(Family.LABEL, 40.0),), Verdict.POSSIBLE),
        ((LABEL, HOST), Verdict.LIKELY),
        ((LABEL, said(Family.HOSTING, 2.2)), Verdict.POSSIBLE),
        ((LABEL, HOST, said(Family.PAGE, -3.0)), Verdict.POSSIBLE),
        ((said(Family.PAGE, -4.0),), Verdict.RULED_OUT),
        ((LABEL, HOST, said(Family.CERTIFICATE, 8.0, proves=True)), Verdict.CONFIRMED),
        ((said(Family.CERTIFICATE, 20.0, proves=True),), Verdict.POSSIBLE),
        ((LABEL, said(Family.HOSTING, 40.0), said(Family.REGISTRATION, -1.0, excludes=True)), Verdict.RULED_OUT),
    ],
)
def test_what_a_sum_amounts_to(fired: tuple[tuple[Rule, Finding], ...], expected: Verdict) -> None:
    """Thresholds, two families for LIKELY, exclusion by definition, proof only on top of a LIKELY sum."""
    assert verdict(*fired) is expected


def test_weak_families_are_heard_together() -> None:
    """Three origins that each say a little say something together; what speaks against is heard with them."""
    little = [said(Family.HOSTING, 2.2), said(Family.REGISTRATION, 1.4)]
    assert verdict(LABEL, *little) is Verdict.LIKELY
    assert assess(WHO, (LABEL, *little), None, POLICY)[1].families == (
        Family.LABEL,
        Family.REGISTRATION,
        Family.HOSTING,
    )
    assert verdict(LABEL, *little, said(Family.CERTIFICATE, -0.2)) is Verdict.POSSIBLE
    assert verdict(LABEL, said(Family.HOSTING, 2.2), said(Family.HOSTING, 0.04, rule_id="more")) is Verdict.POSSIBLE


def test_one_family_is_netted() -> None:
    """What a family says for and against is one voice."""
    assert verdict(LABEL, HOST, said(Family.HOSTING, -2.0)) is Verdict.POSSIBLE


def test_within_a_group_only_the_strongest_counts() -> None:
    """Rules that weigh the same thing are heard, but not added up."""
    evidence, summed = assess(WHO, (said(Family.HOSTING, 3.0, "host"), said(Family.HOSTING, 4.0, "host")), None, POLICY)
    assert sorted(row.bits for row in evidence) == [0.0, 4.0]
    assert summed.bits == POLICY.prior_bits + 4.0


@given(st.lists(st.tuples(st.sampled_from(list(Family)), st.floats(-20, 20)), max_size=8))
def test_the_bits_are_the_prior_and_the_evidence(rows: list[tuple[Family, float]]) -> None:
    """Whatever is published can be added up by hand."""
    fired = tuple(said(family, bits, rule_id=f"rule{place}") for place, (family, bits) in enumerate(rows))
    evidence, summed = assess(WHO, fired, None, POLICY)
    assert abs(summed.bits - (summed.prior_bits + sum(row.bits for row in evidence))) < 1e-6
    assert [row.rule_id for row in evidence] == sorted(row.rule_id for row in evidence)


def test_families_that_are_not_heard_say_nothing() -> None:
    """A replay on the label alone can call nothing LIKELY."""
    assert verdict(LABEL, HOST, policy=replace(POLICY, families=frozenset({Family.LABEL}))) is Verdict.POSSIBLE


def test_a_review_overrides_the_sum_and_leaves_it_visible() -> None:
    """The analyst's word is the verdict; the machine's bits stay beside it."""
    review = Review(
        watch_key=WHO.watch_key,
        name=WHO.name,
        verdict="RULED_OUT",
        reviewer="AB",
        reason="a critic",
        at=at("2024-03-20"),
    )
    _, summed = assess(WHO, (LABEL, HOST), review, POLICY)
    assert (summed.verdict, summed.reviewed, summed.reviewer, summed.reason) == (
        Verdict.RULED_OUT,
        True,
        "AB",
        "a critic",
    )
    assert summed.bits == 7.0
    unheard = replace(POLICY, families=POLICY.families - {Family.ANALYST})
    assert assess(WHO, (LABEL, HOST), review, unheard)[1].verdict is Verdict.LIKELY


def test_a_failed_source_leaves_the_verdict_open() -> None:
    """What registration data could still say is kept apart: the verdict stays, and says that it was not all heard."""
    silent = frozenset({Family.REGISTRATION})
    assert assess(WHO, (LABEL,), None, POLICY, silent)[1].unheard == (Family.REGISTRATION,)
    assert assess(WHO, (LABEL,), None, POLICY)[1].unheard == ()
    assert assess(WHO, (LABEL, HOST), None, POLICY, silent)[1].unheard == (Family.REGISTRATION,), "may be undone"
    sure = said(Family.HOSTING, 7.0)
    assert assess(WHO, (LABEL, sure), None, POLICY, silent)[1].unheard == (), "LIKELY whatever it says"
    assert assess(WHO, (said(Family.LABEL, -4.0),), None, POLICY, silent)[1].unheard == (), "out of reach"
    gone = said(Family.LABEL, -1.0, excludes=True)
    assert assess(WHO, (LABEL, gone), None, POLICY, silent)[1].unheard == (), "excluded by definition"
