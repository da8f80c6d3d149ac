"""HTTP of the reserve on call."""

from datetime import date, datetime
from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import Parameter
from litestar.status_codes import HTTP_204_NO_CONTENT

from alliance import events
from alliance.actor import Actor
from alliance.areas.places import Places
from alliance.areas.routes import PLACES
from alliance.db.pool import Pool
from alliance.rest import Page, PathId
from alliance.roster import standbys
from alliance.roster.hole_model import Said
from alliance.roster.standby_store import OnCall
from alliance.times import duty_day, to_ms

Day = Annotated[date | None, Parameter(description="today without it")]


class ShownOnCall(msgspec.Struct, frozen=True, kw_only=True):
    """`assignment`: the duty that a call became."""

    id: int
    person: int
    name: str
    organisation: int
    town: str
    town_name: str
    town_name_en: str = ""
    shift: int
    pattern: str
    duty_day: date
    start: int
    end: int
    assignment: int | None


@get("/standby", dependencies=PLACES)
async def standby(
    actor: Actor, pool: Pool, places: Places, now: datetime, day: Day = None
) -> Page[ShownOnCall]:
    """Who is on call on a day, by shift and town."""
    async with pool.acquire() as conn:
        found = await standbys.of_day(conn, actor, places, day or duty_day(now, places.zone))
    return Page(items=[shown(one) for one in found])


@get("/me/standby")
async def my_standby(actor: Actor, pool: Pool, now: datetime) -> Page[ShownOnCall]:
    """When the actor is on call in the next two weeks."""
    async with pool.acquire() as conn:
        found = await standbys.own(conn, actor, now)
    return Page(items=[shown(one) for one in found])


@post("/standby/{number:int}/release", status_code=HTTP_204_NO_CONTENT)
async def release(actor: Actor, pool: Pool, now: datetime, number: PathId, data: Said) -> None:
    """Not to be called then."""
    async with events.transaction(pool, actor.district) as tx:
        await standbys.release(tx, actor, number, data.reason, now)


def shown(one: OnCall) -> ShownOnCall:
    same = {
        name: getattr(one, name) for name in ShownOnCall.__struct_fields__ if name not in ("start", "end")
    }
    return ShownOnCall(**same, start=to_ms(one.starts_at), end=to_ms(one.ends_at))


ROUTES = [standby, my_standby, release]
