"""Names out of the files people have: lists, zone files, passive-DNS lines. Lines in, host names out; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from tracker.model.names import NotAName, parse

_PLAIN = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9])?\.[a-z0-9-]*[a-z][a-z0-9-]*").fullmatch
_TYPES = r"IN|A|AAAA|NS|SOA|MX|TXT|CNAME|DNAME|DS|DNSKEY|RRSIG|NSEC3?|NSEC3PARAM|CAA|SRV|PTR"
_TYPE = re.compile(_TYPES, re.IGNORECASE).fullmatch
_CELL = re.compile(r"[\s,;|\"']+")
_COMMENT = re.compile(r"^\s*(?:#|;|//)")
_ZONE_FIELDS = 3


class Intake:
    """Reads lines of any of the known forms, mixed if need be. `skipped` counts the lines that held no name."""

    def __init__(self) -> None:
        self.read = 0
        self.skipped = 0
        self._origin = ""
        self._owner = ""

    def names(self, lines: Iterable[str]) -> Iterator[str]:
        """Host names in order; comments and blank lines are passed over, anything else without a name is counted."""
        for raw in lines:
            line = raw.strip()
            if _PLAIN(line):
                self.read += 1
                yield line
            elif line and not _COMMENT.match(line):
                yield from self._unusual(raw.rstrip("\r\n"), line)

    def _unusual(self, raw: str, line: str) -> Iterator[str]:
        if line.startswith("$"):
            self._directive(line)
            return
        self.read += 1
        text = self._passive_dns(line) if line.startswith("{") else self._zone_owner(raw) or self._cell(line)
        if text == self._owner and text:
            return  # the next record of the same owner
        try:
            yield parse(text)
        except NotAName:
            self.skipped += 1

    def _directive(self, line: str) -> None:
        words = line.split()
        if words[0].upper() == "$ORIGIN" and len(words) > 1:
            self._origin = words[1].rstrip(".")

    def _zone_owner(self, raw: str) -> str:
        """The owner of a zone file's record, completed by the origin; empty when the line is no record."""
        fields = raw.split()
        if len(fields) < _ZONE_FIELDS - raw[:1].isspace() or not any(_TYPE(field) for field in fields[:4]):
            return ""
        if raw[:1].isspace():
            return self._owner or " "
        owner = fields[0]
        if owner == "@":
            owner = self._origin
        elif not owner.endswith(".") and self._origin:
            owner = f"{owner}.{self._origin}"
        owner = owner.rstrip(".").lower()
        same, self._owner = owner == self._owner, owner
        return self._owner if same else owner + "."

    @staticmethod
    def _passive_dns(line: str) -> str:
        """The name asked about in one line of the passive-DNS common output format."""
        try:
            record = json.loads(line)
        except ValueError:
            return ""
        return str(record.get("rrname", "")) if isinstance(record, dict) else ""

    @staticmethod
    def _cell(line: str) -> str:
        """The first cell that could be a name: lists come with dates and ranks beside them."""
        cells = [cell for cell in _CELL.split(line) if cell]
        dotted = [cell for cell in cells if "." in cell or "[" in cell or "/" in cell]
        return next((cell for cell in dotted if any(letter.isalpha() for letter in cell)), cells[0] if cells else "")
