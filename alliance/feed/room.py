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
from alliance.events import Numbered
from alliance.feed import acts, wire
from alliance.feed.facts import Facts
from alliance.feed.intake import Intake
from alliance.feed.live import Live
from alliance.feed.meter import Meter
from alliance.feed.peer import Peer
from alliance.feed.register import Register
from alliance.feed.scope import Scope
from alliance.feed.session import Act, Load, Look, Need, Open, Store
from alliance.feed.storing import Stored
from alliance.feed.watching import Watching
from alliance.patrol import duties, sos
from alliance.patrol.model import Duty, Mark, StampKind
from alliance.problems import PASSING
from alliance.times import Clock, from_ms, to_ms
from geo.datum import Datum

log = logging.getLogger(__name__)

POSITIONS_S = 0.2
COVERAGE_S = 1.0
STAFFING_S = 5.0
FACTS_S = 1.0
RECHECK_S = 3.0
# Who sees no more than the own facts; the others are asked about more often.
NARROW = (Role.GUARD, Role.VOLUNTEER, Role.OBSERVER)
NARROW_TURNS = 10
RESTART_S = 1.0
STAMPED = {"checked_in": StampKind.IN, "checked_out": StampKind.OUT}


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
        self._pool = pool
        self._clock = clock
        self._loads: list[tuple[Peer, AssignmentId]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()
        self._turn = 0
        self.intake = Intake(
            pool,
            district,
            places=lambda: self.places,
            register=self.register,
            clock=clock,
            carry_out=self.carry_out,
            fold=self._fold,
            changed=self._changed,
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
        self._keep(self.intake.run())
        self._keep(self._positions())
        self._keep(self._every(COVERAGE_S, self._coverage))
        self._keep(self._every(STAFFING_S, self._staffing))
        self._keep(self._every(RECHECK_S, self._recheck))
        self._keep(self._tell())

    async def stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
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
            self.signed[peer] = signed
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
            self._keep(self._catch_up(peer, actor, self.facts.last if hello.since is None else hello.since))

    async def _catch_up(self, peer: Peer, actor: Actor, since: int) -> None:
        try:
            async with self._pool.acquire() as conn:
                scope = None if _is_narrow(actor) else await self._scope(conn, actor)
                await self.facts.replay(conn, peer, since, scope)
        except (*PASSING, OSError):
            peer.session.close(wire.RESTARTING, "the database is away; come again")
        peer.flush()
        if peer not in self.signed:
            self.facts.leave(peer)

    async def _scope(self, conn: Connection, actor: Actor) -> Scope:
        return await self.watching.scope(conn, actor, from_ms(self.now()))

    def leave(self, peer: Peer) -> None:
        self.signed.pop(peer, None)
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
                        self._keep(self._act(peer, need.message))
                case Load():
                    self._loads.append((peer, need.assignment))
                    if len(self._loads) == 1:
                        self._keep(self._load())
                case Look():
                    self._keep(self._look(peer, need.watch))
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

    def _changed(self, found: Sequence[Duty]) -> None:
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
        self.live.sweep(now)
        async with self._pool.acquire() as conn:
            with self.intake.meter.tick.time():
                await self.live.tick(conn, now)
        self.watching.coverage(now, self.facts.last)

    async def _staffing(self) -> None:
        self.register.tidy(self.now())
        async with self._pool.acquire() as conn:
            await self.watching.staffing(conn, self.now(), self.facts.last)

    async def _recheck(self) -> None:
        """Ends the sessions that are no longer good; a change of role shows at once."""
        self._turn += 1
        all_of_them = self._turn % NARROW_TURNS == 0
        asked = {
            peer: signed
            for peer, signed in self.signed.items()
            if all_of_them or not _is_narrow(signed.actor)
        }
        await self._check(asked)

    async def _check(self, asked: dict[Peer, Signed]) -> None:
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
                self.signed[peer] = signed
                peer.session.actor = signed.actor
                self.facts.leave(peer)
                self.facts.listen(peer, None)
                self._keep(self._look(peer, self.watching.watches.get(peer) or NOTHING_WATCHED))

    # Facts

    def wake(self) -> None:
        """Something was committed."""
        self._news.set()

    async def _tell(self) -> None:
        """Woken by the database, and once a second anyway."""
        while True:
            try:
                async with asyncio.timeout(FACTS_S):
                    await self._news.wait()
            except TimeoutError:
                pass
            self._news.clear()
            try:
                while await self._tell_some():
                    pass
            except (*PASSING, OSError) as error:
                log.warning("feed: facts wait for the database (%s)", type(error).__name__)
                await asyncio.sleep(RESTART_S)
            except Exception:
                log.exception("feed: telling facts failed")
                await asyncio.sleep(RESTART_S)

    async def _tell_some(self) -> bool:
        async with self._pool.acquire() as conn:
            news = await self.facts.news(conn)
            if news:
                await self._heed(conn, news)
        for event in news:
            self.facts.tell(event)
        return bool(news)

    async def _heed(self, conn: Connection, news: Sequence[Numbered]) -> None:
        """Reads again what other processes, the pages and the jobs changed."""
        numbers = {one for event in news if (one := self._outdated(event)) is not None}
        people = {p for event in news if event.kind.startswith("consent_") for p in event.people}
        numbers |= {duty.id for own in self.register.of(people).values() for duty in own}
        if numbers:
            found = await duties.numbered(conn, self.district, numbers)
            self.register.drop(numbers - {duty.id for duty in found})
            self.register.put(found)
            self._changed(found)
        helped = {p for event in news if event.kind in ("sos_raised", "sos_closed") for p in event.people}
        if helped:
            calls = await sos.open_of(conn, self.district, list(helped))
            for peer in self._peers_of(helped):
                actor = peer.session.actor
                peer.session.sos = calls.get(actor.person) if actor else None
        changed = {
            p for event in news if event.kind in ("person_changed", "signed_out") for p in event.people
        }
        if changed:
            self._keep(self._check({peer: self.signed[peer] for peer in self._peers_of(changed)}))

    def _outdated(self, event: Numbered) -> AssignmentId | None:
        """The assignment that a fact changed, where it is known here and not yet so."""
        assignment = event.data.get("assignment")
        if not isinstance(assignment, int):
            return None
        duty = self.register.get(assignment)
        if duty is None:
            return None
        kind = STAMPED.get(event.kind)
        if kind is not None and any(_is(mark, kind, event) for mark in duty.marks):
            return None
        return duty.id

    def _peers_of(self, people: set[PersonId]) -> list[Peer]:
        return [peer for peer, signed in self.signed.items() if signed.actor.person in people]


NOTHING_WATCHED = wire.Watch(areas=[], layers=[])


def _is_narrow(actor: Actor) -> bool:
    return all(role in NARROW for role in actor.roles)


def _is(mark: Mark, kind: StampKind, event: Numbered) -> bool:
    return (
        mark.kind == kind and mark.at == event.data.get("at") and mark.auto == event.data.get("auto", False)
    )
