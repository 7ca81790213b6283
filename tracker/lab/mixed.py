"""The hard story: three seizures of one operation, replacements of every kind, and strangers who look like them.

Everything is drawn from the seed, and every replacement bears the marks of its kind: some stay with one small hoster,
some hide behind what everybody uses and are given away by an account, a certificate, a redirect. Strangers share
labels, registrars, networks and parking with them.
"""

from dataclasses import replace
from datetime import timedelta

from tracker.lab.bystanders import Bystanders
from tracker.lab.cast import Cast, cast
from tracker.lab.returns import Returns
from tracker.lab.scenario import Event, Notice, Predecessor, Scenario
from tracker.lookalikes.suffixes import Suffixes


def mixed(scenario: Scenario, suffixes: Suffixes, seed: int) -> Scenario:
    """The scenario with the names, dates and strangers of this seed, as its `[generate]` table asks for them."""
    wanted = {key: int(value) for key, value in scenario.generate.items() if key != "story"}
    known = cast(scenario, suffixes, seed)
    rows = [
        _predecessor(known, notice, place, wanted["own_brand"])
        for notice in known.notices
        for place in range(wanted["own_brand"] + wanted["imitated"])
    ]
    seizures = [
        Event(
            do="seize",
            names="predecessors",
            action=notice.action,
            at=notice.at - timedelta(hours=2),
            within=timedelta(hours=8),
        )
        for notice in known.notices
    ]
    returns = Returns(known, rows).events(wanted["clones"])
    strangers = Bystanders(known, rows).events(wanted["innocents"], wanted["passers_by"])
    return replace(
        scenario,
        start=known.start,
        end=known.end,
        notice=known.notices[0].at,
        further=known.notices[1:],
        suffixes=len(known.pool),
        predecessors=tuple(rows),
        events=(*seizures, *returns, *strangers),
    )


def _predecessor(known: Cast, notice: Notice, place: int, own_brands: int) -> Predecessor:
    """An own brand with a long coined label, or the imitation of an outlet with a short one."""
    draw, own, key = known.draw, place < own_brands, (notice.action, place)
    label = draw.word(draw.number(8, 14, "length", *key) if own else draw.number(5, 8, "short", *key), "label", *key)
    outlet = "" if own else known.name(label, "outlet")
    return Predecessor(
        name=known.name(label, "old"),
        action=notice.action,
        imitates=outlet,
        cohort="own_brand" if own else "imitated",
        brand=label.title(),
        registrar=known.anywhere("old", *key),
        nameservers=draw.choose(known.olds, "old host", *key),
        page="operation" if own else "clone",
    )
