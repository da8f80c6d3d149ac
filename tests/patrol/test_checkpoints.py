"""Checkpoints by HTTP: who makes, sees, prints and revokes them, and what their code opens."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from alliance.patrol.retention import expire_positions
from ops.benches import mini
from ops.benches.mini import DISTRICT, MIDDLE, Mini
from tests.make import NOW
from tests.service import Service, running

NOW_MS = int(NOW.timestamp() * 1000)
START = NOW_MS - 3_600_000
HOUR = 3_600_000
ADDRESS = "https://patrol.example:8443"
# In beats B3 and B0.
NORTH = {"lat": MIDDLE[0] + 0.004, "lon": MIDDLE[1] + 0.004}
SOUTH = {"lat": MIDDLE[0] - 0.004, "lon": MIDDLE[1] - 0.004}


class Desk(msgspec.Struct, kw_only=True):
    service: Service
    world: Mini
    tokens: dict[str, str]

    async def ask(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The answer's status, and what it says."""
        answer = await self.service.ask(method, path, self.tokens[who], body, **headers)
        return answer.status_code, answer.json() if answer.content else None

    async def made(self, name: str = "北门传达室", **more: Any) -> dict[str, Any]:
        status, found = await self.ask("commander", "POST", "/checkpoints", {"name": name, **NORTH, **more})
        assert status == 201, found
        return dict(found)

    async def key(self, number: int) -> str:
        _, found = await self.ask("commander", "GET", f"/checkpoints/sheet?id={number}&address={ADDRESS}")
        return str(found["items"][0]["link"]).rpartition("#scan=")[2]


@pytest.fixture
async def desk(dsn: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with running(dsn, tmp_path) as service:
        async with service.pool.acquire() as conn:
            await conn.execute("truncate district, fix, visit, visit_stale, cell_day cascade")
            world = await mini.seed(conn, people=1, start=START, end=START + 8 * HOUR, check_in=True)
            people = {
                "commander": await mini.make_person(conn, "commander"),
                "officer": await mini.make_person(conn, "officer", area="B3"),
                "elsewhere": await mini.make_person(conn, "officer", area="B0"),
                "lead": await mini.make_person(conn, "lead", area="B3"),
            }
        tokens = {role: token for role, (_, token) in people.items()} | {"guard": world.tokens[0]}
        yield Desk(service=service, world=world, tokens=tokens)


async def test_a_checkpoint_is_made_renamed_and_revoked_by_the_police_of_its_beat(desk: Desk) -> None:
    status, made = await desk.ask("officer", "POST", "/checkpoints", {"name": " 北门传达室 ", **NORTH})
    assert (status, made["name"], made["beat"]) == (201, "北门传达室", "B3")
    assert (made["scanned_at"], made["revoked_at"], made["version"]) == (None, None, 1)
    again, _ = await desk.ask("officer", "POST", "/checkpoints", {"name": "x", **SOUTH})
    assert again == 403
    path = f"/checkpoints/{made['id']}"
    for stranger in ("elsewhere", "guard", "lead"):
        for method, where in (("PATCH", path), ("POST", f"{path}/revoke"), ("POST", f"{path}/restore")):
            refused, _ = await desk.ask(stranger, method, where, {"name": "x", "version": 1})
            assert refused in (403, 404), (stranger, where)
    status, renamed = await desk.ask(
        "officer", "PATCH", path, {"name": "北门", "code": "N-1"}, if_match='"1"'
    )
    assert (status, renamed["name"], renamed["code"], renamed["version"]) == (200, "北门", "N-1", 2)
    assert (await desk.ask("officer", "PATCH", path, {"name": "y"}, if_match='"1"'))[0] == 412
    assert (await desk.ask("officer", "POST", f"{path}/revoke"))[1]["revoked_at"] == NOW_MS
    assert (await desk.ask("commander", "POST", f"{path}/restore"))[1]["revoked_at"] is None
    async with desk.service.pool.acquire() as conn:
        kinds = [row["kind"] for row in await conn.fetch("select kind from event order by id")]
    assert kinds == ["checkpoint_made", "checkpoint_renamed", "checkpoint_revoked", "checkpoint_restored"]


async def test_what_can_not_be_a_checkpoint_says_why(desk: Desk) -> None:
    status, refused = await desk.ask(
        "commander", "POST", "/checkpoints", {"name": "x", "lat": 22, "lon": 113}
    )
    assert (status, "outside the district" in refused["detail"]) == (400, True)
    assert (await desk.ask("commander", "POST", "/checkpoints", {"name": "  ", **NORTH}))[0] == 400
    await desk.made(code="N-1")
    status, refused = await desk.ask(
        "commander", "POST", "/checkpoints", {"name": "x", "code": "N-1", **NORTH}
    )
    assert (status, refused["code"]) == (409, "conflict")
    assert (await desk.made())["code"] != (await desk.made())["code"]
    body = {"name": "一次", **NORTH}
    first = await desk.ask("commander", "POST", "/checkpoints", body, Idempotency_Key="k")
    assert first == await desk.ask("commander", "POST", "/checkpoints", body, Idempotency_Key="k")


async def test_each_sees_those_of_the_own_beats_and_nobody_a_key(desk: Desk) -> None:
    north, south = await desk.made("北"), await desk.made("南", **SOUTH)
    gone = await desk.made("旧")
    await desk.ask("commander", "POST", f"/checkpoints/{gone['id']}/revoke")
    seen = {"commander": ["北", "南"], "officer": ["北"], "lead": ["北"], "elsewhere": ["南"]}
    for who, names in seen.items():
        _, found = await desk.ask(who, "GET", "/checkpoints")
        assert [one["name"] for one in found["items"]] == names
        assert "key" not in found["items"][0]
    _, found = await desk.ask("commander", "GET", "/checkpoints?revoked=true&limit=2")
    _, rest = await desk.ask("commander", "GET", f"/checkpoints?revoked=true&cursor={found['next']}")
    assert [one["id"] for one in found["items"] + rest["items"]] == [north["id"], south["id"], gone["id"]]
    assert (await desk.ask("guard", "GET", "/checkpoints"))[0] == 403


async def test_the_sheet_holds_links_to_the_phone_page_and_is_the_polices(desk: Desk) -> None:
    north, south = await desk.made("北"), await desk.made("南", **SOUTH)
    path = f"/checkpoints/sheet?id={north['id']}&id={south['id']}&address={ADDRESS}"
    _, found = await desk.ask("commander", "GET", path)
    links = [one["link"] for one in found["items"]]
    assert all(link.startswith(f"{ADDRESS}/patrol#scan=") for link in links)
    assert min(len(link.rpartition("=")[2]) for link in links) >= 20
    assert len(set(links)) == 2
    assert all(one["svg"].startswith("<svg") and "qrline" in one["svg"] for one in found["items"])
    # The same code can be printed again.
    assert found == (await desk.ask("commander", "GET", path))[1]
    for who in ("officer", "elsewhere", "lead", "guard"):
        assert (await desk.ask(who, "GET", path))[0] in (403, 404)
    own = await desk.ask("officer", "GET", f"/checkpoints/sheet?id={north['id']}&address={ADDRESS}")
    assert [one["name"] for one in own[1]["items"]] == ["北"]
    bad = f"/checkpoints/sheet?id={north['id']}&address=javascript:alert(1)"
    assert (await desk.ask("commander", "GET", bad))[0] == 400
    await desk.ask("commander", "POST", f"/checkpoints/{north['id']}/revoke")
    assert (await desk.ask("commander", "GET", path))[0] == 409


async def test_a_scan_without_a_socket_is_a_visit_that_counts(desk: Desk) -> None:
    made = await desk.made()
    body = {"checkpoint": await desk.key(made["id"]), "at": NOW_MS - 60_000}
    first = await desk.ask("guard", "POST", "/scans", body, Idempotency_Key="s1")
    assert (first[0], first[1]["name"], first[1]["cell"]) == (200, made["name"], made["cell"])
    assert first == await desk.ask("guard", "POST", "/scans", body, Idempotency_Key="s1")
    _, found = await desk.ask("commander", "GET", "/checkpoints")
    person = desk.world.people[0]
    assert [(one["scanned_at"], one["scanned_by"]) for one in found["items"]] == [(NOW_MS - 60_000, person)]
    _, covered = await desk.ask("commander", "GET", f"/cells?layer=coverage&at={NOW_MS}")
    until = dict(zip(covered["cells"], covered["covered_until"], strict=True))
    assert [cell for cell, at in until.items() if at > 0] == [made["cell"]]
    async with desk.service.pool.acquire() as conn:
        visits = await conn.fetch(
            "select from_at, to_at, checkpoint from visit where district_id = $1", DISTRICT
        )
    assert [tuple(row) for row in visits] == [(NOW_MS - 60_000, NOW_MS - 60_000, True)]


@pytest.mark.parametrize(
    ("ago", "code"),
    [(-5 * 60_000, "clock_ahead"), (2 * HOUR, "off_duty"), (200 * HOUR, "too_late")],
)
async def test_a_scan_off_duty_is_refused_and_nothing_is_kept(desk: Desk, ago: int, code: str) -> None:
    key = await desk.key((await desk.made())["id"])
    _, refused = await desk.ask("guard", "POST", "/scans", {"checkpoint": key, "at": NOW_MS - ago})
    assert refused["code"] == code
    async with desk.service.pool.acquire() as conn:
        assert await conn.fetchval("select count(*) from scan") == 0
        assert await conn.fetchval("select count(*) from visit") == 0


async def test_codes_unknown_revoked_or_of_another_district_are_refused(desk: Desk) -> None:
    made = await desk.made()
    key = await desk.key(made["id"])
    for wrong in ("x", key[:-1], key.swapcase()):
        _, refused = await desk.ask("guard", "POST", "/scans", {"checkpoint": wrong, "at": NOW_MS})
        assert refused["code"] == "unknown_key"
    await desk.ask("commander", "POST", f"/checkpoints/{made['id']}/revoke")
    _, refused = await desk.ask("guard", "POST", "/scans", {"checkpoint": key, "at": NOW_MS})
    assert (refused["code"], made["code"] in refused["detail"]) == ("unknown_key", True)
    # What was scanned before the revocation may still arrive.
    status, _ = await desk.ask("guard", "POST", "/scans", {"checkpoint": key, "at": NOW_MS - 1})
    assert status == 200
    await desk.ask("commander", "POST", f"/checkpoints/{made['id']}/restore")
    assert (await desk.ask("guard", "POST", "/scans", {"checkpoint": key, "at": NOW_MS}))[0] == 200


async def test_without_consent_a_scan_is_refused(desk: Desk) -> None:
    key = await desk.key((await desk.made())["id"])
    async with desk.service.pool.acquire() as conn:
        await conn.execute("delete from consent where district_id = $1", DISTRICT)
    _, refused = await desk.ask("guard", "POST", "/scans", {"checkpoint": key, "at": NOW_MS})
    assert refused["code"] == "no_consent"


async def test_scans_go_with_the_visits(desk: Desk) -> None:
    key = await desk.key((await desk.made())["id"])
    await desk.ask("guard", "POST", "/scans", {"checkpoint": key, "at": NOW_MS})
    for days, left in ((179, NOW_MS), (182, None)):
        async with desk.service.pool.acquire() as conn:
            today = desk.world.day + timedelta(days=days)
            await expire_positions(conn, today, fix_days=30, visit_days=180)
        _, found = await desk.ask("commander", "GET", "/checkpoints")
        assert [one["scanned_at"] for one in found["items"]] == [left]
