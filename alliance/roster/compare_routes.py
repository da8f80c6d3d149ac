"""HTTP of comparing rosters."""

from typing import Annotated

import msgspec
from litestar import get
from litestar.params import Parameter, QueryParameter

from alliance.actor import Actor
from alliance.db.pool import Pool
from alliance.rest import Page, PathId
from alliance.roster import comparing
from alliance.roster.compare import Fairness
from alliance.roster.compare_store import Difference
from alliance.roster.comparing import Compared
from alliance.roster.model import RosterId
from alliance.times import to_ms

Other = Annotated[int, QueryParameter(name="with", ge=0, le=2**53, description="the roster that is newer")]
Beat = Annotated[str, Parameter(max_length=60, description="beat code")]


class ShownDifference(msgspec.Struct, frozen=True, kw_only=True):
    """A person in a shift: the post `before` and `after`, null for none."""

    person: int
    name: str
    shift: int
    start: int
    end: int
    before: int | None
    after: int | None


@get("/rosters/{number:int}/fairness")
async def fairness(actor: Actor, pool: Pool, number: PathId) -> Fairness:
    """Hours, nights and weekend duties: how evenly they are spread over guards and over volunteers."""
    async with pool.acquire() as conn:
        return await comparing.even(conn, actor, RosterId(number))


@get("/rosters/{number:int}/compare")
async def compare(actor: Actor, pool: Pool, number: PathId, other: Other) -> Compared:
    async with pool.acquire() as conn:
        return await comparing.compared(conn, actor, RosterId(number), RosterId(other))


@get("/rosters/{number:int}/differences")
async def differences(
    actor: Actor, pool: Pool, number: PathId, other: Other, beat: Beat
) -> Page[ShownDifference]:
    """On one beat, in order of time; at most 500."""
    async with pool.acquire() as conn:
        found = await comparing.differences(conn, actor, RosterId(number), RosterId(other), beat)
    return Page(items=[_shown(one) for one in found])


def _shown(one: Difference) -> ShownDifference:
    return ShownDifference(
        person=one.person,
        name=one.name,
        shift=one.shift,
        start=to_ms(one.starts_at),
        end=to_ms(one.ends_at),
        before=one.before,
        after=one.after,
    )


ROUTES = [fairness, compare, differences]
