"""Lists that are just names: loose text (one a line, adblock lines, URLs, pasted mail) and hosts files."""

from collections.abc import Callable

from tracker.decoders.listing import Listing, Statement, without_www
from tracker.decoders.namelist import NameList, read_hosts, read_plain
from tracker.feeds.published import Format, Volume


def _as_listing(read: Callable[[str], NameList]) -> Callable[[str], Listing]:
    def listing(text: str) -> Listing:
        found = read(text)
        lines = text.splitlines()
        statements = tuple(
            Statement(name=without_www(row.name), place=f"row {row.line}", raw=lines[row.line - 1].strip())
            for row in found.names
        )
        return Listing(statements=statements, rows=len(found.names), problems=found.problems)

    return listing


PLAIN = Format(
    id="plain",
    title="List of names",
    read=_as_listing(read_plain),
    volume=Volume(least_rows=1, most_names=250_000),
)
HOSTS = Format(
    id="hosts",
    title="Hosts file",
    read=_as_listing(read_hosts),
    volume=Volume(least_rows=1, most_names=250_000),
)
