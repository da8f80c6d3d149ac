"""The visits of a district's duties, kept up with their fixes, in memory and in the database alike."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date

import msgspec
import numpy as np

from alliance.actor import AssignmentId, DistrictId
from alliance.areas.places import Places
from alliance.db.pool import Connection
from alliance.feed.ahead import Ahead
from alliance.feed.register import Register
from alliance.patrol import duties, scans, tracks
from alliance.patrol.model import Duty
from geo.live import LiveCoverage
from geo.path import Paths
from geo.tails import Grown
from geo.tracks import Fixes, Visits, no_visits

FORGET_AFTER_END_MS = 2 * 3_600_000
RESUMES_AT_ONCE = 1_000
REWRITES_AT_ONCE = 2_000
READ_AT_ONCE = 100_000
# Of a duty, until it is known better.
FIXES_EACH = 250.0


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What a tick wrote: visits that grew, and assignments written anew, of which some are `followed` on."""

    settled: Visits
    open: Visits
    rewritten: list[int]
    followed: list[int]


class Following:
    """Duties are met with their first fix here, and then followed: visits are written as they grow.

    With other processes (`alone` is false) an assignment is followed by the process through which its fixes
    come. One that loses it to another has it rewritten, as both may have written at the same time.
    """

    def __init__(self, district: DistrictId, places: Places, register: Register, *, alone: bool) -> None:
        self._district = district
        self._places = places
        self._register = register
        self._alone = alone
        self._paths = Paths(places.hexes)
        self._longest = int(places.target_ms.max(initial=0))
        self.coverage = LiveCoverage(self._paths, places.target_ms)
        self._queued: list[Fixes] = []
        self._ahead = Ahead()
        self._followed: dict[int, Duty] = {}
        # To be gone on with where their stored visits end, or to be written anew from all fixes.
        self._met: dict[int, None] = {}
        self._wanted: dict[int, None] = {}
        self._fixes_each = FIXES_EACH
        # Assignments whose fixes came through this process, lost to another one, and rewritten by one.
        self._own: set[int] = set()
        self._lost: dict[AssignmentId, date] = {}
        self._anew: set[int] = set()
        # Scans that were committed, by assignment and time.
        self._scanned: dict[tuple[int, int], None] = {}

    def begin_anew(self) -> None:
        self.coverage = LiveCoverage(self._paths, self._places.target_ms)
        self._ahead = Ahead()
        self._followed.clear()
        self._anew.clear()

    def is_behind(self) -> bool:
        return bool(self._met or self._wanted)

    # What happens

    def meet(self, assignments: Iterable[int]) -> None:
        """They have stored fixes of which no visits may have been made."""
        self._met.update(dict.fromkeys(one for one in assignments if one not in self._wanted))

    def _want(self, assignments: Iterable[int]) -> None:
        for one in assignments:
            self._wanted[one] = None
            self._met.pop(one, None)

    def queue(self, fixes: Fixes) -> None:
        """They were committed, newer than all before them."""
        self._queued.append(fixes)

    def changed(self, duty: Duty) -> None:
        if duty.id in self._followed:
            self._followed[duty.id] = duty

    def scanned(self, found: Iterable[tuple[int, int]]) -> None:
        """Checkpoints were scanned: (assignment, at), committed."""
        self._scanned.update(dict.fromkeys(found))

    def sweep(self, now: int) -> None:
        """Drops what no fix to come is likely to change."""
        over = [one for one, duty in self._followed.items() if duty.end + FORGET_AFTER_END_MS < now]
        if over:
            self._forget(over)
            self._own.difference_update(over)
            for one in over:
                del self._followed[one]

    # Other processes

    def grew_elsewhere(self, settled: Visits, still: Visits) -> None:
        self._lose_to_another(np.unique(np.concatenate([settled.assignment, still.assignment])).tolist())
        self.coverage.hear(settled, still)

    def rewritten_elsewhere(self, assignments: list[int], followed: list[int]) -> None:
        """Read again here; those that are followed here are rewritten here once more."""
        self._lose_to_another(followed)
        mine = [one for one in assignments if one in self._followed]
        self._want(mine)
        self._anew.update(set(assignments).difference(mine))

    def _lose_to_another(self, assignments: list[int]) -> None:
        lost = {one: self._followed.pop(one) for one in assignments if one in self._followed}
        if lost:
            self._forget(lost)
            self._own.difference_update(lost)
            self._lost.update({duty.id: duty.duty_day for duty in lost.values()})

    async def _hear_anew(self, conn: Connection) -> None:
        chosen, self._anew = self._anew, set()
        if not chosen:
            return
        found = {int(duty.id): duty.duty_day for duty in await duties.numbered(conn, self._district, chosen)}
        visits = await tracks.visits_of(conn, self._district, self._places, found)
        self.coverage.hear_anew(tracks.numbers(chosen), visits)

    # Bringing up

    async def bring_up(self, conn: Connection, now: int) -> Change | None:
        """Brings the visits up to the fixes committed so far; in the database all of it or nothing."""
        fixes = self._taken()
        touched = set() if fixes is None else self._ahead.take(fixes)
        self._own |= touched
        grown: list[Grown] = []
        met: list[int] = []
        wanted: list[int] = []
        try:
            async with conn.transaction():
                if self._lost:
                    await tracks.mark_stale(conn, self._district, self._lost)
                self._want(await tracks.take_stale(conn, self._district, REWRITES_AT_ONCE))
                self.meet(touched - self._followed.keys())
                if fixes is not None:
                    grown += await self._extend(conn, fixes)
                met = _some(self._met, RESUMES_AT_ONCE)
                grown += await self._resume(conn, met, now)
                # By what the last ones had, no more than the loop can be kept from others.
                wanted = _some(self._wanted, min(REWRITES_AT_ONCE, int(READ_AT_ONCE / self._fixes_each)))
                await self._rewrite(conn, wanted)
                await self._hear_anew(conn)
                await self._take_scans(conn)
        except BaseException:
            # Memory may be ahead of the database now: these are read from it again.
            self._want([*met, *wanted, *touched])
            raise
        self._lost.clear()
        return self._change(grown, wanted)

    def _change(self, grown: list[Grown], rewritten: list[int]) -> Change | None:
        if not grown and not rewritten:
            return None
        return Change(
            settled=Visits.joined([no_visits(), *(one.settled for one in grown)]),
            open=Visits.joined([no_visits(), *(one.open for one in grown)]),
            rewritten=rewritten,
            followed=[one for one in rewritten if one in self._followed],
        )

    def _taken(self) -> Fixes | None:
        queued, self._queued = self._queued, []
        return Fixes.joined(queued) if queued else None

    async def _extend(self, conn: Connection, fixes: Fixes) -> list[Grown]:
        """Those followed from their first fix on, but for those that are to be read again anyway."""
        chosen = np.isin(fixes.assignment, tracks.numbers(self._followed.keys() - self._wanted.keys()))
        fresh = self._ahead.fresh(fixes.take(chosen))
        if not len(fresh):
            return []
        followed = [self._followed[one] for one in np.unique(fresh.assignment).tolist()]
        grown = self.coverage.extend(fresh, tracks.breaks_of(followed))
        self._want(grown.late.tolist())
        await tracks.grow(conn, self._district, grown, {duty.id: duty.duty_day for duty in followed})
        return [grown]

    async def _resume(self, conn: Connection, chosen: list[int], now: int) -> list[Grown]:
        """Goes on where the stored visits end, as after a restart; where that can't be, all is read."""
        if not chosen:
            return []
        known = await self._known(conn, chosen)
        days = {one: duty.duty_day for one, duty in known.items()}
        stored = await tracks.visits_since(conn, self._district, self._places, days, now - self._longest)
        ends = tracks.ends_of(stored)
        fixes = await tracks.fixes_about(conn, self._district, self._places.hexes, days, ends)
        breaks = tracks.breaks_of(known.values())
        told = fixes.at <= np.array([ends[one] for one in fixes.assignment.tolist()], dtype=np.int64)
        resumed = self.coverage.resume(fixes.take(told), stored, breaks)
        mine = set(resumed.tolist())
        self._want(known.keys() - mine)
        grown = self.coverage.extend(fixes.take(~told & np.isin(fixes.assignment, resumed)), breaks)
        await tracks.grow(conn, self._district, grown, days)
        self._follow({one: duty for one, duty in known.items() if one in mine}, fixes)
        return [grown]

    async def _rewrite(self, conn: Connection, chosen: list[int]) -> None:
        """Reads all fixes: of those with late ones, and of those that have no visits yet."""
        if not chosen:
            return
        known = await self._known(conn, chosen)
        days = {one: duty.duty_day for one, duty in known.items()}
        fixes = await tracks.fixes_of(conn, self._district, self._places.hexes, days)
        self._fixes_each = max(1.0, len(fixes) / len(chosen))
        scanned = await scans.visits_of(conn, self._district, self._places.hexes, known)
        breaks = tracks.breaks_of(known.values())
        grown = self.coverage.rewrite(tracks.numbers(known), fixes, breaks, scanned)
        await tracks.rewrite(conn, self._district, grown, days)
        self._follow(known, fixes)

    async def _known(self, conn: Connection, chosen: list[int]) -> dict[int, Duty]:
        found = {int(duty.id): duty for duty in await duties.numbered(conn, self._district, chosen)}
        self._register.put(found.values())
        return found

    def _follow(self, known: Mapping[int, Duty], fixes: Fixes) -> None:
        """Those whose fixes come through this process, from these on."""
        numbers = tracks.numbers(known)
        self._ahead.read(numbers, fixes.take(np.isin(fixes.assignment, numbers)))
        others = set[int]() if self._alone else known.keys() - self._own
        self._followed.update((one, duty) for one, duty in known.items() if one not in others)
        if others:
            self._forget(others)

    def _forget(self, assignments: Collection[int]) -> None:
        self.coverage.forget(tracks.numbers(assignments))
        self._ahead.forget(assignments)

    async def _take_scans(self, conn: Connection) -> None:
        """As they are stored now: a check-out may have taken one back since it was told of."""
        chosen = list(self._scanned)
        if not chosen:
            return
        self.coverage.load(await scans.visits_still(conn, self._district, self._places.hexes, chosen))
        for one in chosen:
            del self._scanned[one]


def _some(waiting: dict[int, None], most: int) -> list[int]:
    """The first of them, which wait no longer."""
    chosen = list(waiting)[: max(1, most)]
    for one in chosen:
        del waiting[one]
    return chosen
