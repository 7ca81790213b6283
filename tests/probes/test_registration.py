"""Is it registered: what each way of asking makes of a name."""

from datetime import timedelta

import pytest

from tests.lab.ctworld import Written, run
from tests.lab.registryworld import BORN, NOW, bench, fault, world
from tests.virtual import on_virtual_time
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.facts import Batch, Observation, Presence, Reason
from tracker.model.names import DomainName
from tracker.model.times import iso
from tracker.ports import answered_key
from tracker.probes.registration import RegistrationProbe

SUFFIXES = Suffixes.of(["so", "to", "zz", "ck"], ["platform.so"], version="test")


def _look(names: list[str], *faults: object, **options: object) -> tuple[list[Observation], list[Batch]]:
    async def main() -> list[Batch]:
        async with bench(world(*faults), **options) as lab:  # type: ignore[arg-type]
            probe = RegistrationProbe(lab.rdap, lab.whois, SUFFIXES.split, lab.clock, "lab", in_flight=3)
            return [batch async for batch in probe.observe([DomainName(name) for name in names])]

    batches = run(main)
    return [look for batch in batches for look in batch.observations], batches


@pytest.mark.parametrize(("name", "via"), [("rrn.so", "rdap"), ("rrn.to", "whois")])
def test_found_either_way_gives_the_same_facts(name: str, via: str) -> None:
    """RDAP and WHOIS state the same registration, and the artefact holds no person."""
    (look,), (batch,) = _look([name])
    assert (look.presence, look.at) == (Presence.PRESENT, NOW)
    assert dict(look.facts) == {
        "registered_at": (iso(BORN),),
        "updated_at": (iso(BORN + timedelta(hours=3)),),
        "expires_at": (iso(BORN + timedelta(days=365)),),
        "precision": ("second",),
        "registrar": ("Registrar 01 Ltd",),
        "registrar_iana_id": ("9001",),
        "abuse_email": ("abuse@registrar-01.example",),
        "status": ("clientTransferProhibited", "serverHold"),
        "name_servers": ("ns1.host-a.example", "ns2.host-a.example"),
        "via": (via,),
    } | ({"withheld": look.facts["withheld"]} if via == "rdap" else {})
    (artefact,) = batch.artefacts
    assert look.artefact_ids == (artefact.artefact_id,)
    assert b"Lab Person" not in artefact.body and b"owner@" not in artefact.body
    assert b"abuse@registrar-01.example" in artefact.body


@pytest.mark.parametrize(
    ("name", "presence", "reason"),
    [
        ("nosuch.so", Presence.ABSENT, Reason.RDAP_NOT_FOUND),
        ("nosuch.to", Presence.ABSENT, Reason.WHOIS_NOT_FOUND),
        ("rrn.zz", Presence.INDETERMINATE, Reason.NO_SERVER),
        ("rrn.platform.so", Presence.INDETERMINATE, Reason.NO_SERVER),
        ("www.rrn.so", Presence.INDETERMINATE, Reason.NO_SERVER),
    ],
)
def test_absent_only_from_the_registry(name: str, presence: Presence, reason: Reason) -> None:
    """Names of hosting platforms and names below a registration are not asked: the registry would deny them."""
    (look,), (batch,) = _look([name])
    assert (look.presence, look.reason) == (presence, reason)
    assert bool(batch.artefacts) is (presence is Presence.ABSENT)


@pytest.mark.parametrize(("name", "words"), [("nosuch.so", b"object not found"), ("nosuch.to", b"No match for")])
def test_a_denial_is_kept_in_its_own_words(name: str, words: bytes) -> None:
    """What a deletion rests on can be shown: the registry's own error, or the line that denies the name."""
    (look,), (batch,) = _look([name])
    (artefact,) = batch.artefacts
    assert look.artefact_ids == (artefact.artefact_id,)
    assert words in artefact.body


@pytest.mark.parametrize("kind", ["throttle", "error", "silence", "garbage"])
@pytest.mark.parametrize(("source", "name"), [("rdap", "nosuch.so"), ("whois", "nosuch.to"), ("rdap", "rrn.so")])
def test_faults_never_become_absences(source: str, name: str, kind: str) -> None:
    """Whatever goes wrong, a name that may be there is not declared gone."""
    (look,), _ = _look([name], fault(source, kind))
    assert look.presence is Presence.INDETERMINATE
    if kind == "throttle" and source == "whois":
        assert look.reason is Reason.RATE_LIMITED


def test_whois_is_asked_where_an_unofficial_server_fails() -> None:
    """An override that is gone does not stand before the registry's WHOIS."""
    (look,), _ = _look(["rrn.to"], overrides={"to": "https://gone.example/"})
    assert (look.presence, look.facts["via"]) == (Presence.PRESENT, ("whois",))


def test_looks_are_repeatable() -> None:
    """Two looks an hour apart have equal facts and artefacts although the database's own hour moved."""

    async def main() -> list[tuple[object, ...]]:
        async with bench(world()) as lab:
            probe = RegistrationProbe(lab.rdap, lab.whois, SUFFIXES.split, lab.clock, "lab")
            seen: list[tuple[object, ...]] = []
            for hour in range(2):
                lab.clock.moment = NOW + timedelta(hours=hour)
                names = [DomainName("rrn.so"), DomainName("rrn.to")]
                (batch,) = [batch async for batch in probe.observe(names)]
                seen.append(tuple((look.facts, look.artefact_ids) for look in batch.observations))
            return seen

    first, second = run(main)
    assert first == second


def test_an_answer_stands_for_a_day_and_a_denial_for_an_hour() -> None:
    """While it stands nobody is asked and nothing is told twice; emptied from the notes, it is asked anew."""

    async def main() -> list[list[str]]:
        notes, told = Written(), []
        async with bench(world()) as lab:
            for hour in (0, 0.5, 2, 23.9, 24, 24.5):
                lab.clock.moment = NOW + timedelta(hours=hour)
                if hour == 24.5:
                    notes.put(answered_key("registration", "rrn.so"), "")
                probe = RegistrationProbe(lab.rdap, lab.whois, SUFFIXES.split, lab.clock, "lab", notes=notes)
                asked = [DomainName("rrn.so"), DomainName("nosuch.so"), DomainName("rrn.zz")]
                told.append([str(look.name) async for batch in probe.observe(asked) for look in batch.observations])
        return told

    found, absent, unknown = "rrn.so", "nosuch.so", "rrn.zz"
    assert run(main) == [
        [found, absent, unknown],
        [unknown],
        [absent, unknown],
        [absent, unknown],
        [found, unknown],
        [found, unknown],
    ]


def test_names_come_in_batches_and_once() -> None:
    """A name that is given twice is looked at once; batches follow as they are in."""
    looks, batches = _look(["rrn.so", "rrn.to", "rrn.so", "nosuch.so", "nosuch.to"])
    assert [look.name for look in looks] == ["rrn.so", "rrn.to", "nosuch.so", "nosuch.to"]
    assert len(batches) == 2


def test_the_probe_works_on_an_ordinary_loop() -> None:
    """Nothing here needs virtual time."""

    async def main() -> Presence:
        async with bench(world()) as lab:
            probe = RegistrationProbe(lab.rdap, lab.whois, SUFFIXES.split, lab.clock, "lab")
            (batch,) = [batch async for batch in probe.observe([DomainName("rrn.so")])]
            return batch.observations[0].presence

    assert on_virtual_time(main()) is Presence.PRESENT
