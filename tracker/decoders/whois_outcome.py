"""What kind of reply is this. A death needs a registry that says so, in a statement and not in its terms of use."""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Final

from tracker.decoders import whois_phrases as phrases
from tracker.decoders import whois_words as words
from tracker.decoders.whois_dates import fold
from tracker.decoders.whois_fields import Fields
from tracker.decoders.whois_lines import normalised


class Outcome(StrEnum):
    """The kinds of reply. Only NOT_FOUND may be read as absence; EMPTY and ERROR say nothing about the name."""

    FOUND = "found"
    NOT_FOUND = "not_found"
    THROTTLED = "throttled"
    REFUSED = "refused"
    EMPTY = "empty"
    ERROR = "error"


_MARKS: Final = re.compile(r"^[\s%#;*>=~|\-]+|[\s%#;*<=~|\-]+$")
_KEYED: Final = re.compile(r"^\s*\[?([^\s:\[\]][^:\[\]]{0,48}?)[\].\s]*[:\]]\s*(\S.*)$")
_SUFFIX: Final = re.compile(r"(?<![\w.])[a-z0-9-]*\.[a-z0-9-]+")
_END: Final = (".", "!", "?", '"', ":", ")", "…", "。")
_STATEMENT: Final = 22  # words of a paragraph that still is a statement
_LINE: Final = 14  # words of a line that can be a sentence of its own


def outcome(text: str, fields: Fields) -> Outcome:
    """The kind of a reply whose entries gave `fields`.

    A record outranks phrases, because records carry footers about limits. Without one, any sign of trouble outranks
    `not found`, because throttled servers add it.
    """
    said = tuple(statements(text))
    free = any(phrases.FREE_STATUS.search(status) for status in fields.statuses)
    failed = any(phrases.FAILED_STATUS.match(status) for status in fields.statuses)
    if fields.is_owned or (fields.is_record and not free and not failed and not _doubtful(said, fields)):
        return Outcome.FOUND
    unwilling = _unwilling(said, text)
    reduced = unwilling is Outcome.THROTTLED and _says(said, phrases.REDUCED)
    if unwilling is not None and not reduced:
        return unwilling
    trouble = failed or _says(said, phrases.ERROR)
    if (free or _denied(said)) and not _says(said, phrases.KEPT) and not _says(said, phrases.DOWN):
        return Outcome.NOT_FOUND
    claimed = bool(words.TAKEN.intersection(fields.statuses)) or reserved(text) or _says(said, phrases.TAKEN)
    if (fields.is_record and not failed) or (claimed and not trouble):
        return Outcome.FOUND
    silent = not said or all(_is_comment(line) for line in text.splitlines())
    return unwilling or (Outcome.EMPTY if silent and not trouble else Outcome.ERROR)


def denials(text: str) -> Iterator[str]:
    """The lines, as they were sent, that say of themselves that the name is not registered."""
    said = frozenset(statements(text))
    for raw in text.splitlines():
        line = _MARKS.sub("", raw)
        keyed = _KEYED.match(line)
        free = keyed is not None and phrases.FREE_STATUS.search(_plain(keyed[2])) is not None
        if _plain(line) in said and (free or _denied([_plain(line)])):
            yield raw.rstrip()


def _unwilling(said: Sequence[str], text: str) -> Outcome | None:
    """THROTTLED or REFUSED, when the server says that it would rather not answer us."""
    if _says(said, phrases.THROTTLED) or phrases.EXCEEDED.search(_plain(text)):
        return Outcome.THROTTLED
    barred = _says(said, phrases.REFUSED) or phrases.BARRED.search(_plain(text)) is not None
    return Outcome.REFUSED if barred else None


def is_competent(text: str, suffix: str) -> bool:
    """Whether the server serves names under `suffix`, as far as it says which it serves."""
    stated = [part.strip(".") for said in phrases.ONLY_OF.findall(fold(text)) for part in _SUFFIX.findall(said)]
    return not stated or any(f".{suffix}".endswith(f".{part}") for part in stated)


def reserved(text: str) -> bool:
    """Whether the registry says that it keeps the name for itself."""
    about_names = tuple(sentence for sentence in statements(text) if not phrases.ASKER.search(sentence))
    return _says(about_names, phrases.RESERVED)


def _denied(said: Sequence[str]) -> bool:
    """Whether a sentence denies the name, and not the asker, the server or the question."""
    denials = [sentence for sentence in said if phrases.NOT_FOUND.search(sentence)]
    return any(
        not phrases.ELSE_MISSING.search(sentence) and ("not known in" in sentence or not phrases.ERROR.search(sentence))
        for sentence in denials
    )


def _doubtful(said: Sequence[str], fields: Fields) -> bool:
    """Whether the only sign of a record is the question echoed with a status or a date, and the text denies it."""
    if fields.has_contact or words.HELD.intersection(fields.statuses):
        return False
    return _denied(said) or _says(said, phrases.THROTTLED) or _says(said, phrases.REFUSED)


def statements(text: str) -> Iterator[str]:
    """The sentences of a reply that are about the question: folded, without comment marks, terms of use left out.

    Terms of use are long paragraphs; of those only a line that is a whole sentence counts.
    """
    for paragraph in _paragraphs(text):
        if sum(len(line.split()) for line in paragraph) <= _STATEMENT:
            yield _plain(" ".join(paragraph))
            yield from map(_plain, paragraph)
            continue
        for index, line in enumerate(paragraph):
            before = paragraph[index - 1] if index else ""
            after = paragraph[index + 1] if index + 1 < len(paragraph) else ""
            if (_begins(before) or _set_apart(line, after)) and _ends(line, after):
                yield _plain(line)


def _begins(before: str) -> bool:
    return not before or before.endswith(_END) or _KEYED.match(before) is not None


def _set_apart(line: str, after: str) -> bool:
    """Whether a line is no part of running text, whatever stood before: no small letter begins it or what follows."""
    return not line[0].islower() and not after[:1].islower() and len(line.split()) > 1


def _ends(line: str, after: str) -> bool:
    """Whether a sentence ends with this line; a few words before a capital letter are a headline."""
    words_in = len(line.split())
    if words_in > _LINE:
        return False
    return not after or line.endswith(_END) or _KEYED.match(after) is not None or (words_in <= 6 and after[0].isupper())


def _paragraphs(text: str) -> Iterator[list[str]]:
    """Blocks of lines between blank ones; what stands in comments is no part of what stands below them."""
    lines: list[str] = []
    commented = False
    for raw in text.splitlines():
        line = _MARKS.sub("", raw)
        if lines and line and _is_comment(raw) is not commented:
            yield lines
            lines = []
        commented = _is_comment(raw)
        if line and not _is_aside(line):
            lines.append(line)
        elif lines and not line:
            yield lines
            lines = []
    if lines:
        yield lines


def _plain(text: str) -> str:
    return fold(text).translate(str.maketrans("_'’`", "    "))


def _is_aside(line: str) -> bool:
    """Lines that state something of somebody or something else: a contact's missing phone is no missing name."""
    keyed = _KEYED.match(line)
    if keyed is None:
        return False
    parts = set(normalised(keyed[1]).split())
    return bool(parts & (words.CONTACT | words.ASIDE | words.OBJECTS)) and not parts & {"error", "domain", "status"}


def _says(said: Sequence[str], pattern: re.Pattern[str]) -> bool:
    return any(pattern.search(sentence) for sentence in said)


def _is_comment(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith(("%", "#", ";"))
