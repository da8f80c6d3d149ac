"""HTTP of making drafts: order one, keep the best so far, begin again, throw away."""

from datetime import datetime

from litestar import Response, post
from litestar.status_codes import HTTP_200_OK, HTTP_202_ACCEPTED

from alliance import events, keys
from alliance.actor import Actor
from alliance.db.pool import Pool
from alliance.rest import IdempotencyKey, IfMatch, PathId, etag, wanted_version
from alliance.roster import actions, making
from alliance.roster.model import NewRoster, RosterId
from alliance.roster.shown import ShownRoster, shown_roster
from alliance.roster.workers import Workers


@post("/rosters", status_code=HTTP_202_ACCEPTED)
async def draft(
    actor: Actor,
    pool: Pool,
    now: datetime,
    data: NewRoster,
    workers: Workers,
    idempotency_key: IdempotencyKey = None,
) -> Response[ShownRoster]:
    """Answered at once; the roster's `progress` tells how its making goes on."""
    async with events.transaction(pool, actor.district) as tx:
        first = await keys.once(tx, actor.person, idempotency_key, now)
        if first is None:
            made = await making.draft(tx, actor, data, now)
            await keys.remember(tx, actor.person, idempotency_key, now, {"roster": made.id})
        else:
            made = await actions.roster(tx.conn, actor, RosterId(first["roster"]))
    if first is None:
        workers.draft(actor.district, made.id)
    return Response(shown_roster(made, []), headers=etag(made.version))


@post("/rosters/{number:int}/discard", status_code=HTTP_200_OK)
async def discard(
    actor: Actor, pool: Pool, now: datetime, number: PathId, if_match: IfMatch = None
) -> Response[ShownRoster]:
    """Without If-Match it discards whatever the roster has become: the way to call a solve off."""
    version = None if if_match is None else wanted_version(if_match)
    async with events.transaction(pool, actor.district) as tx:
        made = await making.discard(tx, actor, RosterId(number), version, now)
    return Response(shown_roster(made, []), headers=etag(made.version))


@post("/rosters/{number:int}/stop", status_code=HTTP_200_OK)
async def stop(actor: Actor, pool: Pool, now: datetime, number: PathId) -> Response[ShownRoster]:
    """The search ends within seconds and its best so far becomes the draft."""
    async with events.transaction(pool, actor.district) as tx:
        made = await making.stop(tx, actor, RosterId(number), now)
    return Response(shown_roster(made, []), headers=etag(made.version))


@post("/rosters/{number:int}/again", status_code=HTTP_202_ACCEPTED)
async def again(
    actor: Actor, pool: Pool, now: datetime, number: PathId, workers: Workers
) -> Response[ShownRoster]:
    """What broke off begins again, with what was asked for and its pins."""
    async with events.transaction(pool, actor.district) as tx:
        made = await making.begin_again(tx, actor, RosterId(number), now)
    workers.draft(actor.district, made.id)
    return Response(shown_roster(made, []), headers=etag(made.version))


ROUTES = [draft, discard, stop, again]
