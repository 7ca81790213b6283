"""Announcements that look like takedowns, and still wait for a person to import or dismiss them."""

from tracker.model.history import History
from tracker.model.watching import Announcement, AnnouncementStatus


def waiting(history: History) -> tuple[Announcement, ...]:
    """Announcements that nobody has imported or dismissed, the newest first. An action that cites one imports it."""
    cited = {source.url for action in history.actions for source in action.sources}
    known = {action.action_id for action in history.actions}
    rows = [
        row
        for row in history.announcements
        if row.status is AnnouncementStatus.OPEN and row.announcement_id not in known and (row.url or "-") not in cited
    ]
    return tuple(sorted(rows, key=lambda row: (row.published.at, row.announcement_id), reverse=True))
