"""People who come in: welcomed many at a time, and told what they missed."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from alliance.access.model import Signed
from alliance.actor import Actor
from alliance.db.pool import Connection, Pool
from alliance.feed import wire
from alliance.feed.peer import Peer
from alliance.feed.scope import is_narrow
from alliance.patrol import duties, sos
from alliance.patrol.model import Duty
from alliance.problems import PASSING
from alliance.times import from_ms

if TYPE_CHECKING:
    from alliance.feed.room import Room


class Arrivals:
    """The way into a room."""

    def __init__(self, room: "Room", pool: Pool) -> None:
        self._room = room
        self._pool = pool

    async def enter(self, conn: Connection, found: Sequence[tuple[Peer, wire.Hello, Signed]]) -> None:
        """Welcomes people whose session is good, many at a time."""
        room = self._room
        now = room.now()
        people = [signed.actor.person for _, _, signed in found]
        room.register.put(await duties.of_people(conn, room.district, people, from_ms(now)))
        calls = await sos.open_of(conn, room.district, people)
        theirs = room.register.of(people)
        for peer, hello, signed in found:
            actor = signed.actor
            room.sign(peer, signed)
            peer.session.sos = calls.get(actor.person)
            message = self._welcome(actor, theirs[actor.person], now)
            needs = peer.session.welcome(actor, room.register, message, now)
            self._listen(peer, hello)
            room.carry_out(peer, needs)
            peer.flush()

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
            event=self._room.facts.last,
        )

    def _listen(self, peer: Peer, hello: wire.Hello) -> None:
        room, actor = self._room, peer.session.actor
        if actor is None:
            return
        if is_narrow(actor) and (hello.since is None or hello.since == room.facts.last):
            room.facts.listen(peer, None)
        else:
            room.facts.hold(peer)
            room.keep(self._catch_up(peer, actor, room.facts.last if hello.since is None else hello.since))

    async def _catch_up(self, peer: Peer, actor: Actor, since: int) -> None:
        room = self._room
        try:
            async with self._pool.acquire() as conn:
                scope = (
                    None if is_narrow(actor) else await room.watching.scope(conn, actor, from_ms(room.now()))
                )
                await room.facts.replay(conn, peer, since, scope)
        except (*PASSING, OSError):
            room.facts.let_go(peer)
            peer.session.close(wire.RESTARTING, "the database is away; come again")
        peer.flush()
        if peer not in room.signed:
            room.facts.leave(peer)
