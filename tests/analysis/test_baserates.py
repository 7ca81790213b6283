"""What chance brings, counted from the log."""

from dataclasses import replace

from tests.analysis.histories import Story, at
from tests.analysis.stories import key, registered, story
from tracker.analysis.baserates import BaseRates, base_rates
from tracker.analysis.kinship import Kinship
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.names import DomainName

SUFFIXES = Suffixes.bundled()


def rates_of(tale: Story) -> BaseRates:
    """The rates of a tale."""
    return base_rates(tale.history(), SUFFIXES)


def test_common_labels_get_strangers_names_more_often() -> None:
    """A label carried by eight suffixes is registered by strangers more often than one that nobody carries."""
    rates = rates_of(story())
    assert rates.carried[key("globe.ltd")] == (8, 0)
    assert rates.carried[key("larkspurs.net")] == (0, 0)
    common = rates.rate(key("globe.ltd"), Kinship.SAME_LABEL)
    assert common == 9 * rates.rate(key("larkspurs.net"), Kinship.SAME_LABEL)


def test_the_operations_own_host_is_not_counted_from_its_own_siblings() -> None:
    """An older sibling on the predecessor's host must not make that host look common among strangers."""
    rates = rates_of(story())
    crowded = story()
    for name in ("quillmoss.online", "ovenbird.online", "larkspurs.online"):
        registered(crowded, name, "2023-11-01", ("2024-03-01",), "Harbour Names", "lair.example")
    assert rates_of(crowded).operators["lair.example"] == rates.operators["lair.example"]


def test_a_host_that_strangers_use_is_common() -> None:
    """Hosting is weighed by how many strangers sit there."""
    rates = rates_of(story())
    assert rates.operators["quarry.example"] > 3 * rates.operators["lair.example"]


def test_the_digest_rests_while_nothing_that_matters_is_learned() -> None:
    """More looks that say the same, and time going by, leave the digest alone; a new name changes it."""
    before = rates_of(story("2024-04-02"))
    later = story("2024-04-19")
    later.look("redfinch.press", "delegation", "2024-04-10", ns=("ns1.fbi.seized.gov", "ns2.fbi.seized.gov"))
    assert rates_of(later).digest == before.digest
    registered(later, "dimgrove.so", "2024-04-12T10:00", ("2024-04-12T12:00",), "Seller 1", "willow.example")
    assert rates_of(later).digest != before.digest


def test_the_digest_holds_every_field() -> None:
    """Whatever is added to the rates must change the digest, or verdicts would go stale."""
    rates = rates_of(story())
    changes: dict[str, object] = {
        "turnover_bits": -1.0,
        "targets": {},
        "carried": {},
        "newcomers": (),
        "references": (),
        "registrars": {},
        "operators": {},
        "addresses": {"45.1.1.1": 0.5},
        "strangers": 0,
        "common": frozenset({"key"}),
        "brands": {"protected:other.example": rates.targets[key("globe.ltd")]},
        "imitations": rates.newcomers[:1],
        "outlets": rates.references[:1],
        "version": "other",
    }
    assert set(changes) == set(BaseRates.__dataclass_fields__)
    for field, value in changes.items():
        assert replace(rates, **{field: value}).digest != rates.digest, field  # type: ignore[arg-type]


def test_the_digest_moves_when_a_watch_learns_of_a_friend() -> None:
    """A name that is declared friendly ceases to be a candidate without having been touched."""
    history = story().history()
    befriended = tuple(replace(watch, friendly=(DomainName("globe.xyz"),)) for watch in history.watches)
    later = replace(history, watches=befriended)
    assert base_rates(later, SUFFIXES).digest != base_rates(history, SUFFIXES).digest


def test_controls_teach_how_often_strangers_register() -> None:
    """Names that chance brings to a control label raise the turnover; they are no wave."""
    quiet = story()
    quiet.control("thornbury", "2024-03-01", key("larkspurs.net"))
    busy = story()
    control = busy.control("thornbury", "2024-03-01", key("larkspurs.net"))
    for place, suffix in enumerate(("so", "cc", "pw", "xyz")):
        day = f"2024-03-{12 + place}"
        registered(
            busy, f"thornbury.{suffix}", f"{day}T10:00", (f"{day}T12:00",), "Seller 1", "willow.example", control
        )
    assert rates_of(busy).turnover_bits > rates_of(quiet).turnover_bits
    assert {row.seat for row in rates_of(busy).newcomers if row.control} == {"larkspurs"}


def test_before_any_takedown_there_is_nothing_to_rate() -> None:
    """Without a takedown nothing is new, older, or a stranger's."""
    tale = story()
    rates = base_rates(tale.history(at("2024-03-09")), SUFFIXES)
    assert (rates.newcomers, rates.references, rates.strangers) == ((), (), 0)
