"""Which data it was: an id that report and package share, and how to cite it."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime

from tracker.model.history import History
from tracker.model.times import iso
from tracker.model.views import Views

TITLE = "Domain churn: takedowns, replacements, lifetimes"
PUBLISHERS = "The publishers of this data package"
SOFTWARE = "Domain-churn tracker"
TEAM = "The domain-churn tracker team"
WORDING = "{title}. Snapshot {snapshot}, data as of {as_of}, rule set {rules}, domain-churn-tracker {tracker}."


def snapshot_id(history: History, views: Views) -> str:
    """`churn-20241014T000000Z-` and twelve hexadecimal digits of the facts and of what was concluded from them.

    Take it from the whole log, before any filter; a package of a part of it says behind the id which part that is.
    """
    digest = hashlib.sha256()
    for rows in _parts(history, views):
        digest.update("".join(f"{row}\n" for row in rows).encode("utf-8"))
    return f"churn-{views.as_of:%Y%m%dT%H%M%SZ}-{digest.hexdigest()[:12]}"


def _parts(history: History, views: Views) -> Iterator[Sequence[str]]:
    """Facts and conclusions in an order that does not depend on who read them, without run ids or wall times of ours.

    Conclusions stand in it because the same facts give others where another family of evidence is heard.
    """
    yield [f"{_at(views.as_of)} {views.rules_version}"]
    yield sorted(f"action {row.action_id} {_at(row.when.at)}" for row in history.actions)
    yield sorted(f"takedown {row.key} {row.cohort}" for row in history.takedowns)
    yield sorted(f"claim {row.key} {row.when.at if row.when else ''}" for row in history.claims)
    yield sorted(f"watch {row.key} {row.status} {row.tlp}" for row in history.watches)
    yield sorted(f"sighting {row.watch_key} {row.name} {row.source} {_at(row.at)}" for row in history.sightings)
    yield sorted(
        f"review {row.watch_key} {row.name} {row.verdict} {row.reviewer} {_at(row.at)}" for row in history.reviews
    )
    yield sorted(f"complaint {row.key} {row.answer}" for row in history.complaints)
    yield sorted(f"mute {row.scope} {row.value} {_at(row.until)} {_at(row.at)}" for row in history.mutes)
    yield sorted(
        f"span {name} {row.probe} {row.vantage} {row.presence} {row.reason} {row.looks[0].timestamp()} "
        f"{row.looks[-1].timestamp()} {len(row.looks)} {sorted(row.facts.items())}"
        for name, spans in history.spans.items()
        for row in spans
    )
    yield sorted(f"sweep {row.sweep_id} {_at(row.last)}" for row in history.sweeps)
    yield sorted(
        f"gap {row.source} {row.scope} {_at(row.first)} {_at(row.last)} {row.reason} {row.detail}"
        for row in history.gaps
    )
    yield sorted(
        f"evidence {row.watch_key} {row.name} {row.rule_id} {row.bits:.6f} {row.sentence}" for row in views.evidence
    )
    yield sorted(
        f"assessment {row.watch_key} {row.name} {row.verdict} {row.by_rules} {row.bits:.6f} {sorted(row.unheard)}"
        for row in views.assessments
    )
    yield sorted(
        f"episode {row.name} {row.layer} {_at(row.start.lo)} {_at(row.start.hi)} "
        f"{row.end and f'{_at(row.end.lo)} {_at(row.end.hi)}'} {row.ending} {row.policy}"
        for row in views.episodes
    )


def _at(moment: datetime | None) -> float | None:
    """Seconds since 1970, exact to the microsecond in this era: written in half the time of a date."""
    return moment.timestamp() if moment else None


def tracker_versions(history: History) -> str:
    """The versions of the tracker that took part."""
    return ", ".join(sorted({run.versions["tracker"] for run in history.runs if "tracker" in run.versions}))


def citation(title: str, history: History, views: Views, snapshot: str) -> str:
    """One sentence to put under a figure. Equal snapshot ids mean equal data."""
    return WORDING.format(
        title=title,
        snapshot=snapshot,
        as_of=iso(views.as_of),
        rules=views.rules_version or "unknown",
        tracker=tracker_versions(history) or "unknown version",
    )


def citation_file(history: History, views: Views, snapshot: str) -> str:
    """`CITATION.cff` of a data package."""
    return "\n".join(
        [
            "cff-version: 1.2.0",
            "type: dataset",
            f'title: "{TITLE}"',
            "message: If you use these data, please cite them by the snapshot id given as version.",
            f"version: {snapshot}",
            f"date-released: {views.as_of:%Y-%m-%d}",
            "license: CC-BY-4.0",
            "authors:",
            f"  - name: {PUBLISHERS}",
            "references:",
            "  - type: software",
            f"    title: {SOFTWARE}",
            f'    version: "{tracker_versions(history) or "unknown"}"',
            "    authors:",
            f"      - name: {TEAM}",
            f'abstract: "{citation(TITLE, history, views, snapshot)}"',
            "",
        ]
    )


LICENCE_TEXT = """The data in this package are licensed under Creative Commons Attribution 4.0 International
(CC BY 4.0), https://creativecommons.org/licenses/by/4.0/legalcode

You may copy, share and adapt them for any purpose, if you name their publisher and the snapshot id (see CITATION.cff),
and say what you changed. Claims in claims.csv are statements of the sources named there; their own licences hold for
the lists themselves.

The data say what was observed of domain names. They accuse nobody. Delete rows whose ids stand in tombstones.csv.
"""
"""`LICENSE-DATA` of a data package."""
