"""Holes open and close: someone is ill, or late, or comes after all; more are needed than planned."""

from datetime import datetime, timedelta

from alliance import events
from alliance.actor import COMMAND, Actor, AssignmentId, Code, OrganisationId, PersonId, Role
from alliance.areas import actions as areas
from alliance.db.pool import Connection
from alliance.errors import Refused, not_found
from alliance.events import Event, Tx
from alliance.roster import change_store, changing, hole_store, offering
from alliance.roster.hole_model import Absence, Cause, Hole, HoleId, HoleState, NewAbsence, NewExtra
from alliance.roster.model import Planned

DESK = (*COMMAND, Role.CHIEF, Role.OFFICER)
OWN = (Absence.ILLNESS, Absence.LEAVE)
AT_ONCE = 200
LISTED = 500
BACK = timedelta(hours=2)


async def report(tx: Tx, actor: Actor, number: int, given: NewAbsence, now: datetime) -> Hole:
    """Somebody will not come, or has not come: the duty is cancelled and leaves a hole."""
    planned = await changing.known(tx.conn, tx.district, number)
    _must_speak_for(actor, planned, given)
    await changing.lock(tx)
    planned = await changing.known(tx.conn, tx.district, number)
    if planned.cancelled_at is not None:
        raise Refused("out_of_order", f"assignment {number} was cancelled already")
    if planned.ends_at <= now:
        raise Refused("too_late", "the shift is over")
    if given.kind is Absence.NO_SHOW and planned.starts_at > now:
        raise Refused("too_early", "kind: nobody is a no-show before the shift begins; choose another")
    if await hole_store.checked_in(tx.conn, tx.district, planned.id):
        raise Refused("conflict", "the person has checked in: check out instead, and ask for more people")
    await changing.cancel(tx, planned, kind=given.kind, reason=given.reason, by=actor.person, now=now)
    hole = await hole_store.insert(
        tx.conn,
        tx.district,
        planned=planned,
        cause=Cause(given.kind),
        reason=given.reason,
        by=actor.person,
        now=now,
    )
    return await opened(tx, hole, actor.person, now)


def _must_speak_for(actor: Actor, planned: Planned, given: NewAbsence) -> None:
    """Desk and manager speak for others; the person for the own duty, with a reason."""
    if planned.person == actor.person and given.kind in OWN:
        if not given.reason.strip():
            raise Refused("bad_request", "reason: say in a few words why you can't come")
        return
    if not actor.has(Role.MANAGER, organisation=planned.organisation):
        actor.must(*DESK, beat=planned.beat)


async def need_more(tx: Tx, actor: Actor, new: NewExtra, now: datetime) -> Hole:
    """More people than planned: a hole that nobody left."""
    beat = await change_store.post_beat(tx.conn, tx.district, new.post)
    if beat is None:
        raise not_found("active post", new.post)
    actor.must(*DESK, beat=Code(beat))
    if new.certified > new.people:
        raise Refused("bad_request", "certified: not more than people")
    shift = await changing.shift(tx.conn, tx.district, new.shift)
    if shift.ends_at <= now:
        raise Refused("too_late", "shift: it is over; choose a later one")
    await changing.roster_of(tx.conn, tx.district, shift)
    hole = await hole_store.insert_extra(tx.conn, tx.district, new, actor.person, now)
    return await opened(tx, hole, actor.person, now)


async def opened(tx: Tx, number: HoleId, by: PersonId | None, now: datetime) -> Hole:
    hole = await _known(tx.conn, tx, number)
    record(tx, "hole_opened", hole, by, now)
    return hole


async def close(tx: Tx, actor: Actor, number: int, reason: str, now: datetime) -> Hole:
    """The place stays empty; running offers are withdrawn."""
    hole = await locked(tx, number)
    actor.must(*DESK, beat=hole.beat)
    must_be_open(hole)
    return await _close(tx, hole, actor.person, reason, now)


async def _close(tx: Tx, hole: Hole, by: PersonId | None, reason: str, now: datetime) -> Hole:
    await offering.withdraw_all(tx, hole, now, reason="closed")
    await hole_store.close(tx.conn, tx.district, hole.id, by=by, reason=reason, now=now)
    record(tx, "hole_closed", hole, by, now)
    return await _known(tx.conn, tx, hole.id)


async def fillable(tx: Tx, actor: Actor, number: int, now: datetime) -> Hole:
    """The hole, locked and open, of a shift that is not over, for whom it is to fill."""
    hole = await locked(tx, number)
    actor.must(*DESK, beat=hole.beat)
    must_be_open(hole)
    if hole.ends_at <= now:
        raise Refused("too_late", "the shift is over")
    return hole


async def find_no_shows(tx: Tx, now: datetime) -> int:
    """Whoever hasn't checked in so long after the start is missed; how many, so call it until 0."""
    patience = (await areas.district(tx.conn, tx.district)).settings.changes.no_show_minutes
    if patience is None:
        return 0
    late = now - timedelta(minutes=patience)
    missing = await hole_store.not_come(tx.conn, tx.district, late, now, AT_ONCE)
    for number in missing:
        planned = await changing.known(tx.conn, tx.district, number)
        await changing.missed(tx, planned, now)
        hole = await hole_store.insert(
            tx.conn, tx.district, planned=planned, cause=Cause.NO_SHOW, reason="", by=None, now=now
        )
        await opened(tx, hole, None, now)
    return len(missing)


async def close_ended(tx: Tx, now: datetime) -> int:
    """Holes of shifts that are over stay unfilled."""
    over = await hole_store.over(tx.conn, tx.district, now, AT_ONCE)
    for number in over:
        await _close(tx, await _known(tx.conn, tx, number), None, "ended", now)
    return len(over)


async def came(tx: Tx, assignments: list[AssignmentId], now: datetime) -> None:
    """Those who were missed have checked in after all: nobody else need come, if nobody has agreed yet."""
    for number in await hole_store.came(tx.conn, tx.district, assignments):
        await _close(tx, await locked(tx, number), None, "came", now)
    await hole_store.unmiss(tx.conn, tx.district, assignments)


async def holes(conn: Connection, actor: Actor, states: tuple[HoleState, ...], now: datetime) -> list[Hole]:
    """Command sees all, chief and officer those of their beats, a manager those the own people left."""
    beats, organisations = scope(actor)
    return await hole_store.holes(
        conn,
        actor.district,
        states=states,
        since=now - BACK,
        beats=beats,
        organisations=organisations,
        limit=LISTED,
    )


def scope(actor: Actor) -> tuple[list[str] | None, list[OrganisationId]]:
    """Beats (None: all) and organisations whose holes concern the actor."""
    if actor.is_command():
        return None, []
    policed = [grant for grant in actor.grants if grant.role in (Role.CHIEF, Role.OFFICER)]
    managed = [g.organisation for g in actor.grants if g.role is Role.MANAGER and g.organisation is not None]
    return sorted({beat for grant in policed for beat in grant.beats}), managed


async def seen(conn: Connection, actor: Actor, number: int) -> Hole:
    """A hole that the actor may fill."""
    hole = await hole_store.hole(conn, actor.district, number)
    if hole is None or not actor.has(*DESK, beat=hole.beat):
        raise not_found("hole", number)
    return hole


async def locked(tx: Tx, number: int) -> Hole:
    """The hole, as it stays until the transaction ends."""
    await changing.lock(tx)
    if not await hole_store.lock(tx.conn, tx.district, number):
        raise not_found("hole", number)
    return await _known(tx.conn, tx, HoleId(number))


def must_be_open(hole: Hole) -> None:
    if hole.state is not HoleState.OPEN:
        raise Refused("out_of_order", f"hole {hole.id} is {hole.state} already", state=hole.state)


async def _known(conn: Connection, tx: Tx, number: HoleId) -> Hole:
    found = await hole_store.hole(conn, tx.district, number)
    if found is None:
        raise not_found("hole", number)
    return found


def record(tx: Tx, kind: str, hole: Hole, by: PersonId | None, now: datetime) -> None:
    data = {"hole": hole.id, "post": hole.post, "shift": hole.shift, "beat": hole.beat, "cause": hole.cause}
    events.record(
        tx,
        Event(
            kind=kind,
            at=now,
            actor=by,
            areas=(hole.beat,),
            organisation=hole.organisation,
            data=data,
        ),
    )
