"""Composition: the policies that the settings ask for, how it is judged and what may be told."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from tracker.analysis.measurement import PublishedFigure
from tracker.analysis.nameservers import extended
from tracker.analysis.policy import POLICY, Policy
from tracker.export.published import published_figures
from tracker.model.notices import NoticeKind
from tracker.model.watching import Tlp
from tracker.settings import Settings
from tracker.stages.notify import Discretion


def policy_of(settings: Settings) -> Policy:
    """The shipped policy, with the user's name-server rules before the bundled ones; raises ValueError.

    Verdicts under other name-server rules carry another version.
    """
    path = settings.judging.name_servers
    if not path:
        return POLICY
    try:
        servers = extended(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"judging.name_servers: {path}: {error.strerror}") from error
    except KeyError as error:
        raise ValueError(f"judging.name_servers: {path}: a row without {error}") from error
    except ValueError as error:
        raise ValueError(f"judging.name_servers: {path}: {error}") from error
    return Policy(rules_version=f"{POLICY.rules_version}+{servers.version.partition('+')[2]}", servers=servers)


def figures_of(settings: Settings) -> tuple[PublishedFigure, ...]:
    """What others published, to be drawn beside ours: the user's own file or the bundled one; raises ValueError."""
    path = settings.publishing.published
    try:
        return published_figures(Path(path)) if path else published_figures()
    except OSError as error:
        raise ValueError(f"publishing.published: {path}: {error.strerror}") from error
    except ValueError as error:
        raise ValueError(f"publishing.published: {error}") from error


def discretion(settings: Settings) -> Discretion:
    """What may be told; raises ValueError for a kind or a TLP that does not exist."""
    muted, ceiling = settings.notifications.muted, settings.notifications.tlp
    with _named("notifications.muted", NoticeKind):
        kinds = frozenset(NoticeKind(kind) for kind in muted)
    with _named("notifications.tlp", Tlp):
        return Discretion(kinds, Tlp(ceiling))


@contextmanager
def _named(setting: str, words: type[StrEnum]) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{setting}: {error}; there are {', '.join(words)}") from error
