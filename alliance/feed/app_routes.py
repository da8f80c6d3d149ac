"""Where Traccar Client and OwnTracks send positions: the same rules, the same intake, answers that apps know.

What is refused is answered 200 like what is stored, as the apps send anything else again for ever; the header
X-Refused says why. A token that is not good is 401, a database that is away 503: then they do send again.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from litestar import Request, Response, post, route
from litestar.datastructures import State as AppState

from alliance.access import phones
from alliance.access.guard import PUBLIC
from alliance.actor import Actor, AssignmentId
from alliance.db.pool import Pool
from alliance.feed import apps, wire
from alliance.feed.apps import Sent
from alliance.feed.hub import Hub
from alliance.feed.routes import submit
from alliance.feed.wire import Fix
from alliance.patrol import duties
from alliance.patrol.model import EARLY_MS, OPEN_AFTER_END_MS, Duty
from alliance.times import from_ms, to_ms

NO_DUTY = AssignmentId(0)
AnyRequest = Request[Any, Any, Any]


@route("/phones/traccar", http_method=["GET", "POST"], opt={PUBLIC: True}, status_code=200)
async def traccar(request: AnyRequest, pool: Pool, state: AppState, now: datetime) -> Response[bytes]:
    """The OsmAnd protocol, as of Traccar Client."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    query = {name: str(request.query_params[name]) for name in request.query_params}
    sent = apps.traccar(query, kind, await request.body(), to_ms(now))
    return await _answered(sent, pool, state.hub, now, body=b"")


@post("/phones/owntracks", opt={PUBLIC: True}, status_code=200)
async def owntracks(request: AnyRequest, pool: Pool, state: AppState, now: datetime) -> Response[bytes]:
    """OwnTracks in HTTP mode; it wants a list for an answer."""
    authorization = request.headers.get("authorization", "")
    sent = apps.owntracks(authorization, await request.body(), to_ms(now))
    return await _answered(sent, pool, state.hub, now, body=b"[]")


async def _answered(sent: Sent, pool: Pool, hub: Hub, now: datetime, *, body: bytes) -> Response[bytes]:
    async with pool.acquire() as conn:
        actor = await phones.whose(conn, sent.token, now)
    codes = {"bad_message"} if sent.unreadable else set[str]()
    for assignment, fixes in (await _by_duty(pool, actor, sent.fixes)).items():
        message = wire.Fixes(seq=0, assignment=assignment, fixes=fixes)
        codes |= {_code(assignment, one.code) for one in await submit(hub, actor, message, now)}
    headers = {"X-Refused": ", ".join(sorted(codes))} if codes else {}
    return Response(body, media_type="application/json", headers=headers)


def _code(assignment: AssignmentId, code: str) -> str:
    return "off_duty" if assignment == NO_DUTY and code == "unknown_assignment" else code


async def _by_duty(pool: Pool, actor: Actor, fixes: Sequence[Fix]) -> dict[AssignmentId, list[Fix]]:
    """An app knows of no duties: each fix belongs to the one that the person was on, else is about to be."""
    found: dict[AssignmentId, list[Fix]] = {}
    if not fixes:
        return found
    theirs: list[Duty] = []
    async with pool.acquire() as conn:
        for moment in {from_ms(min(fix.at for fix in fixes)), from_ms(max(fix.at for fix in fixes))}:
            theirs += await duties.of_people(conn, actor.district, [actor.person], moment)
    for fix in fixes:
        found.setdefault(_duty_at(theirs, fix.at), []).append(fix)
    return found


def _duty_at(theirs: Sequence[Duty], at: int) -> AssignmentId:
    on = [duty.id for duty in theirs if duty.on_duty(at)]
    near = [d.id for d in theirs if d.start - EARLY_MS <= at <= d.end + OPEN_AFTER_END_MS]
    return next(iter([*on, *near]), NO_DUTY)


ROUTES = [traccar, owntracks]
