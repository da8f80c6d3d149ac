"""How a district wants its published rosters mended: read by all, set by its administrator."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.service import Service, running
from tests.world import World, world


@pytest.fixture
async def service(dsn: str, tmp_path: Path) -> AsyncIterator[Service]:
    async with running(dsn, tmp_path) as service:
        yield service


async def test_the_administrator_sets_it_and_who_comes_second_is_told(service: Service) -> None:
    async with service.pool.acquire() as conn:
        known: World = await world(conn)
    boss = await service.token(known.people["administrator"])
    guard = await service.token(known.people["guard"])
    read = await service.ask("GET", "/district/changes", guard)
    assert read.json()["no_show_minutes"] == 20
    wanted = read.json() | {"no_show_minutes": None, "swap_approval": False}
    refused = await service.ask("PATCH", "/district/changes", guard, wanted, if_match=read.headers["ETag"])
    assert refused.status_code == 403
    done = await service.ask("PATCH", "/district/changes", boss, wanted, if_match=read.headers["ETag"])
    assert done.json() == wanted
    late = await service.ask("PATCH", "/district/changes", boss, wanted, if_match=read.headers["ETag"])
    assert (late.status_code, late.json()["code"]) == (412, "stale_version")
    wrong = wanted | {"at_once": 0}
    refused = await service.ask("PATCH", "/district/changes", boss, wrong, if_match=done.headers["ETag"])
    assert refused.status_code == 400
    assert (await service.ask("GET", "/district/changes", guard)).json() == wanted
