"""When a name came to be at a layer, as an interval with its two witnesses."""

from tracker.analysis.index import HistoryIndex
from tracker.model.facts import Layer
from tracker.model.names import DomainName
from tracker.model.times import When
from tracker.model.views import Appearance
from tracker.model.watching import Watch


def appearance(index: HistoryIndex, watch: Watch, name: DomainName, layer: Layer) -> Appearance:
    """Bounds of the first presence of `name` at `layer`; both ends None when no presence was ever proved.

    `lo` None with a `hi` means that the name was already there when it was first asked about, or could not be asked before:
    not that it is old. Registry dates never move the bounds; they are kept as `registered_claimed`.
    """
    raise NotImplementedError


def registry_date(index: HistoryIndex, name: DomainName) -> When | None:
    """The registration date that the registry stated at the first look that read one, with its precision."""
    raise NotImplementedError
