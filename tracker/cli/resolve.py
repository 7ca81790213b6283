"""`tracker resolve`: are these names delegated, asked at their parents' own servers."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tracker.cli.errors import Refused, refusing
from tracker.cli.output import FORMAT, Format, say, write_rows

if TYPE_CHECKING:
    from tracker.model.names import DomainName


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("resolve")(resolve)


def resolve(
    context: typer.Context,
    file: Path = typer.Argument(Path("-"), help="Names, one a line, `#` comments, defanged or not; - is stdin."),
    server: str = typer.Option("", "--server", help="ADDR:PORT: ask this server, as it is, instead of the parents."),
    rate: float = typer.Option(-1.0, "--rate", min=-1.0, help="Questions per second to one server; 0 = no limit."),
    in_flight: int = typer.Option(0, "--in-flight", min=0, help="Questions under way at once, 50,000 at most."),
    profile: bool = typer.Option(False, "--profile", help="Also ask delegated names' own servers what they publish."),
    form: Format = FORMAT,
) -> None:
    """Is each name delegated? Every name is answered once; what could not be told is INDETERMINATE, with its reason.

    Without --server the parent zones' own servers are asked, found from the root; rate and questions under way are then
    those of the settings. --profile adds addresses, CAA, MX, NS, SOA, TXT and TTLs (seconds), asked at the name's own
    servers: their operator can see that. Exit 1 when a line is no name.

    Example: echo rrn.so | tracker resolve
    """
    from tracker.cli.context import settings_of
    from tracker.resolving import COLUMNS, PROFILE_COLUMNS, profiled, resolved

    if server and profile:
        raise Refused("--profile asks each name's own servers, so it does not go with --server")
    endpoint = _endpoint(server) if server else None
    dns = settings_of(context).dns
    asked = replace(
        dns,
        rate=dns.rate if rate < 0 else rate,
        global_rate=dns.global_rate if rate < 0 else 0.0,
        in_flight=in_flight or dns.in_flight,
    )
    lines = _Lines(file)
    with refusing(ValueError):
        if profile:
            write_rows(PROFILE_COLUMNS, profiled(lines.names(), asked), form)
        else:
            write_rows(COLUMNS, resolved(lines.names(), endpoint, asked), form)
    if lines.refused:
        raise typer.Exit(1)


def _endpoint(text: str) -> tuple[str, int]:
    from tracker.resolving import endpoint_of

    try:
        return endpoint_of(text)
    except ValueError as error:
        raise Refused(f"--server wants ADDR:PORT, not {text!r}") from error


class _Lines:
    """The names of a file; lines that are none are told to the user and counted."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.refused = 0

    def names(self) -> "Iterator[DomainName]":
        from tracker.model.names import NotAName, parse

        try:
            lines = sys.stdin if str(self._file) == "-" else self._file.open(encoding="utf-8", errors="replace")
        except OSError as error:
            raise Refused(f"{self._file}: {error.strerror}") from error
        with lines:
            for number, line in enumerate(lines, 1):
                text = line.partition("#")[0].strip()
                if not text:
                    continue
                try:
                    yield parse(text)
                except NotAName as error:
                    self.refused += 1
                    say(f"{self._file}:{number}: {error}")
