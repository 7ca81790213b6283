"""Plain lists: names one a line, and candidates in the columns that dnstwist writes."""

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path

from tracker.export.cells import listed, neutral
from tracker.export.files import Files, write_package_files
from tracker.export.selection import EVERYTHING, Selection, Shown, selected
from tracker.model.facts import Layer, Presence, Span, Technique
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.views import Verdict, Views
from tracker.model.watching import WatchKind

FUZZERS: Mapping[Technique, str] = {Technique.SAME_LABEL: "tld-swap", Technique.EDIT: "various"}
"""dnstwist's word for a technique of ours; it has none for the others, which are written as they are."""

FACTS = {"dns_a": ("a",), "dns_aaaa": ("aaaa",), "dns_mx": ("mx",), "dns_ns": ("ns",)}
COLUMNS = ("fuzzer", "domain", *FACTS, "whois_created", "whois_registrar")


class NameList:
    """`names.txt`: the replacements, real names sorted, one a line. A list of conclusions, not a block list."""

    id = "names"

    def files(self, shown: Shown) -> Files:
        """One file, empty when nothing came back."""
        names = sorted({row.name for row in shown.views.replacements})
        return {"names.txt": "".join(f"{name}\n" for name in names).encode("ascii")}

    def write(self, history: History, views: Views, target: Path, selection: Selection = EVERYTHING) -> None:
        """Write it below `target`, with `SHA256SUMS`."""
        write_package_files(self.files(selected(history, views, selection)), target)


class DnstwistTable:
    """`dnstwist.csv`: watched names as `*original` and candidates not ruled out, in dnstwist's shape."""

    id = "dnstwist"

    def files(self, shown: Shown) -> Files:
        """One file, constant columns, sorted by name; a candidate is a question, not an accusation."""
        buffer = io.StringIO(newline="")
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(COLUMNS)
        for fuzzer, name in sorted(set(_names(shown)), key=lambda row: (row[0] != "*original", row[1], row[0])):
            spans = shown.history.spans.get(name, ())
            seen = [listed(_newest(spans, keys)) for keys in FACTS.values()]
            created = "".join(_newest(spans, ("registered_at",))[:1])[:10]
            writer.writerow([fuzzer, name, *seen, created, neutral("".join(_newest(spans, ("registrar",))[:1]))])
        return {"dnstwist.csv": buffer.getvalue().encode("utf-8")}

    def write(self, history: History, views: Views, target: Path, selection: Selection = EVERYTHING) -> None:
        """Write it below `target`, with `SHA256SUMS`."""
        write_package_files(self.files(selected(history, views, selection)), target)


def _names(shown: Shown) -> Iterator[tuple[str, DomainName]]:
    known = {row.name for row in shown.history.watches if row.name is not None and row.kind is not WatchKind.CONTROL}
    yield from (("*original", name) for name in known)
    out = {(row.watch_key, row.name) for row in shown.views.assessments if row.verdict is Verdict.RULED_OUT}
    for row in shown.views.candidates:
        if row.key not in out and row.name not in known:
            technique = row.techniques[0]
            yield FUZZERS.get(technique, technique.value), row.name


def _newest(spans: tuple[Span, ...], keys: tuple[str, ...]) -> tuple[str, ...]:
    """The values of a fact at the last look that learned it; nothing when none did."""
    found = [
        (span.last, span.layer is not Layer.DELEGATED, span.facts[key])
        for span in spans
        if span.presence is Presence.PRESENT
        for key in keys
        if key in span.facts
    ]
    return max(found)[2] if found else ()
