"""`tracker lookalikes` and `tracker match`: which names might come next, and which names resemble a watched one."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import IO, TYPE_CHECKING

import typer

from tracker.cli.errors import Refused, reason
from tracker.cli.output import FORMAT, Format, say, write_rows
from tracker.cli.typed import finite, word

if TYPE_CHECKING:
    from tracker.lookalikes.generator import Lookalike
    from tracker.lookalikes.matcher import Match, Matcher
    from tracker.lookalikes.suffixes import Suffixes
    from tracker.lookalikes.watched import Watched

COLUMNS = ("rank", "domain", "domain_unicode", "technique", "target", "reason")
MATCH_COLUMNS = ("name", "domain", "watched", "technique", "distance", "bits", "reason")
BUNDLED = "watchlists"
_DNSTWIST = {
    **{"same_label": "tld-swap", "vowel_swap": "vowel-swap", "affix": "dictionary", "country_code": "dictionary"},
    **dict.fromkeys(("sound_alike", "token_order", "folded_suffix", "transliteration", "suffix_label"), "various"),
}
_BATCH = 16_384


class Shape(StrEnum):
    """The forms of printed lookalikes; `dnstwist` is that program's CSV."""

    AUTO = "auto"
    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    NAMES = "names"
    DNSTWIST = "dnstwist"


class Among(StrEnum):
    """Which suffixes are tried."""

    ALL = "all"
    ICANN = "icann"
    COMMON = "common"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("lookalikes")(lookalikes)
    app.command("match")(match)


def lookalikes(
    names: list[str] = typer.Argument(..., metavar="NAME…", help="Names or bare labels that might be imitated."),
    limit: int = typer.Option(2_000, "--limit", min=0, help="The best N names of each."),
    among: Among = typer.Option(Among.ALL, "--suffixes", help="all public suffixes, icann's, or common ones."),
    technique: list[str] = typer.Option(None, "--technique", help="Only these techniques; may be given again."),
    own: list[str] = typer.Option(None, "--own", help="Names of the same owner, left out; may be given again."),
    shape: Shape = typer.Option(Shape.AUTO, "--format", help="table, csv, json, names or dnstwist."),
) -> None:
    """Names that might be registered to imitate the given ones, likeliest first. Asks nobody.

    Example: tracker lookalikes example.com --limit 200 --format names
    """
    from tracker.lookalikes.suffixes import Suffixes
    from tracker.lookalikes.techniques import TECHNIQUES
    from tracker.model.names import to_unicode

    wanted = [word("--technique", one, TECHNIQUES) for one in technique or ()]
    suffixes = Suffixes.bundled()
    targets = [_target(text, suffixes) for text in names]
    mine = [name for text in [*names, *(own or ())] if "." in (name := _target(text, suffixes))]
    made = _generated(targets, suffixes, among, limit, wanted or None, mine)
    if shape is Shape.DNSTWIST:
        _write_dnstwist(targets, made)
        return
    rows = ((r.rank, r.domain, to_unicode(r.domain), r.technique, r.target, r.reason) for r in made)
    write_rows(COLUMNS, rows, Format(shape.value))


def _target(text: str, suffixes: "Suffixes") -> str:
    from tracker.lookalikes.watched import Watched
    from tracker.model.names import NotAName

    try:
        return Watched.of_line(text, suffixes).text
    except NotAName as error:
        raise Refused(str(error)) from error


def _generated(
    targets: list[str], suffixes: "Suffixes", among: Among, limit: int, techniques: list[str] | None, own: list[str]
) -> "Iterator[Lookalike]":
    from tracker.lookalikes.generator import generate

    chosen = {Among.ALL: None, Among.ICANN: suffixes.icann(), Among.COMMON: suffixes.frequent()}[among]
    for target in targets:
        yield from generate(target, suffixes=suffixes, limit=limit, techniques=techniques, own=own, among=chosen)


def _write_dnstwist(targets: list[str], made: "Iterable[Lookalike]") -> None:
    """That program's two columns, the original first, and its line ends."""
    typer.echo("fuzzer,domain")
    for target in targets:
        typer.echo(f"*original,{target}")
    for row in made:
        typer.echo(f"{_DNSTWIST.get(row.technique, row.technique)},{row.domain}")


def match(
    context: typer.Context,
    file: Path = typer.Argument(Path("-"), help="A list, zone file or passive-DNS lines; .gz, .zip; - is stdin."),
    watch: str = typer.Option(..., "--watch", help="A list, a watchlist TOML, or the word watchlists."),
    bits: float = typer.Option(
        None, "--bits", help="Least bits of a match; fewer find more, chance included. Default: lists.match_bits."
    ),
    form: Format = FORMAT,
) -> None:
    """Which of the names resemble a watched one: one row per pair, with the bits that speak against chance.

    Lines without a name are counted and skipped. Needs no tracker.toml.

    Example: tracker match --watch brands.txt newly-registered.zip
    """
    from tracker.cli.context import settings_of
    from tracker.lookalikes.intake import Intake
    from tracker.lookalikes.matcher import Matcher
    from tracker.lookalikes.suffixes import Suffixes

    least = settings_of(context).lists.match_bits if bits is None else finite("--bits", bits)
    suffixes = Suffixes.bundled()
    watched = list(_watched(context, watch, suffixes))
    if not watched:
        raise Refused(f"{watch}: no name to watch")
    matcher = Matcher(watched, suffixes, threshold_bits=least)
    intake = Intake()
    with _opened(file) as lines:
        write_rows(MATCH_COLUMNS, _matches(matcher, intake.names(lines)), form, names="name")
    if intake.skipped:
        say(f"{file}: {intake.read} lines read, {intake.skipped} without a name skipped")


def _matches(matcher: "Matcher", names: Iterable[str]) -> "Iterator[Match]":
    """Rows in the order of the names, each pair once. Only the pairs that matched are remembered."""
    from itertools import islice

    told: set[tuple[str, str]] = set()
    source = iter(names)
    with _progress() as advance:
        while batch := list(islice(source, _BATCH)):
            for found in matcher.match(batch):
                if (found.name, found.watched) not in told:
                    told.add((found.name, found.watched))
                    yield found
            advance(len(batch))


def _watched(context: typer.Context, location: str, suffixes: "Suffixes") -> "Iterator[Watched]":
    from tracker.cli.context import settings_of
    from tracker.lookalikes.watched import Watched
    from tracker.model.names import NotAName
    from tracker.reading import is_watchlist

    if location == BUNDLED:
        for listed in settings_of(context).lists.watchlists:
            # A published list is a list of claims: nothing is watched because of it.
            if is_watchlist(listed):
                yield from _rows_of(listed, suffixes)
        return
    if location.endswith(".toml"):
        yield from _rows_of(location, suffixes)
        return
    for number, line in enumerate(_text(location).splitlines(), 1):
        text = line.partition("#")[0].strip()
        if text:
            try:
                yield Watched.of_line(text, suffixes)
            except NotAName as error:
                raise Refused(f"{location}:{number}: {error}") from error


def _rows_of(location: str, suffixes: "Suffixes") -> "Iterator[Watched]":
    from datetime import UTC, datetime

    from tracker.decoders import watchlist
    from tracker.lookalikes.watched import Watched

    read = watchlist.read(
        _text(location), origin=location, since=datetime.now(UTC), label_of=lambda name: suffixes.split(name).label
    )
    for problem in read.problems:
        say(f"{location}:{problem.line}: {problem.text}")
    for row in read.watches:
        yield Watched.of_watch(row, suffixes)


def _text(location: str) -> str:
    try:
        if location.startswith("bundled:"):
            from tracker.reading import list_text

            return list_text(location)
        return Path(location).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(reason(error, location)) from error


@contextmanager
def _opened(file: Path) -> "Iterator[IO[str]]":
    """Lines of a plain, gzip or zip file, read as they come; `-` is stdin."""
    import gzip
    import io
    import zipfile

    if str(file) == "-":
        yield sys.stdin
        return
    try:
        if file.suffix == ".zip":
            with zipfile.ZipFile(file) as archive, archive.open(archive.namelist()[0]) as member:
                yield io.TextIOWrapper(member, encoding="utf-8", errors="replace")
        elif file.suffix == ".gz":
            with gzip.open(file, "rt", encoding="utf-8", errors="replace") as stream:
                yield stream
        else:
            with file.open(encoding="utf-8", errors="replace") as stream:
                yield stream
    except BrokenPipeError:
        raise  # the reader of our output went away; the input is sound
    except (OSError, EOFError, zipfile.BadZipFile, IndexError) as error:
        raise Refused(reason(error, file) if isinstance(error, OSError) else f"{file}: {error}") from error


@contextmanager
def _progress() -> Iterator[Callable[[int], None]]:
    """A count of names on a terminal; nothing where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield lambda amount: None
        return
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("names"), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("names", total=None)
        yield lambda amount: progress.advance(task, amount)
