"""Officers raise or lower the weight of a cell for a time, each with a reason."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import asyncpg
import msgspec

from alliance.actor import Actor, Code, Role
from alliance.areas import point_store, store, weight_store
from alliance.areas.model import NewOverride, Override
from alliance.errors import Refused, not_found
from alliance.events import Event, Tx
from geo.cell import Cell

MAY = (Role.ADMINISTRATOR, Role.COMMANDER, Role.CHIEF, Role.OFFICER)
LONGEST = timedelta(days=366)


async def overrides(conn: asyncpg.Connection, actor: Actor, now: datetime) -> list[Override]:
    """Those in force, on the beats of the actor."""
    actor.must(*MAY)
    zone = await _zone(conn, actor)
    found = await weight_store.overrides(conn, actor.district, now.astimezone(zone).date())
    beats = await point_store.beat_of_cells(conn, actor.district, {one.cell for one in found})
    return [one for one in found if one.cell in beats and actor.has(*MAY, beat=beats[one.cell])]


async def override(tx: Tx, actor: Actor, given: NewOverride, now: datetime) -> Override:
    beat = await _must_reach(tx, actor, given.cell)
    zone = await _zone(tx.conn, actor)
    today = now.astimezone(zone).date()
    if not today <= given.ends_on <= today + LONGEST:
        raise Refused("bad_request", "ends_on: give a day from today to a year ahead")
    known = [one.code for one in await store.patterns(tx.conn, tx.district) if one.duty]
    if unknown := set(given.patterns).difference(known):
        raise Refused("bad_request", f"patterns: {min(unknown)} is no duty shift; give {', '.join(known)}")
    given = msgspec.structs.replace(
        given, weekdays=sorted(set(given.weekdays)), patterns=[one for one in known if one in given.patterns]
    )
    number = await weight_store.insert_override(tx.conn, tx.district, given, actor.person, now)
    _record(tx, "override_made", actor, number, beat, now=now)
    return Override(id=number, actor=actor.person, at=now, **msgspec.structs.asdict(given))


async def withdraw(tx: Tx, actor: Actor, number: int, now: datetime) -> None:
    found = await weight_store.override(tx.conn, tx.district, number)
    actor.must(*MAY)
    if found is None:
        raise not_found("override", number)
    beat = await _must_reach(tx, actor, found.cell)
    await weight_store.withdraw_override(tx.conn, tx.district, number, now)
    _record(tx, "override_withdrawn", actor, number, beat, now=now)


async def _must_reach(tx: Tx, actor: Actor, cell: Cell) -> Code:
    """The cell's beat; raises unless the actor polices it."""
    actor.must(*MAY)
    beats = await point_store.beat_of_cells(tx.conn, tx.district, {cell})
    if cell not in beats:
        raise Refused("bad_request", "cell: it is none of the district's")
    actor.must(*MAY, beat=beats[cell])
    return beats[cell]


async def _zone(conn: asyncpg.Connection, actor: Actor) -> ZoneInfo:
    found = await store.district(conn, actor.district)
    if found is None:
        raise not_found("district", actor.district)
    return ZoneInfo(found.time_zone)


def _record(tx: Tx, kind: str, actor: Actor, number: int, beat: Code, *, now: datetime) -> None:
    data = {"override": number, "beat": beat}
    tx.record(Event(kind=kind, at=now, actor=actor.person, areas=(beat,), data=data))
