"""While the database stands still little is kept in memory; once it goes on, everything is, by itself."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from alliance.feed.socket import MOST_WAITING
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
