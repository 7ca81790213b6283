"""The sample event, told once for all tests that only read it."""

import pytest

from tests.export.sample import ACTION, event
from tracker.analysis.measurement import PublishedFigure
from tracker.export.context import ReportContext
from tracker.export.render import html
from tracker.export.report import weekly
from tracker.model.facts import Layer
from tracker.model.history import History
from tracker.model.views import Views

PUBLISHED = (PublishedFigure(action_id=ACTION, cohort="all", layer=Layer.DELEGATED, window="1d", count=3),)


@pytest.fixture(scope="package")
def told_event() -> tuple[History, Views]:
    """Eight domains, four of which come back."""
    return event()


@pytest.fixture(scope="package")
def context(told_event: tuple[History, Views]) -> ReportContext:
    """The report of the week of the action."""
    return weekly(
        *told_event,
        "2024-W36",
        title="Churn <of> the week",
        basis_name="replay",
        assumed="certificates come at once",
        published=PUBLISHED,
    )


@pytest.fixture(scope="package")
def page(context: ReportContext) -> str:
    """That report as a page."""
    return html(context)
