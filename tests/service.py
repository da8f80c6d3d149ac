"""The service as tests call it: over ASGI, with a clock they turn and passwords that cost little."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import argon2
import httpx
from litestar import Litestar

from alliance.access.model import Kind, Session, new_secret
from alliance.access.passwords import Passwords
from alliance.access.store import insert_sessions, put_account
from alliance.actor import DistrictId, PersonId
from alliance.app import build
from alliance.config import Config
from alliance.db.pool import Pool
from tests.make import NOW

CHEAP = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
ADDRESS = "http://alliance.test"


class Clock:
    """A clock that stands until it is turned."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **span: float) -> None:
        self.now += timedelta(**span)


class Service:
    """A running service: `client` speaks to it, `pool` to its database."""

    def __init__(self, app: Litestar, client: httpx.AsyncClient, clock: Clock) -> None:
        self.app = app
        self.client = client
        self.clock = clock

    @property
    def pool(self) -> Pool:
        return self.app.state.pool

    async def token(self, person: PersonId, district: int = 1) -> str:
        """A bearer token of that person."""
        return await self._session(person, district, Kind.TOKEN, "")

    async def cookie(self, person: PersonId, district: int = 1, csrf: str = "c" * 20) -> str:
        """The text of a browser's session cookie of that person."""
        return await self._session(person, district, Kind.COOKIE, csrf)

    async def _session(self, person: PersonId, district: int, kind: Kind, csrf: str) -> str:
        text, key = new_secret(DistrictId(district))
        session = Session(
            secret_hash=key.secret_hash,
            person=person,
            kind=kind,
            csrf=csrf,
            created_at=self.clock.now,
            expires_at=self.clock.now + timedelta(days=7),
        )
        async with self.pool.acquire() as conn:
            await insert_sessions(conn, DistrictId(district), [session])
        return text

    async def login(self, person: PersonId, login: str, password: str, district: int = 1) -> None:
        """Give the person a login."""
        async with self.pool.acquire() as conn:
            hashed = CHEAP.hash(password)
            await put_account(
                conn, DistrictId(district), person, login=login, password=hashed, now=self.clock.now
            )

    async def ask(
        self, method: str, path: str, token: str | None = None, body: Any = None, **headers: str
    ) -> httpx.Response:
        """One request to /api/v1 with a bearer token; `if_match="3"` becomes the header If-Match."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        return await self.client.request(method, f"/api/v1{path}", json=body, headers=sent)


@asynccontextmanager
async def alive(app: Litestar) -> AsyncIterator[None]:
    """The service's lifespan in a task of its own: a fixture's two halves run in different tasks."""
    started, over = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        try:
            async with app.lifespan():
                started.set()
                await over.wait()
        finally:
            started.set()

    task = asyncio.create_task(live())
    await started.wait()
    try:
        if task.done():
            await task
        yield
    finally:
        over.set()
        await task


@asynccontextmanager
async def running(dsn: str, data: Path, **settings: Any) -> AsyncIterator[Service]:
    """The service on a database; `data` holds its key."""
    clock = Clock()
    config = Config(data=data, database_url=dsn, database_connections=4, **{"jobs": False, **settings})
    app = build(config, clock=clock, passwords=Passwords(2, CHEAP))
    async with alive(app):
        transport = httpx.ASGITransport(app=cast(Any, app), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=ADDRESS) as client:
            yield Service(app, client, clock)
