"""Hours on duty become credit by their proof, once, and are corrected when late messages change them."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from alliance import events
from alliance.actor import DistrictId
from alliance.credit import actions
from alliance.times import to_ms
from tests.incidents.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Shift:
    """An eight-hour shift of the first guard that ended half an hour before the clock's now."""

    def __init__(self, world: World, assignment: int, start: datetime) -> None:
        self.world = world
        self.assignment = assignment
        self.start = start

    async def mark(
        self,
        kind: str,
        hours: float,
        *,
        auto: bool = False,
        late: bool = False,
    ) -> None:
        at = self.start + timedelta(hours=hours)
        async with self.world.service.pool.acquire() as conn:
            await conn.execute(
                """
                insert into attendance (district_id, assignment, kind, at, received_at, auto)
                values ($1, $2, $3, $4, $5, $6)
                """,
                self.world.district,
                self.assignment,
                kind,
                at,
                self.world.service.clock.now if late else at,
                auto,
            )

    async def visited(self, first: float, last: float) -> None:
        day = (self.start + timedelta(hours=8)).date()
        async with self.world.service.pool.acquire() as conn:
            await conn.execute(
                f"""
                create table if not exists visit_{day:%Y%m%d} partition of visit
                for values from ('{day}') to ('{day + timedelta(days=1)}')
                """
            )
            await conn.execute(
                """
                insert into visit (district_id, duty_day, assignment, from_at, to_at, cell)
                values ($1, $2, $3, $4, $5, 7)
                """,
                self.world.district,
                day,
                self.assignment,
                to_ms(self.start + timedelta(hours=first)),
                to_ms(self.start + timedelta(hours=last)),
            )


async def shift(world: World) -> Shift:
    start = world.service.clock.now - timedelta(hours=8.5)
    async with world.service.pool.acquire() as conn:
        assignment = await world.assign(conn, "o1 guard", "b1", start, 8)
    return Shift(world, assignment, start)


async def tick(world: World) -> int:
    """What the timed job does, until nothing is left."""
    async with events.transaction(world.service.pool, DistrictId(world.district)) as tx:
        count = await actions.credit_ended(tx, world.service.clock.now)
        assert await actions.credit_ended(tx, world.service.clock.now) == 0
    return count


async def credits(world: World) -> list[tuple[int, str]]:
    items: list[dict[str, Any]] = (await world.get("commander", "/ledger"))["items"][::-1]
    return [(one["amount"], one["reason"]) for one in items]


async def test_tracked_hours_are_credited_once_with_where_they_were_served(world: World) -> None:
    one = await shift(world)
    await one.mark("in", 0)
    await one.mark("out", 7.5)
    await one.visited(0, 6.2)
    assert await tick(world) == 1
    assert await tick(world) == 0
    (entry,) = (await world.get("commander", "/ledger"))["items"]
    assert (entry["amount"], entry["kind"], entry["source"]) == (
        750,
        "duty",
        {"kind": "assignment", "id": one.assignment},
    )
    assert (entry["beat"], entry["station"], entry["town"], entry["grid"]) == ("b1", "s1", "t1", None)
    assert "tracked" in entry["reason"]


async def test_a_thin_track_earns_nothing_until_an_officer_attests_it(world: World) -> None:
    one = await shift(world)
    await one.mark("in", 0)
    await one.mark("out", 8)
    await one.visited(0, 6.2)
    assert await tick(world) == 1
    assert await credits(world) == []
    path = f"/duties/{one.assignment}/attest"
    assert (await world.ask("o1 guard", "POST", path)).status_code == 403
    assert (await world.ask("far officer", "POST", path)).status_code == 403
    assert (await world.ask("officer", "POST", path)).status_code == 200
    ((amount, reason),) = await credits(world)
    assert (amount, "attested" in reason) == (640, True)
    assert (await world.ask("officer", "POST", path)).json()["items"] == []
    await world.turn_to(world.service.clock.now + timedelta(hours=73))
    assert await tick(world) == 1
    assert len(await credits(world)) == 1  # what a person vouched for, time doesn't undo


async def test_an_automatic_check_out_counts_only_when_attested(world: World) -> None:
    one = await shift(world)
    await one.mark("in", 0)
    await one.mark("out", 8, auto=True)
    await one.visited(0, 8)
    await tick(world)
    assert await credits(world) == []
    assert (await world.ask("officer", "POST", f"/duties/{one.assignment}/attest")).status_code == 200
    assert [amount for amount, _ in await credits(world)] == [640]


async def test_late_messages_correct_what_was_credited(world: World) -> None:
    one = await shift(world)
    await one.mark("in", 0)
    await one.mark("out", 8, auto=True)
    await one.visited(0, 8)
    await tick(world)
    world.service.clock.turn(hours=2)
    await one.mark("out", 4, late=True)
    assert await tick(world) == 1
    world.service.clock.turn(hours=1)
    await one.mark("in", 5, late=True)
    await one.mark("out", 6, late=True)
    assert await tick(world) == 1
    assert [amount for amount, _ in await credits(world)] == [400, -400, 500]
    assert (await world.get("o1 guard", "/me/credits"))["total"] == 500


async def test_visits_that_arrive_late_count_at_the_last_look(world: World) -> None:
    one = await shift(world)
    await one.mark("in", 0)
    await one.mark("out", 8)
    await tick(world)
    assert await credits(world) == []
    await one.visited(0, 8)
    await world.turn_to(world.service.clock.now + timedelta(hours=72))
    assert await tick(world) == 0
    await world.turn_to(world.service.clock.now + timedelta(hours=1))
    assert await tick(world) == 1
    assert [amount for amount, _ in await credits(world)] == [800]


async def test_a_duty_that_runs_or_was_never_begun_earns_nothing(world: World) -> None:
    running = await world.on_duty("o1 guard")
    async with world.service.pool.acquire() as conn:
        start = world.service.clock.now - timedelta(hours=20)
        await world.assign(conn, "o2 guard", "b1", start, 8)
    assert await tick(world) == 0
    attested = await world.ask("officer", "POST", f"/duties/{running}/attest")
    assert (attested.status_code, attested.json()["code"]) == (409, "too_early")
