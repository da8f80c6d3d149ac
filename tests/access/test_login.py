"""Signing in and out over HTTP: cookies, tokens, CSRF, wrong passwords and when they are too many."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from alliance.actor import PersonId, Role
from alliance.people.model import Held
from tests import make
from tests.service import ADDRESS, Service, running

PASSWORD = "纸鸢过江无人知晓呀"
RIGHT = {"login": "command", "password": PASSWORD}
WRONG = {"login": "command", "password": "something else"}


@pytest.fixture
async def service(dsn: str, tmp_path: Path) -> AsyncIterator[Service]:
    async with running(dsn, tmp_path, origins=("https://patrol.example",)) as service:
        yield service


@pytest.fixture
async def commander(service: Service) -> PersonId:
    async with service.pool.acquire() as conn:
        await make.district(conn)
        police = await make.organisation(conn, kind="police")
        made = await make.person(conn, police, Role.COMMANDER, name="王指挥")
    await service.login(made, "command", PASSWORD)
    return made


async def test_a_browser_signs_in_reads_and_writes_and_signs_out(
    service: Service, commander: PersonId
) -> None:
    entered = await service.ask("POST", "/login", body=RIGHT)
    assert entered.status_code == 200
    answer = entered.json()
    assert (answer["person"], answer["name"], answer["roles"]) == (commander, "王指挥", ["commander"])
    assert "token" not in answer
    cookie = entered.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie

    me = (await service.ask("GET", "/me")).json()
    assert me["name"] == "王指挥"
    assert me["district"]["time_zone"] == "Asia/Shanghai"
    assert me["csrf"] == answer["csrf"]
    assert me["consent"] is None
    assert "荔安联盟" in me["consent_text"]["zh"]

    given = {"text_version": me["consent_text"]["version"], "given": True}
    refused = await service.ask("POST", "/me/consent", body=given)
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf")
    taken = await service.ask("POST", "/me/consent", body=given, x_csrf_token=answer["csrf"])
    assert taken.status_code == 200
    assert taken.json()["consent"]["text_version"] == given["text_version"]

    out = await service.ask("POST", "/logout", x_csrf_token=answer["csrf"])
    assert out.status_code == 204
    service.client.cookies.set("alliance_session", cookie.split("=", 1)[1].split(";")[0])
    assert (await service.ask("GET", "/me")).json()["code"] == "not_signed_in"


async def test_a_token_signs_in_without_a_cookie_and_is_none(service: Service, commander: PersonId) -> None:
    answer = await service.ask("POST", "/login", body={**RIGHT, "token": True, "district": 1})
    assert "set-cookie" not in answer.headers
    token = answer.json()["token"]
    assert token.startswith("1.")
    assert (await service.ask("GET", "/me", token)).json()["person"] == commander
    as_cookie = await service.client.get("/api/v1/me", headers={"Cookie": f"alliance_session={token}"})
    assert as_cookie.json()["code"] == "not_signed_in"
    assert (await service.ask("POST", "/logout", token)).status_code == 204
    assert (await service.ask("GET", "/me", token)).status_code == 401


async def test_only_hashes_of_secrets_are_kept(service: Service, commander: PersonId) -> None:
    answer = (await service.ask("POST", "/login", body={**RIGHT, "token": True})).json()
    async with service.pool.acquire() as conn:
        kept = str(await conn.fetch("select secret_hash, csrf from session"))
        event = str(await conn.fetch("select data from event"))
    secret = answer["token"].split(".", 1)[1]
    assert secret not in kept
    assert secret not in event


async def test_guessing_is_slowed_down_for_one_address_not_for_the_station(
    service: Service, commander: PersonId
) -> None:
    async with service.pool.acquire() as conn:
        other = await make.person(conn, await make.organisation(conn, code="o2"), Role.GUARD)
    await service.login(other, "guard", PASSWORD)
    for _ in range(5):
        assert (await service.ask("POST", "/login", body=WRONG)).json()["code"] == "wrong_password"
    refused = await service.ask("POST", "/login", body=RIGHT)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many")
    wait = int(refused.headers["retry-after"])
    assert 0 < wait <= 900
    # A colleague behind the same address still gets in.
    assert (await service.ask("POST", "/login", body={**RIGHT, "login": "guard"})).status_code == 200
    service.clock.turn(minutes=16)
    assert (await service.ask("POST", "/login", body=RIGHT)).status_code == 200


async def test_nobody_learns_which_logins_exist(service: Service, commander: PersonId) -> None:
    known = await service.ask("POST", "/login", body=WRONG)
    unknown = await service.ask("POST", "/login", body={**WRONG, "login": "nobody"})
    assert (known.status_code, known.json()) == (unknown.status_code, unknown.json())


async def test_a_login_from_another_origin_is_refused(service: Service, commander: PersonId) -> None:
    evil = await service.ask("POST", "/login", body=RIGHT, origin="https://evil.example")
    assert evil.json()["code"] == "csrf"
    for origin in (ADDRESS, "https://patrol.example"):
        assert (await service.ask("POST", "/login", body=RIGHT, origin=origin)).status_code == 200


async def test_a_used_session_lasts_an_unused_one_ends(service: Service, commander: PersonId) -> None:
    await service.ask("POST", "/login", body=RIGHT)
    for _ in range(3):
        service.clock.turn(days=10)
        assert (await service.ask("GET", "/me")).status_code == 200
    service.clock.turn(days=15)
    assert (await service.ask("GET", "/me")).status_code == 401


async def test_who_is_made_inactive_or_loses_a_role_feels_it_at_once(
    service: Service, commander: PersonId
) -> None:
    token = await service.token(commander)
    assert len((await service.ask("GET", "/me", token)).json()["roles"]) == 1
    async with service.pool.acquire() as conn:
        await conn.execute("delete from person_role where person = $1", commander)
    assert (await service.ask("GET", "/me", token)).json()["roles"] == []
    async with service.pool.acquire() as conn:
        await conn.execute("update person set active = false where id = $1", commander)
    assert (await service.ask("GET", "/me", token)).status_code == 401
    assert (await service.ask("POST", "/login", body=RIGHT)).json()["code"] == "wrong_password"


async def test_a_new_password_ends_the_other_sessions(service: Service, commander: PersonId) -> None:
    other = await service.token(commander)
    mine = await service.token(commander)
    weak = await service.ask("POST", "/me/password", mine, {"old": PASSWORD, "new": "password123"})
    assert (weak.status_code, weak.json()["code"]) == (400, "bad_request")
    wrong = await service.ask(
        "POST", "/me/password", mine, {"old": "nonsense", "new": "另一个好密码其实很长"}
    )
    assert wrong.status_code == 403
    done = await service.ask("POST", "/me/password", mine, {"old": PASSWORD, "new": "另一个好密码其实很长"})
    assert done.status_code == 204
    assert (await service.ask("GET", "/me", mine)).status_code == 200
    assert (await service.ask("GET", "/me", other)).status_code == 401


async def test_a_manager_makes_logins_for_the_own_guards_only(service: Service, commander: PersonId) -> None:
    async with service.pool.acquire() as conn:
        company = await make.organisation(conn, code="a")
        rival = await make.organisation(conn, code="b")
        manager = await make.person(conn, company, Held(role=Role.MANAGER, organisation=company))
        guard = await make.person(conn, company, Role.GUARD)
        officer = await make.person(conn, company, Role.OFFICER)
        stranger = await make.person(conn, rival, Role.GUARD)
    token = await service.token(manager)
    body = {"login": "g1", "password": PASSWORD}
    statuses = [
        (await service.ask("POST", f"/people/{person}/account", token, body)).status_code
        for person in (guard, officer, stranger)
    ]
    assert statuses == [204, 403, 404]
    entered = await service.ask("POST", "/login", body={**body, "token": True})
    assert entered.json()["person"] == guard
    taken = await service.ask("POST", f"/people/{manager}/account", await service.token(commander), body)
    assert taken.status_code == 404


async def test_tokens_in_bulk_are_the_administrators(service: Service, commander: PersonId) -> None:
    async with service.pool.acquire() as conn:
        police = await make.organisation(conn, code="p2", kind="police")
        admin = await make.person(conn, police, Role.ADMINISTRATOR)
        second = await make.person(conn, police, Role.ADMINISTRATOR)
    token = await service.token(admin)
    made = await service.ask("POST", "/sessions/bulk", token, {"people": [commander, admin], "hours": 2})
    tokens = {one["person"]: one["token"] for one in made.json()["tokens"]}
    assert (await service.ask("GET", "/me", tokens[commander])).json()["person"] == commander
    for_other = await service.ask("POST", "/sessions/bulk", token, {"people": [second], "hours": 2})
    assert for_other.status_code == 403
    refused = await service.ask("POST", "/sessions/bulk", tokens[commander], {"people": [admin], "hours": 2})
    assert refused.status_code == 403
    service.clock.turn(hours=3)
    assert (await service.ask("GET", "/me", tokens[commander])).status_code == 401


async def test_behind_tls_the_cookie_is_secure(service: Service, commander: PersonId) -> None:
    transport = service.client._transport
    async with httpx.AsyncClient(transport=transport, base_url="https://alliance.test") as client:
        entered = await client.post("/api/v1/login", json=RIGHT)
    assert "Secure" in entered.headers["set-cookie"]
