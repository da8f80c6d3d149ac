"""Sending people to an incident: ranked, asked one after the other, their answers kept."""

from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from alliance.actor import Actor, PersonId
from alliance.db.pool import Connection
from alliance.errors import Refused
from alliance.events import Tx
from alliance.incidents import dispatch_store, facts, states, steps, store
from alliance.incidents.model import (
    ACTIVE_ORDERS,
    AnswerIn,
    Dispatch,
    DispatchId,
    Incident,
    Order,
    Reply,
    State,
)
from alliance.incidents.ranking import Candidate, rank
from alliance.times import from_ms, to_ms

ANSWER_WITHIN = timedelta(minutes=2)
AHEAD = timedelta(minutes=2)
MOST_ASKED = 6
RUNNING = (State.OPEN, State.DISPATCHED, State.ON_SCENE)

# What each reply makes of an order, and of which orders.
REPLIES: dict[Reply, tuple[Order, tuple[Order, ...]]] = {
    Reply.ACCEPT: (Order.ACCEPTED, (Order.ORDERED,)),
    Reply.DECLINE: (Order.DECLINED, (Order.ORDERED, Order.ACCEPTED)),
    Reply.ON_SCENE: (Order.ON_SCENE, (Order.ORDERED, Order.ACCEPTED)),
    Reply.DONE: (Order.DONE, (Order.ACCEPTED, Order.ON_SCENE)),
}


async def candidates(conn: Connection, actor: Actor, number: int, now: datetime) -> list[Candidate]:
    """Everyone on duty who isn't on it already, the best first."""
    await steps.seen(conn, actor, number)
    incident = await store.listed_one(conn, actor.district, number)
    steps.must_police(actor, incident)
    orders = await dispatch_store.of_incident(conn, actor.district, number)
    return await _candidates(
        conn, actor.district, incident, [one for one in orders if one.state in ACTIVE_ORDERS], now
    )


async def order(
    tx: Tx, actor: Actor, number: int, person: int | None, *, version: int, now: datetime, first: bool = True
) -> Incident:
    """Send someone, by default the best candidate; `first` moves an open incident to dispatched.

    Without it one more is sent to an incident that runs already.
    """
    incident = await steps.locked(tx, actor, number)
    states.must_match(incident.version, version)
    if first:
        states.must_follow(incident.state, State.DISPATCHED)
    elif incident.state not in RUNNING:
        states.must_follow(incident.state, State.ON_SCENE)
    orders = await dispatch_store.of_incident(tx.conn, tx.district, incident.id)
    active = [one for one in orders if one.state in ACTIVE_ORDERS]
    ranked = await _candidates(tx.conn, tx.district, incident, active, now)
    chosen = next((one for one in ranked if person is None or one.person == person), None)
    if chosen is None:
        raise _nobody(person, active)
    if incident.state == State.OPEN:
        incident = await steps.move(tx, actor.person, incident, State.DISPATCHED, reason="", now=now)
    else:
        incident = await store.touch(tx.conn, tx.district, incident.id)
    await _send(tx, incident, chosen, actor.person, now)
    return incident


async def answer(tx: Tx, actor: Actor, given: AnswerIn, now: datetime) -> dict[str, Any]:
    """The person's own reply to an order; saying the same again changes nothing."""
    if given.at > to_ms(now + AHEAD):
        raise Refused("clock_ahead", "at lies in the future: the device's clock runs ahead; set it right")
    incident, order = await _own(tx, actor, given.dispatch)
    after, before = REPLIES[given.reply]
    if order.state == after:
        return _result(order, incident)
    if order.state not in before:
        raise Refused(
            "out_of_order", f"this order is {order.state}: {given.reply} comes too late", state=order.state
        )
    at = from_ms(max(given.at, to_ms(order.ordered_at)))
    told = _told(order, after, at)
    await dispatch_store.update(tx.conn, tx.district, told)
    facts.answered(tx, told, incident, given.reply, now)
    return _result(told, await _follow(tx, incident, told, now))


async def expire(tx: Tx, now: datetime) -> int:
    """Orders without an answer in time pass on to the next; how many there were."""
    late = await dispatch_store.expired(tx.conn, tx.district, now)
    count = 0
    for number, of_incident in late:
        incident = await steps.held(tx, of_incident)
        order = await dispatch_store.dispatch(tx.conn, tx.district, number)
        if order is None or order.state != Order.ORDERED:
            continue
        count += 1
        gone = replace(order, state=Order.EXPIRED)
        await dispatch_store.update(tx.conn, tx.district, gone)
        facts.answered(tx, gone, incident, Order.EXPIRED, now)
        await _next(tx, incident, gone, now)
    return count


async def own(conn: Connection, actor: Actor) -> list[Dispatch]:
    """The actor's own orders that are not over."""
    return await dispatch_store.of_person(conn, actor.district, actor.person, ACTIVE_ORDERS)


async def _own(tx: Tx, actor: Actor, number: int) -> tuple[Incident, Dispatch]:
    found = await dispatch_store.dispatch(tx.conn, tx.district, number)
    if found is None or found.person != actor.person:
        raise Refused("not_yours", f"no order {number} of yours")
    incident = await steps.held(tx, found.incident)
    again = await dispatch_store.dispatch(tx.conn, tx.district, number)
    return incident, again or found


def _result(order: Dispatch, incident: Incident) -> dict[str, Any]:
    return {
        "dispatch": order.id,
        "state": order.state,
        "incident": incident.id,
        "incident_state": incident.state,
    }


def _told(order: Dispatch, after: Order, at: datetime) -> Dispatch:
    """A person who arrives without having accepted has answered by that."""
    answered = order.answered_at or at
    match after:
        case Order.ON_SCENE:
            return replace(order, state=after, answered_at=answered, arrived_at=at)
        case Order.DONE:
            return replace(order, state=after, arrived_at=order.arrived_at or at, done_at=at)
        case _:
            return replace(order, state=after, answered_at=at)


async def _follow(tx: Tx, incident: Incident, told: Dispatch, now: datetime) -> Incident:
    """What a reply means for the incident: arrived, finished when nobody else is on it, or on to the next."""
    match told.state:
        case Order.ON_SCENE if State.ON_SCENE in states.STEPS[incident.state]:
            return await steps.move(tx, told.person, incident, State.ON_SCENE, reason="", now=now)
        case Order.DONE if incident.state in RUNNING and not await _active(tx, incident):
            return await steps.move(tx, told.person, incident, State.CLOSED, reason="", now=now)
        case Order.DECLINED:
            return await _next(tx, incident, told, now)
    return incident


async def _active(tx: Tx, incident: Incident) -> list[Dispatch]:
    orders = await dispatch_store.of_incident(tx.conn, tx.district, incident.id)
    return [one for one in orders if one.state in ACTIVE_ORDERS]


async def _next(tx: Tx, incident: Incident, lost: Dispatch, now: datetime) -> Incident:
    """Ask the best of those not asked yet; when nobody is left and nobody is on the way, it is open again."""
    if incident.state not in RUNNING:
        return incident
    orders = await dispatch_store.of_incident(tx.conn, tx.district, incident.id)
    ranked = (
        await _candidates(tx.conn, tx.district, incident, orders, now) if len(orders) < MOST_ASKED else []
    )
    if ranked:
        incident = await store.touch(tx.conn, tx.district, incident.id)
        await _send(tx, incident, ranked[0], lost.ordered_by, now)
    elif incident.state == State.DISPATCHED and not await _active(tx, incident):
        return await steps.move(tx, None, incident, State.OPEN, reason="nobody took the order", now=now)
    return incident


async def _candidates(
    conn: Connection, district: Any, incident: Incident, without: list[Dispatch], now: datetime
) -> list[Candidate]:
    asked = {one.person for one in without}
    people = [one for one in await dispatch_store.on_duty(conn, district, now) if one.person not in asked]
    return rank(people, incident.kind, (incident.lat, incident.lon), now)


async def _send(tx: Tx, incident: Incident, chosen: Candidate, by: PersonId, now: datetime) -> None:
    new = Dispatch(
        id=DispatchId(0),
        incident=incident.id,
        person=chosen.person,
        state=Order.ORDERED,
        ordered_at=now,
        ordered_by=by,
        expires_at=now + ANSWER_WITHIN,
        answered_at=None,
        arrived_at=None,
        done_at=None,
        rank={"seconds": chosen.seconds, "metres": chosen.metres, **chosen.why},
    )
    facts.dispatched(tx, await dispatch_store.insert(tx.conn, tx.district, new), incident, now)


def _nobody(person: int | None, active: list[Dispatch]) -> Refused:
    if any(one.person == person for one in active):
        return Refused("conflict", f"person {person} is on it already")
    who = "nobody else" if person is None else f"person {person}"
    are = "is on duty" if person is None else "is not on duty"
    return Refused("off_duty", f"{who} {are} now; choose among the candidates")
