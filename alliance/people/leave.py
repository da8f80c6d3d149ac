"""Leave: when a person can't be rostered."""

from datetime import datetime

from alliance import events
from alliance.actor import Actor, PersonId, Role
from alliance.db.pool import Connection
from alliance.errors import Refused, not_found
from alliance.events import Event, Tx
from alliance.people import actions, store
from alliance.people.model import Leave, NewLeave, Person
from alliance.people.sealed import Seal
from alliance.times import from_ms, to_ms

LONGEST_MS = 2 * 366 * 86_400_000


async def of(conn: Connection, actor: Actor, number: int, seal: Seal, now: datetime) -> list[Leave]:
    person = await actions.person(conn, actor, number, seal, now)
    _must_look_after(actor, person)
    return [_shown(row) for row in await store.leaves(conn, actor.district, person.id)]


async def add(tx: Tx, actor: Actor, number: int, new: NewLeave, *, seal: Seal, now: datetime) -> Leave:
    person = await actions.person(tx.conn, actor, number, seal, now)
    _must_look_after(actor, person)
    if not 0 < new.end - new.start <= LONGEST_MS:
        raise Refused("bad_request", "end: it comes after start, within two years")
    row = await store.insert_leave(
        tx.conn, tx.district, person.id, from_ms(new.start), from_ms(new.end), kind=new.kind
    )
    _record(tx, "leave_added", actor, person, leave=row.id, now=now)
    return _shown(row)


async def withdraw(tx: Tx, actor: Actor, number: int, leave: int, *, seal: Seal, now: datetime) -> None:
    person = await actions.person(tx.conn, actor, number, seal, now)
    _must_look_after(actor, person)
    if not await store.delete_leave(tx.conn, tx.district, PersonId(number), leave):
        raise not_found("leave", leave)
    _record(tx, "leave_withdrawn", actor, person, leave=leave, now=now)


def _must_look_after(actor: Actor, person: Person) -> None:
    """Leave is the person's own matter, the manager's and the administrator's."""
    if actor.person != person.id:
        actor.must(Role.ADMINISTRATOR, Role.MANAGER, organisation=person.organisation)


def _shown(row: store.LeaveRow) -> Leave:
    return Leave(id=row.id, start=to_ms(row.starts_at), end=to_ms(row.ends_at), kind=row.kind)


def _record(tx: Tx, kind: str, actor: Actor, person: Person, *, leave: int, now: datetime) -> None:
    events.record(
        tx,
        Event(
            kind=kind,
            at=now,
            actor=actor.person,
            people=(person.id,),
            organisation=person.organisation,
            data={"person": person.id, "leave": leave},
        ),
    )
