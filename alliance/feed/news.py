"""Facts that were just committed, here or elsewhere: heeded by the room, then told to its watchers."""

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from alliance.actor import AssignmentId
from alliance.db.pool import Connection, Pool
from alliance.events import Numbered
from alliance.patrol import duties, scans, sos
from alliance.patrol.model import Mark, StampKind
from alliance.problems import PASSING

if TYPE_CHECKING:
    from alliance.feed.room import Room

log = logging.getLogger(__name__)

LOOK_S = 1.0
AGAIN_S = 1.0
STAMPED = {"checked_in": StampKind.IN, "checked_out": StampKind.OUT}
CALLS = ("sos_raised", "sos_closed")
STANDING = ("person_changed", "signed_out")


class News:
    """Woken by the database, and once a second anyway."""

    def __init__(self, room: "Room", pool: Pool) -> None:
        self._room = room
        self._pool = pool
        self._called = asyncio.Event()

    def wake(self) -> None:
        self._called.set()

    async def run(self) -> None:
        while True:
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._called.wait()
            except TimeoutError:
                pass
            self._called.clear()
            try:
                while await self._some():
                    pass
            except (*PASSING, OSError) as error:
                log.warning("feed: facts wait for the database (%s)", type(error).__name__)
                await asyncio.sleep(AGAIN_S)
            except Exception:
                log.exception("feed: telling facts failed")
                await asyncio.sleep(AGAIN_S)

    async def _some(self) -> bool:
        async with self._pool.acquire() as conn:
            news = await self._room.facts.news(conn)
            if news:
                await self._heed(conn, news)
        for event in news:
            self._room.facts.tell(event)
        return bool(news)

    async def _heed(self, conn: Connection, news: Sequence[Numbered]) -> None:
        """Reads again what other processes, the pages and the jobs changed."""
        room = self._room
        room.live.scanned(_scans(news))
        numbers = {one for event in news if (one := self._outdated(event)) is not None}
        people = {p for event in news if event.kind.startswith("consent_") for p in event.people}
        numbers |= {duty.id for own in room.register.of(people).values() for duty in own}
        if numbers:
            found = await duties.numbered(conn, room.district, numbers)
            room.register.drop(numbers - {duty.id for duty in found})
            room.register.put(found)
            room.changed(found)
        helped = {p for event in news if event.kind in CALLS for p in event.people}
        if helped:
            calls = await sos.open_of(conn, room.district, list(helped))
            for peer, signed in room.peers_of(helped).items():
                peer.session.sos = calls.get(signed.actor.person)
        changed = {p for event in news if event.kind in STANDING for p in event.people}
        if changed:
            room.keep(room.rounds.check(room.peers_of(changed)))

    def _outdated(self, event: Numbered) -> AssignmentId | None:
        """The assignment that a fact changed, where it is known here and not yet so."""
        assignment = event.data.get("assignment")
        if not isinstance(assignment, int) or event.kind == scans.SCANNED:
            return None
        duty = self._room.register.get(assignment)
        if duty is None:
            return None
        kind = STAMPED.get(event.kind)
        if kind is not None and any(_is(mark, kind, event) for mark in duty.marks):
            return None
        return duty.id


def _scans(news: Sequence[Numbered]) -> list[tuple[int, int]]:
    found = [event.data for event in news if event.kind == scans.SCANNED]
    return [(data["assignment"], data["at"]) for data in found]


def _is(mark: Mark, kind: StampKind, event: Numbered) -> bool:
    return (
        mark.kind == kind and mark.at == event.data.get("at") and mark.auto == event.data.get("auto", False)
    )
