"""One step of one incident: found, locked, allowed, written, told."""

from datetime import datetime

from msgspec.structs import replace

from alliance.actor import COMMAND, Actor, DistrictId, PersonId, Role
from alliance.db.pool import Connection
from alliance.errors import not_found
from alliance.events import Tx
from alliance.incidents import dispatch_store, facts, report_store, scope, states, store
from alliance.incidents.model import ACTIVE_ORDERS, Dispatch, Incident, Order, State, Transition
from alliance.times import from_ms, to_ms

POLICE = (*COMMAND, Role.CHIEF, Role.OFFICER)


async def seen(conn: Connection, actor: Actor, number: int) -> scope.Scope:
    """The actor's scope; Refused `not_found` where the incident lies outside of it."""
    mine = await scope.of(conn, actor)
    if not await store.may_see(conn, actor.district, mine, number):
        raise not_found("incident", number)
    return mine


async def locked(tx: Tx, actor: Actor, number: int) -> Incident:
    """The incident, held until the commit, for an actor whose place it is in to act."""
    await seen(tx.conn, actor, number)
    incident = await held(tx, number)
    must_police(actor, incident)
    return incident


async def held(tx: Tx, number: int) -> Incident:
    incident = await store.lock_incident(tx.conn, tx.district, number)
    if incident is None:
        raise not_found("incident", number)
    return incident


def must_police(actor: Actor, incident: Incident) -> None:
    """Officers and chiefs act in their own beats; what lies outside of the district is command's."""
    actor.must(*(POLICE if incident.beat else COMMAND), beat=incident.beat)


async def move(
    tx: Tx, actor: PersonId | None, incident: Incident, after: State, *, reason: str, now: datetime
) -> Incident:
    """The incident's row is locked; `actor` is None where nobody acted but time passed."""
    states.must_follow(incident.state, after)
    now = from_ms(to_ms(now))
    closed_at = {State.CLOSED: now, State.OPEN: None}.get(after, incident.closed_at)
    moved = await store.set_state(tx.conn, tx.district, incident.id, after, closed_at)
    step = Transition(
        n=0, from_state=incident.state, to_state=after, at=now, actor=actor, actor_name=None, reason=reason
    )
    await store.insert_transition(tx.conn, tx.district, incident.id, step)
    if after in (State.OPEN, State.CLOSED):
        await _end_orders(tx, moved, now)
    people = await concerned(tx.conn, tx.district, incident)
    facts.changed(tx, actor, moved, incident.state, reason=reason, people=people, now=now)
    return moved


async def concerned(conn: Connection, district: DistrictId, incident: Incident) -> list[PersonId]:
    """Everyone who reported or took part."""
    reports = await report_store.reports(conn, district, incident.id)
    taking_part = await report_store.participants(conn, district, [one.id for one in reports])
    return sorted({one.person for one in taking_part} | {one.person for one in reports})


async def _end_orders(tx: Tx, incident: Incident, now: datetime) -> None:
    """Whoever is on the scene of a closed incident is done; the others needn't go any more."""
    for order in await dispatch_store.of_incident(tx.conn, tx.district, incident.id):
        if order.state not in ACTIVE_ORDERS:
            continue
        ended = _ended(order, incident.state, now)
        await dispatch_store.update(tx.conn, tx.district, ended)
        facts.answered(tx, ended, incident, ended.state, now)


def _ended(order: Dispatch, state: State, now: datetime) -> Dispatch:
    if state == State.CLOSED and order.state == Order.ON_SCENE:
        return replace(order, state=Order.DONE, done_at=now)
    return replace(order, state=Order.WITHDRAWN)
