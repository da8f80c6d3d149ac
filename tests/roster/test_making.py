"""Drafts as they are made: by one's own weights, around pins, stopped, killed, begun again."""

import asyncio
import os
import signal
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from alliance.actor import DistrictId, PersonId
from alliance.events import transaction
from alliance.roster import making, worker
from alliance.roster.model import NewRoster
from alliance.roster.workers import Workers
from scheduler import ahead
from tests.roster.district import MONDAY, SUNDAY, District
from tests.roster.test_editing import again, company_of, duties, edit

TRIES = 1000


async def begin(district: District, **options: Any) -> dict[str, Any]:
    body = {"first_day": MONDAY, "last_day": SUNDAY, "bound_steps": 0, **options}
    asked = await district.service.ask("POST", "/rosters", district.commander, body)
    assert asked.status_code == 202, asked.text
    made: dict[str, Any] = asked.json()
    return made


async def take(district: District, number: int, step: str) -> dict[str, Any]:
    answer = await district.service.ask("POST", f"/rosters/{number}/{step}", district.commander)
    assert answer.is_success, answer.text
    made: dict[str, Any] = answer.json()
    return made


def spots(found: list[dict[str, Any]]) -> set[tuple[int, int, int]]:
    return {(one["person"], one["post"], one["shift"]) for one in found}


async def test_a_draft_is_made_anew_around_the_pins_of_another_and_near_to_it(district: District) -> None:
    first = await district.drafted(bound_steps=0)
    before = await duties(district, first)
    pins = company_of(before, before[0])
    assert (await edit(district, first, pin=[one["id"] for one in pins])).status_code == 200
    near = {"pins_from": first["id"], "stable_to": first["id"]}
    options = {**near, "weights": {"stability": 100.0}, "seed": 9, "bound_steps": 40}
    second = await district.settled((await begin(district, **options))["id"])
    assert (second["state"], second["hard_violations"]) == ("draft", 0)
    assert second["weights"] == {"stability": 100.0}
    after = await duties(district, second)
    assert spots([one for one in after if one["pinned"]]) == spots(pins)
    kept = spots(before) & spots(after)
    assert second["terms"]["stability"] == 100.0 * len(kept)
    assert len(kept) > 0.9 * len(before)
    await must_differ(district, first, second)
    for wrong, field in (({"weights": {"luck": 1.0}}, "weights.luck"), ({"pins_from": 99}, "pins_from")):
        refused = await district.service.ask(
            "POST",
            "/rosters",
            district.commander,
            {"first_day": MONDAY, "last_day": SUNDAY, **wrong},
        )
        assert (refused.status_code, field in refused.json()["detail"]) == (400, True)


async def test_a_published_week_made_again_keeps_most_duties(district: District) -> None:
    first = await district.drafted(bound_steps=0, sweeps=1)
    assert (await district.publish(first)).status_code == 200
    before = spots(await duties(district, first))
    options = {"stable_to": first["id"], "seed": 9}
    second = await district.settled((await begin(district, **options))["id"])
    assert (second["state"], second["hard_violations"]) == ("draft", 0)
    after = spots(await duties(district, second))
    assert len(before & after) > 0.8 * len(before)
    assert second["objective"] >= first["objective"] + 0.5 * len(before) - 1e-6
    assert second["terms"]["stability"] == pytest.approx(0.5 * len(before & after))


async def test_around_pins_it_is_no_worse_than_the_roster_they_are_of(district: District) -> None:
    first = await district.drafted(bound_steps=40)
    found = await duties(district, first)
    pins = [one["id"] for one in company_of(found, found[0])]
    assert (await edit(district, first, pin=pins)).status_code == 200
    begun = await begin(district, pins_from=first["id"], seed=9, sweeps=1)
    second = await district.settled(begun["id"])
    assert second["objective"] >= first["objective"] - 1e-6


async def must_differ(district: District, one: dict[str, Any], other: dict[str, Any]) -> None:
    """The comparison counts what the two lists of assignments show."""
    before = {(d["person"], d["shift"]): d for d in await duties(district, one)}
    after = {(d["person"], d["shift"]): d for d in await duties(district, other)}
    path = f"/rosters/{one['id']}/compare?with={other['id']}"
    found = (await district.service.ask("GET", path, district.commander)).json()
    counted = {name: sum(beat[name] for beat in found["beats"]) for name in ("added", "removed", "moved")}
    both = before.keys() & after.keys()
    assert counted == {
        "added": len(after.keys() - before.keys()),
        "removed": len(before.keys() - after.keys()),
        "moved": sum(before[key]["post"] != after[key]["post"] for key in both),
    }
    hours: dict[int, float] = {}
    for duty in after.values():
        hours[duty["person"]] = hours.get(duty["person"], 0.0) + (duty["end"] - duty["start"]) / 3_600_000
    most = [one["most"] for one in found["after"]["spreads"] if one["load"] == "hours"]
    assert max(most) == max(hours.values())
    assert found["after"]["people"] == len(hours)
    listed = set()
    for beat in found["beats"]:
        path = f"/rosters/{one['id']}/differences?with={other['id']}&beat={beat['beat']}"
        items = (await district.service.ask("GET", path, district.commander)).json()["items"]
        listed |= {(item["person"], item["shift"]) for item in items}
    assert len(listed) == sum(counted.values())


async def test_the_board_shows_a_beat_and_a_person_as_the_assignments_do(district: District) -> None:
    draft = await district.drafted(bound_steps=0)
    stand = await duties(district, draft)
    path = f"/rosters/{draft['id']}"
    beats = (await district.service.ask("GET", f"{path}/beats", district.commander)).json()["items"]
    counted = {(one["beat"], one["day"]): one["people"] for one in beats}
    assert len(counted) == 2 * 7
    assert counted == {
        (beat, day): sum(d["beat"] == beat and d["duty_day"] == day for d in stand) for beat, day in counted
    }
    assert sum(one["missing"] for one in beats) == sum(one["missing"] for one in draft["shortfalls"])
    board = (await district.service.ask("GET", f"{path}/board?beat=b3", district.commander)).json()
    assert [d["id"] for d in board["assignments"]] == [d["id"] for d in stand if d["beat"] == "b3"]
    assert {need["minimum"] for need in board["needs"]} == {2}
    first = (
        await district.service.ask("GET", f"{path}/people?order=hours&limit=3", district.commander)
    ).json()
    rest = await district.service.ask(
        "GET", f"{path}/people?order=hours&cursor={first['next']}", district.commander
    )
    weeks = first["items"] + rest.json()["items"]
    assert len({week["person"] for week in weeks}) == len(weeks) == len({d["person"] for d in stand})
    assert [week["hours"] for week in weeks] == sorted((week["hours"] for week in weeks), reverse=True)
    for week in weeks:
        own = [d for d in stand if d["person"] == week["person"]]
        assert sorted(d["id"] for d in week["duties"]) == sorted(d["id"] for d in own)
        assert week["nights"] == sum((d["start"] // 3_600_000 + 8) % 24 == 22 for d in own)
    refused = await district.service.ask("GET", f"{path}/board?beat=b3", district.officer)
    assert refused.status_code == 404
    await must_say_why(district, draft, stand)


async def must_say_why(district: District, draft: dict[str, Any], stand: list[dict[str, Any]]) -> None:
    """The reasons are what changes by hand would do."""
    one = stand[0]
    path = f"/rosters/{draft['id']}/assignments/{one['id']}/why"
    why = (await district.service.ask("GET", path, district.commander)).json()
    gone = (await edit(district, draft, remove=[one["id"]], dry=True)).json()
    assert why["value"] == pytest.approx(-gone["value"])
    assert why["lone"] == any(found["rule"] == "not_alone" for found in gone["violations"])
    busy = {d["person"] for d in stand if d["shift"] == one["shift"]}
    assert why["tried"] == len(set(district.guards) - busy)
    for other in why["nearest"]:
        put = {"person": other["person"], "post": one["post"], "shift": one["shift"]}
        tried = (await edit(district, draft, remove=[one["id"]], add=[put], dry=True)).json()
        assert other["value"] == pytest.approx(tried["value"])
        assert [found["rule"] for found in other["violations"]] == [f["rule"] for f in tried["violations"]]
    refused = await district.service.ask("GET", path, district.officer)
    assert refused.status_code == 404


async def test_the_nights_of_a_person_are_told_beside_the_others_and_one_by_one(district: District) -> None:
    draft = await district.drafted(bound_steps=0)
    stand = await duties(district, draft)
    nights = [d for d in stand if (d["start"] // 3_600_000 + 8) % 24 == 22]
    person = nights[0]["person"]
    path = f"/rosters/{draft['id']}/people/{person}/burden"
    answer = await district.service.ask("GET", path, district.commander)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    counts = {guard: sum(d["person"] == guard for d in nights) for guard in district.guards}
    own = [d for d in stand if d["person"] == person]
    assert found["carried"]["nights"] == counts[person]
    assert found["carried"]["hours"] == sum(d["end"] - d["start"] for d in own) / 3_600_000
    assert (found["role"], found["peers"]) == ("guard", len(counts))
    share = sum(count <= counts[person] for count in counts.values()) / len(counts)
    assert found["standing"]["nights"] == pytest.approx(share)
    assert [night["start"] for night in found["nights"]] == sorted(
        d["start"] for d in nights if d["person"] == person
    )
    for night in found["nights"]:
        single = f"/rosters/{draft['id']}/assignments/{night['assignment']}/why"
        assert night["why"] == (await district.service.ask("GET", single, district.commander)).json()
    name = own[0]["name"]
    assert found["zh"].startswith(f"{name}：{found['carried']['hours']:g} 小时，{counts[person]} 个夜班")
    assert found["en"].startswith(f"{name}: {found['carried']['hours']:g} h, {counts[person]} nights")
    best = [night["why"]["best"] for night in found["nights"]]
    names = {d["person"]: d["name"] for d in stand}
    assert all(one is None or names[one["person"]] in found["zh"] for one in best)
    for token, other, status in (
        (district.officer, person, 403),
        (district.stranger, person, 403),
        (district.commander, 9_999, 404),
    ):
        wrong = f"/rosters/{draft['id']}/people/{other}/burden"
        assert (await district.service.ask("GET", wrong, token)).status_code == status


async def test_a_search_that_is_stopped_leaves_its_best_so_far(district: District) -> None:
    begun = await begin(district, bound_steps=200, sweeps=50, seconds=600, gap=0)
    assert (await take(district, begun["id"], "stop"))["progress"]["stop"] is True
    draft = await district.settled(begun["id"])
    assert (draft["state"], draft["hard_violations"]) == ("draft", 0)
    assert draft["assignments"] > 20
    late = await district.service.ask("POST", f"/rosters/{draft['id']}/stop", district.commander)
    assert (late.status_code, late.json()["code"]) == (409, "out_of_order")


async def test_a_killed_worker_is_reported_at_once_and_the_draft_begun_again(district: District) -> None:
    first = await district.drafted(bound_steps=0)
    pins = company_of(found := await duties(district, first), found[0])
    assert (await edit(district, first, pin=[one["id"] for one in pins])).status_code == 200
    workers: Workers = district.service.app.state.workers
    await until(lambda: not workers.pids())
    begun = await begin(district, pins_from=first["id"])
    await until(lambda: bool(workers.pids()))
    for pid in workers.pids():
        os.kill(pid, signal.SIGKILL)
    broken = await district.settled(begun["id"])
    assert broken["state"] == "failed"
    assert "ended with -9" in broken["progress"]["problem"]
    assert spots(await duties(district, broken)) == spots(pins)
    refused = await district.publish(broken)
    assert (refused.status_code, refused.json()["code"]) == (409, "out_of_order")
    await take(district, begun["id"], "again")
    draft = await district.settled(begun["id"])
    assert (draft["state"], draft["hard_violations"]) == ("draft", 0)
    assert spots(pins) < spots(await duties(district, draft))


async def until(true: Callable[[], bool]) -> None:
    for _ in range(TRIES):
        if true():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never came true")


async def test_a_draft_takes_the_place_of_what_is_published(district: District) -> None:
    first = await district.drafted(bound_steps=0)
    assert (await district.publish(first)).status_code == 200
    roster = await again(district, first)
    told = spots(await duties(district, roster))
    draft = await district.settled((await begin(district, stable_to=first["id"], seed=4, sweeps=1))["id"])
    lost = company_of(found := await duties(district, draft), found[0])
    assert (await edit(district, draft, remove=[one["id"] for one in lost])).status_code == 200
    wanted = spots(await duties(district, draft))
    body = {"draft": draft["id"], "reason": "重新优化"}
    path, match = f"/rosters/{roster['id']}/adopt", f'"{roster["version"]}"'
    refused = await district.service.ask("POST", path, district.officer, body, if_match=match)
    assert refused.status_code == 403
    stale = await district.service.ask("POST", path, district.commander, body, if_match='"1"')
    assert stale.status_code == 412
    done = await district.service.ask("POST", path, district.commander, body, if_match=match)
    assert done.status_code == 200, done.text
    assert wanted != told
    assert spots(await duties(district, roster)) == wanted
    assert done.json()["assignments"] == len(wanted)
    kept = (await district.service.ask("GET", f"/rosters/{roster['id']}/edits", district.commander)).json()
    change = kept["items"][0]["change"]
    assert (spots(change["added"]), spots(change["removed"])) == (wanted - told, told - wanted)
    one = PersonId(next(iter(told - wanted))[0])
    heard = (await district.service.ask("GET", "/events?since=0", await district.service.token(one))).json()
    assert [event["kind"] for event in heard["items"]].count("roster_edited") == 1
    assert (await again(district, draft))["state"] == "discarded"


async def test_a_draft_waits_visibly_while_the_solver_is_compiled(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = [True]
    monkeypatch.setattr(ahead, "compiling", lambda: busy[0])
    pool = district.service.pool
    new = NewRoster(first_day=date.fromisoformat(MONDAY), last_day=date.fromisoformat(MONDAY), bound_steps=0)
    async with transaction(pool, DistrictId(1)) as tx:
        number = (await making.begin(tx, new, None, district.service.clock.now)).id
    drafting = asyncio.create_task(worker.draft(pool, DistrictId(1), number))
    for _ in range(TRIES):
        seen = await pool.fetchrow("select state, progress from roster where id = $1", number)
        if seen["progress"].get("phase") == "preparing":
            break
        await asyncio.sleep(0.05)
    assert (seen["state"], seen["progress"]["phase"]) == ("solving", "preparing")
    busy[0] = False
    await drafting
    assert await pool.fetchval("select state from roster where id = $1", number) == "draft"
