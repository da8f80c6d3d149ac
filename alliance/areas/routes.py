"""The district and its areas over HTTP."""

from typing import Annotated

import asyncpg
from litestar import Response, get
from litestar.datastructures import State
from litestar.di import Provide
from litestar.params import Parameter

from alliance.actor import Actor
from alliance.areas import actions, shown
from alliance.areas.actions import Held
from alliance.areas.model import AreaKind
from alliance.areas.places import Places
from alliance.rest import Page, etag

Kind = Annotated[AreaKind | None, Parameter(description="only areas of this kind")]


async def provide_places(actor: Actor, pool: asyncpg.Pool, state: State) -> Places:
    """The places of the actor's district, for handlers that ask for `places`."""
    held: Held = state.setdefault("held_places", Held())
    async with pool.acquire() as conn:
        return await held.get(conn, actor.district)


PLACES = {"places": Provide(provide_places)}


@get("/district", tags=["areas"], summary="The district with its boundary, targets and shift patterns")
async def show_district(actor: Actor, pool: asyncpg.Pool) -> Response[shown.ShownDistrict]:
    async with pool.acquire() as conn:
        found = await actions.district(conn, actor.district)
        listed = await actions.areas(conn, actor.district)
        patterns = await actions.patterns(conn, actor.district)
    return Response(shown.district(found, patterns, listed), headers=etag(found.version))


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


ROUTES = [show_district, list_areas]
