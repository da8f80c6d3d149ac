"""A draft from its rows to its stored assignments: gather, solve, check, store; no web process runs this."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from alliance import events
from alliance.actor import DistrictId, PersonId
from alliance.areas import actions as areas
from alliance.db.pool import Connection
from alliance.events import Event, Tx
from alliance.people.workforce import Narrowed, workforce
from alliance.roster import asked, assignment_store, store
from alliance.roster.assignment_store import Made
from alliance.roster.model import Placed, PostId, Roster, RosterId, ShiftId, Shortfall
from alliance.roster.narrow import LOOK_AHEAD, LOOK_BACK
from alliance.times import at_minute
from scheduler import problem as ask
from scheduler.check import Violation, check
from scheduler.roster import Lack
from scheduler.roster import Roster as Solved

# Broken rules that are named one by one; their number is always exact.
NAMED = 50


async def gather(
    conn: Connection, district: DistrictId, have: Roster, also: Iterable[PersonId] = ()
) -> asked.Rows:
    """`also` are people who must be known although they may have left the force."""
    places = await areas.places(conn, district)
    stored = await assignment_store.placed(conn, district, have.id, have.first_day, have.last_day)
    pinned = [_asked(one) for one in stored if one.pinned]
    start = at_minute(have.first_day, 0, places.zone)
    end = at_minute(have.last_day + timedelta(days=1), 0, places.zone)
    return asked.Rows(
        first_day=have.first_day,
        last_day=have.last_day,
        places=places,
        workforce=await workforce(
            conn,
            district,
            start - timedelta(days=1),
            end + timedelta(days=1),
            Narrowed(also=tuple({*also, *(PersonId(one.person) for one in pinned)})),
        ),
        shifts=await store.shifts(conn, district, have.first_day, have.last_day),
        posts=await store.posts(conn, district, None),
        needs=await store.needs(conn, district),
        history=await assignment_store.duties(
            conn,
            district,
            start=start - LOOK_BACK,
            end=end + LOOK_AHEAD,
            first_day=have.first_day,
            last_day=have.last_day,
        ),
        pinned=pinned,
        published=await _told(conn, district, have),
        prices=asked.weights(have.weights),
    )


async def _told(conn: Connection, district: DistrictId, have: Roster) -> list[ask.Assignment]:
    """Of the roster that this one is to stay close to."""
    return await _of(conn, district, have, have.progress.asked.stable_to)


async def stood(conn: Connection, district: DistrictId, have: Roster) -> list[ask.Assignment]:
    """Where the search begins: the roster to stay close to, or else the one whose pins were taken."""
    wanted = have.progress.asked
    near = wanted.pins_from if wanted.stable_to is None else wanted.stable_to
    return await _of(conn, district, have, near)


async def _of(
    conn: Connection, district: DistrictId, have: Roster, other: RosterId | None
) -> list[ask.Assignment]:
    if other is None:
        return []
    found = await assignment_store.placed(conn, district, other, have.first_day, have.last_day)
    return [_asked(one) for one in found]


async def keep(
    tx: Tx, have: Roster, rows: asked.Rows, solved: Solved, found: list[Violation], *, seconds: float
) -> None:
    """Store a solved roster as the draft; pinned assignments are there already."""
    by_id = {shift.id: shift for shift in rows.shifts}
    pinned = set(rows.pinned)
    made = [
        Made(
            person=PersonId(one.person),
            shift=ShiftId(one.shift),
            post=PostId(one.post),
            duty_day=by_id[ShiftId(one.shift)].duty_day,
            starts_at=by_id[ShiftId(one.shift)].starts_at,
            ends_at=by_id[ShiftId(one.shift)].ends_at,
            pinned=False,
            why=msgspec.structs.asdict(why),
        )
        for one, why in zip(solved.assignments, solved.why, strict=True)
        if one not in pinned
    ]
    await assignment_store.insert(tx.conn, tx.district, have.id, made)
    await store.insert_shortfalls(tx.conn, tx.district, have.id, _shortfalls(solved))
    await store.finish(
        tx.conn,
        tx.district,
        have.id,
        {
            "objective": solved.objective,
            "bound": solved.bound,
            "gap": solved.gap,
            "terms": solved.terms,
            "hard_violations": len(found),
        },
        {
            "phase": "done",
            "assignments": len(solved.assignments),
            "seconds": round(seconds, 1),
            "violations": named(found),
        },
    )
    data = {"roster": have.id, "assignments": len(solved.assignments), "hard_violations": len(found)}
    events.record(tx, Event(kind="roster_drafted", at=datetime.now(UTC), actor=have.made_by, data=data))


def named(found: list[Violation]) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = msgspec.to_builtins(found[:NAMED])
    return listed


async def recheck(conn: Connection, district: DistrictId, have: Roster) -> list[Violation]:
    """The independent checker on what is stored, against people, leave and certificates as of now."""
    stored = await assignment_store.placed(conn, district, have.id, have.first_day, have.last_day)
    rows = await gather(conn, district, have, {one.person for one in stored})
    found = list(check(asked.problem(rows), [_asked(one) for one in stored]))
    await store.set_checked(conn, district, have.id, len(found))
    return found


def _asked(one: Placed) -> ask.Assignment:
    return asked.assignment(one.person, one.post, one.shift)


def _shortfalls(solved: Solved) -> list[Shortfall]:
    return [
        Shortfall(
            post=PostId(one.post),
            shift=ShiftId(one.shift),
            kind="certified" if one.lack is Lack.CERTIFIED else "minimum",
            missing=one.missing,
            reason=one.reason.value,
            detail={
                "offering": one.offering,
                "certified": one.certified,
                "near": one.near,
                "free": one.free,
                "elsewhere": one.elsewhere,
            },
        )
        for one in solved.shortfalls
    ]
