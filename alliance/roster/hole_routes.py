"""HTTP of absences, holes, call-outs and offers."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import Parameter

from alliance import events, keys
from alliance.actor import Actor
from alliance.areas.places import Places
from alliance.areas.routes import PLACES
from alliance.db.pool import Pool
from alliance.events import Tx
from alliance.people import actions as people
from alliance.people.sealed import Seal
from alliance.rest import IdempotencyKey, Page, PathId, etag
from alliance.roster import absences, candidates, change_store, judging, offer_store, offering
from alliance.roster.hole_model import HoleState, NewAbsence, NewCall, NewExtra, OfferState, Said
from alliance.roster.hole_shown import (
    HoleDetail,
    OfferAnswer,
    ShownCandidate,
    ShownFit,
    ShownHole,
    ShownMyOffer,
    hole_detail,
    shown_candidate,
    shown_hole,
    shown_my_offer,
)


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What an acceptance came to, with the rules that stood in the way."""

    answer: OfferAnswer
    broken: list[dict[str, Any]]


RUNNING = Annotated[bool, Parameter(query="open", description="only those still to be filled")]


@post("/assignments/{number:int}/absence")
async def absence(
    actor: Actor,
    pool: Pool,
    now: datetime,
    number: PathId,
    data: NewAbsence,
    key: IdempotencyKey = None,
) -> ShownHole:
    """Somebody can't come, or has not come: the duty is cancelled with its reason, and the hole opens."""

    async def work(tx: Tx) -> ShownHole:
        return shown_hole(await absences.report(tx, actor, number, data, now))

    return await keys.answer(pool, actor, key, now, work=work, kind=ShownHole)


@post("/holes")
async def need_more(
    actor: Actor, pool: Pool, now: datetime, data: NewExtra, key: IdempotencyKey = None
) -> ShownHole:
    """More people at a post in a shift than were planned."""

    async def work(tx: Tx) -> ShownHole:
        return shown_hole(await absences.need_more(tx, actor, data, now))

    return await keys.answer(pool, actor, key, now, work=work, kind=ShownHole)


@get("/holes")
async def holes(actor: Actor, pool: Pool, now: datetime, only_open: RUNNING = False) -> Page[ShownHole]:
    """Of shifts that run, are to come, or ended within two hours; the earliest first."""
    states = (HoleState.OPEN,) if only_open else tuple(HoleState)
    async with pool.acquire() as conn:
        found = await absences.holes(conn, actor, states, now)
    return Page(items=[shown_hole(one) for one in found])


@get("/holes/{number:int}")
async def hole(actor: Actor, pool: Pool, number: PathId) -> Response[HoleDetail]:
    """With everyone who was asked, when, and what they said."""
    async with pool.acquire() as conn:
        found = await absences.seen(conn, actor, number)
        offers = await offer_store.of_hole(conn, actor.district, found.id)
    return Response(hole_detail(found, offers), headers=etag(found.version))


@get("/holes/{number:int}/candidates", dependencies=PLACES)
async def who_could(actor: Actor, pool: Pool, places: Places, number: PathId) -> Page[ShownCandidate]:
    """Who could legally take it and was not asked yet, the best first."""
    async with pool.acquire() as conn:
        found = await absences.seen(conn, actor, number)
        missing = await change_store.missing_at(conn, actor.district, found.post, found.shift)
        ranked = await candidates.ranked(conn, places, found, others_missing=missing - 1)
    return Page(items=[shown_candidate(one) for one in ranked])


@get("/holes/{number:int}/fit", dependencies=PLACES)
async def fit(
    actor: Actor,
    pool: Pool,
    places: Places,
    seal: Seal,
    now: datetime,
    number: PathId,
    person: Annotated[int, Parameter(ge=0, le=2**53)],
) -> ShownFit:
    """Whether somebody you may see could take it, and exactly why not."""
    async with pool.acquire() as conn:
        found = await absences.seen(conn, actor, number)
        known = await people.person(conn, actor, person, seal, now)
        missing = await change_store.missing_at(conn, actor.district, found.post, found.shift)
        made = await candidates.fit(conn, places, found, known.id, others_missing=missing - 1)
    return ShownFit(
        person=known.id,
        name=known.name,
        value=round(made.value, 6),
        change={name: round(by, 6) for name, by in made.change.items() if abs(by) > 1e-9},
        violations=judging.shown(made.broken),
    )


@post("/holes/{number:int}/call", status_code=200, dependencies=PLACES)
async def call(
    actor: Actor, pool: Pool, places: Places, now: datetime, number: PathId, data: NewCall
) -> HoleDetail:
    """Ask the best few, and the next when those don't answer."""
    async with events.transaction(pool, actor.district) as tx:
        found = await absences.fillable(tx, actor, number, now)
        await offering.call(tx, found, data, places=places, by=actor.person, now=now)
    return await _detail(pool, actor, number)


@post("/holes/{number:int}/stop", status_code=200)
async def stop(actor: Actor, pool: Pool, now: datetime, number: PathId) -> HoleDetail:
    """Withdraw what is asked; the hole stays open."""
    async with events.transaction(pool, actor.district) as tx:
        found = await absences.fillable(tx, actor, number, now)
        await offering.stop(tx, found, actor.person, now)
    return await _detail(pool, actor, number)


@post("/holes/{number:int}/close", status_code=200)
async def close(actor: Actor, pool: Pool, now: datetime, number: PathId, data: Said) -> HoleDetail:
    """Leave it empty."""
    async with events.transaction(pool, actor.district) as tx:
        await absences.close(tx, actor, number, data.reason, now)
    return await _detail(pool, actor, number)


async def _detail(pool: Pool, actor: Actor, number: int) -> HoleDetail:
    async with pool.acquire() as conn:
        found = await absences.seen(conn, actor, number)
        return hole_detail(found, await offer_store.of_hole(conn, actor.district, found.id))


@get("/me/offers")
async def my_offers(actor: Actor, pool: Pool, now: datetime) -> Page[ShownMyOffer]:
    """What the actor is asked to take, running ones first."""
    async with pool.acquire() as conn:
        found = await offering.own(conn, actor, now)
    return Page(items=[shown_my_offer(one) for one in found])


@post("/me/offers/{number:int}/accept", status_code=200, dependencies=PLACES)
async def accept(
    actor: Actor,
    pool: Pool,
    places: Places,
    now: datetime,
    number: PathId,
    key: IdempotencyKey = None,
) -> OfferAnswer:
    """The duty is the actor's, if nobody was quicker and no rule stands in the way at this moment."""

    async def work(tx: Tx) -> Answered:
        made = await offering.accept(tx, actor, number, places=places, now=now)
        answer = OfferAnswer(offer=made.offer, state=made.state.value, assignment=made.assignment)
        return Answered(answer=answer, broken=judging.shown(made.broken))

    made = await keys.answer(pool, actor, key, now, work=work, kind=Answered)
    # Only after the commit: that the person was willing stays on record.
    if made.answer.state == OfferState.REFUSED:
        raise judging.refusal(made.broken)
    return made.answer


@post("/me/offers/{number:int}/decline", status_code=200)
async def decline(
    actor: Actor, pool: Pool, now: datetime, number: PathId, key: IdempotencyKey = None
) -> OfferAnswer:
    """No, thanks; the next is asked."""

    async def work(tx: Tx) -> OfferAnswer:
        made = await offering.decline(tx, actor, number, now)
        return OfferAnswer(offer=made.id, state=made.state.value)

    return await keys.answer(pool, actor, key, now, work=work, kind=OfferAnswer)


ROUTES = [absence, need_more, holes, hole, who_could, fit, call, stop, close, my_offers, accept, decline]
