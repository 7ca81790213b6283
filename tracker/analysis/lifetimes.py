"""How long episodes lasted, as the shortest and longest length that the bounds allow."""

from datetime import timedelta

from tracker.analysis.timeline import REGISTRY
from tracker.model.views import Episode, Lifetime

NOTHING = timedelta(0)


def lifetime(episode: Episode) -> Lifetime:
    """The length of one episode; `longest` None while alive, or when its start is unbounded.

    The survival estimators must enter it at the age at which it was first seen, not at birth: `entry_age` goes with
    the shortest length, `entry_age_hi` with the longest.
    """
    start, end = episode.start, episode.end
    born = start.hi or episode.entry
    seen_until = episode.last_alive if end is None or end.lo is None else end.lo
    known = end is not None and end.hi is not None and start.lo is not None
    return Lifetime(
        name=episode.name,
        layer=episode.layer,
        number=episode.number,
        shortest=max(NOTHING, seen_until - born),
        longest=end.hi - start.lo if known and end and end.hi and start.lo else None,
        entry_age=max(NOTHING, episode.entry - born),
        entry_age_hi=None if start.lo is None else episode.entry - start.lo,
        dated=episode.start_basis == REGISTRY,
        alive=end is None,
        ending=episode.ending,
    )
