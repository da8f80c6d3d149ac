"""The district over HTTP: its boundary and every area by name and place."""

from pathlib import Path

from alliance.actor import Role
from tests import make
from tests.service import running


async def test_the_district_has_its_boundary_and_areas(dsn: str, tmp_path: Path) -> None:
    async with running(dsn, tmp_path) as service:
        async with service.pool.acquire() as conn:
            await make.district(conn)
            police = await make.organisation(conn, kind="police")
            observer = await make.person(conn, police, Role.OBSERVER)
        shown = (await service.ask("GET", "/district", await service.token(observer))).json()
    assert shown["boundary"] == make.BOUNDARY
    beats = {area["code"]: area for area in shown["areas"] if area["kind"] == "beat"}
    assert {code: (beat["town"], beat["station"]) for code, beat in beats.items()} == make.BEATS
    assert {area["kind"] for area in shown["areas"]} == {"town", "station", "beat", "grid"}
