"""Strangers of a mixed story: people who share labels, registrars, networks and parking with the operation, and those
who look most like it: copycats, a drop-catcher, critics, the imitated outlets' own lawyers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tracker.lab import geography
from tracker.lab.cast import ONLINE, Cast
from tracker.lab.returns import affixed, edited
from tracker.lab.scenario import Event, Predecessor

COPYCATS, PROTECTED, SIBLINGS = 5, 3, 4
RECENT = timedelta(days=40)
"""A fifth of the strangers come within this time before the end, at an even rate before and after the takedowns."""
PASSING = timedelta(days=15)
_EVERYBODYS = ("cdn", "parking", "default")


@dataclass(frozen=True, slots=True)
class Bystanders:
    """All strangers of one story."""

    cast: Cast
    rows: Sequence[Predecessor]

    def events(self, innocents: int, passers_by: int) -> list[Event]:
        """`innocents` names that resemble or repeat a watched label, the hard ones among them, and `passers_by` that
        share nothing but hosters and registrars and were registered while the story was under way."""
        hard = [*self._outlets(), *self._copycats(), *self._protected(), *self._lapsed()]
        named = {event.name for event in hard if event.innocent}
        easy = [self._stranger(place) for place in range(innocents - len(named))]
        return [*hard, *easy, *(self._passer_by(place) for place in range(passers_by))]

    def _outlets(self) -> list[Event]:
        """The imitated outlets themselves, there since ever."""
        outlets = [row.imitates for row in self.rows if row.imitates]
        return [
            self._innocent(
                name, self.cast.start - timedelta(days=5000 + 30 * place), "outlet", geography.PROTECTOR, "protection"
            )
            for place, name in enumerate(outlets)
        ]

    def _innocent(self, name: str, at: datetime, kind: str, registrar: str, host: str, page: str = "") -> Event:
        shown = page or ("parking" if host == "parking" else "other")
        return Event(
            do="register",
            name=name,
            innocent=True,
            kind=kind,
            at=at,
            registrar=registrar,
            nameservers=host,
            page=shown,
            then=ONLINE,
        )

    def _host(self, *key: object) -> str:
        """Half are with somebody who serves everybody, half with one of many hosters."""
        draw = self.cast.draw
        if draw.share("everybody's", *key) < 0.5:
            return draw.choose(_EVERYBODYS, "everybody's host", *key)
        return draw.choose(self.cast.hosts, "host", *key)

    def _label(self, *key: object) -> str:
        row = self.cast.draw.choose(self.rows, "whose label", *key)
        return row.name.partition(".")[0]

    def _stranger(self, place: int) -> Event:
        """Most carry a watched label, some a variant of it; most are old."""
        draw = self.cast.draw
        label = self._label(place)
        shape = draw.share("shape", place)
        label = edited(label, draw) if shape < 0.08 else affixed(label, draw) if shape < 0.16 else label
        age = draw.share("age", place)
        recent = draw.share("recent", place) < 0.2
        born = self.cast.end - (RECENT * age if recent else RECENT + timedelta(days=3000 * age))
        late = born >= self.cast.notices[0].at
        host = draw.choose(_EVERYBODYS, "late host", place) if late else self._host(place)
        kind = "late stranger" if late else "stranger"
        return self._innocent(self.cast.name(label, "stranger"), born, kind, self.cast.anywhere(place), host)

    def _copycats(self) -> list[Event]:
        """They read the news, register the label at their usual shop, and leave it where that shop puts it."""
        found = []
        for place, row in enumerate(self.cast.draw.shuffled(self.rows, "copied")[:COPYCATS]):
            at = self.cast.after(self.cast.notice_of(row).at, 4, 60, "copycat", place)
            name = self.cast.name(row.name.partition(".")[0], "copycat")
            host = self.cast.draw.choose(_EVERYBODYS, "copycat", place)
            found.append(self._innocent(name, at, "copycat", self.cast.anywhere("copycat", place), host))
        return found

    def _protected(self) -> list[Event]:
        """An outlet has its own label registered after the news, and sends visitors home."""
        imitated = [row for row in self.rows if row.imitates]
        found = []
        for place, row in enumerate(self.cast.draw.shuffled(imitated, "protected")[:PROTECTED]):
            found.append(
                Event(
                    do="register",
                    name=self.cast.name(row.name.partition(".")[0], "protected"),
                    innocent=True,
                    kind="brand protection",
                    at=self.cast.after(self.cast.notice_of(row).at, 20, 100, "protected", place),
                    registrar=geography.PROTECTOR,
                    nameservers="protection",
                    page="leads",
                    leads_to=row.imitates,
                    then=ONLINE,
                )
            )
        return found

    def _lapsed(self) -> list[Event]:
        """Older siblings of the operation: two stay, one lapses to a drop-catcher, one to critics of the operation."""
        draw, found = self.cast.draw, list[Event]()
        own = [row for row in self.rows if row.cohort == "own_brand"]
        for place, row in enumerate(draw.shuffled(own, "siblings")[:SIBLINGS]):
            name = self.cast.name(row.name.partition(".")[0], "sibling")
            kind = ("sibling", "sibling", "drop-catcher", "critics")[place]
            born = self.cast.start - timedelta(days=draw.number(100, 700, "sibling", place))
            found.append(
                Event(
                    do="register",
                    name=name,
                    sibling=True,
                    kind=kind,
                    at=born,
                    registrar=row.registrar,
                    nameservers=row.nameservers,
                    page="operation" if kind != "sibling" else "other",
                    then=ONLINE,
                )
            )
            if kind == "sibling":
                continue
            gone = self.cast.after(self.cast.notice_of(row).at, 10, 40, kind)
            host = "parking" if kind == "drop-catcher" else draw.choose(self.cast.hosts, kind)
            taken = self._innocent(name, self.cast.after(gone, 12, 24, kind), kind, self.cast.elsewhere(kind), host)
            found.append(Event(do="drop", name=name, at=gone))
            found.append(
                Event(
                    do="take",
                    name=name,
                    at=taken.at,
                    registrar=taken.registrar,
                    nameservers=host,
                    page="parking" if host == "parking" else "stranger",
                    then=ONLINE,
                )
            )
        return found

    def _passer_by(self, place: int) -> Event:
        """A new name with a label of its own; one in twenty is with the hoster that the operation uses beside
        others."""
        draw = self.cast.draw
        label = draw.word(draw.number(6, 13, "passing", place), "passing", place)
        known = (self.cast.refuge, self.cast.shared, *self.cast.olds)
        host = (
            draw.choose(known, "theirs", place)
            if draw.share("with them", place) < 0.1
            else self._host("passing", place)
        )
        born = self.cast.end - timedelta(days=1) - PASSING * draw.share("passing", place)
        return self._innocent(
            self.cast.name(label, "passing"), born, "passer-by", self.cast.anywhere("passing", place), host
        )
