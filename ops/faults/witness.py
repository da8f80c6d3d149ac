"""A desk that looks: what it is shown against what the database says of the same instant."""

import asyncio
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
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
    """A connection; `messages` are those not asked for yet, `people` those shown, with their fix's time."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._line: Line | None = None
        self._codes: list[int | None] = []
        self._came = asyncio.Event()
        self.messages: list[dict[str, Any]] = []
        self.people: dict[int, int] = {}

    async def join(self, port: int, **hello: Any) -> dict[str, Any]:
        """Returns the welcome."""
        self._line = await Line.dial("127.0.0.1", port, self._said, self._codes.append)
        self.say(type="hello", now=int(time.time() * 1000), token=self._token, **hello)
        return await self.next("welcome")

    async def look(self, port: int, *layers: str) -> None:
        await self.join(port)
        self.watch(*layers)

    def watch(self, *layers: str) -> None:
        self.say(type="watch", areas=[], layers=list(layers))

    async def sees(self, person: int, at: int, seconds: float = 30) -> None:
        """Until the person is shown where they were at that time."""
        await self._until(lambda: self.people.get(person) == at, seconds)

    async def loses(self, person: int, seconds: float = 30) -> None:
        """Until the person is shown no more."""
        await self._until(lambda: person not in self.people, seconds)

    async def _until(self, true: Callable[[], bool], seconds: float) -> None:
        async with asyncio.timeout(seconds):
            while not true():
                self._came.clear()
                await self._came.wait()

    def say(self, **message: Any) -> None:
        assert self._line is not None
        self._line.send(json.dumps(message).encode())

    def _said(self, raw: bytes) -> None:
        message = json.loads(raw)
        told = message.get("data", {}) if message.get("layer") == "positions" else message
        if message["type"] == "positions" or told is not message:
            self.people |= {one[0]: one[4] for one in told["people"]}
            for person in told.get("gone", ()):
                self.people.pop(person, None)
        self.messages.append(message)
        self._came.set()

    async def next(self, kind: str, /, seconds: float = 10, **values: Any) -> dict[str, Any]:
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
