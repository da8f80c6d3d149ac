"""The service or its database is killed under load: what was acknowledged is there, and once."""

import asyncio
import json
import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from alliance.actor import Actor, Grant, OrganisationId, PersonId, Role
from alliance.areas import actions as areas
from alliance.db import pool as db
from alliance.db.embedded import Embedded
from alliance.db.migrate import migrate
from alliance.patrol import coverage
from ops.benches import mini
from ops.benches.feed_server import Server
from ops.benches.mini import DISTRICT, Mini

MINUTE = 60_000
PHONES = 8
BATCH = 5


class Outbox:
    """One phone: sends, keeps what isn't acknowledged, and sends it again after each loss of the line."""

    def __init__(self, token: str, assignment: int, start: int) -> None:
        self.token = token
        self.assignment = assignment
        self.at = start
        self.seq = 0
        self.unacknowledged: dict[int, list[int]] = {}
        self.acknowledged: list[int] = []
        self.refused: list[str] = []
        self.reconnects = -1

    async def run(self, address: list[str], stop: asyncio.Event) -> None:
        while not (stop.is_set() and not self.unacknowledged):
            try:
                async with connect(
                    address[0], subprotocols=[Subprotocol("lian.v1")], compression=None, open_timeout=2
                ) as line:
                    await self.talk(line, stop)
            except (OSError, WebSocketException, TimeoutError, EOFError):
                await asyncio.sleep(0.1)

    async def talk(self, line: ClientConnection, stop: asyncio.Event) -> None:
        now = int(time.time() * 1000)
        await line.send(json.dumps({"type": "hello", "now": now, "token": self.token}))
        self.reconnects += 1
        for seq in sorted(self.unacknowledged):
            await self.send(line, seq)
        hearing = asyncio.create_task(self.hear(line))
        try:
            while not hearing.done() and not (stop.is_set() and not self.unacknowledged):
                if not stop.is_set() and len(self.unacknowledged) < 20:
                    self.seq += 1
                    self.unacknowledged[self.seq] = [self.at + 100 * n for n in range(BATCH)]
                    self.at += 100 * BATCH
                    await self.send(line, self.seq)
                await asyncio.sleep(0.01)
        finally:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)

    async def send(self, line: ClientConnection, seq: int) -> None:
        fixes = [[at, 23.29 + (at % 300_000) * 1e-8, 113.81, 10] for at in self.unacknowledged[seq]]
        message = {"type": "fixes", "seq": seq, "assignment": self.assignment, "fixes": fixes}
        await line.send(json.dumps(message))

    async def hear(self, line: ClientConnection) -> None:
        async for raw in line:
            message = json.loads(raw)
            if message["type"] == "refused":
                self.refused.append(message["code"])
            if message["type"] == "ack":
                for seq in [one for one in self.unacknowledged if one <= message["seq"]]:
                    self.acknowledged += self.unacknowledged.pop(seq)


class Patrol:
    """Eight phones that never stop sending, to a service whose address may change."""

    def __init__(self, world: Mini) -> None:
        self.world = world
        self.address = [""]
        self.stop = asyncio.Event()
        self.phones = [
            Outbox(token, assignment, world.start + 1000)
            for token, assignment in zip(world.tokens, world.assignments, strict=True)
        ]
        self.tasks: list[asyncio.Task[None]] = []

    def begin(self, server: Server) -> None:
        self.address[0] = f"ws://127.0.0.1:{server.port}/feed"
        if not self.tasks:
            self.tasks = [asyncio.create_task(phone.run(self.address, self.stop)) for phone in self.phones]

    async def end(self) -> None:
        self.stop.set()
        async with asyncio.timeout(60):
            await asyncio.gather(*self.tasks)

    def count(self) -> int:
        return sum(len(phone.acknowledged) for phone in self.phones)

    async def more(self, count: int) -> None:
        """Until so many more are acknowledged."""
        wanted = self.count() + count
        async with asyncio.timeout(60):
            while self.count() < wanted:  # noqa: ASYNC110
                await asyncio.sleep(0.02)


@pytest.fixture
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    folder = Path(os.path.realpath("/tmp")) / f"alliance-fault-{os.getpid()}-{time.time_ns()}"
    server = Embedded(folder, tied=True)
    try:
        yield server
    finally:
        server.stop()
        for path in sorted(folder.rglob("*"), key=lambda p: len(p.parts), reverse=True):
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
        folder.rmdir()


async def seed(dsn: str) -> Mini:
    conn = await db.connect(dsn)
    try:
        await migrate(conn)
        now = int(time.time() * 1000)
        return await mini.seed(
            conn, people=PHONES, start=now - 10 * MINUTE, end=now + 60 * MINUTE, check_in=True
        )
    finally:
        await conn.close()


async def must_be_whole(dsn: str, patrol: Patrol) -> None:
    conn = await db.connect(dsn)
    try:
        for phone in patrol.phones:
            records = await conn.fetch("select at from fix where assignment = $1", phone.assignment)
            stored = [record["at"] for record in records]
            assert len(stored) == len(set(stored))
            assert not set(phone.acknowledged) - set(stored)
            assert set(stored) == set(phone.acknowledged)
            assert not phone.refused
    finally:
        await conn.close()


async def must_show_what_is_stored(dsn: str, server: Server, world: Mini) -> None:
    """A desk that looks now is shown what the database says of the same instant."""
    conn = await db.connect(dsn)
    _, token = await mini.make_person(conn, "commander")
    places = await areas.places(conn, DISTRICT)
    async with connect(f"ws://127.0.0.1:{server.port}/feed", max_size=None) as desk:
        await desk.send(json.dumps({"type": "hello", "now": 0, "token": token}))
        await desk.recv()
        await asyncio.sleep(1.5)
        await desk.send(json.dumps({"type": "watch", "areas": [], "layers": ["coverage"]}))
        shown = json.loads(await desk.recv())["data"]
    command = Actor(
        district=DISTRICT,
        person=PersonId(0),
        organisation=OrganisationId(1),
        grants=(Grant(role=Role.COMMANDER),),
    )
    instant = await coverage.at(conn, command, places, shown["at"])
    pairs = zip(instant.cells, instant.covered_until, strict=True)
    assert {cell: until for cell, until in pairs if until} == dict(shown["cells"])
    assert shown["cells"]
    await conn.close()


async def test_killed_services_lose_nothing_and_show_the_same(postgres: Embedded, tmp_path: Path) -> None:
    dsn = await asyncio.to_thread(postgres.start)
    world = await seed(dsn)
    patrol = Patrol(world)
    chance = random.Random(1)
    server = await asyncio.to_thread(Server, dsn, tmp_path)
    try:
        patrol.begin(server)
        for _ in range(2):
            await patrol.more(chance.randrange(200, 1500))
            await asyncio.sleep(chance.random() * 0.5)
            server.kill()
            server = await asyncio.to_thread(Server, dsn, tmp_path)
            patrol.begin(server)
        await patrol.more(500)
        await patrol.end()
        assert all(phone.reconnects >= 2 for phone in patrol.phones)
        await must_be_whole(dsn, patrol)
        await must_show_what_is_stored(dsn, server, world)
    finally:
        await asyncio.to_thread(server.stop)


async def test_a_killed_database_comes_back_and_nothing_is_lost(postgres: Embedded, tmp_path: Path) -> None:
    dsn = await asyncio.to_thread(postgres.start)
    world = await seed(dsn)
    patrol = Patrol(world)
    server = await asyncio.to_thread(Server, dsn, tmp_path)
    try:
        patrol.begin(server)
        await patrol.more(800)
        os.kill(_postmaster(postgres), signal.SIGKILL)
        await asyncio.sleep(1)
        await asyncio.to_thread(postgres.stop)
        assert await asyncio.to_thread(postgres.start) == dsn
        await patrol.more(800)
        await patrol.end()
        assert server.process.poll() is None
        await must_be_whole(dsn, patrol)
        await must_show_what_is_stored(dsn, server, world)
    finally:
        await asyncio.to_thread(server.stop)


def _postmaster(postgres: Embedded) -> int:
    found = postgres._server
    assert found is not None
    return found.pid
