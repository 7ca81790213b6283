"""Single columns whose meaning needs thought: first day, survival to day 30, gaps, life tables."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.export.sample import ACTION, HOUR, at, episode, event
from tracker.analysis.tallies import Judgement, counted, placed
from tracker.export.identity import domain_id, stable_id
from tracker.export.lifetable import Known, Lifespan, life_table, survival_curve
from tracker.export.rows_counts import lifespans
from tracker.export.rows_facts import artefact_rows, observation_rows
from tracker.export.rows_views import alive_after, episode_rows, replacement_rows, within_first_day
from tracker.model.facts import Layer, Technique
from tracker.model.names import DomainName
from tracker.model.times import DAY, Bounds
from tracker.model.views import Appearance, Family, Lifetime, Replacement, Verdict, Views
from tracker.model.watching import Cohort


@pytest.mark.parametrize(
    ("lo", "hi", "answer"),
    [
        ("2024-09-04T20", "2024-09-05T23:59", "yes"),
        ("2024-09-05", "2024-09-06", "yes"),
        ("2024-09-05", "2024-09-06T00:01", "uncertain"),
        ("2024-09-04T12", "2024-09-04T20", "uncertain"),
        ("2024-09-04T10", "2024-09-04T14", "no"),
        ("2024-09-06", "2024-09-07", "no"),
        (None, "2024-09-05", "uncertain"),
        (None, None, "uncertain"),
    ],
)
def test_first_day(lo: str | None, hi: str | None, answer: str) -> None:
    """From the action at three in the afternoon to the midnight that ends the next day; what came that morning is no
    answer, and bounds across an edge are uncertain."""
    effect = Bounds(at("2024-09-04T15"), at("2024-09-04T15"))
    appeared = Bounds(at(lo) if lo else None, at(hi) if hi else None)
    assert within_first_day(effect, at("2024-09-06"), appeared) == answer
    row = Judgement(
        watch_key="w",
        name=DomainName("a.so"),
        verdict=Verdict.LIKELY,
        unheard=False,
        keeps_label=True,
        places={Layer.DELEGATED: appeared},
    )
    (count,) = counted(placed([row], {"w": effect}, Layer.DELEGATED, [at("2024-09-06")]), 1)
    told = {"yes": (1, 1), "uncertain": (0, 1), "no": (0, 0)}
    assert (count.lo, count.hi) == told[answer], "as replacement_counts counts it"


def test_a_verdict_that_wants_a_source_is_no_sure_row() -> None:
    """The row names the family that failed, and is no longer sure to count by the end of the first day."""
    history, views = event()
    sure = next(row for row in replacement_rows(history, views) if row["within_1d"] == "yes")
    wanting = [
        replace(row, unheard=(Family.REGISTRATION,)) if row.name == sure["domain"] else row for row in views.assessments
    ]
    told = {row["domain"]: row for row in replacement_rows(history, replace(views, assessments=tuple(wanting)))}
    assert (sure["unheard"], told[sure["domain"]]["unheard"]) == ((), ("registration",))
    assert told[sure["domain"]]["within_1d"] == "uncertain"


BORN = Bounds(at("2024-09-05"), at("2024-09-05T06"))


@pytest.mark.parametrize(
    ("last", "end", "answer"),
    [
        ("2024-10-20", None, "yes"),
        ("2024-10-05T07", None, "yes"),
        ("2024-10-05T03", None, "censored"),
        ("2024-09-20", None, "censored"),
        ("2024-10-20", ("2024-10-20", "2024-10-21"), "yes"),
        ("2024-09-20", ("2024-09-20", "2024-09-21"), "no"),
        ("2024-10-04", ("2024-10-04", "2024-10-06"), "uncertain"),
    ],
)
def test_alive_after_a_month(last: str, end: tuple[str, str] | None, answer: str) -> None:
    """Alive counts only when seen alive at the latest possible day 30; not watched that long is censored, not dead."""
    over = Bounds(*map(at, end)) if end else None
    assert alive_after(BORN, [episode("a.so", 1, BORN, at(last), over, entry=at("2024-09-05"))], 30 * DAY) == answer


@pytest.mark.parametrize(("days", "answer"), [(7, "no"), (5, "uncertain"), (12, "yes")])
def test_between_two_lives_a_name_is_not_alive(days: int, answer: str) -> None:
    """Seen to be away from the eleventh to the fifteenth: on the twelfth it was gone, whatever came later."""
    first = episode(
        "a.so", 1, BORN, at("2024-09-10"), Bounds(at("2024-09-10"), at("2024-09-11")), entry=at("2024-09-05")
    )
    again = Bounds(at("2024-09-15"), at("2024-09-16"))
    second = episode("a.so", 2, again, at("2024-09-20"), None, entry=at("2024-09-16"))
    assert alive_after(BORN, [first, second], days * DAY) == answer


def test_what_another_owner_did_is_marked() -> None:
    """It ended before the name appeared as a replacement: its row is there, and says so."""
    former = episode(
        "a.so",
        1,
        Bounds(None, at("2024-08-01")),
        at("2024-08-20"),
        Bounds(at("2024-08-20"), at("2024-08-21")),
        entry=at("2024-08-01"),
    )
    own = episode("a.so", 2, BORN, at("2024-09-20"), None, entry=at("2024-09-05"))
    shown = Appearance(
        watch_key="predecessor:a.press",
        name=DomainName("a.so"),
        layer=Layer.DELEGATED,
        bounds=BORN,
        lo_witness="",
        hi_witness="",
    )
    answer = Replacement(
        action_id=ACTION,
        predecessor=DomainName("a.press"),
        name=DomainName("a.so"),
        cohort=Cohort.OWN_BRAND,
        verdict=Verdict.LIKELY,
        bits=7.0,
        appearances=(shown,),
        technique=Technique.SAME_LABEL,
        reviewed=False,
    )
    views = Views(as_of=at("2024-09-20"), rules_version="", episodes=(former, own), replacements=(answer,))
    assert [row["former"] for row in episode_rows(views)] == [True, False]


def test_nothing_known_is_uncertain() -> None:
    """Without an appearance or an episode there is no answer."""
    assert alive_after(Bounds(None, None), [], 30 * DAY) == "uncertain"
    assert alive_after(BORN, [], 30 * DAY) == "uncertain"


def test_gap_between_lives() -> None:
    """The absence before a second life lies between the latest end and the earliest beginning, and the reverse."""
    first = episode(
        "a.so", 1, BORN, at("2024-09-10"), Bounds(at("2024-09-10"), at("2024-09-11")), entry=at("2024-09-05")
    )
    second = episode(
        "a.so", 2, Bounds(at("2024-09-15"), at("2024-09-16")), at("2024-09-20"), None, entry=at("2024-09-05")
    )
    rows = list(episode_rows(Views(as_of=at("2024-09-20"), rules_version="", episodes=(first, second))))
    assert (rows[0]["gap_before_lo_s"], rows[0]["gap_before_hi_s"]) == (None, None)
    assert (rows[1]["gap_before_lo_s"], rows[1]["gap_before_hi_s"]) == (timedelta(days=4), timedelta(days=6))


def test_ids_depend_on_names_alone() -> None:
    """The id of a name is the same in every package; other kinds of thing never share it."""
    assert domain_id("rrn.so") == "68658d8c-bb2d-5e3b-8bbd-7af9419aed5b"
    assert domain_id("rrn.so") != stable_id("action", "rrn.so")
    assert stable_id("a", "b", "c") != stable_id("a", "bc")


def test_unlisted_facts_stay_in_the_log() -> None:
    """Only facts on the allow-list become cells: a registrant's name, should one ever be stored, would not."""
    history, _ = event()
    cells = {str(value) for row in observation_rows(history) for value in row.values()}
    assert "rdap" not in cells
    assert "=Registrar, one" in cells


def test_artefacts_say_what_rests_on_them() -> None:
    """Each raw reply is listed once, with the names whose facts refer to it."""
    history, _ = event()
    rows = list(artefact_rows(history))
    assert sorted(row["domains"] for row in rows) == [(f"brand{n}.so",) for n in range(1, 5)]
    assert {row["activity"] for row in rows} == {"registration"}


def test_life_table_by_hand() -> None:
    """Late entries join the risk set at their age: 2, 2, 2 at risk give 1/2, 1/4, 1/4."""
    spans = [
        Lifespan(0, 2, True),
        Lifespan(0, 4, True),
        Lifespan(3, 6, False),
        Lifespan(5, 6, False),
    ]
    curve = survival_curve(spans)
    assert curve.table.t.tolist() == [2, 4, 6]
    assert curve.table.n_risk.tolist() == [2, 2, 2]
    assert curve.table.n_event.tolist() == [1, 1, 0]
    assert curve.table.n_censor.tolist() == [0, 0, 2]
    assert curve.surv.tolist() == [0.5, 0.25, 0.25]


def test_too_few_under_watch_give_no_number() -> None:
    """Two at risk say nothing of the median of four, and an empty table nothing at all; the counts stay."""
    for spans in ([Lifespan(0, 2, True), Lifespan(0, 4, True), Lifespan(3, 6, False), Lifespan(5, 6, False)], []):
        table = life_table(spans)
        assert (table.known, table.median, table.mean_30d) == (None, None, None)
        assert (table.median_why, table.mean_30d_why) == ("few", "few")
        assert [step.surv for step in table.steps] == [None] * len(table.steps)


def test_what_nobody_watched_young_has_no_median() -> None:
    """Predecessors met at 75 days: shares are of those alive then, and the median from birth is not known."""
    old = [Lifespan(75 * 86_400, age * 86_400, True) for age in range(80, 90)]
    table = life_table(old)
    assert table.known == Known(75 * 86_400, None)
    assert (table.median, table.median_why, table.mean_30d, table.mean_30d_why) == (None, "late", None, "late")
    assert table.steps[0].surv == pytest.approx(0.9)


def test_deaths_behind_a_gap_are_not_the_end_of_the_curve() -> None:
    """Twenty alive after two weeks and two old names that die: more than half live longer than was followed."""
    young = [Lifespan(0, 14 * 86_400, False)] * 20
    table = life_table([*young, *[Lifespan(787 * 86_400, 788 * 86_400, True)] * 2])
    assert table.known == Known(0, 14 * 86_400)
    assert (table.median, table.median_why, table.mean_30d, table.mean_30d_why) == (
        None,
        "outlived",
        None,
        "not_followed",
    )
    assert [step.surv for step in table.steps] == [1.0, None]


def test_ignoring_entry_would_flatter() -> None:
    """Lives found late raise survival when they are counted from birth: the table must not do that."""
    honest = [Lifespan(0, 1, True)] * 6 + [Lifespan(0, 10, False)] * 2 + [Lifespan(5, 10, False)] * 8
    naive = [Lifespan(0, life.exit, life.ended) for life in honest]
    assert survival_curve(honest).surv[-1] == 0.25
    assert survival_curve(naive).surv[-1] == 0.625


def test_unbounded_lengths_are_censored() -> None:
    """An ended life of unknown beginning is a lower bound in the longest reading, not a death at that age."""
    row = Lifetime(
        name=DomainName("a.so"),
        layer=Layer.DELEGATED,
        number=1,
        shortest=10 * HOUR,
        longest=None,
        entry_age=HOUR,
        entry_age_hi=2 * HOUR,
        dated=False,
        alive=False,
        ending=None,
    )
    assert lifespans([row], "shortest") == (Lifespan(3600, 36000, True, "unknown"),)
    assert lifespans([row], "longest") == (Lifespan(7200, 39600, False),)


def test_moments_are_aware() -> None:
    """The sample itself keeps to UTC."""
    assert at("2024-09-05") == datetime(2024, 9, 5, tzinfo=UTC)
