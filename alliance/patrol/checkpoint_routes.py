"""HTTP of checkpoints: which there are, made and revoked, printed, scanned by clients without a socket."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response, get, patch, post
from litestar.params import Parameter
from msgspec import Meta

from alliance import events, keys
from alliance.actor import Actor
from alliance.db.pool import Pool
from alliance.patrol import checkpoints, scans
from alliance.patrol.checkpoint_store import Checkpoint
from alliance.patrol.checkpoints import Name, NewCheckpoint, Printed, ShortCode
from alliance.rest import (
    Cursor,
    IdempotencyKey,
    IfMatch,
    Limit,
    Page,
    PathId,
    after_id,
    etag,
    page,
    wanted_version,
)
from geo.datum import Datum, to_wgs84

Key = Annotated[str, Meta(min_length=1, max_length=100)]
Revoked = Annotated[bool, Parameter(description="those revoked too")]
Numbers = Annotated[list[int], Parameter(query="id", description="the checkpoints to print")]
Address = Annotated[
    str,
    Parameter(pattern=r"^https?://[A-Za-z0-9.:\[\]-]{1,200}$", description="where phones find this service"),
]


class CheckpointBody(msgspec.Struct, frozen=True, kw_only=True):
    """Where it hangs, in `datum`; without a code it is given one."""

    name: Name
    lat: Annotated[float, Meta(ge=-90, le=90)]
    lon: Annotated[float, Meta(ge=-180, le=180)]
    code: ShortCode | None = None
    datum: Datum = Datum.WGS84

    def plain(self) -> NewCheckpoint:
        lat, lon = to_wgs84(self.lat, self.lon, self.datum)
        return NewCheckpoint(name=self.name, lat=lat, lon=lon, code=self.code)


class CheckpointChange(msgspec.Struct, frozen=True, kw_only=True):
    """What is missing stays; `version` is what was read, where If-Match doesn't say it."""

    name: Name | None = None
    code: ShortCode | None = None
    version: Annotated[int, Meta(ge=0, le=2**31)] | None = None


class ScanBody(msgspec.Struct, frozen=True, kw_only=True):
    """`checkpoint` is the key in its printed code."""

    checkpoint: Key
    at: Annotated[int, Meta(ge=0, le=2**53)]
    key: Key | None = None


class ScanAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Where the person was."""

    checkpoint: int
    code: str
    name: str
    cell: str
    assignment: int
    at: int


@get("/checkpoints")
async def listed(
    actor: Actor, pool: Pool, revoked: Revoked = False, cursor: Cursor = None, limit: Limit = 100
) -> Page[Checkpoint]:
    """Those on the beats that one polices or leads, with their newest scan."""
    async with pool.acquire() as conn:
        found = await checkpoints.listed(
            conn, actor, revoked=revoked, after=after_id(cursor), limit=limit + 1
        )
    return page(found, limit, [one.id for one in found])


@post("/checkpoints")
async def make(
    actor: Actor, pool: Pool, now: datetime, data: CheckpointBody, key: IdempotencyKey = None
) -> Checkpoint:
    """Make one; then print its code."""

    async def work(tx: events.Tx) -> Checkpoint:
        return await checkpoints.make(tx, actor, data.plain(), now)

    return await keys.answer(pool, actor, key, now, work=work, kind=Checkpoint)


@patch("/checkpoints/{number:int}")
async def change(
    actor: Actor,
    pool: Pool,
    now: datetime,
    number: PathId,
    data: CheckpointChange,
    if_match: IfMatch = None,
) -> Response[Checkpoint]:
    """Another name or code; its place stays: make a new one where it moves."""
    version = wanted_version(if_match, data.version)
    async with events.transaction(pool, actor.district) as tx:
        found = await checkpoints.rename(
            tx, actor, number, code=data.code, name=data.name, version=version, now=now
        )
    return Response(found, headers=etag(found.version))


@post("/checkpoints/{number:int}/revoke", status_code=200)
async def revoke(actor: Actor, pool: Pool, now: datetime, number: PathId) -> Checkpoint:
    """Its printed code is good no longer."""
    async with events.transaction(pool, actor.district) as tx:
        return await checkpoints.revoke(tx, actor, number, now)


@post("/checkpoints/{number:int}/restore", status_code=200)
async def restore(actor: Actor, pool: Pool, now: datetime, number: PathId) -> Checkpoint:
    """Take a revocation back: the code that hangs there is good again."""
    async with events.transaction(pool, actor.district) as tx:
        return await checkpoints.restore(tx, actor, number, now)


@get("/checkpoints/sheet")
async def sheet(actor: Actor, pool: Pool, numbers: Numbers, address: Address) -> Page[Printed]:
    """The codes to be printed, each a link to the phone page."""
    async with pool.acquire() as conn:
        return Page(items=await checkpoints.sheet(conn, actor, numbers, address))


@post("/scans", status_code=200)
async def scan(
    actor: Actor, pool: Pool, now: datetime, data: ScanBody, key: IdempotencyKey = None
) -> ScanAnswer:
    """The feed's `scan`, for clients without a socket; a repeat gets the first result."""

    async def work(tx: events.Tx) -> ScanAnswer:
        return msgspec.convert(await scans.scan(tx, actor, data.checkpoint, data.at, now), ScanAnswer)

    return await keys.answer(pool, actor, data.key or key, now, work=work, kind=ScanAnswer)


ROUTES = [listed, make, change, revoke, restore, sheet, scan]
