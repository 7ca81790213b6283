"""The append-only log over SQLite or PostgreSQL."""

import zlib
from collections import OrderedDict
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, func, insert, select, update

from tracker.model.exhibits import Exhibit
from tracker.model.facts import Artefact, Batch, Cursor, Run, Sighting
from tracker.model.history import History
from tracker.model.names import DomainName
from tracker.model.times import utc
from tracker.model.watching import Watch
from tracker.storage import log_tables as tables
from tracker.storage.bodies import discard_bodies
from tracker.storage.database import insert_ignoring, reading, upsert, writing
from tracker.storage.folding import append_looks
from tracker.storage.log_tables import table
from tracker.storage.look_tables import CanaryRow
from tracker.storage.mirror import EMPTY_AS_OF, Mirror
from tracker.storage.rows import from_row, to_row
from tracker.storage.statements import Stamp, append_keyed, append_once, chunks
from tracker.storage.sweeps import append_sweeps

SPAN_BREAK = timedelta(days=60)
"""Twice the longest cadence, that of dead names: an equal look after a longer silence begins a new span."""

SIGHTING_IDENTITY = ("watch_key", "name", "technique", "source", "facts")
REMEMBERED_READS = 16
REMEMBERED_RUNS = 16


class SqlLog:
    """The `Log` port. `recorded_at` is the moment of the append in whole seconds, as every printed time is.

    Reading keeps a mirror of the log in memory; only a history of the past is read from the tables anew.
    """

    def __init__(self, engine: Engine, span_break: timedelta = SPAN_BREAK) -> None:
        self._engine = engine
        self._span_break = span_break
        self._mirror = Mirror()
        self._run_rows: dict[str, tuple[Run, int]] = {}
        # The last append that a history as of some moment contained: what came later in the same second is after it.
        self._read_to: OrderedDict[datetime, int] = OrderedDict()

    def append(self, run: Run, batch: Batch, at: datetime) -> None:
        """Store all of a batch, its cursor included, or nothing. What the log already says is not stored again."""
        recorded_at = utc(at).replace(microsecond=0)
        with writing(self._engine) as connection:
            stamp, run_row = self._begin(connection, run, batch, recorded_at)
            _append_watching(connection, batch, stamp)
            append_once(connection, tables.SightingRow, batch.sightings, stamp, SIGHTING_IDENTITY)
            append_once(connection, tables.GapRow, batch.gaps, stamp)
            append_once(connection, tables.ReviewRow, batch.reviews, stamp)
            append_once(connection, tables.MuteRow, batch.mutes, stamp)
            append_once(connection, CanaryRow, batch.canaries, stamp)
            append_keyed(connection, tables.ComplaintRow, [(noun.key, noun) for noun in batch.complaints], stamp)
            append_sweeps(connection, batch.sweeps, stamp)
            repeated = append_looks(connection, batch.observations, stamp, self._span_break)
            _append_artefacts(connection, batch, stamp, repeated)
            if batch.cursor is not None:
                cursor = {"source": batch.cursor.source, "state": batch.cursor.state, "append_id": stamp.append_id}
                upsert(connection, table(tables.CursorRow), [cursor])
        self._run_rows[run.run_id] = (run, run_row)  # only now: what was rolled back has no row
        while len(self._run_rows) > REMEMBERED_RUNS:
            del self._run_rows[next(iter(self._run_rows))]

    def _begin(self, connection: Connection, run: Run, batch: Batch, recorded_at: datetime) -> tuple[Stamp, int]:
        """The stamp of a new append, and the row of its run, which is added when it is not there."""
        appends, runs = table(tables.AppendRow), table(tables.RunRow)
        known, row = self._run_rows.get(run.run_id, (None, 0))
        content = {"run_row": row, "recorded_at": int(recorded_at.timestamp()), "brought": _parts(batch)}
        number = connection.execute(insert(appends).values(content).returning(appends.c.append_id)).scalar_one()
        stamp = Stamp(recorded_at, number)
        if known != run:
            append_keyed(connection, tables.RunRow, [(run.run_id, run)], stamp)
            newest = select(func.max(runs.c.row_id)).where(runs.c.key == run.run_id)
            row = connection.execute(newest).scalar_one()
            connection.execute(update(appends).where(appends.c.append_id == number).values(run_row=row))
        return stamp, row

    def cursor(self, source: str) -> Cursor | None:
        """Where the source was left by its last stored batch."""
        cursors = table(tables.CursorRow)
        with reading(self._engine) as connection:
            state = connection.execute(select(cursors.c.state).where(cursors.c.source == source)).scalar()
        return None if state is None else Cursor(source, state)

    def watches(self) -> tuple[Watch, ...]:
        """The newest row of each watch, paused and removed ones included; sorted by key."""
        with reading(self._engine) as connection:
            self._mirror.sync(connection, ("watches",))
        return self._mirror.watches()

    def sightings(self) -> tuple[Sighting, ...]:
        """Every sighting, as `history` has them, without what else a history has to be read from."""
        with reading(self._engine) as connection:
            self._mirror.sync(connection, ("sightings",))
        return self._mirror.sightings()

    def newest(self) -> datetime | None:
        """The newest `recorded_at`; None while nothing was appended."""
        with reading(self._engine) as connection:
            self._mirror.sync(connection, ())
        return self._mirror.newest

    def history(self, as_of: datetime | None = None) -> History:
        """What had been recorded by `as_of` (default: by now); an empty log has the history of 1970."""
        with reading(self._engine) as connection:
            self._mirror.sync(connection)
            newest = self._mirror.newest or EMPTY_AS_OF
            moment = newest if as_of is None else utc(as_of)
            if moment < newest:
                past = Mirror(moment.replace(microsecond=0))
                past.sync(connection)
                return past.history(moment)
        self._read_to.setdefault(moment, self._mirror.seen)
        while len(self._read_to) > REMEMBERED_READS:
            self._read_to.popitem(last=False)
        return self._mirror.history(moment)

    def touched(self, since: datetime | None) -> frozenset[DomainName]:
        """Names with a sighting, look, review or claim recorded after `since`.

        Rows of the very second of `since` count as after it, unless this object's history as of `since` had them: a
        name too many costs a computation, a missing one a wrong view.
        """
        with reading(self._engine) as connection:
            self._mirror.sync(connection)
            seen = self._last_before(connection, since)
        return frozenset(DomainName(name) for name, last in self._mirror.touched.items() if last > seen)

    def artefact(self, artefact_id: str) -> Artefact | None:
        """The raw thing behind a fact; None when it was never stored or its body has been discarded."""
        rows = table(tables.ArtefactRow)
        with reading(self._engine) as connection:
            row = connection.execute(select(rows).where(rows.c.artefact_id == artefact_id)).mappings().first()
        if row is None or row["body"] is None:
            return None
        return from_row(Artefact, {**row, "body": zlib.decompress(row["body"])})

    def exhibits(self, artefact_ids: Collection[str], as_of: datetime) -> tuple[Exhibit, ...]:
        """Those of the artefacts that had been recorded by `as_of`, sorted by id, with or without a body."""
        rows, appends, runs = (table(model) for model in (tables.ArtefactRow, tables.AppendRow, tables.RunRow))
        found: dict[str, Exhibit] = {}
        with reading(self._engine) as connection:
            for ids in chunks(artefact_ids):
                query = select(rows, runs.c.run_id).join(appends, appends.c.append_id == rows.c.append_id)
                query = query.join(runs, runs.c.row_id == appends.c.run_row)
                query = query.where(rows.c.artefact_id.in_(ids), rows.c.recorded_at <= utc(as_of))
                for row in connection.execute(query).mappings():
                    body = None if row["body"] is None else zlib.decompress(row["body"])
                    found[row["artefact_id"]] = from_row(Exhibit, {**row, "body": body})
        return tuple(found[artefact_id] for artefact_id in sorted(found))

    def discard(self, days: int, megabytes: int, now: datetime) -> int:
        """Drop the bodies of old raw replies, see `bodies`; how many. Nothing else of the log ever goes."""
        return discard_bodies(self._engine, days, megabytes, now)

    def _last_before(self, connection: Connection, since: datetime | None) -> int:
        """Number of the last append that is surely not after `since`."""
        if since is None:
            return 0
        if utc(since) in self._read_to:
            return self._read_to[utc(since)]
        appends = table(tables.AppendRow)
        first = select(func.min(appends.c.append_id)).where(appends.c.recorded_at >= int(utc(since).timestamp()))
        later = connection.execute(first).scalar()
        if later is not None:
            return int(later) - 1
        return int(connection.execute(select(func.max(appends.c.append_id))).scalar() or 0)


def _parts(batch: Batch) -> int:
    return sum(1 << bit for bit, part in enumerate(tables.PARTS) if getattr(batch, part))


def _append_watching(connection: Connection, batch: Batch, stamp: Stamp) -> None:
    append_keyed(connection, tables.OperationRow, [(noun.operation_id, noun) for noun in batch.operations], stamp)
    append_keyed(connection, tables.ActionRow, [(noun.action_id, noun) for noun in batch.actions], stamp)
    append_keyed(connection, tables.TakedownRow, [(noun.key, noun) for noun in batch.takedowns], stamp)
    append_keyed(connection, tables.ClaimRow, [(noun.key, noun) for noun in batch.claims], stamp)
    append_keyed(
        connection, tables.AnnouncementRow, [(noun.announcement_id, noun) for noun in batch.announcements], stamp
    )
    append_keyed(connection, tables.WatchRow, [(noun.key, noun) for noun in batch.watches], stamp)


def _append_artefacts(connection: Connection, batch: Batch, stamp: Stamp, repeated: frozenset[str]) -> None:
    """Store what a batch brought, `repeated` replies apart."""
    rows = [
        {**to_row(artefact), **stamp.columns(), "body": zlib.compress(artefact.body), "size": len(artefact.body)}
        for artefact in batch.artefacts
        if artefact.artefact_id not in repeated
    ]
    insert_ignoring(connection, table(tables.ArtefactRow), rows)
