"""A district's live state in memory: where its people on duty are, and which cells are covered until when."""

import asyncio
from collections.abc import Callable, Iterable

import msgspec
import numpy as np

from alliance.actor import Code, DistrictId, OrganisationId, PersonId
from alliance.areas.places import Places
from alliance.db.pool import Connection
from alliance.feed import batch, wire
from alliance.feed.following import Change, Following
from alliance.feed.register import Register
from alliance.feed.storing import Stored
from alliance.patrol import duties, tracks
from alliance.patrol.model import Duty
from alliance.times import from_ms
from geo import cell as hexes
from geo.cell import Ints
from geo.tracks import Visits

# Metres between two fixes that say somebody moves.
MOVED_M = 15.0
# Fixes received later than this are another process's business: it makes visits of them once a second.
UNDER_WAY_MS = 10_000
FOR_EVER_MS = 2**52


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """The newest position of somebody on duty, and what decides who sees it."""

    position: wire.Position
    beat: Code
    organisation: OrganisationId


class Live:
    """`covered` is what the last tick found; `people` changes with each batch.

    With other processes (`alone` is false) they are told what became of the visits.
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
        self._following = Following(district, places, register, alone=alone)
        self._busy = asyncio.Lock()

    async def load(self, conn: Connection, now: int) -> None:
        """Everything that still matters, from the database; what a killed process left is made up for."""
        longest = int(self.places.target_ms.max(initial=0))
        found = await tracks.visits(conn, self.district, self.places, start=now - longest, end=now + longest)
        self._following.coverage.load(found)
        await self.catch_up(conn, now)
        present = await duties.present(conn, self.district, now)
        self._register.put(present)
        for duty, point in await tracks.latest_points(conn, self.district, present):
            self._see(duty, point.at, point.lat, point.lon)
        # The first also takes what a late fix or check-out had left to be written anew.
        await self.tick(conn, now)
        while self._following.is_behind():
            await self.tick(conn, now)

    async def catch_up(self, conn: Connection, now: int) -> None:
        """Has visits made of fixes of which a killed process made none."""
        before = now + FOR_EVER_MS if self.alone else now - UNDER_WAY_MS
        found = await tracks.behind(conn, self.district, from_ms(now), before=before)
        self._following.meet(found)

    async def reload(self, conn: Connection, now: int) -> None:
        """As after a start: something that others did is not known here."""
        async with self._busy:
            self._following.begin_anew()
        await self.load(conn, now)

    def grew_elsewhere(self, settled: Visits, still: Visits) -> None:
        self._following.grew_elsewhere(settled, still)

    def rewritten_elsewhere(self, assignments: list[int], followed: list[int]) -> None:
        self._following.rewritten_elsewhere(assignments, followed)

    # Positions

    def fold(self, stored: Stored) -> None:
        """Takes fixes that were just committed."""
        fixes = stored.batch.fixes
        if stored.in_order:
            self._following.queue(fixes)
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
            self._following.changed(duty)
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
        self._following.sweep(now)

    def lose(self, people: Iterable[PersonId]) -> None:
        for person in people:
            self._lose(person)

    def _lose(self, person: PersonId) -> None:
        if self.people.pop(person, None) is not None:
            self.moved.add(person)

    # Coverage

    def scanned(self, found: Iterable[tuple[int, int]]) -> None:
        """Checkpoints were scanned: (assignment, at), committed."""
        self._following.scanned(found)

    async def tick(self, conn: Connection, now: int) -> None:
        """Brings visits and coverage up to the fixes committed so far, in the database first."""
        async with self._busy:
            change = await self._following.bring_up(conn, now)
        self._tick_cells(now)
        if change is not None and not self.alone:
            self._tell(change)

    def _tick_cells(self, now: int) -> None:
        self.covered = self._following.coverage.covered_until(now)


def _motion(before: Seen | None, lat: float, lon: float) -> str:
    if before is None:
        return "moving"
    metres = hexes.distance_m(before.position.lat, before.position.lon, lat, lon)
    return "moving" if metres > MOVED_M else "still"
