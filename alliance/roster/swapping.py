"""Two agree to swap; the checker says yes or exactly why not, and an officer where the district wants it."""

from datetime import datetime, timedelta

from alliance import events
from alliance.actor import COMMAND, Actor, PersonId, Role
from alliance.areas import actions as areas
from alliance.areas.places import Places
from alliance.db.pool import Connection
from alliance.errors import Refused, not_found
from alliance.events import Event, Tx
from alliance.roster import changing, hole_store, judging, swap_store
from alliance.roster.changing import Place
from alliance.roster.judging import Change
from alliance.roster.model import Planned
from alliance.roster.swap_model import RUNNING, NewSwap, Swap, SwapId, SwapState, Taking

DESK = (*COMMAND, Role.CHIEF, Role.OFFICER)
SHOWN = timedelta(days=14)
LOOKED_AT = 10
LISTED = 300
AT_ONCE = 200


async def offer(tx: Tx, actor: Actor, new: NewSwap, now: datetime) -> Swap:
    """Give an own duty away, to one person or to all who could take it."""
    planned = await changing.known(tx.conn, tx.district, new.assignment)
    _must_be_free(planned, actor.person, now)
    if new.to is not None:
        if new.to == actor.person:
            raise Refused("bad_request", "to: choose somebody else, or leave it out to ask all")
        if not await swap_store.works(tx.conn, tx.district, new.to):
            raise not_found("guard or volunteer", new.to)
    number = await swap_store.insert(tx.conn, tx.district, new, actor.person, now)
    if number is None:
        raise Refused("conflict", f"assignment {planned.id} is offered already: cancel that swap first")
    return await _told(tx, number, "swap_offered", actor.person, now)


def _must_be_free(planned: Planned, person: PersonId, now: datetime) -> None:
    if planned.person != person:
        raise Refused("not_yours", f"assignment {planned.id} is not yours")
    if planned.cancelled_at is not None:
        raise Refused("out_of_order", f"assignment {planned.id} is cancelled")
    if planned.starts_at <= now:
        raise Refused("too_late", f"assignment {planned.id} has begun")


async def take(tx: Tx, actor: Actor, number: int, given: Taking, *, places: Places, now: datetime) -> Swap:
    """Take a duty over, or propose one of the own in return, which its owner must agree to."""
    swap = await _locked(tx, number, now)
    if swap.person == actor.person or swap.to_person not in (None, actor.person):
        raise Refused("not_yours", f"swap {number} is not open to you")
    _must_be(swap, SwapState.OPEN)
    if given.exchange is None:
        await _must_be_legal(tx, swap, places, taker=actor.person, exchange=None)
        return await _agreed(tx, swap, actor.person, None, places=places, now=now)
    exchange = await changing.known(tx.conn, tx.district, given.exchange)
    _must_be_free(exchange, actor.person, now)
    await _must_be_legal(tx, swap, places, taker=actor.person, exchange=exchange)
    await swap_store.answered(
        tx.conn,
        tx.district,
        swap.id,
        SwapState.PROPOSED,
        taker=actor.person,
        exchange=exchange.id,
        now=now,
    )
    return await _told(tx, swap.id, "swap_proposed", actor.person, now)


async def agree(tx: Tx, actor: Actor, number: int, *, places: Places, now: datetime) -> Swap:
    """The owner takes what is proposed in return."""
    swap = await _own(tx, actor, number, now)
    _must_be(swap, SwapState.PROPOSED)
    exchange = await _exchange(tx.conn, tx, swap)
    taker = swap.taker or swap.person
    await _must_be_legal(tx, swap, places, taker=taker, exchange=exchange)
    return await _agreed(tx, swap, taker, exchange, places=places, now=now)


async def decline(tx: Tx, actor: Actor, number: int, now: datetime) -> Swap:
    """The owner refuses a proposal, and the swap is open again; or who was asked by name says no."""
    swap = await _locked(tx, number, now)
    if swap.person == actor.person:
        _must_be(swap, SwapState.PROPOSED)
        await swap_store.answered(
            tx.conn, tx.district, swap.id, SwapState.OPEN, taker=None, exchange=None, now=now
        )
        return await _told(tx, swap.id, "swap_offered", actor.person, now, also=swap.taker)
    if swap.to_person != actor.person:
        raise Refused("not_yours", f"swap {number} was not offered to you")
    _must_be(swap, SwapState.OPEN)
    return await _decided(tx, swap, SwapState.CANCELLED, by=actor.person, reason="declined", now=now)


async def cancel(tx: Tx, actor: Actor, number: int, now: datetime) -> Swap:
    """The owner thinks better of it, as long as it is not done."""
    swap = await _own(tx, actor, number, now)
    return await _decided(tx, swap, SwapState.CANCELLED, by=actor.person, reason="cancelled", now=now)


async def approve(tx: Tx, actor: Actor, number: int, *, places: Places, now: datetime) -> Swap:
    """An officer agrees too: checked again, as it may be days later."""
    swap = await _locked(tx, number, now)
    _must_decide(actor, swap)
    _must_be(swap, SwapState.AGREED)
    exchange = await _exchange(tx.conn, tx, swap)
    taker = swap.taker or swap.person
    await _must_be_legal(tx, swap, places, taker=taker, exchange=exchange)
    return await _carry_out(tx, swap, taker, exchange, by=actor.person, now=now)


async def refuse(tx: Tx, actor: Actor, number: int, reason: str, now: datetime) -> Swap:
    swap = await _locked(tx, number, now)
    _must_decide(actor, swap)
    return await _decided(tx, swap, SwapState.REFUSED, by=actor.person, reason=reason, now=now)


async def expire(tx: Tx, now: datetime) -> int:
    """Swaps of duties that have begun, or fell out otherwise; how many, so call it until 0."""
    over = await swap_store.over(tx.conn, tx.district, now, AT_ONCE)
    for swap in over:
        reason = "gone" if swap.gone or swap.exchange_gone else "begun"
        await _decided(tx, swap, SwapState.EXPIRED, by=None, reason=reason, now=now)
    return len(over)


async def own(conn: Connection, actor: Actor, now: datetime) -> list[Swap]:
    return await swap_store.of_person(conn, actor.district, actor.person, now - SHOWN)


async def open_to(conn: Connection, actor: Actor, places: Places, now: datetime) -> list[Swap]:
    """Those open to all that the checker would let the actor take."""
    found = await swap_store.open_to(conn, actor.district, actor.person, now, LOOKED_AT)
    legal = []
    for swap in found:
        _, broken = await judging.judged(
            conn, places, _change(swap, actor.person, None), _people(swap, actor.person)
        )
        if not broken:
            legal.append(swap)
    return legal


async def listed(conn: Connection, actor: Actor, states: tuple[SwapState, ...], now: datetime) -> list[Swap]:
    """Command sees all, chief and officer those on their beats."""
    actor.must(*DESK)
    held = {beat for grant in actor.grants if grant.role in DESK for beat in grant.beats}
    beats = None if actor.is_command() else sorted(held)
    return await swap_store.listed(
        conn, actor.district, states=states, beats=beats, since=now - SHOWN, limit=LISTED
    )


async def _agreed(
    tx: Tx, swap: Swap, taker: PersonId, exchange: Planned | None, *, places: Places, now: datetime
) -> Swap:
    await swap_store.answered(
        tx.conn,
        tx.district,
        swap.id,
        SwapState.AGREED,
        taker=taker,
        exchange=exchange.id if exchange else None,
        now=now,
    )
    if (await areas.district(tx.conn, tx.district)).settings.changes.swap_approval:
        return await _told(tx, swap.id, "swap_agreed", taker, now)
    return await _carry_out(tx, swap, taker, exchange, by=None, now=now)


async def _carry_out(
    tx: Tx, swap: Swap, taker: PersonId, exchange: Planned | None, *, by: PersonId | None, now: datetime
) -> Swap:
    given = await changing.known(tx.conn, tx.district, swap.assignment)
    for planned in [given, *([exchange] if exchange else [])]:
        await changing.cancel(tx, planned, kind="swap", reason=f"swap {swap.id}", by=by, now=now)
    moves = [Place(person=taker, post=given.post, shift=given.shift)]
    if exchange:
        moves.append(Place(person=swap.person, post=exchange.post, shift=exchange.shift))
    for place in moves:
        await changing.assign(tx, place, hole=None, why={"swap": swap.id}, by=by, now=now)
    return await _decided(tx, swap, SwapState.DONE, by=by, reason="", now=now)


async def _must_be_legal(
    tx: Tx, swap: Swap, places: Places, *, taker: PersonId, exchange: Planned | None
) -> None:
    if await hole_store.checked_in(tx.conn, tx.district, swap.assignment):
        raise Refused("conflict", "the person has checked in already")
    change = _change(swap, taker, exchange)
    _, broken = await judging.judged(tx.conn, places, change, _people(swap, taker))
    judging.must_be_legal(broken)


def _change(swap: Swap, taker: PersonId, exchange: Planned | None) -> Change:
    drop, days = [swap.assignment], [swap.duty_day]
    add = [Place(person=taker, post=swap.post, shift=swap.shift)]
    if exchange is not None:
        drop.append(exchange.id)
        days.append(exchange.duty_day)
        add.append(Place(person=swap.person, post=exchange.post, shift=exchange.shift))
    return Change(drop=tuple(drop), add=tuple(add), days=tuple(days))


def _people(swap: Swap, taker: PersonId) -> list[PersonId]:
    return [swap.person, taker]


async def _exchange(conn: Connection, tx: Tx, swap: Swap) -> Planned | None:
    return None if swap.exchange is None else await changing.known(conn, tx.district, swap.exchange)


async def _locked(tx: Tx, number: int, now: datetime) -> Swap:
    """A swap that may still come to something."""
    await changing.lock(tx)
    swap = await swap_store.swap(tx.conn, tx.district, number)
    if swap is None:
        raise not_found("swap", number)
    if swap.state not in RUNNING:
        raise Refused("out_of_order", f"swap {number} is {swap.state} already", state=swap.state)
    if swap.gone or swap.exchange_gone:
        raise Refused("conflict", f"swap {number}: one of the duties was cancelled meanwhile")
    begins = min(swap.starts_at, swap.exchange_starts_at or swap.starts_at)
    if begins <= now:
        raise Refused("too_late", f"swap {number}: the duty has begun")
    return swap


async def _own(tx: Tx, actor: Actor, number: int, now: datetime) -> Swap:
    swap = await _locked(tx, number, now)
    if swap.person != actor.person:
        raise Refused("not_yours", f"swap {number} is not yours")
    return swap


def _must_be(swap: Swap, state: SwapState) -> None:
    if swap.state is not state:
        raise Refused("out_of_order", f"swap {swap.id} is {swap.state}", state=swap.state)


def _must_decide(actor: Actor, swap: Swap) -> None:
    """For every beat that changes people."""
    for beat in {swap.beat, *([swap.exchange_beat] if swap.exchange_beat else [])}:
        actor.must(*DESK, beat=beat)


async def _decided(
    tx: Tx, swap: Swap, state: SwapState, *, by: PersonId | None, reason: str, now: datetime
) -> Swap:
    await swap_store.decided(tx.conn, tx.district, swap.id, state, by=by, reason=reason, now=now)
    return await _told(tx, swap.id, f"swap_{state}", by, now)


async def _told(
    tx: Tx, number: SwapId, kind: str, by: PersonId | None, now: datetime, *, also: PersonId | None = None
) -> Swap:
    """Recorded for both, whom it was offered to, and the beats that change people."""
    swap = await swap_store.swap(tx.conn, tx.district, number)
    if swap is None:
        raise LookupError(f"swap {number}")
    people = {swap.person, swap.to_person, swap.taker, also} - {None}
    beats = {swap.beat, swap.exchange_beat} - {None}
    events.record(
        tx,
        Event(
            kind=kind,
            at=now,
            actor=by,
            areas=tuple(sorted(beat for beat in beats if beat)),
            people=tuple(sorted(person for person in people if person)),
            data={"swap": swap.id, "assignment": swap.assignment, "person": swap.person},
        ),
    )
    return swap
