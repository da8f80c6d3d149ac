"""Background apps on people's phones: bound to a person by a secret of their own, and let go of again."""

import secrets
from datetime import datetime

from alliance import events
from alliance.access import phone_store, scopes
from alliance.access.model import digest, session_key
from alliance.access.phone_store import Phone
from alliance.actor import Actor, PersonId, Role
from alliance.db.pool import Connection
from alliance.errors import Refused, not_found
from alliance.events import Event, Tx

# Short enough to be typed into an app, and still nothing to guess.
SECRET_BYTES = 10
MOST_PHONES = 5
COMPANY = (Role.ADMINISTRATOR, Role.MANAGER)
POLICE = (Role.COMMANDER, Role.CHIEF, Role.OFFICER)


async def bind(tx: Tx, actor: Actor, person: int, *, name: str, now: datetime) -> tuple[str, Phone]:
    """The secret's text, which is shown this once, and the phone."""
    number = await _must_be_theirs(tx.conn, actor, person)
    if len(await phone_store.of(tx.conn, tx.district, number)) >= MOST_PHONES:
        raise Refused("conflict", f"there are {MOST_PHONES} phones already: let go of one first")
    text = f"{tx.district}.{secrets.token_hex(SECRET_BYTES)}"
    wanted = Phone(id=0, person=number, name=name.strip(), made_at=now, made_by=actor.person)
    hashed = digest(text.partition(".")[2])
    made = await phone_store.insert(tx.conn, tx.district, wanted, secret_hash=hashed, now=now)
    events.record(tx, _fact("phone_bound", actor, made, now))
    return text, made


async def listed(conn: Connection, actor: Actor, person: int) -> list[Phone]:
    number = await _must_be_theirs(conn, actor, person)
    return await phone_store.of(conn, actor.district, number)


async def let_go(tx: Tx, actor: Actor, person: int, *, phone: int, now: datetime) -> None:
    number = await _must_be_theirs(tx.conn, actor, person)
    gone = await phone_store.revoke(tx.conn, tx.district, number, phone=phone, now=now)
    if gone is None:
        raise not_found("phone", phone)
    events.record(tx, _fact("phone_let_go", actor, gone, now))


async def whose(conn: Connection, text: str, now: datetime) -> Actor:
    """Who sends with that secret; refused `not_signed_in`."""
    key = session_key(text)
    person = await phone_store.heard(conn, key.district, key.secret_hash, now)
    actor = None
    if person is not None:
        actor = (await scopes.actors(conn, key.district, [person])).get(person)
    if actor is None:
        raise Refused("not_signed_in", "the phone's token is not good, or was let go of: make a new one")
    return actor


async def _must_be_theirs(conn: Connection, actor: Actor, person: int) -> PersonId:
    """One's own; the company's managers and the police of the person's beats may do it for others."""
    number = PersonId(person)
    if number == actor.person:
        return number
    target = (await scopes.actors(conn, actor.district, [number])).get(number)
    if target is None:
        raise not_found("person", person)
    beats = {beat for grant in target.grants for beat in grant.beats}
    if actor.has(*COMPANY, organisation=target.organisation) or actor.has(Role.COMMANDER):
        return number
    if any(actor.has(*POLICE, beat=beat) for beat in beats):
        return number
    raise not_found("person", person)


def _fact(kind: str, actor: Actor, phone: Phone, now: datetime) -> Event:
    data = {"person": phone.person, "phone": phone.id}
    return Event(kind=kind, at=now, actor=actor.person, people=(phone.person,), data=data)
