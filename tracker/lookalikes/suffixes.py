"""Public suffixes: where a name's registrable label sits, and which suffixes can be asked for it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.util import find_spec
from pathlib import Path

from tracker.model.names import DomainName, NotAName, checked, to_ascii_label

_PRIVATE = "===BEGIN PRIVATE DOMAINS==="
_VERSION = re.compile(r"^// VERSION: (\S+)", re.MULTILINE)
FREQUENT_FILE = "frequent_suffixes.txt"


@dataclass(frozen=True, slots=True)
class Split:
    """A name taken apart. `label` is empty when the name is itself a public suffix: nothing is registrable there."""

    subdomain: str
    label: str
    suffix: str
    is_private: bool

    @property
    def registrable(self) -> str:
        """`label.suffix`, or empty text."""
        return f"{self.label}.{self.suffix}" if self.label else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suffixes:
    """Public-suffix rules as A-labels, `wildcards` and `exceptions` without their `*.` and `!`.

    `private` holds the rules of the list's private section, `kept` the hand-kept part of the frequent suffixes.
    """

    rules: frozenset[str]
    wildcards: frozenset[str]
    exceptions: frozenset[str]
    private: frozenset[str]
    kept: tuple[str, ...]
    version: str

    @classmethod
    def of(cls, icann: Iterable[str], private: Iterable[str], *, kept: Iterable[str] = (), version: str) -> Suffixes:
        """From rules in the list's own notation (`uk`, `*.ck`, `!www.ck`), Unicode or A-labels."""
        own = [_ascii(rule) for rule in private]
        every = {*map(_ascii, icann), *own}
        rules = frozenset(rule for rule in every if rule[0] not in "*!")
        return cls(
            rules=rules,
            wildcards=frozenset(rule[2:] for rule in every if rule.startswith("*.")),
            exceptions=frozenset(rule[1:] for rule in every if rule.startswith("!")),
            private=frozenset(rule.removeprefix("*.").removeprefix("!") for rule in own),
            kept=tuple(suffix for suffix in kept if suffix in rules),
            version=version,
        )

    @classmethod
    def bundled(cls) -> Suffixes:
        """The snapshot that ships with tldextract; raises FileNotFoundError without it.

        It is read as a file: importing the library costs a quarter second of HTTP code that is never used here, and
        its interface does not tell the snapshot's version.
        """
        return _bundled()

    def split(self, name: str) -> Split:
        """Take an A-label name apart. A top-level domain without a rule is its own suffix, as the list prescribes."""
        rules, wildcards, exceptions = self.rules, self.wildcards, self.exceptions
        start = 0
        while True:
            here = name[start:]
            dot = name.find(".", start)
            if here in exceptions:
                start, rule = dot + 1, here
                break
            if here in rules:
                rule = here
                break
            if dot < 0:
                rule = here
                break
            parent = name[dot + 1 :]
            if parent in wildcards:
                rule = parent
                break
            start = dot + 1
        subdomain, _, label = name[: max(0, start - 1)].rpartition(".")
        return Split(subdomain, label, name[start:], rule in self.private)

    def label(self, name: str) -> str:
        """The registrable label of a name; empty for a public suffix."""
        return self.split(name).label

    def registrable(self, name: str) -> DomainName | None:
        """The name that somebody registered, private registries included; None for a public suffix or a broken name."""
        try:
            return checked(self.split(name).registrable)
        except NotAName:
            return None

    def all(self) -> tuple[str, ...]:
        """Every public suffix that can be asked, sorted. Wildcard rules name no zone of their own, and nobody registers
        below arpa: both are left out."""
        return tuple(sorted(rule for rule in self.rules if not _infrastructure(rule)))

    def icann(self) -> tuple[str, ...]:
        """The suffixes of the list's ICANN section, sorted."""
        return tuple(suffix for suffix in self.all() if suffix not in self.private)

    def top(self) -> tuple[str, ...]:
        """The top-level domains, sorted."""
        return tuple(suffix for suffix in self.icann() if "." not in suffix)

    def frequent(self) -> tuple[str, ...]:
        """Top-level domains plus the kept registries below them, sorted: what is asked often.

        Silence here says nothing about the other suffixes.
        """
        return tuple(sorted({*self.top(), *self.kept}))


@cache
def _bundled() -> Suffixes:
    spec = find_spec("tldextract")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("tldextract, whose public suffix snapshot is read, is not installed")
    text = Path(spec.origin).with_name(".tld_set_snapshot").read_text(encoding="utf-8")
    version = _VERSION.search(text)
    icann, _, private = text.partition(_PRIVATE)
    kept = resources.files(__package__).joinpath(FREQUENT_FILE).read_text(encoding="utf-8")
    return Suffixes.of(
        _lines(icann, "//"), _lines(private, "//"), kept=_lines(kept, "#"), version=version[1] if version else "unknown"
    )


def _lines(text: str, comment: str) -> list[str]:
    return [line.split()[0] for line in text.splitlines() if line.strip() and not line.startswith(comment)]


def _ascii(rule: str) -> str:
    return rule if rule.isascii() else ".".join(map(to_ascii_label, rule.split(".")))


def _infrastructure(suffix: str) -> bool:
    return suffix == "arpa" or suffix.endswith(".arpa")
