"""Whoever or whatever stands still costs little memory; once it goes on, everything is there, by itself."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from alliance.feed.framing import Shared
from alliance.feed.socket import LAGGING_BYTES, MOST_WAITING
from ops.benches import mini
from tests.feed.conftest import MINUTE, START, Served
from tests.feed.raw import Raw, frame

MESSAGES = 400
FIXES = 100


@asynccontextmanager
async def standing_still(served: Served, table: str) -> AsyncIterator[None]:
    """Nobody gets past that table meanwhile."""
    async with served.pool.acquire() as conn, conn.transaction():
        await conn.execute(f"lock table {table} in access exclusive mode")
        yield


async def on_duty(served: Served, n: int = 0) -> Raw:
    raw = await Raw.dial(served.url)
    assert await raw.ask() == 101
    await raw.send(type="hello", now=START, token=served.world.tokens[n])
    await raw.hear_type("welcome")
    await raw.send(type="check_in", key="in", assignment=served.world.assignments[n], at=START)
    await raw.hear_type("ack")
    return raw


def fixes(assignment: int, seq: int) -> bytes:
    some = [[START + seq * FIXES + i, 23.29, 113.81, 10] for i in range(FIXES)]
    return frame(json.dumps({"type": "fixes", "seq": seq, "assignment": assignment, "fixes": some}).encode())


async def test_reading_stops_and_goes_on_by_itself(served: Served) -> None:
    served.clock.forward(10 * MINUTE)
    raw, assignment = await on_duty(served), served.world.assignments[0]
    await raw.say(fixes(assignment, 0))
    await raw.hear_type("ack")
    async with standing_still(served, "fix"):
        sending = asyncio.create_task(raw.say(b"".join(fixes(assignment, seq) for seq in range(1, MESSAGES))))
        most = 0
        for _ in range(20):
            await asyncio.sleep(0.05)
            most = max(most, served.hub.counts()["fixes_waiting"])
        assert MOST_WAITING // 2 < most < MOST_WAITING + 20 * FIXES
        assert served.hub.counts()["connections"] == 1
    await sending
    async with asyncio.timeout(30):
        while (await raw.hear_type("ack"))["seq"] < MESSAGES - 1:
            pass
    async with served.pool.acquire() as conn:
        assert await conn.fetchval("select count(*) from fix") == MESSAGES * FIXES
    assert served.hub.counts()["fixes_waiting"] == 0
    raw.writer.close()


async def test_other_messages_that_wait_hold_the_reader_back_too(served: Served) -> None:
    raw = await on_duty(served)
    count = 250
    calls = [{"type": "sos", "key": f"sos{n}", "at": START + n} for n in range(count)]
    async with standing_still(served, "event_counter"):
        for one in calls:
            await raw.say(frame(json.dumps(one).encode()))
            await asyncio.sleep(0.002)
        await asyncio.sleep(0.5)
        (session,) = [peer.session for peer in served.hub._room_of]
        assert MOST_WAITING < session.waiting < MOST_WAITING + 20 * 40
    told = set[str]()
    async with asyncio.timeout(30):
        while len(told) < count:
            told.add((await raw.hear_type("ack"))["key"])
    assert session.waiting == 0
    raw.writer.close()


async def positions(desk: Raw) -> dict[str, Any]:
    """The next message that shows any, whole or what changed."""
    while True:
        message: dict[str, Any] = json.loads((await desk.hear())[1])
        if message["type"] in ("positions", "snapshot"):
            return message


async def test_a_desk_that_reads_again_is_shown_the_newest(served: Served) -> None:
    phone, assignment = await on_duty(served), served.world.assignments[0]
    desk = await Raw.dial(served.url)
    assert await desk.ask() == 101
    async with served.pool.acquire() as conn:
        person, token = await mini.make_person(conn, "commander")
    await desk.send(type="hello", now=START, token=token)
    await desk.send(type="watch", areas=[], layers=["positions"])
    await desk.hear_type("snapshot")
    (peer,) = [one for one in served.hub._room_of if one.session.actor.person == person]

    async def walks(seq: int) -> int:
        at = served.clock.forward(MINUTE)
        fix = [at, 23.29, 113.81, 10]
        await phone.send(type="fixes", seq=seq, assignment=assignment, fixes=[fix])
        await phone.hear_type("ack")
        await asyncio.sleep(0.5)
        return at

    junk = Shared(json.dumps({"type": "live", "x": os.urandom(20_000).hex()}).encode())
    count = next(n for n in range(MESSAGES) if not peer.offer(junk))
    newest = [await walks(seq) for seq in range(3)][-1]
    assert LAGGING_BYTES < peer.unsent() < LAGGING_BYTES + 100_000
    for _ in range(count):
        await desk.hear_type("live")
    shown = await positions(desk)
    assert (shown["type"], shown["data"]["people"][0][4]) == ("snapshot", newest)
    at = await walks(3)
    shown = await positions(desk)
    assert (shown["type"], shown["people"][0][4]) == ("positions", at)
    for raw in (phone, desk):
        raw.writer.close()
