"""What every command starts from: the settings of this call, and the log with its views."""

from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from tracker.cli.errors import Refused, refusing
from tracker.cli.typed import instant

if TYPE_CHECKING:
    from tracker.model.history import History
    from tracker.model.views import Views
    from tracker.settings import Settings


def settings_of(context: typer.Context) -> "Settings":
    """File, environment, then `--database`; a mistake in them is refused with its line."""
    from tracker import configuring

    options = context.obj or {}
    with refusing(configuring.SettingsError):
        loaded = configuring.load(configuring.find(options.get("config")), configuring.environment())
    if options.get("database"):
        loaded = replace(loaded, database=replace(loaded.database, url=options["database"]))
    return loaded


def history_and_views(context: typer.Context, as_of: str) -> "tuple[History, Views]":
    """The log as known at `as_of` (ISO; empty = the newest record) and what follows from it."""
    from tracker.reading import Unreadable, views_at

    with refusing(Unreadable, ValueError):
        found = views_at(settings_of(context), instant("--as-of", as_of))
    if found is None:
        raise Refused("nothing was recorded yet; `tracker run` records, `tracker replay` plays a known event")
    return found
