"""What a room does by the clock: frames for its watchers, its memory tidied, sessions looked at again."""

import asyncio
import itertools
import logging
import time
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from alliance.access import actions as access
from alliance.access.model import Signed
from alliance.db.pool import Pool
from alliance.feed import wire
from alliance.feed.peer import Peer
from alliance.problems import PASSING
from alliance.times import from_ms

if TYPE_CHECKING:
    from alliance.feed.room import Room

log = logging.getLogger(__name__)

POSITIONS_S = 0.2
COVERAGE_S = 1.0
STAFFING_S = 5.0
RECHECK_S = 3.0
# Who sees the own facts only is looked at less often, a part each time: all at once would hold up everybody.
NARROW_TURNS = 10
NOTHING_WATCHED = wire.Watch(areas=[], layers=[])


class Rounds:
    """Each goes on until it is cancelled."""

    def __init__(self, room: "Room", pool: Pool) -> None:
        self._room = room
        self._pool = pool
        self._to_check: dict[Peer, None] = {}
        self._at_once = 1

    def each(self) -> list[Coroutine[Any, Any, None]]:
        return [
            self._every(POSITIONS_S, self._positions),
            self._every(COVERAGE_S, self._coverage),
            self._every(STAFFING_S, self._staffing),
            self._every(RECHECK_S, self._recheck),
        ]

    async def _every(self, seconds: float, work: Any) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await work()
            except (*PASSING, OSError) as error:
                log.warning("feed: %s waits for the database (%s)", work.__name__, type(error).__name__)
            except Exception:
                log.exception("feed: %s failed", work.__name__)

    async def _positions(self) -> None:
        room, meter = self._room, self._room.intake.meter
        began = time.thread_time()
        meter.frames.inc(room.watching.positions(room.now(), room.facts.last))
        meter.fan_out.inc(time.thread_time() - began)

    async def _coverage(self) -> None:
        room = self._room
        now = room.now()
        async with self._pool.acquire() as conn:
            with room.intake.meter.tick.time():
                await room.live.tick(conn, now)
        room.watching.coverage(now, room.facts.last)

    async def _staffing(self) -> None:
        room = self._room
        room.live.sweep(room.now())
        room.register.tidy(room.now())
        async with self._pool.acquire() as conn:
            await room.watching.staffing(conn, room.now(), room.facts.last)

    async def _recheck(self) -> None:
        """Ends the sessions that are no longer good; a change of role shows at once."""
        room = self._room
        if not self._to_check:
            self._to_check = dict.fromkeys(room.signed)
            self._at_once = len(self._to_check) // NARROW_TURNS + 1
        turn = list(itertools.islice(self._to_check, self._at_once))
        for peer in turn:
            del self._to_check[peer]
        asked = {*room.wide, *turn}
        await self.check({peer: room.signed[peer] for peer in asked if peer in room.signed})

    def leave(self, peer: Peer) -> None:
        """Whoever is gone is not kept in memory until the next look."""
        self._to_check.pop(peer, None)

    async def check(self, asked: dict[Peer, Signed]) -> None:
        room = self._room
        if not asked:
            return
        async with self._pool.acquire() as conn:
            keys = list({signed.key for signed in asked.values()})
            good = await access.still_valid(conn, room.district, keys, from_ms(room.now()))
        for peer, before in asked.items():
            signed = good.get(before.key)
            if signed is None:
                peer.session.close(wire.WHO_ARE_YOU, "the session has ended")
                peer.flush()
                room.leave(peer)
            elif signed.actor != before.actor and peer in room.signed:
                room.sign(peer, signed)
                peer.session.actor = signed.actor
                room.facts.leave(peer)
                room.facts.listen(peer, None)
                room.keep(room.look(peer, room.watching.watches.get(peer) or NOTHING_WATCHED))
