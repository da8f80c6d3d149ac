"""Which pages the desk shows to whom, and what the service answers them: the same."""

import json
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from ops.web_build import WHEEL
from tests.make import NOW
from tests.service import Service, running
from tests.sources import ROOT
from tests.world import SEEN, world

DESK = ROOT / "alliance" / "web" / "src" / "command"
DAY = NOW.date().isoformat()
# What each page asks for, of which nothing may be refused to those who see the page.
ASKED = {
    "map": ["/district", "/cells?layer=areas", "/areas?kind=town", "/duty/now"],
    "attention": ["/attention?open=true"],
    "forecast": ["/forecast"],
    "incidents": ["/incidents"],
    "rosters": ["/rosters", f"/demand/units?day={DAY}&pattern=early"],
    "holes": ["/holes"],
    "duty": ["/duty/now"],
    "checkpoints": ["/checkpoints"],
    "people": ["/people", "/organisations"],
    "ledger": ["/ledger/head", "/ledger", "/credits?by=month"],
    "system": ["/district"],
}
TELL = """
const [{ PAGES }, { READERS }] = await Promise.all([import('./router.ts'), import('./readers.ts')])
console.log(JSON.stringify({ PAGES, READERS }))
"""


@pytest.fixture(scope="module")
def desk() -> dict[str, Any]:
    """The desk's own table."""
    node = [str(WHEEL / "bin" / "node"), "--no-warnings", "--input-type=module", "--eval", TELL]
    done = subprocess.run(node, cwd=DESK, capture_output=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.fixture
async def service(dsn: str, tmp_path: Path) -> AsyncIterator[Service]:
    async with running(dsn, tmp_path) as service:
        yield service


async def test_the_desk_shows_the_pages_which_the_service_lets_one_read(
    desk: dict[str, Any], service: Service
) -> None:
    assert set(ASKED) == set(desk["PAGES"])
    async with service.pool.acquire() as conn:
        known = await world(conn)
    for role in SEEN.keys() - {"foreigner"}:
        token = await service.token(known.people[role])
        for page, paths in ASKED.items():
            answers = [(await service.ask("GET", path, token)).status_code for path in paths]
            readers = desk["READERS"].get(page)
            assert set(answers) == ({200} if readers is None or role in readers else {403}), (role, page)


async def test_a_refusal_names_the_roles_that_may(desk: dict[str, Any], service: Service) -> None:
    async with service.pool.acquire() as conn:
        known = await world(conn)
    token = await service.token(known.people["guard"])
    for page, readers in desk["READERS"].items():
        for path in ASKED[page]:
            refused = (await service.ask("GET", path, token)).json()
            assert refused["code"] == "forbidden"
            assert refused["roles"] == readers
