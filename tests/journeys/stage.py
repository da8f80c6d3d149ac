"""The stage of a journey: the real service, a line to it that can be cut, a clock that can be turned."""

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import uvicorn
from litestar import Litestar

from alliance import serving
from alliance.access.passwords import Passwords
from alliance.app import build
from alliance.config import Config
from alliance.db.pool import Connection, connect
from tests.service import CHEAP

T = TypeVar("T")


class Clock:
    """Real time, moved ahead by what a journey let pass."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class Line:
    """A TCP line to the service, such as a phone's: cut, every connection breaks and none can be made."""

    def __init__(self, port: int) -> None:
        self._behind = port
        self._listening: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def join(self) -> None:
        self._listening = await asyncio.start_server(self._carry, "127.0.0.1", self.port)

    async def cut(self) -> None:
        if self._listening is not None:
            self._listening.close()
        for writer in list(self._writers):
            writer.transport.abort()
        self._listening = None

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            to_reader, to_writer = await asyncio.open_connection("127.0.0.1", self._behind)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, to_writer}
        try:
            await asyncio.gather(_pour(reader, to_writer), _pour(to_reader, writer))
        finally:
            self._writers -= {writer, to_writer}


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await reader.read(65_536):
            writer.write(piece)
            await writer.drain()
    writer.transport.abort()


class Stage:
    """The service and the lines to it, in a thread of their own; the journey runs in the test's thread."""

    def __init__(self, config: Config) -> None:
        self.clock = Clock()
        self.dsn = config.database_url or ""
        self._config = config
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="service")
        self._listening = serving.listen(config)
        self.port = self._listening.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.line = Line(self.port)
        self._server: uvicorn.Server | None = None
        self._serving: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._thread.start()
        self.do(self._start())

    def stop(self) -> None:
        self.do(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)
        self._loop.close()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something in the service's loop and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def ask(self, work: Callable[[Connection], Coroutine[Any, Any, T]]) -> T:
        """Run something on a database connection of its own."""

        async def asked() -> T:
            conn = await connect(self.dsn)
            try:
                return await work(conn)
            finally:
                await conn.close()

        return self.do(asked())

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        async def asked(conn: Connection) -> list[dict[str, Any]]:
            return [dict(record) for record in await conn.fetch(sql, *values)]

        return self.ask(asked)

    async def _start(self) -> None:
        app: Litestar = build(self._config, clock=self.clock, passwords=Passwords(2, CHEAP))
        self._server = uvicorn.Server(serving.settings(self._config, app))
        self._serving = asyncio.create_task(self._server._serve(sockets=[self._listening]))
        while not self._server.started:
            if self._serving.done():
                self._serving.result()
            await asyncio.sleep(0.02)
        await self.line.join()

    async def _stop(self) -> None:
        await self.line.cut()
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await self._serving
