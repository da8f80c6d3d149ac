"""HTTP of shifts, posts, rosters and assignments."""

from datetime import date, datetime, timedelta
from typing import Annotated

from litestar import Response, get, post
from litestar.params import Parameter
from litestar.status_codes import HTTP_200_OK, HTTP_204_NO_CONTENT

from alliance import events
from alliance.actor import Actor, AssignmentId, PersonId
from alliance.db.pool import Pool
from alliance.errors import Refused
from alliance.rest import (
    Cursor,
    IfMatch,
    Limit,
    Page,
    PathId,
    after_id,
    etag,
    page,
    wanted_version,
)
from alliance.rest import cursor as to_cursor
from alliance.roster import actions, board_routes, compare_routes, edit_routes, making_routes
from alliance.roster.assignment_store import Filter
from alliance.roster.model import NewShifts, Post, RosterId
from alliance.roster.shown import (
    MyAssignment,
    ShownAssignment,
    ShownRoster,
    ShownShift,
    shown_assignment,
    shown_own,
    shown_roster,
    shown_shift,
)
from alliance.roster.workers import Workers

EARLY_MS = 30 * 60_000
NEWEST = 2**53
Day = Annotated[date | None, Parameter(description="duty day, such as 2026-03-02")]
BeatCode = Annotated[str | None, Parameter(max_length=60, description="beat code")]
Person = Annotated[int | None, Parameter(ge=0, le=2**53)]


@get("/shifts")
async def shifts(
    actor: Actor, pool: Pool, now: datetime, from_day: Day = None, to_day: Day = None
) -> Page[ShownShift]:
    first, last = _days(from_day, to_day, now)
    async with pool.acquire() as conn:
        found = await actions.shifts(conn, actor, first, last)
    return Page(items=[shown_shift(shift) for shift in found])


@post("/shifts")
async def add_shifts(actor: Actor, pool: Pool, now: datetime, data: NewShifts) -> Page[ShownShift]:
    async with events.transaction(pool, actor.district) as tx:
        found = await actions.add_shifts(tx, actor, data.first_day, data.last_day, now)
    return Page(items=[shown_shift(shift) for shift in found])


@get("/posts")
async def posts(actor: Actor, pool: Pool, beat: BeatCode = None) -> Page[Post]:
    async with pool.acquire() as conn:
        return Page(items=await actions.posts(conn, actor, beat))


@get("/rosters")
async def rosters(actor: Actor, pool: Pool, cursor: Cursor = None, limit: Limit = 100) -> Page[ShownRoster]:
    """Newest first."""
    async with pool.acquire() as conn:
        found = await actions.rosters(conn, actor, after_id(cursor) or NEWEST, limit + 1)
    shown = [shown_roster(one, []) for one in found[:limit]]
    return Page(items=shown, next=to_cursor(found[limit - 1].id) if len(found) > limit else None)


@get("/rosters/{number:int}")
async def roster(actor: Actor, pool: Pool, number: PathId) -> Response[ShownRoster]:
    async with pool.acquire() as conn:
        found = await actions.roster(conn, actor, RosterId(number))
        short = await actions.shortfalls(conn, actor, RosterId(number))
    return Response(shown_roster(found, short), headers=etag(found.version))


@get("/rosters/{number:int}/assignments")
async def assignments(
    actor: Actor,
    pool: Pool,
    number: PathId,
    beat: BeatCode = None,
    day: Day = None,
    person: Person = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[ShownAssignment]:
    wanted = Filter(
        roster=RosterId(number),
        beat=beat,
        first_day=day,
        last_day=day,
        person=None if person is None else PersonId(person),
    )
    async with pool.acquire() as conn:
        found = await actions.assignments(conn, actor, wanted, after_id(cursor), limit + 1)
    return page([shown_assignment(one) for one in found], limit, [one.id for one in found])


@post("/rosters/{number:int}/publish", status_code=HTTP_200_OK)
async def publish(
    actor: Actor, pool: Pool, now: datetime, number: PathId, workers: Workers, if_match: IfMatch = None
) -> Response[ShownRoster]:
    """The independent checker runs first, on what is stored; what breaks a hard rule stays a draft."""
    version = wanted_version(if_match)
    async with pool.acquire() as conn:
        actions.must_publish(actor, await actions.roster(conn, actor, RosterId(number)), version)
    if await workers.run("check", actor.district, RosterId(number)) != 0:
        raise Refused("unavailable", "the roster could not be checked; it stays a draft: try again")
    async with events.transaction(pool, actor.district) as tx:
        made = await actions.publish(tx, actor, RosterId(number), version, now)
    return Response(shown_roster(made, []), headers=etag(made.version))


@get("/me/assignments")
async def my_assignments(
    actor: Actor, pool: Pool, now: datetime, from_day: Day = None, to_day: Day = None
) -> Page[MyAssignment]:
    """From yesterday to two weeks ahead unless other days are asked for."""
    first, last = _days(from_day, to_day, now)
    async with pool.acquire() as conn:
        found = await actions.my_assignments(conn, actor, first, last)
    return Page(items=[shown_own(one, people, EARLY_MS) for one, people in found])


@post("/me/assignments/{number:int}/accept", status_code=HTTP_204_NO_CONTENT)
async def accept(actor: Actor, pool: Pool, now: datetime, number: PathId) -> None:
    async with events.transaction(pool, actor.district) as tx:
        await actions.accept(tx, actor, AssignmentId(number), now)


def _days(first: date | None, last: date | None, now: datetime) -> tuple[date, date]:
    today = now.date()
    begin = first or today - timedelta(days=1)
    end = last or begin + timedelta(days=15)
    if not 0 <= (end - begin).days <= 62:
        raise Refused("bad_request", "to_day: must lie 0 to 62 days after from_day")
    return begin, end


ROUTES = [
    *(shifts, add_shifts, posts),
    *(rosters, roster, assignments, publish),
    *(my_assignments, accept),
    *edit_routes.ROUTES,
    *making_routes.ROUTES,
    *compare_routes.ROUTES,
    *board_routes.ROUTES,
]
