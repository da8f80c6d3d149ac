"""HTTP of swaps."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from litestar import get, post
from litestar.params import Parameter

from alliance import keys
from alliance.actor import Actor
from alliance.areas.places import Places
from alliance.areas.routes import PLACES
from alliance.db.pool import Pool
from alliance.events import Tx
from alliance.rest import IdempotencyKey, Page, PathId
from alliance.roster import swapping
from alliance.roster.hole_model import Said
from alliance.roster.swap_model import RUNNING, NewSwap, Swap, SwapState, Taking
from alliance.times import to_ms

WAITING = Annotated[bool, Parameter(query="open", description="only those not yet done or over")]


class Half(msgspec.Struct, frozen=True, kw_only=True):
    """A duty that changes hands."""

    assignment: int
    post_name: str
    post_name_en: str = ""
    beat: str
    beat_name: str
    beat_name_en: str = ""
    duty_day: date
    start: int
    end: int


class ShownSwap(msgspec.Struct, frozen=True, kw_only=True):
    """`name` is left out where it is open to all and not yours; `exchange` is what is given in return."""

    id: int
    state: str
    person: int | None
    name: str | None
    to: int | None
    taker: int | None
    taker_name: str | None
    note: str
    offered_at: int
    reason: str
    duty: Half
    exchange: Half | None


@post("/swaps")
async def offer(
    actor: Actor, pool: Pool, now: datetime, data: NewSwap, key: IdempotencyKey = None
) -> ShownSwap:
    """Give an own duty away: to one person, or to all who could take it."""
    return await _once(pool, actor, key, now, lambda tx: swapping.offer(tx, actor, data, now))


@get("/swaps")
async def swaps(actor: Actor, pool: Pool, now: datetime, only_open: WAITING = False) -> Page[ShownSwap]:
    """On the own beats; those that wait for a decision first."""
    states = RUNNING if only_open else tuple(SwapState)
    async with pool.acquire() as conn:
        found = await swapping.listed(conn, actor, states, now)
    return Page(items=[shown(one) for one in found])


@get("/me/swaps")
async def my_swaps(actor: Actor, pool: Pool, now: datetime) -> Page[ShownSwap]:
    """Those the actor offered, was asked about, or took."""
    async with pool.acquire() as conn:
        found = await swapping.own(conn, actor, now)
    return Page(items=[shown(one) for one in found])


@get("/me/swaps/open", dependencies=PLACES)
async def open_swaps(actor: Actor, pool: Pool, places: Places, now: datetime) -> Page[ShownSwap]:
    """Duties open to all which the checker would let the actor take, without their owners' names."""
    async with pool.acquire() as conn:
        found = await swapping.open_to(conn, actor, places, now)
    return Page(items=[shown(one, named=False) for one in found])


@post("/swaps/{number:int}/take", status_code=200, dependencies=PLACES)
async def take(
    actor: Actor,
    pool: Pool,
    places: Places,
    now: datetime,
    number: PathId,
    data: Taking,
    key: IdempotencyKey = None,
) -> ShownSwap:
    """Take it over, or propose a duty in return."""

    async def work(tx: Tx) -> Swap:
        return await swapping.take(tx, actor, number, data, places=places, now=now)

    return await _once(pool, actor, key, now, work)


@post("/swaps/{number:int}/agree", status_code=200, dependencies=PLACES)
async def agree(
    actor: Actor, pool: Pool, places: Places, now: datetime, number: PathId, key: IdempotencyKey = None
) -> ShownSwap:
    """Accept what is proposed in return."""

    async def work(tx: Tx) -> Swap:
        return await swapping.agree(tx, actor, number, places=places, now=now)

    return await _once(pool, actor, key, now, work)


@post("/swaps/{number:int}/decline", status_code=200)
async def decline(actor: Actor, pool: Pool, now: datetime, number: PathId) -> ShownSwap:
    """No to a proposal, or to what was offered by name."""
    return await _once(pool, actor, None, now, lambda tx: swapping.decline(tx, actor, number, now))


@post("/swaps/{number:int}/cancel", status_code=200)
async def cancel(actor: Actor, pool: Pool, now: datetime, number: PathId) -> ShownSwap:
    """Keep the own duty."""
    return await _once(pool, actor, None, now, lambda tx: swapping.cancel(tx, actor, number, now))


@post("/swaps/{number:int}/approve", status_code=200, dependencies=PLACES)
async def approve(
    actor: Actor, pool: Pool, places: Places, now: datetime, number: PathId, key: IdempotencyKey = None
) -> ShownSwap:
    """An officer agrees; both rosters change at once."""

    async def work(tx: Tx) -> Swap:
        return await swapping.approve(tx, actor, number, places=places, now=now)

    return await _once(pool, actor, key, now, work)


@post("/swaps/{number:int}/refuse", status_code=200)
async def refuse(actor: Actor, pool: Pool, now: datetime, number: PathId, data: Said) -> ShownSwap:
    """An officer does not agree; the duty stays with its owner."""
    return await _once(
        pool, actor, None, now, lambda tx: swapping.refuse(tx, actor, number, data.reason, now)
    )


async def _once(
    pool: Pool, actor: Actor, key: str | None, now: datetime, work: Callable[[Tx], Awaitable[Swap]]
) -> ShownSwap:
    async def done(tx: Tx) -> ShownSwap:
        return shown(await work(tx))

    return await keys.answer(pool, actor, key, now, work=done, kind=ShownSwap)


def shown(swap: Swap, *, named: bool = True) -> ShownSwap:
    return ShownSwap(
        id=swap.id,
        state=swap.state.value,
        person=swap.person if named else None,
        name=swap.name if named else None,
        to=swap.to_person,
        taker=swap.taker,
        taker_name=swap.taker_name,
        note=swap.note,
        offered_at=to_ms(swap.offered_at),
        reason=swap.reason,
        duty=Half(
            assignment=swap.assignment,
            post_name=swap.post_name,
            post_name_en=swap.post_name_en,
            beat=swap.beat,
            beat_name=swap.beat_name,
            beat_name_en=swap.beat_name_en,
            duty_day=swap.duty_day,
            start=to_ms(swap.starts_at),
            end=to_ms(swap.ends_at),
        ),
        exchange=_exchange(swap),
    )


def _exchange(swap: Swap) -> Half | None:
    if swap.exchange is None:
        return None
    found: dict[str, Any] = {
        "assignment": swap.exchange,
        "post_name": swap.exchange_post_name,
        "post_name_en": swap.exchange_post_name_en,
        "beat": swap.exchange_beat,
        "beat_name": swap.exchange_beat_name,
        "beat_name_en": swap.exchange_beat_name_en,
        "duty_day": swap.exchange_day,
        "start": swap.exchange_starts_at and to_ms(swap.exchange_starts_at),
        "end": swap.exchange_ends_at and to_ms(swap.exchange_ends_at),
    }
    return Half(**found)


ROUTES = [offer, swaps, my_swaps, open_swaps, take, agree, decline, cancel, approve, refuse]
