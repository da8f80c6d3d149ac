"""HTTP of organisations, people, teams and units."""

from datetime import datetime
from typing import Annotated

from litestar import Response, delete, get, post
from litestar.params import Parameter, QueryParameter

from alliance import events, keys
from alliance.actor import Actor, Role
from alliance.db.pool import Pool
from alliance.people import actions, leave, sealed
from alliance.people.model import (
    Leave,
    NewOrganisation,
    NewPerson,
    Organisation,
    Person,
    Team,
    Unit,
)
from alliance.people.person_store import Filter
from alliance.people.sealed import Seal
from alliance.rest import (
    Cursor,
    IdempotencyKey,
    Limit,
    Page,
    PathId,
    after_id,
    etag,
    page,
)

Query = Annotated[
    str | None,
    QueryParameter(name="q", max_length=80, description="part of the name, or a whole phone or card number"),
]
BeatCode = Annotated[str | None, Parameter(max_length=60, description="beat code")]
OrganisationId = Annotated[int | None, Parameter(ge=0, le=2**53)]


@get("/organisations")
async def organisations(
    actor: Actor, pool: Pool, cursor: Cursor = None, limit: Limit = 100
) -> Page[Organisation]:
    async with pool.acquire() as conn:
        found = await actions.organisations(conn, actor, after=after_id(cursor), limit=limit + 1)
    return page(found, limit, [one.id for one in found])


@get("/organisations/{number:int}")
async def organisation(actor: Actor, pool: Pool, number: PathId) -> Response[Organisation]:
    async with pool.acquire() as conn:
        found = await actions.organisation(conn, actor, number)
    return Response(found, headers=etag(found.version))


@post("/organisations")
async def add_organisation(
    actor: Actor, pool: Pool, now: datetime, data: NewOrganisation, key: IdempotencyKey = None
) -> Organisation:
    async def work(tx: events.Tx) -> Organisation:
        return await actions.add_organisation(tx, actor, data, now)

    return await keys.answer(pool, actor, key, now, work=work, kind=Organisation)


@get("/people")
async def people(
    actor: Actor,
    pool: Pool,
    seal: Seal,
    now: datetime,
    organisation: OrganisationId = None,
    role: Role | None = None,
    q: Query = None,
    beat: BeatCode = None,
    active: bool | None = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[Person]:
    """Those you may see, by id."""
    wanted = actions.Wanted(
        beat=beat,
        filter=Filter(
            organisation=organisation,
            role=role,
            active=active,
            name=q,
            phone_hash=_digest(seal, q, "phone"),
            id_number_hash=_digest(seal, q, "id_number"),
        ),
    )
    async with pool.acquire() as conn:
        found = await actions.people(
            conn, actor, wanted, seal, after=after_id(cursor), limit=limit + 1, now=now
        )
    return page(found, limit, [one.id for one in found])


def _digest(seal: Seal, text: str | None, field: str) -> bytes | None:
    """What a number is found by, where the text is one."""
    plain = sealed.recognised(text or "", field)
    return seal.digest(plain, field) if plain else None


@get("/people/{number:int}")
async def person(actor: Actor, pool: Pool, seal: Seal, now: datetime, number: PathId) -> Response[Person]:
    async with pool.acquire() as conn:
        found = await actions.person(conn, actor, number, seal, now)
    return Response(found, headers=etag(found.version))


@post("/people")
async def add_person(
    actor: Actor, pool: Pool, seal: Seal, now: datetime, data: NewPerson, key: IdempotencyKey = None
) -> Person:
    async with events.transaction(pool, actor.district) as tx:
        first = await keys.once(tx, actor.person, key, now)
        if first is not None:
            return await actions.person(tx.conn, actor, first["id"], seal, now)
        made = await actions.add_person(tx, actor, data, seal, now)
        await keys.remember(tx, actor.person, key, now, {"id": made.id})
    return made


@get("/people/{number:int}/leave")
async def leaves(actor: Actor, pool: Pool, seal: Seal, now: datetime, number: PathId) -> Page[Leave]:
    async with pool.acquire() as conn:
        return Page(items=await leave.of(conn, actor, number, seal, now))


@delete("/people/{number:int}/leave/{which:int}")
async def withdraw_leave(
    actor: Actor, pool: Pool, seal: Seal, now: datetime, number: PathId, which: PathId
) -> None:
    async with events.transaction(pool, actor.district) as tx:
        await leave.withdraw(tx, actor, number, which, seal=seal, now=now)


@get("/teams")
async def teams(actor: Actor, pool: Pool, members: bool = False) -> Page[Team]:
    """With `members`, who is in them."""
    async with pool.acquire() as conn:
        return Page(items=await actions.teams(conn, actor, members=members))


@get("/units")
async def units(actor: Actor, pool: Pool, members: bool = False) -> Page[Unit]:
    """With `members`, who is in them."""
    async with pool.acquire() as conn:
        return Page(items=await actions.units(conn, actor, members=members))


ROUTES = [
    organisations,
    organisation,
    add_organisation,
    people,
    person,
    add_person,
    leaves,
    withdraw_leave,
    teams,
    units,
]
