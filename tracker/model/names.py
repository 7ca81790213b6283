"""Domain names as the rest of the program carries them: lower-case A-labels, no trailing dot."""

import re
import unicodedata
from typing import NewType

DomainName = NewType("DomainName", str)
"""A checked name. Only `parse` and `checked` make one; equality is by label, never by substring."""

_LABEL = re.compile(r"^(?!-)[a-z0-9_-]{1,63}(?<!-)$")
_DOTS = re.compile(r"\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)|\[\.|\.\]|[\u3002\uff0e\uff61]", re.IGNORECASE)
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*(?::|\[:\])//", re.IGNORECASE)
_IN_TEXT = re.compile(r"(?<![\w@-])(?:[a-z0-9_-]+\.)+[a-z][a-z0-9-]+(?![\w-])", re.IGNORECASE)


class NotAName(ValueError):
    """The text is no domain name; the message says why."""


def refang(text: str) -> str:
    """Undo the field's defanging (`hxxp`, `[.]`, `(dot)`): text in, text out, nothing is checked."""
    return _DOTS.sub(".", re.sub(r"^hxxp", "http", text.strip(), flags=re.IGNORECASE))


def defang(name: str) -> str:
    """The form for human eyes: `example[.]com`. Data files carry the real name."""
    return name.replace(".", "[.]")


def defanged(text: str) -> str:
    """Free text with every name in it defanged, because it may quote what operators chose."""
    return _IN_TEXT.sub(lambda found: defang(found[0]), text)


def to_ascii_label(label: str) -> str:
    """One label as A-label. IDNA validity is not judged: an observed name is a fact whatever registries sell."""
    if label.isascii():
        return label.lower()
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", label).lower())
    return folded if folded.isascii() else "xn--" + folded.encode("punycode").decode("ascii")


def to_unicode(name: str) -> str:
    """The name as people read it; a label whose punycode is broken stays as it is."""
    return ".".join(_unicode_label(label) for label in name.split("."))


def _unicode_label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError):
        return label


def checked(name: str) -> DomainName:
    """Check an A-label name of at least two labels; raises NotAName."""
    labels = name.split(".")
    if len(labels) < 2:
        raise NotAName(f"{name!r} has no dot")
    if len(name) > 253:
        raise NotAName(f"{name[:40]!r}… is longer than 253 characters")
    for label in labels:
        if not _LABEL.match(label):
            raise NotAName(f"{label[:70]!r} in {name[:80]!r} is not a host-name label")
    if labels[-1].isdigit():
        raise NotAName(f"{name!r} looks like an address")
    return DomainName(name)


def parse(text: str) -> DomainName:
    """A name from what people paste: URLs, defanged forms, upper case, trailing dots, wildcards; raises NotAName."""
    host = _SCHEME.sub("", refang(text))
    host = re.split(r"[/?#\s]", host, maxsplit=1)[0].rpartition("@")[2]
    host = re.sub(r":\d+$", "", host).strip(".")
    if host.startswith("*."):
        host = host[2:]
    if not host:
        raise NotAName("empty name")
    try:
        return checked(".".join(to_ascii_label(label) for label in host.split(".")))
    except UnicodeError as error:
        raise NotAName(f"{text[:80]!r} cannot be written in A-labels") from error


def is_under(name: str, parent: str) -> bool:
    """Whether `name` is `parent` or below it, label by label."""
    return name == parent or name.endswith("." + parent)
