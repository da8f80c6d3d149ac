"""Asking the right few to fill a hole: offers, answers, and what becomes of them."""

from datetime import datetime, timedelta

import msgspec

from alliance import events
from alliance.actor import Actor, AssignmentId, OrganisationId, PersonId
from alliance.areas import actions as areas
from alliance.areas.places import Places
from alliance.db.pool import Connection
from alliance.errors import Refused
from alliance.events import Event, Tx
from alliance.roster import candidates, change_store, changing, hole_store, judging, offer_store
from alliance.roster.candidates import Candidate
from alliance.roster.changing import Place
from alliance.roster.hole_model import Hole, HoleId, HoleState, NewCall, Offer, OfferId, OfferState
from alliance.roster.judging import Change
from alliance.roster.offer_store import Asked
from scheduler.check import Violation

AT_ONCE = 500
KEPT = timedelta(days=14)
AT_A_TIME = 20


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an acceptance: the new duty, or the rules that forbid it."""

    offer: OfferId
    state: OfferState
    assignment: AssignmentId | None = None
    broken: tuple[Violation, ...] = ()


async def call(tx: Tx, hole: Hole, given: NewCall, *, places: Places, by: PersonId, now: datetime) -> int:
    """Begin a call-out, or go on with it: the best few are asked now, the next when those don't answer."""
    changes = (await areas.district(tx.conn, tx.district)).settings.changes
    at_once, minutes = given.at_once or changes.at_once, given.minutes or changes.minutes
    await hole_store.set_call(tx.conn, tx.district, hole.id, at_once=at_once, minutes=minutes, by=by)
    hole = msgspec.structs.replace(hole, call_at_once=at_once, call_minutes=minutes, called_by=by)
    return await ask_next(tx, hole, places=places, now=now)


async def ask_next(tx: Tx, hole: Hole, *, places: Places, now: datetime) -> int:
    """Ask as many of the best as the call-out may have running; ends it when nobody is left."""
    room = hole.missing + (hole.call_at_once or 1) - 1 - hole.asked
    if room <= 0:
        return 0
    missing = await change_store.missing_at(tx.conn, tx.district, hole.post, hole.shift)
    ranked = await candidates.ranked(tx.conn, places, hole, others_missing=missing - 1)
    asked = await _ask(tx, hole, ranked[:room], now)
    if not asked and not hole.asked:
        await hole_store.set_call(
            tx.conn, tx.district, hole.id, at_once=None, minutes=None, by=hole.called_by
        )
        _record(tx, "call_exhausted", hole, now)
    return asked


async def _ask(tx: Tx, hole: Hole, chosen: list[Candidate], now: datetime) -> int:
    if not chosen:
        return 0
    until = min(now + timedelta(minutes=hole.call_minutes or 10), hole.ends_at)
    asked = [
        Asked(
            person=one.person,
            standby=one.standby,
            rank={"value": one.value, "change": one.change, "km": one.km},
        )
        for one in chosen
    ]
    made = await offer_store.insert(
        tx.conn, tx.district, hole.id, asked, by=hole.called_by, now=now, expires_at=until
    )
    for number, person in made:
        _record(tx, "offer_made", hole, now, offer=number, person=person, by=hole.called_by)
    return len(made)


async def withdraw_all(tx: Tx, hole: Hole, now: datetime, *, reason: str) -> None:
    gone = await offer_store.withdraw(tx.conn, tx.district, hole=hole.id, reason=reason, now=now)
    for number, _, person in gone:
        _record(tx, "offer_withdrawn", hole, now, offer=number, person=person)


async def stop(tx: Tx, hole: Hole, by: PersonId, now: datetime) -> None:
    """End the call-out; the hole stays open."""
    await withdraw_all(tx, hole, now, reason="stopped")
    await hole_store.set_call(tx.conn, tx.district, hole.id, at_once=None, minutes=None, by=by)


async def accept(tx: Tx, actor: Actor, number: int, *, places: Places, now: datetime) -> Answered:
    """The first acceptances fill the hole; everything is looked at again now, under the lock of all changes.

    A rule that stands in the way is an answer, so that it is kept, and not raised.
    """
    await changing.lock(tx)
    offer, hole = await _running(tx, actor, number, now)
    place = Place(person=actor.person, post=hole.post, shift=hole.shift)
    missing = await change_store.missing_at(tx.conn, tx.district, hole.post, hole.shift)
    change = Change(add=(place,), days=(hole.duty_day,), growing=missing > 1)
    scored, broken = await judging.judged(tx.conn, places, change, [actor.person])
    if broken:
        await _answer(tx, hole, offer, OfferState.REFUSED, now, reason=broken[0].rule.value)
        return Answered(offer=offer.id, state=OfferState.REFUSED, broken=tuple(broken))
    why = {"hole": hole.id, "offer": offer.id, "change": scored.change}
    made = await changing.assign(tx, place, hole=hole.id, why=why, by=actor.person, now=now)
    await _answer(tx, hole, offer, OfferState.ACCEPTED, now, assignment=made)
    await taken(tx, hole, place, now)
    return Answered(offer=offer.id, state=OfferState.ACCEPTED, assignment=made)


async def taken(tx: Tx, hole: Hole, place: Place, now: datetime) -> None:
    """One place of the hole is filled: whoever was asked in vain is told, and whom took it is busy now."""
    state = await hole_store.count_filled(tx.conn, tx.district, hole.id, now)
    if state is HoleState.FILLED:
        await withdraw_all(tx, hole, now, reason="filled")
    busy = await offer_store.withdraw(
        tx.conn,
        tx.district,
        hole=None,
        reason="busy",
        now=now,
        person=place.person,
        span=(hole.starts_at, hole.ends_at),
    )
    for number, other, person in busy:
        _record(tx, "offer_withdrawn", hole, now, offer=number, person=person, hole_id=other)
    _record(tx, "hole_filled" if state is HoleState.FILLED else "hole_changed", hole, now)


async def decline(tx: Tx, actor: Actor, number: int, now: datetime, reason: str = "") -> Offer:
    """No is an answer too; saying it again changes nothing."""
    offer = await _own(tx, actor, number)
    if offer.state is OfferState.DECLINED:
        return offer
    hole = await _hole(tx.conn, tx, offer.hole)
    if offer.state is not OfferState.ASKED:
        raise _over(offer)
    await _answer(tx, hole, offer, OfferState.DECLINED, now, reason=reason)
    return await _own(tx, actor, number)


async def expire(tx: Tx, now: datetime) -> int:
    """Offers that nobody answered in time; how many, so call it until 0."""
    gone = await offer_store.expire(tx.conn, tx.district, now, AT_ONCE)
    for number, of, person in gone:
        _record(tx, "offer_expired", await _hole(tx.conn, tx, of), now, offer=number, person=person)
    return len(gone)


async def waiting(tx: Tx, now: datetime) -> bool:
    """Whether a call-out has room for more."""
    return bool(await offer_store.wanting(tx.conn, tx.district, now, 1))


async def fall_through(tx: Tx, places: Places, now: datetime) -> int:
    """Ask the next where a call-out has room; how many were asked, so call it until 0."""
    asked = 0
    for number in await offer_store.wanting(tx.conn, tx.district, now, AT_A_TIME):
        await hole_store.lock(tx.conn, tx.district, number)
        hole = await _hole(tx.conn, tx, number)
        if hole.state is HoleState.OPEN and hole.call_at_once is not None:
            asked += await ask_next(tx, hole, places=places, now=now)
    return asked


async def own(conn: Connection, actor: Actor, now: datetime) -> list[offer_store.MyOffer]:
    """Running offers first, then what became of earlier ones."""
    return await offer_store.of_person(conn, actor.district, actor.person, now - KEPT)


async def _own(tx: Tx, actor: Actor, number: int) -> Offer:
    await offer_store.lock(tx.conn, tx.district, number)
    found = await offer_store.offer(tx.conn, tx.district, number)
    if found is None or found.person != actor.person:
        raise Refused("not_yours", f"no offer {number} to you")
    return found


async def _running(tx: Tx, actor: Actor, number: int, now: datetime) -> tuple[Offer, Hole]:
    offer = await _own(tx, actor, number)
    if offer.state is not OfferState.ASKED:
        raise _over(offer)
    await hole_store.lock(tx.conn, tx.district, offer.hole)
    hole = await _hole(tx.conn, tx, offer.hole)
    if hole.state is not HoleState.OPEN:
        raise Refused("conflict", "somebody else was quicker, or nobody is needed any more", state=hole.state)
    if offer.expires_at <= now:
        raise Refused("too_late", "the time to answer is over")
    return offer, hole


def _over(offer: Offer) -> Refused:
    said = {
        OfferState.WITHDRAWN: "somebody else was quicker, or nobody is needed any more",
        OfferState.EXPIRED: "the time to answer is over",
    }
    code = "conflict" if offer.state is OfferState.WITHDRAWN else "out_of_order"
    return Refused(code, said.get(offer.state, f"this offer is {offer.state} already"), state=offer.state)


async def _answer(
    tx: Tx,
    hole: Hole,
    offer: Offer,
    state: OfferState,
    now: datetime,
    *,
    reason: str = "",
    assignment: AssignmentId | None = None,
) -> None:
    await offer_store.answer(
        tx.conn, tx.district, offer.id, state=state, now=now, reason=reason, assignment=assignment
    )
    _record(tx, f"offer_{state}", hole, now, offer=offer.id, person=offer.person, by=offer.person)


async def _hole(conn: Connection, tx: Tx, number: HoleId) -> Hole:
    found = await hole_store.hole(conn, tx.district, number)
    if found is None:
        raise LookupError(f"hole {number}")
    return found


def _record(
    tx: Tx,
    kind: str,
    hole: Hole,
    now: datetime,
    *,
    offer: OfferId | None = None,
    person: PersonId | None = None,
    by: PersonId | None = None,
    hole_id: HoleId | None = None,
) -> None:
    """The person's own organisation isn't told: being asked is between the desk and the person."""
    data = {"hole": hole_id or hole.id, "post": hole.post, "shift": hole.shift, "beat": hole.beat}
    if offer is not None:
        data |= {"offer": offer, "person": person or 0}
    events.record(
        tx,
        Event(
            kind=kind,
            at=now,
            actor=by,
            areas=(hole.beat,),
            people=() if person is None else (person,),
            organisation=_told(hole, offer),
            data=data,
        ),
    )


def _told(hole: Hole, offer: OfferId | None) -> OrganisationId | None:
    return hole.organisation if offer is None else None
