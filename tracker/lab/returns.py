"""How the operation of a mixed story comes back: every kind of replacement, each with the marks that give it away."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tracker.lab.cast import ONLINE, WAKING, Cast
from tracker.lab.draws import Draw
from tracker.lab.scenario import Event, Predecessor

AFFIXES = ("news", "media", "online", "press", "live", "daily", "post", "info", "today", "world")
BURST = timedelta(minutes=12)
"""Names of one batch are registered within this time."""
LATE = 0.3
"""Share of names that come in the second batch after an action."""
CHANGED = ("edit", "edit", "affix", "affix", "spare", "dark spare", "changed hands", "lapses", "silent")
"""What becomes of nine own brands; all others keep their label."""
WAYS = ("hour", "account", "redirect")
"""What gives a new brand away: its hoster and the minute of its registration, its account and certificate, or that a
known replacement sends visitors there."""


def edited(label: str, draw: Draw) -> str:
    """A slip of the kind that imitators make: a letter doubled, left out, or swapped with its neighbour."""
    at = draw.number(1, len(label) - 3, "slip at", label)
    match draw.number(0, 2, "slip", label):
        case 0:
            return label[: at + 1] + label[at:]
        case 1:
            return label[:at] + label[at + 1 :]
        case _:
            return label[:at] + label[at + 1] + label[at] + label[at + 2 :]


def affixed(label: str, draw: Draw) -> str:
    """The label beside a word that outlets carry."""
    word = draw.choose(AFFIXES, "affix", label)
    return f"{label}-{word}" if draw.share("hyphen", label) < 0.6 else f"{label}{word}"


@dataclass(frozen=True, slots=True)
class Returns:
    """The replacements of the given predecessors."""

    cast: Cast
    rows: Sequence[Predecessor]

    def events(self, clones: int) -> list[Event]:
        """All replacements: of own brands, `clones` of imitations, and a new brand after each action."""
        own = [row for row in self.rows if row.cohort == "own_brand"]
        kinds = self.cast.draw.shuffled((*CHANGED, *["same label"] * (len(own) - len(CHANGED))), "kinds")
        events: list[Event] = []
        plain: list[Event] = []
        for row, kind in zip(own, kinds, strict=True):
            event = self._successor(row, kind)
            if kind == "same label":
                plain.append(event)
            events += self._told(event, row)
        imitated = [row for row in self.rows if row.cohort == "imitated"]
        events += [
            self._clone(row, place) for place, row in enumerate(self.cast.draw.shuffled(imitated, "clones")[:clones])
        ]
        return [*self._with_brands(events, plain), *self._held(plain)]

    def _born(self, row: Predecessor) -> datetime:
        """In one of two batches after the action, the first within two days, the second some days later."""
        notice, draw = self.cast.notice_of(row), self.cast.draw
        begins = self.cast.after(notice.at, 7, 40, "first batch", notice.action)
        if draw.share("batch", row.name) < LATE:
            begins = self.cast.after(begins, 20, 50, "second batch", notice.action)
        return begins + BURST * draw.share("in batch", row.name)

    def _successor(self, row: Predecessor, kind: str) -> Event:
        label, draw = row.name.partition(".")[0], self.cast.draw
        changed = {"edit": edited, "affix": affixed}.get(kind)
        hidden = kind == "same label" and draw.share("hidden", row.name) < 0.3
        # What was kept ready for an outlet shows that outlet; new pages are among those that came together: a name that
        # came late with another page is given away by its hoster alone.
        ready = kind in {"spare", "dark spare"}
        late = draw.share("batch", row.name) < LATE
        own_page = not (ready or late) and (kind != "same label" or draw.share("page", row.name) < 0.4)
        event = Event(
            do="register",
            name=self.cast.name(label if changed is None else changed(label, draw), "new"),
            replaces=row.name,
            at=self._born(row),
            registrar=self.cast.sellers[row.action],
            nameservers="cdn" if hidden else self.cast.refuge,
            page="other" if own_page and not hidden else "operation",
            kind=kind,
            then=ONLINE,
        )
        if kind == "silent":
            assert isinstance(event.at, datetime)
            later, away = self.cast.after(event.at, 3, 30, "silent"), self.cast.elsewhere(row.name)
            return replace(event, silent=True, at=later, registrar=away, nameservers="cdn", page="other")
        return event

    def _told(self, event: Event, row: Predecessor) -> list[Event]:
        """The event with what comes before and after it."""
        assert isinstance(event.at, datetime)
        draw, notice = self.cast.draw, self.cast.notice_of(row)
        match event.kind:
            case "spare":
                early = notice.at - timedelta(days=draw.number(2, 20, "spare"), hours=draw.number(0, 23, "spare"))
                return self._kept_ready(event, early)
            case "dark spare":
                return self._kept_ready(event, self.cast.start - timedelta(days=draw.number(60, 400, "dark")))
            case "changed hands":
                return [event, *self._strangers_before(event)]
            case "lapses":
                gone = self.cast.after(event.at, 60, 90, "gone")
                caught = self.cast.after(gone, 20, 40, "caught")
                catcher = self.cast.elsewhere("catcher")
                taken = Event(
                    do="take",
                    name=event.name,
                    at=caught,
                    registrar=catcher,
                    nameservers="parking",
                    page="parking",
                    then=ONLINE,
                )
                return [event, Event(do="drop", name=event.name, at=gone), taken]
            case _:
                return [event]

    def _kept_ready(self, event: Event, early: datetime) -> list[Event]:
        """Registered before, in the zone only after the takedown."""
        waking = replace(event, do="delegate", replaces="", kind="", then=WAKING)
        return [replace(event, at=early, then=()), waking]

    def _strangers_before(self, event: Event) -> list[Event]:
        """A stranger's old name lapses before the operation registers it."""
        old = Event(
            do="take",
            name=event.name,
            at=self.cast.start - timedelta(days=self.cast.draw.number(300, 900, "old life")),
            registrar=self.cast.elsewhere("old life"),
            nameservers=self.cast.draw.choose(self.cast.hosts, "old life"),
            page="stranger",
            then=ONLINE,
        )
        return [old, Event(do="drop", name=event.name, at=self.cast.after(self.cast.start, 20, 50, "lapse"))]

    def _held(self, plain: Sequence[Event]) -> list[Event]:
        """Two of them are held and come back: by the registrar's status, and by its waiting room for addresses."""
        found: list[Event] = []
        for place, event in enumerate(plain[:2]):
            assert isinstance(event.at, datetime)
            first = self.cast.after(event.at, 60, 90, "hold", place)
            last = self.cast.after(first, 20, 32, "held", place)
            if place:
                found.append(Event(do="hold", name=event.name, page="clientHold", at=first))
                found.append(Event(do="unhold", name=event.name, at=last))
            else:
                found.append(Event(do="move", name=event.name, nameservers="verification", at=first))
                found.append(Event(do="move", name=event.name, nameservers=event.nameservers, at=last))
        return found

    def _clone(self, row: Predecessor, place: int) -> Event:
        """An imitation returns: the label again, or beside another word, with the same copied page."""
        label = row.name.partition(".")[0]
        return Event(
            do="register",
            name=self.cast.name(affixed(label, self.cast.draw) if place % 2 else label, "clone"),
            replaces=row.name,
            at=self._born(row),
            registrar=self.cast.sellers[row.action],
            nameservers=self.cast.refuge,
            page="operation",
            kind="clone",
            then=ONLINE,
        )

    def _with_brands(self, events: Sequence[Event], plain: Sequence[Event]) -> list[Event]:
        """The events, and a new brand per way of being given away, each modelled on a replacement that kept its
        label."""
        models = plain[-len(WAYS) :]
        changed = {model.name: self._brand(model, way) for model, way in zip(models, WAYS, strict=True)}
        kept = [
            changed[event.name][0] if event.name in changed and event.do == "register" else event for event in events
        ]
        return [*kept, *(event for rows in changed.values() for event in rows[1:])]

    def _brand(self, model: Event, way: str) -> list[Event]:
        """The model as it must be, and the new brand with what gives it away."""
        assert isinstance(model.at, datetime)
        draw = self.cast.draw
        brand = Event(
            do="register",
            name=self.cast.name(draw.word(draw.number(7, 12, "brand", way), "brand", way), "brand"),
            replaces=model.replaces,
            at=model.at + BURST * draw.share("brand in batch", way),
            registrar=model.registrar,
            nameservers="cdn" if way == "account" else self.cast.refuge,
            page="other",
            kind=f"new brand by {way}",
            then=ONLINE,
        )
        if way == "hour":
            return [model, brand]
        if way == "account":
            later = self.cast.after(model.at, 20, 60, "brand")
            shared = replace(brand, at=later, beside=model.name, account=way)
            return [replace(model, account=way), shared]
        later = self.cast.after(model.at, 20, 60, "brand")
        leads = Event(
            do="page", name=model.name, page="leads", leads_to=brand.name, at=self.cast.after(later, 5, 20, way)
        )
        return [model, replace(brand, at=later), leads]
