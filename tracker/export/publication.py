"""What the daemon publishes once per ISO week: the report and the data package, from the log as it was known then."""

from collections.abc import Callable, Sequence
from pathlib import Path

from tracker.analysis.churn import week_bounds
from tracker.analysis.measurement import PublishedFigure
from tracker.export.package import DataPackage
from tracker.export.render import write_report
from tracker.export.report import weekly
from tracker.export.selection import Selection
from tracker.model.history import History
from tracker.model.views import Views
from tracker.ports import Log


def weekly_publication(
    log: Log, derive: Callable[[History], Views], directory: Path, published: Sequence[PublishedFigure] = ()
) -> Callable[[History, str], Path]:
    """A function that writes one week into `directory/2024-W36` and returns that folder; writing again changes nothing.

    What the week before said is derived again from the log as known when the week began, so that corrections are told.
    """

    def publish(history: History, week: str) -> Path:
        first, _ = week_bounds(week)
        earlier = log.history(first)
        views = derive(history)
        lab = any(run.vantage == "lab" for run in history.runs)
        context = weekly(
            history,
            views,
            week,
            title=f"Domain churn, week of {first:%Y-%m-%d}",
            basis_name="replay" if lab else "observed",
            previous=derive(earlier) if earlier.runs else None,
            published=published,
            derive=derive,
        )
        folder = directory / week
        DataPackage().write(history, views, folder, Selection(derive=derive))
        write_report(context, folder)
        return folder

    return publish
