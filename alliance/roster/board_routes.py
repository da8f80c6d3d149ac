"""HTTP of the week board."""

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from litestar import get
from litestar.params import Parameter, QueryParameter

from alliance.actor import Actor, AssignmentId, Code, PersonId
from alliance.areas.places import Places
from alliance.areas.routes import PLACES
from alliance.db.pool import Pool
from alliance.rest import Cursor, Limit, Page, PathId, after_id
from alliance.rest import cursor as to_cursor
from alliance.roster import board, burden, units, why
from alliance.roster.board_store import BeatDay, PersonDuty, Wanted
from alliance.roster.burden import Burden
from alliance.roster.model import Need, Post, RosterId, Shortfall
from alliance.roster.shown import ShownAssignment, ShownShift, shown_assignment, shown_shift
from alliance.roster.units import BeatUnits
from alliance.roster.why import Because
from alliance.times import to_ms

Beat = Annotated[str, Parameter(max_length=60, description="beat code")]
Text = Annotated[str, QueryParameter(name="q", max_length=80, description="part of the name")]
Organisation = Annotated[int | None, Parameter(ge=0, le=2**53)]
Pattern = Annotated[str, Parameter(max_length=60, description="code of a shift pattern")]
Day = Annotated[date | None, Parameter(description="duty day, such as 2026-03-02")]
Order = Annotated[Literal["name", "hours", "nights"], Parameter(description="most first, but by name")]


class ShownBoard(msgspec.Struct, frozen=True, kw_only=True):
    """One beat over the roster's days."""

    posts: list[Post]
    needs: list[Need]
    shifts: list[ShownShift]
    assignments: list[ShownAssignment]
    shortfalls: list[Shortfall]


class ShownDuty(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    post: int
    post_name: str
    beat: str
    shift: int
    start: int
    end: int
    pinned: bool


class ShownWeek(msgspec.Struct, frozen=True, kw_only=True):
    """A person's duties of the roster and what they amount to."""

    person: int
    name: str
    organisation: int
    hours: float
    nights: int
    duties: list[ShownDuty]


@get("/rosters/{number:int}/beats")
async def beats(actor: Actor, pool: Pool, number: PathId) -> Page[BeatDay]:
    """What each beat has, needs and lacks, day by day."""
    async with pool.acquire() as conn:
        return Page(items=await board.beats(conn, actor, RosterId(number)))


@get("/rosters/{number:int}/board")
async def beat_board(actor: Actor, pool: Pool, number: PathId, beat: Beat) -> ShownBoard:
    async with pool.acquire() as conn:
        found = await board.beat(conn, actor, RosterId(number), Code(beat))
    return ShownBoard(
        posts=found.posts,
        needs=found.needs,
        shifts=[shown_shift(one) for one in found.shifts],
        assignments=[shown_assignment(one) for one in found.assignments],
        shortfalls=found.shortfalls,
    )


@get("/rosters/{number:int}/people")
async def people(
    actor: Actor,
    pool: Pool,
    number: PathId,
    text: Text = "",
    organisation: Organisation = None,
    order: Order = "name",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[ShownWeek]:
    """Everyone with a duty, and the week of each."""
    wanted = Wanted(text=text, organisation=organisation, order=order)
    offset = after_id(cursor)
    async with pool.acquire() as conn:
        found = await board.people(conn, actor, RosterId(number), wanted, offset=offset, limit=limit + 1)
    more = to_cursor(offset + limit) if len(found) > limit else None
    return Page(items=[_week(one) for one in found[:limit]], next=more)


@get("/rosters/{number:int}/assignments/{assignment:int}/why", dependencies=PLACES)
async def why_this_one(
    actor: Actor, pool: Pool, places: Places, number: PathId, assignment: PathId
) -> Because:
    """What the assignment brings, and what the nearest others would have been worth in its place."""
    async with pool.acquire() as conn:
        return await why.because(conn, actor, places, RosterId(number), AssignmentId(assignment))


@get("/rosters/{number:int}/people/{person:int}/burden", dependencies=PLACES)
async def why_so_much(actor: Actor, pool: Pool, places: Places, number: PathId, person: PathId) -> Burden:
    """What somebody carries beside the others of the role; why each of the nights, and who else could."""
    async with pool.acquire() as conn:
        return await burden.burden(conn, actor, places, RosterId(number), PersonId(person))


@get("/demand/units", dependencies=PLACES)
async def demand_units(
    actor: Actor, pool: Pool, places: Places, now: datetime, pattern: Pattern, day: Day = None
) -> Page[BeatUnits]:
    """What each further patrol unit is worth on the own beats, in a shift of a day (today unless given)."""
    on = day or now.astimezone(places.zone).date()
    async with pool.acquire() as conn:
        return Page(items=list(await units.units(conn, actor, places, on, pattern)))


def _week(one: board.PersonWeek) -> ShownWeek:
    return ShownWeek(
        person=one.figures.person,
        name=one.figures.name,
        organisation=one.figures.organisation,
        hours=one.figures.hours,
        nights=one.figures.nights,
        duties=[_duty(duty) for duty in one.duties],
    )


def _duty(duty: PersonDuty) -> ShownDuty:
    return ShownDuty(
        id=duty.id,
        post=duty.post,
        post_name=duty.post_name,
        beat=duty.beat,
        shift=duty.shift,
        start=to_ms(duty.starts_at),
        end=to_ms(duty.ends_at),
        pinned=duty.pinned,
    )


ROUTES = [beats, beat_board, people, why_this_one, why_so_much, demand_units]
