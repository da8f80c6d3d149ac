"""The week board of a roster: which beats lack people, who stands on one beat, who serves how much."""

from collections import defaultdict

import msgspec
import numpy as np

from alliance.actor import Actor, Code, Role
from alliance.areas import actions as areas
from alliance.db.pool import Connection
from alliance.errors import not_found
from alliance.roster import actions, board_store, narrow_store, store
from alliance.roster.board_store import BeatDay, PersonDuty, PersonFigures, Wanted
from alliance.roster.model import Need, Planned, Post, Roster, RosterId, Shift, ShiftId, Shortfall, State
from alliance.times import to_ms
from scheduler.duties import is_night, local_days

COMMAND = (Role.ADMINISTRATOR, Role.COMMANDER)
READERS = (*COMMAND, Role.CHIEF, Role.OFFICER)


class BeatBoard(msgspec.Struct, frozen=True, kw_only=True):
    """A beat's posts with their needs, the roster's shifts, and who stands where."""

    posts: list[Post]
    needs: list[Need]
    shifts: list[Shift]
    assignments: list[Planned]
    shortfalls: list[Shortfall]


class PersonWeek(msgspec.Struct, frozen=True, kw_only=True):
    figures: PersonFigures
    duties: list[PersonDuty]


async def beats(conn: Connection, actor: Actor, number: RosterId) -> list[BeatDay]:
    """Command sees all, chief and officer the own ones."""
    await _seen(conn, actor, number)
    found = await board_store.beats(conn, actor.district, number)
    return [one for one in found if actor.has(*READERS, beat=one.beat)]


async def beat(conn: Connection, actor: Actor, number: RosterId, code: Code) -> BeatBoard:
    actor.must(*READERS, beat=code)
    have = await _seen(conn, actor, number)
    district = actor.district
    posts = await store.posts(conn, district, [code])
    ids = {post.id for post in posts}
    short = await store.shortfalls(conn, district, number)
    return BeatBoard(
        posts=posts,
        needs=await narrow_store.needs(conn, district, ids),
        shifts=await store.shifts(conn, district, have.first_day, have.last_day),
        assignments=await board_store.standing(conn, district, number, list(ids)),
        shortfalls=[one for one in short if one.post in ids],
    )


async def people(
    conn: Connection, actor: Actor, number: RosterId, wanted: Wanted, *, offset: int, limit: int
) -> list[PersonWeek]:
    """Those with a duty, a page of them."""
    actor.must(*COMMAND)
    have = await actions.roster(conn, actor, number)
    dark = await nights(conn, actor, have)
    found = await board_store.people(
        conn, actor.district, number, wanted, nights=dark, offset=offset, limit=limit
    )
    weeks: defaultdict[int, list[PersonDuty]] = defaultdict(list)
    for duty in await board_store.duties(conn, actor.district, number, [one.person for one in found]):
        weeks[duty.person].append(duty)
    return [PersonWeek(figures=one, duties=weeks[one.person]) for one in found]


async def _seen(conn: Connection, actor: Actor, number: RosterId) -> Roster:
    """A draft is command's alone."""
    have = await actions.roster(conn, actor, number)
    if have.state is not State.PUBLISHED and not actor.is_command():
        raise not_found("roster", number)
    return have


async def nights(conn: Connection, actor: Actor, have: Roster) -> list[ShiftId]:
    zone = areas.zone_of(await areas.district(conn, actor.district))
    shifts = await store.shifts(conn, actor.district, have.first_day, have.last_day)
    start = np.asarray([to_ms(shift.starts_at) for shift in shifts], dtype=np.int64)
    end = np.asarray([to_ms(shift.ends_at) for shift in shifts], dtype=np.int64)
    dark = is_night(start, end, local_days(start, zone), zone)
    return [shift.id for shift, flag in zip(shifts, dark, strict=True) if flag]
