"""A roster from its draft to the phones of those on it, over HTTP, with the worker process that makes it."""

import asyncio
from datetime import date
from itertools import pairwise

import pytest

from alliance.actor import DistrictId
from alliance.events import transaction
from alliance.roster import making, store
from alliance.roster.model import NewRoster, RosterId
from tests.roster.district import MONDAY, SETTLED_TRIES, SUNDAY, District


async def test_a_week_is_drafted_checked_published_and_seen_by_its_people(district: District) -> None:
    draft = await district.drafted()
    assert (draft["state"], draft["hard_violations"]) == ("draft", 0)
    assert draft["assignments"] > 20
    assert draft["bound"] >= draft["objective"] - 1e-6
    room = draft["bound"] - draft["objective"]
    assert draft["gap"] == pytest.approx(room / abs(draft["bound"]), abs=0.02)
    guard_token = await district.service.token(district.guards[0])
    before = await district.service.ask("GET", f"/me/assignments?from_day={MONDAY}", guard_token)
    assert before.json()["items"] == []
    done = await district.publish(draft)
    assert done.status_code == 200, done.text
    assert done.json()["state"] == "published"
    mine = (await district.service.ask("GET", f"/me/assignments?from_day={MONDAY}", guard_token)).json()[
        "items"
    ]
    assert mine
    assert all(duty["duty_day"] != SUNDAY for duty in mine)
    assert all(duty["check_in_from"] == duty["start"] - 1_800_000 for duty in mine)
    assert all(beside["person"] != district.guards[0] for duty in mine for beside in duty["people"])


async def test_a_shortfall_tells_who_is_nearest_and_what_stands_in_their_way(district: District) -> None:
    draft = await district.drafted(bound_steps=20)
    assert draft["shortfalls"]
    for _ in range(SETTLED_TRIES):
        found = (await district.service.ask("GET", f"/rosters/{draft['id']}", district.commander)).json()
        told = [lack["detail"]["remedy"] for lack in found["shortfalls"] if "remedy" in lack["detail"]]
        if told:
            break
        await asyncio.sleep(0.1)
    assert len(told) == len(found["shortfalls"])
    named = [one for remedy in told for one in (*remedy["able"], *remedy["unable"])]
    assert {one["person"] for one in named} <= set(district.guards)
    assert all(one["violations"] for remedy in told for one in remedy["unable"])
    assert any(remedy["unable"] for remedy in told)


async def test_nobody_is_planned_in_leave_taken_before_publishing(district: District) -> None:
    draft = await district.drafted()
    planned = (
        await district.service.ask("GET", f"/rosters/{draft['id']}/assignments", district.commander)
    ).json()["items"]
    async with district.service.pool.acquire() as conn:
        await conn.execute(
            """
            insert into leave (district_id, person, starts_at, ends_at, kind)
            values (1, $1, '2026-03-08', '2026-03-20', 'sick')
            """,
            planned[0]["person"],
        )
    refused = await district.publish(draft)
    assert refused.status_code == 409
    assert refused.json()["code"] == "rule_broken"
    assert (await district.settled(draft["id"]))["state"] == "draft"


async def test_two_rosters_never_share_a_published_day(district: District) -> None:
    first = await district.drafted()
    second = await district.drafted("2026-03-15", "2026-03-16")
    assert (await district.publish(first)).status_code == 200
    clash = await district.publish(second)
    assert (clash.status_code, clash.json()["code"]) == (409, "conflict")


async def test_two_officers_who_publish_at_once_publish_once(district: District) -> None:
    draft = await district.drafted()
    answers = await asyncio.gather(district.publish(draft), district.publish(draft))
    assert sorted(answer.status_code for answer in answers) == [200, 412]


async def test_a_roster_begins_with_the_rest_that_the_last_one_left(district: District) -> None:
    """Published duties of the week before count: nobody's Monday begins within 11 h of a Sunday night."""
    async with district.service.pool.acquire() as conn:
        await conn.executemany(
            """
            insert into availability (district_id, person, weekday, start_minute, end_minute)
            values (1, $1, 6, 0, 1920)
            """,
            [(person,) for person in district.guards],
        )
    first = await district.drafted()
    assert (await district.publish(first)).status_code == 200
    second = await district.drafted("2026-03-16", "2026-03-18")
    assert (second["state"], second["hard_violations"]) == ("draft", 0)
    assert (await district.publish(second)).status_code == 200
    async with district.service.pool.acquire() as conn:
        duties = await conn.fetch(
            "select person, starts_at, ends_at from assignment order by person, starts_at"
        )
    rests = [
        (later["starts_at"] - earlier["ends_at"]).total_seconds() / 3600
        for earlier, later in pairwise(duties)
        if earlier["person"] == later["person"]
    ]
    assert min(rests) >= 11


async def test_who_sees_which_assignments(district: District) -> None:
    draft = await district.drafted()
    path = f"/rosters/{draft['id']}/assignments?limit=500"
    assert (await district.service.ask("GET", path, district.officer)).json()["items"] == []
    assert (await district.publish(draft)).status_code == 200
    seen = (await district.service.ask("GET", path, district.officer)).json()["items"]
    assert {duty["beat"] for duty in seen} == {"b3"}
    assert (await district.service.ask("GET", path, district.stranger)).json()["items"] == []
    own = await district.service.token(district.guards[1])
    mine = (await district.service.ask("GET", path, own)).json()["items"]
    assert {duty["person"] for duty in mine} == {district.guards[1]}
    refused = await district.service.ask("POST", "/rosters", own, {"first_day": MONDAY, "last_day": SUNDAY})
    assert refused.status_code == 403


async def test_a_draft_called_off_leaves_nothing_behind(district: District) -> None:
    draft = await district.drafted()
    gone = await district.service.ask("POST", f"/rosters/{draft['id']}/discard", district.commander)
    assert gone.json()["state"] == "discarded"
    async with district.service.pool.acquire() as conn:
        assert await conn.fetchval("select count(*) from assignment") == 0
    again = await district.publish(draft, version=gone.json()["version"])
    assert (again.status_code, again.json()["code"]) == (409, "out_of_order")


async def test_a_worker_that_died_is_reported(district: District) -> None:
    pool, now = district.service.pool, district.service.clock.now
    async with transaction(pool, DistrictId(1)) as tx:
        new = NewRoster(first_day=date.fromisoformat(MONDAY), last_day=date.fromisoformat(SUNDAY))
        number = (await making.begin(tx, new, None, now)).id
    district.service.clock.turn(minutes=2)
    async with pool.acquire() as conn:
        lost = await making.silent(conn, district.service.clock.now)
    assert lost == [(1, number)]
    async with transaction(pool, DistrictId(1)) as tx:
        assert await making.mark_lost(tx, number, "its worker is gone", district.service.clock.now)
    found = await district.settled(number)
    assert (found["state"], found["progress"]["problem"]) == ("failed", "its worker is gone")


@pytest.mark.parametrize(("first", "last"), [("2026-03-09", "2026-03-08"), ("2026-03-09", "2026-05-04")])
async def test_a_horizon_that_makes_no_sense_is_refused(district: District, first: str, last: str) -> None:
    asked = await district.service.ask(
        "POST", "/rosters", district.commander, {"first_day": first, "last_day": last}
    )
    assert asked.status_code == 400
    assert "last_day" in asked.json()["detail"]


async def test_a_post_repeated_with_its_key_makes_one_roster(district: District) -> None:
    body = {"first_day": MONDAY, "last_day": SUNDAY}
    answers = [
        await district.service.ask("POST", "/rosters", district.commander, body, idempotency_key="k1")
        for _ in range(2)
    ]
    numbers = {answer.json()["id"] for answer in answers}
    assert len(numbers) == 1
    await district.settled(RosterId(numbers.pop()))
    async with district.service.pool.acquire() as conn:
        assert len(await store.rosters(conn, DistrictId(1), 2**53, 10)) == 1
