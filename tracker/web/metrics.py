"""`/metrics`: counts and ages for Prometheus. Labels come from short fixed lists; no domain is ever among them."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from tracker.model.facts import Layer, Presence
from tracker.model.history import History
from tracker.model.views import Verdict, Views
from tracker.model.watching import WatchKind, WatchStatus
from tracker.ports import Work
from tracker.stages.notify import Outbox
from tracker.stages.planner import CERTIFICATES, DERIVE, EDITS, NOTIFY, POLL, PUBLISH, SWEEP, SWEEP_ALL, look_kind
from tracker.stages.status import blind, freshness

OTHER = "list"
"""The label of every source that has no fixed name: lists are called by their address."""
KINDS = (POLL, SWEEP, SWEEP_ALL, EDITS, CERTIFICATES, DERIVE, NOTIFY, PUBLISH)


@dataclass(frozen=True, slots=True)
class Reading:
    """What is measured, at one moment. `sources` are the ids that may be labels, `probes` those of them that look,
    `complaints` the number of lines that `tracker health` has."""

    history: History
    views: Views | None
    work: Work
    now: datetime
    versions: dict[str, str]
    sources: Collection[str]
    probes: Collection[str]
    complaints: int = 0


def exposition(reading: Reading) -> bytes:
    """The text that Prometheus reads: of the log and the due rows, and of this process."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Fixed(lambda: metrics(reading)))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


class _Fixed(Collector):
    def __init__(self, collected: Callable[[], Iterator[Metric]]) -> None:
        self._collected = collected

    def collect(self) -> Iterator[Metric]:
        return self._collected()


def metrics(reading: Reading) -> Iterator[Metric]:
    """Every metric but those of the process. Counters are counted in the log, so they survive restarts."""
    yield InfoMetricFamily("tracker", "What this process rests on.", value=reading.versions)
    yield GaugeMetricFamily("tracker_complaints", "Lines of `tracker health`; 0 = healthy.", value=reading.complaints)
    yield from _watching(reading)
    yield from _log(reading)
    yield from _sources(reading)
    yield from _backlog(reading)


def _gauge(name: str, text: str, label: str, values: dict[str, float]) -> Metric:
    family = GaugeMetricFamily(f"tracker_{name}", text, labels=[label])
    for key in sorted(values):
        family.add_metric([key], values[key])
    return family


def _watching(reading: Reading) -> Iterator[Metric]:
    history, views = reading.history, reading.views
    active = Counter(watch.kind for watch in history.watches if watch.status is WatchStatus.ACTIVE)
    yield _gauge("watches", "Active watches by kind.", "kind", {kind: active[kind] for kind in WatchKind})
    if views is None:
        return
    controls = {watch.key for watch in history.watches if watch.kind is WatchKind.CONTROL}
    verdicts = Counter(row.verdict for row in views.assessments if row.watch_key not in controls)
    yield _gauge(
        "candidates",
        "Candidates by verdict, controls left out.",
        "verdict",
        {verdict: verdicts[verdict] for verdict in Verdict},
    )
    found = {row.name for row in views.replacements}
    known = {watch.name for watch in history.watches if watch.kind is WatchKind.PREDECESSOR}
    alive = GaugeMetricFamily("tracker_alive", "Names alive at a layer, by part.", labels=["part", "layer"])
    for part, names in (("predecessor", known), ("replacement", found)):
        living = Counter(row.layer for row in views.episodes if row.end is None and row.name in names)
        for layer in Layer:
            alive.add_metric([part, layer], living[layer])
    yield alive


def _log(reading: Reading) -> Iterator[Metric]:
    history = reading.history
    looks: Counter[tuple[str, Presence]] = Counter()
    for spans in history.spans.values():
        for span in spans:
            looks[_label(span.probe, reading), span.presence] += len(span.looks)
    counted = CounterMetricFamily("tracker_looks", "Looks recorded, by what they told.", labels=["probe", "presence"])
    for (probe, presence), count in sorted(looks.items()):
        counted.add_metric([probe, presence], count)
    yield counted
    gaps = Counter((_label(gap.source, reading), gap.reason) for gap in history.gaps)
    failed = CounterMetricFamily("tracker_gaps", "Stretches in which a source failed.", labels=["source", "reason"])
    for (source, reason), count in sorted(gaps.items()):
        failed.add_metric([source, reason], count)
    yield failed
    for name, text, rows in (
        ("sweeps", "Sweeps recorded.", history.sweeps),
        ("sightings", "Sightings recorded.", history.sightings),
        ("takedowns", "Takedowns recorded.", history.takedowns),
    ):
        yield CounterMetricFamily(f"tracker_{name}", text, value=len(rows))
    yield GaugeMetricFamily(
        "tracker_recorded_timestamp_seconds", "When the newest row was recorded.", value=history.as_of.timestamp()
    )


def _sources(reading: Reading) -> Iterator[Metric]:
    rows = freshness(reading.history, reading.work)
    lost = blind(reading.history, reading.now, reading.work)
    success: dict[str, float] = {}
    for row in rows:
        label = _label(row.source, reading)
        when = row.success.timestamp() if row.success else 0.0
        success[label] = min(when, success.get(label, when))
    yield _gauge(
        "source_success_timestamp_seconds",
        "Last success of a source; 0 = never, of several lists the oldest.",
        "source",
        success,
    )
    unseeing = Counter({_label(row.source, reading): 0 for row in rows})
    unseeing.update(_label(source, reading) for source in lost)
    yield _gauge("blind_sources", "Sources without a success for too long.", "source", dict(unseeing))


def _backlog(reading: Reading) -> Iterator[Metric]:
    planned, late, age = {}, {}, {}
    for kind in (*KINDS, *map(look_kind, reading.probes)):
        rows = reading.work.scheduled(kind)
        waiting = [row.due_at for row in rows.values() if row.due_at < reading.now]
        planned[kind], late[kind] = len(rows), len(waiting)
        age[kind] = (reading.now - min(waiting)).total_seconds() if waiting else 0.0
    yield _gauge("planned", "Rows that will fall due.", "stage", dict(planned))
    yield _gauge("late", "Rows that are due and not done.", "stage", dict(late))
    yield _gauge("late_seconds", "Age of the longest overdue row.", "stage", age)
    queues = Outbox.read(reading.work).queues.values()
    waiting_messages = sum(len(queue.waiting) for queue in queues)
    yield GaugeMetricFamily("tracker_notices_waiting", "Notices no place has taken yet.", value=waiting_messages)


def _label(source: str, reading: Reading) -> str:
    return source if source in reading.sources else OTHER
