"""What the matcher looks for: one entry per line of a watch list, with every label form that stands for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tracker.lookalikes.letters import romanised, skeleton
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.names import NotAName, parse, to_ascii_label, to_unicode
from tracker.model.watching import Watch


@dataclass(frozen=True, slots=True)
class Watched:
    """An entry. `labels` are A-labels: the watched one, then labels that stand for it. `suffix` is its own.

    Nothing below the `own` names matches. Without a name (a bare label) nothing is its own.
    """

    text: str
    labels: tuple[str, ...]
    suffix: str = ""
    own: frozenset[str] = frozenset()

    @property
    def hints(self) -> frozenset[str]:
        """Labels of the watched name's suffix, and the suffix run together: beside the label they speak for it."""
        parts = self.suffix.split(".") if self.suffix else []
        return frozenset([*parts, "".join(parts)] if parts else [])

    @classmethod
    def of_line(cls, line: str, suffixes: Suffixes, *, aliases: Iterable[str] = (), own: Iterable[str] = ()) -> Watched:
        """From a name (pasted in any form) or a bare label; raises NotAName for anything else."""
        bare = to_ascii_label(line.strip().rstrip("."))
        if not bare:
            raise NotAName(f"{line!r} is neither a name nor a label")
        if "." not in bare and "/" not in bare:
            parse(f"{bare}.example")
            return cls(bare, _forms([bare, *aliases]), "", frozenset(own))
        name = parse(line)
        split = suffixes.split(name)
        parts = split.suffix.split(".")
        if split.label:
            # an office below a public suffix (a ministry below gouv.fr) also goes by the suffix's own label
            office = [parts[0]] if len(parts) > 1 and len(parts[0]) > 3 and not split.is_private else []
            hosts = [label for label in split.subdomain.split(".") if len(label) > 3]
            labels = [split.label, *hosts, *office]
            mine = [split.registrable]
        else:
            labels, mine = [parts[0]], [name]
        return cls(name, _forms([*labels, *aliases]), split.suffix, frozenset([*mine, *own]))

    @classmethod
    def of_watch(cls, watch: Watch, suffixes: Suffixes) -> Watched:
        """From a row of the watch list, with its aliases, own and friendly names."""
        own = [*watch.own, *watch.friendly]
        aliases = [watch.label, *watch.aliases]
        return cls.of_line(watch.name or watch.label, suffixes, aliases=aliases, own=own)


def _forms(labels: Iterable[str]) -> tuple[str, ...]:
    """The labels as A-labels; those in other scripts also as taken for and as spelt in Latin letters."""
    forms: dict[str, None] = {}
    for label in labels:
        text = to_unicode(label.strip().lower().replace(" ", ""))
        forms.setdefault(to_ascii_label(text))
        if not text.isascii():
            for form in (skeleton(text), *romanised(text)):
                if form.replace("-", "").isalnum() and form.isascii():
                    forms.setdefault(form)
    return tuple(forms)
