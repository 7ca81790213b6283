"""What an export is of: who may read it, and since when. Applied once, before any format is written."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tracker.analysis.placebo import Placebo, placebo_dates
from tracker.export.disclosure import PROFILES, PUBLIC, Disclosure, disclosed, recent
from tracker.export.snapshot import snapshot_id
from tracker.model.history import History
from tracker.model.times import utc
from tracker.model.views import Views


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which part of the data. `since` keeps names with news after it, `only_new` among them those first seen then.

    `derive` judges each action anew at its placebo dates; without it there are none.
    """

    disclosure: Disclosure = PUBLIC
    since: datetime | None = None
    only_new: bool = False
    derive: Callable[[History], Views] | None = None

    @property
    def part(self) -> str:
        """What follows the snapshot id of the whole log when not what every reader is shown: `-public-since-…-new`."""
        limits = self.disclosure
        parts = (f"tlp-{limits.ceiling.value}", "controls" * limits.controls, "reviewed" * limits.reviewed_only)
        profile = next((name for name, shown in PROFILES.items() if shown == limits), "-".join(filter(None, parts)))
        words = [] if limits == PUBLIC else [profile]
        if self.since is not None:
            words += [f"since-{utc(self.since):%Y%m%dT%H%M%SZ}", *(["new"] if self.only_new else [])]
        return "".join(f"-{word}" for word in words)


EVERYTHING = Selection()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Rows are written from `history` and `views`, counts from `all_history` and `all_views`; both are disclosed.

    `measured_history` and `measured_views` hold the controls as well: for counting what chance gives, never for names.

    `log` is the whole log, for what was taken back; nothing else may be read from it.
    """

    selection: Selection
    snapshot: str
    history: History
    views: Views
    all_history: History
    all_views: Views
    measured_history: History
    measured_views: Views
    placebos: Mapping[str, Sequence[Placebo]]
    log: History


def selected(history: History, views: Views, selection: Selection = EVERYTHING) -> Shown:
    """Apply disclosure, then the stretch of time."""
    all_history, all_views = disclosed(history, views, selection.disclosure)
    part = (all_history, all_views)
    if selection.since is not None:
        part = recent(*part, selection.since, only_new=selection.only_new)
    measured = disclosed(history, views, replace(selection.disclosure, controls=True))
    return Shown(
        selection=selection,
        snapshot=snapshot_id(history, views) + selection.part,
        history=part[0],
        views=part[1],
        all_history=all_history,
        all_views=all_views,
        measured_history=measured[0],
        measured_views=measured[1],
        placebos=placebo_dates(measured[0], selection.derive) if selection.derive else {},
        log=history,
    )
