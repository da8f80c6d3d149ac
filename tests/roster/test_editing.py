"""A roster changed by hand over HTTP: scored, refused with its reason, kept with its audit, undone."""

import asyncio
from typing import Any

import httpx
import pytest

from alliance.actor import DistrictId
from alliance.roster import asked, assignment_store, drafting, store
from alliance.roster.model import RosterId
from scheduler.check import check
from scheduler.terms import terms
from tests.roster.district import MONDAY, District

ONE = DistrictId(1)


async def edit(
    district: District, roster: dict[str, Any], token: str | None = None, **change: Any
) -> httpx.Response:
    version = change.pop("version", roster["version"])
    headers = {"if_match": f'"{version}"'}
    if key := change.pop("key", None):
        headers["idempotency_key"] = key
    path = f"/rosters/{roster['id']}/edits"
    return await district.service.ask("POST", path, token or district.commander, change, **headers)


async def duties(district: District, roster: dict[str, Any]) -> list[dict[str, Any]]:
    path = f"/rosters/{roster['id']}/assignments?limit=500"
    found: list[dict[str, Any]] = (await district.service.ask("GET", path, district.commander)).json()[
        "items"
    ]
    return [one for one in found if one["state"] != "cancelled"]


async def again(district: District, roster: dict[str, Any]) -> dict[str, Any]:
    found = await district.service.ask("GET", f"/rosters/{roster['id']}", district.commander)
    read: dict[str, Any] = found.json()
    return read


async def must_be_reckoned_right(district: District, roster: dict[str, Any]) -> None:
    """The figures kept by differences are those of the whole roster."""
    async with district.service.pool.acquire() as conn:
        have = await store.roster(conn, ONE, RosterId(roster["id"]))
        assert have is not None
        problem = asked.problem(await drafting.gather(conn, ONE, have))
        stored = await assignment_store.placed(conn, ONE, have.id, have.first_day, have.last_day)
    standing = [asked.assignment(one.person, one.post, one.shift) for one in stored]
    assert have.terms == pytest.approx(terms(problem, standing), abs=1e-6)
    assert have.objective == pytest.approx(sum(have.terms.values()))
    assert have.hard_violations == len(check(problem, standing))
    short = (await again(district, roster))["shortfalls"]
    missing = sum(one["missing"] for one in short if one["kind"] == "minimum")
    filled = {(need.post, need.shift): 0 for need in problem.needs}
    for one in standing:
        filled[one.post, one.shift] += 1
    assert missing == sum(max(0, n.minimum - filled[n.post, n.shift]) for n in problem.needs)


def company_of(found: list[dict[str, Any]], one: dict[str, Any]) -> list[dict[str, Any]]:
    return [other for other in found if (other["post"], other["shift"]) == (one["post"], one["shift"])]


async def test_a_pair_taken_off_is_scored_kept_and_undone(district: District) -> None:
    draft = await district.drafted()
    before = await duties(district, draft)
    pair = [one["id"] for one in company_of(before, before[0])]
    tried = await edit(district, draft, remove=pair, dry=True)
    assert tried.status_code == 200, tried.text
    assert (tried.json()["violations"], tried.json()["version"]) == ([], draft["version"])
    assert tried.json()["terms"]["unmet"] < 0
    assert await duties(district, draft) == before
    done = await edit(district, draft, remove=pair)
    assert done.status_code == 200, done.text
    assert done.json()["terms"] == tried.json()["terms"]
    assert done.json()["objective"] == pytest.approx(draft["objective"] + tried.json()["value"])
    edited = await again(district, draft)
    assert edited["version"] == draft["version"] + 1
    assert edited["assignments"] == len(before) - len(pair)
    lack = {"post": before[0]["post"], "shift": before[0]["shift"], "kind": "minimum"}
    assert [one["reason"] for one in edited["shortfalls"] if lack.items() <= one.items()] == ["by_hand"]
    await must_be_reckoned_right(district, draft)
    undone = await edit(district, edited, **done.json()["undo"])
    assert undone.status_code == 200, undone.text
    back = await again(district, draft)
    assert back["objective"] == pytest.approx(draft["objective"])
    assert back["gap"] == pytest.approx(draft["gap"])
    stand = {(one["person"], one["post"], one["shift"]) for one in before}
    assert {(one["person"], one["post"], one["shift"]) for one in await duties(district, draft)} == stand
    await must_be_reckoned_right(district, draft)


async def test_what_breaks_a_rule_is_refused_and_says_whom_and_by_how_much(district: District) -> None:
    draft = await district.drafted(bound_steps=0)
    before = await duties(district, draft)
    night = next(one for one in before if one["end"] - one["start"] == 28_800_000 and _hour(one) == 22)
    shifts = (await district.service.ask("GET", f"/shifts?from_day={MONDAY}", district.commander)).json()
    early = next(one for one in shifts["items"] if one["start"] == night["end"] and one["pattern"] == "early")
    put = {"person": night["person"], "post": night["post"], "shift": early["id"]}
    tried = await edit(district, draft, add=[put], dry=True)
    assert tried.status_code == 200
    refused = await edit(district, draft, add=[put])
    assert (refused.status_code, refused.json()["code"]) == (409, "rule_broken")
    assert refused.json()["violations"] == tried.json()["violations"]
    rest = next(one for one in refused.json()["violations"] if one["rule"] == "rest")
    assert rest["explanation"] == {"hours": 0.0, "limit": 11.0}
    assert rest["names"] == [night["name"]]
    alone = await edit(district, draft, remove=[before[0]["id"]])
    assert [one["rule"] for one in alone.json()["violations"]] == ["not_alone"]
    assert await duties(district, draft) == before
    assert (await again(district, draft))["version"] == draft["version"]


def _hour(one: dict[str, Any]) -> int:
    return int(one["start"] // 3_600_000 + 8) % 24


async def test_what_is_pinned_stays_until_it_is_loosened(district: District) -> None:
    draft = await district.drafted()
    before = await duties(district, draft)
    pair = [one["id"] for one in company_of(before, before[0])]
    pinned = await edit(district, draft, pin=pair)
    assert pinned.status_code == 200, pinned.text
    fixed = await again(district, draft)
    assert fixed["gap"] == pytest.approx(draft["gap"])
    refused = await edit(district, fixed, remove=pair)
    assert {one["rule"] for one in refused.json()["violations"]} == {"pinned"}
    loosened = await edit(district, fixed, remove=pair, unpin=pair)
    assert loosened.status_code == 200, loosened.text
    assert (await again(district, draft))["bound"] is None
    back = await edit(district, await again(district, draft), **loosened.json()["undo"])
    assert back.status_code == 200, back.text
    assert sum(one["pinned"] for one in await duties(district, draft)) == len(pair)


async def test_of_two_who_edit_at_once_the_second_hears_what_changed(district: District) -> None:
    draft = await district.drafted(bound_steps=0)
    before = await duties(district, draft)
    one = [a["id"] for a in company_of(before, before[0])]
    other = [a["id"] for a in company_of(before, next(a for a in before if a["id"] not in one))]
    answers = await asyncio.gather(edit(district, draft, remove=one), edit(district, draft, remove=other))
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    late = next(answer for answer in answers if answer.status_code == 412).json()
    assert late["version"] == draft["version"] + 1
    gone = {row["id"] for row in late["changed"][0]["change"]["removed"]}
    assert gone in (set(one), set(other))
    repeated = await edit(district, await again(district, draft), remove=list({*one, *other} - gone))
    assert repeated.status_code == 200, repeated.text
    kept = (await district.service.ask("GET", f"/rosters/{draft['id']}/edits", district.commander)).json()
    assert [one["version"] for one in kept["items"]] == [draft["version"] + 2, draft["version"] + 1]


async def test_what_is_published_changes_with_a_reason_and_those_concerned_hear(district: District) -> None:
    draft = await district.drafted(bound_steps=0)
    assert (await district.publish(draft)).status_code == 200
    roster = await again(district, draft)
    before = await duties(district, roster)
    there = next(one for one in before if one["beat"] == "b3")
    elsewhere = next(one for one in before if one["beat"] == "b1")
    pair = [one["id"] for one in company_of(before, there)]
    mute = await edit(district, roster, district.officer, remove=pair)
    assert (mute.status_code, "reason" in mute.json()["detail"]) == (400, True)
    foreign = [one["id"] for one in company_of(before, elsewhere)]
    refused = await edit(district, roster, district.officer, remove=foreign, reason="雨")
    assert refused.status_code == 403
    stranger = await edit(district, roster, district.stranger, remove=pair, reason="雨")
    assert stranger.status_code == 403
    done = await edit(district, roster, district.officer, remove=pair, reason="河水上涨", key="k")
    assert done.status_code == 200, done.text
    repeat = await edit(district, roster, district.officer, remove=pair, reason="河水上涨", key="k")
    assert repeat.json() == done.json()
    guard = next(one["person"] for one in before if one["id"] == pair[0])
    token = await district.service.token(guard)
    mine = (await district.service.ask("GET", f"/me/assignments?from_day={MONDAY}", token)).json()["items"]
    assert not {one["id"] for one in mine} & set(pair)
    heard = (await district.service.ask("GET", "/events?since=0", token)).json()["items"]
    edited = [one for one in heard if one["kind"] == "roster_edited"]
    assert [one["data"]["removed"] for one in edited] == [len(pair)]
    # What has begun is history.
    first = min(await duties(district, roster), key=lambda one: one["start"])
    district.service.clock.turn(days=5, hours=4)
    token, now = await district.service.token(district.chief), await again(district, roster)
    begun = [one["id"] for one in company_of(await duties(district, roster), first)]
    late = await edit(district, now, token, remove=begun, reason="没有来")
    assert (late.status_code, late.json()["code"]) == (409, "too_late")


async def test_what_makes_no_sense_names_its_field(district: District) -> None:
    draft = await district.drafted("2026-03-09", "2026-03-09", bound_steps=0)
    number = (await duties(district, draft))[0]["id"]
    wrong: list[tuple[dict[str, Any], str]] = [
        ({}, "add, remove, pin, unpin"),
        ({"add": [{"person": district.guards[0], "post": 1, "shift": 999}]}, "add[0].shift"),
        ({"remove": [number], "pin": [number]}, "pin"),
        ({"remove": [999_999]}, "999999"),
    ]
    for change, field in wrong:
        answer = await edit(district, draft, **change)
        assert answer.status_code in (400, 404)
        assert field in answer.json()["detail"]
