"""A district's live state in memory: where its people on duty are, and which cells are covered until when."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import date

import msgspec
import numpy as np

from alliance.actor import AssignmentId, Code, DistrictId, OrganisationId, PersonId
from alliance.areas.places import Places
from alliance.db.pool import Connection
from alliance.feed import batch, wire
from alliance.feed.ahead import Ahead
from alliance.feed.register import Register
from alliance.feed.storing import Stored
from alliance.patrol import duties, scans, tracks
from alliance.patrol.model import Duty
from alliance.times import from_ms
from geo import cell as hexes
from geo.cell import Ints
from geo.live import LiveCoverage
from geo.path import Paths
from geo.tails import Grown
from geo.tracks import Fixes, Visits, no_visits

# Metres between two fixes that say somebody moves.
MOVED_M = 15.0
FORGET_AFTER_END_MS = 2 * 3_600_000
REWRITES_AT_ONCE = 400
READ_AT_ONCE = 100_000
# Fixes received later than this are another process's business: it makes visits of them once a second.
UNDER_WAY_MS = 10_000
FOR_EVER_MS = 2**52


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """The newest position of somebody on duty, and what decides who sees it."""

    position: wire.Position
    beat: Code
    organisation: OrganisationId


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What a tick wrote: visits that grew, and assignments written anew, of which some are `followed` on."""

    settled: Visits
    open: Visits
    rewritten: list[int]
    followed: list[int]


class Live:
    """`covered` is what the last tick found; `people` changes with each batch.

    With other processes (`alone` is false) an assignment is followed, so that its visits are written as they
    grow, by the process through which its fixes come. The others are told what became of it; one that loses
    it to another has it rewritten, as both may have written at the same time.
    """

    def __init__(
        self,
        district: DistrictId,
        places: Places,
        register: Register,
        *,
        alone: bool = True,
        tell: Callable[[Change], None] = lambda change: None,
    ) -> None:
        self.district = district
        self.alone = alone
        self._tell = tell
        self.places = places
        self.people: dict[PersonId, Seen] = {}
        self.moved: set[PersonId] = set()
        self.covered: Ints = np.zeros(len(places), dtype=np.int64)
        self._register = register
        self._paths = Paths(places.hexes)
        self._coverage = LiveCoverage(self._paths, places.target_ms)
        self._queued: list[Fixes] = []
        self._ahead = Ahead()
        self._followed: dict[int, Duty] = {}
        self._wanted: dict[int, None] = {}
        self._fixes_each = 1.0
        # Assignments whose fixes came through this process, lost to another one, and rewritten by one.
        self._own: set[int] = set()
        self._lost: dict[AssignmentId, date] = {}
        self._anew: set[int] = set()
        # Scans that were committed, by assignment and time.
        self._scanned: dict[tuple[int, int], None] = {}
        self._busy = asyncio.Lock()

    async def load(self, conn: Connection, now: int) -> None:
        """Everything that still matters, from the database; what a killed process left is made up for."""
        longest = int(self.places.target_ms.max(initial=0))
        found = await tracks.visits(conn, self.district, self.places, start=now - longest, end=now + longest)
        self._coverage.load(found)
        await self.catch_up(conn, now)
        present = await duties.present(conn, self.district, now)
        self._register.put(present)
        for duty, point in await tracks.latest_points(conn, self.district, present):
            self._see(duty, point.at, point.lat, point.lon)
        while self._wanted:
            await self.tick(conn, now)
        self._tick_cells(now)

    async def catch_up(self, conn: Connection, now: int) -> None:
        """Has visits made of fixes of which a killed process made none."""
        before = now + FOR_EVER_MS if self.alone else now - UNDER_WAY_MS
        found = await tracks.behind(conn, self.district, from_ms(now), before=before)
        self._wanted.update(dict.fromkeys(found))

    async def reload(self, conn: Connection, now: int) -> None:
        """As after a start: something that others did is not known here."""
        async with self._busy:
            self._coverage = LiveCoverage(self._paths, self.places.target_ms)
            self._ahead = Ahead()
            self._followed.clear()
            self._anew.clear()
        await self.load(conn, now)

    # Other processes

    def grew_elsewhere(self, settled: Visits, still: Visits) -> None:
        self._lose_to_another(np.unique(np.concatenate([settled.assignment, still.assignment])).tolist())
        self._coverage.hear(settled, still)

    def rewritten_elsewhere(self, assignments: list[int], followed: list[int]) -> None:
        """Read again here; those that are followed here are rewritten here once more."""
        self._lose_to_another(followed)
        mine = [one for one in assignments if one in self._followed]
        self._wanted.update(dict.fromkeys(mine))
        self._anew.update(set(assignments).difference(mine))

    def _lose_to_another(self, assignments: list[int]) -> None:
        lost = {one: self._followed.pop(one) for one in assignments if one in self._followed}
        if lost:
            self._coverage.forget(tracks.numbers(lost))
            self._ahead.forget(lost)
            self._own.difference_update(lost)
            self._lost.update({duty.id: duty.duty_day for duty in lost.values()})

    async def _hear_anew(self, conn: Connection) -> None:
        chosen, self._anew = self._anew, set()
        if not chosen:
            return
        found = {int(duty.id): duty.duty_day for duty in await duties.numbered(conn, self.district, chosen)}
        visits = await tracks.visits_of(conn, self.district, self.places, found)
        self._coverage.hear_anew(tracks.numbers(chosen), visits)

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
            self._ahead.forget(over)
            self._own.difference_update(over)
            for one in over:
                del self._followed[one]

    def lose(self, people: Iterable[PersonId]) -> None:
        for person in people:
            self._lose(person)

    def _lose(self, person: PersonId) -> None:
        if self.people.pop(person, None) is not None:
            self.moved.add(person)

    # Coverage

    def scanned(self, found: Iterable[tuple[int, int]]) -> None:
        """Checkpoints were scanned: (assignment, at), committed."""
        self._scanned.update(dict.fromkeys(found))

    async def tick(self, conn: Connection, now: int) -> None:
        """Brings visits and coverage up to the fixes committed so far, in the database first."""
        async with self._busy:
            change = await self._bring_up(conn)
        self._tick_cells(now)
        if change is not None and not self.alone:
            self._tell(change)

    async def _bring_up(self, conn: Connection) -> Change | None:
        fixes = self._queue()
        touched = set() if fixes is None else self._ahead.take(fixes)
        self._own |= touched
        grown: Grown | None = None
        chosen: list[int] = []
        try:
            async with conn.transaction():
                if self._lost:
                    await tracks.mark_stale(conn, self.district, self._lost)
                stale = await tracks.take_stale(conn, self.district, REWRITES_AT_ONCE)
                self._wanted.update(dict.fromkeys(stale))
                self._wanted.update(dict.fromkeys(touched - self._followed.keys()))
                if fixes is not None:
                    grown = await self._extend(conn, fixes)
                chosen = self._choose()
                await self._rewrite(conn, chosen)
                await self._hear_anew(conn)
                await self._take_scans(conn)
        except BaseException:
            # Memory may be ahead of the database now: these are read from it again.
            self._wanted.update(dict.fromkeys([*chosen, *touched]))
            raise
        self._lost.clear()
        if grown is None and not chosen:
            return None
        return Change(
            settled=no_visits() if grown is None else grown.settled,
            open=no_visits() if grown is None else grown.open,
            rewritten=chosen,
            followed=[one for one in chosen if one in self._followed],
        )

    def _tick_cells(self, now: int) -> None:
        self.covered = self._coverage.covered_until(now)

    def _queue(self) -> Fixes | None:
        queued, self._queued = self._queued, []
        if not queued:
            return None
        names = queued[0].__struct_fields__
        return Fixes(**{name: np.concatenate([getattr(one, name) for one in queued]) for name in names})

    async def _extend(self, conn: Connection, fixes: Fixes) -> Grown | None:
        """Those followed from their first fix on, but for those that are to be read again anyway."""
        chosen = np.isin(fixes.assignment, tracks.numbers(self._followed.keys() - self._wanted.keys()))
        if not chosen.any():
            return None
        names = fixes.__struct_fields__
        taken = self._ahead.fresh(Fixes(**{name: getattr(fixes, name)[chosen] for name in names}))
        if not len(taken):
            return None
        followed = [self._followed[one] for one in np.unique(taken.assignment).tolist()]
        grown = self._coverage.extend(taken, tracks.breaks_of(followed))
        self._wanted.update(dict.fromkeys(grown.late.tolist()))
        await tracks.grow(conn, self.district, grown, {duty.id: duty.duty_day for duty in followed})
        return grown

    def _choose(self) -> list[int]:
        """Those to rewrite now; by what the last ones had, no more than the loop can be kept from others."""
        chosen = list(self._wanted)[: max(1, min(REWRITES_AT_ONCE, int(READ_AT_ONCE / self._fixes_each)))]
        for one in chosen:
            del self._wanted[one]
        return chosen

    async def _rewrite(self, conn: Connection, chosen: list[int]) -> None:
        """Reads whole assignments from the database: late ones, and those this process has not met before."""
        if not chosen:
            return
        known = {duty.id: duty for duty in await duties.numbered(conn, self.district, chosen)}
        self._register.put(known.values())
        days = {duty.id: duty.duty_day for duty in known.values()}
        fixes = await tracks.fixes_of(conn, self.district, self.places.hexes, days)
        self._fixes_each = max(1.0, len(fixes) / len(chosen))
        scanned = await scans.visits_of(conn, self.district, self.places.hexes, known)
        breaks = tracks.breaks_of(known.values())
        grown = self._coverage.rewrite(tracks.numbers(known), fixes, breaks, scanned)
        await tracks.rewrite(conn, self.district, grown, {int(one): day for one, day in days.items()})
        mine = {int(one): duty for one, duty in known.items() if self.alone or one in self._own}
        self._followed.update(mine)
        self._ahead.read(tracks.numbers(mine), fixes)
        if len(mine) < len(known):
            others = known.keys() - mine.keys()
            self._coverage.forget(tracks.numbers(others))
            self._ahead.forget(others)

    async def _take_scans(self, conn: Connection) -> None:
        """As they are stored now: a check-out may have taken one back since it was told of."""
        chosen = list(self._scanned)
        if not chosen:
            return
        self._coverage.load(await scans.visits_still(conn, self.district, self.places.hexes, chosen))
        for one in chosen:
            del self._scanned[one]


def _motion(before: Seen | None, lat: float, lon: float) -> str:
    if before is None:
        return "moving"
    metres = hexes.distance_m(before.position.lat, before.position.lon, lat, lon)
    return "moving" if metres > MOVED_M else "still"
