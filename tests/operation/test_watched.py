"""What an operator sees of a running service: its figures, and one line for each request."""

import json
import logging
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alliance.actor import Role
from alliance.operation.logs import Line
from ops.steps import ROOT
from tests import make
from tests.service import Service, running


@pytest.fixture
async def service(dsn: str, tmp_path: Path) -> AsyncIterator[Service]:
    async with running(dsn, tmp_path) as service:
        yield service


async def figures(service: Service) -> dict[str, float]:
    text = (await service.client.get("/metrics")).text
    lines = [line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


async def test_the_figures_of_feed_jobs_and_disk_are_there(service: Service) -> None:
    found = await figures(service)
    for name in (
        *("feed_connections", "feed_fixes_waiting", "feed_unsent_bytes", "feed_fixes_acked_total"),
        *("feed_batch_fixes_count", "feed_commit_seconds_count", "feed_tick_seconds_count", "jobs_lease"),
    ):
        assert found[f"alliance_{name}"] == 0, name
    assert found["alliance_disk_free_bytes"] > 1_000_000
    assert found["alliance_pool_connections"] > 0


async def test_every_figure_of_ours_is_explained(service: Service) -> None:
    text = (await service.client.get("/metrics")).text
    names = re.findall(r"^# HELP alliance_(\w+)", text, re.MULTILINE)
    explained = (ROOT / "docs" / "operation.md").read_text()
    ours = [name for name in names if not name.endswith("_created")]
    assert len(ours) > 10
    assert [name for name in ours if f"`{name}`" not in explained] == []


async def test_a_request_is_one_line_without_the_person(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    async with service.pool.acquire() as conn:
        await make.district(conn)
        person = await make.person(conn, await make.organisation(conn), Role.ADMINISTRATOR)
    token = await service.token(person)
    with caplog.at_level(logging.INFO, logger="alliance.requests"):
        answer = await service.ask("GET", f"/people/{person}?q=陈小明", token)
        await service.client.get("/health/ready")
        await service.client.get("/metrics")
    (record,) = [record for record in caplog.records if record.name == "alliance.requests"]
    line = json.loads(Line().format(record))
    assert (line["method"], line["route"], line["status"]) == ("GET", "/api/v1/people/{number}", 200)
    assert line["request"] == answer.headers["x-request-id"]
    assert 0 < line["ms"] < 60_000
    assert "陈小明" not in json.dumps(line, ensure_ascii=False)
    assert token not in json.dumps(line)


async def test_a_failure_is_found_in_the_log_by_the_number_in_its_answer(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    async with service.pool.acquire() as conn:
        await make.district(conn)
        person = await make.person(conn, await make.organisation(conn), Role.ADMINISTRATOR)
        token = await service.token(person)
        await conn.execute("alter table job_run rename to job_run_gone")
    answer = await service.ask("GET", "/jobs", token)
    assert answer.status_code == 500
    assert answer.json()["number"] == answer.headers["x-request-id"]
    assert answer.json()["number"] in caplog.text
