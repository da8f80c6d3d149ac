"""Asking the right few, one after the other, until somebody takes it: and only one of them does."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.make import NOW
from tests.roster.force import Force, force, guard

ILL = {"kind": "illness", "reason": "发烧"}
EVERYONE = [f"卫{n}" for n in range(12)]


@pytest.fixture
async def met(dsn: str, tmp_path: Path) -> AsyncIterator[Force]:
    async with force(dsn, tmp_path, EVERYONE) as made:
        yield made


async def fallen_out(met: Force, day: int = 1, pattern: str = "early") -> dict[str, Any]:
    """The first guard is ill, the second stands there alone."""
    duty = await met.put(EVERYONE[0], day, pattern)
    await met.put(EVERYONE[1], day, pattern)
    return await met.done("officer", f"/assignments/{duty}/absence", ILL)


async def asked(met: Force, hole: dict[str, Any], **call: int) -> list[str]:
    """The names of those asked by a call-out."""
    detail = await met.done("officer", f"/holes/{hole['id']}/call", call)
    return [one["name"] for one in detail["offers"] if one["state"] == "asked"]


async def accept(met: Force, name: str, offer: int, **headers: str) -> Any:
    return await met.as_(name, "POST", f"/me/offers/{offer}/accept", **headers)


async def test_the_few_are_asked_and_the_first_to_accept_has_it(met: Force) -> None:
    hole = await fallen_out(met)
    names = await asked(met, hole, at_once=3, minutes=10)
    assert len(names) == 3
    assert not {EVERYONE[0], EVERYONE[1]} & set(names)
    (offer,) = await met.offers(names[1])
    assert (offer["post_name"], offer["beat"], offer["cause"]) == ("P1", "b1", "illness")
    assert offer["expires_at"] - offer["asked_at"] == 600_000
    answer = await accept(met, names[1], offer["id"])
    assert (answer.status_code, answer.json()["state"]) == (200, "accepted")
    assert [post for post, _ in await met.duties(names[1])] == ["P1"]
    late = await met.items(names[0], "/me/offers")
    assert [one["state"] for one in late] == ["withdrawn"]
    refused = await accept(met, names[0], late[0]["id"])
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    detail = await met.get("officer", f"/holes/{hole['id']}")
    assert (detail["state"], detail["filled"], detail["calling"]) == ("filled", 1, False)
    assert Counter(one["state"] for one in detail["offers"]) == {"accepted": 1, "withdrawn": 2}


async def test_declined_and_silent_offers_pass_on_to_the_next(met: Force) -> None:
    hole = await fallen_out(met)
    first = await asked(met, hole, at_once=2, minutes=10)
    (offer,) = await met.offers(first[0])
    said = await met.done(first[0], f"/me/offers/{offer['id']}/decline")
    assert said["state"] == "declined"
    assert (await met.done(first[0], f"/me/offers/{offer['id']}/decline"))["state"] == "declined"
    assert await met.tick() == 1
    met.service.clock.turn(minutes=10)
    assert await met.tick() == 2
    detail = await met.get("officer", f"/holes/{hole['id']}")
    names = [one["name"] for one in detail["offers"]]
    assert len(set(names)) == len(names) == 5, "nobody is asked twice"
    states = Counter(one["state"] for one in detail["offers"])
    assert states == {"declined": 1, "expired": 2, "asked": 2}
    over = next(one for one in detail["offers"] if one["state"] == "expired")
    refused = await accept(met, over["name"], over["id"])
    assert refused.json()["code"] == "out_of_order"


async def test_a_call_out_that_nobody_takes_ends_and_says_so(met: Force) -> None:
    hole = await fallen_out(met)
    await asked(met, hole, at_once=50)
    for name in EVERYONE[2:]:
        (offer,) = await met.offers(name)
        await met.done(name, f"/me/offers/{offer['id']}/decline")
    assert await met.tick() == 0
    detail = await met.get("officer", f"/holes/{hole['id']}")
    assert (detail["state"], detail["calling"], detail["said_no"]) == ("open", False, 10)
    assert "call_exhausted" in await met.kinds()


async def test_among_equals_whoever_was_asked_least_recently_goes_first(met: Force) -> None:
    first = await asked(met, await fallen_out(met), at_once=3, minutes=5)
    met.service.clock.turn(minutes=6)
    await met.tick()
    again = await met.done(
        "officer",
        "/holes",
        {"post": met.posts["P1"], "shift": met.shifts[1, "late"], "people": 2, "reason": "活动"},
    )
    candidates = [one["name"] for one in await met.items("officer", f"/holes/{again['id']}/candidates")]
    recent = {one["name"] for one in (await met.get("officer", f"/holes/{again['id'] - 1}"))["offers"]}
    assert set(first) <= recent
    assert set(candidates[-len(recent) :]) == recent


async def test_what_changed_since_the_question_is_a_clear_refusal(met: Force) -> None:
    """Leave taken meanwhile, a certificate gone, another duty too near: each is named, and kept."""
    hole = await fallen_out(met, 1, "night")
    names = await asked(met, hole, at_once=4)
    people = [met.people[name] for name in names]
    await met.pool.execute(
        """
        insert into leave (district_id, person, starts_at, ends_at, kind)
        values (1, $1, $2, $3, 'sick')
        """,
        *(people[0], NOW, NOW + timedelta(days=3)),
    )
    await met.pool.execute("update person set night_consent = false where id = $1", people[1])
    await met.put(names[2], 1, "late")
    rules = []
    for name in names[:3]:
        (offer,) = await met.offers(name)
        answer = await accept(met, name, offer["id"], idempotency_key="once")
        assert answer.status_code == 409
        rules.append([one["rule"] for one in answer.json()["violations"]])
        again = await accept(met, name, offer["id"], idempotency_key="once")
        assert again.json()["violations"] == answer.json()["violations"]
    assert rules[:2] == [["available"], ["night_consent"]]
    assert "rest" in rules[2]
    detail = await met.get("officer", f"/holes/{hole['id']}")
    assert [one["state"] for one in detail["offers"]] == ["refused"] * 3 + ["asked"]
    assert detail["offers"][0]["reason"] == "available"
    assert detail["state"] == "open"
    assert await met.duties(names[0]) == []


async def test_a_night_without_a_certified_guard_is_not_filled_by_anyone(met: Force) -> None:
    async with met.pool.acquire() as conn:
        met.people["新"] = await guard(conn, met.company, "新", certified=False)
    duty = await met.put(EVERYONE[0], 1, "night")
    await met.put("新", 1, "night")
    hole = await met.done("officer", f"/assignments/{duty}/absence", ILL)
    async with met.pool.acquire() as conn:
        met.people["新二"] = await guard(conn, met.company, "新二", certified=False)
    candidates = {one["name"] for one in await met.items("officer", f"/holes/{hole['id']}/candidates")}
    assert candidates == set(EVERYONE[1:])


async def test_an_offer_is_answered_by_whom_it_was_made_to(met: Force) -> None:
    names = await asked(met, await fallen_out(met), at_once=2)
    (offer,) = await met.offers(names[0])
    for path in ("accept", "decline"):
        refused = await met.refused(names[1], f"/me/offers/{offer['id']}/{path}")
        assert refused["code"] == "not_yours"


async def test_who_takes_one_place_is_no_longer_asked_for_another_at_that_time(met: Force) -> None:
    one = await fallen_out(met)
    (name,) = await asked(met, one, at_once=1)
    other = await met.done(
        "commander",
        "/holes",
        {"post": met.posts["P2"], "shift": met.shifts[1, "early"], "people": 2, "reason": "活动"},
    )
    detail = await met.done("commander", f"/holes/{other['id']}/call", {"at_once": 50})
    assert name not in [offer["name"] for offer in detail["offers"]]
    (offer,) = await met.offers(name)
    assert (await accept(met, name, offer["id"])).status_code == 200


async def test_a_stopped_call_out_withdraws_what_it_asked(met: Force) -> None:
    hole = await fallen_out(met)
    names = await asked(met, hole, at_once=3)
    detail = await met.done("officer", f"/holes/{hole['id']}/stop")
    assert (detail["state"], detail["calling"], detail["asked"]) == ("open", False, 0)
    assert await met.offers(names[0]) == []
    assert await met.tick() == 0


async def test_of_many_who_accept_at_once_exactly_one_has_it(met: Force) -> None:
    """And a repeat of the winner's own request tells the same."""
    hole = await fallen_out(met)
    names = await asked(met, hole, at_once=10)
    assert len(names) == 10
    offers = [(await met.offers(name))[0]["id"] for name in names]
    answers = await asyncio.gather(
        *(
            accept(met, name, offer, idempotency_key="k")
            for name, offer in zip(names, offers, strict=True)
            for _ in range(2)
        )
    )
    won = [n for n, answer in enumerate(answers) if answer.status_code == 200]
    assert len(won) == 2, "one person, the first request and its repeat"
    assert won[0] // 2 == won[1] // 2
    assert {answer.json()["code"] for answer in answers if answer.status_code != 200} == {"conflict"}
    standing = await met.pool.fetchval(
        "select count(*) from assignment where published and cancelled_at is null and post = $1",
        met.posts["P1"],
    )
    assert standing == 2


async def all_asked_for_all(met: Force) -> list[Any]:
    """Everyone is asked for each of three holes at the same time."""
    holes = []
    for code, people in (("P1", 3), ("P2", 2), ("P1", 4)):
        wanted = {"post": met.posts[code], "shift": met.shifts[1, "late"], "people": people, "reason": "活动"}
        holes.append((await met.done("commander", "/holes", wanted))["id"])
    made: list[Any] = await met.pool.fetch(
        """
        insert into offer (district_id, hole, person, state, asked_at, expires_at)
        select 1, h, p, 'asked', $3, $4 from unnest($1::bigint[]) h, unnest($2::bigint[]) p
        returning id, person
        """,
        *(holes, [met.people[name] for name in EVERYONE], NOW, NOW + timedelta(hours=1)),
    )
    return made


@pytest.mark.parametrize("seed", range(2))
async def test_whatever_comes_at_once_nobody_is_booked_twice_and_nothing_is_overfilled(
    met: Force, seed: int
) -> None:
    """Everyone answers all that was asked of them at once, in any order."""
    made = await all_asked_for_all(met)
    names = {number: name for name, number in met.people.items()}
    order = random.Random(seed).sample(made, len(made))

    async def answer(n: int, row: Any) -> int:
        path = "decline" if n % 7 == 0 else "accept"
        said = await met.as_(names[row["person"]], "POST", f"/me/offers/{row['id']}/{path}")
        return said.status_code

    codes = await asyncio.gather(*(answer(n, row) for n, row in enumerate(order)))
    assert set(codes) <= {200, 409}
    twice = await met.pool.fetch(
        """
        select a.person from assignment a join assignment b on a.person = b.person and a.id < b.id
        where a.cancelled_at is null and b.cancelled_at is null
          and a.starts_at < b.ends_at and b.starts_at < a.ends_at
        """
    )
    assert twice == []
    counts = await met.pool.fetch(
        """
        select h.people, h.filled, h.state,
               (select count(*) from assignment a where a.hole = h.id and a.cancelled_at is null) as there,
               (select count(*) from offer f where f.hole = h.id and f.state = 'accepted') as accepted
        from hole h order by h.id
        """
    )
    for row in counts:
        assert row["there"] == row["accepted"] == row["filled"] <= row["people"]
        assert (row["state"] == "filled") == (row["filled"] == row["people"])
    assert sum(row["filled"] for row in counts) >= 8


async def test_of_anyone_it_is_told_why_not(met: Force) -> None:
    hole = await fallen_out(met, 1, "night")
    await met.put("卫5", 1, "late", "P2")
    fits = {
        name: await met.get("commander", f"/holes/{hole['id']}/fit?person={met.people[name]}")
        for name in ("卫4", "卫5")
    }
    assert (fits["卫4"]["violations"], fits["卫4"]["name"]) == ([], "卫4")
    assert fits["卫4"]["value"] > 0
    rules = {one["rule"]: one["explanation"] for one in fits["卫5"]["violations"]}
    assert rules["rest"]["hours"] == 0
    unseen = await met.as_("officer", "GET", f"/holes/{hole['id']}/fit?person={met.people['manager']}")
    assert unseen.status_code == 404
