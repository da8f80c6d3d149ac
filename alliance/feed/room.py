"""One district's part of the feed: its connections, what they send, and what its watchers are shown."""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from typing import Any, assert_never

from alliance.access.model import Signed
from alliance.actor import Actor, AssignmentId, DistrictId, PersonId
from alliance.areas import actions as areas
from alliance.areas.places import Places
from alliance.attention.lookout import Lookout
from alliance.bus import Bus
from alliance.db.pool import Pool
from alliance.feed import acts, batch, wire
from alliance.feed.abroad import Abroad
from alliance.feed.arrivals import Arrivals
from alliance.feed.facts import Facts
from alliance.feed.intake import Intake
from alliance.feed.live import Live
from alliance.feed.meter import Meter
from alliance.feed.needs import Act, Load, Look, Need, Open, Store
from alliance.feed.news import News
from alliance.feed.peer import Peer
from alliance.feed.register import Register
from alliance.feed.rounds import Rounds
from alliance.feed.scope import is_narrow
from alliance.feed.storing import Stored
from alliance.feed.watching import Watching
from alliance.patrol import duties, sos
from alliance.patrol.model import Duty
from alliance.problems import PASSING
from alliance.times import Clock, from_ms, to_ms
from geo.datum import Datum

log = logging.getLogger(__name__)

RESTART_S = 1.0


class Room:
    """`start` it before anybody enters."""

    def __init__(self, district: DistrictId, pool: Pool, clock: Clock, meter: Meter, bus: Bus) -> None:
        self.district = district
        self.register = Register()
        self.facts = Facts(district)
        self.signed: dict[Peer, Signed] = {}
        self.places: Places
        self.live: Live
        self.lookout: Lookout
        self.watching: Watching
        self.wide: set[Peer] = set()
        self._pool = pool
        self._clock = clock
        self._loads: list[tuple[Peer, AssignmentId]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self.arrivals = Arrivals(self, pool)
        self.rounds = Rounds(self, pool)
        self.abroad = Abroad(self, pool, bus)
        self._alone = bus.url is None
        self._news = News(self, pool)
        self.intake = Intake(
            pool,
            district,
            places=lambda: self.places,
            register=self.register,
            clock=clock,
            carry_out=self.carry_out,
            fold=self._fold,
            changed=self.changed,
            meter=meter,
        )

    def now(self) -> int:
        return to_ms(self._clock())

    async def start(self) -> None:
        async with self._pool.acquire() as conn:
            await self.facts.load(conn)
            self.places = await areas.places(conn, self.district)
            self.live = Live(
                self.district, self.places, self.register, alone=self._alone, tell=self.abroad.changed
            )
            self.lookout = Lookout(self._pool, self.district, self.places)
            await self.abroad.enter()
            await self.live.load(conn, self.now())
        self.watching = Watching(self.live)
        for work in (self.intake.run(), *self.rounds.each(), self._news.run(), self.abroad.run()):
            self.keep(work)

    async def stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # Coming and going

    async def admit(self, peer: Peer, actor: Actor, datum: Datum) -> None:
        """Lets in a request that was authenticated elsewhere."""
        async with self._pool.acquire() as conn:
            calls = await sos.open_of(conn, self.district, [actor.person])
        peer.session.sos = calls.get(actor.person)
        peer.session.admit(actor, self.register, datum)

    def sign(self, peer: Peer, signed: Signed) -> None:
        self.signed[peer] = signed
        self.wide.discard(peer)
        if not is_narrow(signed.actor):
            self.wide.add(peer)

    def leave(self, peer: Peer) -> None:
        self.signed.pop(peer, None)
        self.wide.discard(peer)
        self.facts.leave(peer)
        self.watching.leave(peer)
        self.rounds.leave(peer)

    # What sessions ask for

    def carry_out(self, peer: Peer, needs: list[Need]) -> None:
        for need in needs:
            match need:
                case Store():
                    self.intake.add(peer, need)
                case Act():
                    if isinstance(need.message, wire.CheckIn | wire.CheckOut):
                        self.intake.stamp(peer, need.message)
                    else:
                        self.keep(self._act(peer, need.message))
                case Load():
                    self._loads.append((peer, need.assignment))
                    if len(self._loads) == 1:
                        self.keep(self._load())
                case Look():
                    self.keep(self._show(peer, need.watch))
                case Open():
                    raise ValueError("that one is inside already")
                case _:
                    assert_never(need)

    async def _load(self) -> None:
        """Looks for duties that aren't known here, all that were asked for in one query."""
        await asyncio.sleep(0)
        asked: list[tuple[Peer, AssignmentId]] = []
        while True:
            try:
                async with self._pool.acquire() as conn:
                    asked, self._loads = self._loads, []
                    found = await duties.numbered(conn, self.district, {one for _, one in asked})
                break
            except (*PASSING, OSError):
                self._loads = asked + self._loads
                asked = []
                await asyncio.sleep(RESTART_S)
        self.register.put(found)
        for peer, assignment in asked:
            self.carry_out(peer, peer.session.loaded(assignment, self.now()))
            peer.flush()

    async def _act(self, peer: Peer, message: acts.Keyed) -> None:
        session = peer.session
        assert session.actor is not None
        try:
            result = await acts.carry_out(
                self._pool, session.actor, message, self._clock, lambda: self.places
            )
        except Exception as error:
            refused = acts.problem(error)
            needs = session.failed(message.key, refused.code, refused.detail, self.now(), stamp=False)
        else:
            if isinstance(message, wire.Sos):
                session.sos = (result["sos"], result["at"])
            needs = session.done(message.key, result, self.now(), stamp=False)
        self.carry_out(peer, needs)
        peer.flush()

    async def _show(self, peer: Peer, watch: wire.Watch) -> None:
        try:
            await self.look(peer, watch)
        finally:
            peer.session.looked()
            peer.flush()

    async def look(self, peer: Peer, watch: wire.Watch) -> None:
        try:
            async with self._pool.acquire() as conn:
                now = from_ms(self.now())
                scope = await self.watching.look(conn, peer, watch, now, self.facts.last)
        except (*PASSING, OSError):
            peer.session.close(wire.RESTARTING, "the database is away; come again")
            peer.flush()
            return
        if peer not in self.signed:
            self.leave(peer)
        elif peer.session.actor is not None and not is_narrow(peer.session.actor):
            self.facts.listen(peer, scope)

    # What becomes of it

    def _fold(self, stored: Stored) -> None:
        self.live.fold(stored)
        self.abroad.stored(stored)
        self.lookout.heard(batch.heard(stored.batch))

    def changed(self, found: Sequence[Duty]) -> None:
        self.live.changed(found, self.now())

    def wake(self) -> None:
        """Something was committed."""
        self._news.wake()

    def peers_of(self, people: set[PersonId]) -> dict[Peer, Signed]:
        return {peer: signed for peer, signed in self.signed.items() if signed.actor.person in people}
