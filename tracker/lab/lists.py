"""The list that the lab publishes: known names from the start, the action with the notice, claims at the end."""

import hashlib
import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from tracker.lab.http import Request, Response
from tracker.lab.scenario import Notice, Scenario
from tracker.lab.world import World
from tracker.ports import Clock

CLAIMS_LAST = timedelta(days=1)
"""Claims are published that long before the end: they are compared with, and must not be able to help."""

NEW_NAMES = "/new-names.txt"
LISTED = timedelta(days=5)
"""How long the public list of new names shows one."""


def list_path(action: str) -> str:
    """Where the list of an action is."""
    return f"/{action}.toml"


class ListServer:
    """Answers with the lists, one per action, as they read at the virtual instant."""

    def __init__(
        self,
        scenario: Scenario,
        bundled: str,
        truth_sources: Mapping[str, str],
        clock: Clock,
        world: World | None = None,
    ) -> None:
        self._scenario, self._clock, self._world = scenario, clock, world
        self._phases = {
            list_path(notice.action): _Phases(
                tomllib.loads(bundled) if bundled else drawn_document(scenario, truth_sources, notice), notice.at
            )
            for notice in scenario.notices
        }

    def text(self, at: datetime, action: str = "") -> str:
        """What the list of an action (default: the scenario's own) says at an instant."""
        phases = self._phases[list_path(action or self._scenario.action)]
        if at < phases.notice:
            return phases.before
        return phases.after if at < self._scenario.end - CLAIMS_LAST else phases.last

    def new_names(self, at: datetime) -> str:
        """The names that registries registered in the last days, whoever has them, one a line."""
        stories = () if self._world is None else self._world.stories.values()
        states = (story.at(at) for story in stories)
        return "".join(
            f"{state.name}\n" for state in states if state is not None and at - LISTED <= state.registered_at <= at
        )

    def answer(self, request: Request) -> Response:
        """One poll, with an ETag so that an unchanged list costs nothing."""
        if request.path == NEW_NAMES and self._world is not None:
            return Response(200, {"Content-Type": "text/plain"}, self.new_names(self._clock.now()).encode())
        if request.path not in self._phases:
            return Response(404)
        body = self.text(self._clock.now(), request.path.removeprefix("/").removesuffix(".toml")).encode()
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if request.headers.get("if-none-match") == tag:
            return Response(304, {"ETag": tag})
        return Response(200, {"ETag": tag, "Content-Type": "application/toml"}, body)


class _Phases:
    """One list: known names, then the action, then the claims."""

    def __init__(self, document: Mapping[str, Any], notice: datetime) -> None:
        self.notice = notice
        known = [
            {key: row[key] for key in ("domain", "cohort", "brand", "sources", "imitates") if key in row}
            for row in document["takedown"]
        ]
        for row in known:
            row["name"] = row.pop("domain")
            if "imitates" in row:
                row["own"] = [row.pop("imitates")]
        frame = {key: document[key] for key in ("operation", "sources")}
        self.before = as_toml({**frame, "watch": known})
        self.after = as_toml({**frame, "action": document["action"], "takedown": document["takedown"]})
        self.last = as_toml(document)


def drawn_document(scenario: Scenario, sources: Mapping[str, str], notice: Notice | None = None) -> dict[str, Any]:
    """A watchlist for one action of a scenario that has none of its own: takedowns from its predecessors, claims from
    its events."""
    notice = notice or scenario.notices[0]
    hit = scenario.hit_by(notice.action)
    names = {row.name for row in hit}
    claims = [
        {"domain": event.name, "replaces": event.replaces, "registered": day, "source": source}
        for event in scenario.events
        if event.do == "register" and event.replaces in names and isinstance(event.at, Mapping)
        for source, day in sorted(event.at.items())
    ]
    return {
        "operation": {"id": scenario.scenario_id, "title": scenario.title},
        "sources": {source: {"title": title} for source, title in sorted(sources.items())},
        "action": {
            "id": notice.action,
            "kind": notice.kind,
            "authority": notice.authority,
            "announced": notice.at.date().isoformat(),
            "title": scenario.title,
            "sources": ["lab"],
        },
        "takedown": [
            {
                "domain": row.name,
                "cohort": row.cohort,
                "brand": row.brand,
                **({"imitates": row.imitates} if row.imitates else {}),
                "sources": ["lab"],
            }
            for row in hit
        ],
        "claim": claims,
    }


def as_toml(document: Mapping[str, Any]) -> str:
    """The forms of TOML that a watchlist needs: tables, tables of tables, arrays of tables, texts, lists of texts."""
    lines: list[str] = []
    for key, value in document.items():
        if isinstance(value, list):
            for row in value:
                lines += [f"[[{key}]]", *_pairs(row), ""]
        elif value and all(isinstance(part, Mapping) for part in value.values()):
            for name, row in value.items():
                lines += [f"[{key}.{name}]", *_pairs(row), ""]
        else:
            lines += [f"[{key}]", *_pairs(value), ""]
    return "\n".join(lines)


def _pairs(row: Mapping[str, Any]) -> list[str]:
    return [f"{key} = {_literal(value)}" for key, value in row.items()]


def _literal(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_literal(part) for part in value) + "]"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
