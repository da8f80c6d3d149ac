"""The small world of the incidents' tests: one service for a module, a district of its own for each test."""

from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest
import pytest_asyncio

from tests.conftest import clone
from tests.incidents.world import World, a_world
from tests.service import Service, running

districts = count(1)


@pytest.fixture(scope="module")
def own_dsn(server: str, template: str) -> str:
    return clone(server, f"incidents_{next(districts)}")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(own_dsn: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    data: Path = tmp_path_factory.mktemp("service")
    async with running(own_dsn, data) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def world(service: Service) -> World:
    return await a_world(service, next(districts))
