"""Scans over the feed: durable before acknowledged, in order with check-ins, and live at once."""

import asyncio
from typing import Any

import pytest

from alliance.actor import Actor, AssignmentId, Grant, OrganisationId, PersonId, Role
from alliance.errors import Refused
from alliance.events import transaction
from alliance.feed.hub import Hub
from alliance.patrol import actions, checkpoints, scans
from alliance.patrol.checkpoints import NewCheckpoint
from alliance.patrol.model import Stamp, StampKind
from alliance.times import from_ms
from geo import cell as hexes
from ops.benches import mini
from ops.benches.mini import DISTRICT, MIDDLE
from tests.feed.conftest import MINUTE, START, Phone, Served
from tests.feed.test_feed import fix, on_duty

COMMAND = Actor(
    district=DISTRICT,
    person=PersonId(1),
    organisation=OrganisationId(1),
    grants=(Grant(role=Role.COMMANDER),),
)
CELL = hexes.at(*MIDDLE)


async def made(served: Served, name: str = "北门") -> tuple[int, str]:
    """A checkpoint's number and its key."""
    async with transaction(served.pool, DISTRICT) as tx:
        wanted = NewCheckpoint(name=name, lat=MIDDLE[0], lon=MIDDLE[1])
        found = await checkpoints.make(tx, COMMAND, wanted, from_ms(START))
        (printed,) = await checkpoints.sheet(tx.conn, COMMAND, [found.id], "https://a.example")
    return found.id, printed.link.rpartition("=")[2]


async def stored(served: Served) -> list[tuple[Any, ...]]:
    """(at, cell) of the scans, each of which is a visit, and how often it was told."""
    async with served.pool.acquire() as conn:
        rows = await conn.fetch("select at, cell from scan order by at")
        visits = await conn.fetch("select from_at, cell from visit where checkpoint order by from_at")
        told = await conn.fetchval("select count(*) from event where kind = 'checkpoint_scanned'")
    assert [tuple(row) for row in rows] == [tuple(row) for row in visits]
    assert told >= len(rows)
    return [(row["at"], hexes.from_int(row["cell"])) for row in rows]


async def covered(desk: Phone) -> list[list[Any]]:
    return list((await desk.next("coverage"))["cells"])


async def test_a_scan_is_acknowledged_once_and_covers_its_cell_at_once(served: Served) -> None:
    number, key = await made(served)
    async with served.pool.acquire() as conn:
        _, token = await mini.make_person(conn, "commander")
    desk = await served.phone(token)
    await desk.send(type="watch", areas=[], layers=["coverage"])
    assert (await desk.next("snapshot"))["data"]["cells"] == []
    phone = await on_duty(served)
    message = {"type": "scan", "key": "s1", "checkpoint": key, "at": START}
    first = await phone.ask(**message)
    assert first["type"] == "ack"
    assert first["result"] == {
        "checkpoint": number,
        "code": first["result"]["code"],
        "name": "北门",
        "cell": CELL,
        "assignment": served.world.assignments[0],
        "at": START,
    }
    told = await desk.next("event", kind="checkpoint_scanned")
    # A fact stays for good, so it says no more of the place than a check-in.
    person, assignment = served.world.people[0], served.world.assignments[0]
    beat = told["data"]["beat"]
    assert told["data"] == {"assignment": assignment, "person": person, "beat": beat, "at": START}
    ((cell, until),) = await covered(desk)
    assert (cell, until > START) == (CELL, True)
    assert await phone.ask(**message) == first
    # Another key for the same moment is the same scan.
    assert (await phone.ask(**{**message, "key": "s2"}))["result"] == first["result"]
    assert await stored(served) == [(START, CELL)]


async def test_scans_keep_their_order_with_check_ins(served: Served) -> None:
    """As a phone without a network sends them afterwards: all at once, without waiting for an answer."""
    _, key = await made(served)
    phone = await served.phone(served.world.tokens[0])
    assignment = served.world.assignments[0]
    served.clock.forward(60 * MINUTE)
    await phone.send(type="check_in", key="in", assignment=assignment, at=START)
    await phone.send(type="scan", key="a", checkpoint=key, at=START + 5 * MINUTE)
    await phone.send(type="fixes", seq=1, assignment=assignment, fixes=[fix(START + 6 * MINUTE)])
    await phone.send(type="check_out", key="out", assignment=assignment, at=START + 10 * MINUTE)
    await phone.send(type="scan", key="b", checkpoint=key, at=START + 8 * MINUTE)
    await phone.send(type="scan", key="c", checkpoint=key, at=START + 11 * MINUTE)
    answers: dict[str, dict[str, Any]] = {}
    while len(answers) < 5:
        answer = await phone.next()
        if answer.get("key"):
            answers[answer["key"]] = answer
    assert {name: answer["type"] for name, answer in answers.items()} == {
        **dict.fromkeys(("in", "a", "out", "b"), "ack"),
        "c": "refused",
    }
    assert (answers["c"]["code"], "check in" in answers["c"]["detail"]) == ("off_duty", True)
    assert [at for at, _ in await stored(served)] == [START + 5 * MINUTE, START + 8 * MINUTE]


@pytest.mark.parametrize(
    ("at", "code"),
    [(START + 3 * MINUTE, "clock_ahead"), (START - MINUTE, "off_duty"), (-(2**53), "too_late")],
)
async def test_a_scan_out_of_time_is_refused_and_its_key_stays_free(
    served: Served, at: int, code: str
) -> None:
    _, key = await made(served)
    phone = await on_duty(served)
    refused = await phone.ask(type="scan", key="s", checkpoint=key, at=at)
    assert (refused["type"], refused["code"]) == ("refused", code)
    assert await stored(served) == []
    assert (await phone.ask(type="scan", key="s", checkpoint=key, at=START))["type"] == "ack"


async def test_an_unreadable_scan_names_its_field(served: Served) -> None:
    phone = await on_duty(served)
    refused = await phone.ask(type="scan", key="s", at=START)
    assert (refused["code"], "checkpoint" in refused["detail"]) == ("bad_message", True)
    refused = await phone.ask(type="scan", key="s", checkpoint="nothing", at=START)
    assert (refused["code"], "police room" in refused["detail"]) == ("unknown_key", True)


async def test_a_late_check_out_takes_back_the_scans_after_it(served: Served) -> None:
    _, key = await made(served)
    phone = await on_duty(served)
    served.clock.forward(12 * MINUTE)
    for n in (5, 11):
        await phone.ask(type="scan", key=f"s{n}", checkpoint=key, at=START + n * MINUTE)
    await agreed(served.hub, served, START + 11 * MINUTE)
    await phone.ask(
        type="check_out", key="out", assignment=served.world.assignments[0], at=START + 10 * MINUTE
    )
    assert [at for at, _ in await stored(served)] == [START + 5 * MINUTE]
    await agreed(served.hub, served, START + 5 * MINUTE)


async def test_a_check_out_on_its_way_at_the_same_time_misses_no_scan(served: Served) -> None:
    """Through another process: neither knows of the other before the commit."""
    _, key = await made(served)
    await on_duty(served)
    served.clock.forward(12 * MINUTE)
    now, guard = served.clock(), actor(served, 0)
    early = Stamp(
        kind=StampKind.OUT, assignment=AssignmentId(served.world.assignments[0]), at=START + 5 * MINUTE
    )

    async def check_out() -> None:
        async with transaction(served.pool, DISTRICT) as tx:
            await actions.stamp(tx, guard, early, now)

    async with transaction(served.pool, DISTRICT) as tx:
        await scans.scan(tx, guard, key, START + 10 * MINUTE, now)
        leaving = asyncio.create_task(check_out())
        await asyncio.sleep(0.3)
    await leaving
    assert await stored(served) == []
    async with transaction(served.pool, DISTRICT) as tx:
        with pytest.raises(Refused, match="check in"):
            await scans.scan(tx, guard, key, START + 10 * MINUTE, now)


def actor(served: Served, n: int) -> Actor:
    return Actor(
        district=DISTRICT,
        person=PersonId(served.world.people[n]),
        organisation=OrganisationId(1),
        grants=(Grant(role=Role.GUARD),),
    )


async def agreed(hub: Hub, served: Served, scanned: int) -> None:
    """The live state covers the cell for as long as a scan at that instant does."""
    room = await hub.room(DISTRICT)
    place = room.places.index(hexes.to_int(CELL))
    wanted = scanned + int(room.places.target_ms[place])
    assert wanted > served.clock.at
    async with asyncio.timeout(5):
        while int(room.live.covered[place]) != wanted:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_scans_outlive_a_restart(served: Served) -> None:
    _, key = await made(served)
    phone = await on_duty(served)
    served.clock.forward(6 * MINUTE)
    await phone.ask(type="scan", key="s", checkpoint=key, at=START + 5 * MINUTE)
    await agreed(served.hub, served, START + 5 * MINUTE)
    again = Hub(served.hub.config, served.pool, served.clock, dsn=str(served.hub.config.database_url))
    await again.start()
    try:
        await agreed(again, served, START + 5 * MINUTE)
    finally:
        await again.stop()
