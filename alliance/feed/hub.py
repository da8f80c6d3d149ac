"""The feed of one process: who comes in, the districts' rooms, the database's wake-ups."""

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import Any

import asyncpg

from alliance.access import actions as access
from alliance.access.model import Kind, SessionKey, Signed, cookie_token, session_key
from alliance.actor import DistrictId
from alliance.areas import actions as areas
from alliance.bus import Bus
from alliance.config import Config
from alliance.db import pool as db
from alliance.db.pool import Pool
from alliance.errors import Refused
from alliance.events import CHANNEL
from alliance.feed import wire
from alliance.feed.attending import attend
from alliance.feed.meter import Meter
from alliance.feed.needs import Need, Open
from alliance.feed.room import Room
from alliance.feed.session import HELLO_MS, State
from alliance.feed.socket import FeedSocket
from alliance.problems import PASSING
from alliance.times import Clock, to_ms

log = logging.getLogger(__name__)

MOST_WAITING = 60_000
HELLOS_AT_ONCE = 300
HELLO_WINDOW_S = 0.01
TURN_S = 0.5
CARE_S = 5.0
PING_AFTER_S = 20.0
GONE_AFTER_S = 60.0
AGAIN_S = 1.0


class Hub:
    """`greeting` are the connections that have not said hello."""

    def __init__(self, config: Config, pool: Pool, clock: Clock, *, dsn: str) -> None:
        self.config = config
        self.greeting: set[FeedSocket] = set()
        self.stopping = False
        self.meter = Meter()
        self.bus = Bus(config.nats_url)
        self._pool = pool
        self._clock = clock
        self._dsn = dsn
        self._rooms: dict[DistrictId, Room] = {}
        self._opening: dict[DistrictId, asyncio.Lock] = {}
        self._room_of: dict[Any, Room] = {}
        self._hellos: list[tuple[FeedSocket, wire.Hello]] = []
        self._called = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def now_ms(self) -> int:
        return to_ms(self._clock())

    def crowded(self) -> bool:
        """Whether so much waits for the database that nobody's fixes should be read on."""
        return any(room.intake.pending > MOST_WAITING for room in self._rooms.values())

    def counts(self) -> dict[str, int]:
        """For the metrics."""
        return {
            "connections": len(self._room_of) + len(self.greeting),
            "fixes_waiting": sum(room.intake.pending for room in self._rooms.values()),
            "on_duty": sum(len(room.live.people) for room in self._rooms.values()),
            "unsent_bytes": sum(peer.unsent() for peer in self._room_of),
        }

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        await self.bus.start()
        self._tasks = [loop.create_task(work) for work in (self._greet(), self._listen(), self._care())]
        if self.config.jobs:
            self._tasks.append(loop.create_task(attend(self._rooms.values)))
        async with self._pool.acquire() as conn:
            found = await areas.districts(conn)
        for district in found:
            await self.room(district)

    async def stop(self) -> None:
        """Connections are closed by their server; what they sent and wasn't acknowledged they send again."""
        self.stopping = True
        for room in self._rooms.values():
            await room.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.bus.stop()

    async def room(self, district: DistrictId) -> Room:
        """The district's room, opened when it is first asked for."""
        async with self._opening.setdefault(district, asyncio.Lock()):
            found = self._rooms.get(district)
            if found is None:
                found = Room(district, self._pool, self._clock, self.meter, self.bus)
                await found.start()
                self._rooms[district] = found
        return found

    def carry_out(self, peer: FeedSocket, needs: Sequence[Need]) -> None:
        room = self._room_of.get(peer)
        if room is not None:
            room.carry_out(peer, list(needs))
            return
        for need in needs:
            if isinstance(need, Open):
                self._hellos.append((peer, need.hello))
                self._called.set()

    def lost(self, peer: FeedSocket) -> None:
        self.greeting.discard(peer)
        room = self._room_of.pop(peer, None)
        if room is not None:
            room.leave(peer)

    # Hello

    async def _greet(self) -> None:
        while True:
            await self._called.wait()
            await asyncio.sleep(HELLO_WINDOW_S)
            taken, self._hellos = self._hellos[:HELLOS_AT_ONCE], self._hellos[HELLOS_AT_ONCE:]
            if not self._hellos:
                self._called.clear()
            try:
                await self._admit(taken)
            except (*PASSING, OSError):
                self._hellos = taken + self._hellos
                self._called.set()
                await asyncio.sleep(AGAIN_S)
            except Exception:
                log.exception("feed: greeting failed")
                for peer, _ in taken:
                    peer.session.close(wire.RESTARTING, "the service failed; come again")
                    peer.flush()

    async def _admit(self, taken: Sequence[tuple[FeedSocket, wire.Hello]]) -> None:
        by_district: dict[DistrictId, list[tuple[FeedSocket, wire.Hello, SessionKey, Kind]]] = {}
        for peer, hello in taken:
            try:
                text = hello.token or cookie_token(peer.cookie) or ""
                key = session_key(text)
            except Refused:
                self._turn_away(peer)
                continue
            kind = Kind.TOKEN if hello.token else Kind.COOKIE
            by_district.setdefault(key.district, []).append((peer, hello, key, kind))
        for district, found in by_district.items():
            await self._admit_to(district, found)

    async def _admit_to(
        self, district: DistrictId, found: Sequence[tuple[FeedSocket, wire.Hello, SessionKey, Kind]]
    ) -> None:
        async with self._pool.acquire() as conn:
            keys = list({key for _, _, key, _ in found})
            good = await access.still_valid(conn, district, keys, self._clock())
        welcome: list[tuple[FeedSocket, wire.Hello, Signed]] = []
        for peer, hello, key, kind in found:
            signed = good.get(key)
            if signed is None or signed.session.kind is not kind:
                self._turn_away(peer)
            elif peer.session.state is State.OPENING:
                welcome.append((peer, hello, signed))
        if not welcome:
            return
        room = await self.room(district)
        async with self._pool.acquire() as conn:
            for peer, _, _ in welcome:
                self.greeting.discard(peer)
                self._room_of[peer] = room
            await room.arrivals.enter(conn, welcome)

    def _turn_away(self, peer: FeedSocket) -> None:
        peer.session.close(wire.WHO_ARE_YOU, "sign in again")
        peer.flush()
        self.greeting.discard(peer)

    # Connections

    async def _care(self) -> None:
        """Ends connections that never say hello or are no longer there, and pings the quiet ones."""
        cared_at = time.monotonic()
        late: set[FeedSocket] = set()
        while True:
            await asyncio.sleep(TURN_S)
            # A turn ago they were late already: whatever they had sent by then has been read since.
            for peer in late & self.greeting:
                if peer.session.state is State.NEW:
                    self._turn_away(peer)
            before = self.now_ms() - HELLO_MS
            late = {peer for peer in self.greeting if peer.session.connected_at <= before}
            if time.monotonic() - cared_at >= CARE_S:
                cared_at = time.monotonic()
                self._ping(cared_at)

    def _ping(self, now: float) -> None:
        for peer in list(self._room_of):
            quiet = now - peer.heard_at
            if quiet > GONE_AFTER_S:
                peer.abort()
            elif quiet > PING_AFTER_S:
                peer.ping()

    # Facts

    async def _listen(self) -> None:
        """Keeps one connection that hears of commits; without it rooms look once a second anyway."""
        while True:
            try:
                await self._hear()
            except Exception as error:
                log.warning("feed: not listening (%s)", type(error).__name__)
            await asyncio.sleep(AGAIN_S)

    async def _hear(self) -> None:
        conn = await db.connect(self._dsn)
        gone = asyncio.Event()
        try:
            conn.add_termination_listener(lambda _: gone.set())
            await conn.add_listener(CHANNEL, self._heard)
            for room in self._rooms.values():
                room.wake()
            await gone.wait()
        finally:
            if not conn.is_closed():
                await conn.close()

    def _heard(self, conn: asyncpg.Connection, pid: int, channel: str, district: str) -> None:
        room = self._rooms.get(DistrictId(int(district)))
        if room is not None:
            room.wake()
