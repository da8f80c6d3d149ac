"""HTTP of what asks for attention: the list, acknowledging, closing, thresholds."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response, get, patch, post
from litestar.params import Parameter
from msgspec import Meta

from alliance import events
from alliance.actor import Actor, Code
from alliance.attention import actions
from alliance.attention.model import Kind, NewThresholds, Occurrence, Thresholds
from alliance.attention.store import Asked
from alliance.db.pool import Pool
from alliance.rest import Cursor, Id, IfMatch, Limit, Page, PathId, after_id, etag, page, wanted_version

OnlyOpen = Annotated[bool, Parameter(query="open", description="only what still asks for attention")]
OfKind = Annotated[Kind | None, Parameter(query="kind")]
OfBeat = Annotated[str | None, Parameter(query="beat", max_length=40)]


class AttentionItem(msgspec.Struct, frozen=True, kw_only=True):
    """`since` when it has been so; `subject` is the assignment, cell, beat or call it is about.

    `state`: open, acknowledged, resolved (its cause is gone) or closed (by hand).
    """

    id: int
    kind: Kind
    subject: str
    state: str
    since: int
    beat: str | None
    person: int | None
    name: str | None
    organisation: int | None
    assignment: int | None
    cell: str | None
    sos: int | None
    raised_at: int
    acknowledged_at: int | None
    acknowledged_by: int | None
    acknowledged_name: str | None
    closed_at: int | None
    closed_by: int | None
    reason: str | None
    gone_at: int | None
    mine: bool
    """Whether you may acknowledge and close it."""


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    ids: Annotated[list[Id], Meta(min_length=1, max_length=500)]


class Closing(msgspec.Struct, frozen=True, kw_only=True):
    reason: Annotated[str, Meta(min_length=1, max_length=500)]


class ShownThresholds(Thresholds, frozen=True, kw_only=True):
    version: int


@get("/attention", tags=["attention"])
async def attention(
    actor: Actor,
    pool: Pool,
    only_open: OnlyOpen = False,
    kind: OfKind = None,
    beat: OfBeat = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[AttentionItem]:
    """What asks for attention, newest first: on the own beats, or about the own people."""
    asked = Asked(
        only_open=only_open,
        kind=kind,
        beat=None if beat is None else Code(beat),
        before=after_id(cursor) if cursor else 2**62,
        limit=limit + 1,
    )
    async with pool.acquire() as conn:
        found = await actions.listed(conn, actor, asked)
    return page([_item(actor, one) for one in found], limit, [one.id for one in found])


@post("/attention/acknowledge", status_code=200, tags=["attention"])
async def acknowledge_many(actor: Actor, pool: Pool, now: datetime, data: Numbers) -> Page[AttentionItem]:
    """See to many at once, such as the cold cells of a beat: all of them or none."""
    async with events.transaction(pool, actor.district) as tx:
        found = await actions.acknowledge(tx, actor, data.ids, now)
    return Page(items=[_item(actor, one) for one in found])


@post("/attention/{number:int}/acknowledge", status_code=200, tags=["attention"])
async def acknowledge(actor: Actor, pool: Pool, now: datetime, number: PathId) -> AttentionItem:
    """See to it."""
    async with events.transaction(pool, actor.district) as tx:
        (found,) = await actions.acknowledge(tx, actor, [number], now)
    return _item(actor, found)


@post("/attention/{number:int}/close", status_code=200, tags=["attention"])
async def close(actor: Actor, pool: Pool, now: datetime, number: PathId, data: Closing) -> AttentionItem:
    """It is dealt with, though its cause may last; the record stays."""
    async with events.transaction(pool, actor.district) as tx:
        found = await actions.close(tx, actor, number, data.reason, now)
    return _item(actor, found)


@get("/attention/thresholds", tags=["attention"])
async def thresholds(actor: Actor, pool: Pool) -> Response[ShownThresholds]:
    """From when on each rule is met."""
    async with pool.acquire() as conn:
        found, version = await actions.thresholds(conn, actor)
    return _shown(found, version)


@patch("/attention/thresholds", tags=["attention"])
async def set_thresholds(
    actor: Actor, pool: Pool, now: datetime, data: NewThresholds, if_match: IfMatch = None
) -> Response[ShownThresholds]:
    """Command sets them for the district; 0 switches a rule off."""
    async with events.transaction(pool, actor.district) as tx:
        found, version = await actions.set_thresholds(
            tx, actor, data, wanted_version=wanted_version(if_match), now=now
        )
    return _shown(found, version)


def _shown(found: Thresholds, version: int) -> Response[ShownThresholds]:
    shown = ShownThresholds(**msgspec.structs.asdict(found), version=version)
    return Response(shown, headers=etag(version))


def _item(actor: Actor, one: Occurrence) -> AttentionItem:
    known = msgspec.structs.asdict(one)
    return AttentionItem(**known, state=one.state, mine=actions.may_handle(actor, one))


ROUTES = [attention, acknowledge_many, acknowledge, close, thresholds, set_thresholds]
