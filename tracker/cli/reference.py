"""Writes the pages that follow from the code: commands, settings, codebook, report.json. `make docs` calls it."""

import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperArgument, TyperGroup

from tracker.configuring import PREFIX
from tracker.settings import Settings


def commands(root: TyperGroup, prefix: str = "tracker") -> Iterator[tuple[str, Any]]:
    """Every command with its full name, groups walked through."""
    for name, command in sorted(root.commands.items()):
        if isinstance(command, TyperGroup):
            yield from commands(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}", command


def commands_page() -> str:
    """docs/commands.md: what each command does, its arguments and options."""
    from tracker.cli.main import app

    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    lines = ["# Commands", "", "Written from the program by `make docs`. Global options stand before the command."]
    lines += ["", *_options(root)]
    for name, command in commands(root):
        text = (command.help or "").replace("\n\n    ", "\n\n").strip()
        lines += ["", f"## `{name}`", "", text, "", *_options(command)]
    lines += [
        "",
        "## Exit status",
        "",
        "0 done · 1 something failed or an expectation was not met · 2 wrong usage or configuration · "
        "3 not run because a part is missing (`NOT RUN: …`).",
        "",
    ]
    return "\n".join(lines)


def _options(command: Any) -> Iterator[str]:
    for parameter in command.params:
        if parameter.name in {"help", "install_completion", "show_completion"}:
            continue
        names = ", ".join(f"`{name}`" for name in parameter.opts)
        if isinstance(parameter, TyperArgument):
            names = f"`{str(parameter.name or '').upper()}`"
        yield f"- {names}: {getattr(parameter, 'help', None) or ''}".rstrip(": ")


def settings_page() -> str:
    """docs/settings.md: every knob, its default, its variable."""
    lines = [
        "# Settings",
        "",
        "Written from the program by `make docs`. `tracker init` writes a `tracker.toml` with all of it; a",
        f"variable `{PREFIX}SECTION_KEY` wins over the file, `{PREFIX}SECTION_KEY_FILE` names a file that holds the",
        "value. An unknown section or key stops the start; so does a secret in the settings file.",
    ]
    default = Settings()
    for section in fields(default):
        values = getattr(default, section.name)
        lines += ["", f"## [{section.name}]", "", (type(values).__doc__ or ""), ""]
        lines += ["| setting | default | what it does |", "| --- | --- | --- |"]
        for knob in fields(values):
            value = getattr(values, knob.name)
            what = knob.metadata["doc"] + (" (secret)" if knob.metadata["secret"] else "")
            lines.append(f"| `{section.name}.{knob.name}` | `{_shown(value)}` | {what} |")
    return "\n".join([*lines, ""])


def _shown(value: object) -> str:
    match value:
        case tuple():
            return ", ".join(value)
        case bool():
            return str(value).lower()
        case _:
            return str(value)


def pages() -> dict[str, str]:
    """Every generated page by file name."""
    from tracker.reading import codebook, contents

    return {
        "commands.md": commands_page(),
        "settings.md": settings_page(),
        "codebook.md": codebook(),
        "report-json.md": contents(),
    }


def main(folder: Path) -> None:
    """Write the pages into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
