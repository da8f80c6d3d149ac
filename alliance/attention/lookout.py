"""One district's lookout keeps the live state that the rules judge, and has them judged."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import timedelta

import numpy as np

from alliance import events
from alliance.actor import AssignmentId, DistrictId
from alliance.areas.model import Tier
from alliance.areas.places import Places
from alliance.attention import actions, judging, store
from alliance.attention.book import Book
from alliance.attention.judging import Scene
from alliance.attention.model import MINUTE_MS, Cause, Kind, Thresholds
from alliance.attention.roll import NOWHERE, Roll
from alliance.db import lease
from alliance.db.pool import Connection, Pool
from alliance.patrol import duties, tracks
from alliance.patrol.model import OPEN_AFTER_END_MS, Duty
from alliance.patrol.tracks import Heard
from alliance.times import from_ms
from geo import coverage
from geo.cell import Ints

# Duties are followed by the facts that name them. Which there are is asked every minute, and all are read
# again now and then, for what no fact names.
READ_AGAIN_MS = 60_000
ALL_AGAIN_MS = 600_000
AHEAD_MS = 2 * READ_AGAIN_MS
FACTS_AT_ONCE = 500
DUTIES_AT_ONCE = 300
# How long whoever judges is respected without a look.
LASTS = timedelta(seconds=15)


class Lookout:
    """Tell it what was `heard`, and let it `look`; only one process of all judges a district."""

    def __init__(self, pool: Pool, district: DistrictId, places: Places) -> None:
        self._pool = pool
        self._district = district
        self._places = places
        self._name = secrets.token_hex(8)
        self._queued: list[Heard] = []
        self._high = np.flatnonzero(places.tier == Tier.HIGH)
        self._cell_text = [places.cell_text[n] for n in self._high.tolist()]
        self._forget()

    def _forget(self) -> None:
        self._roll = Roll(self._places)
        self._read_at = self._all_at = 0
        self._event = 0
        self._book: Book | None = None
        self._asked = 0
        self._covered = np.zeros(len(self._high), dtype=np.int64)
        self._cold_since = np.zeros(len(self._high), dtype=np.int64)
        self._empty_since = np.zeros(len(self._places.beats), dtype=np.int64)
        self._needed = np.zeros(len(self._places.beats), dtype=np.int64)
        self._began = np.zeros(len(self._places.beats), dtype=np.int64)

    def heard(self, fixes: Heard) -> None:
        """Fixes that were just committed."""
        if self._read_at:
            self._queued.append(fixes)

    def missed(self) -> None:
        """Some fixes were not heard: everything is read again."""
        self._forget()

    async def look(self, now: int, covered: Ints) -> bool:
        """Judges once, with each cell's `covered_until`; False where another process does it."""
        try:
            async with events.transaction(self._pool, self._district) as tx:
                # Until the transaction ends no other process can be the one that judges.
                if not await lease.take(tx.conn, self._district, "attention", self._name, LASTS):
                    self._forget()
                    return False
                limits, _ = await store.thresholds(tx.conn, self._district)
                await self._catch_up(tx.conn, limits, now)
                standing = await self._standing(tx.conn)
                scene = await self._scene(tx.conn, limits, now, covered[self._high])
                new, over = judging.news(scene, limits, now, standing)
                if await self._look_up(tx.conn, self._unheard(new, standing)):
                    new, over = judging.news(scene, limits, now, standing)
                raised = await actions.settle(tx, new, over, from_ms(now))
            # Only what was committed stands.
            standing.put(raised)
            standing.drop(over)
        except BaseException:
            # What memory has taken in may not have been told: it is read again.
            self._forget()
            raise
        return True

    async def _catch_up(self, conn: Connection, limits: Thresholds, now: int) -> None:
        """Brings the duties, then the fixes, up to now."""
        if not self._read_at:
            await self._begin(conn, limits, now)
        numbers = await self._named(conn)
        if now - self._read_at >= READ_AGAIN_MS:
            await self._read(conn, now)
        await self._put(conn, numbers)
        queued, self._queued = self._queued, []
        if queued:
            self._roll.fold(Heard.joined(queued))

    async def _begin(self, conn: Connection, limits: Thresholds, now: int) -> None:
        """After a start: who has been where, and which cells have been cold for how long."""
        self._event = await events.latest(conn, self._district)
        found = await self._read(conn, now)
        longest = max(limits.still, limits.left_beat, limits.silent) + 2
        present = [duty for duty in found if duty.is_present(now)]
        await self._hear_again(conn, present, now - longest * MINUTE_MS)
        self._empty_since = self._last_seen(found, now)
        self._cold_since = await self._last_covered(conn, limits, now)

    def _last_seen(self, found: Iterable[Duty], now: int) -> Ints:
        """When somebody was last in each beat, as far back as the known duties tell."""
        last = np.full(len(self._places.beats), now - OPEN_AFTER_END_MS, dtype=np.int64)
        numbers = {beat: n for n, beat in enumerate(self._places.beats)}
        spans = [(duty, span) for duty in found for span in duty.spans if duty.beat in numbers]
        for duty, span in spans:
            n = numbers[duty.beat]
            last[n] = max(last[n], min(span.to_at or now, now))
        rows = self._roll.rows
        seen = rows["here"] >= 0
        np.maximum.at(last, rows["here"][seen], np.minimum(rows["at"][seen], now))
        return last

    async def _last_covered(self, conn: Connection, limits: Thresholds, now: int) -> Ints:
        """Since when each cell of high demand has been cold, as far back as matters; 0 for the others."""
        targets = self._places.target_ms
        back = int((limits.cold + 1) * targets[self._high].max(initial=0)) + MINUTE_MS
        visits = await tracks.visits(conn, self._district, self._places, start=now - back, end=now)
        last = np.full(len(targets), now - back, dtype=np.int64)
        counts = coverage.counting(visits) & (visits.from_at <= now)
        np.maximum.at(last, visits.place[counts], visits.to_at[counts])
        ends = (last + np.where(last > now - back, targets, 0))[self._high]
        return np.where(ends > now, 0, ends)

    async def _put(self, conn: Connection, numbers: Iterable[int]) -> list[Duty]:
        """Some at a time, so that thousands at a shift's start don't hold up the loop."""
        wanted, found = sorted(numbers), []
        for first in range(0, len(wanted), DUTIES_AT_ONCE):
            part = await duties.numbered(conn, self._district, wanted[first : first + DUTIES_AT_ONCE])
            self._roll.put(part)
            found += part
        return found

    async def _read(self, conn: Connection, now: int) -> list[Duty]:
        """Which duties matter now, and what the beats need; returns those that are new here."""
        start, end = now - OPEN_AFTER_END_MS, now + AHEAD_MS
        numbers = await duties.running_numbers(conn, self._district, start, end)
        known = [one for one in numbers if one in self._roll]
        found = await self._put(conn, set(numbers).difference(known))
        if now - self._all_at >= ALL_AGAIN_MS:
            self._all_at = now
            for first in range(0, len(known), DUTIES_AT_ONCE):
                await self._put(conn, known[first : first + DUTIES_AT_ONCE])
        self._roll.keep(numbers)
        self._needed[:], self._began[:] = 0, 0
        places = {beat: n for n, beat in enumerate(self._places.beats)}
        for need in await store.needs(conn, self._district, from_ms(now)):
            if need.beat in places:
                self._needed[places[need.beat]] = need.needed
                self._began[places[need.beat]] = need.began
        rows = self._roll.rows
        running = rows[(rows["start"] <= now) & (now < rows["end"]) & (rows["beat"] != NOWHERE)]
        np.maximum.at(self._needed, running["beat"], 1)
        np.maximum.at(self._began, running["beat"], running["start"])
        self._read_at = now
        return found

    async def _named(self, conn: Connection) -> set[int]:
        """The assignments that facts have named since the last look, by themselves or by their people."""
        numbers, people = set[int](), set[int]()
        while facts := await events.since(conn, self._district, self._event, FACTS_AT_ONCE):
            self._event = facts[-1].id
            for fact in facts:
                assignment = fact.data.get("assignment")
                if isinstance(assignment, int) and assignment in self._roll:
                    numbers.add(assignment)
                if fact.kind.startswith("consent_"):
                    people.update(fact.people)
        rows = self._roll.rows
        theirs = rows["assignment"][np.isin(rows["person"], np.array(sorted(people), dtype=np.int64))]
        return numbers | set(theirs.tolist())

    async def _hear_again(self, conn: Connection, found: Sequence[Duty], since: int) -> None:
        if found:
            self._roll.fold(await tracks.recent(conn, self._district, self._places.hexes, found, since))

    async def _standing(self, conn: Connection) -> Book:
        """Read once: whoever judges is the only one who raises and resolves."""
        if self._book is None:
            self._book = Book(await store.standing(conn, self._district))
        return self._book

    def _unheard(self, new: Iterable[Cause], standing: Book) -> list[int]:
        """Who falls silent now, and some of those who have been, in turn."""
        known = standing.numbers(Kind.SILENT)
        self._asked = self._asked if self._asked < len(known) else 0
        turn = known[self._asked : self._asked + DUTIES_AT_ONCE].tolist()
        self._asked += DUTIES_AT_ONCE
        return [*turn, *(int(one.subject) for one in new if one.kind is Kind.SILENT)]

    async def _look_up(self, conn: Connection, silent: Sequence[int]) -> bool:
        """Another process may have heard those who are silent here; whether that changed anything."""
        if not silent:
            return False
        before = int(self._roll.rows["heard"].sum())
        found = await duties.numbered(conn, self._district, [AssignmentId(one) for one in silent])
        self._roll.fold(await tracks.newest(conn, self._district, self._places.hexes, found))
        return int(self._roll.rows["heard"].sum()) != before

    async def _scene(self, conn: Connection, limits: Thresholds, now: int, covered: Ints) -> Scene:
        """Also carries on since when beats are empty and cells cold."""
        fresh = (limits.silent or Thresholds().silent) * MINUTE_MS
        beats = self._places.beats
        somebody = judging.occupied(self._roll.rows, len(beats), fresh, now)
        self._empty_since = judging.emptied(self._empty_since, somebody, now)
        self._cold_since = judging.cooled(self._cold_since, self._covered, covered, now)
        self._covered = covered.copy()
        ordered = await store.ordered(conn, self._district)
        return Scene(
            rows=self._roll.rows,
            ordered=np.array(ordered, dtype=np.int64),
            beats=beats,
            needed=self._needed,
            began=self._began,
            empty_since=self._empty_since,
            cells=self._cell_text,
            cell_beat=self._places.beat[self._high],
            target=self._places.target_ms[self._high],
            cold_since=self._cold_since,
            calls=tuple(await store.calls(conn, self._district)),
        )
