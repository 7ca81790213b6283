"""What Prometheus reads: counts that survive restarts, ages, a backlog; and never a name."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.analysis.stories import story
from tests.stages.fakes import NOW, MemoryWork
from tracker.analysis.derivation import Judge
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.facts import Gap, Reason
from tracker.model.notices import Notice, NoticeKind
from tracker.ports import Due
from tracker.stages.notify import Outbox
from tracker.stages.planner import POLL, look_kind
from tracker.web.metrics import Reading, exposition

SOURCES = frozenset({"delegation", "registration", "suffixes", "certificates"})


@pytest.fixture(scope="module")
def reading() -> Reading:
    """The story of the five returns, three days after its end, with a failing list and rows that are late."""
    history = story().history()
    down = Gap(
        source="https://lists.example/evil.example.toml",
        scope="rrn.so",
        first=history.as_of,
        last=history.as_of,
        reason=Reason.TIMEOUT,
    )
    work = MemoryWork()
    hour = timedelta(hours=1)
    now = history.as_of + timedelta(days=3)
    work.schedule([Due(look_kind("delegation"), f"{n}.example", now - 5 * n * hour, NOW) for n in range(3)])
    work.schedule([Due(POLL, "https://lists.example/evil.example.toml", now + hour, NOW)])
    told = Notice(kind=NoticeKind.DEATH, key="x", what="rrn[.]so died", reason="")
    Outbox().joined([told], ["a", "b"]).keep(work)
    views = Judge(Suffixes.bundled()).derive(history)[0]
    return Reading(
        replace(history, gaps=(*history.gaps, down)), views, work, now, {"tracker": "1"}, SOURCES, ("delegation",)
    )


def samples(reading: Reading) -> dict[tuple[str, tuple[str, ...]], float]:
    """As a foreign parser reads them: (name, label values in the order of the labels' names) → value."""
    text = exposition(reading).decode()
    return {
        (sample.name, tuple(sample.labels[label] for label in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_story_is_counted(reading: Reading) -> None:
    """Watches, candidates, who is alive, looks, sweeps, gaps."""
    found = samples(reading)
    assert found["tracker_watches", ("predecessor",)] == 8
    assert found["tracker_candidates", ("LIKELY",)] == 5
    assert found["tracker_alive", ("DELEGATED", "replacement")] == 5
    assert found["tracker_looks_total", ("PRESENT", "delegation")] > 60
    assert found["tracker_sweeps_total", ()] == len(reading.history.sweeps)
    assert found["tracker_gaps_total", ("timeout", "list")] == 1
    assert found["process_resident_memory_bytes", ()] > 1e6


def test_ages_and_backlog_say_whether_it_keeps_up(reading: Reading) -> None:
    """What an alert is made of: last success, blindness, late rows, messages that wait."""
    found = samples(reading)
    assert found["tracker_source_success_timestamp_seconds", ("delegation",)] > 1.7e9
    assert found["tracker_source_success_timestamp_seconds", ("list",)] == 0
    assert found["tracker_blind_sources", ("delegation",)] == 1
    assert found["tracker_planned", ("look:delegation",)] == 3
    assert found["tracker_late", ("look:delegation",)] == 2
    assert found["tracker_late_seconds", ("look:delegation",)] == 36_000
    assert found["tracker_late", ("poll",)] == 0
    assert found["tracker_notices_waiting", ()] == 2


def test_no_domain_and_no_address_is_ever_a_label(reading: Reading) -> None:
    """A list's address is a name too, and labels that grow with what is watched would break the server that scrapes."""
    text = exposition(reading).decode()
    values = set(re.findall(r'="([^"]*)"', text))
    assert not [value for value in values if "example" in value or "redfinch" in value or "/" in value]
    assert len(values) < 60


def test_metrics_are_named_as_prometheus_wants_them(reading: Reading) -> None:
    """A prefix, base units, `_total` for what only grows; each with its help."""
    for family in text_string_to_metric_families(exposition(reading).decode()):
        assert family.name.startswith(("tracker", "process_"))
        assert family.documentation
