"""What every test of rosters may ask for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.roster.district import District
from tests.service import running


@pytest.fixture
async def district(dsn: str, tmp_path: Path) -> AsyncIterator[District]:
    async with running(dsn, tmp_path) as service:
        made = District(service)
        await made.fill()
        yield made
