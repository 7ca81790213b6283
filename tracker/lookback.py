"""Composition for `tracker lookback`: a sweep, the registries and crt.sh asked once, without daemon or database."""

import asyncio
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tracker import registering
from tracker.analysis.lookback import FirstCertificate, LookbackRow, Question, Seen, Subject, Tally, look_back, tallies
from tracker.clients.crtsh import APART, SOURCE, CrtSh
from tracker.clients.dns import DnsClient
from tracker.clients.guard import guarded_client
from tracker.clients.system import Outside, machine
from tracker.discovery.coverage import canaries, looks, sweep_of
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.facts import Presence, Technique
from tracker.model.names import DomainName, checked, to_ascii_label, to_unicode
from tracker.model.names import parse as parse_name
from tracker.model.times import Precision, When, iso
from tracker.resolving import dns_client
from tracker.settings import Settings
from tracker.wiring import swept, user_agent

COLUMNS = (
    "label",
    "looked_back_for",
    "domain",
    "domain_unicode",
    "presence",
    "reason",
    "name_servers",
    "registered_at",
    "registered_precision",
    "registered_source",
    "registered_lag_days_lo",
    "registered_lag_days_hi",
    "timing",
    "first_certificate_at",
    "first_certificate_source",
    "certificate_lag_days_lo",
    "certificate_lag_days_hi",
    "could_not_know",
)
SHOWN = (
    "domain",
    "presence",
    "reason",
    "registered",
    "by",
    "lag, days",
    "timing",
    "first certificate",
    "could not know",
)

__all__ = ["COLUMNS", "SHOWN", "Question", "cells", "looked_back", "machine", "shown", "subjects", "told"]

Progress = Callable[[int, int], None]
"""Told how many questions of how many went out; canaries and repetitions count, so the end may come late."""

_SLACK = 1.5  # jitter of crt.sh's pace, for the estimate alone
_TICK = 0.5  # seconds
_WORDS = 16  # of what could not be known, for people; CSV and JSON have all


def subjects(texts: Iterable[str]) -> tuple[Subject, ...]:
    """What to look back for: names in whatever form people paste, or bare labels; raises ValueError for the rest.

    A name below a registrable one stands for that one; names of one label are one subject.
    """
    suffixes, found = Suffixes.bundled(), dict[str, dict[DomainName, None]]()
    for text in texts:
        if "." not in text and ":" not in text:
            label = to_ascii_label(text.strip())
            checked(f"{label}.invalid")
            found.setdefault(label, {})
        else:
            split = suffixes.split(parse_name(text))
            if not split.label:
                raise ValueError(f"{text} is a public suffix, no name under one")
            found.setdefault(split.label, {})[checked(split.registrable)] = None
    return tuple(Subject(label=label, names=tuple(names)) for label, names in found.items())


async def looked_back(
    wanted: Sequence[Subject],
    question: Question,
    settings: Settings,
    outside: Outside,
    *,
    crtsh: bool,
    say: Callable[[str], None] = lambda line: None,
    progress: Progress | None = None,
) -> tuple[tuple[LookbackRow, ...], tuple[Tally, ...]]:
    """Rows and tallies. `settings.sweeps.suffixes` says where to look; the suffixes of the names themselves are added.

    `say` is told what is being waited for, `progress` how much of the sweep was asked. Raises ValueError for a file of
    suffixes that cannot be read.
    """
    known = [name for subject in wanted for name in subject.names]
    own = [Suffixes.bundled().split(name).suffix for name in known]
    asked = tuple(sorted({*swept(settings, Suffixes.bundled()), *own}))
    labels = tuple(sorted({subject.label for subject in wanted}))
    say(f"asking the parent zones: {len(labels)} labels under {len(asked)} suffixes")
    client = dns_client(settings.dns, outside.dial, outside.clock, random.Random(outside.rng.random()))
    ticking = asyncio.create_task(_tick(client, len(labels) * len(asked), progress))
    try:
        result = await client.sweep(labels, asked, canaries(known, asked))
    finally:
        ticking.cancel()
    vantage = settings.identity.vantage
    sweep = sweep_of(result, dict.fromkeys(asked, labels), Technique.SAME_LABEL, "lookback", vantage)
    delegations = looks(result, vantage)
    names = [look.name for look in delegations]
    say(f"asking the registries of {len(names)} names")
    registrations = await registering.looks(names, settings, user_agent(settings), outside) if names else []
    there = [look.name for look in delegations if look.presence is Presence.PRESENT]
    certificates = await _certificates(there, settings, outside, say) if crtsh else []
    seen = Seen(
        coverage=sweep.coverage, delegations=delegations, registrations=registrations, certificates=certificates
    )
    return look_back(wanted, question, seen), tallies(wanted, seen)


async def _tick(client: DnsClient, total: int, progress: Progress | None) -> None:
    while progress is not None:
        progress(min(client.counts.questions, total), total)
        await asyncio.sleep(_TICK)


async def _certificates(
    names: Sequence[DomainName], settings: Settings, outside: Outside, say: Callable[[str], None]
) -> list[FirstCertificate]:
    say(f"asking {SOURCE} about {len(names)} names, about {len(names) * (APART + _SLACK) / 60:.0f} minutes")
    found: list[FirstCertificate] = []
    rng = random.Random(outside.rng.random())
    async with guarded_client(outside.dial, ssl_context=outside.trust, user_agent=user_agent(settings)) as http:
        client = CrtSh(http, outside.clock, rng, settings.certificates.crtsh_url)
        for name in names:
            reply = await client.first_certificate(name)
            reason = reply.detail or reply.outcome.value
            found.append(FirstCertificate(name=name, source=SOURCE, at=reply.first, reason=reason, capped=reply.capped))
    return found


def run(
    texts: Iterable[str],
    on: str,
    window: timedelta,
    settings: Settings,
    *,
    suffixes: str,
    crtsh: bool,
    say: Callable[[str], None],
    progress: Progress | None,
) -> tuple[tuple[LookbackRow, ...], tuple[Tally, ...]]:
    """Look back from this machine; raises ValueError for what is no name, no date or no file of suffixes."""
    try:
        question = Question(on=When.of(on), window=window)
    except ValueError as error:
        raise ValueError(f"--on wants YYYY-MM-DD or an instant with its zone, not {on!r}: {error}") from error
    settings = replace(settings, sweeps=replace(settings.sweeps, suffixes=suffixes))
    outside = machine(settings.identity.ca_file)
    looking = looked_back(subjects(texts), question, settings, outside, crtsh=crtsh, say=say, progress=progress)
    return asyncio.run(looking)


def lines(file: Path) -> Iterator[str]:
    """Names of a file: one a line, `#` comments; raises OSError."""
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        if text := line.partition("#")[0].strip():
            yield text


def cells(row: LookbackRow) -> tuple[object, ...]:
    """A row under COLUMNS; what is not known is empty."""
    certificate = row.certificate_lag or (None, None)
    registered = row.registered_lag or (None, None)
    return (
        row.subject.label,
        ";".join(row.subject.names),
        row.name or "",
        to_unicode(row.name) if row.name else "",
        row.presence.value,
        row.reason,
        ";".join(row.name_servers),
        _date(row.registered),
        row.registered.precision.value if row.registered is not None else "",
        row.registered_source,
        *registered,
        row.timing.value,
        iso(row.certificate),
        row.certificate_source,
        *certificate,
        "; ".join(row.could_not_know),
    )


def shown(row: LookbackRow) -> tuple[object, ...]:
    """A row for people, under SHOWN."""
    lag = "" if row.registered_lag is None else " to ".join(dict.fromkeys(f"{days:g}" for days in row.registered_lag))
    return (
        (row.name or f"{row.subject.label}.*").replace(".", "[.]"),
        row.presence.value,
        row.reason,
        _date(row.registered),
        row.registered_source,
        lag,
        row.timing.value if row.name else "",
        iso(row.certificate),
        _short("; ".join(row.could_not_know)),
    )


def _short(text: str) -> str:
    words = text.split()
    return text if len(words) <= _WORDS else f"{' '.join(words[:_WORDS])} and {len(words) - _WORDS} more"


def told(tally: Tally) -> str:
    """One line on how far was looked for a label, and what no look today can tell."""
    return (
        f"{tally.subject.label}: absent under {tally.swept - tally.present - tally.uncertain} of "
        f"{tally.swept} suffixes swept, there under {tally.present}, in doubt under {tally.uncertain}; "
        f"{tally.not_swept} suffixes could not be swept. Names that came and went in between are not seen."
    )


def _date(when: When | None) -> str:
    if when is None:
        return ""
    return (
        iso(when.at)
        if when.precision is Precision.SECOND
        else iso(when.at)[: 7 if when.precision is Precision.MONTH else 10]
    )
