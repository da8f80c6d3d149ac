"""Two agree, the checker says yes or why not, an officer decides: and both rosters change, or neither."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.roster.force import Force, force

EARLY, LATE = "early", "late"


@pytest.fixture
async def met(dsn: str, tmp_path: Path) -> AsyncIterator[Force]:
    """甲 and 乙 stand early tomorrow, 丙 and 丁 late; 戊 has nothing to do."""
    async with force(dsn, tmp_path, ["甲", "乙", "丙", "丁", "戊"]) as made:
        for name, pattern in (("甲", EARLY), ("乙", EARLY), ("丙", LATE), ("丁", LATE)):
            made.duty[name] = await made.put(name, 1, pattern)
        yield made


async def offered(met: Force, name: str, **more: Any) -> int:
    made = await met.done(name, "/swaps", {"assignment": met.duty[name], **more})
    number: int = made["id"]
    return number


async def approval(met: Force, wanted: bool) -> None:
    await met.pool.execute("update district set settings = $1", {"changes": {"swap_approval": wanted}})


async def standing(met: Force) -> set[tuple[str, str]]:
    """(name, pattern) of all published duties."""
    records = await met.pool.fetch(
        """
        select p.name, s.pattern from assignment a join person p on p.id = a.person
        join shift s on s.id = a.shift where a.published and a.cancelled_at is null
        """
    )
    return {(name, pattern) for name, pattern in records}


BEFORE = {("甲", EARLY), ("乙", EARLY), ("丙", LATE), ("丁", LATE)}


async def test_a_duty_is_handed_over_once_an_officer_agrees(met: Force) -> None:
    number = await offered(met, "甲", note="家里有事")
    (seen,) = await met.items("戊", "/me/swaps/open")
    assert (seen["id"], seen["name"], seen["note"]) == (number, None, "家里有事")
    agreed = await met.done("戊", f"/swaps/{number}/take", {})
    assert (agreed["state"], agreed["taker_name"]) == ("agreed", "戊")
    assert await standing(met) == BEFORE
    (waiting,) = await met.items("officer", "/swaps?open=true")
    assert (waiting["name"], waiting["taker_name"]) == ("甲", "戊")
    done = await met.done("officer", f"/swaps/{number}/approve")
    assert done["state"] == "done"
    assert await standing(met) == BEFORE - {("甲", EARLY)} | {("戊", EARLY)}
    assert await met.duties("甲") == []
    assert [post for post, _ in await met.duties("戊")] == ["P1"]
    kinds = await met.kinds()
    assert kinds == [
        "swap_offered",
        "swap_agreed",
        "assignment_cancelled",
        "assignment_made",
        "swap_done",
    ]


async def test_without_approval_it_is_done_at_once(met: Force) -> None:
    await approval(met, wanted=False)
    number = await offered(met, "甲", to=met.people["戊"])
    assert (await met.done("戊", f"/swaps/{number}/take", {}))["state"] == "done"
    assert ("戊", EARLY) in await standing(met)


async def test_an_exchange_needs_the_owner_too(met: Force) -> None:
    await approval(met, wanted=False)
    number = await offered(met, "甲")
    back = {"exchange": met.duty["丙"]}
    assert (await met.done("丙", f"/swaps/{number}/take", back))["state"] == "proposed"
    assert (await met.done("甲", f"/swaps/{number}/decline"))["state"] == "open"
    assert (await met.done("丙", f"/swaps/{number}/take", back))["state"] == "proposed"
    assert (await met.done("甲", f"/swaps/{number}/agree"))["state"] == "done"
    assert await standing(met) == {("丙", EARLY), ("乙", EARLY), ("甲", LATE), ("丁", LATE)}


async def test_both_halves_have_the_english_names_of_their_places(met: Force) -> None:
    await met.pool.execute("update post set name_en = 'Gate'")
    await met.pool.execute("update area set name_en = 'Beat one' where code = 'b1'")
    number = await offered(met, "甲", to=met.people["丙"])
    await met.done("丙", f"/swaps/{number}/take", {"exchange": met.duty["丙"]})
    (seen,) = await met.items("甲", "/me/swaps")
    for half in (seen["duty"], seen["exchange"]):
        assert (half["post_name"], half["post_name_en"]) == ("P1", "Gate")
        assert (half["beat_name"], half["beat_name_en"]) == ("b1", "Beat one")


async def test_the_checker_says_exactly_why_not(met: Force) -> None:
    """丙 would stand 06–14 and 14–22 on one day; 戊 has no longer agreed to any time."""
    number = await offered(met, "甲")
    refused = await met.refused("丙", f"/swaps/{number}/take", {})
    assert refused["code"] == "rule_broken"
    rules = {one["rule"]: one["explanation"] for one in refused["violations"]}
    assert rules["day_hours"]["hours"] == 16
    assert (rules["rest"]["hours"], rules["rest"]["limit"]) == (0, 11)
    await met.pool.execute("delete from availability where person = $1", met.people["戊"])
    refused = await met.refused("戊", f"/swaps/{number}/take", {})
    assert [one["explanation"]["reason"] for one in refused["violations"]] == ["not_offered"]
    assert await met.items("戊", "/me/swaps/open") == []
    assert await standing(met) == BEFORE


async def test_what_changed_before_the_officer_decides_is_found(met: Force) -> None:
    number = await offered(met, "甲")
    await met.done("戊", f"/swaps/{number}/take", {})
    await met.put("戊", 0, "night")
    refused = await met.refused("officer", f"/swaps/{number}/approve")
    assert "rest" in [one["rule"] for one in refused["violations"]]
    assert (await met.done("officer", f"/swaps/{number}/refuse", {"reason": "休息不足"}))[
        "state"
    ] == "refused"
    assert ("甲", EARLY) in await standing(met)


async def test_whose_swap_it_is(met: Force) -> None:
    number = await offered(met, "甲", to=met.people["戊"])
    assert (await met.refused("乙", f"/swaps/{number}/take", {}))["code"] == "not_yours"
    assert (await met.refused("甲", f"/swaps/{number}/take", {}))["code"] == "not_yours"
    assert (await met.refused("乙", f"/swaps/{number}/cancel"))["code"] == "not_yours"
    assert await met.items("乙", "/me/swaps") == []
    assert await met.items("乙", "/me/swaps/open") == []
    assert (await met.refused("乙", "/swaps", {"assignment": met.duty["甲"]}))["code"] == "not_yours"
    assert (await met.refused("甲", "/swaps", {"assignment": met.duty["甲"]}))["code"] == "conflict"
    assert (await met.done("戊", f"/swaps/{number}/decline"))["state"] == "cancelled"
    again = await offered(met, "甲")
    assert (await met.done("甲", f"/swaps/{again}/cancel"))["state"] == "cancelled"
    assert (await met.refused("戊", f"/swaps/{again}/take", {}))["code"] == "out_of_order"


async def test_only_the_beats_police_decide(met: Force) -> None:
    number = await offered(met, "甲")
    await met.done("戊", f"/swaps/{number}/take", {})
    for who in ("elsewhere", "乙", "manager"):
        assert (await met.refused(who, f"/swaps/{number}/approve"))["code"] == "forbidden", who


async def test_a_swap_ends_with_the_duty_it_is_about(met: Force) -> None:
    number = await offered(met, "甲")
    ill = {"kind": "illness", "reason": "发烧"}
    await met.done("甲", f"/assignments/{met.duty['甲']}/absence", ill)
    assert (await met.refused("戊", f"/swaps/{number}/take", {}))["code"] == "conflict"
    await offered(met, "乙")
    assert await met.expire_swaps() == 1
    met.service.clock.turn(days=2)
    assert await met.expire_swaps() == 1
    states = {one["reason"] for name in ("甲", "乙") for one in await met.items(name, "/me/swaps")}
    assert states == {"gone", "begun"}


async def test_of_two_who_take_it_at_once_one_has_it(met: Force) -> None:
    await approval(met, wanted=False)
    number = await offered(met, "甲")
    await met.pool.execute("update assignment set cancelled_at = now() where id = $1", met.duty["丙"])
    answers = await asyncio.gather(
        *(met.as_(name, "POST", f"/swaps/{number}/take", {}) for name in ("丙", "戊"))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    early = {name for name, pattern in await standing(met) if pattern == EARLY}
    assert len(early) == 2
    assert "甲" not in early
