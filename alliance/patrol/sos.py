"""A call for help: raised with whatever is there, acknowledged by the desk, closed, never deleted."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from alliance import events, keys
from alliance.actor import COMMAND, Actor, Code, DistrictId, PersonId, Role
from alliance.areas.places import Places
from alliance.db.pool import Connection
from alliance.errors import Refused, not_found
from alliance.events import Event, Tx
from alliance.patrol import fix_store, sos_store, store
from alliance.patrol.model import EARLY_MS, OPEN_AFTER_END_MS, Duty, Point, Sos
from alliance.patrol.sos_store import Raised
from alliance.times import from_ms, to_ms

DESK = (*COMMAND, Role.CHIEF, Role.OFFICER)


async def raise_sos(
    tx: Tx,
    actor: Actor,
    key: str | None,
    at: int | None,
    now: datetime,
    *,
    fix: Point | None = None,
    places: Places | None = None,
) -> dict[str, Any]:
    """Never refused for anything it lacks: no position means the last one on duty, no time means now."""
    earlier = await keys.once(tx, actor.person, key, now)
    if earlier is not None:
        return earlier
    when = from_ms(min(at, to_ms(now))) if at is not None and at > 0 else now
    duty = await _duty_now(tx.conn, actor, now)
    here = fix or await _last_point(tx.conn, actor, duty)
    beat = _beat(here, duty, places)
    raised = Raised(
        person=actor.person,
        at=when,
        lat=here.lat if here else None,
        lon=here.lon if here else None,
        accuracy=here.accuracy if here else None,
        assignment=duty.id if duty else None,
        beat=beat,
    )
    number = await sos_store.insert(tx.conn, tx.district, raised, now)
    if number is None:
        number = await sos_store.number_of(tx.conn, tx.district, actor.person, when)
    else:
        await _tell(tx, "sos_raised", actor.person, number, now)
    result = {"sos": number, "at": to_ms(when)}
    await keys.remember(tx, actor.person, key, now, result)
    return result


async def acknowledge(tx: Tx, actor: Actor, number: int, now: datetime) -> Sos:
    found = await _mine_to_handle(tx, actor, number)
    if found.acknowledged_at is None and found.closed_at is None:
        await sos_store.acknowledge(tx.conn, tx.district, number, actor.person, now)
        await _tell(tx, "sos_acknowledged", actor.person, number, now)
    return await _mine_to_handle(tx, actor, number)


async def close(tx: Tx, actor: Actor, number: int, reason: str, now: datetime) -> Sos:
    """By the desk, or by the one who raised it."""
    found = await sos_store.one(tx.conn, tx.district, number)
    if found is None or (found.person != actor.person and not _may_handle(actor, found)):
        raise not_found("call for help", number)
    if found.closed_at is None:
        await sos_store.close(tx.conn, tx.district, number, by=actor.person, reason=reason, now=now)
        await _tell(tx, "sos_closed", actor.person, number, now)
    return await sos_store.one(tx.conn, tx.district, number) or found


async def listed(
    conn: Connection, actor: Actor, *, open_only: bool, before: int = 2**62, limit: int = 100
) -> list[Sos]:
    """Those the actor handles, and the own ones; newest first."""
    found = await sos_store.listed(conn, actor.district, open_only=open_only, before=before, limit=limit)
    return [sos for sos in found if sos.person == actor.person or _may_handle(actor, sos)]


async def open_of(
    conn: Connection, district: DistrictId, people: Sequence[PersonId]
) -> dict[PersonId, tuple[int, int]]:
    """For each the number of an open call, and when it was raised."""
    return await sos_store.open_of(conn, district, people)


async def follow(
    conn: Connection, district: DistrictId, found: Sequence[tuple[int, Point]], received_at: int
) -> None:
    """Keep positions sent while a call is open; each with the call's number."""
    await sos_store.insert_points(conn, district, found, received_at)


def _may_handle(actor: Actor, sos: Sos) -> bool:
    if actor.is_command():
        return True
    return sos.beat is not None and actor.has(*DESK, beat=sos.beat)


async def _mine_to_handle(tx: Tx, actor: Actor, number: int) -> Sos:
    actor.must(*DESK)
    found = await sos_store.one(tx.conn, tx.district, number)
    if found is None or not _may_handle(actor, found):
        raise not_found("call for help", number)
    return found


async def _duty_now(conn: Connection, actor: Actor, now: datetime) -> Duty | None:
    begun = now - timedelta(milliseconds=OPEN_AFTER_END_MS)
    soon = now + timedelta(milliseconds=EARLY_MS)
    duties = await store.duties_of(conn, actor.district, [actor.person], begun, soon)
    present = [duty for duty in duties if duty.is_present(to_ms(now))]
    return next(iter(present or duties), None)


async def _last_point(conn: Connection, actor: Actor, duty: Duty | None) -> Point | None:
    if duty is None:
        return None
    found = await fix_store.latest_points(conn, actor.district, {duty.id: duty.duty_day})
    return found.get(duty.id)


def _beat(here: Point | None, duty: Duty | None, places: Places | None) -> Code | None:
    where = places.point_area(here.lat, here.lon) if places and here else None
    if where is not None:
        return where.beat
    return duty.beat if duty else None


async def _tell(tx: Tx, kind: str, by: PersonId, number: int, now: datetime) -> None:
    sos = await sos_store.one(tx.conn, tx.district, number)
    if sos is None:
        raise Refused("not_found", f"no call for help {number}")
    data = {
        "sos": sos.id,
        "person": sos.person,
        "name": sos.name,
        "lat": sos.lat,
        "lon": sos.lon,
        "beat": sos.beat,
        "at": sos.at,
    }
    areas = (sos.beat,) if sos.beat else ()
    events.record(tx, Event(kind=kind, at=now, actor=by, areas=areas, people=(sos.person,), data=data))
