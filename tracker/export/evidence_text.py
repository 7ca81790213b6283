"""The statement of an evidence file: plain English for somebody who has never heard of this program."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tracker.analysis.explain import Case
from tracker.model.facts import Layer, Presence, Span
from tracker.model.names import defang, to_unicode
from tracker.model.times import iso
from tracker.model.views import Verdict
from tracker.model.watching import Source

if TYPE_CHECKING:
    from tracker.export.evidence import Dossier

MEANS = {
    Verdict.CONFIRMED: "is held to be a replacement",
    Verdict.LIKELY: "is likely to be a replacement",
    Verdict.POSSIBLE: "is possibly, but not likely enough to be called, a replacement",
    Verdict.RULED_OUT: "is held not to be a replacement",
    Verdict.INSUFFICIENT: "cannot be said to be or not to be a replacement",
}


def statement(found: "Dossier") -> str:
    """`README.md` of the file. Names are written so that they do not open by accident; data beside it are real."""
    parts = (_head, _verdict, _background, _facts, _contacts, _pages, _captures, _custody, _limits)
    return "\n".join(line for part in parts for line in part(found)) + "\n"


def _head(found: "Dossier") -> Iterator[str]:
    shown, read = defang(found.name), to_unicode(found.name)
    yield f"# Evidence file on {shown}"
    yield ""
    yield f"- Name: {shown}" + (f" ({defang(read)})" if read != found.name else "")
    yield f"- As recorded by: {iso(found.views.as_of)} (all times are UTC)"
    yield f"- Handling: {found.tlp}"
    yield f"- Cite as: {found.citation}"
    yield ""
    yield "This file says what was observed of a domain name. It says nothing about the person who registered it."


def _verdict(found: "Dossier") -> Iterator[str]:
    yield from ("", "## What is concluded, and from what")
    if not found.explanation.cases:
        yield from ("", "The name was never put forward as a replacement of another; it is watched itself.")
    for case in found.explanation.cases:
        yield from _case(found, case)


def _case(found: "Dossier", case: Case) -> Iterator[str]:
    of = defang(case.watch_key.partition(":")[2])
    judged = (
        f"an analyst's judgement; by rules alone: {case.by_rules}" if case.reviewed else "by rules alone, unreviewed"
    )
    yield ""
    yield f"**{defang(found.name)} {MEANS[case.verdict]} of {of}** ({case.verdict}, {judged})."
    yield ""
    yield case.speaks_for or "Nothing that was found speaks for it."
    yield ""
    yield case.speaks_against or "Nothing that was found speaks against it."
    yield ""
    yield "What would change it: " + "; ".join(case.would_change) + "."
    for said in case.reviews:
        yield f"- {iso(said.at)}: {said.reviewer} judged it {said.verdict}: {said.reason}"
    yield ""
    yield f"Findings, in bits (each bit doubles the odds; the sum starts from {case.prior_bits:+.1f}):"
    yield ""
    for row in case.rules:
        rests = ", ".join(row.witnesses) or "no single look"
        yield f"- {row.bits:+.1f}: {row.sentence}. Rests on {rests} ({row.rule_id})."


def _background(found: "Dossier") -> Iterator[str]:
    if found.taken:
        yield from ("", "## The domain that was taken down", "")
    for takedown, action in found.taken:
        who = f" by {action.authority}" if action.authority else ""
        case = f", case {action.case_number}" if action.case_number else ""
        what = f"{action.kind}{who}, announced {action.when.text}{case}. {action.title}"
        yield f"- {defang(takedown.domain)}: {what}".rstrip()
        for source in dict.fromkeys(map(_source, (*takedown.sources, *action.sources))):
            yield f"  - Source: {source}"


def _source(source: Source) -> str:
    place = ", ".join(filter(None, (source.url, source.place)))
    return f"{source.title} ({place})" if place else source.title


def _facts(found: "Dossier") -> Iterator[str]:
    seen = found.portrait
    yield from ("", "## Facts", "")
    yield "Dates, each with the source that states it (a source's date is that source's claim):"
    yield ""
    for row in found.explanation.dates:
        yield f"- {row.what}: {row.when} ({row.source})"
    yield ""
    yield f"- Registrar: {seen.registrar or 'not learned'}" + (
        f" (IANA id {seen.registrar_iana_id})" if seen.registrar_iana_id else ""
    )
    yield f"- Status at the registry: {', '.join(seen.statuses) or 'not learned'}"
    yield f"- Name servers: {', '.join(map(defang, seen.name_servers)) or 'not learned'}"
    yield f"- Addresses: {', '.join(map(defang, seen.addresses)) or 'not learned'}"
    yield from ("", "What was seen, layer by layer (every stretch of equal looks is in `looks.csv`):", "")
    for span in sorted(found.spans, key=lambda span: (span.first, span.probe)):
        if span.presence is not Presence.INDETERMINATE:
            yield f"- {_look(span)}"
    yield from ("", "Lifeline:", "")
    for moment in found.explanation.lifeline:
        bounds = f"after {moment.lo or 'an unknown time'}, by {moment.hi or 'an unknown time'}"
        yield f"- {f'at {moment.hi}' if moment.exact else bounds}: {moment.what}"


WORDS = {
    (Layer.REGISTERED, Presence.PRESENT): "registered",
    (Layer.REGISTERED, Presence.ABSENT): "not registered",
    (Layer.DELEGATED, Presence.PRESENT): "delegated by its parent zone",
    (Layer.DELEGATED, Presence.ABSENT): "not delegated by its parent zone",
    (Layer.RESOLVING, Presence.PRESENT): "published addresses",
    (Layer.RESOLVING, Presence.ABSENT): "published no address",
    (Layer.SERVING, Presence.PRESENT): "answered",
    (Layer.SERVING, Presence.ABSENT): "did not answer",
}


def _look(span: Span) -> str:
    looks = f"{len(span.looks)} looks from {iso(span.first)} to {iso(span.last)}"
    when = f"at {iso(span.first)}" if len(span.looks) == 1 else looks
    servers = f": {', '.join(map(defang, span.facts['ns']))}" if span.facts.get("ns") else ""
    return f"{WORDS[span.layer, span.presence]}{servers} ({span.probe}, {span.reason}, {when}, from `{span.vantage}`)"


def _contacts(found: "Dossier") -> Iterator[str]:
    seen = found.portrait
    yield from ("", "## Whom to tell", "")
    if seen.abuse_email:
        yield f"- Abuse contact of the registrar, as the registry states it: {seen.abuse_email} ({seen.registrar})"
    elif seen.registrar_iana_id:
        yield f"- The registry stated no abuse contact. {seen.registrar} has IANA id {seen.registrar_iana_id}, by which"
        yield "  https://www.iana.org/assignments/registrar-ids leads to it."
    else:
        yield "- No abuse contact was learned: registration data were not to be had, or did not state one."
    yield from ("", "Complaints written down so far (an end that follows one is not thereby explained):", "")
    for row in found.explanation.complaints:
        by = f" by {row.reported_by}" if row.reported_by else ""
        answer = (
            f"answered{f' {row.answered.text}' if row.answered else ''}: {row.answer}" if row.answer else "no answer"
        )
        yield f"- {row.reported.text}, reported{by} to {row.reported_to} by {row.channel}; {answer}" + (
            f" ({row.reference})" if row.reference else ""
        )
    if not found.explanation.complaints:
        yield "- none"


def _pages(found: "Dossier") -> Iterator[str]:
    yield from ("", "## Pages", "")
    pages = [span for span in found.spans if span.probe == "page" and span.presence is Presence.PRESENT]
    for span in pages:
        told = [
            f"{word} {', '.join(_quoted(key, value) for value in span.facts[key])}"
            for key, word in (
                ("status", "status"),
                ("kind", "kind"),
                ("title", "title"),
                ("language", "language"),
                ("final_host", "final host"),
                ("trackers", "tracker ids"),
                ("text_sha256", "text hash"),
            )
            if span.facts.get(key)
        ]
        yield f"- {iso(span.first)} to {iso(span.last)}: {'; '.join(told)}"
    if not pages:
        yield "- No page was fetched: fetching tells whoever runs the name that somebody looks, and is a setting."


def _quoted(key: str, value: str) -> str:
    """A value from a page, which says what it likes: a host defanged, anything else as code, so that it stays text."""
    return defang(value) if key == "final_host" else f"`{' '.join(value.replace('`', ' ').split())}`"


def _captures(found: "Dossier") -> Iterator[str]:
    yield from ("", "## Captures by others", "")
    for link in found.captures:
        yield f"- {link} (made from the name; nothing was asked there)"
    if not found.captures:
        yield "- none configured (`publishing.captures`)"


def _custody(found: "Dossier") -> Iterator[str]:
    yield from ("", "## Artefacts and chain of custody", "")
    yield "Each artefact is what a server sent, kept under its own SHA-256 in a log to which rows are only added."
    yield "Personal data of registrants were cut out of registration replies before they were stored, so their hash is"
    yield "that of the cut reply; the random message id of DNS replies is set to zero. `custody.csv` says of each where"
    yield "it came from, when it was retrieved and when recorded, from which vantage, by which run and program version."
    yield "What two servers sent alike is kept once, with the source that was first; `first_seen_for_name` is when this"
    yield "name's server sent it."
    yield ""
    for file, row in found.exhibits.items():
        kept = f"`{file}`" if row.body is not None else "body discarded by age or size; the hash remains"
        yield f"- {row.kind}, {iso(row.retrieved_at)}, from {row.source_url}: SHA-256 {row.artefact_id}, {kept}"
    if not found.exhibits:
        yield "- none kept"
    if found.missing:
        yield f"- {len(found.missing)} more are referred to and not kept; `evidence.json` lists their hashes"
    yield ""
    yield "To check without network: unpack, then `python3 verify.py`. It checks every hash (`SHA256SUMS`), and for"
    yield "each certificate-log proof that the entry names the domain, is in the signed tree, and who signed that."
    yield "Pages are hostile until shown otherwise: read them in an editor, not in a browser."


def _limits(found: "Dossier") -> Iterator[str]:
    yield from ("", "## What this does not say", "")
    yield "- Looks are instants: between two of them nothing is known. Bounds say `after` and `by` for that reason."
    yield "- A failed look is no absence; those are in `looks.csv` as INDETERMINATE and count for nothing here."
    yield f"- Conclusions follow from rule set {found.views.rules_version} and may change with new facts."
