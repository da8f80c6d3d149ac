"""What a room tells the district's other processes, and what it hears of them."""

import asyncio
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from alliance.bus import Bus
from alliance.db.pool import Connection, Pool
from alliance.feed import batch
from alliance.feed.batch import Batch
from alliance.feed.following import Change
from alliance.feed.storing import Stored
from alliance.patrol import duties
from alliance.problems import PASSING
from geo.cell import Ints
from geo.tracks import Visits, visits

if TYPE_CHECKING:
    from alliance.feed.room import Room

log = logging.getLogger(__name__)

AGAIN_S = 1.0
# How often somebody looks for fixes whose process was killed before it made visits of them.
BEHIND_S = 60.0
# A duty that nobody is on here is read again, but not for every batch.
ASK_AGAIN_MS = 5_000
# Rows of one message: NATS takes a megabyte.
MOST_ROWS = 10_000

Columns = dict[str, tuple[str, bytes]]


class Fixes(msgspec.Struct, tag="fixes", frozen=True, kw_only=True):
    """A batch that was committed."""

    rows: Columns


class Grew(msgspec.Struct, tag="grew", frozen=True, kw_only=True):
    """Visits that were written: those that won't change, and those that may still grow."""

    settled: Columns
    open: Columns


class Rewrote(msgspec.Struct, tag="rewrote", frozen=True, kw_only=True):
    """Assignments whose visits were written anew; of those `followed` the sender will write the next."""

    assignments: list[int]
    followed: list[int]


decoder: msgspec.msgpack.Decoder[Fixes | Grew | Rewrote] = msgspec.msgpack.Decoder(Fixes | Grew | Rewrote)
encode = msgspec.msgpack.Encoder().encode


class Abroad:
    """Hears for one room, and tells for it."""

    def __init__(self, room: "Room", pool: Pool, bus: Bus) -> None:
        self._room = room
        self._pool = pool
        self._bus = bus
        self._batches: list[Batch] = []
        self._asked: dict[int, int] = {}
        self._missed = False
        self._called = asyncio.Event()

    # Telling

    def stored(self, stored: Stored) -> None:
        if self._bus.joined:
            self._bus.tell(self._room.district, encode(Fixes(rows=_columns(stored.batch.rows))))

    def changed(self, change: Change) -> None:
        if not self._bus.joined:
            return
        tell, district = self._bus.tell, self._room.district
        for part in _parts(change.settled, change.open):
            tell(district, encode(part))
        if change.rewritten:
            rewrote = Rewrote(assignments=change.rewritten, followed=change.followed)
            tell(district, encode(rewrote))

    # Hearing

    async def enter(self) -> None:
        await self._bus.enter(self._room.district, self)

    def heard(self, message: bytes) -> None:
        live = self._room.live
        match decoder.decode(message):
            case Fixes(rows=rows):
                self._batches.append(batch.placed(_arrays(rows), self._room.places.hexes))
                self._called.set()
            case Grew(settled=settled, open=still):
                index = self._room.places.hexes
                live.grew_elsewhere(visits(index, **_arrays(settled)), visits(index, **_arrays(still)))
            case Rewrote(assignments=assignments, followed=followed):
                live.rewritten_elsewhere(assignments, followed)

    def missed(self) -> None:
        self._missed = True
        self._called.set()

    async def run(self) -> None:
        """Until it is cancelled; alone there is nothing to do."""
        if self._bus.url is None:
            return
        loop = asyncio.get_running_loop()
        due = loop.time() + BEHIND_S
        while True:
            try:
                async with asyncio.timeout(max(0.01, due - loop.time())):
                    await self._called.wait()
            except TimeoutError:
                due = loop.time() + BEHIND_S
            self._called.clear()
            try:
                async with self._pool.acquire() as conn:
                    await self._take(conn, late=due - loop.time() > BEHIND_S - AGAIN_S)
            except (*PASSING, OSError) as error:
                log.warning("feed: what others told waits for the database (%s)", type(error).__name__)
                self._called.set()
                await asyncio.sleep(AGAIN_S)
            except Exception:
                log.exception("feed: hearing others failed")
                await asyncio.sleep(AGAIN_S)

    async def _take(self, conn: Connection, *, late: bool) -> None:
        room = self._room
        if self._missed:
            log.warning("feed: district %s is read again, as something was missed", room.district)
            self._missed = False
            try:
                await room.live.reload(conn, room.now())
            except BaseException:
                self._missed = True
                raise
            room.lookout.missed()
        if late:
            await room.live.catch_up(conn, room.now())
        found, self._batches = self._batches, []
        await self._know(conn, {one for heard in found for one in np.unique(heard.rows.assignment).tolist()})
        for heard in found:
            room.live.fold(Stored(batch=heard, in_order=False))
            room.lookout.heard(batch.heard(heard))
            room.register.stored_elsewhere(batch.latest(heard.rows))

    async def _know(self, conn: Connection, assignments: Iterable[int]) -> None:
        """Reads the duties that aren't known here, or on which nobody is as far as is known here."""
        room = self._room
        now = room.now()
        unknown = set()
        for one in assignments:
            duty = room.register.get(one)
            present = duty is not None and duty.is_present(now)
            if not present and self._asked.get(one, 0) + ASK_AGAIN_MS <= now:
                unknown.add(one)
        if unknown:
            room.register.put(await duties.numbered(conn, room.district, unknown))
            kept = {one: at for one, at in self._asked.items() if at + ASK_AGAIN_MS > now}
            self._asked = kept | dict.fromkeys(unknown, now)


def _columns(rows: Any) -> Columns:
    names = rows.__struct_fields__
    return {name: (getattr(rows, name).dtype.str, getattr(rows, name).tobytes()) for name in names}


def _arrays(columns: Columns) -> dict[str, Any]:
    return {
        name: np.frombuffer(data, dtype=kind) for name, (kind, data) in columns.items() if name != "place"
    }


def _parts(settled: Visits, still: Visits) -> list[Grew]:
    """Every assignment's visits together in one message: open ones replace those told before."""
    who: Ints = np.unique(np.concatenate([settled.assignment, still.assignment]))
    return [
        Grew(
            settled=_columns(settled.take(np.isin(settled.assignment, some))),
            open=_columns(still.take(np.isin(still.assignment, some))),
        )
        for some in np.array_split(who, 1 + (len(settled) + len(still)) // MOST_ROWS)
        if len(some)
    ]
