"""How a candidate's label stands to the label it is a candidate for."""

from enum import StrEnum
from functools import lru_cache

from tracker.analysis.targets import Target
from tracker.lookalikes.relation import relate
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.names import DomainName


class Kinship(StrEnum):
    """The closest relation to any of the watch's labels. A VARIANT resembles it more than chance would; an UNRELATED
    name was put forward for something else than its label."""

    SAME_LABEL = "same_label"
    VARIANT = "variant"
    UNRELATED = "unrelated"


def kinship(target: Target, name: DomainName, suffixes: Suffixes) -> Kinship:
    """Compare registrable labels; a name that is itself a public suffix is compared by its first label."""
    label = suffixes.split(name).label or name.partition(".")[0]
    if label in target.labels:
        return Kinship.SAME_LABEL
    return Kinship.VARIANT if any(_resembles(own, label) for own in target.labels) else Kinship.UNRELATED


@lru_cache(maxsize=65536)
def _resembles(own: str, label: str) -> bool:
    return relate(own, label).bits > 0
