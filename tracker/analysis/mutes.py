"""Which candidates nobody wants to be asked about just now, and why."""

from collections.abc import Mapping
from datetime import datetime

from tracker.analysis.portrait import portrait
from tracker.model.acts import Mute, MuteScope
from tracker.model.history import History
from tracker.model.names import DomainName


def standing(history: History, at: datetime) -> tuple[Mute, ...]:
    """The mutes that hold at `at`: of each scope and value the newest counts."""
    newest = {(row.scope, row.value): row for row in history.mutes}  # the history sorts them by time
    return tuple(row for _, row in sorted(newest.items()) if row.until > at)


def values(history: History, name: DomainName, predecessor: str) -> Mapping[MuteScope, tuple[str, ...]]:
    """By scope, what a mute must have as its value to cover this candidate. Label and suffix meet at the first dot."""
    label, _, suffix = name.partition(".")
    seen = portrait(history, name)
    return {
        MuteScope.NAME: (name,),
        MuteScope.PREDECESSOR: (predecessor,),
        MuteScope.LABEL: (label,),
        MuteScope.SUFFIX: (suffix,),
        MuteScope.REGISTRAR: (seen.registrar,) if seen.registrar else (),
        MuteScope.NAME_SERVER: seen.name_servers,
    }


class Silence:
    """The mutes of one moment, ready to be asked about many candidates."""

    def __init__(self, history: History, at: datetime) -> None:
        self._history = history
        self._mutes = {(row.scope, row.value): row for row in standing(history, at)}

    def covers(self, name: DomainName, predecessor: str) -> Mute | None:
        """The mute that keeps this candidate from being asked about, if there is one."""
        if not self._mutes:
            return None
        found = values(self._history, name, predecessor)
        keys = [(scope, value) for scope, several in found.items() for value in several]
        return next((self._mutes[key] for key in keys if key in self._mutes), None)
