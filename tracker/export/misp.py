"""A MISP event: one `domain-ip` object per name, replacements referred to by `replaced-by`. Nothing is `to_ids`."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracker.export.files import Files, missing, write_package_files
from tracker.export.identity import stable_id
from tracker.export.selection import EVERYTHING, Selection, Shown, selected
from tracker.model.facts import Layer, Presence
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import from_iso
from tracker.model.views import Episode, Views
from tracker.model.watching import TLP_ORDER, Tlp

if TYPE_CHECKING:
    from pymisp import MISPEvent


class MispEvent:
    """`misp/event.json`, to be imported by hand or by pymisp."""

    id = "misp"

    def files(self, shown: Shown) -> Files:
        """One event; raises MissingPart without pymisp. UUIDs and timestamps come from the facts."""
        try:
            from pymisp import MISPEvent  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise missing("misp", "pymisp") from error
        event = MISPEvent()
        _fill(event, shown)
        body = event.to_json(sort_keys=True, indent=2)
        return {"misp/event.json": (body + "\n").encode("utf-8")}

    def write(self, history: History, views: Views, target: Path, selection: Selection = EVERYTHING) -> None:
        """Write it below `target`, with `SHA256SUMS`."""
        write_package_files(self.files(selected(history, views, selection)), target)


def _fill(event: "MISPEvent", shown: Shown) -> None:
    views = shown.views
    marks = [row.tlp for row in shown.history.watches] or [Tlp.CLEAR]
    event.uuid = stable_id("misp-event", *sorted(action.action_id for action in shown.all_history.actions))
    event.info = f"Domain churn, snapshot {shown.snapshot}"
    event.date = views.as_of.date()
    event.timestamp = views.as_of
    event.distribution = 0
    event.analysis = 1
    event.threat_level_id = 4
    event.add_tag(max(marks, key=TLP_ORDER.index).value.lower())
    lives: dict[DomainName, list[Episode]] = {}
    for row in views.episodes:
        if row.layer is Layer.DELEGATED:
            lives.setdefault(row.name, []).append(row)
    told: dict[DomainName, str] = {row.domain: f"hit by {row.action_id}" for row in shown.history.takedowns}
    for found in views.replacements:
        told[found.name] = (
            f"replacement, verdict {found.verdict.value}, {'reviewed' if found.reviewed else 'by rules alone'}"
        )
    for name in sorted(told):
        _add(event, name, told[name], shown, lives.get(name, []))
    objects = {item.uuid: item for item in event.objects}
    for found in views.replacements:
        target = _object_id(found.name)
        source = objects.get(_object_id(found.predecessor))
        if source is not None and target in objects:
            tie = source.add_reference(target, "replaced-by", comment=f"bits {found.bits:.2f}")
            tie.uuid = stable_id("misp-reference", found.action_id, found.predecessor, found.name)
            tie.timestamp = _stamp(views.as_of)


def _object_id(name: DomainName) -> str:
    return stable_id("misp-object", name)


def _stamp(moment: datetime) -> int:
    return int(moment.timestamp())


def _add(event: "MISPEvent", name: DomainName, comment: str, shown: Shown, lives: list[Episode]) -> None:
    from pymisp import MISPObject  # noqa: PLC0415 - an extra

    item = MISPObject("domain-ip", standalone=False)
    item.uuid = _object_id(name)
    item.comment = comment
    for relation, value in _values(name, shown, lives):
        kept: Mapping[str, Any] = {
            "uuid": stable_id("misp-attribute", name, relation, value),
            "timestamp": _stamp(shown.views.as_of),
            "to_ids": False,
            "disable_correlation": False,
        }
        item.add_attribute(relation, value=value, **kept)
    item.timestamp = _stamp(shown.views.as_of)
    event.add_object(item)


def _values(name: DomainName, shown: Shown, lives: list[Episode]) -> Iterator[tuple[str, object]]:
    """The attributes that the template knows; sure ends of bounds."""
    yield "domain", str(name)
    if lives:
        yield "first-seen", lives[0].start.hi or lives[0].entry
        yield "last-seen", lives[-1].last_alive
    created, addresses = "", set()
    for span in shown.history.spans.get(name, ()):
        if span.presence is Presence.PRESENT:
            created = next(iter(span.facts.get("registered_at", ())), created)
            addresses |= {*span.facts.get("a", ()), *span.facts.get("aaaa", ())}
    if created:
        yield "registration-date", from_iso(created)
    for address in sorted(addresses):
        yield "ip", address
