"""The addresses outside the API: pages, health, metrics."""

import asyncio
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, get
from litestar.datastructures import State
from litestar.exceptions import NotFoundException

from alliance import problems
from alliance.access.guard import PUBLIC
from alliance.config import Config
from alliance.db.pool import Pool
from alliance.front import MISSING, Asset, Front
from alliance.metrics import MEDIA_TYPE, Metrics
from alliance.version import VERSION

READY_SECONDS = 2.0
# Marks a handler that compresses its answers itself.
COMPRESSED = "compressed"
# What is never a page, so that a mistyped address of the API is not answered with one.
NO_PAGES = ("api", "schema", "feed", "health", "metrics", "phones")
AnyRequest = Request[Any, Any, Any]


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """`others`, the processes beside this one: joined, away (it goes on by itself), or alone by settings."""

    status: str
    version: str
    others: str | None = None


@get("/health/live", opt={PUBLIC: True})
async def live() -> Health:
    """The process answers."""
    return Health(status="live", version=VERSION)


class Probe:
    """Asks the database one thing at a time: of a database that stands still nothing more can be asked."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._asking: asyncio.Task[bool] | None = None

    async def answers(self) -> bool:
        """Within `READY_SECONDS`; the question is left waiting, as ending it would wait for the database."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        await asyncio.wait({self._asking}, timeout=READY_SECONDS)
        return self._asking.done() and self._asking.result()

    async def _ask(self) -> bool:
        try:
            async with self._pool.acquire() as conn:
                await conn.fetchval("select 1 from district limit 1")
        except (*problems.PASSING, OSError):
            return False
        return True


@get("/health/ready", opt={PUBLIC: True})
async def ready(probe: Probe, state: State) -> Response[Any]:
    """The process answers and reaches its database."""
    if not await probe.answers():
        return problems.answer("unavailable", "the database can't be reached")
    return Response(Health(status="ready", version=VERSION, others=state.hub.bus.state))


@get("/metrics", opt={PUBLIC: True}, include_in_schema=False)
async def metrics(config: Config, metrics: Metrics) -> Response[bytes]:
    if not config.metrics:
        raise NotFoundException("metrics are switched off")
    return Response(metrics.text(), media_type=MEDIA_TYPE)


@get(["/", "/{address:path}"], opt={PUBLIC: True, COMPRESSED: True}, include_in_schema=False)
async def page(request: AnyRequest, front: Front, address: str = "") -> Response[bytes]:
    first = address.strip("/").split("/", 1)[0]
    if first in NO_PAGES:
        raise NotFoundException(f"there is nothing at {request.url.path}")
    asset = front.find(address)
    if asset is not None:
        return _served(request, asset)
    if front.built() or "." in address.rsplit("/", 1)[-1]:
        raise NotFoundException(f"there is nothing at {request.url.path}")
    return Response(MISSING.encode(), status_code=503, media_type=MediaType.HTML)


def _served(request: AnyRequest, asset: Asset) -> Response[bytes]:
    headers = {"Cache-Control": asset.cache, "ETag": asset.etag, "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == asset.etag:
        return Response(b"", status_code=304, headers=headers)
    if asset.compressed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(asset.compressed, headers=headers, media_type=asset.media_type)
    return Response(asset.body, headers=headers, media_type=asset.media_type)


ROUTES = [live, ready, metrics, page]
