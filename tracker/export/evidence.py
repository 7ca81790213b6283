"""The file for a complaint or a dispute about one name: facts in plain English, raw artefacts, how to check them."""

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from tracker.analysis.explain import Explanation, explain
from tracker.analysis.portrait import Portrait, portrait
from tracker.export import evidence_check
from tracker.export.cells import neutral
from tracker.export.evidence_text import statement
from tracker.export.files import Files, sealed
from tracker.export.package import pretty
from tracker.export.rows_facts import observation_rows
from tracker.export.schema_facts import OBSERVATIONS
from tracker.export.snapshot import citation, snapshot_id
from tracker.export.tables import csv_text
from tracker.model.exhibits import Exhibit
from tracker.model.facts import Run, Span
from tracker.model.history import History
from tracker.model.names import DomainName, defang, to_unicode
from tracker.model.times import iso
from tracker.model.views import Views
from tracker.model.watching import TLP_ORDER, Action, Takedown, Tlp

ENDINGS = {
    "rdap": "json",
    "whois": "txt",
    "certificate": "der",
    "ct-proof": "json",
    "page": "html.txt",
    "favicon": "bin",
    "dns": "bin",
}
"""How files of artefacts end: a page must not open by a click."""

CUSTODY = (
    "file",
    "sha256",
    "kind",
    "media_type",
    "bytes",
    "source_url",
    "retrieved_at",
    "recorded_at",
    "first_seen_for_name",
    "vantage",
    "stage",
    "run_id",
    "tracker_version",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """All that the statement about a name draws on. `taken` are the takedowns of what it may replace, or its own."""

    name: DomainName
    history: History
    views: Views
    explanation: Explanation
    portrait: Portrait
    spans: tuple[Span, ...]
    taken: tuple[tuple[Takedown, Action], ...]
    tlp: Tlp
    exhibits: Mapping[str, Exhibit]  # by file
    missing: tuple[str, ...]  # ids referred to whose artefact was not kept
    runs: Mapping[str, Run]
    captures: tuple[str, ...]
    snapshot: str
    citation: str


def referred(history: History, name: DomainName) -> tuple[str, ...]:
    """Ids of the artefacts behind what is known of a name, sorted."""
    ids = {artefact_id for span in history.spans.get(name, ()) for artefact_id in span.artefact_ids}
    for row in history.sightings:
        if row.name == name:
            ids |= {row.artefact_id, *row.facts.get("proof", ()), *row.facts.get("sha256", ())}
    return tuple(sorted(ids - {""}))


def dossier(
    history: History, views: Views, name: DomainName, exhibits: Iterable[Exhibit], captures: Sequence[str] = ()
) -> Dossier:
    """Gather it from the log as of one moment. `captures` are addresses with `{name}` in place of the name."""
    kept = {_file(row): row for row in sorted(exhibits, key=lambda row: (row.retrieved_at, row.artefact_id))}
    watches = [
        watch
        for watch in history.watches
        if watch.name == name or any((row.watch_key, row.name) == (watch.key, name) for row in history.sightings)
    ]
    ids = {row.artefact_id for row in kept.values()}
    actions = {action.action_id: action for action in history.actions}
    subjects = {name, *(watch.name for watch in watches)}
    snapshot = snapshot_id(history, views)
    return Dossier(
        name=name,
        history=history,
        views=views,
        explanation=explain(history, views, name),
        portrait=portrait(history, name),
        spans=history.spans.get(name, ()),
        taken=tuple((row, actions[row.action_id]) for row in history.takedowns if row.domain in subjects),
        tlp=max((watch.tlp for watch in watches), key=TLP_ORDER.index, default=Tlp.CLEAR),
        exhibits=kept,
        missing=tuple(artefact_id for artefact_id in referred(history, name) if artefact_id not in ids),
        runs={run.run_id: run for run in history.runs},
        captures=tuple(link.replace("{name}", name) for link in captures),
        snapshot=snapshot,
        citation=citation(f"Evidence file on {defang(name)}", history, views, snapshot),
    )


def evidence_files(found: Dossier) -> Files:
    """Every file by path: the same bytes for the same log and `as_of`."""
    own = replace(found.history, spans={found.name: found.spans})
    files: dict[str, bytes] = {
        "README.md": statement(found).encode("utf-8"),
        "evidence.json": pretty(_plain(found)),
        "custody.csv": _custody(found).encode("utf-8"),
        "looks.csv": csv_text(OBSERVATIONS, observation_rows(own)).encode("utf-8"),
        "verify.py": Path(evidence_check.__file__).read_bytes(),
    }
    for file, row in found.exhibits.items():
        if row.body is not None:
            files[file] = row.body
            if row.kind == "dns":
                files[file.removesuffix("bin") + "txt"] = _dns_text(row.body).encode("utf-8")
    return sealed(files)


def zipped(files: Files, folder: str, at: datetime) -> bytes:
    """One ZIP with everything below `folder`; all entries carry `at` (UTC), so that equal files give equal archives."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(f"{folder}/{path}", at.timetuple()[:6])
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            archive.writestr(entry, files[path])
    return buffer.getvalue()


def _file(row: Exhibit) -> str:
    ending = ENDINGS.get(row.kind, "bin")
    return f"artefacts/{row.retrieved_at:%Y%m%dT%H%M%SZ}-{row.kind}-{row.artefact_id[:12]}.{ending}"


def _custody(found: Dossier) -> str:
    """One row per artefact: what it is, where it came from, when, and by which run it came into the log."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(CUSTODY)
    seen = _first_seen(found)
    for file, row in found.exhibits.items():
        run = found.runs.get(row.run_id)
        cells = (
            file if row.body is not None else "",
            row.artefact_id,
            row.kind,
            row.media_type,
            row.size,
            row.source_url,
            iso(row.retrieved_at),
            iso(row.recorded_at),
            iso(seen.get(row.artefact_id)),
            row.vantage,
            run.stage if run else "",
            row.run_id,
            run.versions.get("tracker", "") if run else "",
        )
        writer.writerow(neutral(cell) if isinstance(cell, str) else cell for cell in cells)
    return buffer.getvalue()


def _first_seen(found: Dossier) -> Mapping[str, datetime]:
    """By artefact, the first look at this name, or sighting of it, that refers to it."""
    seen: dict[str, datetime] = {}
    referring = [(artefact_id, span.first) for span in found.spans for artefact_id in span.artefact_ids]
    for row in found.history.sightings:
        if row.name == found.name:
            referring += [(artefact_id, row.at) for artefact_id in (row.artefact_id, *row.facts.get("proof", ()))]
    for artefact_id, at in referring:
        seen[artefact_id] = min(at, seen.get(artefact_id, at))
    return seen


def _dns_text(body: bytes) -> str:
    """A DNS message for reading; the message itself stands beside it."""
    from dns.exception import DNSException  # noqa: PLC0415 - needed for this alone
    from dns.message import from_wire  # noqa: PLC0415

    try:
        return from_wire(body, ignore_trailing=True).to_text() + "\n"
    except DNSException as error:
        return f"; cannot be shown as text: {error}\n"


def _plain(found: Dossier) -> Mapping[str, object]:
    """The facts for programs; names are real."""
    return {
        "domain": found.name,
        "domain_unicode": to_unicode(found.name),
        "as_of": iso(found.views.as_of),
        "snapshot": found.snapshot,
        "tlp": found.tlp.value,
        "rules_version": found.views.rules_version,
        "cases": [
            {
                "for": case.watch_key,
                "verdict": case.verdict.value,
                "by_rules": case.by_rules.value,
                "reviewed": case.reviewed,
                "bits": case.bits,
                "speaks_for": case.speaks_for,
                "speaks_against": case.speaks_against,
                "would_change": list(case.would_change),
                "rules": [
                    {
                        "rule_id": row.rule_id,
                        "family": row.family.value,
                        "bits": row.bits,
                        "sentence": row.sentence,
                        "witnesses": list(row.witnesses),
                    }
                    for row in case.rules
                ],
                "reviews": [
                    {"at": iso(row.at), "reviewer": row.reviewer, "verdict": row.verdict, "reason": row.reason}
                    for row in case.reviews
                ],
            }
            for case in found.explanation.cases
        ],
        "dates": [{"what": row.what, "when": row.when, "source": row.source} for row in found.explanation.dates],
        "lifeline": [
            {"after": row.lo or None, "by": row.hi or None, "what": row.what} for row in found.explanation.lifeline
        ],
        "registrar": {
            "name": found.portrait.registrar,
            "iana_id": found.portrait.registrar_iana_id,
            "abuse_email": found.portrait.abuse_email,
        },
        "statuses": list(found.portrait.statuses),
        "name_servers": list(found.portrait.name_servers),
        "addresses": list(found.portrait.addresses),
        "complaints": [
            {
                "reported_to": row.reported_to,
                "channel": row.channel,
                "reported_at": row.reported.text,
                "reported_by": row.reported_by,
                "answer": row.answer,
                "answered_at": row.answered.text if row.answered else "",
                "reference": row.reference,
            }
            for row in found.explanation.complaints
        ],
        "captures": list(found.captures),
        "artefacts": [
            {"file": file, "sha256": row.artefact_id, "kind": row.kind, "retrieved_at": iso(row.retrieved_at)}
            for file, row in found.exhibits.items()
        ],
        "artefacts_not_kept": list(found.missing),
    }
