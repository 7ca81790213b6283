"""What is shown of an artefact: the raw thing, and how it came into the log."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """An artefact with its way into the log. `body` is None when retention has discarded it; id and size remain."""

    artefact_id: str
    kind: str
    media_type: str
    body: bytes | None = field(repr=False)
    size: int
    source_url: str
    retrieved_at: datetime
    vantage: str
    recorded_at: datetime
    run_id: str
