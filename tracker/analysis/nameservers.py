"""What a set of name servers says about a name: seized, sinkholed, held, expired, parked, or nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


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
    """One row of the data file. `zones` match on label boundaries; with `together`, all listed hosts and no other must be there."""

    rule_id: str
    server_class: ServerClass
    strength: Strength
    zones: tuple[str, ...]
    source: str
    date: str
    together: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerRules:
    """The rules in order; the first that matches every server of a set decides."""

    version: str
    rules: tuple[ServerRule, ...]

    def classify(self, servers: Iterable[str]) -> ServerRule | None:
        """The rule that fits all `servers` of a name, or None; a mixed set fits none."""
        raise NotImplementedError


def bundled() -> ServerRules:
    """The rules shipped with the program."""
    raise NotImplementedError
