"""Two analysts: raw agreement and Cohen's kappa, with n."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.analysis.agreement import agreements, kappa
from tracker.model.facts import Review
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.views import Verdict

T0 = datetime(2024, 9, 9, 8, tzinfo=UTC)


def said(reviewer: str, verdicts: str, hours: int = 0, watch: str = "predecessor:rrn.media") -> tuple[Review, ...]:
    """One review per letter (C, L, P, R; a dot is none) of the names n0.so, n1.so, …"""
    words = {verdict[0]: verdict for verdict in Verdict}
    return tuple(
        Review(
            watch_key=watch,
            name=DomainName(f"n{number}.so"),
            verdict=words[letter],
            reviewer=reviewer,
            reason="x",
            at=T0 + timedelta(hours=hours),
        )
        for number, letter in enumerate(verdicts)
        if letter != "."
    )


def history(*reviews: tuple[Review, ...]) -> History:
    """A history of reviews alone."""
    return History(as_of=T0, reviews=tuple(row for rows in reviews for row in rows))


def test_a_table_worked_out_by_hand() -> None:
    """20 and 15 alike, 5 and 10 not: 0.7 observed, 0.5 by chance, so 0.4 of what chance leaves."""
    pairs = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    assert kappa(pairs) == pytest.approx(0.4)


def test_both_measures_and_where_they_differ() -> None:
    """CONFIRMED and LIKELY differ as verdicts and agree on what matters; only common names count."""
    (found,) = agreements(history(said("AB", "CCLRP."), said("CD", "LCLRRC", hours=1)))
    assert (found.one, found.other, found.n, found.agreed, found.agreed_replacement) == ("AB", "CD", 5, 3, 5)
    assert found.kappa_replacement == 1.0
    assert found.kappa == pytest.approx((0.6 - 0.24) / (1 - 0.24))
    assert [(row.name, row.one, row.other) for row in found.differences] == [
        ("n0.so", "CONFIRMED", "LIKELY"),
        ("n4.so", "POSSIBLE", "RULED_OUT"),
    ]


def test_the_first_word_counts() -> None:
    """After a talk they agree; what is measured is what each said before it."""
    (found,) = agreements(history(said("AB", "C"), said("CD", "R", hours=1), said("CD", "C", hours=2)))
    assert (found.n, found.agreed) == (1, 0)


def test_initials_are_one_person_however_they_are_written() -> None:
    """`ab` is no second reviewer of `AB`; a third person makes three pairs, of which one asks for two."""
    assert agreements(history(said("AB", "C"), said("ab ", "R", hours=1))) == ()
    three = history(said("AB", "CC"), said("CD", "CC"), said("EF", "CR"))
    assert len(agreements(three)) == 3
    assert [(row.one, row.other) for row in agreements(three, "cd")] == [("AB", "CD"), ("CD", "EF")]


def test_one_answer_only_has_no_kappa() -> None:
    """Chance alone would have them agree everywhere, so nothing can be said."""
    (found,) = agreements(history(said("AB", "CCC"), said("CD", "CCC")))
    assert (found.agreed, found.kappa) == (3, None)


def test_retractions_are_no_judgements() -> None:
    """What was taken back says nothing of how two people read evidence."""
    assert agreements(history(said("AB", "C"), said("CD", "R", watch="retracted:name:"))) == ()


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1))
def test_kappa_never_exceeds_one_and_does_not_mind_who_is_first(pairs: list[tuple[str, str]]) -> None:
    """Symmetric, at most 1, and 1 only for full agreement."""
    value = kappa(pairs)
    other = kappa([(right, left) for left, right in pairs])
    assert value == (pytest.approx(other) if other is not None else None)
    if value is not None:
        assert value <= 1
        assert (value == 1) == all(left == right for left, right in pairs)
