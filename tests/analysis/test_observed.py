"""Seizures that the tracker saw itself: on record once, dated by looks, and given up for a list that names them."""

from dataclasses import replace
from datetime import datetime, timedelta

from tests.stages.fakes import NOW, RRN, SO, action, predecessor, takedown
from tracker.analysis.index import index
from tracker.analysis.observed import SOURCE, Observed, observed, settled
from tracker.lookalikes.suffixes import Suffixes
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import Bounds, Precision, When
from tracker.model.views import Assessment, Family, State, StateSpan, Verdict, Views
from tracker.model.watching import Cohort, Pap, Tlp, Watch, WatchKind

HOUR = timedelta(hours=1)
SEEN = Bounds(NOW - HOUR, NOW)
LABEL_OF = Suffixes.bundled().label


def seized(name: DomainName = RRN, since: Bounds = SEEN, rule: str = "seized.banner") -> StateSpan:
    """The state that the views conclude."""
    return StateSpan(name=name, state=State.SEIZED, since=since, last=NOW + HOUR, rule_id=rule)


def found(*states: StateSpan, history: History | None = None, verdict: Verdict | None = None) -> Observed:
    """What follows from states, with `rrn.media` watched and `rrn.so` judged as its replacement."""
    said = verdict or Verdict.POSSIBLE
    key = predecessor().key
    judged = Assessment(
        watch_key=key, name=SO, verdict=said, by_rules=said, bits=9.0, prior_bits=-9.0, families=(Family.LABEL,)
    )
    views = Views(as_of=NOW, rules_version="r", states=states, assessments=(judged,) if verdict else ())
    watched = predecessor(operation_id="op", brand="RRN", tlp=Tlp.AMBER, pap=Pap.AMBER)
    return observed(history or History(as_of=NOW, watches=(watched,)), views, LABEL_OF, NOW)


def test_a_seizure_with_its_own_second_witness_is_a_takedown() -> None:
    """One action per operation and day; the takedown is dated by the looks around it, and says who saw it."""
    for rule in ("seized.banner", "seized.status"):
        seen = found(seized(rule=rule))
        (act,), (hit,) = seen.actions, seen.takedowns
        assert (act.action_id, act.when.precision, act.sources) == ("observed-op-2024-09-04", Precision.DAY, (SOURCE,))
        assert (hit.domain, hit.effective, hit.cohort, hit.brand) == (RRN, SEEN, Cohort.OWN_BRAND, "RRN")
        assert (hit.sources, seen.watches) == ((SOURCE,), ())


def test_what_others_say_or_nobody_saw_is_none() -> None:
    """A notice is a takedown already; another state is no seizure; what was so at the first look may be years old."""
    assert found(seized(rule="seized.notice")) == Observed()
    assert found(replace(seized(), state=State.SINKHOLED)) == Observed()
    assert found(seized(since=Bounds(None, NOW))) == Observed()
    assert found(seized(DomainName("stranger.example"))) == Observed()


def history(*, days: int) -> History:
    """`rrn.media` watched, and hit by an action that was announced so many days after it was seen."""
    when = When(NOW + timedelta(days=days))
    return History(
        as_of=NOW, watches=(predecessor(),), actions=(replace(action(), when=when),), takedowns=(takedown(),)
    )


def test_a_takedown_on_record_is_not_told_twice() -> None:
    """Within a month it is the same event; a second seizure a year later is another."""
    assert found(seized(), history=history(days=3)) == Observed()
    assert len(found(seized(), history=history(days=-365)).takedowns) == 1


def test_a_replacement_that_is_seized_begins_the_next_generation() -> None:
    """It becomes a predecessor with cohort, operation and markings of what it replaced; a mere candidate does not."""
    assert found(seized(SO), verdict=Verdict.POSSIBLE) == Observed()
    seen = found(seized(SO), verdict=Verdict.LIKELY)
    (heir,) = seen.watches
    assert (heir.key, heir.label, heir.generation, heir.since) == (f"predecessor:{SO}", "rrn", 2, NOW)
    assert (heir.operation_id, heir.cohort, heir.tlp, heir.pap) == ("op", Cohort.OWN_BRAND, Tlp.AMBER, Pap.AMBER)
    assert [row.domain for row in seen.takedowns] == [SO]


def test_a_list_that_names_it_later_takes_its_place() -> None:
    """One seizure is counted once: under the action of those who did it."""
    seen = found(seized())
    listed, late = takedown(), replace(action(), when=When.of("2024-09-06"))
    assert settled((*seen.takedowns, listed), (*seen.actions, late)) == (listed,)
    other = replace(listed, domain=SO)
    assert settled((*seen.takedowns, other), (*seen.actions, late)) == (*seen.takedowns, other)
    assert settled((listed,), (late,)) == (listed,)


def test_what_we_saw_is_no_second_witness_to_itself() -> None:
    """The notice that makes a delegation a seizure comes from somebody else."""
    seen = found(seized())
    known = History(as_of=NOW, actions=seen.actions, takedowns=seen.takedowns)
    assert index(known).seizures == {}
    assert index(replace(known, actions=(action(),), takedowns=(takedown(),))).seizures == {RRN: NOW}


def test_an_adopted_name_counts_as_known() -> None:
    """Somebody said whose it is; a protected brand is nobody's outlet."""
    for kind, hits in ((WatchKind.ADOPTED, 1), (WatchKind.PROTECTED, 0)):
        watch = Watch(kind=kind, label="rrn", since=NOW, name=RRN)
        assert len(found(seized(), history=History(as_of=NOW, watches=(watch,))).takedowns) == hits


def test_days_of_one_action_are_utc() -> None:
    """Two domains seen around midnight belong to two actions, whatever the clock on the wall says."""
    late = datetime.fromisoformat("2024-09-05T00:10:00+00:00")
    watches = (predecessor(), predecessor(SO))
    seen = found(seized(), seized(SO, Bounds(NOW, late)), history=History(as_of=NOW, watches=watches))
    assert [row.action_id for row in seen.actions] == ["observed-2024-09-04", "observed-2024-09-05"]
