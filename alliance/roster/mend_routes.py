"""HTTP of repairs: ranked changes that fill a hole, and carrying one out."""

from datetime import datetime

import msgspec
from litestar import get, post

from alliance import keys
from alliance.actor import Actor
from alliance.areas.places import Places
from alliance.areas.routes import PLACES
from alliance.db.pool import Pool
from alliance.events import Tx
from alliance.rest import IdempotencyKey, Page, PathId
from alliance.roster import absences, change_store, edit_store, mending
from alliance.roster.hole_shown import ShownHole, shown_hole
from alliance.roster.mending import Option, Step, Steps


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """Who moves, and what the places are called."""

    people: dict[int, str]
    posts: dict[int, str]


class ShownOption(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    steps: list[Step]
    value: float
    change: dict[str, float]
    names: Named


@get("/holes/{number:int}/repairs", dependencies=PLACES)
async def repairs(
    actor: Actor, pool: Pool, places: Places, now: datetime, number: PathId
) -> Page[ShownOption]:
    """The smallest changes that fill it, the best first: people free, and people moved."""
    async with pool.acquire() as conn:
        hole = await absences.seen(conn, actor, number)
        found = await mending.options(conn, places, hole, now)
        people = {step.person for one in found for step in one.steps}
        posts = {
            spot.post for one in found for step in one.steps for spot in (step.source, step.target) if spot
        }
        names = Named(
            people=await edit_store.names(conn, actor.district, people),
            posts=await change_store.post_names(conn, actor.district, posts),
        )
    return Page(items=[_shown(one, names) for one in found])


def _shown(one: Option, names: Named) -> ShownOption:
    people = {step.person for step in one.steps}
    posts = {spot.post for step in one.steps for spot in (step.source, step.target) if spot}
    return ShownOption(
        kind=one.kind,
        steps=one.steps,
        value=one.value,
        change=one.change,
        names=Named(
            people={person: names.people.get(person, "") for person in people},
            posts={post: names.posts.get(post, "") for post in posts},
        ),
    )


@post("/holes/{number:int}/repair", status_code=200, dependencies=PLACES)
async def repair(
    actor: Actor,
    pool: Pool,
    places: Places,
    now: datetime,
    number: PathId,
    data: Steps,
    key: IdempotencyKey = None,
) -> ShownHole:
    """Carry one out, if no rule stands in the way at this moment."""

    async def work(tx: Tx) -> ShownHole:
        return shown_hole(await mending.carry_out(tx, actor, number, data, places=places, now=now))

    return await keys.answer(pool, actor, key, now, work=work, kind=ShownHole)


ROUTES = [repairs, repair]
