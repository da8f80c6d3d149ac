"""HTTP of changes by hand."""

from datetime import datetime

from litestar import Response, get, post
from litestar.status_codes import HTTP_200_OK

from alliance import events, keys
from alliance.actor import Actor
from alliance.areas.places import Places
from alliance.areas.routes import PLACES
from alliance.db.pool import Pool
from alliance.errors import Refused
from alliance.events import Tx
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
from alliance.rest import (
    cursor as to_cursor,
)
from alliance.roster import actions, adopting, editing
from alliance.roster.adopting import Adoption
from alliance.roster.edit_model import Edit, Edited
from alliance.roster.edit_shown import ShownEdit, shown_edit
from alliance.roster.model import RosterId
from alliance.roster.shown import ShownRoster, shown_roster
from alliance.roster.workers import Workers

NEWEST = 2**31 - 1


@post("/rosters/{number:int}/edits", status_code=HTTP_200_OK, dependencies=PLACES)
async def edit(
    actor: Actor,
    pool: Pool,
    now: datetime,
    number: PathId,
    data: Edit,
    places: Places,
    if_match: IfMatch = None,
    idempotency_key: IdempotencyKey = None,
) -> Response[Edited]:
    """Scored at once; refused `rule_broken` where it breaks a rule, which with `dry` is only told."""
    if data.dry:
        async with pool.acquire() as conn:
            tried = await editing.try_edit(conn, actor, places, RosterId(number), data, now=now)
        return Response(tried, headers=etag(tried.version))
    version = wanted_version(if_match)

    async def work(tx: Tx) -> Edited:
        return await editing.edit(tx, actor, places, RosterId(number), data, version=version, now=now)

    done = await keys.answer(pool, actor, idempotency_key, now, work=work, kind=Edited)
    return Response(done, headers=etag(done.version))


@get("/rosters/{number:int}/edits")
async def edits(
    actor: Actor, pool: Pool, number: PathId, cursor: Cursor = None, limit: Limit = 100
) -> Page[ShownEdit]:
    """What was changed by hand, newest first."""
    before = after_id(cursor) or NEWEST
    async with pool.acquire() as conn:
        found = await editing.edits(conn, actor, RosterId(number), before=before, limit=limit + 1)
    more = to_cursor(found[limit - 1].version) if len(found) > limit else None
    return Page(items=[shown_edit(one) for one in found[:limit]], next=more)


@post("/rosters/{number:int}/adopt", status_code=HTTP_200_OK)
async def adopt(
    actor: Actor,
    pool: Pool,
    now: datetime,
    number: PathId,
    data: Adoption,
    workers: Workers,
    if_match: IfMatch = None,
) -> Response[ShownRoster]:
    """Put a draft of the same days in the place of what is published; the checker reads it first."""
    version = wanted_version(if_match)
    async with pool.acquire() as conn:
        have = await actions.roster(conn, actor, RosterId(number))
        adopting.must_adopt(actor, have, await actions.roster(conn, actor, data.draft), version)
    if await workers.run("check", actor.district, data.draft) != 0:
        raise Refused("unavailable", "the draft could not be checked; nothing changed: try again")
    async with events.transaction(pool, actor.district) as tx:
        made = await adopting.adopt(tx, actor, RosterId(number), data, version=version, now=now)
    return Response(shown_roster(made, []), headers=etag(made.version))


ROUTES = [edit, edits, adopt]
