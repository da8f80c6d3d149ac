"""Confirming and striking: credited once, shared exactly, taken back whole, by nobody who took part."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests import make
from tests.incidents.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def closed(world: World, kind: str = "arrest", *names: str, **fields: Any) -> int:
    """A closed incident, reported by the first guard together with the others."""
    participants = [world.people[name] for name in names]
    number: int = (await world.report("o1 guard", kind, participants=participants, **fields))["incident"]
    done = await world.step("officer", number, "close")
    assert done.status_code == 200, done.text
    return number


async def confirmed(world: World, kind: str = "arrest", *names: str, **fields: Any) -> int:
    number = await closed(world, kind, *names, **fields)
    done = await world.step("officer", number, "confirm", reason="属实")
    assert done.status_code == 200, done.text
    return number


async def entries(world: World) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await world.get("commander", "/ledger"))["items"]
    return items[::-1]


async def test_everyone_who_took_part_gets_a_share_and_the_shares_are_the_whole(world: World) -> None:
    number = await confirmed(world, "arrest", "o1 volunteer", "o2 guard")
    found = await entries(world)
    assert [(one["name"], one["amount"]) for one in found] == [
        ("o1 guard", 334),
        ("o1 volunteer", 333),
        ("o2 guard", 333),
    ]
    for one in found:
        assert (one["grid"], one["beat"], one["station"], one["town"]) == ("g1", "b1", "s1", "t1")
        assert (one["kind"], one["source"]) == ("arrest", {"kind": "incident", "id": number})
        assert one["duty_day"] == "2026-03-04"
        assert one["actor"] == world.people["officer"]
        assert "属实" in one["reason"]
    own = await world.get("o2 guard", "/me/credits")
    assert (own["total"], len(own["items"]), own["items"][0]["amount"]) == (333, 1, 333)
    page = await world.get("commander", f"/incidents/{number}")
    assert [one["n"] for one in page["credit"]] == [1, 2, 3]
    told = await world.events("credited")
    assert [(one["n"], one["amount"], one["incident"]) for one in told] == [
        (1, 334, number),
        (2, 333, number),
        (3, 333, number),
    ]


async def test_several_reports_of_one_incident_are_credited_once_to_each_person(world: World) -> None:
    first = await world.report("o1 guard", "incident", participants=[world.people["o2 guard"]])
    second = await world.report("o2 guard", "arrest")
    assert second["joined"]
    await world.step("officer", first["incident"], "close")
    await world.step("officer", first["incident"], "confirm")
    assert [(one["name"], one["kind"], one["amount"]) for one in await entries(world)] == [
        ("o1 guard", "arrest", 500),
        ("o2 guard", "arrest", 500),
    ]


async def test_two_officers_press_confirm_at_once_and_it_is_credited_once(world: World) -> None:
    number = await closed(world)
    body = {"version": 2}
    path = f"/incidents/{number}/confirm"
    answers = await asyncio.gather(
        *(world.ask(name, "POST", path, body) for name in ("officer", "other officer", "chief"))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412]
    assert [one["amount"] for one in await entries(world)] == [1000]
    again = await world.step("officer", number, "confirm")
    assert (again.status_code, again.json()["code"]) == (409, "out_of_order")


async def test_who_took_part_does_not_confirm(world: World) -> None:
    number = await closed(world, "arrest", "officer")
    own = await world.step("officer", number, "confirm")
    assert (own.status_code, own.json()["code"]) == (409, "rule_broken")
    assert "another officer" in own.json()["detail"]
    assert (await world.get("officer", f"/incidents/{number}"))["state"] == "closed"
    assert await entries(world) == []
    assert (await world.step("other officer", number, "confirm")).status_code == 200


@pytest.mark.parametrize(
    ("name", "status"), [("o1 guard", 403), ("o1 manager", 403), ("far officer", 404), ("chief", 200)]
)
async def test_only_police_of_the_place_confirm(world: World, name: str, status: int) -> None:
    number = await closed(world)
    assert (await world.step(name, number, "confirm")).status_code == status


async def test_striking_takes_everything_back_and_confirming_again_writes_anew(world: World) -> None:
    number = await confirmed(world, "arrest", "o2 guard")
    struck = await world.step("chief", number, "strike", reason="误认")
    assert (struck.status_code, struck.json()["state"]) == (200, "struck")
    found = await entries(world)
    assert [(one["amount"], one["reverses"]) for one in found] == [
        (500, None),
        (500, None),
        (-500, 1),
        (-500, 2),
    ]
    assert [one["reversed_by"] for one in found] == [3, 4, None, None]
    assert all("误认" in one["reason"] for one in found[2:])
    assert (await world.get("o2 guard", "/me/credits"))["total"] == 0
    assert (await world.step("chief", number, "confirm")).status_code == 200
    assert (await world.step("chief", number, "strike")).status_code == 200
    found = await entries(world)
    assert [one["reverses"] for one in found] == [None, None, 1, 2, None, None, 5, 6]
    assert sum(one["amount"] for one in found) == 0
    assert [one["reverses"] for one in await world.events("reversed")] == [1, 2, 5, 6]


async def test_what_was_struck_before_it_was_confirmed_brings_nothing(world: World) -> None:
    number = await closed(world)
    assert (await world.step("officer", number, "strike")).status_code == 200
    assert await entries(world) == []


@pytest.mark.parametrize(
    ("at", "amount", "reason"),
    [
        (datetime(2026, 3, 3, 13, 59, tzinfo=UTC), 1000, ""),
        (datetime(2026, 3, 3, 14, 0, tzinfo=UTC), 1500, "night"),
        (datetime(2026, 3, 3, 21, 59, tzinfo=UTC), 1500, "night"),
        (datetime(2026, 3, 3, 22, 0, tzinfo=UTC), 1000, ""),
    ],
)
async def test_the_night_counts_more_by_the_districts_own_clock(
    world: World, at: datetime, amount: int, reason: str
) -> None:
    await confirmed(world, at=int(at.timestamp() * 1000))
    (one,) = await entries(world)
    assert one["amount"] == amount
    assert (reason in one["reason"]) if reason else "night" not in one["reason"]


async def test_a_holiday_counts_double_whenever_it_is_confirmed(world: World) -> None:
    await world.turn_to(datetime(2026, 4, 5, 4, tzinfo=UTC))
    number = await closed(world, "medical")
    world.service.clock.turn(days=2)
    assert (await world.step("officer", number, "confirm")).status_code == 200
    (one,) = await entries(world)
    assert (one["amount"], one["duty_day"]) == (1000, "2026-04-05")


async def test_after_midnight_a_night_shifts_incident_belongs_to_its_duty_day(world: World) -> None:
    start = datetime(2026, 3, 4, 14, tzinfo=UTC)  # 22:00 local
    async with world.service.pool.acquire() as conn:
        await world.assign(conn, "o1 guard", "b1", start, 8)
    world.service.clock.now = start + timedelta(hours=5)
    await confirmed(world)
    assert [one["duty_day"] for one in await entries(world)] == ["2026-03-04"]


async def test_an_entry_keeps_the_organisation_and_team_of_its_time(world: World) -> None:
    async with world.service.pool.acquire() as conn:
        for code, beat in (("team1", "b1"), ("team0", "b3")):
            people = [world.people["o1 guard"]]
            await make.team(conn, code, beat, world.people["officer"], people, number=world.district)
    await confirmed(world)
    async with world.service.pool.acquire() as conn:
        await conn.execute(
            "update person set organisation = $3 where district_id = $1 and id = $2",
            world.district,
            world.people["o1 guard"],
            world.organisations["o2"],
        )
        await conn.execute("delete from team_member where district_id = $1", world.district)
    await confirmed(world, at=world.now(hours=3))
    assert [(one["organisation"], one["team"]) for one in await entries(world)] == [
        (world.organisations["o1"], "team1"),
        (world.organisations["o2"], None),
    ]


async def test_a_failed_confirmation_leaves_neither_state_nor_entry(world: World) -> None:
    number = await closed(world)
    async with world.service.pool.acquire() as conn:
        await conn.execute(
            f"alter table ledger_note add constraint broken check (district_id <> {world.district})"
        )
    try:
        broken = await world.step("officer", number, "confirm")
        assert broken.status_code == 500
    finally:
        async with world.service.pool.acquire() as conn:
            await conn.execute("alter table ledger_note drop constraint broken")
    assert (await world.get("officer", f"/incidents/{number}"))["state"] == "closed"
    assert await entries(world) == []
    assert (await world.get("officer", "/ledger/head"))["n"] == 0
    assert (await world.step("officer", number, "confirm")).status_code == 200


async def test_the_ledger_shows_each_only_what_concerns_them(world: World) -> None:
    await confirmed(world, "arrest", "o2 guard")
    await confirmed(world, "fire", at=world.now(hours=4))
    seen = {}
    for name in ("admin", "officer", "far officer", "o1 manager", "o2 manager", "o2 guard", "observer"):
        seen[name] = [one["n"] for one in (await world.get(name, "/ledger"))["items"]]
    assert seen == {
        "admin": [3, 2, 1],
        "officer": [3, 2, 1],
        "far officer": [],
        "o1 manager": [3, 1],
        "o2 manager": [2],
        "o2 guard": [2],
        "observer": [],
    }
    assert "o1" not in (await world.ask("o2 manager", "GET", "/ledger")).text
    guard = await world.get("o1 guard", "/ledger?limit=1")
    rest = await world.get("o1 guard", f"/ledger?limit=1&cursor={guard['next']}")
    assert ([one["n"] for one in guard["items"] + rest["items"]], rest["next"]) == ([3, 1], None)
