"""A draft of a watchlist: it reads as one, watches nobody, and is finished by taking comments away."""

import re
from dataclasses import replace

import pytest

from tests.stages.fakes import NOW, MemoryLog, run
from tracker.decoders.watchlist import Watchlist, read
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.facts import Batch
from tracker.model.names import DomainName
from tracker.model.times import When, iso
from tracker.model.watching import Announcement, AnnouncementStatus, Source
from tracker.stages.drafting import UnknownAnnouncement, dismiss, draft, found

RELEASE = Announcement(
    announcement_id="2024-09-04-24-1103",
    title='Justice Department "Disrupts" an Operation \\ Network\n[action]',
    url="https://www.justice.gov/opa/pr/example",
    published=When.of("2024-09-04"),
    authority="Office of Public Affairs",
    number="24-1103",
    mentions=(DomainName("washingtonpost.pm"), DomainName("rrn.world")),
    source=Source("announcements", "DOJ"),
)


def decoded(text: str) -> Watchlist:
    """The draft as the program reads it."""
    return read(text, origin="draft.toml", since=NOW, label_of=Suffixes.bundled().label)


def test_a_draft_watches_nobody() -> None:
    """It is a sound watchlist with an action and its source, whatever the release says, and without a single name."""
    found = decoded(draft(RELEASE))
    assert found.problems == ()
    (action,) = found.actions
    assert (action.action_id, iso(action.when.at), action.authority) == (
        "2024-09-04-24-1103",
        "2024-09-04T00:00:00Z",
        "Office of Public Affairs",
    )
    assert [source.url for source in action.sources] == [RELEASE.url]
    assert (found.takedowns, found.watches, found.operations) == ((), (), ())


def test_a_draft_is_finished_by_taking_comments_away() -> None:
    """The rows that the court papers list become takedowns once somebody says of which cohort they are."""
    text = draft(RELEASE)
    rows = re.sub(r"(?m)^# (\[\[takedown|domain|cohort|brand|sources)", r"\1", text).replace(
        'cohort = ""', 'cohort = "imitated"'
    )
    assert [row.domain for row in decoded(rows).takedowns] == ["washingtonpost.pm", "rrn.world"]
    assert "cohort must say own_brand or imitated" in str(
        decoded(re.sub(r"(?m)^# (\[\[takedown|domain|brand|sources)", r"\1", text)).problems
    )


def test_a_release_without_names_has_a_row_to_fill_in() -> None:
    """The names stand in a PDF; the draft shows how a row looks."""
    assert draft(replace(RELEASE, mentions=())).count("[[takedown]]") == 1


def test_dismissing_is_appended() -> None:
    """With a note; the announcement itself stays in the log."""
    log = MemoryLog()
    log.append(run(), Batch(announcements=(RELEASE,)), NOW)
    row = dismiss(log, RELEASE.announcement_id, "no list", run(), NOW)
    assert (row.status, row.note) == (AnnouncementStatus.DISMISSED, "no list")
    assert log.history().announcements == (row,)
    with pytest.raises(UnknownAnnouncement, match="no announcement nothing"):
        found(log.history(), "nothing")
