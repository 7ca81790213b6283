"""Files of a package: put together in memory, listed with their checksums, written below a folder."""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

Files = Mapping[str, bytes]
"""Contents by path relative to the package, with `/` between folders."""


class MissingPart(Exception):
    """A format needs a library that is not installed; the message says what to install."""


def missing(extra: str, library: str) -> MissingPart:
    """The error for an extra that is not there."""
    return MissingPart(f"install domain-churn-tracker[{extra}] (or {library}) to write {extra}")


def sealed(files: Files) -> Files:
    """The files and `SHA256SUMS` over all of them, in the form that `sha256sum -c` reads."""
    sums = "".join(f"{hashlib.sha256(files[path]).hexdigest()}  {path}\n" for path in sorted(files))
    return {**files, "SHA256SUMS": sums.encode("utf-8")}


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
