"""A served feed on a port of its own, with a small district behind it and a clock that tests may move."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from alliance.config import Config
from alliance.db.pool import Pool, open_pool
from alliance.feed.hub import Hub
from alliance.feed.socket import FeedSocket
from alliance.times import from_ms
from ops.benches import mini
from ops.benches.mini import Mini
from tests.conftest import clone

START = 1_780_000_000_000
END = START + 8 * 3_600_000
MINUTE = 60_000


class Clock:
    """Says START plus what a test has let pass."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return from_ms(self.at)

    def forward(self, ms: int) -> int:
        self.at += ms
        return self.at


class Phone:
    """A client of the contract over the `websockets` library."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.seen: list[dict[str, Any]] = []

    async def send(self, **message: Any) -> None:
        await self.connection.send(json.dumps(message))

    async def next(self, type_: str | None = None, seconds: float = 5, **values: Any) -> dict[str, Any]:
        """The next message of that type with those values; what comes before lies in `seen`."""
        async with asyncio.timeout(seconds):
            while True:
                message = json.loads(await self.connection.recv())
                self.seen.append(message)
                fits = all(message.get(name) == value for name, value in values.items())
                if (type_ is None or message["type"] == type_) and fits:
                    return dict(message)

    async def none(self, kind: str, seconds: float = 0.4) -> None:
        """Nothing of that type comes for a while."""
        try:
            message = await self.next(kind, seconds)
        except TimeoutError:
            return
        raise AssertionError(f"unexpected {message}")

    async def ask(self, **message: Any) -> dict[str, Any]:
        """Sends something with a key and waits for its ack or refusal."""
        await self.send(**message)
        return await self.next(key=message["key"])


class Served(msgspec.Struct, kw_only=True):
    """The feed's address and what lies behind it."""

    url: str
    hub: Hub
    pool: Pool
    world: Mini
    clock: Clock
    phones: list[ClientConnection] = []

    async def phone(self, token: str, **hello: Any) -> Phone:
        """A connection that was welcomed."""
        phone = await self.silent()
        await phone.send(type="hello", now=self.clock.at, token=token, **hello)
        await phone.next("welcome")
        return phone

    async def silent(self, **options: Any) -> Phone:
        """A connection that has not said hello."""
        connection = await connect(
            self.url,
            subprotocols=[Subprotocol("lian.v1")],
            compression=None,
            **options,
        )
        self.phones.append(connection)
        return Phone(connection)


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Whatever isn't the feed."""
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def serve(hub: Hub) -> AsyncIterator[str]:
    listening = socket.create_server(("127.0.0.1", 0))
    protocol: Any = lambda **more: FeedSocket(hub, **more)  # noqa: E731
    server = uvicorn.Server(
        uvicorn.Config(app, ws=protocol, lifespan="off", log_config=None, timeout_graceful_shutdown=3)
    )
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    async with asyncio.timeout(10):
        while not server.started:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    try:
        yield f"ws://127.0.0.1:{listening.getsockname()[1]}/feed"
    finally:
        server.should_exit = True
        await serving
        listening.close()


@asynccontextmanager
async def running(dsn: str, world: Mini, clock: Clock) -> AsyncIterator[Served]:
    pool = await open_pool(dsn, size=8)
    config = Config(data=Path("/nonexistent"), database_url=dsn)
    hub = Hub(config, pool, clock, dsn=dsn)
    await hub.start()
    try:
        async with serve(hub) as url:
            served = Served(url=url, hub=hub, pool=pool, world=world, clock=clock)
            try:
                yield served
            finally:
                for connection in served.phones:
                    await connection.close()
    finally:
        await hub.stop()
        await pool.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def feed_dsn(server: str, template: str) -> str:
    """One database for all tests of the feed, emptied before each: quicker than one for each."""
    return clone(server, "feed")


@pytest.fixture
def dsn(feed_dsn: str) -> str:
    return feed_dsn


@pytest.fixture
async def world(dsn: str) -> Mini:
    pool = await open_pool(dsn, size=2)
    async with pool.acquire() as conn:
        await conn.execute("truncate district, fix, visit, visit_stale, cell_day cascade")
        made = await mini.seed(conn, people=6, start=START, end=END)
    await pool.close()
    return made


@pytest.fixture
async def served(dsn: str, world: Mini, clock: Clock) -> AsyncIterator[Served]:
    async with running(dsn, world, clock) as found:
        yield found
