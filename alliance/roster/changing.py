"""A published roster changes by putting somebody on and taking somebody off, one change after the other."""

from datetime import datetime
from typing import Any

import msgspec

from alliance import events
from alliance.actor import AssignmentId, DistrictId, PersonId
from alliance.db.pool import Connection
from alliance.errors import Refused, not_found
from alliance.events import Event, Tx
from alliance.roster import change_store, hole_store, standby_store
from alliance.roster.hole_model import HoleId
from alliance.roster.model import Planned, PostId, RosterId, Shift, ShiftId


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's new duty."""

    person: PersonId
    post: PostId
    shift: ShiftId


async def lock(tx: Tx) -> None:
    """Until this transaction ends nobody else changes, edits or publishes a roster of the district."""
    await tx.conn.execute("select pg_advisory_xact_lock(hashtext('publish'), $1)", tx.district)
    await change_store.hold_published(tx.conn, tx.district)


async def known(conn: Connection, district: DistrictId, number: int) -> Planned:
    """A duty of a published roster."""
    found = await change_store.published(conn, district, number)
    if found is None:
        raise not_found("published assignment", number)
    return found


async def shift(conn: Connection, district: DistrictId, number: int) -> Shift:
    found = await change_store.shift(conn, district, number)
    if found is None:
        raise not_found("shift", number)
    return found


async def roster_of(conn: Connection, district: DistrictId, shift: Shift) -> RosterId:
    found = await change_store.roster_on(conn, district, shift.duty_day)
    if found is None:
        raise Refused("out_of_order", f"shift: publish a roster for {shift.duty_day} first")
    return found


async def assign(
    tx: Tx, place: Place, *, hole: HoleId | None, why: dict[str, Any], by: PersonId | None, now: datetime
) -> AssignmentId:
    """Put somebody on; that it is legal was found out before, under the same lock."""
    span = await shift(tx.conn, tx.district, place.shift)
    roster = await roster_of(tx.conn, tx.district, span)
    number = await change_store.insert(tx.conn, tx.district, place, roster, span, hole=hole, why=why, now=now)
    await standby_store.called(tx.conn, tx.district, place.person, place.shift, number)
    planned = await known(tx.conn, tx.district, number)
    _record(tx, "assignment_made", planned, by, now, hole=hole)
    return number


async def cancel(
    tx: Tx, planned: Planned, *, kind: str, reason: str, by: PersonId | None, now: datetime
) -> None:
    """Take somebody off; the row stays, with the reason."""
    done = await hole_store.cancel(tx.conn, tx.district, planned.id, kind=kind, reason=reason, by=by, now=now)
    if not done:
        raise Refused("conflict", f"assignment {planned.id} was cancelled meanwhile")
    _record(tx, "assignment_cancelled", planned, by, now, cause=kind)


async def missed(tx: Tx, planned: Planned, now: datetime) -> None:
    """Nobody came in time; the duty stands, as who comes late may still check in."""
    await hole_store.miss(tx.conn, tx.district, planned.id, now)
    _record(tx, "assignment_missed", planned, None, now)


def _record(tx: Tx, kind: str, planned: Planned, by: PersonId | None, now: datetime, **more: Any) -> None:
    data = {
        "assignment": planned.id,
        "person": planned.person,
        "post": planned.post,
        "shift": planned.shift,
        "beat": planned.beat,
        **{name: value for name, value in more.items() if value is not None},
    }
    events.record(
        tx,
        Event(
            kind=kind,
            at=now,
            actor=by,
            areas=(planned.beat,),
            people=(planned.person,),
            organisation=planned.organisation,
            data=data,
        ),
    )
