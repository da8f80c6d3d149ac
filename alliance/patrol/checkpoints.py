"""What may be done with checkpoints: made, renamed, revoked and restored, printed."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import asyncpg
import msgspec
from msgspec import Meta

from alliance import events
from alliance.actor import COMMAND, Actor, Code, Role
from alliance.areas import point
from alliance.db.pool import Connection
from alliance.errors import Refused, not_found
from alliance.events import Event, Tx
from alliance.patrol import checkpoint_store
from alliance.patrol.checkpoint_store import Checkpoint, Keyed, Placed
from alliance.qr import square
from alliance.rest import must_match

MAKING = (*COMMAND, Role.CHIEF, Role.OFFICER)
READING = (*MAKING, Role.LEAD)
KEY_BYTES = 16
MOST_PRINTED = 200

Name = Annotated[str, Meta(min_length=1, max_length=60)]
ShortCode = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,19}$")]


class NewCheckpoint(msgspec.Struct, frozen=True, kw_only=True):
    """WGS-84; without a code it is given one."""

    name: Name
    lat: float
    lon: float
    code: ShortCode | None = None


class Printed(msgspec.Struct, frozen=True, kw_only=True):
    """One code of a sheet: `svg` is the square, black on white, with its quiet zone."""

    id: int
    code: str
    name: str
    beat: Code
    link: str
    svg: str


async def listed(
    conn: Connection, actor: Actor, *, revoked: bool, after: int = 0, limit: int = 100
) -> list[Checkpoint]:
    """Those on the actor's beats."""
    actor.must(*READING)
    beats = None
    if not actor.is_command():
        beats = sorted({beat for grant in actor.grants if grant.role in READING for beat in grant.beats})
    return await checkpoint_store.listed(
        conn, actor.district, beats, revoked=revoked, after=after, limit=limit
    )


async def make(tx: Tx, actor: Actor, wanted: NewCheckpoint, now: datetime) -> Checkpoint:
    actor.must(*MAKING)
    name = _name(wanted.name)
    where = await point.where(tx.conn, tx.district, wanted.lat, wanted.lon)
    if where is None:
        raise Refused("bad_request", "lat, lon: outside the district: choose a place in it")
    actor.must(*MAKING, beat=where.beat)
    placed = Placed(
        code=wanted.code,
        name=name,
        lat=wanted.lat,
        lon=wanted.lon,
        cell=where.cell,
        beat=where.beat,
        key=secrets.token_urlsafe(KEY_BYTES),
    )
    try:
        number = await checkpoint_store.insert(tx.conn, tx.district, placed, actor.person, now)
    except asyncpg.UniqueViolationError as error:
        raise _taken(wanted.code) from error
    return await _told(tx, actor, "checkpoint_made", number, now)


async def rename(
    tx: Tx, actor: Actor, number: int, *, code: str | None, name: str | None, version: int, now: datetime
) -> Checkpoint:
    """What is None stays."""
    found = await _mine(tx, actor, number)
    must_match(found.version, version)
    wanted = found.code if code is None else code
    try:
        await checkpoint_store.rename(
            tx.conn, tx.district, number, code=wanted, name=found.name if name is None else _name(name)
        )
    except asyncpg.UniqueViolationError as error:
        raise _taken(wanted) from error
    return await _told(tx, actor, "checkpoint_renamed", number, now)


async def revoke(tx: Tx, actor: Actor, number: int, now: datetime) -> Checkpoint:
    """Its code is good for nothing from now on; what was scanned before stays, and may still arrive."""
    found = await _mine(tx, actor, number)
    if found.revoked_at is not None:
        return found
    await checkpoint_store.revoke(tx.conn, tx.district, number, by=actor.person, at=now)
    return await _told(tx, actor, "checkpoint_revoked", number, now)


async def restore(tx: Tx, actor: Actor, number: int, now: datetime) -> Checkpoint:
    """Takes a revocation back: the code that hangs there is good again."""
    found = await _mine(tx, actor, number)
    if found.revoked_at is None:
        return found
    await checkpoint_store.revoke(tx.conn, tx.district, number, by=None, at=None)
    return await _told(tx, actor, "checkpoint_restored", number, now)


async def sheet(conn: Connection, actor: Actor, numbers: Sequence[int], address: str) -> list[Printed]:
    """The codes of those checkpoints, to be printed; links lead to the phone page at that address."""
    actor.must(*MAKING)
    if len(numbers) > MOST_PRINTED:
        raise Refused("bad_request", f"id: at most {MOST_PRINTED} a sheet")
    found = {one.id: one for one in await checkpoint_store.keyed(conn, actor.district, numbers)}
    for number in numbers:
        if number not in found or not actor.has(*MAKING, beat=found[number].beat):
            raise not_found("checkpoint", number)
        if found[number].revoked_at is not None:
            raise Refused("conflict", f"id: {found[number].code} is revoked: restore it before printing it")
    return [_printed(one, address) for one in found.values()]


def _printed(one: Keyed, address: str) -> Printed:
    link = f"{address}/patrol#scan={one.key}"
    return Printed(
        id=one.id, code=one.code, name=one.name, beat=one.beat, link=link, svg=square(link, error="q")
    )


def _name(text: str) -> str:
    if not text.strip():
        raise Refused("bad_request", "name: say where it is, such as 北门传达室")
    return text.strip()


def _taken(code: str | None) -> Refused:
    return Refused("conflict", f"code: {code} is another checkpoint's, maybe a revoked one's: take another")


async def _mine(tx: Tx, actor: Actor, number: int) -> Checkpoint:
    actor.must(*MAKING)
    found = await checkpoint_store.one(tx.conn, tx.district, number)
    if found is None or not actor.has(*MAKING, beat=found.beat):
        raise not_found("checkpoint", number)
    return found


async def _told(tx: Tx, actor: Actor, kind: str, number: int, now: datetime) -> Checkpoint:
    found = await checkpoint_store.one(tx.conn, tx.district, number)
    if found is None:
        raise not_found("checkpoint", number)
    data = {"checkpoint": found.id, "code": found.code, "name": found.name, "beat": found.beat}
    events.record(tx, Event(kind=kind, at=now, actor=actor.person, areas=(found.beat,), data=data))
    return found
