"""`tracker notify`: whether messages arrive, before the night in which they have to."""

from typing import TYPE_CHECKING

import typer

from tracker.cli.context import settings_of
from tracker.cli.errors import NotRun, Refused, refusing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker.ports import Messenger
    from tracker.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("notify")(notify)


def notify(context: typer.Context) -> None:
    """Send one test message to every place of notifications.urls, and say which took it; 1 when one did not.

    Example: TRACKER_NOTIFICATIONS_URLS_FILE=/run/secrets/urls tracker notify
    """
    import asyncio

    places = places_of(settings_of(context))
    if not places:
        raise Refused("no place to tell: set TRACKER_NOTIFICATIONS_URLS, or TRACKER_NOTIFICATIONS_URLS_FILE")
    refused = 0
    for place in places.values():
        why = asyncio.run(place.send("Domain churn: a test", "This place is told when something happens."))
        typer.echo(f"{place.kind}: {why or 'taken'}")
        refused += bool(why)
    if refused:
        raise typer.Exit(1)


def places_of(settings: "Settings") -> "Mapping[str, Messenger]":
    """The places of the settings, with everything about messages checked; refuses, or says what to install."""
    from tracker.policies import discretion

    with refusing(ValueError):
        discretion(settings)
    if not settings.notifications.urls:
        return {}
    from tracker.wiring import MissingApprise, messengers

    try:
        with refusing(ValueError):
            return messengers(settings.notifications.urls)
    except MissingApprise as error:
        raise NotRun(str(error)) from error
