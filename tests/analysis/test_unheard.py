"""Which families could not be heard."""

from tests.analysis.histories import Story, at
from tracker.analysis.traits import Life
from tracker.analysis.unheard import unheard
from tracker.model.facts import Presence, Reason
from tracker.model.names import DomainName
from tracker.model.times import When
from tracker.model.views import Family

NAME = "redfinch.so"


def silent(tale: Story, life: Life | None = None) -> frozenset[Family]:
    """The unheard families of the name in this tale."""
    return unheard(tale.history().spans.get(DomainName(NAME), ()), life or Life())


def throttled(tale: Story, when: str, reason: Reason = Reason.RATE_LIMITED) -> None:
    """A look at the registration that told nothing."""
    tale.look(NAME, "registration", when, presence=Presence.INDETERMINATE, reason=reason)


def test_a_source_that_only_failed_is_unheard() -> None:
    """Throttled twice and never answered: the registry may yet speak."""
    tale = Story(as_of=at("2024-04-01"))
    throttled(tale, "2024-03-11")
    throttled(tale, "2024-03-12")
    assert silent(tale) == {Family.REGISTRATION}


def test_one_answer_is_enough() -> None:
    """A source that answered once was heard, whatever it refused later."""
    tale = Story(as_of=at("2024-04-01"))
    tale.look(NAME, "registration", "2024-03-11", registrar="Bargain Names")
    throttled(tale, "2024-03-12")
    assert silent(tale) == frozenset()


def test_nobody_to_ask_is_no_outage() -> None:
    """A suffix without any registration service is the same tomorrow: it widens nothing."""
    tale = Story(as_of=at("2024-04-01"))
    throttled(tale, "2024-03-11", Reason.NO_SERVER)
    assert silent(tale) == frozenset()


def test_an_answer_about_an_earlier_life_does_not_count() -> None:
    """What the registry said of the name's last owner tells nothing of this one."""
    tale = Story(as_of=at("2024-04-01"))
    tale.look(NAME, "registration", "2024-02-01", registrar="Elder Names")
    throttled(tale, "2024-03-12")
    assert silent(tale, Life(registered=When.of("2024-03-10"))) == {Family.REGISTRATION}
