"""Durable facts on their way to the watchers: numbered, in order, each framed once."""

from collections.abc import Iterable

import asyncpg

from alliance import events
from alliance.actor import DistrictId, PersonId
from alliance.db.pool import Connection
from alliance.events import Numbered
from alliance.feed import wire
from alliance.feed.framing import Shared
from alliance.feed.peer import Peer
from alliance.feed.scope import Scope
from alliance.feed.session import encode
from alliance.times import to_ms

AT_ONCE = 500
MOST_REPLAYED = 20_000


class Facts:
    """`last` is the number up to which everyone who listens has been told."""

    def __init__(self, district: DistrictId) -> None:
        self.district = district
        self.last = 0
        self._by_person: dict[PersonId, set[Peer]] = {}
        self._wide: dict[Peer, Scope] = {}
        # Those that are told what they missed: whatever is new waits until that is done.
        self._held: dict[Peer, Scope | None] = {}

    async def load(self, conn: Connection) -> None:
        self.last = await events.latest(conn, self.district)

    async def news(self, conn: Connection) -> list[Numbered]:
        """What was committed since `last`."""
        return await events.since(conn, self.district, self.last, AT_ONCE)

    def listen(self, peer: Peer, scope: Scope | None) -> None:
        """From now on the peer is told; one with a scope hears of more than what is about the own person."""
        if peer in self._held:
            self._held[peer] = scope
            return
        actor = peer.session.actor
        if actor is None:
            return
        self._by_person.setdefault(actor.person, set()).add(peer)
        if scope is not None:
            self._wide[peer] = scope

    def hold(self, peer: Peer) -> None:
        """Until its replay has ended, the peer is told nothing else."""
        self._held[peer] = None

    def let_go(self, peer: Peer) -> None:
        """There is no replay."""
        self._held.pop(peer, None)

    def leave(self, peer: Peer) -> None:
        actor = peer.session.actor
        self._wide.pop(peer, None)
        if actor is not None:
            others = self._by_person.get(actor.person)
            if others is not None:
                others.discard(peer)
                if not others:
                    del self._by_person[actor.person]

    def tell(self, event: Numbered) -> None:
        shared: Shared | None = None
        for peer in self._listeners(event):
            shared = shared or Shared(encode(message(event)))
            peer.write(shared)
        self.last = event.id

    def _listeners(self, event: Numbered) -> Iterable[Peer]:
        told: set[Peer] = set()
        for person in event.people:
            told |= self._by_person.get(person, set())
        for peer, scope in self._wide.items():
            actor = peer.session.actor
            if actor is not None and scope.tells(actor, event):
                told.add(peer)
        return told

    async def replay(self, conn: Connection, peer: Peer, since: int, scope: Scope | None) -> None:
        """Tells what was missed and then listens; `reset` where that is too much, or was never told.

        What the peer has chosen to watch meanwhile counts once that is done.
        """
        self._held.setdefault(peer, None)
        last = self.last
        if since > last or last - since > MOST_REPLAYED:
            peer.session.send(wire.Reset(event=last))
            peer.flush()
            since = last
        while since < self.last:
            found = await self._missed(conn, since)
            if found is None:
                peer.session.send(wire.Reset(event=self.last))
                since = self.last
                break
            for event in found:
                since = event.id
                actor = peer.session.actor
                if event.id <= self.last and actor is not None and _concerns(event, peer, scope):
                    peer.session.send(message(event))
            peer.flush()
        # No await between the comparison and this: nothing falls in between.
        self.listen(peer, self._held.pop(peer, None) or scope)

    async def _missed(self, conn: Connection, since: int) -> list[Numbered] | None:
        """The next facts up to `last`; None where some are gone."""
        try:
            found = await events.since(conn, self.district, since, AT_ONCE)
        except asyncpg.DataError:
            return None
        if not found or found[0].id != since + 1:
            return None
        return [event for event in found if event.id <= self.last]


def _concerns(event: Numbered, peer: Peer, scope: Scope | None) -> bool:
    actor = peer.session.actor
    if actor is None:
        return False
    return actor.person in event.people or (scope is not None and scope.tells(actor, event))


def message(event: Numbered) -> wire.EventMessage:
    return wire.EventMessage(
        id=event.id, kind=event.kind, at=to_ms(event.at), actor=event.actor, data=event.data
    )
