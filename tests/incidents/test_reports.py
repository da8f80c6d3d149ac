"""Reports over HTTP: they open or join incidents, keep their own time, and are seen by whom they concern."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from geo.datum import Datum, from_wgs84
from tests.incidents.world import World, place

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_report_opens_an_incident_in_its_areas(world: World) -> None:
    told = await world.report("o1 guard", participants=[world.people["o1 volunteer"]])
    assert told["joined"] is False
    found = await world.get("officer", f"/incidents/{told['incident']}")
    assert (found["state"], found["beat"], found["grid"], found["station"], found["town"]) == (
        "open",
        "b1",
        "g1",
        "s1",
        "t1",
    )
    (report,) = found["reports"]
    assert report["text"] == "有人打架"
    assert {one["person"] for one in report["participants"]} == {
        world.people["o1 guard"],
        world.people["o1 volunteer"],
    }
    assert found["transitions"][0] | {"at": 0} == {
        "n": 1,
        "from": None,
        "to": "open",
        "at": 0,
        "actor": world.people["o1 guard"],
        "actor_name": "o1 guard",
        "reason": "",
    }
    (opened,) = await world.events("incident_opened")
    assert opened["incident"] == told["incident"]
    assert opened["beat"] == "b1"
    (reported,) = await world.events("reported")
    assert reported["report"] == told["report"]


async def test_a_neighbours_report_joins_and_both_reporters_stay(world: World) -> None:
    first = await world.report("o1 guard")
    second = await world.report("o2 guard", **place(north=90), at=world.now(minutes=3))
    assert second == {
        "report": second["report"],
        "incident": first["incident"],
        "joined": True,
        "proposed": [],
    }
    found = await world.get("officer", f"/incidents/{first['incident']}")
    assert [one["person"] for one in found["reports"]] == [
        world.people["o1 guard"],
        world.people["o2 guard"],
    ]
    assert found["version"] == 2
    (link,) = found["links"]
    assert link["state"] == "joined"
    assert link["why"]["metres"] == pytest.approx(90, abs=0.5)
    assert link["why"]["seconds"] == 180


@pytest.mark.parametrize(
    ("kind", "north", "minutes"), [("incident", 230, 0), ("incident", 0, 21), ("publicity", 0, 0)]
)
async def test_what_is_far_later_or_unlike_stands_alone(
    world: World, kind: str, north: float, minutes: float
) -> None:
    first = await world.report("o1 guard")
    second = await world.report("o2 guard", kind, **place(north=north), at=world.now(minutes=minutes))
    assert second["incident"] != first["incident"]
    assert second["proposed"] == []


async def test_between_the_thresholds_it_is_proposed_and_an_officer_joins_it(world: World) -> None:
    first = await world.report("o1 guard")
    second = await world.report("o2 guard", **place(onwards=190), at=world.now(minutes=19))
    assert second["incident"] != first["incident"]
    assert second["proposed"] == [first["incident"]]
    path = f"/incidents/{first['incident']}"
    joined = await world.ask("officer", "POST", f"{path}/link", {"report": second["report"]})
    assert joined.status_code == 200
    assert joined.json()["reports"] == 2
    left = await world.get("officer", f"/incidents/{second['incident']}")
    assert (left["state"], left["reports"]) == ("closed", [])
    back = await world.ask("officer", "POST", f"{path}/unlink", {"report": second["report"]})
    assert back.status_code == 200
    again = await world.get("officer", f"/incidents/{second['incident']}")
    assert (again["state"], [one["id"] for one in again["reports"]]) == ("open", [second["report"]])
    states = [link["state"] for link in (await world.get("officer", path))["links"]]
    assert states == ["proposed", "joined", "undone"]


async def test_a_proposal_can_be_refused_and_the_last_report_not_taken(world: World) -> None:
    first = await world.report("o1 guard")
    second = await world.report("o2 guard", **place(onwards=190), at=world.now(minutes=19))
    path = f"/incidents/{first['incident']}/unlink"
    assert (await world.ask("officer", "POST", path, {"report": second["report"]})).status_code == 200
    last = await world.ask("officer", "POST", path, {"report": first["report"]})
    assert (last.status_code, last.json()["code"]) == (409, "conflict")


async def test_an_automatic_link_is_undone_into_an_incident_of_its_own(world: World) -> None:
    first = await world.report("o1 guard")
    second = await world.report("o2 guard")
    path = f"/incidents/{first['incident']}/unlink"
    assert (await world.ask("officer", "POST", path, {"report": second["report"]})).status_code == 200
    async with world.service.pool.acquire() as conn:
        own = await conn.fetchval("select incident from report where id = $1", second["report"])
    assert own != first["incident"]
    alone = await world.get("officer", f"/incidents/{own}")
    assert [one["id"] for one in alone["reports"]] == [second["report"]]


async def test_a_queued_report_keeps_its_own_time_up_to_72_hours(world: World) -> None:
    told = await world.report("o1 guard", at=world.now(hours=71.9))
    found = await world.get("officer", f"/incidents/{told['incident']}")
    assert found["opened_at"] == world.now(hours=71.9)
    assert found["reports"][0]["received_at"] == world.now()
    body = {"kind": "hazard", **place(), "text": ""}
    late = await world.ask("o1 guard", "POST", "/reports", body | {"at": world.now(hours=72.1)})
    assert late.json()["code"] == "too_late"
    ancient = await world.ask("o1 guard", "POST", "/reports", body | {"at": -(2**53)})
    assert ancient.json()["code"] == "too_late"
    ahead = await world.ask("o1 guard", "POST", "/reports", body | {"at": world.now(minutes=-2.1)})
    assert ahead.json()["code"] == "clock_ahead"
    beyond = await world.ask("o1 guard", "POST", "/reports", body | {"at": 2**53})
    assert beyond.json()["code"] == "clock_ahead"


async def test_on_a_shift_the_72_hours_begin_with_its_end(world: World) -> None:
    start = world.service.clock.now - timedelta(hours=78)
    async with world.service.pool.acquire() as conn:
        await world.assign(conn, "o1 guard", "b1", start, 8)
    told = await world.report("o1 guard", at=world.now(hours=77))
    assert told["joined"] is False
    await world.turn_to(world.service.clock.now + timedelta(hours=2.1))
    body = {"kind": "hazard", **place(), "text": "", "at": world.now(hours=79)}
    late = await world.ask("o1 guard", "POST", "/reports", body)
    assert late.json()["code"] == "too_late"


async def test_what_the_database_can_not_hold_is_left_out_and_the_rest_kept(world: World) -> None:
    told = await world.report("o1 guard", text="井\0盖")
    found = await world.get("officer", f"/incidents/{told['incident']}")
    assert found["reports"][0]["text"] == "井盖"


async def test_the_same_key_gets_the_same_answer_once(world: World) -> None:
    body = {"kind": "hazard", "at": world.now(), **place(), "text": "井盖"}
    answers = [
        await world.ask("o1 guard", "POST", "/reports", body, idempotency_key="once") for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert len((await world.get("o1 guard", "/reports"))["items"]) == 1


async def test_coordinates_in_gcj02_land_where_they_were_meant(world: World) -> None:
    lat, lon = from_wgs84(place()["lat"], place()["lon"], Datum.GCJ02)
    told = await world.report("o1 guard", lat=lat, lon=lon, datum="gcj02")
    found = await world.get("officer", f"/incidents/{told['incident']}")
    assert (found["lat"], found["lon"]) == pytest.approx((place()["lat"], place()["lon"]), abs=1e-6)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"participants": [999_999]}, "bad_message"),
        ({"photos": [999_999]}, "not_yours"),
        ({"incident": 999_999}, "not_yours"),
        ({"lat": 91}, "bad_request"),
        ({"kind": "theft"}, "bad_request"),
        ({"photos": [1, 2, 3, 4, 5, 6, 7]}, "bad_request"),
    ],
)
async def test_a_wrong_report_says_what_is_wrong(world: World, fields: dict[str, Any], code: str) -> None:
    body = {"kind": "hazard", "at": world.now(), **place(), "text": ""} | fields
    answer = await world.ask("o1 guard", "POST", "/reports", body)
    assert answer.json()["code"] == code, answer.text
    assert next(iter(fields)) in answer.json()["detail"]


async def test_inactive_people_take_no_part(world: World) -> None:
    async with world.service.pool.acquire() as conn:
        await conn.execute("update person set active = false where id = $1", world.people["o2 guard"])
    body = {"kind": "hazard", "at": world.now(), **place(), "participants": [world.people["o2 guard"]]}
    assert (await world.ask("o1 guard", "POST", "/reports", body)).json()["code"] == "bad_message"


async def test_outside_the_district_a_report_is_kept_and_is_commands(world: World) -> None:
    told = await world.report("o1 guard", lat=40.0, lon=116.0)
    found = await world.get("commander", f"/incidents/{told['incident']}")
    assert (found["beat"], found["grid"]) == (None, None)
    hidden = await world.ask("officer", "GET", f"/incidents/{told['incident']}")
    assert hidden.json()["code"] == "not_found"
    assert (await world.step("commander", told["incident"], "close")).status_code == 200


async def test_everyone_sees_what_concerns_them_and_no_more(world: World) -> None:
    one = (await world.report("o1 guard"))["incident"]
    beside = (await world.report("o1 volunteer", "fire", **place("b2")))["incident"]
    far = (await world.report("o2 guard", **place("b3")))["incident"]
    expected = {
        "admin": {one, beside, far},
        "commander": {one, beside, far},
        "chief": {one, beside},
        "officer": {one, beside},
        "far officer": {far},
        "o1 manager": {one, beside},
        "o1 guard": {one},
        "o1 volunteer": {beside},
        "o2 manager": {far},
        "o2 guard": {far},
        "observer": set(),
    }
    for name, seen in expected.items():
        assert {item["id"] for item in (await world.get(name, "/incidents"))["items"]} == seen, name
        for number in (one, beside, far):
            answer = await world.ask(name, "GET", f"/incidents/{number}")
            assert answer.status_code == (200 if number in seen else 404), name
    assert {item["incident"] for item in (await world.get("o1 guard", "/reports"))["items"]} == {one}
    assert (await world.get("observer", "/reports"))["items"] == []


async def test_a_manager_learns_nothing_of_the_other_companys_people(world: World) -> None:
    first = await world.report("o1 guard", participants=[world.people["o2 volunteer"]])
    await world.report("o2 guard")
    text = (await world.ask("o1 manager", "GET", f"/incidents/{first['incident']}")).text
    assert "o1 guard" in text
    assert "o2" not in text
    found = await world.get("o1 manager", f"/incidents/{first['incident']}")
    assert [(len(one["participants"]), one["others"]) for one in found["reports"]] == [(1, 1)]
    assert "o2" not in (await world.ask("o1 manager", "GET", "/reports")).text


async def test_lists_come_in_pages_newest_first(world: World) -> None:
    numbers = [
        (await world.report("o1 guard", "publicity", at=world.now(hours=n)))["incident"] for n in range(5)
    ]
    first = await world.get("officer", "/incidents?limit=2")
    assert [item["id"] for item in first["items"]] == numbers[:2:-1]
    second = await world.get("officer", f"/incidents?limit=2&cursor={first['next']}")
    assert [item["id"] for item in second["items"]] == numbers[2:0:-1]
    last = await world.get("officer", f"/incidents?limit=2&cursor={second['next']}")
    assert ([item["id"] for item in last["items"]], last["next"]) == (numbers[:1], None)


async def test_a_list_is_narrowed_by_state_beat_kind_and_time(world: World) -> None:
    old = (await world.report("o1 guard", "fire", at=world.now(hours=5)))["incident"]
    new = (await world.report("o1 guard", "hazard"))["incident"]
    far = (await world.report("o1 guard", **place("b3")))["incident"]
    assert (await world.step("officer", old, "close")).status_code == 200
    queries = {
        "state=closed": [old],
        "state=open&state=closed": [far, new, old],
        "kind=hazard": [new],
        "beat=b3": [far],
        f"since={world.now(hours=1)}": [far, new],
    }
    for query, expected in queries.items():
        items = (await world.get("commander", f"/incidents?{query}"))["items"]
        assert [item["id"] for item in items] == expected, query


@pytest.mark.parametrize(
    ("kind", "patrolling", "by_patrol"),
    [
        ("arrest", False, True),
        ("publicity", False, True),
        ("hazard", True, True),
        ("hazard", False, False),
        ("incident", True, False),
        ("medical", True, False),
    ],
)
async def test_finds_and_arrests_on_patrol_are_left_out_of_demand(
    world: World, kind: str, patrolling: bool, by_patrol: bool
) -> None:
    if patrolling:
        await world.on_duty("o1 guard")
    told = await world.report("o1 guard", kind)
    found = await world.get("officer", f"/incidents/{told['incident']}")
    assert found["by_patrol"] is by_patrol


async def test_someone_elses_report_of_the_same_makes_a_find_count(world: World) -> None:
    first = await world.report("o1 guard", "arrest")
    second = await world.report("o2 guard", "incident")
    assert second["joined"]
    assert (await world.get("officer", f"/incidents/{first['incident']}"))["by_patrol"] is False


async def test_two_reports_at_the_same_instant_become_one_incident(world: World) -> None:
    told = await asyncio.gather(world.report("o1 guard"), world.report("o2 guard"))
    assert sorted(one["joined"] for one in told) == [False, True]
    assert told[0]["incident"] == told[1]["incident"]
