"""Rows of lists over time: when a list first and last had them, and in which version it said so first."""

from dataclasses import replace
from datetime import datetime, timedelta

from tests.stages.fakes import NOW, RRN, SO, action, run, takedown
from tests.stages.test_poll import Desk
from tracker.model.facts import Batch, Reading
from tracker.model.names import DomainName
from tracker.model.times import When
from tracker.model.watching import Announcement, AnnouncementStatus, Claim, ClaimKind, Source

LIST = "https://lists.example/x.csv"


def said(name: str, row: int = 1, version: str = "v1", raw: str = "") -> Claim:
    """A row of the list."""
    source = Source("meta:x", "Meta", LIST, f"{LIST}, row {row}", version)
    return Claim(kind=ClaimKind.BELONGS, domain=DomainName(name), source=source, raw=raw)


def read(*claims: Claim, before: datetime | None = None) -> Batch:
    """The list, read whole."""
    return Batch(claims=claims, readings=(Reading(LIST, before),))


def rows(desk: Desk) -> dict[str, Source]:
    """The newest source of each claim."""
    return {claim.domain: claim.source for claim in desk.log.history().claims}


def test_a_row_keeps_the_version_and_place_that_first_said_it() -> None:
    """It moved down in a later version; who checks it looks into the first."""
    desk = Desk()
    desk.poll(read(said("a.example", 5, "v1")), read(said("a.example", 9, "v2")))
    source = rows(desk)["a.example"]
    assert (source.place, source.revision, source.first, source.last) == (f"{LIST}, row 5", "v1", NOW, None)


def test_a_row_in_new_words_names_the_version_that_has_them() -> None:
    """The first reading stays; the older wording is in the log as well."""
    desk = Desk()
    desk.poll(read(said("a.example", 5, "v1", "old")), read(said("a.example", 9, "v2", "new")))
    source = rows(desk)["a.example"]
    assert (source.place, source.revision, source.first) == (f"{LIST}, row 9", "v2", NOW)
    assert [claim.raw for batch in desk.log.batches() for claim in batch.claims] == ["old", "new"]


def test_a_row_that_left_was_last_seen_at_the_reading_before() -> None:
    """It is not taken back, and when it returns it is the same row."""
    desk = Desk()
    hour = timedelta(hours=1)
    desk.poll(read(said("a.example"), said("b.example")), read(said("b.example"), before=NOW + hour))
    assert rows(desk)["a.example"].last == NOW + hour
    assert rows(desk)["b.example"].last is None
    desk.poll(read(said("b.example"), before=NOW + 2 * hour))
    assert rows(desk)["a.example"].last == NOW + hour
    desk.poll(read(said("a.example"), said("b.example")))
    assert (rows(desk)["a.example"].first, rows(desk)["a.example"].last) == (NOW, None)


def test_another_list_says_nothing_about_this_one() -> None:
    """Only the rows of the list that was read can have left it; a gap has read nothing."""
    desk = Desk()
    others = (Reading("https://lists.example/x", None), Reading(LIST, None, "plain:x"))
    desk.poll(read(said("a.example")), Batch(readings=others), Batch())
    assert rows(desk)["a.example"].last is None


def test_a_takedown_that_leaves_its_list_stays_a_takedown() -> None:
    """Its sources say since when it is not listed; nothing is un-seized."""
    desk = Desk()
    listed = [
        replace(takedown(name), sources=(Source("doj", "notice", "", f"{LIST}, row {row}"),))
        for row, name in enumerate((RRN, SO))
    ]
    everything = Batch(takedowns=tuple(listed), actions=(action(),), readings=(Reading(LIST, None),))
    desk.poll(everything, replace(everything, takedowns=(listed[1],), readings=(Reading(LIST, NOW),)))
    found = {row.domain: row.sources[0] for row in desk.log.history().takedowns}
    assert (found[RRN].first, found[RRN].last) == (NOW, NOW)
    assert (found[SO].first, found[SO].last) == (NOW, None)


def test_an_announcement_that_was_dismissed_does_not_come_back() -> None:
    """The feed may forget what it met; the log does not."""
    desk = Desk()
    found = Announcement(
        announcement_id="x", title="Seizure", url="", published=When(NOW), source=Source("announcements", "DOJ")
    )
    desk.poll(Batch(announcements=(found,)))
    dismissed = replace(found, status=AnnouncementStatus.DISMISSED, note="no list")
    desk.log.append(run("watch"), Batch(announcements=(dismissed,)), desk.clock.at)
    desk.poll(Batch(announcements=(found,)))
    assert desk.log.history().announcements[-1] == dismissed
