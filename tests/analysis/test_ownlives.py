"""A stranger's life of a name is no life of a replacement."""

from datetime import timedelta

from tests.analysis.histories import at
from tracker.analysis.ownlives import former
from tracker.model.facts import Layer, Technique
from tracker.model.names import DomainName
from tracker.model.times import Bounds
from tracker.model.views import Appearance, Ending, Episode, Replacement, Verdict, Views
from tracker.model.watching import Cohort

NAME = DomainName("redfinch.so")


def episode(number: int, start: str, end: str | None) -> Episode:
    """A life of the name, in the zone from `start` to `end`."""
    return Episode(
        name=NAME,
        layer=Layer.DELEGATED,
        number=number,
        start=Bounds(at(start) - timedelta(hours=1), at(start)),
        start_basis="look",
        entry=at(start),
        last_alive=at(start),
        end=None if end is None else Bounds(at(end) - timedelta(hours=1), at(end)),
        ending=None if end is None else Ending.EXPIRED,
        looks=2,
        unknown_looks=0,
        policy="t",
    )


def test_what_was_over_before_it_appeared_is_not_its_own() -> None:
    """Three lives: a stranger's, the replacement's own, which ends, and one after that."""
    shown = Appearance(
        watch_key="predecessor:redfinch.press",
        name=NAME,
        layer=Layer.DELEGATED,
        bounds=Bounds(at("2024-09-05T10:00"), at("2024-09-05T11:00")),
        lo_witness="",
        hi_witness="",
    )
    views = Views(
        as_of=at("2024-10-01"),
        rules_version="t",
        episodes=(
            episode(1, "2020-01-01", "2024-09-01"),
            episode(2, "2024-09-05T11:00", "2024-09-20"),
            episode(3, "2024-09-22", None),
        ),
        replacements=(
            Replacement(
                action_id="seizure-1",
                predecessor=DomainName("redfinch.press"),
                name=NAME,
                cohort=Cohort.OWN_BRAND,
                verdict=Verdict.LIKELY,
                bits=9.0,
                appearances=(shown,),
                technique=Technique.SAME_LABEL,
                reviewed=False,
            ),
        ),
    )
    assert former(views) == {(NAME, Layer.DELEGATED, 1)}
