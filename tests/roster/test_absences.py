"""Somebody doesn't come: the duty is cancelled with its reason, and a hole is there to be seen."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.roster.force import Force, force

ILL = {"kind": "illness", "reason": "发烧"}


@pytest.fixture
async def met(dsn: str, tmp_path: Path) -> AsyncIterator[Force]:
    async with force(dsn, tmp_path, ["甲", "乙", "丙"]) as made:
        yield made


async def test_who_is_ill_says_so_and_the_duty_leaves_a_hole(met: Force) -> None:
    duty = await met.put("甲", 1, "early")
    await met.put("乙", 1, "early")
    hole = await met.done("甲", f"/assignments/{duty}/absence", ILL)
    assert (hole["state"], hole["cause"], hole["absent_name"], hole["people"]) == ("open", "illness", "甲", 1)
    assert await met.duties("甲") == []
    kept = await met.pool.fetchrow(
        "select cancelled_at, cancel_kind, cancel_reason, cancelled_by from assignment where id = $1", duty
    )
    assert tuple(kept) == (met.service.clock.now, "illness", "发烧", met.people["甲"])
    assert await met.kinds() == ["assignment_cancelled", "hole_opened"]
    again = await met.refused("甲", f"/assignments/{duty}/absence", ILL)
    assert again["code"] == "out_of_order"


async def test_an_own_absence_needs_a_reason(met: Force) -> None:
    duty = await met.put("甲", 1, "early")
    refused = await met.refused("甲", f"/assignments/{duty}/absence", {"kind": "leave"})
    assert (refused["code"], "reason" in refused["detail"]) == ("bad_request", True)


async def test_who_may_speak_for_others(met: Force) -> None:
    for n, who in enumerate(("commander", "officer", "manager", "elsewhere", "乙")):
        duty = await met.put("甲", n % 2, ("late", "night", "late")[n // 2])
        answer = await met.as_(who, "POST", f"/assignments/{duty}/absence", {"kind": "certificate"})
        assert answer.status_code == (201 if n < 3 else 403), who
    seen = {who: len(await met.items(who, "/holes")) for who in ("commander", "manager", "elsewhere", "乙")}
    assert seen == {"commander": 3, "manager": 3, "elsewhere": 0, "乙": 0}


async def test_nobody_says_of_oneself_not_to_have_come(met: Force) -> None:
    duty = await met.put("甲", 0, "early")
    refused = await met.refused("甲", f"/assignments/{duty}/absence", {"kind": "no_show", "reason": "x"})
    assert refused["code"] == "forbidden"


async def test_a_no_show_is_none_before_the_shift_begins(met: Force) -> None:
    duty = await met.put("甲", 1, "early")
    refused = await met.refused("officer", f"/assignments/{duty}/absence", {"kind": "no_show"})
    assert refused["code"] == "too_early"


async def test_who_has_checked_in_is_not_absent(met: Force) -> None:
    duty = await met.put("甲", 0, "early")
    at = int(met.service.clock.now.timestamp() * 1000)
    await met.done("甲", "/check-ins", {"key": "in", "assignment": duty, "at": at})
    refused = await met.refused("officer", f"/assignments/{duty}/absence", ILL)
    assert refused["code"] == "conflict"


async def test_who_has_not_come_in_time_is_missed_and_may_still_come(met: Force) -> None:
    """The early shift began at 06:00, it is noon."""
    late, present = await met.put("甲", 0, "early"), await met.put("乙", 0, "early")
    at = int(met.service.clock.now.timestamp() * 1000)
    await met.done("乙", "/check-ins", {"key": "in", "assignment": present, "at": at})
    assert await met.look_for_no_shows() == 1
    assert await met.look_for_no_shows() == 0
    (hole,) = await met.items("commander", "/holes?open=true")
    assert (hole["cause"], hole["absent_name"], hole["assignment"]) == ("no_show", "甲", late)
    await met.done("甲", "/check-ins", {"key": "late", "assignment": late, "at": at})
    assert await met.items("commander", "/holes?open=true") == []
    (closed,) = await met.items("commander", "/holes")
    assert (closed["state"], closed["end_reason"]) == ("closed", "came")
    assert await met.look_for_no_shows() == 0


async def test_a_district_may_look_for_no_one_by_time(met: Force) -> None:
    await met.put("甲", 0, "early")
    off = {"changes": {"no_show_minutes": None}}
    await met.pool.execute("update district set settings = $1", off)
    assert await met.look_for_no_shows() == 0


async def test_nobody_is_missed_within_the_districts_patience(met: Force) -> None:
    await met.put("甲", 0, "early")
    await met.pool.execute("update district set settings = $1", {"changes": {"no_show_minutes": 240}})
    met.service.clock.turn(hours=-2, minutes=-1)
    assert await met.look_for_no_shows() == 0
    met.service.clock.turn(minutes=1)
    assert await met.look_for_no_shows() == 1


async def test_more_people_are_needed_than_planned(met: Force) -> None:
    wanted = {
        "post": met.posts["P1"],
        "shift": met.shifts[1, "late"],
        "people": 40,
        "certified": 5,
        "reason": "广场灯会",
    }
    hole = await met.done("officer", "/holes", wanted, idempotency_key="k")
    assert (hole["people"], hole["filled"], hole["certified"], hole["cause"]) == (40, 0, 5, "extra")
    again = await met.done("officer", "/holes", wanted, idempotency_key="k")
    assert again["id"] == hole["id"]
    assert (await met.refused("elsewhere", "/holes", wanted))["code"] == "forbidden"
    assert (await met.refused("officer", "/holes", wanted | {"certified": 41}))["code"] == "bad_request"
    assert (await met.refused("officer", "/holes", wanted | {"shift": 999}))["code"] == "not_found"


async def test_a_hole_may_be_left_empty_with_a_reason(met: Force) -> None:
    duty = await met.put("甲", 1, "early")
    hole = await met.done("officer", f"/assignments/{duty}/absence", ILL)
    refused = await met.as_("elsewhere", "POST", f"/holes/{hole['id']}/close", {"reason": "x"})
    assert refused.status_code == 403
    closed = await met.done("officer", f"/holes/{hole['id']}/close", {"reason": "雨天停巡"})
    assert (closed["state"], closed["end_reason"]) == ("closed", "雨天停巡")
    assert await met.items("officer", "/holes?open=true") == []
