"""`tracker registration`: what registries say of names; `tracker parse whois|rdap`: what a saved reply says."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tracker.cli import parse
from tracker.cli.errors import Refused, refusing
from tracker.cli.output import FORMAT, Format, write_rows

if TYPE_CHECKING:
    from tracker.decoders.registered import RegistryFacts


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("registration")(registration)
    group = parse.group(app)
    group.command("whois")(parse_whois)
    group.command("rdap")(parse_rdap)


def registration(
    context: typer.Context,
    names: list[str] = typer.Argument(help="Registrable names, defanged or not."),
    form: Format = FORMAT,
) -> None:
    """Is each name registered, since when, until when, with whom? RDAP first, WHOIS where there is no RDAP.

    ABSENT only where the registry itself denies the name; what could not be told is INDETERMINATE, with its reason.

    Example: tracker registration rrn.so
    """
    from tracker.cli.context import settings_of
    from tracker.model.names import NotAName
    from tracker.model.names import parse as parse_name
    from tracker.registering import COLUMNS, machine, registered
    from tracker.wiring import user_agent

    settings = settings_of(context)
    try:
        wanted = [parse_name(name) for name in names]
    except NotAName as error:
        raise Refused(str(error)) from error
    with refusing(ValueError):
        outside = machine(settings.identity.ca_file)
        write_rows(COLUMNS, registered(wanted, settings, user_agent(settings), outside), form)


def parse_whois(
    file: Path = typer.Argument(help="A saved reply; - is stdin."),
    suffix: str = typer.Option("com", "--suffix", help="Public suffix of the name: may decide what is day and month."),
    server: str = typer.Option("", "--server", help="Server that gave the reply."),
) -> None:
    """What kind of WHOIS reply is this, and what does it state? Text that is none is of the kind `error`, status 0.

    Example: tracker parse whois reply.txt --suffix fr
    """
    from tracker.decoders.whois import read

    body = parse.read(file)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("latin-1")
    reply = read(text, suffix, server)
    row: dict[str, object] = {"outcome": reply.outcome.value}
    if reply.facts is not None:
        row |= _stated(reply.facts)
    parse.write([row])


def parse_rdap(file: Path = typer.Argument(help="A saved domain object; - is stdin.")) -> None:
    """What does an RDAP domain object state? Exit 1 when it is none.

    Example: tracker parse rdap reply.json
    """
    from tracker.decoders.rdap import RdapError, read_domain

    try:
        facts = read_domain(parse.read(file))
    except RdapError as error:
        raise parse.fail(file, error) from error
    parse.write([{"domain": facts.domain, **_stated(facts), "withheld": list(facts.withheld)}])


def _stated(facts: "RegistryFacts") -> dict[str, object]:
    from tracker.model.times import iso

    return {
        "registered_at": iso(facts.registered_at),
        "expires_at": iso(facts.expires_at),
        "updated_at": iso(facts.updated_at),
        "precisions": {name: precision.value for name, precision in facts.precisions.items()},
        "registrar": facts.registrar,
        "registrar_iana_id": facts.registrar_iana_id,
        "abuse_email": facts.abuse_email,
        "name_servers": list(facts.name_servers),
        "statuses": list(facts.statuses),
    }
