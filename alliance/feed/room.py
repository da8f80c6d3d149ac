"""One district's part of the feed: its connections, what they send, and what its watchers are shown."""

import asyncio
import logging
from collections.abc import Coroutine, Iterable, Sequence
from typing import Any, assert_never

from alliance.access import actions as access
from alliance.access.model import Signed
from alliance.actor import Actor, AssignmentId, DistrictId, PersonId, Role
from alliance.areas import actions as areas
from alliance.areas.places import Places
from alliance.db.pool import Connection, Pool
from alliance.feed import acts, wire
from alliance.feed.facts import Facts
from alliance.feed.intake import Intake
from alliance.feed.live import Live
from alliance.feed.meter import Meter
from alliance.feed.news import News
from alliance.feed.peer import Peer
from alliance.feed.register import Register
from alliance.feed.scope import Scope
from alliance.feed.session import Act, Load, Look, Need, Open, Store
from alliance.feed.storing import Stored
from alliance.feed.watching import Watching
from alliance.patrol import duties, sos
from alliance.patrol.model import Duty
from alliance.problems import PASSING
from alliance.times import Clock, from_ms, to_ms
from geo.datum import Datum

log = logging.getLogger(__name__)

POSITIONS_S = 0.2
COVERAGE_S = 1.0
STAFFING_S = 5.0
RECHECK_S = 3.0
# Who sees no more than the own facts; the others are asked about more often.
NARROW = (Role.GUARD, Role.VOLUNTEER, Role.OBSERVER)
NARROW_TURNS = 10
RESTART_S = 1.0


class Room:
    """`start` it before anybody enters."""

    def __init__(self, district: DistrictId, pool: Pool, clock: Clock, meter: Meter) -> None:
        self.district = district
        self.register = Register()
        self.facts = Facts(district)
        self.signed: dict[Peer, Signed] = {}
        self.places: Places
        self.live: Live
        self.watching: Watching
        self._wide: set[Peer] = set()
        self._pool = pool
        self._clock = clock
        self._loads: list[tuple[Peer, AssignmentId]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._news = News(self, pool)
        self._turn = 0
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
            self.live = Live(self.district, self.places, self.register)
            await self.live.load(conn, self.now())
        self.watching = Watching(self.live)
        self.keep(self.intake.run())
        self.keep(self._positions())
        self.keep(self._every(COVERAGE_S, self._coverage))
        self.keep(self._every(STAFFING_S, self._staffing))
        self.keep(self._every(RECHECK_S, self._recheck))
        self.keep(self._news.run())

    async def stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # Coming and going

    async def enter(self, conn: Connection, found: Sequence[tuple[Peer, wire.Hello, Signed]]) -> None:
        """Welcomes people whose session is good, many at a time."""
        now = self.now()
        people = [signed.actor.person for _, _, signed in found]
        self.register.put(await duties.of_people(conn, self.district, people, from_ms(now)))
        calls = await sos.open_of(conn, self.district, people)
        theirs = self.register.of(people)
        for peer, hello, signed in found:
            actor = signed.actor
            self._sign(peer, signed)
            peer.session.sos = calls.get(actor.person)
            message = self._welcome(actor, theirs[actor.person], now)
            needs = peer.session.welcome(actor, self.register, message, now)
            self._listen(peer, hello)
            self.carry_out(peer, needs)
            peer.flush()

    async def admit(self, peer: Peer, actor: Actor, datum: Datum) -> None:
        """Lets in a request that was authenticated elsewhere."""
        async with self._pool.acquire() as conn:
            calls = await sos.open_of(conn, self.district, [actor.person])
        peer.session.sos = calls.get(actor.person)
        peer.session.admit(actor, self.register, datum)

    def _welcome(self, actor: Actor, own: Iterable[Duty], now: int) -> wire.Welcome:
        return wire.Welcome(
            now=now,
            person=actor.person,
            roles=[role.value for role in actor.roles],
            assignments=[
                wire.WelcomeAssignment(
                    id=duty.id,
                    post=duty.post,
                    beat=duty.beat,
                    start=duty.start,
                    end=duty.end,
                    state=duty.state(now),
                )
                for duty in sorted(own, key=lambda duty: duty.start)
            ],
            event=self.facts.last,
        )

    def _listen(self, peer: Peer, hello: wire.Hello) -> None:
        actor = peer.session.actor
        if actor is None:
            return
        if _is_narrow(actor) and (hello.since is None or hello.since == self.facts.last):
            self.facts.listen(peer, None)
        else:
            self.facts.hold(peer)
            self.keep(self._catch_up(peer, actor, self.facts.last if hello.since is None else hello.since))

    async def _catch_up(self, peer: Peer, actor: Actor, since: int) -> None:
        try:
            async with self._pool.acquire() as conn:
                scope = None if _is_narrow(actor) else await self._scope(conn, actor)
                await self.facts.replay(conn, peer, since, scope)
        except (*PASSING, OSError):
            self.facts.let_go(peer)
            peer.session.close(wire.RESTARTING, "the database is away; come again")
        peer.flush()
        if peer not in self.signed:
            self.facts.leave(peer)

    async def _scope(self, conn: Connection, actor: Actor) -> Scope:
        return await self.watching.scope(conn, actor, from_ms(self.now()))

    def _sign(self, peer: Peer, signed: Signed) -> None:
        self.signed[peer] = signed
        self._wide.discard(peer)
        if not _is_narrow(signed.actor):
            self._wide.add(peer)

    def leave(self, peer: Peer) -> None:
        self.signed.pop(peer, None)
        self._wide.discard(peer)
        self.facts.leave(peer)
        self.watching.leave(peer)

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
                    self.keep(self._look(peer, need.watch))
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

    async def _look(self, peer: Peer, watch: wire.Watch) -> None:
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
        elif peer.session.actor is not None and not _is_narrow(peer.session.actor):
            self.facts.listen(peer, scope)

    # What becomes of it

    def _fold(self, stored: Stored) -> None:
        self.live.fold(stored)

    def changed(self, found: Sequence[Duty]) -> None:
        self.live.changed(found, self.now())

    # By the clock

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
        while True:
            await asyncio.sleep(POSITIONS_S)
            self.watching.positions(self.now(), self.facts.last)

    async def _coverage(self) -> None:
        now = self.now()
        async with self._pool.acquire() as conn:
            with self.intake.meter.tick.time():
                await self.live.tick(conn, now)
        self.watching.coverage(now, self.facts.last)

    async def _staffing(self) -> None:
        self.live.sweep(self.now())
        self.register.tidy(self.now())
        async with self._pool.acquire() as conn:
            await self.watching.staffing(conn, self.now(), self.facts.last)

    async def _recheck(self) -> None:
        """Ends the sessions that are no longer good; a change of role shows at once."""
        self._turn += 1
        all_of_them = self._turn % NARROW_TURNS == 0
        await self.check(dict(self.signed) if all_of_them else {p: self.signed[p] for p in self._wide})

    async def check(self, asked: dict[Peer, Signed]) -> None:
        if not asked:
            return
        async with self._pool.acquire() as conn:
            keys = list({signed.key for signed in asked.values()})
            good = await access.still_valid(conn, self.district, keys, self._clock())
        for peer, before in asked.items():
            signed = good.get(before.key)
            if signed is None:
                peer.session.close(wire.WHO_ARE_YOU, "the session has ended")
                peer.flush()
                self.leave(peer)
            elif signed.actor != before.actor and peer in self.signed:
                self._sign(peer, signed)
                peer.session.actor = signed.actor
                self.facts.leave(peer)
                self.facts.listen(peer, None)
                self.keep(self._look(peer, self.watching.watches.get(peer) or NOTHING_WATCHED))

    def wake(self) -> None:
        """Something was committed."""
        self._news.wake()

    def peers_of(self, people: set[PersonId]) -> dict[Peer, Signed]:
        return {peer: signed for peer, signed in self.signed.items() if signed.actor.person in people}


NOTHING_WATCHED = wire.Watch(areas=[], layers=[])


def _is_narrow(actor: Actor) -> bool:
    return all(role in NARROW for role in actor.roles)
