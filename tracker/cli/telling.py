"""An explanation as lines for people; names are defanged."""

from collections.abc import Iterator

from tracker.analysis.explain import Case, Explanation
from tracker.model.acts import Complaint
from tracker.model.names import defang
from tracker.model.times import iso


def told(found: Explanation) -> Iterator[str]:
    """Verdict first, the sentence for and against, rules with bits and witnesses, dates, complaints, lifeline."""
    yield defang(found.name)
    if found.note:
        yield found.note
    for case in found.cases:
        yield from _case(case)
    if found.dates:
        yield ""
        yield "Dates, each with its source"
    for row in found.dates:
        yield f"  {row.what:<20} {row.when} ({row.source})"
    if found.complaints:
        yield ""
        yield "Complaints (what followed one is not thereby explained)"
    for complaint in found.complaints:
        yield f"  {complaint_line(complaint)}"
    if found.lifeline:
        yield ""
        yield "Lifeline"
    for moment in found.lifeline:
        bounds = f"after {moment.lo or 'unknown':<20}  by {moment.hi or 'unknown':<20}"
        yield f"  {f'at {moment.hi}' if moment.exact else bounds:<51}  {moment.what}"


def _case(case: Case) -> Iterator[str]:
    by = f"reviewed; by rules alone {case.by_rules}" if case.reviewed else "by rules alone"
    yield ""
    yield f"{case.verdict} ({case.bits:+.1f} bits from a prior of {case.prior_bits:+.1f}; {by}), for {case.watch_key}"
    yield f"  {case.speaks_for or 'Nothing speaks for it.'}"
    yield f"  {case.speaks_against or 'Nothing speaks against it.'}"
    for said in case.reviews:
        note = f" ({said.note})" if said.note else ""
        yield f"  {iso(said.at)}  {said.reviewer} judged it {said.verdict}: {said.reason}{note}"
    for row in case.rules:
        yield f"  {row.bits:+6.1f}  {row.rule_id:<31} {row.sentence}"
        if row.witnesses:
            yield f"          {row.family}: {', '.join(row.witnesses)}"
    yield f"  What would change it: {'; '.join(case.would_change)}."


def complaint_line(row: Complaint) -> str:
    """One complaint in a line: when, by whom, to whom, how, and what came of it."""
    by = f" by {row.reported_by}" if row.reported_by else ""
    reference = f", {row.reference}" if row.reference else ""
    when = f" on {row.answered.text}" if row.answered else ""
    answer = f"answered{when}: {row.answer}" if row.answer else "no answer written down"
    return f"{row.reported.text}  reported{by} to {row.reported_to} by {row.channel}{reference}; {answer}"
