"""A desk that looks: what it is shown against what the database says of the same instant."""

import asyncio
import json
import time
import urllib.error
import urllib.request
from typing import Any

from alliance.actor import Actor, Grant, OrganisationId, PersonId, Role
from alliance.areas import actions as areas
from alliance.db import pool as db
from alliance.patrol import coverage
from alliance.people.consent import TEXT
from ops.benches import mini
from ops.benches.mini import DISTRICT
from ops.faults.line import Line

COMMAND = Actor(
    district=DISTRICT,
    person=PersonId(0),
    organisation=OrganisationId(1),
    grants=(Grant(role=Role.COMMANDER),),
)


class Desk:
    """A commander's connection; `kept` has every message of those types, the newest last."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._line: Line | None = None
        self._codes: list[int | None] = []
        self._came = asyncio.Event()
        self.messages: list[dict[str, Any]] = []

    async def look(self, port: int, *layers: str) -> None:
        self._line = await Line.dial("127.0.0.1", port, self._said, self._codes.append)
        self._send(type="hello", now=int(time.time() * 1000), token=self._token)
        await self.next("welcome")
        self.watch(*layers)

    def watch(self, *layers: str) -> None:
        self._send(type="watch", areas=[], layers=list(layers))

    def _send(self, **message: Any) -> None:
        assert self._line is not None
        self._line.send(json.dumps(message).encode())

    def _said(self, raw: bytes) -> None:
        self.messages.append(json.loads(raw))
        self._came.set()

    async def next(self, kind: str, seconds: float = 10, **values: Any) -> dict[str, Any]:
        """The first message of that type and those values that wasn't asked for before."""
        async with asyncio.timeout(seconds):
            while True:
                for i, message in enumerate(self.messages):
                    fits = all(message.get(name) == value for name, value in values.items())
                    if message["type"] == kind and fits:
                        del self.messages[: i + 1]
                        return message
                self._came.clear()
                await self._came.wait()

    def leave(self) -> None:
        if self._line is not None:
            self._line.cut()


async def desk_token(dsn: str) -> str:
    conn = await db.connect(dsn)
    try:
        return (await mini.make_person(conn, "commander"))[1]
    finally:
        await conn.close()


async def agrees(dsn: str, port: int) -> bool:
    """Whether the desk's coverage, and there is some, is the database's."""
    desk = Desk(await desk_token(dsn))
    await desk.look(port, "coverage")
    shown = (await desk.next("snapshot", layer="coverage"))["data"]
    while not shown["at"]:
        await asyncio.sleep(0.3)
        desk.watch("coverage")
        shown = (await desk.next("snapshot", layer="coverage"))["data"]
    desk.leave()
    conn = await db.connect(dsn)
    try:
        places = await areas.places(conn, DISTRICT)
        instant = await coverage.at(conn, COMMAND, places, shown["at"])
    finally:
        await conn.close()
    pairs = zip(instant.cells, instant.covered_until, strict=True)
    return bool(shown["cells"]) and {cell: u for cell, u in pairs if u} == dict(shown["cells"])


async def wrote(address: str, token: str, *, given: bool) -> int:
    """The status of something that has to be stored."""
    body = json.dumps({"text_version": TEXT.version, "given": given}).encode()
    request = urllib.request.Request(
        f"{address}/api/v1/me/consent",
        data=body,
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        method="POST",
    )
    return (await _asked(request, 10))[0]


async def answer(address: str, path: str, seconds: float = 10) -> tuple[int, float]:
    """The status of a request, 0 for none in that time, and how long it took."""
    return await _asked(urllib.request.Request(address + path), seconds)


async def _asked(request: urllib.request.Request, seconds: float) -> tuple[int, float]:
    def ask() -> int:
        try:
            with urllib.request.urlopen(request, timeout=seconds) as found:
                return int(found.status)
        except urllib.error.HTTPError as error:
            return int(error.code)
        except OSError:
            return 0

    began = time.monotonic()
    status = await asyncio.to_thread(ask)
    return status, time.monotonic() - began
