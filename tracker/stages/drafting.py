"""A watchlist begun from a press release, for a person to finish: nothing in it takes effect as it stands."""

from dataclasses import replace
from datetime import datetime

from tracker.model.facts import Batch, Run
from tracker.model.history import History
from tracker.model.watching import Announcement, AnnouncementStatus
from tracker.ports import Log

_ROW = """\
# [[takedown]]
# domain = {name}
# cohort = ""  # own_brand or imitated
# brand = ""
# sources = ["release"]
"""


class UnknownAnnouncement(ValueError):
    """No announcement has this id."""


def found(history: History, announcement_id: str) -> Announcement:
    """The announcement of an id; raises UnknownAnnouncement."""
    for row in history.announcements:
        if row.announcement_id == announcement_id:
            return row
    raise UnknownAnnouncement(f"no announcement {announcement_id}: `tracker announcements list` shows those that wait")


def draft(row: Announcement) -> str:
    """TOML with the action and its source filled in, and the names that the text mentions as comments."""
    names = "\n".join(_ROW.format(name=_quoted(name)) for name in row.mentions or ("",))
    return f"""\
# Begun from a press release; nothing of it is watched yet.
#  1. Read the release and the court papers that it links to. The names in its text are unchecked.
#  2. Name the operation. Keep the takedowns that the papers list (take away the #), and add those that are missing.
#  3. Add this file to lists.watchlists and run `tracker check FILE`. The action below cites the release, so that it is
#     no longer told as waiting. If there is nothing to import: tracker announcements dismiss {row.announcement_id}

[operation]
id = ""
title = ""

[action]
id = {_quoted(row.announcement_id)}
kind = "seizure"  # or suspension, termination, dispute, blocking, publication
authority = {_quoted(row.authority)}
announced = "{row.published.at:%Y-%m-%d}"
title = {_quoted(row.title)}
case_number = {_quoted(row.number)}
sources = ["release"]

[sources.release]
title = {_quoted(f"{row.title}, {row.published.at:%Y-%m-%d}")}
url = {_quoted(row.url)}

{names}"""


def dismiss(log: Log, announcement_id: str, note: str, run: Run, now: datetime) -> Announcement:
    """Append that an announcement needs no import; raises UnknownAnnouncement."""
    row = replace(found(log.history(), announcement_id), status=AnnouncementStatus.DISMISSED, note=note)
    log.append(run, Batch(announcements=(row,)), now)
    return row


def _quoted(text: str) -> str:
    """A TOML string: a release says what it likes."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
