"""Ranked minimal changes that fill a hole, and one of them carried out, once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.roster.force import Force, force, guard

ILL = {"kind": "illness", "reason": "发烧"}


@pytest.fixture
async def met(dsn: str, tmp_path: Path) -> AsyncIterator[Force]:
    """甲 and 乙 stand early tomorrow at P1; 丙, 丁 and 戊 at P2 nearby, one too many; 己 is free."""
    async with force(dsn, tmp_path, ["甲", "乙", "丙", "丁", "戊", "己"]) as made:
        for name, code in (("甲", "P1"), ("乙", "P1"), ("丙", "P2"), ("丁", "P2"), ("戊", "P2")):
            made.duty[name] = await made.put(name, 1, "early", code)
        yield made


async def fallen_out(met: Force) -> dict[str, Any]:
    return await met.done("officer", f"/assignments/{met.duty['甲']}/absence", ILL)


async def there(met: Force, code: str) -> set[str]:
    records = await met.pool.fetch(
        """
        select p.name from assignment a join person p on p.id = a.person
        where a.post = $1 and a.published and a.cancelled_at is null
        """,
        met.posts[code],
    )
    return {name for (name,) in records}


def who(option: dict[str, Any]) -> set[str]:
    return set(option["names"]["people"].values())


async def test_the_free_one_and_the_one_too_many_are_found_and_ranked(met: Force) -> None:
    hole = await fallen_out(met)
    options = await met.items("commander", f"/holes/{hole['id']}/repairs")
    values = [one["value"] for one in options]
    assert values == sorted(values, reverse=True)
    assert all(one["value"] == pytest.approx(sum(one["change"].values())) for one in options)
    alone = {frozenset(who(one)): one["kind"] for one in options if len(one["steps"]) == 1}
    assert alone[frozenset({"己"})] == "fill"
    assert {frozenset({name}) for name in ("丙", "丁", "戊")} <= set(alone)
    assert not any("甲" in who(one) for one in options)


async def test_one_is_carried_out_and_the_phones_hear_of_it(met: Force) -> None:
    hole = await fallen_out(met)
    options = await met.items("commander", f"/holes/{hole['id']}/repairs")
    move = next(one for one in options if who(one) == {"戊"})
    done = await met.done("commander", f"/holes/{hole['id']}/repair", {"steps": move["steps"]})
    assert (done["state"], done["filled"]) == ("filled", 1)
    assert (await there(met, "P1"), await there(met, "P2")) == ({"乙", "戊"}, {"丙", "丁"})
    assert [post for post, _ in await met.duties("戊")] == ["P1"]
    assert await met.items("commander", "/holes?open=true") == []
    kept = await met.pool.fetchval("select cancel_kind from assignment where id = $1", met.duty["戊"])
    assert kept == "moved"


async def test_whoever_is_missing_elsewhere_then_leaves_the_next_hole(met: Force) -> None:
    hole = await fallen_out(met)
    await met.done("commander", f"/assignments/{met.duty['戊']}/absence", ILL)
    async with met.pool.acquire() as conn:
        met.people["庚"] = await guard(conn, met.company, "庚")
    await met.put("庚", 1, "early", "P2")
    steps = [
        {
            "person": met.people[name],
            "source": {"post": met.posts["P2"], "shift": met.shifts[1, "early"]},
            "target": {"post": met.posts["P1"], "shift": met.shifts[1, "early"]},
        }
        for name in ("丙",)
    ]
    await met.done("commander", f"/holes/{hole['id']}/repair", {"steps": steps})
    assert await there(met, "P1") == {"乙", "丙"}
    left = [one for one in await met.items("commander", "/holes?open=true") if one["cause"] == "moved"]
    assert left == [], "P2 still has its two"
    second = await met.done("commander", f"/assignments/{met.duty['乙']}/absence", ILL)
    steps[0] |= {"person": met.people["丁"]}
    refused = await met.refused("commander", f"/holes/{second['id']}/repair", {"steps": steps})
    assert [one["rule"] for one in refused["violations"]] == ["not_alone"], "庚 would stand there alone"


async def test_of_two_officers_at_once_one_wins_and_the_other_is_told(met: Force) -> None:
    hole = await fallen_out(met)
    options = await met.items("commander", f"/holes/{hole['id']}/repairs")
    first, second = (next(one for one in options if who(one) == {name}) for name in ("己", "戊"))
    answers = await asyncio.gather(
        met.as_("commander", "POST", f"/holes/{hole['id']}/repair", {"steps": first["steps"]}),
        met.as_("administrator", "POST", f"/holes/{hole['id']}/repair", {"steps": second["steps"]}),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    told = next(answer.json() for answer in answers if answer.status_code == 409)
    assert (told["code"], told["state"]) == ("out_of_order", "filled")
    assert len(await there(met, "P1")) == 2


async def test_it_is_checked_at_the_moment_of_carrying_it_out(met: Force) -> None:
    hole = await fallen_out(met)
    options = await met.items("commander", f"/holes/{hole['id']}/repairs")
    fill = next(one for one in options if who(one) == {"己"})
    await met.put("己", 0, "night", "P2")
    refused = await met.refused("commander", f"/holes/{hole['id']}/repair", {"steps": fill["steps"]})
    assert "rest" in [one["rule"] for one in refused["violations"]]
    await met.done("commander", f"/assignments/{met.duty['戊']}/absence", ILL)
    move = next(one for one in options if who(one) == {"戊"})
    refused = await met.refused("commander", f"/holes/{hole['id']}/repair", {"steps": move["steps"]})
    assert refused["code"] == "conflict"
    assert await there(met, "P1") == {"乙"}


async def test_an_officer_moves_the_people_of_the_own_beats(met: Force) -> None:
    """P2 lies on another beat."""
    hole = await fallen_out(met)
    options = await met.items("officer", f"/holes/{hole['id']}/repairs")
    move = next(one for one in options if who(one) == {"戊"})
    refused = await met.refused("officer", f"/holes/{hole['id']}/repair", {"steps": move["steps"]})
    assert refused["code"] == "forbidden"
    fill = next(one for one in options if who(one) == {"己"})
    done = await met.done("officer", f"/holes/{hole['id']}/repair", {"steps": fill["steps"]})
    assert done["state"] == "filled"


async def test_nobody_is_taken_from_a_duty_that_has_begun(met: Force) -> None:
    hole = await fallen_out(met)
    met.service.clock.turn(hours=19)
    options = await met.items("commander", f"/holes/{hole['id']}/repairs")
    assert options
    assert all(step["source"] is None for one in options for step in one["steps"])
