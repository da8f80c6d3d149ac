"""Durable before acknowledged: what a district's connections send is stored in batches, in order."""

import asyncio
import itertools
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import asyncpg
import msgspec

from alliance import events
from alliance.actor import AssignmentId, DistrictId, PersonId
from alliance.areas.places import Places
from alliance.db.pool import Connection, Pool
from alliance.errors import Refused
from alliance.feed import batch, wire
from alliance.feed.batch import Batch
from alliance.feed.peer import Peer
from alliance.feed.register import Register
from alliance.feed.session import Need, Store
from alliance.patrol import actions, fix_store, fixes, sos, visit_store
from alliance.patrol.fix_store import day_of
from alliance.patrol.model import Duty, Point, Stamp, StampKind, Taken, Wanted
from alliance.patrol.partitions import ensure_partitions
from alliance.problems import PASSING
from alliance.times import Clock, to_ms

log = logging.getLogger(__name__)

MOST_FIXES = 5_000
MOST_STAMPS = 500
# Fewer than this in the last batch: nobody gains by waiting long for company.
SMALL_BATCH = 16
SHORT_WINDOW_S = 0.005
WINDOW_S = 0.02
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 2.0
PATIENCE_S = 60.0
INTERNAL = 1011

Answer = TypeVar("Answer")


class Stored(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Fixes that are durable now and were not before; those `in_order` are newer than all before them."""

    batch: Batch
    in_order: bool


class Intake:
    """`pending` counts the fixes that are in memory only; it is what holds the readers back."""

    def __init__(
        self,
        pool: Pool,
        district: DistrictId,
        *,
        places: Callable[[], Places],
        register: Register,
        clock: Clock,
        carry_out: Callable[[Peer, list[Need]], None],
        fold: Callable[[Stored], None],
        changed: Callable[[Sequence[Duty]], None],
    ) -> None:
        self._pool = pool
        self._district = district
        self._places = places
        self._register = register
        self._clock = clock
        self._carry_out = carry_out
        self._fold = fold
        self._changed = changed
        self._stores: deque[tuple[Peer, Store]] = deque()
        self._stamps: deque[tuple[Peer, wire.CheckIn | wire.CheckOut]] = deque()
        self._wake = asyncio.Event()
        self._partitions: set[int] = set()
        self.pending = 0
        self.failing = False

    def add(self, peer: Peer, store: Store) -> None:
        self._stores.append((peer, store))
        self.pending += len(store.fixes)
        self._wake.set()

    def stamp(self, peer: Peer, message: wire.CheckIn | wire.CheckOut) -> None:
        self._stamps.append((peer, message))
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled; what waits then was never acknowledged."""
        window = SHORT_WINDOW_S
        while True:
            await self._wake.wait()
            if len(self._stores) < MOST_FIXES:
                await asyncio.sleep(window)
            self._wake.clear()
            if self._stamps:
                await self._flush_stamps()
            count = await self._flush_fixes() if self._stores else 0
            window = SHORT_WINDOW_S if count < SMALL_BATCH else WINDOW_S
            if self._stores or self._stamps:
                self._wake.set()

    async def _patiently(self, work: Callable[[Connection], Awaitable[Answer]]) -> Answer:
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

    # Check-ins and check-outs

    async def _flush_stamps(self) -> None:
        taken = [self._stamps.popleft() for _ in range(min(MOST_STAMPS, len(self._stamps)))]
        wanted = [
            Wanted(actor=peer.session.actor, stamp=stamp_of(message))
            for peer, message in taken
            if peer.session.actor is not None
        ]
        try:
            outcomes = await self._patiently(lambda conn: self._write_stamps(conn, wanted))
        except Exception:
            log.exception("feed: check-ins failed")
            outcomes = [Refused("internal", "the service failed; send it again") for _ in wanted]
        now = to_ms(self._clock())
        for outcome in outcomes:
            if isinstance(outcome, Taken) and outcome.duties:
                self._register.put(outcome.duties)
                self._changed(outcome.duties)
        for (peer, message), outcome in zip(taken, outcomes, strict=True):
            self._answer_stamp(peer, message, outcome, now)

    async def _write_stamps(self, conn: Connection, wanted: Sequence[Wanted]) -> list[Taken | Refused]:
        async with conn.transaction():
            tx = events.Tx(conn, self._district)
            outcomes = await actions.stamp_many(tx, wanted, self._clock(), self._places())
            await tx.flush()
        return outcomes

    def _answer_stamp(
        self, peer: Peer, message: wire.CheckIn | wire.CheckOut, outcome: Taken | Refused, now: int
    ) -> None:
        session = peer.session
        if isinstance(outcome, Refused):
            needs = session.failed(message.key, outcome.code, outcome.detail, now, stamp=True)
        else:
            self._keep_fix(peer, message, now)
            needs = session.done(message.key, outcome.result, now, stamp=True)
        self._carry_out(peer, needs)
        peer.flush()

    def _keep_fix(self, peer: Peer, message: wire.CheckIn | wire.CheckOut, now: int) -> None:
        """The fix that came with it is one like any other."""
        duty = self._register.get(message.assignment)
        actor = peer.session.actor
        if message.fix is None or duty is None or actor is None:
            return
        if not fixes.judge(duty, actor.person, [message.fix.at], now):
            peer.session.inflight += 1
            self.add(peer, Store(seq=None, duty=duty, fixes=[message.fix], received_at=now))

    # Fixes

    async def _flush_fixes(self) -> int:
        taken: list[tuple[Peer, Store]] = []
        count = 0
        while self._stores and count < MOST_FIXES:
            taken.append(self._stores.popleft())
            count += len(taken[-1][1].fixes)
        try:
            await self._store_all(taken)
        except Exception:
            log.exception("feed: a batch of fixes failed; trying one message at a time")
            taken = await self._one_by_one(taken)
        self.pending -= count
        self._acknowledge(taken)
        return count

    async def _store_all(self, taken: Sequence[tuple[Peer, Store]]) -> None:
        good = self._still_good(taken)
        if good:
            await self._store(batch.build(good, self._places().hexes))
        await self._follow(taken)

    async def _one_by_one(self, taken: Sequence[tuple[Peer, Store]]) -> list[tuple[Peer, Store]]:
        """Those that could be stored; a connection whose message can't be is closed."""
        stored = []
        for peer, store in taken:
            try:
                await self._store_all([(peer, store)])
            except Exception:
                log.exception("feed: fixes that can't be stored")
                peer.session.close(INTERNAL, "these fixes can't be stored")
                peer.flush()
            else:
                stored.append((peer, store))
        return stored

    def _still_good(self, taken: Sequence[tuple[Peer, Store]]) -> list[tuple[Duty, Store]]:
        """What may be stored by the duties as they are now: a check-out may have come since it was judged."""
        good = []
        for _, store in taken:
            if store.duty is None or not store.fixes:
                continue
            current = self._register.get(store.duty.id) or store.duty
            if current is not store.duty:
                times = [fix.at for fix in store.fixes]
                refusals = fixes.judge(current, current.person, times, store.received_at)
                kept = [store.fixes[i] for i in fixes.taken(len(times), refusals)]
                store = msgspec.structs.replace(store, fixes=kept)
            if store.fixes:
                good.append((current, store))
        return good

    async def _store(self, found: Batch) -> None:
        days = set(found.rows.day.tolist())
        if not days <= self._partitions:
            await self._patiently(lambda conn: ensure_partitions(conn, [day_of(day) for day in days]))
            self._partitions |= days
        tries = itertools.count()
        try:
            await self._patiently(lambda conn: self._put(conn, found, doubtful=next(tries) > 0))
        except asyncpg.CheckViolationError:
            # Somebody dropped the partition meanwhile.
            self._partitions.clear()
            await self._store(found)

    async def _put(self, conn: Connection, found: Batch, *, doubtful: bool) -> None:
        """`doubtful`: a try before this one may have been committed, so that nothing looks new here."""
        rows = found.rows
        if doubtful:
            days = dict(zip(rows.assignment.tolist(), rows.day.tolist(), strict=True))
            marked = {AssignmentId(one): day_of(day) for one, day in days.items()}
            await visit_store.mark_stale(conn, self._district, marked)
        await self._learn(conn, rows)
        fresh = batch.in_order(rows, self._register.newest)
        if fresh.any():
            new = found if fresh.all() else found.take(fresh)
            try:
                await fix_store.copy(conn, self._district, new.rows)
            except asyncpg.UniqueViolationError:
                fresh[:] = False
            else:
                self._register.newest.update(batch.latest(new.rows))
                self._fold(Stored(batch=new, in_order=True))
        if not fresh.all():
            again = found.take(~fresh)
            stored = await fix_store.insert(conn, self._district, again.rows)
            if stored.any():
                self._fold(Stored(batch=again.take(stored), in_order=False))

    async def _learn(self, conn: Connection, rows: fix_store.FixRows) -> None:
        """Reads back the newest fix of assignments not met before, all in one query."""
        pairs = dict(zip(rows.assignment.tolist(), rows.day.tolist(), strict=True))
        unknown = {AssignmentId(one): day_of(pairs[one]) for one in pairs if one not in self._register.newest}
        if unknown:
            known = await fix_store.newest(conn, self._district, unknown)
            self._register.newest.update({int(one): known.get(one, 0) for one in unknown})

    async def _follow(self, taken: Sequence[tuple[Peer, Store]]) -> None:
        """Positions of open calls for help."""
        found = [
            (store.sos, point_of(fix), store.received_at)
            for _, store in taken
            if store.sos is not None
            for fix in store.fixes
        ]
        if found:
            points = [(number, point) for number, point, _ in found]
            received_at = found[0][2]
            await self._patiently(lambda conn: sos.follow(conn, self._district, points, received_at))

    def _acknowledge(self, taken: Sequence[tuple[Peer, Store]]) -> None:
        """One ack for each connection: its highest message."""
        highest: dict[int, tuple[Peer, int | None, int]] = {}
        for peer, store in taken:
            _, seq, count = highest.get(id(peer), (peer, None, 0))
            if store.seq is not None:
                seq = store.seq if seq is None else max(seq, store.seq)
            highest[id(peer)] = (peer, seq, count + len(store.fixes))
        now = to_ms(self._clock())
        for peer, seq, count in highest.values():
            needs = peer.session.committed(seq, count, now)
            if needs:
                self._carry_out(peer, needs)
            peer.flush()


def point_of(fix: wire.Fix) -> Point:
    return Point(
        at=fix.at, lat=fix.lat, lon=fix.lon, accuracy=fix.accuracy, battery=fix.battery, mock=fix.mock
    )


def stamp_of(message: wire.CheckIn | wire.CheckOut) -> Stamp:
    return Stamp(
        kind=StampKind.IN if isinstance(message, wire.CheckIn) else StampKind.OUT,
        assignment=AssignmentId(message.assignment),
        at=message.at,
        key=message.key,
        fix=None if message.fix is None else point_of(message.fix),
        people=tuple(PersonId(person) for person in message.people),
    )
