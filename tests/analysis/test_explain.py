"""Why a name is, or is not, called a replacement, in words."""

from functools import cache

from tests.analysis.histories import at
from tests.analysis.stories import COPYCAT, SIBLING, story, watch_of
from tracker.analysis.explain import Explanation, explain
from tracker.analysis.linking import link
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.facts import Layer
from tracker.model.names import DomainName
from tracker.model.times import Bounds
from tracker.model.views import Appearance, State, StateSpan, Verdict, Views

SUFFIXES = Suffixes.bundled()


@cache
def told(name: str) -> Explanation:
    """The explanation of a name of the story, with one review and a lifeline for the first replacement."""
    tale = story()
    tale.review(watch_of("tarnhelm.pw"), "tarnhelm.pw", Verdict.CONFIRMED, "2024-03-20")
    history = tale.history()
    linked = link(history, SUFFIXES)
    subject = DomainName("redfinch.so")
    views = Views(
        as_of=history.as_of,
        rules_version="test",
        candidates=linked.candidates,
        evidence=linked.evidence,
        assessments=linked.assessments,
        states=(
            StateSpan(
                name=subject,
                state=State.NOT_RESOLVING,
                since=Bounds(None, at("2024-03-11T09:45")),
                last=at("2024-04-01"),
                rule_id="no_address",
            ),
        ),
        appearances=(
            Appearance(
                watch_key=watch_of(subject),
                name=subject,
                layer=Layer.DELEGATED,
                bounds=Bounds(at("2024-03-11T09:30"), at("2024-03-11T09:45")),
                lo_witness="",
                hi_witness="",
            ),
        ),
    )
    return explain(history, views, DomainName(name))


def test_a_replacement_has_a_sentence_for_it_and_what_it_rests_on() -> None:
    """Names are defanged, the strongest two families speak, and what would undo the verdict is said."""
    (case,) = told("redfinch.so").cases
    assert case.verdict is Verdict.LIKELY
    assert case.speaks_for.startswith("For redfinch[.]so as a replacement of redfinch[.]press: ")
    assert "the same label appeared" in case.speaks_for
    assert "name servers of lair[.]example" in case.speaks_for
    assert case.speaks_against == ""
    assert [entry.split()[0] for entry in case.would_change] == ["label", "hosting"]
    assert abs(sum(row.bits for row in case.rules) + case.prior_bits - case.bits) < 0.01


def test_a_copycat_has_both_sentences_and_what_is_missing() -> None:
    """What speaks for it, what against it, and how far it is from LIKELY."""
    (case,) = told(COPYCAT).cases
    assert case.speaks_for
    assert "none of the" in case.speaks_against
    assert case.would_change[0].endswith("bits more")
    assert "1 more family of data" in case.would_change[1]


def test_an_excluded_name_says_what_would_reopen_it() -> None:
    """Only another date, or an analyst."""
    (case,) = told(SIBLING).cases
    assert "2023-12-01" in case.speaks_against
    assert "registration date" in case.would_change[0]


def test_a_reviewed_name_changes_by_review() -> None:
    """An analyst's verdict stands until a newer one."""
    (case,) = told("tarnhelm.pw").cases
    assert (case.reviewed, case.verdict) == (True, Verdict.CONFIRMED)
    assert case.would_change == ("only a newer review: AB has decided",)


def test_an_unknown_name_is_not_acquitted() -> None:
    """Never put forward means nothing is known."""
    found = told("nobody.com")
    assert found.cases == ()
    assert "nothing is known" in found.note


def test_a_lifeline_is_in_order() -> None:
    """Appearances and states by the moment that they are sure of."""
    entries = told("redfinch.so").lifeline
    assert [entry.what for entry in entries] == ["not resolving (rule no_address)", "first known at DELEGATED"]
    assert entries[0].lo == ""
