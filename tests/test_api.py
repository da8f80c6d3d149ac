"""The API as a whole: a document that validates, and no route that shows someone else's people to anyone."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from alliance.errors import STATUS
from tests import walk
from tests.service import Service, running
from tests.world import SEEN, STRANGERS_TEXT, World, world

PUBLIC = {"POST /api/v1/login"}


@pytest.fixture
async def service(dsn: str, tmp_path: Path) -> AsyncIterator[Service]:
    async with running(dsn, tmp_path) as service:
        yield service


async def document(service: Service) -> dict[str, Any]:
    answer = await service.client.get("/schema")
    read: dict[str, Any] = json.loads(answer.content)
    return read


async def populated(service: Service) -> World:
    async with service.pool.acquire() as conn:
        return await world(conn)


def must_be_a_problem(answer: httpx.Response, where: str) -> None:
    """RFC 9457 with a code of ours, and no trace of the inside."""
    assert answer.status_code != 500, f"{where}: {answer.text}"
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json", f"{where}: {answer.text}"
        problem = answer.json()
        assert problem["status"] == answer.status_code, where
        assert problem["code"] in STATUS, where
        assert problem["detail"], where
        assert "Traceback" not in answer.text, where


async def test_the_openapi_document_validates(service: Service) -> None:
    read = await document(service)
    assert read["openapi"].startswith("3.1")
    errors = [error.message for error in OpenAPIV31SpecValidator(read).iter_errors()]
    assert errors == []
    login = read["paths"]["/api/v1/login"]["post"]
    assert login["responses"]["401"]["content"].keys() == {"application/problem+json"}


async def test_without_a_session_nothing_answers(service: Service) -> None:
    await populated(service)
    for operation in walk.operations(await document(service)):
        path, query = next(walk.addresses(operation, [1]))
        answer = await service.client.request(operation.method, path, params=query, json=operation.body)
        must_be_a_problem(answer, operation.name)
        expected = {400, 401} if operation.name in PUBLIC else {401}
        assert answer.status_code in expected, operation.name


async def test_a_browser_cannot_be_made_to_write(service: Service) -> None:
    """Neither without the CSRF token nor from a page of another origin, in any route."""
    known = await populated(service)
    cookie = await service.cookie(known.people["administrator"], csrf="right-csrf-token-0000")
    sent = {"Cookie": f"alliance_session={cookie}"}
    tricks: tuple[dict[str, str], ...] = (
        {},
        {"X-CSRF-Token": "wrong"},
        {"X-CSRF-Token": "right-csrf-token-0000", "Origin": "https://evil.example"},
        {"X-CSRF-Token": "right-csrf-token-0000", "Sec-Fetch-Site": "cross-site"},
    )
    for operation in walk.operations(await document(service)):
        if operation.method in walk.SAFE or operation.name in PUBLIC:
            continue
        path, query = next(walk.addresses(operation, [1]))
        for trick in tricks:
            answer = await service.client.request(
                operation.method, path, params=query, json=operation.body, headers={**sent, **trick}
            )
            where = f"{operation.name} with {trick}"
            must_be_a_problem(answer, where)
            assert (answer.status_code, answer.json()["code"]) == (403, "csrf"), where


@pytest.mark.parametrize("role", SEEN)
async def test_nobody_sees_someone_elses_people(service: Service, role: str) -> None:
    known = await populated(service)
    token = await service.token(known.people[role], 2 if role == "foreigner" else 1)
    hidden = [name for who, name in known.names.items() if who not in SEEN[role]]
    if "stranger" not in SEEN[role] and role != "foreigner":
        hidden.append(STRANGERS_TEXT)
    people = (await service.ask("GET", "/people", token)).json()["items"]
    assert sorted(one["name"] for one in people) == sorted(known.names[who] for who in SEEN[role])
    ids = sorted({*known.people.values(), *range(1, 8)})
    everything = walk.operations(await document(service))
    # Reads first, on the untouched world; then writes, which may be refused but must not tell either.
    for operation in sorted(everything, key=lambda one: one.method not in walk.SAFE):
        few = ids if operation.method in walk.SAFE else [known.people["stranger"], 1]
        for path, query in walk.addresses(operation, few):
            answer = await service.client.request(
                operation.method,
                path,
                params=query,
                json=operation.body,
                headers={"Authorization": f"Bearer {token}", "If-Match": '"1"'},
            )
            where = f"{role}: {operation.method.upper()} {path} {query}"
            must_be_a_problem(answer, where)
            told = [name for name in hidden if name in answer.text]
            assert told == [], f"{where} tells of {told}: {answer.text}"
        if operation.path.endswith("/logout"):
            token = await service.token(known.people[role], 2 if role == "foreigner" else 1)


async def test_a_token_opens_its_own_district_only(service: Service) -> None:
    known = await populated(service)
    token = await service.token(known.people["administrator"])
    assert (await service.ask("GET", "/people", token)).status_code == 200
    moved = await service.ask("GET", "/people", "2." + token.split(".", 1)[1])
    assert (moved.status_code, moved.json()["code"]) == (401, "not_signed_in")


@pytest.mark.parametrize(
    ("method", "path", "sent", "status", "code"),
    [
        ("GET", "/api/v1/nothing", {}, 404, "not_found"),
        ("GET", "/nothing.js", {}, 404, "not_found"),
        ("PUT", "/api/v1/login", {}, 405, "method_not_allowed"),
        ("POST", "/api/v1/login", {"content": b"{"}, 400, "bad_request"),
        ("POST", "/api/v1/login", {"content": b"\xff\xfe"}, 400, "bad_request"),
        ("POST", "/api/v1/login", {"json": {"login": 5}}, 400, "bad_request"),
        ("POST", "/api/v1/login", {"content": b'"' + b"x" * 3_000_000 + b'"'}, 413, "too_large"),
        ("GET", "/api/v1/me", {"headers": {"Authorization": "Basic eA=="}}, 401, "not_signed_in"),
        ("GET", "/api/v1/me", {"headers": {"Authorization": "Bearer " + "x" * 500}}, 401, "not_signed_in"),
    ],
)
async def test_what_can_not_be_answered_is_a_problem_document(
    service: Service, method: str, path: str, sent: dict[str, Any], status: int, code: str
) -> None:
    answer = await service.client.request(method, path, **sent)
    must_be_a_problem(answer, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
