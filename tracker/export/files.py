"""Files of a package: put together in memory, listed with their checksums, written below a folder."""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from tracker.export.schema import PACKAGE

Files = Mapping[str, bytes]
"""Contents by path relative to the package, with `/` between folders."""

SUMS = "SHA256SUMS"

PLACES = frozenset(
    {
        *(f"data/{table.name}.csv" for table in PACKAGE),
        *(f"parquet/{table.name}.parquet" for table in PACKAGE),
        *("CODEBOOK.md", "CITATION.cff", "LICENSE-DATA", "manifest.json", "datapackage.json", "ro-crate-metadata.json"),
        *("stix/bundle.json", "misp/event.json", "dnstwist.csv", "names.txt"),
    }
)
"""Where the exporters write. Nothing else is ever removed, whoever lists it."""


class MissingPart(Exception):
    """A format needs a library that is not installed; the message says what to install."""


def missing(extra: str, library: str) -> MissingPart:
    """The error for an extra that is not there."""
    return MissingPart(f"install domain-churn-tracker[{extra}] (or {library}) to write {extra}")


def sealed(files: Files) -> Files:
    """The files and `SHA256SUMS` over all of them, in the form that `sha256sum -c` reads."""
    sums = "".join(f"{hashlib.sha256(files[path]).hexdigest()}  {path}\n" for path in sorted(files))
    return {**files, SUMS: sums.encode("utf-8")}


def write_package_files(files: Files, target: Path) -> None:
    """Write them and `SHA256SUMS` below `target`; of a package that stood there nothing is left beside them.

    What goes is what its own sums list and nobody has changed since: it may say what was taken back meanwhile. Files
    that are not a package's stay. Raises OSError that names the file.
    """
    for path, digest in _listed(target).items():
        place = target / path
        if path not in files and place.is_file() and hashlib.sha256(place.read_bytes()).hexdigest() == digest:
            place.unlink()
            with suppress(OSError):  # a folder that others use as well stays
                place.parent.rmdir()
    write_files(sealed(files), target)


def _listed(target: Path) -> Mapping[str, str]:
    """Checksums by path as `SHA256SUMS` of `target` lists them, of what exporters write."""
    try:
        lines = (target / SUMS).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return {}
    rows = [(path, digest) for digest, _, path in (line.partition("  ") for line in lines) if path]
    return {path: digest for path, digest in rows if path in PLACES}


def write_files(files: Files, target: Path) -> None:
    """Write them below `target`, in their order; folders are made. Raises OSError that names the file."""
    for path, body in files.items():
        write_whole(target / path, body)


def write_whole(place: Path, body: bytes) -> None:
    """Write one file so that whoever reads finds all of it or what was there before, also after a kill or a full disk.

    Raises OSError that names the file.
    """
    partial = place.with_name(f".{place.name}.partial")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(body)
        partial.replace(place)
    except OSError as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(place)) from error
