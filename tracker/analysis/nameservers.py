"""What a set of name servers says about a name: seized, sinkholed, held, expired, parked, or nothing."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files

from tracker.model.names import is_under


class ServerClass(StrEnum):
    """What delegation to such servers stands for. SEIZED needs a second witness: anybody may point a name there."""

    SEIZED = "seized"
    SINKHOLED = "sinkholed"
    HELD = "held"
    EXPIRED = "expired"
    PARKED = "parked"


class Strength(StrEnum):
    """WEAK rules name servers that millions of ordinary domains use; they never decide a state."""

    STRONG = "strong"
    WEAK = "weak"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerRule:
    """One row of the data file.

    `zones` match on label boundaries; with `together`, exactly the listed hosts must be there.
    """

    rule_id: str
    server_class: ServerClass
    strength: Strength
    zones: tuple[str, ...]
    source: str
    date: str
    together: bool = False

    def fits(self, servers: frozenset[str]) -> bool:
        """Whether every one of the (lower-case, undotted) servers belongs to this row."""
        if self.together:
            return servers == frozenset(self.zones)
        return bool(servers) and all(any(_within(server, zone) for zone in self.zones) for server in servers)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerRules:
    """The rules in order; the first that fits every server of a set decides."""

    version: str
    rules: tuple[ServerRule, ...]

    def classify(self, servers: Iterable[str]) -> ServerRule | None:
        """The STRONG rule that fits all `servers` of a name, or None; a mixed set fits none."""
        hosts = frozenset(server.lower().rstrip(".") for server in servers)
        fitting = (rule for rule in self.rules if rule.strength is Strength.STRONG and rule.fits(hosts))
        return next(fitting, None)


def _within(server: str, zone: str) -> bool:
    if "*" in zone or "?" in zone:
        return fnmatchcase(server, zone) or fnmatchcase(server, f"*.{zone}")
    return is_under(server, zone)


def read(text: str) -> ServerRules:
    """Rules from the text of a data file (TOML); raises KeyError or ValueError when a row is incomplete."""
    data = tomllib.loads(text)
    return ServerRules(
        version=str(data["version"]),
        rules=tuple(
            ServerRule(
                rule_id=row["id"],
                server_class=ServerClass(row["class"]),
                strength=Strength(row.get("strength", Strength.STRONG)),
                zones=tuple(row["zones"]),
                source=row["source"],
                date=row["date"],
                together=row.get("together", False),
            )
            for row in data["rule"]
        ),
    )


def extended(text: str) -> ServerRules:
    """The rules of a user's data file before the bundled ones; raises KeyError or ValueError when a row is incomplete.

    Theirs come first, so they can decide otherwise; an id of a bundled row is refused, for it would stand for both.
    """
    own, ours = read(text), bundled()
    both = {rule.rule_id for rule in own.rules} & {rule.rule_id for rule in ours.rules}
    if both:
        raise ValueError(f"rule ids that are taken: {', '.join(sorted(both))}")
    return ServerRules(version=f"{ours.version}+{own.version}", rules=(*own.rules, *ours.rules))


@cache
def bundled() -> ServerRules:
    """The rules shipped with the program."""
    return read(files("tracker.analysis").joinpath("nameservers.toml").read_text(encoding="utf-8"))
