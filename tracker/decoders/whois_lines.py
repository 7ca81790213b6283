"""A WHOIS reply as entries: (section, key, value). WHOIS has no format, so layout is read the way people read it."""

import re
from collections.abc import Container
from dataclasses import dataclass
from typing import Final

from tracker.decoders.whois_dates import fold
from tracker.decoders.whois_words import OBJECTS, SERVERS, is_field


@dataclass(frozen=True, slots=True)
class Entry:
    """One stated value. `keys` are the folded readings of its key (bilingual replies have two), `section` the folded
    heading that it stands under, empty at the top. `raw_key` is for format hints such as `(dd/mm/yyyy)`.
    """

    section: str
    keys: tuple[str, ...]
    value: str
    raw_key: str = ""

    def has(self, keys: Container[str]) -> bool:
        """Whether one reading of the key is among `keys`."""
        return any(key in keys for key in self.keys)


@dataclass(slots=True)
class _Heading:
    """`content` is the indent of the first line below it: a line further left has left the heading."""

    indent: int
    name: str
    opens_block: bool
    content: int | None = None


@dataclass(slots=True)
class _Open:
    """The key that bare lines still belong to. A `listing` had no value of its own: lines at its indent count too,
    unless a blank line comes between and the key only was one field of several, left empty (`first` is false).
    """

    indent: int
    keys: tuple[str, ...]
    raw: str
    listing: bool
    filled: bool
    first: bool


_COMMENT: Final = re.compile(r"^\s*(?:%|#(?!\s*\[)|;|>>>|--(?!-*>))")
_LEADERS: Final = re.compile(r"\s*#?(?:\s?\.){3,}\s*:?\s*(?=\S)|\s*#?(?:\s?\.){3,}\s*:?\s*$")
_BRACKET: Final = re.compile(r"^(\s*)(?:[a-z]{1,2}\.?\s+)?\[([^\s\]][^\]]{0,60})\]\s*(.*)$", re.IGNORECASE)
_COLON: Final = re.compile(r"^(\s*)(?:\*+\s*)?([^\s:*][^:]{0,60}?)\s*(?<![\sT]\d\d)[:：](?!//)[\s:]*(.*)$")
_COLUMNS: Final = re.compile(r"^(\s*)(\S+(?: \S+){0,4}(?<![.,;]))(?:\t+| {2,})\s*(\S.*)$")
_ADDRESSED: Final = re.compile(r"^\s*(?:[\w-]+\.)+[a-z]{2,}\.?[\s\[(]+[\da-f]+[.:]", re.IGNORECASE)
_DATED: Final = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)|\d[-/.]\w{1,9}[-/.]\d")  # a sentence with a date is no heading
_NUMBERED: Final = re.compile(r"^(\s*)\d{1,2}[a-z]?[.)]\s+(?=\S)", re.IGNORECASE)  # as in a form: `3e. expires`
_PARENTHESES: Final = re.compile(r"\(([^)]*)\)")
_NOT_A_LETTER: Final = re.compile(r"[\W_]+")


def normalised(key: str) -> str:
    """A key as its words: folded, digits and punctuation gone, single spaces."""
    return " ".join(
        word for word in (_strip_digits(word) for word in _NOT_A_LETTER.sub(" ", fold(key)).split()) if word
    )


def _strip_digits(word: str) -> str:
    return word.strip("0123456789") if word[-1].isdigit() or word[0].isdigit() else word


def _keys(raw: str) -> tuple[str, ...]:
    inner = _PARENTHESES.findall(raw)
    outer = _PARENTHESES.sub(" ", raw)
    readings = [normalised(part) for part in (*outer.split("/"), outer, *inner)]
    return tuple(dict.fromkeys(reading for reading in readings if reading))


def entries(text: str) -> tuple[Entry, ...]:
    """Every key with its value and every bare line under its heading, in the reply's order. Comments are left out."""
    reader = _Reader()
    for line in text.splitlines():
        reader.read(line.expandtabs(8).rstrip() if "\t" in line[:8] else line.rstrip())
    return tuple(reader.found)


class _Reader:
    """Follows indentation, blank lines and empty-valued keys to know under which heading a line stands."""

    def __init__(self) -> None:
        self.found: list[Entry] = []
        self._headings: list[_Heading] = []
        self._leader = ""
        self._fresh = True  # no line of this block seen yet
        self._open: _Open | None = None
        self._table: int | None = None  # the indent of a block whose keys and values stand in columns

    def read(self, line: str) -> None:
        if _COMMENT.match(line):
            if not line.strip(" %#;>-"):
                self._blank()
            return
        if not line.strip():
            self._blank()
            return
        bracket = _BRACKET.match(line)
        if bracket is not None:
            self._keyed(len(bracket[1]), bracket[2], bracket[3].strip())
            return
        plain = _LEADERS.sub(": ", line, count=1)
        colon = _COLON.match(_NUMBERED.sub(r"\1", plain))
        if colon is not None and len(colon[2].split()) <= 8 and not _ADDRESSED.match(line):
            self._table = None
            self._keyed(len(colon[1]), colon[2], colon[3].strip())
            return
        self._bare(line)

    def _blank(self) -> None:
        self._fresh = True
        self._leader = ""
        self._headings = [heading for heading in self._headings if heading.content is None]
        self._table = None
        if self._open is not None and self._open.filled:
            self._open = None
        elif self._open is not None:
            self._open.listing &= self._open.first

    def _section(self, indent: int) -> str:
        self._headings = [
            heading
            for heading in self._headings
            if (heading.indent < indent and (heading.content is None or indent >= heading.content))
            or (heading.indent == indent and heading.opens_block and not self._fresh)
        ]
        if not self._headings:
            return self._leader
        if self._headings[-1].content is None:
            self._headings[-1].content = indent
        return self._headings[-1].name

    def _keyed(self, indent: int, raw: str, value: str) -> None:
        section = self._section(indent)
        keys = _keys(raw)
        if any(key.startswith("domain") for key in keys):
            self._leader = ""
        if not value:
            self._headings.append(_Heading(indent, _title(keys), self._fresh))
        elif self._fresh and keys and keys[0].replace(" ", "") in OBJECTS:
            self._leader = keys[0]
            section = section or keys[0]
        self.found.append(Entry(section, keys, value, raw))
        self._open = _Open(indent, keys, raw, listing=not value, filled=bool(value), first=self._fresh)
        self._fresh = False

    def _bare(self, line: str) -> None:
        indent = len(line) - len(line.lstrip())
        value = line.strip().strip("*").strip()
        columns = _COLUMNS.match(line)
        if columns is not None and (self._table == indent or is_field(normalised(columns[2]))):
            self._keyed(indent, columns[2], columns[3].strip())
            self._table = indent
        elif self._open is not None and (indent > self._open.indent or self._open.listing):
            self.found.append(Entry(self._section(indent), self._open.keys, value, self._open.raw))
            self._open.filled = True
        elif columns is not None:
            self._keyed(indent, columns[2], columns[3].strip())
            self._table = indent
        elif len(value.split()) <= 6 and not value.endswith((".", ",", ";")) and not _DATED.search(value):
            self._section(indent)
            name = _title(_keys(value))
            self._headings.append(_Heading(indent, name, self._fresh or SERVERS.names(name)))
            self.found.append(Entry("", (), value))
            self._open = _Open(indent, (name,), value, listing=True, filled=False, first=self._fresh)
        else:
            self.found.append(Entry(self._section(indent), (), value))
        self._fresh = False


def _title(keys: tuple[str, ...]) -> str:
    return " ".join(dict.fromkeys(" ".join(keys).split()))
