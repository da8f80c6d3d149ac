"""Traccar Client and OwnTracks, by the requests they really send: heard on duty, and only then."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from alliance.patrol.fixes import DETAIL
from ops.benches import mini
from ops.benches.mini import DISTRICT, MIDDLE, Mini
from tests.make import NOW
from tests.service import Service, running

NOW_MS = int(NOW.timestamp() * 1000)
START = NOW_MS - 3_600_000
HOUR = 3_600_000
LAT, LON = MIDDLE


class Bound(msgspec.Struct, kw_only=True):
    """A guard on duty with a bound phone."""

    service: Service
    world: Mini
    token: str
    person: int
    phone: int

    async def stored(self) -> list[tuple[int, float, float, float, int]]:
        async with self.service.pool.acquire() as conn:
            found = await conn.fetch(
                "select at, lat, lon, accuracy, battery from fix_read where assignment = $1 order by at",
                self.world.assignments[0],
            )
        return [(r["at"], r["lat"] / 1e7, r["lon"] / 1e7, r["accuracy"], r["battery"]) for r in found]

    async def own(self, method: str, path: str, body: Any = None) -> httpx.Response:
        return await self.service.ask(method, f"/people/{self.person}{path}", self.world.tokens[0], body)

    async def traccar(self, **given: Any) -> httpx.Response:
        return await self.service.client.request(url="/phones/traccar", **given)

    async def owntracks(self, message: Any, password: str | None = None) -> httpx.Response:
        said = base64.b64encode(f"li:{password or self.token}".encode()).decode()
        content = message if isinstance(message, bytes) else msgspec.json.encode(message)
        headers = {"Authorization": f"Basic {said}", "Content-Type": "application/json", "X-Limit-U": "li"}
        return await self.service.client.post("/phones/owntracks", content=content, headers=headers)


@pytest.fixture
async def bound(dsn: str, tmp_path: Path) -> AsyncIterator[Bound]:
    async with running(dsn, tmp_path) as service:
        async with service.pool.acquire() as conn:
            await conn.execute("truncate district, fix, visit, visit_stale, cell_day cascade")
            world = await mini.seed(conn, people=2, start=START, end=START + 8 * HOUR, check_in=True)
        person = world.people[0]
        asked = await service.ask("POST", f"/people/{person}/phones", world.tokens[0], {"name": "手机"})
        assert asked.status_code == 201, asked.text
        made = asked.json()
        yield Bound(service=service, world=world, token=made["token"], person=person, phone=made["id"])


def osmand(at: float | str, token: str, **more: str) -> dict[str, str]:
    """The parameters of Traccar Client up to version 8."""
    return {
        "id": token,
        "timestamp": str(at),
        "lat": str(LAT),
        "lon": str(LON),
        "speed": "1.2",
        "bearing": "90.0",
        "altitude": "12.0",
        "accuracy": "8.5",
        "batt": "73.0",
        **more,
    }


def background(at: str, token: str) -> dict[str, Any]:
    """The message of Traccar Client from version 9."""
    return {
        "location": {
            "timestamp": at,
            "coords": {"latitude": LAT, "longitude": LON, "accuracy": 9.5, "speed": -1, "heading": -1},
            "is_moving": True,
            "odometer": 310.5,
            "event": "motionchange",
            "battery": {"level": 0.52, "is_charging": False},
            "activity": {"type": "walking"},
            "extras": {},
        },
        "device_id": token,
    }


def location(at: int, **more: Any) -> dict[str, Any]:
    """The message of OwnTracks."""
    message = {"_type": "location", "BSSID": "a", "acc": 12, "alt": 20, "batt": 61, "bs": 1, "conn": "w"}
    return {**message, "lat": LAT, "lon": LON, "tid": "li", "tst": at // 1000, "vel": 0, **more}


async def test_traccar_client_by_query_form_and_json(bound: Bound) -> None:
    first, second, third, fourth = (START + n * 60_000 for n in (1, 2, 3, 4))
    asked = await bound.traccar(method="GET", params=osmand(first // 1000, bound.token))
    assert (asked.status_code, asked.content) == (200, b"")
    assert "x-refused" not in asked.headers
    await bound.traccar(method="POST", params=osmand(second, bound.token))
    await bound.traccar(method="POST", data=osmand(third // 1000, bound.token))
    moment = f"{NOW.replace(tzinfo=None).isoformat()}.000Z"
    said = await bound.traccar(method="POST", json=background(moment, bound.token))
    assert (said.status_code, said.content) == (200, b"")
    assert await bound.stored() == [
        (first, LAT, LON, 8.5, 73),
        (second, LAT, LON, 8.5, 73),
        (third, LAT, LON, 8.5, 73),
        (NOW_MS, LAT, LON, 9.5, 52),
    ]
    # The same again is answered alike and stored once; several at once are taken too.
    await bound.traccar(method="POST", json=background(moment, bound.token))
    several = background(moment, bound.token)
    later = {**several["location"], "timestamp": fourth}
    await bound.traccar(method="POST", json={**several, "location": [several["location"], later]})
    assert [row[0] for row in await bound.stored()] == [first, second, third, fourth, NOW_MS]


async def test_owntracks_by_http(bound: Bound) -> None:
    asked = await bound.owntracks(location(START + 60_000))
    assert (asked.status_code, asked.json()) == (200, [])
    for ignored in (b"", {"_type": "waypoint", "desc": "x"}, {"_type": "transition"}):
        answer = await bound.owntracks(ignored)
        assert (answer.status_code, answer.json()) == (200, [])
    assert await bound.stored() == [(START + 60_000, LAT, LON, 12, 61)]


async def test_what_is_refused_is_not_stored_and_not_sent_again(bound: Bound) -> None:
    refused = {
        "off_duty": START - 40 * 60_000,
        "clock_ahead": NOW_MS + 5 * 60_000,
    }
    for code, at in refused.items():
        for answer in (
            await bound.owntracks(location(at)),
            await bound.traccar(method="POST", params=osmand(at // 1000, bound.token)),
        ):
            assert (answer.status_code, answer.headers["x-refused"]) == (200, code)
            assert code in DETAIL
    for unreadable in (location(START, lat=123.0), location(START, tst="never"), b"{"):
        answer = await bound.owntracks(unreadable)
        assert (answer.status_code, answer.headers["x-refused"]) == (200, "bad_message")
    other = bound.world.people[1]
    async with bound.service.pool.acquire() as conn:
        await conn.execute("delete from consent where district_id = $1 and person = $2", DISTRICT, other)
    path, own = f"/people/{other}/phones", bound.world.tokens[1]
    token = (await bound.service.ask("POST", path, own, {"name": "x"})).json()["token"]
    answer = await bound.owntracks(location(START + 60_000), password=token)
    assert (answer.status_code, answer.headers["x-refused"]) == (200, "no_consent")
    async with bound.service.pool.acquire() as conn:
        assert await conn.fetchval("select count(*) from fix") == 0


async def test_the_set_ups_are_what_the_apps_take_and_send_here(bound: Bound) -> None:
    body = {"name": "新手机", "address": "https://patrol.example:8443"}
    made = (await bound.own("POST", "/phones", body)).json()
    link = httpx.URL(made["traccar"]["link"])
    assert str(link.copy_with(query=None)) == "https://patrol.example:8443/phones/traccar"
    assert (link.params["id"], link.params["interval"]) == (made["token"], "20")
    inline = httpx.URL(made["owntracks"]["link"]).params["inline"]
    configuration = msgspec.json.decode(base64.b64decode(inline, validate=True))
    assert configuration == msgspec.json.decode(made["owntracks"]["configuration"])
    assert (configuration["_type"], configuration["mode"], configuration["auth"]) == (
        "configuration",
        3,
        True,
    )
    assert configuration["url"] == "https://patrol.example:8443/phones/owntracks"
    assert all(made[app]["svg"].startswith("<svg") for app in ("traccar", "owntracks"))
    answer = await bound.owntracks(location(START + 60_000), password=configuration["password"])
    assert (answer.status_code, answer.headers.get("x-refused")) == (200, None)
    assert [row[0] for row in await bound.stored()] == [START + 60_000]
    plain = (await bound.own("POST", "/phones", {"name": "x"})).json()
    assert (plain["traccar"], plain["owntracks"]) == (None, None)
    bad = await bound.own("POST", "/phones", {"name": "x", "address": "https://a.example/path"})
    assert bad.status_code == 400


async def test_it_is_told_when_an_app_was_last_heard(bound: Bound) -> None:
    async def used() -> list[int | None]:
        return [one["used_at"] for one in (await bound.own("GET", "/phones")).json()["items"]]

    assert await used() == [None]
    await bound.owntracks(location(START + 60_000))
    assert await used() == [NOW_MS]
    bound.service.clock.turn(seconds=30)
    await bound.owntracks(location(START + 90_000))
    assert await used() == [NOW_MS]
    bound.service.clock.turn(seconds=40)
    await bound.owntracks(b"")
    assert await used() == [NOW_MS + 70_000]
    # Who is refused was not heard.
    assert (await bound.owntracks(location(START), password="440118." + "0" * 20)).status_code == 401
    assert await used() == [NOW_MS + 70_000]


async def test_a_phone_is_bound_and_let_go_by_whom_it_concerns(bound: Bound) -> None:
    listed = (await bound.own("GET", "/phones")).json()["items"]
    assert [(one["id"], one["name"]) for one in listed] == [(bound.phone, "手机")]
    assert bound.token not in str(listed)
    async with bound.service.pool.acquire() as conn:
        secrets = await conn.fetch("select secret_hash from phone")
        assert bound.token.encode() not in b"".join(row["secret_hash"] for row in secrets)
        _, colleague = await mini.make_person(conn, "guard")
        _, manager = await mini.make_person(conn, "manager", company=True)
    path = f"/people/{bound.person}/phones"
    assert (await bound.service.ask("GET", path, colleague)).status_code == 404
    assert (await bound.service.ask("POST", path, colleague, {"name": "x"})).status_code == 404
    second = await bound.service.ask("POST", path, manager, {"name": "OwnTracks"})
    assert second.status_code == 201
    # It opens nothing but the apps' way in.
    assert (await bound.service.ask("GET", "/me", bound.token)).status_code == 401
    assert (await bound.owntracks(location(START), password="440118." + "0" * 20)).status_code == 401
    assert (await bound.service.ask("DELETE", f"{path}/{bound.phone}", manager)).status_code == 204
    assert (await bound.owntracks(location(START + 60_000))).status_code == 401
    assert (await bound.traccar(method="GET", params=osmand(START // 1000, bound.token))).status_code == 401
    answer = await bound.owntracks(location(START + 60_000), password=second.json()["token"])
    assert answer.status_code == 200
    assert len(await bound.stored()) == 1
