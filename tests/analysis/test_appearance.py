"""Appearances: the last definite absence before the first proof of presence."""

from tests.analysis.histories import Story, at
from tracker.analysis.appearance import appearance, registry_date
from tracker.analysis.index import index
from tracker.analysis.traits import Life
from tracker.model.facts import Layer, Presence, Technique
from tracker.model.names import DomainName
from tracker.model.times import Bounds, Precision, When
from tracker.model.views import Appearance

RRN = DomainName("rrn.so")


def begun() -> tuple[Story, str]:
    """A story with one predecessor watched from 28 August."""
    story = Story(as_of=at("2024-10-01"))
    return story, story.predecessor("rrn.media", "2024-08-28")


def appeared(story: Story, layer: Layer = Layer.DELEGATED) -> Appearance:
    """The appearance of rrn.so for the story's first watch."""
    history = story.history()
    return appearance(index(history), history.watches[0], RRN, layer)


def test_bounds_come_from_the_last_absence_and_the_first_look() -> None:
    """Later absences (a lapse) and indeterminate looks move nothing; both ends name their witness."""
    story, _ = begun()
    story.sweep("2024-08-28", ["rrn"], ["so"])
    story.sweep("2024-09-05T10:00", ["rrn"], ["so"])
    story.look("rrn.so", "delegation", "2024-09-05T10:30", Presence.INDETERMINATE)
    story.look("rrn.so", "delegation", ["2024-09-05T11:00", "2024-09-05T12:00"], ns="ns1.example.net")
    story.sweep("2024-09-20", ["rrn"], ["so"])
    row = appeared(story)
    assert row.bounds == Bounds(at("2024-09-05T10:00"), at("2024-09-05T11:00"))
    assert row.lo_witness == "sweep:suffixes@2024-09-05T10:00:00Z"
    assert row.hi_witness == "look:delegation@2024-09-05T11:00:00Z"


def test_a_verified_certificate_proves_registration_and_delegation_only() -> None:
    """Its log timestamp moves the upper bound at the two lower layers and says nothing of addresses or pages."""
    story, key = begun()
    story.sweep("2024-09-05T10:00", ["rrn"], ["so"])
    story.logged(key, "rrn.so", "2024-09-05T10:20")
    for probe in ("delegation", "addresses", "page"):
        story.look("rrn.so", probe, "2024-09-05T11:00")
    assert appeared(story).bounds.hi == at("2024-09-05T10:20")
    assert appeared(story).hi_witness == "certificate:2024-09-05T10:20:00Z"
    assert appeared(story, Layer.REGISTERED).bounds.hi == at("2024-09-05T10:20")
    assert appeared(story, Layer.RESOLVING).bounds.hi == at("2024-09-05T11:00")
    assert appeared(story, Layer.SERVING).bounds.hi == at("2024-09-05T11:00")


def test_unverified_certificates_prove_nothing() -> None:
    """Hints and entries without an inclusion proof are sightings, no proof of presence."""
    story, key = begun()
    story.sweep("2024-09-05T10:00", ["rrn"], ["so"])
    for trust in ("hint", "unverified"):
        story.sight(
            key, "rrn.so", "2024-09-05T10:20", Technique.CERTIFICATE, timestamp="2024-09-05T10:20:00Z", verified=trust
        )
    assert appeared(story).bounds == Bounds(None, None)
    assert appeared(story).hi_witness == ""


def test_a_baseline_name_has_no_lower_bound() -> None:
    """What the first sweep found may be of any age, even when it lapses and returns later."""
    story, _ = begun()
    story.sweep("2024-08-28", ["rrn"], ["so"], present=["rrn.so"])
    story.look("rrn.so", "delegation", ["2024-08-28", "2024-09-10"])
    story.sweep("2024-09-01", ["rrn"], ["so"])
    assert appeared(story).bounds == Bounds(None, at("2024-08-28"))
    assert appeared(story).lo_witness == ""


def test_delegation_proves_registration_but_not_the_other_way_round() -> None:
    """A delegated name is registered; a registered one need not be delegated."""
    story, _ = begun()
    story.look("rrn.so", "registration", "2024-09-05T12:00", registered_at="2024-09-05T09:12:13Z")
    assert appeared(story, Layer.DELEGATED).bounds == Bounds(None, None)
    story.look("rrn.so", "delegation", "2024-09-05T11:00")
    assert appeared(story, Layer.REGISTERED).bounds.hi == at("2024-09-05T11:00")


def test_the_registrys_date_is_kept_apart() -> None:
    """The first date that was read is claimed, with its precision, and moves no bound."""
    story, _ = begun()
    story.look("rrn.so", "registration", "2024-09-05T12:00", registered_at="2024-09-05T09:12:13Z", precision="second")
    story.look("rrn.so", "registration", "2024-09-06T12:00", registered_at="2024-09-06T00:00:00Z")
    row = appeared(story, Layer.REGISTERED)
    assert row.bounds == Bounds(None, at("2024-09-05T12:00"))
    assert row.registered_claimed is not None
    assert row.registered_claimed.isoformat() == "2024-09-05T09:12:13+00:00"
    stated = registry_date(story.history().spans[RRN])
    assert stated is not None and stated.precision is Precision.SECOND


def test_a_date_only_registry_gives_a_day() -> None:
    """A stated precision of a day, or a bare date, is not read as midnight sharp."""
    for extra in ({"registered_at": "2024-09-05T00:00:00Z", "precision": "day"}, {"registered_at": "2024-09-05"}):
        story, _ = begun()
        story.look("rrn.so", "registration", "2024-09-06", **extra)
        stated = registry_date(story.history().spans[RRN])
        assert stated is not None and stated.precision is Precision.DAY
    assert registry_date(()) is None


def test_a_name_registered_anew_appears_with_its_new_registration() -> None:
    """A stranger had it and let it lapse; who takes it after the takedown begins at the last absence in between."""
    story, key = begun()
    life = Life(When.of("2024-09-05T10:20:00Z"), None, follows=True)
    story.look("rrn.so", "registration", ["2024-08-28"], registered_at="2020-01-01T00:00:00Z")
    story.look("rrn.so", "delegation", ["2024-08-28", "2024-09-01"], ns="ns1.old.example")
    story.look("rrn.so", "delegation", "2024-09-05T10:00", Presence.ABSENT)
    story.look("rrn.so", "delegation", ["2024-09-05T11:00", "2024-09-06"], ns="ns1.example.net")
    story.look("rrn.so", "registration", "2024-09-05T12:00", registered_at="2024-09-05T10:20:00Z")
    story.logged(key, "rrn.so", "2024-08-20T10:20")
    history = story.history()
    row = appearance(index(history), history.watches[0], RRN, Layer.DELEGATED, life)
    assert row.bounds == Bounds(at("2024-09-05T10:00"), at("2024-09-05T11:00"))
    assert row.registered_claimed == at("2024-09-05T10:20")


def test_a_name_taken_over_without_a_pause_was_in_other_hands_before() -> None:
    """No absence lies between; the last look before the new registration is the lower bound. A day that is only named
    as a day is over before anything on it is sure."""
    story, _ = begun()
    story.look("rrn.so", "delegation", ["2024-09-04", "2024-09-05T10:00", "2024-09-06T10:00"], ns="ns1.example.net")
    history = story.history()
    exact = Life(When.of("2024-09-05T10:20:00Z"), None, follows=True)
    assert appearance(index(history), history.watches[0], RRN, Layer.DELEGATED, exact).bounds == Bounds(
        at("2024-09-05T10:00"), at("2024-09-06T10:00")
    )
    day = Life(When.of("2024-09-05"), None, follows=True)
    assert appearance(index(history), history.watches[0], RRN, Layer.DELEGATED, day).bounds == Bounds(
        at("2024-09-04"), at("2024-09-06T10:00")
    )
