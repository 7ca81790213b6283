"""A STIX 2.1 bundle: one infrastructure per episode, tied to its name, its campaign and what it replaces.

No indicators: a pattern invites blocking, and a replacement is a conclusion. Ids are UUIDv5, and `created` and
`modified` come from the facts, so that the same facts give the same objects in every export.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from tracker.export.files import Files, missing, write_package_files
from tracker.export.identity import stable_id
from tracker.export.rows_views import chosen
from tracker.export.selection import EVERYTHING, Selection, Shown, selected
from tracker.model.facts import Layer
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import iso
from tracker.model.views import Episode, Replacement, Views
from tracker.model.watching import TLP_ORDER, Tlp

TLP_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
TLP_IDS: Mapping[Tlp, str] = {
    Tlp.CLEAR: "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    Tlp.GREEN: "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    Tlp.AMBER: "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    Tlp.AMBER_STRICT: "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    Tlp.RED: "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
"""TLP 2.0 as OASIS defines it for STIX 2.1."""

SCORE_EXTENSION = f"extension-definition--{stable_id('extension', 'replacement-score')}"
SCORE_SCHEMA = "https://json-schema.org/draft/2020-12/schema"
WE = f"identity--{stable_id('identity', 'domain-churn-tracker')}"
LONG_AGO = "2024-01-01T00:00:00Z"
"""When the objects that never change were made up."""

Node = dict[str, Any]


class StixBundle:
    """`stix/bundle.json`."""

    id = "stix"

    def files(self, shown: Shown) -> Files:
        """One bundle, checked object by object by stix2; raises MissingPart without it."""
        try:
            import stix2  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise missing("stix", "stix2") from error
        nodes = {node["id"]: node for node in _nodes(shown, stix2)}
        objects = [stix2.parse(nodes[key], version="2.1") for key in sorted(nodes)]
        bundle = stix2.v21.Bundle(*objects, id=f"bundle--{stable_id('bundle', shown.snapshot, *sorted(nodes))}")
        return {"stix/bundle.json": (bundle.serialize(pretty=True, sort_keys=True) + "\n").encode("utf-8")}

    def write(self, history: History, views: Views, target: Path, selection: Selection = EVERYTHING) -> None:
        """Write it below `target`, with `SHA256SUMS`."""
        write_package_files(self.files(selected(history, views, selection)), target)


def _nodes(shown: Shown, stix2: ModuleType) -> Iterator[Node]:
    history, views = shown.history, shown.views
    tlp = _tlp(shown)
    marked = {"object_marking_refs": [TLP_IDS[tlp]]}
    yield from _standing(tlp)
    actors = {takedown.domain for takedown in history.takedowns} | {row.name for row in views.replacements}
    operation_of = {action.action_id: action.operation_id for action in shown.all_history.actions}
    titles = {row.operation_id: row.title for row in history.operations}
    used: dict[DomainName, set[str]] = {}
    hit = [(row.domain, row.action_id) for row in history.takedowns]
    for name, action_id in [*hit, *((row.name, row.action_id) for row in views.replacements)]:
        used.setdefault(name, set()).add(operation_of.get(action_id, ""))
    lives = [row for row in views.episodes if row.layer is Layer.DELEGATED and row.name in actors]
    last = {row.name: row for row in lives}
    first = {row.name: row for row in reversed(lives)}
    for operation in sorted({operation for found in used.values() for operation in found if operation}):
        yield _object("campaign", operation, LONG_AGO, LONG_AGO, name=titles.get(operation, operation)) | marked
    for life in lives:
        yield from _life(life, used[life.name], stix2, marked)
    for row in views.replacements:
        if row.name in first and row.predecessor in last:
            yield _replaces(row, first[row.name], last[row.predecessor], shown) | marked
    refs = sorted(_life_id(life) for life in lives)
    if refs:
        yield (
            _object(
                "grouping",
                shown.snapshot,
                iso(views.as_of),
                iso(views.as_of),
                name=f"Domain churn, snapshot {shown.snapshot}",
                context="suspicious-activity",
                description="Conclusions from what was seen of names, each revisable; they accuse nobody.",
                object_refs=refs,
            )
            | marked
        )


def _standing(tlp: Tlp) -> Iterator[Node]:
    """Who speaks, under which marking, and what the score of a relationship means."""
    yield _object(
        "identity", "domain-churn-tracker", LONG_AGO, LONG_AGO, name="Domain-churn tracker", identity_class="system"
    )
    yield {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": TLP_IDS[tlp],
        "created": "2022-10-01T00:00:00.000Z",
        "name": tlp.value,
        "extensions": {
            TLP_EXTENSION: {
                "extension_type": "property-extension",
                "tlp_2_0": tlp.value.removeprefix("TLP:").lower(),
            }
        },
    }
    yield {
        "type": "extension-definition",
        "spec_version": "2.1",
        "id": SCORE_EXTENSION,
        "created": LONG_AGO,
        "modified": LONG_AGO,
        "created_by_ref": WE,
        "name": "Score of a replacement",
        "description": "verdict, bits (sum of log2 likelihood ratios, not a probability), whether an analyst judged "
        "it, and the shortest and longest delay in seconds since the announcement.",
        "schema": SCORE_SCHEMA,
        "version": "1.0.0",
        "extension_types": ["property-extension"],
    }


def _object(kind: str, key: str, created: str, modified: str, **values: object) -> Node:
    made = {"type": kind, "spec_version": "2.1", "id": f"{kind}--{stable_id(kind, key)}", "created": created}
    author = {} if kind == "identity" else {"created_by_ref": WE}
    return {**made, "modified": modified, **author, **values}


def _life_id(life: Episode) -> str:
    return f"infrastructure--{stable_id('infrastructure', _key(life))}"


def _key(life: Episode) -> str:
    return f"{life.name}/{life.layer}/{life.number}"


def _life(life: Episode, operations: set[str], stix2: ModuleType, marked: Node) -> Iterator[Node]:
    """An episode as infrastructure, what it consists of, and who uses it. Times are the sure part of the bounds."""
    first = life.start.hi or life.entry
    seen, until = iso(first), iso(max(first, life.last_alive))
    yield (
        _object(
            "infrastructure",
            _key(life),
            seen,
            until,
            name=f"{life.name}, episode {life.number}",
            description="Delegated in the parent zone; first and last definite sight of it.",
            infrastructure_types=["unknown"],
            first_seen=seen,
            **({"last_seen": until} if until > seen else {}),
        )
        | marked
    )
    name = stix2.v21.DomainName(value=life.name)
    yield {"type": "domain-name", "spec_version": "2.1", "id": str(name.id), "value": str(life.name)} | marked
    yield _tie("consists-of", _life_id(life), str(name.id), seen) | marked
    for operation in sorted(filter(None, operations)):
        yield _tie("uses", f"campaign--{stable_id('campaign', operation)}", _life_id(life), seen) | marked


def _tie(kind: str, source: str, target: str, at: str, **values: object) -> Node:
    key = f"{kind} {source} {target}"
    return _object("relationship", key, at, at, relationship_type=kind, source_ref=source, target_ref=target, **values)


def _replaces(row: Replacement, new: Episode, old: Episode, shown: Shown) -> Node:
    """The claim of a replacement, with its score."""
    found = chosen(row.appearances)
    at = iso((found.bounds.hi if found else None) or new.entry)
    action = next(action for action in shown.all_history.actions if action.action_id == row.action_id)
    announced = action.when.bounds()
    lo, hi = (found.bounds.lo, found.bounds.hi) if found else (None, None)
    score = {
        "extension_type": "property-extension",
        "verdict": row.verdict.value,
        "bits": round(row.bits, 6),
        "reviewed": row.reviewed,
        **_seconds("delay_lo_s", lo, announced.hi),
        **_seconds("delay_hi_s", hi, announced.lo),
    }
    said = f"{row.name} replaces {row.predecessor} after {row.action_id}: verdict {row.verdict.value}."
    return _tie(
        "related-to", _life_id(new), _life_id(old), at, description=said, extensions={SCORE_EXTENSION: score}
    ) | {"id": f"relationship--{stable_id('replacement', row.action_id, row.predecessor, row.name)}"}


def _seconds(name: str, later: datetime | None, earlier: datetime | None) -> Mapping[str, int]:
    return {} if later is None or earlier is None else {name: int((later - earlier).total_seconds())}


def _tlp(shown: Shown) -> Tlp:
    """The most restricted marking among the watches that it rests on."""
    marks: Sequence[Tlp] = [row.tlp for row in shown.history.watches] or [Tlp.CLEAR]
    return max(marks, key=TLP_ORDER.index)
