"""HTTP of patrols: cells and their coverage, check-ins, who is where, tracks, calls for help."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from litestar import Request, Response, get, post
from litestar.params import Parameter

from alliance import events
from alliance.actor import Actor, PersonId
from alliance.areas.places import Places
from alliance.areas.routes import PLACES
from alliance.db.pool import Pool
from alliance.errors import Refused
from alliance.patrol import actions, coverage, duties, looking, replay, shapes, sos
from alliance.patrol.model import Sos, StampKind
from alliance.patrol.shapes import (
    AreaCells,
    Closing,
    CoveredCells,
    CoveredShares,
    DemandCells,
    DutyItem,
    Replay,
    SosAnswer,
    SosBody,
    StaffingItem,
    StampAnswer,
    StampBody,
    Track,
    VisitedCells,
)
from alliance.rest import Cursor, IdempotencyKey, Limit, Page, PathId, after_id, page
from alliance.times import from_ms, to_ms

Layer = Annotated[
    Literal["areas", "demand", "coverage", "visits"], Parameter(description="what to tell of the cells")
]
At = Annotated[int | None, Parameter(ge=0, le=2**43, description="instant in ms; now when missing")]
From = Annotated[int | None, Parameter(query="from", ge=0, le=2**43, description="start of a period in ms")]
To = Annotated[int | None, Parameter(query="to", ge=0, le=2**43, description="end of a period in ms")]
Purpose = Annotated[str, Parameter(max_length=300, description="what the track is looked at for; it is kept")]
Days = Annotated[int, Parameter(ge=1, le=31, description="whole duty days before today, for the visits")]
Step = Annotated[int, Parameter(ge=1, le=2**43, description="ms from frame to frame")]
DAY_MS = 86_400_000
# Enough to reckon any coverage again: the smallest weights lie near 0.004.
WEIGHT_DIGITS = 9
LONGEST_PERIOD_MS = 31 * DAY_MS


@get("/cells", dependencies=PLACES)
async def cells(
    request: Request,  # type: ignore[type-arg]
    actor: Actor,
    pool: Pool,
    places: Places,
    now: datetime,
    layer: Layer = "coverage",
    at: At = None,
    start: From = None,
    end: To = None,
    days: Days = 7,
) -> Response[AreaCells | DemandCells | CoveredCells | CoveredShares | VisitedCells]:
    """Column by column: whose each cell is, its weight, till when it is covered, a period's share, visits."""
    instant = to_ms(now) if at is None else at
    match layer:
        case "areas":
            tag = '"{}-{}"'.format(*places.stamp)
            headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
            if request.headers.get("if-none-match") == tag:
                return Response(None, status_code=304, headers=headers)  # type: ignore[arg-type]
            return Response(shapes.area_cells(places), headers=headers)
        case "demand":
            async with pool.acquire() as conn:
                then = await coverage.as_it_was(conn, places, instant)
            weights = then.weights_at(instant).round(WEIGHT_DIGITS).tolist()
            return Response(DemandCells(at=instant, cells=places.cell_text, weight=weights))
        case "visits":
            async with pool.acquire() as conn:
                return Response(await replay.visited(conn, actor, places, now, days))
        case "coverage":
            if start is None and end is None:
                async with pool.acquire() as conn:
                    found = await coverage.at(conn, actor, places, instant)
                return Response(shapes.covered_cells(found, places))
            span = _period(start, end)
            async with pool.acquire() as conn:
                shares = await coverage.between(conn, actor, places, *span)
            return Response(shapes.covered_shares(shares))


def _period(start: int | None, end: int | None) -> tuple[int, int]:
    if start is None or end is None:
        raise Refused("bad_request", "from, to: give both, or `at` alone")
    if not 0 < end - start <= LONGEST_PERIOD_MS:
        raise Refused("bad_request", "from, to: a period of more than nothing and at most 31 days")
    return start, end


@get("/replay", dependencies=PLACES)
async def play(
    actor: Actor,
    pool: Pool,
    places: Places,
    now: datetime,
    start: From = None,
    end: To = None,
    step: Step = 600_000,
) -> Replay:
    """A past period as frames: which cells were covered when. People are not in it."""
    latest = to_ms(now)
    until = latest if end is None else min(end, latest)
    begun = until - DAY_MS if start is None else start
    async with pool.acquire() as conn:
        return await replay.frames(conn, actor, places, (begun, until), step)


@post("/check-ins", status_code=200, dependencies=PLACES)
async def check_in(
    actor: Actor, pool: Pool, places: Places, now: datetime, data: StampBody, key: IdempotencyKey = None
) -> StampAnswer:
    """Come on duty; also for people of the own unit who are present."""
    async with events.transaction(pool, actor.district) as tx:
        taken = await actions.stamp(tx, actor, data.stamp(StampKind.IN, key), now, places)
    return msgspec.convert(taken.result, StampAnswer)


@post("/check-outs", status_code=200, dependencies=PLACES)
async def check_out(
    actor: Actor, pool: Pool, places: Places, now: datetime, data: StampBody, key: IdempotencyKey = None
) -> StampAnswer:
    """Go off duty, or take a break."""
    async with events.transaction(pool, actor.district) as tx:
        taken = await actions.stamp(tx, actor, data.stamp(StampKind.OUT, key), now, places)
    return msgspec.convert(taken.result, StampAnswer)


@get("/staffing", dependencies=PLACES)
async def staffing(
    actor: Actor, pool: Pool, places: Places, now: datetime, at: At = None
) -> Page[StaffingItem]:
    """People present, planned and needed, by post and shift."""
    async with pool.acquire() as conn:
        found = await duties.staffing_for(conn, actor, places, now if at is None else from_ms(at))
    return Page(items=[shapes.staffing_item(one) for one in found])


@get("/duty/now", dependencies=PLACES)
async def duty_now(actor: Actor, pool: Pool, places: Places, now: datetime, at: At = None) -> Page[DutyItem]:
    """Who should be here now, and whether they are."""
    async with pool.acquire() as conn:
        found = await duties.expected(conn, actor, places, now if at is None else from_ms(at))
    return Page(items=[shapes.duty_item(one) for one in found])


@get("/people/{number:int}/track")
async def track(
    actor: Actor,
    pool: Pool,
    now: datetime,
    number: PathId,
    assignment: Annotated[int, Parameter(ge=0, le=2**53)],
    purpose: Purpose = "",
) -> Track:
    """The way of one duty. Looking at somebody else's is written down, and that person can read it."""
    async with events.transaction(pool, actor.district) as tx:
        return await looking.track(tx, actor, PersonId(number), assignment, purpose=purpose, now=now)


@get("/sos")
async def calls(
    actor: Actor,
    pool: Pool,
    only_open: Annotated[bool, Parameter(query="open")] = False,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[Sos]:
    """Calls for help, newest first."""
    before = after_id(cursor) if cursor else 2**62
    async with pool.acquire() as conn:
        found = await sos.listed(conn, actor, open_only=only_open, before=before, limit=limit + 1)
    return page(found, limit, [one.id for one in found])


@post("/sos", status_code=200, dependencies=PLACES)
async def raise_sos(
    actor: Actor,
    pool: Pool,
    places: Places,
    now: datetime,
    data: SosBody | None = None,
    key: IdempotencyKey = None,
) -> SosAnswer:
    """Call for help; resent, it is the same call."""
    given = data or SosBody()
    fix = None if given.fix is None else given.fix.point(given.datum)
    async with events.transaction(pool, actor.district) as tx:
        result = await sos.raise_sos(tx, actor, given.key or key, given.at, now, fix=fix, places=places)
    return msgspec.convert(result, SosAnswer)


@post("/sos/{number:int}/acknowledge", status_code=200)
async def acknowledge(actor: Actor, pool: Pool, now: datetime, number: PathId) -> Sos:
    """The desk has heard it: the ringing stops."""
    async with events.transaction(pool, actor.district) as tx:
        return await sos.acknowledge(tx, actor, number, now)


@post("/sos/{number:int}/close", status_code=200)
async def close(actor: Actor, pool: Pool, now: datetime, number: PathId, data: Closing) -> Sos:
    """It is over; the record stays."""
    async with events.transaction(pool, actor.district) as tx:
        return await sos.close(tx, actor, number, data.reason, now)


ROUTES = [
    cells,
    play,
    check_in,
    check_out,
    staffing,
    duty_now,
    track,
    calls,
    raise_sos,
    acknowledge,
    close,
]
