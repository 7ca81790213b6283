"""An explanation as lines for people; names are defanged."""

from collections.abc import Iterator

from tracker.analysis.explain import Explanation
from tracker.model.names import defang


def told(found: Explanation) -> Iterator[str]:
    """Verdict first, then the sentence for and against, the rules with bits and witnesses, the lifeline."""
    yield defang(found.name)
    if found.note:
        yield found.note
    for case in found.cases:
        by = "reviewed" if case.reviewed else "by rules alone"
        yield ""
        bits = f"{case.bits:+.1f} bits from a prior of {case.prior_bits:+.1f}"
        yield f"{case.verdict} ({bits}; {by}), for {case.watch_key}"
        if case.speaks_for:
            yield f"  {case.speaks_for}"
        yield f"  {case.speaks_against or 'Nothing speaks against it.'}"
        for row in case.rules:
            yield f"  {row.bits:+6.1f}  {row.rule_id:<28} {row.family:<13} {', '.join(row.witnesses[:4])}"
        yield f"  What would change it: {'; '.join(case.would_change)}."
    if found.lifeline:
        yield ""
        yield "Lifeline"
    for moment in found.lifeline:
        yield f"  after {moment.lo or 'unknown':<20}  by {moment.hi or 'unknown':<20}  {moment.what}"
