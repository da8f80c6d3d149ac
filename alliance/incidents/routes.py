"""HTTP of reports, incidents, their transitions and dispatches; what touches the ledger is credit's."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import Parameter

from alliance import events, keys
from alliance.actor import Actor
from alliance.db.pool import Pool
from alliance.events import Tx
from alliance.incidents import actions, dispatching, photo_routes, relinking, shapes
from alliance.incidents.model import AnswerIn, Incident, Kind, State, Wanted
from alliance.incidents.relinking import Relink
from alliance.incidents.shapes import (
    CandidateList,
    DispatchList,
    IncidentItem,
    OrderStep,
    ReplyBody,
    ReportAnswer,
    ReportBody,
    ReportItem,
    Step,
)
from alliance.rest import (
    Cursor,
    IdempotencyKey,
    IfMatch,
    Limit,
    Page,
    PathId,
    after_id,
    etag,
    wanted_version,
)
from alliance.rest import cursor as cursor_of

LATEST = 253_402_300_799_000  # the end of the year 9999

States = Annotated[list[State] | None, Parameter(query="state", description="one or several states")]
BeatCode = Annotated[str | None, Parameter(max_length=60, description="beat code")]
Since = Annotated[int | None, Parameter(ge=0, le=LATEST, description="opened at or after, in ms")]


@get("/reports")
async def reports(actor: Actor, pool: Pool, cursor: Cursor = None, limit: Limit = 100) -> Page[ReportItem]:
    """Those you may see, newest first."""
    before = after_id(cursor) if cursor else None
    async with pool.acquire() as conn:
        found = await actions.reports(conn, actor, before=before, limit=limit + 1)
    more = cursor_of(found[limit - 1].report.id) if len(found) > limit else None
    return Page(items=[shapes.report_item(one) for one in found[:limit]], next=more)


@post("/reports")
async def add_report(
    actor: Actor, pool: Pool, now: datetime, data: ReportBody, key: IdempotencyKey = None
) -> ReportAnswer:
    async def work(tx: Tx) -> ReportAnswer:
        return msgspec.convert(await actions.report(tx, actor, data.plain(), now), ReportAnswer)

    return await keys.answer(pool, actor, key, now, work=work, kind=ReportAnswer)


@get("/incidents")
async def incidents(
    actor: Actor,
    pool: Pool,
    states: States = None,
    beat: BeatCode = None,
    kind: Kind | None = None,
    since: Since = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[IncidentItem]:
    """Those you may see, newest first."""
    wanted = Wanted(
        states=states,
        beat=beat,
        kind=kind,
        since=shapes.instant(since),
        before=after_id(cursor) if cursor else None,
        limit=limit + 1,
    )
    async with pool.acquire() as conn:
        found = await actions.listed(conn, actor, wanted)
    more = cursor_of(found[limit - 1].id) if len(found) > limit else None
    return Page(items=[shapes.item(one) for one in found[:limit]], next=more)


@get("/incidents/{number:int}/candidates")
async def candidates(actor: Actor, pool: Pool, now: datetime, number: PathId) -> CandidateList:
    """Who could be sent, the best first, with the seconds that speak for and against each."""
    async with pool.acquire() as conn:
        return CandidateList(items=await dispatching.candidates(conn, actor, number, now))


@post(["/incidents/{number:int}/dispatch", "/incidents/{number:int}/dispatched"], status_code=200)
async def dispatch(
    actor: Actor,
    pool: Pool,
    now: datetime,
    number: PathId,
    data: OrderStep | None = None,
    if_match: IfMatch = None,
) -> Response[IncidentItem]:
    """Send the first person to an open incident."""
    return await _order(actor, pool, now, number, data or OrderStep(), if_match=if_match, first=True)


@post("/incidents/{number:int}/dispatches", status_code=200)
async def dispatch_another(
    actor: Actor,
    pool: Pool,
    now: datetime,
    number: PathId,
    data: OrderStep | None = None,
    if_match: IfMatch = None,
) -> Response[IncidentItem]:
    """Send one more person to an incident that runs."""
    return await _order(actor, pool, now, number, data or OrderStep(), if_match=if_match, first=False)


async def _order(
    actor: Actor,
    pool: Pool,
    now: datetime,
    number: int,
    data: OrderStep,
    *,
    if_match: str | None,
    first: bool,
) -> Response[IncidentItem]:
    version = wanted_version(if_match, data.version)
    async with events.transaction(pool, actor.district) as tx:
        moved = await dispatching.order(tx, actor, number, data.person, version=version, now=now, first=first)
        return await _answer(tx.conn, actor, moved)


@post("/incidents/{number:int}/on_scene", status_code=200)
async def on_scene(
    actor: Actor,
    pool: Pool,
    now: datetime,
    number: PathId,
    data: Step | None = None,
    if_match: IfMatch = None,
) -> Response[IncidentItem]:
    return await _step(actor, pool, now, number, State.ON_SCENE, data=data, if_match=if_match)


@post(["/incidents/{number:int}/close", "/incidents/{number:int}/closed"], status_code=200)
async def close(
    actor: Actor,
    pool: Pool,
    now: datetime,
    number: PathId,
    data: Step | None = None,
    if_match: IfMatch = None,
) -> Response[IncidentItem]:
    return await _step(actor, pool, now, number, State.CLOSED, data=data, if_match=if_match)


@post(["/incidents/{number:int}/reopen", "/incidents/{number:int}/open"], status_code=200)
async def reopen(
    actor: Actor,
    pool: Pool,
    now: datetime,
    number: PathId,
    data: Step | None = None,
    if_match: IfMatch = None,
) -> Response[IncidentItem]:
    return await _step(actor, pool, now, number, State.OPEN, data=data, if_match=if_match)


async def _step(
    actor: Actor,
    pool: Pool,
    now: datetime,
    number: int,
    after: State,
    *,
    data: Step | None,
    if_match: str | None,
) -> Response[IncidentItem]:
    step = data or Step()
    version = wanted_version(if_match, step.version)
    async with events.transaction(pool, actor.district) as tx:
        moved = await actions.transition(
            tx, actor, number, after, version=version, reason=step.reason, now=now
        )
        return await _answer(tx.conn, actor, moved)


@post("/incidents/{number:int}/link", status_code=200)
async def link(
    actor: Actor, pool: Pool, now: datetime, number: PathId, data: Relink
) -> Response[IncidentItem]:
    """Move a report into this incident."""
    async with events.transaction(pool, actor.district) as tx:
        return await _answer(tx.conn, actor, await relinking.link(tx, actor, number, data, now))


@post("/incidents/{number:int}/unlink", status_code=200)
async def unlink(
    actor: Actor, pool: Pool, now: datetime, number: PathId, data: Relink
) -> Response[IncidentItem]:
    """Part a report from this incident, or refuse a proposed one."""
    async with events.transaction(pool, actor.district) as tx:
        return await _answer(tx.conn, actor, await relinking.unlink(tx, actor, number, data, now))


@get("/me/dispatches")
async def own_dispatches(actor: Actor, pool: Pool) -> DispatchList:
    """Your orders that are not over."""
    async with pool.acquire() as conn:
        found = await dispatching.own(conn, actor)
    return DispatchList(items=[shapes.dispatch_item(one) for one in found])


@post("/dispatches/{number:int}/answer", status_code=200)
async def answer(
    actor: Actor, pool: Pool, now: datetime, number: PathId, data: ReplyBody, key: IdempotencyKey = None
) -> dict[str, Any]:
    given = AnswerIn(dispatch=number, at=data.at, reply=data.reply)

    async def work(tx: Tx) -> dict[str, Any]:
        return await actions.answer(tx, actor, given, now)

    return await keys.answer(pool, actor, key, now, work=work, kind=dict[str, Any])


async def _answer(conn: Any, actor: Actor, incident: Incident) -> Response[IncidentItem]:
    found = await actions.one(conn, actor, incident.id)
    return Response(shapes.item(found), headers=etag(found.version))


ROUTES = [
    reports,
    add_report,
    incidents,
    candidates,
    dispatch,
    dispatch_another,
    on_scene,
    close,
    reopen,
    link,
    unlink,
    own_dispatches,
    answer,
    *photo_routes.ROUTES,
]
