"""The ways of `tracker review`: one name, a queue out, a queue back, mutes, agreement. Imports come when used."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import typer

from tracker.cli.errors import Refused, reason, refusing
from tracker.cli.output import Format, say, write_rows
from tracker.cli.typed import choice

if TYPE_CHECKING:
    from tracker.analysis.agreement import Agreement
    from tracker.decoders.reviewsheet import Sheet
    from tracker.model.history import History
    from tracker.settings import Settings
    from tracker.stages.review import Decided, Decision

MUTES = ("scope", "value", "until", "reviewer", "reason", "at")
SHOWN = 20
"""Differences, or refused rows, that are printed one by one."""


class Wish(NamedTuple):
    """What was typed of one name."""

    name: str
    verdict: str
    reviewer: str
    reason: str
    note: str
    predecessor: str
    scope: str
    mute: str


def one(settings: "Settings", wish: Wish) -> None:
    """Judge or mute one name."""
    from tracker.decoders.reviewsheet import verdict
    from tracker.model.acts import MuteScope
    from tracker.model.names import parse
    from tracker.stages.review import Decision

    with refusing(ValueError):
        decision = Decision(
            name=parse(wish.name),
            verdict=verdict(wish.verdict) if wish.verdict else None,
            reason=wish.reason,
            note=wish.note,
            predecessor=wish.predecessor,
            scope=choice("--scope", wish.scope, MuteScope),
            until=wish.mute,
        )
        done, _ = _decided(settings, [decision], wish.reviewer)
    if not done.verdicts and not done.mutes:
        say(f"{wish.reviewer} has said so of {decision.name} before; nothing to record")
    elif wish.mute:
        say(f"{_counted(done.mutes, 'mute')} recorded; --mutes lists those that hold")
    else:
        say(f"{_counted(done.verdicts, 'verdict')} on {decision.name} recorded")


def write_queue(settings: "Settings", file: Path, *, reviewer: str, after: str, limit: int, everything: bool) -> None:
    """Write the queue; a file in which somebody has decided something is not overwritten."""
    from tracker.analysis.queue import Wanted
    from tracker.reading import Unreadable, queue_csv, queued

    if after and not reviewer:
        raise Refused("--after needs --reviewer: who is going to look a second time?")
    _spare(file)
    wanted = Wanted(reviewer=reviewer, after=after, ruled_out=everything, muted=everything, limit=limit)
    with refusing(Unreadable, ValueError):
        found = queued(settings, wanted)
    if found is None:
        raise Refused("nothing was recorded yet; `tracker run` records, `tracker replay` plays a known event")
    with refusing(OSError, file=file):
        file.write_bytes(queue_csv(found.rows).encode())
    also = [f"{found.waiting} more behind the limit"] if found.waiting else []
    also += [f"{found.muted} muted"] if found.muted else []
    say(f"{_counted(len(found.rows), 'candidate')} written to {file}" + (f"; {', '.join(also)}" if also else ""))


def _spare(file: Path) -> None:
    from tracker.decoders.reviewsheet import NotASheet, read

    if not file.exists():
        return
    try:
        sheet = read(file.read_bytes())
    except (NotASheet, OSError) as error:
        raise Refused(f"{file} is there and is no review queue; give another name") from error
    if sheet.rows or sheet.problems or sheet.remarked:
        raise Refused(f"{file} is there and has decisions in it; import them, or give another name")


def read_queue(settings: "Settings", file: Path, reviewer: str) -> None:
    """Store the decisions of an edited queue, all or none, and say how far they agree with other analysts."""
    from tracker.decoders.reviewsheet import NotASheet, read
    from tracker.stages.review import Decision, Refusals

    if not reviewer.strip():
        raise Refused("--import needs --reviewer: whose decisions are these?")
    try:
        sheet = read(file.read_bytes())
    except OSError as error:
        raise Refused(reason(error, file)) from error
    except NotASheet as error:
        raise Refused(f"{file}: {error}") from error
    decisions = [
        Decision(
            name=row.name,
            verdict=row.verdict,
            reason=row.reason,
            note=row.note,
            predecessor=row.predecessor,
            scope=row.scope,
            until=row.until,
            line=row.line,
        )
        for row in sheet.rows
    ]
    refused = [(problem.line, problem.text) for problem in sheet.problems]
    try:
        done, history = _decided(settings, decisions, reviewer, dry=bool(refused))
    except Refusals as error:
        refused += [(row.line, row.reason) for row in error.refusals]
    if refused:
        for line, why in sorted(refused)[:SHOWN]:
            say(f"{file}:{line}: {why}")
        if len(refused) > SHOWN:
            say(f"and {len(refused) - SHOWN} more")
        raise Refused(f"{_counted(len(refused), 'row')} of {file} refused, so nothing was imported")
    _remark(file, sheet)
    known = f", {done.known} known already" if done.known else ""
    mutes = f" and {_counted(done.mutes, 'mute')}" if done.mutes else ""
    say(
        f"{_counted(done.verdicts, 'verdict')}{mutes} of {reviewer.strip()} imported from {file}{known}; "
        f"{_counted(sheet.undecided, 'row')} without a decision"
    )
    _print_agreements(history, reviewer)


def _remark(file: Path, sheet: "Sheet") -> None:
    for line in sheet.remarked[:SHOWN]:
        say(f"{file}:{line}: has a reason or a note but no decision, so it was not imported")
    if sheet.unread:
        say(f"{file}: columns not read: {', '.join(sheet.unread)}")


def list_mutes(settings: "Settings") -> None:
    """The mutes that hold, as rows."""
    from tracker.analysis.mutes import standing
    from tracker.model.times import iso
    from tracker.reading import Unreadable, desk

    with refusing(Unreadable), desk(settings, "review") as (stored, _, _, now):
        rows = standing(stored.log.history(), now)
    cells = [(row.scope, row.value, iso(row.until), row.reviewer, row.reason, iso(row.at)) for row in rows]
    write_rows(MUTES, cells, Format.AUTO)


def print_agreement(settings: "Settings", reviewer: str) -> None:
    """How far analysts agree, pair by pair."""
    from tracker.reading import Unreadable, opened

    with refusing(Unreadable), opened(settings) as stored:
        history = stored.log.history()
    if not _print_agreements(history, reviewer):
        say("no two analysts have judged the same candidate")


def _print_agreements(history: "History", reviewer: str) -> bool:
    from tracker.analysis.agreement import agreements

    found = agreements(history, reviewer)
    for row in found:
        for line in agreement_lines(row):
            typer.echo(line)
    return bool(found)


def agreement_lines(row: "Agreement") -> Sequence[str]:
    """Raw agreement and Cohen's kappa with n, over the verdicts and over replacement or not, and where they differ."""
    from tracker.model.names import defang

    lines = [
        f"{row.one} and {row.other} judged {_counted(row.n, 'candidate')} in common, each by the first verdict:",
        f"  same verdict        {_share(row.agreed, row.n)}, {_kappa(row.kappa)} (n = {row.n})",
        f"  replacement or not  {_share(row.agreed_replacement, row.n)}, {_kappa(row.kappa_replacement)} (n = {row.n})",
    ]
    for other in row.differences[:SHOWN]:
        of = other.watch_key.partition(":")[2]
        lines.append(f"  {defang(other.name)} for {defang(of)}: {row.one} {other.one}, {row.other} {other.other}")
    if len(row.differences) > SHOWN:
        lines.append(f"  and {len(row.differences) - SHOWN} more")
    if row.differences:
        lines.append("  The newest verdict holds until one of them judges again.")
    return lines


def _share(part: int, n: int) -> str:
    return f"{part} of {n} ({100 * part / n:.0f} %)"


def _kappa(value: float | None) -> str:
    return "Cohen's kappa not defined (both gave one answer only)" if value is None else f"Cohen's kappa {value:.2f}"


def _decided(
    settings: "Settings", decisions: "Sequence[Decision]", reviewer: str, *, dry: bool = False
) -> "tuple[Decided, History]":
    """Append the decisions (`dry`: only look for what is wrong with them); raises Refusals."""
    from tracker.reading import Unreadable, desk
    from tracker.stages.review import decide

    with refusing(Unreadable), desk(settings, "review") as (stored, _, run, now):
        done = decide(stored.log, decisions, reviewer=reviewer, run=run, at=now, dry=dry)
        return done, stored.log.history()


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
