"""The district and its areas over HTTP."""

from datetime import datetime
from typing import Annotated

import asyncpg
from litestar import Response, delete, get, patch, post
from litestar.datastructures import State
from litestar.di import Provide
from litestar.params import Parameter

from alliance import events, keys
from alliance.actor import Actor
from alliance.areas import actions, overriding, settling, shown
from alliance.areas.actions import Held
from alliance.areas.model import AreaKind, Changes, NewOverride
from alliance.areas.places import Places
from alliance.rest import IdempotencyKey, IfMatch, Page, PathId, etag, wanted_version

Kind = Annotated[AreaKind | None, Parameter(description="only areas of this kind")]


async def provide_places(actor: Actor, pool: asyncpg.Pool, state: State) -> Places:
    """The places of the actor's district, for handlers that ask for `places`."""
    held: Held = state.setdefault("held_places", Held())
    async with pool.acquire() as conn:
        return await held.get(conn, actor.district)


PLACES = {"places": Provide(provide_places)}


@get("/district", tags=["areas"], summary="The district with its boundary, areas, targets and shift patterns")
async def show_district(actor: Actor, pool: asyncpg.Pool) -> Response[shown.ShownDistrict]:
    async with pool.acquire() as conn:
        found = await actions.district(conn, actor.district)
        listed = await actions.areas(conn, actor.district)
        patterns = await actions.patterns(conn, actor.district)
    return Response(shown.district(found, patterns, listed), headers=etag(found.version))


@get("/district/changes", tags=["areas"], summary="How a published roster is mended: no-shows, offers, swaps")
async def show_changes(actor: Actor, pool: asyncpg.Pool) -> Response[Changes]:
    async with pool.acquire() as conn:
        found = await actions.district(conn, actor.district)
    return Response(found.settings.changes, headers=etag(found.version))


@patch("/district/changes", tags=["areas"], summary="Set how a published roster is mended")
async def set_changes(
    actor: Actor, pool: asyncpg.Pool, now: datetime, data: Changes, if_match: IfMatch = None
) -> Response[Changes]:
    version = wanted_version(if_match)
    async with events.transaction(pool, actor.district) as tx:
        made = await settling.set_changes(tx, actor, data, version=version, now=now)
    return Response(made.settings.changes, headers=etag(made.version))


@get(
    "/areas",
    tags=["areas"],
    summary="Towns, stations, beats and grids with their middles",
    dependencies=PLACES,
)
async def list_areas(
    actor: Actor, pool: asyncpg.Pool, places: Places, kind: Kind = None
) -> Page[shown.ShownArea]:
    async with pool.acquire() as conn:
        listed = await actions.areas(conn, actor.district, tuple(AreaKind) if kind is None else (kind,))
    return Page(items=shown.areas(listed, places))


@get("/overrides", tags=["areas"], summary="What officers have added to the weights, on one's own beats")
async def list_overrides(actor: Actor, pool: asyncpg.Pool, now: datetime) -> Page[shown.ShownOverride]:
    async with pool.acquire() as conn:
        found = await overriding.overrides(conn, actor, now)
    return Page(items=[shown.override(one) for one in found])


@post("/overrides", tags=["areas"], summary="Raise or lower the weight of a cell for a time")
async def add_override(
    actor: Actor, pool: asyncpg.Pool, now: datetime, data: NewOverride, key: IdempotencyKey = None
) -> shown.ShownOverride:
    async def work(tx: events.Tx) -> shown.ShownOverride:
        return shown.override(await overriding.override(tx, actor, data, now))

    return await keys.answer(pool, actor, key, now, work=work, kind=shown.ShownOverride)


@delete("/overrides/{number:int}", tags=["areas"], summary="Withdraw what was added")
async def withdraw_override(actor: Actor, pool: asyncpg.Pool, now: datetime, number: PathId) -> None:
    async with events.transaction(pool, actor.district) as tx:
        await overriding.withdraw(tx, actor, number, now)


ROUTES = [
    show_district,
    show_changes,
    set_changes,
    list_areas,
    list_overrides,
    add_override,
    withdraw_override,
]
