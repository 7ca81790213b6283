"""Control labels: like the watched ones, chosen by rule, nobody's."""

from datetime import UTC, datetime

from tracker.analysis.controls import control_label, controls_for
from tracker.model.names import DomainName
from tracker.model.watching import Cohort, Watch, WatchKind

NOW = datetime(2024, 8, 28, tzinfo=UTC)
LABELS = ("acrosstheline", "spiegel", "faz", "tribunalukraine", "bild", "honeymoney", "rrn", "washingtonpost")


def _watch(label: str) -> Watch:
    return Watch(
        kind=WatchKind.PREDECESSOR,
        label=label,
        since=NOW,
        name=DomainName(f"{label}.press"),
        cohort=Cohort.OWN_BRAND,
        brand=label,
    )


def test_controls_are_of_like_length() -> None:
    """Long coined labels are mirrored letter for letter in length, short ones by a word as near as there is."""
    for label in LABELS:
        control = control_label(label, set())
        assert control != label
        assert abs(len(control) - len(label)) <= (0 if len(label) > 8 else 1)


def test_the_choice_depends_on_labels_alone() -> None:
    """Order does not matter, the share is kept; each control is tied to the watch that it mirrors and has no name."""
    watches = [_watch(label) for label in LABELS]
    controls = controls_for(watches, 0.5)
    assert controls == controls_for(watches[::-1], 0.5)
    assert len(controls) == 4
    assert all(control.kind is WatchKind.CONTROL and control.name is None for control in controls)
    assert {control.matched_to for control in controls} <= {watch.key for watch in watches}
    assert len({control.label for control in controls}) == 4


def test_no_controls_without_predecessors_or_share() -> None:
    """A protected brand has no takedown to be mirrored, and a share of zero means none."""
    assert controls_for([_watch("faz")], 0.0) == ()
    assert controls_for([], 1.0) == ()
