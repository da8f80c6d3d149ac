"""A district's live state in memory: where its people on duty are, and which cells are covered until when."""

from collections.abc import Iterable

import msgspec
import numpy as np

from alliance.actor import Code, DistrictId, OrganisationId, PersonId
from alliance.areas.places import Places
from alliance.db.pool import Connection
from alliance.feed import batch, wire
from alliance.feed.register import Register
from alliance.feed.storing import Stored
from alliance.patrol import duties, tracks
from alliance.patrol.model import Duty
from alliance.times import from_ms
from geo import cell as hexes
from geo.cell import Ints
from geo.live import LiveCoverage
from geo.path import Paths
from geo.tracks import Fixes

# Metres between two fixes that say somebody moves.
MOVED_M = 15.0
FORGET_AFTER_END_MS = 2 * 3_600_000
REWRITES_AT_ONCE = 400


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """The newest position of somebody on duty, and what decides who sees it."""

    position: wire.Position
    beat: Code
    organisation: OrganisationId


class Live:
    """`covered` is what the last tick found; `people` changes with each batch."""

    def __init__(self, district: DistrictId, places: Places, register: Register) -> None:
        self.district = district
        self.places = places
        self.people: dict[PersonId, Seen] = {}
        self.moved: set[PersonId] = set()
        self.covered: Ints = np.zeros(len(places), dtype=np.int64)
        self._register = register
        self._coverage = LiveCoverage(Paths(places.hexes), places.target_ms)
        self._queued: list[Fixes] = []
        self._followed: dict[int, Duty] = {}
        self._wanted: dict[int, None] = {}

    async def load(self, conn: Connection, now: int) -> None:
        """Everything that still matters, from the database; what a killed process left is made up for."""
        longest = int(self.places.target_ms.max(initial=0))
        found = await tracks.visits(conn, self.district, self.places, start=now - longest, end=now + longest)
        self._coverage.load(found)
        self._wanted.update(dict.fromkeys(await tracks.behind(conn, self.district, from_ms(now))))
        present = await duties.present(conn, self.district, now)
        self._register.put(present)
        for duty, point in await tracks.latest_points(conn, self.district, present):
            self._see(duty, point.at, point.lat, point.lon)
        while self._wanted:
            await self.tick(conn, now)
        self._tick_cells(now)

    # Positions

    def fold(self, stored: Stored) -> None:
        """Takes fixes that were just committed."""
        fixes = stored.batch.fixes
        if stored.in_order:
            self._queued.append(fixes)
        for i in batch.last_rows(fixes.assignment, fixes.at).tolist():
            duty = self._register.get(int(fixes.assignment[i]))
            if duty is not None:
                self._see(duty, int(fixes.at[i]), float(fixes.lat[i]), float(fixes.lon[i]))

    def _see(self, duty: Duty, at: int, lat: float, lon: float) -> None:
        before = self.people.get(duty.person)
        if before is not None and before.position.at >= at:
            return
        last = duty.spans[-1] if duty.spans else None
        if last is None or last.to_at is not None or at < last.from_at:
            return
        self.people[duty.person] = Seen(
            position=wire.Position(
                person=duty.person,
                assignment=duty.id,
                lat=lat,
                lon=lon,
                at=at,
                state=_motion(before, lat, lon),
            ),
            beat=duty.beat,
            organisation=duty.organisation,
        )
        self.moved.add(duty.person)

    def changed(self, duties: Iterable[Duty], now: int) -> None:
        """Somebody checked in or out, or withdrew the consent: positions end with duty."""
        for duty in duties:
            if duty.id in self._followed:
                self._followed[duty.id] = duty
            seen = self.people.get(duty.person)
            if seen is None or seen.position.assignment != duty.id:
                continue
            if not duty.is_present(now) or not duty.consented:
                self._lose(duty.person)

    def sweep(self, now: int) -> None:
        """Drops who is no longer on duty by the clock, and what no fix to come is likely to change."""
        for person, seen in list(self.people.items()):
            duty = self._register.get(seen.position.assignment)
            if duty is None or not duty.is_present(now) or not duty.consented:
                self._lose(person)
        over = [one for one, duty in self._followed.items() if duty.end + FORGET_AFTER_END_MS < now]
        if over:
            self._coverage.forget(np.array(over, dtype=np.int64))
            for one in over:
                del self._followed[one]

    def lose(self, people: Iterable[PersonId]) -> None:
        for person in people:
            self._lose(person)

    def _lose(self, person: PersonId) -> None:
        if self.people.pop(person, None) is not None:
            self.moved.add(person)

    # Coverage

    async def tick(self, conn: Connection, now: int) -> None:
        """Brings visits and coverage up to the fixes committed so far, in the database first."""
        fixes = self._queue()
        touched = set() if fixes is None else set(np.unique(fixes.assignment).tolist())
        try:
            async with conn.transaction():
                stale = await tracks.take_stale(conn, self.district, REWRITES_AT_ONCE)
                self._wanted.update(dict.fromkeys(stale))
                self._wanted.update(dict.fromkeys(touched - self._followed.keys()))
                if fixes is not None:
                    await self._extend(conn, fixes)
                await self._rewrite(conn)
        except BaseException:
            # Memory may be ahead of the database now: these are read from it again.
            self._wanted.update(dict.fromkeys(touched))
            raise
        self._tick_cells(now)

    def _tick_cells(self, now: int) -> None:
        self.covered = self._coverage.covered_until(now)

    def _queue(self) -> Fixes | None:
        queued, self._queued = self._queued, []
        if not queued:
            return None
        names = queued[0].__struct_fields__
        return Fixes(**{name: np.concatenate([getattr(one, name) for one in queued]) for name in names})

    async def _extend(self, conn: Connection, fixes: Fixes) -> None:
        """Those followed from their first fix on, but for those that are to be read again anyway."""
        chosen = np.isin(fixes.assignment, tracks.numbers(self._followed.keys() - self._wanted.keys()))
        if not chosen.any():
            return
        names = fixes.__struct_fields__
        taken = Fixes(**{name: getattr(fixes, name)[chosen] for name in names})
        followed = [self._followed[one] for one in np.unique(taken.assignment).tolist()]
        grown = self._coverage.extend(taken, tracks.breaks_of(followed))
        self._wanted.update(dict.fromkeys(grown.late.tolist()))
        await tracks.grow(conn, self.district, grown, {duty.id: duty.duty_day for duty in followed})

    async def _rewrite(self, conn: Connection) -> None:
        """Reads whole assignments from the database: late ones, and those this process has not met before."""
        chosen = list(self._wanted)[:REWRITES_AT_ONCE]
        if not chosen:
            return
        known = {duty.id: duty for duty in await duties.numbered(conn, self.district, chosen)}
        self._register.put(known.values())
        days = {duty.id: duty.duty_day for duty in known.values()}
        fixes = await tracks.fixes_of(conn, self.district, self.places.hexes, days)
        grown = self._coverage.rewrite(tracks.numbers(known), fixes, tracks.breaks_of(known.values()))
        await tracks.rewrite(conn, self.district, grown, {int(one): day for one, day in days.items()})
        for one in chosen:
            self._wanted.pop(one, None)
        self._followed.update({int(one): duty for one, duty in known.items()})


def _motion(before: Seen | None, lat: float, lon: float) -> str:
    if before is None:
        return "moving"
    metres = hexes.distance_m(before.position.lat, before.position.lon, lat, lon)
    return "moving" if metres > MOVED_M else "still"
