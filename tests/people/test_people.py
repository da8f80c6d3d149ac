"""People and organisations over HTTP: who may add and change whom, versions, numbers, searches, events."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.service import Service, running
from tests.world import World, world


@pytest.fixture
async def service(dsn: str, tmp_path: Path) -> AsyncIterator[Service]:
    async with running(dsn, tmp_path) as service:
        yield service


@pytest.fixture
async def known(service: Service) -> World:
    async with service.pool.acquire() as conn:
        return await world(conn)


class Caller:
    """Asks in the name of somebody of the world."""

    def __init__(self, service: Service, known: World) -> None:
        self.service = service
        self.known = known

    async def __call__(
        self, who: str, method: str, path: str, body: Any = None, **headers: str
    ) -> httpx.Response:
        token = await self.service.token(self.known.people[who], 2 if who == "foreigner" else 1)
        return await self.service.ask(method, path, token, body, **headers)


@pytest.fixture
def ask(service: Service, known: World) -> Caller:
    return Caller(service, known)


async def test_a_manager_registers_a_guard_whole(ask: Caller, known: World, service: Service) -> None:
    sent = {
        "name": "李保安",
        "organisation": known.company,
        "phone": "+86 138-0013-8000",
        "id_number": "11010519491231002x",
        "born": "1990-01-02",
        "home": "8941188010fffff",
        "night_consent": True,
        "roles": [{"role": "guard"}],
        "certificates": [
            {
                "kind": "security_guard",
                "number": "粤123",
                "valid_from": "2025-01-01",
                "valid_until": "2027-01-01",
            }
        ],
        "availability": [{"weekday": 0, "start_minute": 360, "end_minute": 840}],
    }
    made = await ask("manager", "POST", "/people", sent)
    assert made.status_code == 201
    shown = made.json()
    assert shown["phone"] == "138****8000"
    assert shown["id_number"] == "110***********002X"
    assert shown["certificates"] == sent["certificates"]
    assert shown["availability"] == sent["availability"]
    async with service.pool.acquire() as conn:
        row = await conn.fetchrow("select phone, id_number from person where id = $1", shown["id"])
    assert b"13800138000" not in row["phone"]
    assert b"11010519491231002X" not in row["id_number"]

    found = (await ask("manager", "GET", "/people?q=13800138000")).json()["items"]
    assert [one["id"] for one in found] == [shown["id"]]
    assert (await ask("officer", "GET", "/people?q=13800138000")).json()["items"] == found
    assert (await ask("volunteer", "GET", "/people?q=13800138000")).json()["items"] == []
    again = await ask("manager", "POST", "/people", {**sent, "id_number": None})
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


async def test_registering_twice_with_one_key_registers_once(ask: Caller, known: World) -> None:
    sent = {"name": "王一", "organisation": known.company, "roles": [{"role": "guard"}]}
    first = await ask("manager", "POST", "/people", sent, idempotency_key="k1")
    second = await ask("manager", "POST", "/people", sent, idempotency_key="k1")
    assert first.json() == second.json()
    third = await ask("manager", "POST", "/people", sent, idempotency_key="k2")
    assert third.json()["id"] != first.json()["id"]


ADDING: list[tuple[str, dict[str, Any], int]] = [
    ("manager", {"organisation": "other"}, 403),
    ("manager", {"roles": [{"role": "administrator"}]}, 403),
    ("manager", {"roles": [{"role": "guard", "area": "b1"}]}, 403),
    ("manager", {"roles": [{"role": "volunteer"}]}, 201),
    ("administrator", {"organisation": "other", "roles": [{"role": "officer", "area": "b1"}]}, 201),
    ("administrator", {"roles": [{"role": "officer", "area": "nowhere"}]}, 400),
    ("administrator", {"roles": [{"role": "manager"}]}, 400),
    ("administrator", {"organisation": 999_999}, 400),
    ("administrator", {"phone": "call me"}, 400),
    ("administrator", {"id_number": "110105194912310021"}, 400),
    ("administrator", {"availability": [{"weekday": 0, "start_minute": 800, "end_minute": 700}]}, 400),
    ("administrator", {"name": "  "}, 400),
    ("administrator", {"nonsense": 1}, 400),
    ("commander", {}, 403),
    ("officer", {}, 403),
    ("guard", {}, 403),
]


async def test_who_may_add_whom(ask: Caller, known: World) -> None:
    for who, change, status in ADDING:
        sent = {"name": "赵四", "organisation": known.company, "roles": [{"role": "guard"}], **change}
        if sent["organisation"] == "other":
            sent["organisation"] = known.other_company
        answer = await ask(who, "POST", "/people", sent)
        assert answer.status_code == status, f"{who} {change}: {answer.text}"


# In this order: what is done to somebody holds for the next line.
CHANGING: list[tuple[str, str, dict[str, Any], int]] = [
    ("guard", "guard", {"roles": [{"role": "administrator"}]}, 403),
    ("guard", "guard", {"name": "新名"}, 403),
    ("guard", "lead", {"night_consent": True}, 403),
    ("guard", "stranger", {"night_consent": True}, 404),
    ("manager", "lead", {"roles": [{"role": "guard"}]}, 403),
    ("manager", "manager", {"roles": [{"role": "administrator"}]}, 403),
    ("manager", "stranger", {"name": "新名"}, 404),
    ("manager", "guard", {"organisation": "other"}, 403),
    ("officer", "guard", {"name": "新名"}, 403),
    ("commander", "guard", {"name": "新名"}, 403),
    ("foreigner", "guard", {"name": "新名"}, 404),
    ("guard", "guard", {"night_consent": True, "travel_limit_m": 3000}, 200),
    ("guard", "guard", {"availability": [{"weekday": 6, "start_minute": 0, "end_minute": 60}]}, 200),
    ("manager", "guard", {"active": False, "name": "新名"}, 200),
    ("manager", "guard", {"roles": []}, 200),
    ("administrator", "guard", {"organisation": "other"}, 200),
    ("manager", "guard", {"name": "旧名"}, 404),
]


async def test_who_may_change_whom(ask: Caller, known: World) -> None:
    for who, whom, change, status in CHANGING:
        path = f"/people/{known.people[whom]}"
        sent = {**change, "version": (await ask("administrator", "GET", path)).json()["version"]}
        if sent.get("organisation") == "other":
            sent["organisation"] = known.other_company
        answer = await ask(who, "PATCH", path, sent)
        assert answer.status_code == status, f"{who} {whom} {change}: {answer.text}"


async def test_two_who_change_the_same_person_notice(ask: Caller, known: World) -> None:
    path = f"/people/{known.people['guard']}"
    read = await ask("manager", "GET", path)
    assert read.headers["etag"] == '"1"'
    missing = await ask("manager", "PATCH", path, {"name": "甲"})
    assert (missing.status_code, missing.json()["code"]) == (428, "version_needed")
    first = await ask("manager", "PATCH", path, {"name": "甲"}, if_match='"1"')
    assert (first.status_code, first.headers["etag"], first.json()["version"]) == (200, '"2"', 2)
    second = await ask("administrator", "PATCH", path, {"name": "乙"}, if_match='"1"')
    assert (second.status_code, second.json()["code"]) == (412, "stale_version")
    assert (await ask("manager", "GET", path)).json()["name"] == "甲"


async def test_who_shares_a_unit_sees_the_name_and_no_particulars(ask: Caller, known: World) -> None:
    await ask("manager", "PATCH", f"/people/{known.people['lead']}", {"phone": "13800138001", "version": 1})
    path = f"/people/{known.people['lead']}"
    mate, lead = (await ask("guard", "GET", path)).json(), (await ask("lead", "GET", path)).json()
    assert mate["name"] == known.names["lead"]
    assert (mate["phone"], mate["home"], mate["born"]) == (None, None, None)
    assert lead["phone"] == "138****8001"
    assert lead["home"] is not None


async def test_lists_are_walked_by_cursor(ask: Caller, known: World) -> None:
    whole = (await ask("commander", "GET", "/people")).json()
    assert whole["next"] is None
    seen, cursor = [], ""
    for _ in range(10):
        part = (await ask("commander", "GET", f"/people?limit=5{cursor}")).json()
        assert len(part["items"]) <= 5
        seen += part["items"]
        if part["next"] is None:
            break
        cursor = f"&cursor={part['next']}"
    assert seen == whole["items"]
    for wrong in ("cursor=nonsense", "cursor=!!", "limit=0", "limit=501", "role=king", "organisation=x"):
        assert (await ask("commander", "GET", f"/people?{wrong}")).status_code == 400, wrong


FILTERS: dict[str, set[str]] = {
    "role=manager": {"manager"},
    "beat=b1": {"officer", "lead", "guard"},
    "q=%25": set(),
    "role=guard&beat=b3": {"colleague", "stranger"},
    "active=false": set(),
}


async def test_lists_are_filtered(ask: Caller, known: World) -> None:
    for query, expected in FILTERS.items():
        found = (await ask("commander", "GET", f"/people?{query}")).json()["items"]
        assert {one["name"] for one in found} == {known.names[who] for who in expected}, query


async def test_leave_is_ones_own_matter(ask: Caller, known: World) -> None:
    path = f"/people/{known.people['guard']}/leave"
    sent = {"start": 1_772_600_000_000, "end": 1_772_700_000_000, "kind": "annual"}
    made = await ask("guard", "POST", path, sent)
    assert made.status_code == 201
    assert (await ask("manager", "GET", path)).json()["items"] == [{**sent, "id": made.json()["id"]}]
    assert (await ask("officer", "GET", path)).status_code == 403
    assert (await ask("stranger", "GET", path)).status_code == 404
    assert (await ask("guard", "DELETE", f"{path}/{made.json()['id']}")).status_code == 204
    assert (await ask("guard", "GET", path)).json()["items"] == []
    backwards = await ask("guard", "POST", path, {**sent, "end": sent["start"]})
    assert backwards.status_code == 400


async def test_organisations_are_the_administrators(ask: Caller, known: World) -> None:
    sent = {"code": "new", "name": "新公司", "kind": "company"}
    assert (await ask("manager", "POST", "/organisations", sent)).status_code == 403
    made = await ask("administrator", "POST", "/organisations", sent)
    assert made.status_code == 201
    assert (await ask("administrator", "POST", "/organisations", sent)).status_code == 409
    seen = (await ask("manager", "GET", "/organisations")).json()["items"]
    assert [one["id"] for one in seen] == [known.company]
    path = f"/organisations/{known.company}"
    renamed = await ask("manager", "PATCH", path, {"name": "改名公司"}, if_match='"1"')
    assert (renamed.status_code, renamed.json()["name"]) == (200, "改名公司")
    assert (await ask("manager", "PATCH", path, {"permit": True}, if_match='"2"')).status_code == 403
    assert (await ask("manager", "GET", f"/organisations/{made.json()['id']}")).status_code == 404


async def test_teams_and_units_show_the_people_one_may_see(ask: Caller, known: World) -> None:
    async def members(who: str, what: str) -> dict[str, list[str]]:
        found = (await ask(who, "GET", f"/{what}?members=true")).json()["items"]
        assert [one["size"] for one in found] == [len(one["members"]) for one in found]
        short = (await ask(who, "GET", f"/{what}")).json()["items"]
        assert short == [{**one, "members": []} for one in found]
        return {one["code"]: [member["name"] for member in one["members"]] for one in found}

    u1 = [known.names["lead"], known.names["guard"]]
    assert await members("commander", "units") == {"u1": u1, "u3": [known.names["stranger"]]}
    assert await members("officer", "units") == {"u1": u1}
    assert await members("guard", "units") == {"u1": u1}
    assert await members("manager", "units") == {"u1": u1}
    assert await members("observer", "units") == {}
    assert await members("stranger", "teams") == {"t-b3": [known.names["stranger"]]}
    assert await members("manager", "teams") == {}


async def test_consent_is_given_and_withdrawn_by_oneself(ask: Caller, known: World, service: Service) -> None:
    text = (await ask("guard", "GET", "/me")).json()["consent_text"]["version"]
    stale = await ask("guard", "POST", "/me/consent", {"text_version": "1999", "given": True})
    assert stale.status_code == 409
    given = await ask("guard", "POST", "/me/consent", {"text_version": text, "given": True})
    assert given.json()["consent"]["given_at"] == int(service.clock.now.timestamp() * 1000)
    service.clock.turn(hours=1)
    again = await ask("guard", "POST", "/me/consent", {"text_version": text, "given": True})
    assert again.json()["consent"] == given.json()["consent"]
    gone = await ask("guard", "POST", "/me/consent", {"text_version": text, "given": False})
    assert gone.json()["consent"] is None
    async with service.pool.acquire() as conn:
        kept = await conn.fetch("select text_version, given_at, withdrawn_at from consent")
    assert [(row["text_version"], row["withdrawn_at"]) for row in kept] == [(text, service.clock.now)]


async def test_every_write_is_an_event_seen_by_whom_it_concerns(ask: Caller, known: World) -> None:
    guard = known.people["guard"]
    await ask("manager", "PATCH", f"/people/{guard}", {"travel_limit_m": 5000, "version": 1})

    async def kinds(who: str) -> list[tuple[str, Any]]:
        items = (await ask(who, "GET", "/events")).json()["items"]
        return [(one["kind"], one["data"].get("fields")) for one in items if one["kind"] == "person_changed"]

    changed = [("person_changed", ["travel_limit_m"])]
    for who in ("administrator", "commander", "manager", "guard"):
        assert await kinds(who) == changed, who
    for who in ("volunteer", "observer", "stranger", "nobody"):
        assert await kinds(who) == [], who
    event = (await ask("guard", "GET", "/events")).json()["items"][0]
    assert event["actor"] == known.people["manager"]
    assert event["data"]["person"] == guard
