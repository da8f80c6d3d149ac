"""Fixes on their way into the database: by COPY what is new, by ON CONFLICT what may be a resend."""

import asyncio
import itertools
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import asyncpg
import msgspec
import numpy as np

from alliance.actor import AssignmentId, DistrictId
from alliance.areas.places import Places
from alliance.db.pool import Connection, Pool
from alliance.feed import batch, wire
from alliance.feed.batch import Batch
from alliance.feed.needs import Store
from alliance.feed.register import Register
from alliance.patrol import fix_store, fixes, sos, visit_store
from alliance.patrol.fix_store import FixRows, day_of
from alliance.patrol.model import Duty, Point
from alliance.patrol.partitions import ensure_partitions
from alliance.problems import PASSING

log = logging.getLogger(__name__)

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 2.0
PATIENCE_S = 60.0

Answer = TypeVar("Answer")


class Stored(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Fixes that are durable now and were not before; those `in_order` are newer than all before them."""

    batch: Batch
    in_order: bool


class Storing:
    """`failing` while the database does not answer."""

    def __init__(
        self, pool: Pool, district: DistrictId, places: Callable[[], Places], register: Register
    ) -> None:
        self._pool = pool
        self._district = district
        self._places = places
        self._register = register
        self._partitions: set[int] = set()
        self.failing = False

    async def patiently(self, work: Callable[[Connection], Awaitable[Answer]]) -> Answer:
        """Runs it until the database lets it through; a failed try may have been committed."""
        pause = FIRST_PAUSE_S
        while True:
            try:
                async with asyncio.timeout(PATIENCE_S), self._pool.acquire() as conn:
                    answer = await work(conn)
                self.failing = False
                return answer
            except (*PASSING, OSError) as error:
                if not self.failing:
                    log.warning("feed: the database does not answer (%s); holding on", type(error).__name__)
                self.failing = True
            self._register.newest.clear()
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)

    async def store(self, stores: Sequence[Store]) -> list[Stored]:
        """Returns when all is durable that may be stored by the duties as they are now."""
        found: list[Stored] = []
        good = self._still_good(stores)
        if good:
            found = await self._keep(batch.build(good, self._places().hexes))
        await self._follow(stores)
        return found

    def _still_good(self, stores: Sequence[Store]) -> list[tuple[Duty, Store]]:
        """A check-out may have come since the fixes were judged."""
        good = []
        for store in stores:
            if store.duty is None or not store.fixes:
                continue
            kept = store
            current = self._register.get(store.duty.id) or store.duty
            if current is not store.duty:
                times = [fix.at for fix in store.fixes]
                refusals = fixes.judge(current, current.person, times, store.received_at)
                places = fixes.taken(len(times), refusals)
                kept = msgspec.structs.replace(store, fixes=[store.fixes[i] for i in places])
            if kept.fixes:
                good.append((current, kept))
        return good

    async def _keep(self, found: Batch) -> list[Stored]:
        days = set(found.rows.day.tolist())
        if not days <= self._partitions:
            await self.patiently(lambda conn: ensure_partitions(conn, [day_of(day) for day in days]))
            self._partitions |= days
        tries = itertools.count()
        try:
            return await self.patiently(lambda conn: self._put(conn, found, doubtful=next(tries) > 0))
        except asyncpg.CheckViolationError:
            # Somebody dropped the partition meanwhile.
            self._partitions.clear()
            return await self._keep(found)

    async def _put(self, conn: Connection, found: Batch, *, doubtful: bool) -> list[Stored]:
        """`doubtful`: a try before this one may have been committed, so that nothing looks new here."""
        rows = found.rows
        if doubtful:
            days = dict(zip(rows.assignment.tolist(), rows.day.tolist(), strict=True))
            marked = {AssignmentId(one): day_of(day) for one, day in days.items()}
            await visit_store.mark_stale(conn, self._district, marked)
        await self._learn(conn, rows)
        fresh = batch.in_order(rows, self._register.newest)
        stored: list[Stored] = []
        if fresh.any():
            new = found if fresh.all() else found.take(fresh)
            # Promised before it is done, so that a batch beside this one builds on it.
            self._register.newest.update(batch.latest(new.rows))
            if await self._copy(conn, new.rows):
                stored.append(Stored(batch=new, in_order=True))
            else:
                fresh[:] = False
        if not fresh.all():
            again = found.take(~fresh)
            added = await fix_store.insert(conn, self._district, again.rows)
            if added.any():
                stored.append(Stored(batch=again.take(added), in_order=False))
        return stored

    async def _copy(self, conn: Connection, rows: FixRows) -> bool:
        """In the key's order, which keeps the index small; False where one was there already."""
        try:
            await fix_store.copy(conn, self._district, rows.take(np.lexsort((rows.at, rows.assignment))))
        except asyncpg.UniqueViolationError:
            return False
        return True

    async def _learn(self, conn: Connection, rows: FixRows) -> None:
        """Reads back the newest fix of assignments not met before, all in one query."""
        unknown = set(rows.assignment.tolist()).difference(self._register.newest)
        if not unknown:
            return
        pairs = dict(zip(rows.assignment.tolist(), rows.day.tolist(), strict=True))
        known = await fix_store.newest(
            conn, self._district, {AssignmentId(one): day_of(pairs[one]) for one in unknown}
        )
        for one in unknown:
            self._register.newest.setdefault(one, known.get(AssignmentId(one), 0))

    async def _follow(self, stores: Sequence[Store]) -> None:
        """Positions of open calls for help."""
        found = [(store, fix) for store in stores if store.sos is not None for fix in store.fixes]
        if not found:
            return
        points = [(store.sos or 0, point_of(fix)) for store, fix in found]
        received_at = found[0][0].received_at
        await self.patiently(lambda conn: sos.follow(conn, self._district, points, received_at))


def point_of(fix: wire.Fix) -> Point:
    return Point(
        at=fix.at, lat=fix.lat, lon=fix.lon, accuracy=fix.accuracy, battery=fix.battery, mock=fix.mock
    )
