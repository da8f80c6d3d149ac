"""Signing in and out over HTTP: cookies, tokens, CSRF, wrong passwords and when they are too many."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alliance.actor import PersonId, Role
from tests import make
from tests.service import Service, running

PASSWORD = "纸鸢过江无人知晓"


@pytest.fixture
async def service(dsn: str, tmp_path: Path) -> AsyncIterator[Service]:
    async with running(dsn, tmp_path) as service:
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
    entered = await service.ask("POST", "/login", body={"login": "command", "password": PASSWORD})
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
