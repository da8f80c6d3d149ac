"""Durable before acknowledged: what a district's connections send is stored in batches, in order."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence

from alliance import events
from alliance.actor import AssignmentId, DistrictId, PersonId
from alliance.areas.places import Places
from alliance.db.pool import Connection, Pool
from alliance.errors import Refused
from alliance.feed import wire
from alliance.feed.meter import Meter
from alliance.feed.needs import Need, Store
from alliance.feed.peer import Peer
from alliance.feed.register import Register
from alliance.feed.storing import Stored, Storing, point_of
from alliance.patrol import actions, fixes
from alliance.patrol.model import Duty, Stamp, StampKind, Taken, Wanted
from alliance.times import Clock, to_ms

log = logging.getLogger(__name__)

MOST_FIXES = 5_000
MOST_STAMPS = 500
# Batches under way at once: while one is committed, the next is made ready and copied.
ABREAST = 2
# Fewer than this in the last batch: nobody gains by waiting long for company.
SMALL_BATCH = 16
SHORT_WINDOW_S = 0.005
WINDOW_S = 0.02
INTERNAL = 1011

Stamping = wire.CheckIn | wire.CheckOut


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
        meter: Meter | None = None,
    ) -> None:
        self.meter = meter or Meter()
        self._district = district
        self._places = places
        self._register = register
        self._clock = clock
        self._carry_out = carry_out
        self._fold = fold
        self._changed = changed
        self._storing = Storing(pool, district, places, register)
        self._stores: deque[tuple[Peer, Store]] = deque()
        self._stamps: deque[tuple[Peer, Stamping]] = deque()
        self._wake = asyncio.Event()
        self._under_way: deque[asyncio.Task[None]] = deque()
        self.pending = 0

    @property
    def failing(self) -> bool:
        return self._storing.failing

    def add(self, peer: Peer, store: Store) -> None:
        self._stores.append((peer, store))
        self.pending += len(store.fixes)
        self._wake.set()

    def stamp(self, peer: Peer, message: Stamping) -> None:
        self._stamps.append((peer, message))
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled; what waits then was never acknowledged."""
        window = SHORT_WINDOW_S
        try:
            while True:
                await self._wake.wait()
                if self.pending < MOST_FIXES:
                    await asyncio.sleep(window)
                self._wake.clear()
                if self._stamps:
                    # A check-out drops fixes after it: none may be on its way meanwhile.
                    await self._until_under_way(0)
                    await self._flush_stamps()
                if self._stores:
                    await self._until_under_way(ABREAST - 1)
                    count = self._begin()
                    window = SHORT_WINDOW_S if count < SMALL_BATCH else WINDOW_S
                if self._stores or self._stamps:
                    self._wake.set()
        finally:
            for task in self._under_way:
                task.cancel()

    async def _until_under_way(self, most: int) -> None:
        while len(self._under_way) > most:
            await asyncio.wait([self._under_way[0]])
            self._under_way.popleft()

    # Fixes

    def _begin(self) -> int:
        """Sends the next batch on its way, behind the one before it."""
        taken: list[tuple[Peer, Store]] = []
        count = 0
        while self._stores and count < MOST_FIXES:
            taken.append(self._stores.popleft())
            count += len(taken[-1][1].fixes)
        before = self._under_way[-1] if self._under_way else None
        self._under_way.append(asyncio.get_running_loop().create_task(self._flush(taken, count, before)))
        return count

    async def _flush(
        self, taken: list[tuple[Peer, Store]], count: int, before: asyncio.Task[None] | None
    ) -> None:
        """Acknowledged after the batch before it, as an ack stands for all before it too."""
        began = time.perf_counter()
        try:
            found = await self._storing.store([store for _, store in taken])
        except Exception:
            log.exception("feed: a batch of fixes failed; trying one message at a time")
            taken, found = await self._one_by_one(taken)
        committed = time.perf_counter()
        if before is not None:
            await asyncio.wait([before])
        for stored in found:
            self._fold(stored)
        self.pending -= count
        self._acknowledge(taken)
        self.meter.acked.inc(sum(len(store.fixes) for _, store in taken))
        self.meter.batch.observe(count)
        self.meter.commit.observe(committed - began)

    async def _one_by_one(
        self, taken: Sequence[tuple[Peer, Store]]
    ) -> tuple[list[tuple[Peer, Store]], list[Stored]]:
        """Those that could be stored; a connection whose message can't be is closed."""
        kept, found = [], list[Stored]()
        for peer, store in taken:
            try:
                found += await self._storing.store([store])
            except Exception:
                log.exception("feed: fixes that can't be stored")
                peer.session.close(INTERNAL, "these fixes can't be stored")
                peer.flush()
            else:
                kept.append((peer, store))
        return kept, found

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

    # Check-ins and check-outs

    async def _flush_stamps(self) -> None:
        taken = [self._stamps.popleft() for _ in range(min(MOST_STAMPS, len(self._stamps)))]
        wanted = [
            Wanted(actor=peer.session.actor, stamp=stamp_of(message))
            for peer, message in taken
            if peer.session.actor is not None
        ]
        try:
            outcomes = await self._storing.patiently(lambda conn: self._write_stamps(conn, wanted))
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

    def _answer_stamp(self, peer: Peer, message: Stamping, outcome: Taken | Refused, now: int) -> None:
        session = peer.session
        if isinstance(outcome, Refused):
            needs = session.failed(message.key, outcome.code, outcome.detail, now, stamp=True)
        else:
            self._keep_fix(peer, message, now)
            needs = session.done(message.key, outcome.result, now, stamp=True)
        self._carry_out(peer, needs)
        peer.flush()

    def _keep_fix(self, peer: Peer, message: Stamping, now: int) -> None:
        """The fix that came with it is one like any other."""
        duty = self._register.get(message.assignment)
        actor = peer.session.actor
        if message.fix is None or duty is None or actor is None:
            return
        if not fixes.judge(duty, actor.person, [message.fix.at], now):
            peer.session.inflight += 1
            self.add(peer, Store(seq=None, duty=duty, fixes=[message.fix], received_at=now))


def stamp_of(message: Stamping) -> Stamp:
    return Stamp(
        kind=StampKind.IN if isinstance(message, wire.CheckIn) else StampKind.OUT,
        assignment=AssignmentId(message.assignment),
        at=message.at,
        key=message.key,
        fix=None if message.fix is None else point_of(message.fix),
        people=tuple(PersonId(person) for person in message.people),
    )
