"""alliance district create, as an operator types it."""

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from shapely.geometry import box, mapping

from alliance.commands.district import command
from alliance.config import Unusable
from alliance.db.pool import connect

OPTIONS = ["--id", "441900", "--name", "试验区", "--targets", "10", "30", "120"]


@pytest.fixture
def boundary(tmp_path: Path) -> Path:
    file = tmp_path / "boundary.geojson"
    file.write_text(json.dumps(mapping(box(113.6, 23.2, 113.64, 23.23))))
    return file


def create(dsn: str, *options: str) -> Result:
    result = CliRunner().invoke(command, ["create", *OPTIONS, *options], env={"DATABASE_URL": dsn})
    if isinstance(result.exception, Unusable):
        raise result.exception
    return result


def test_a_boundary_and_a_table_of_towns_make_a_district(dsn: str, boundary: Path, tmp_path: Path) -> None:
    towns = tmp_path / "towns.csv"
    towns.write_text("code,name,lat,lon\nt1,东镇,23.21,113.63\nt2,西镇,23.21,113.61\n")
    result = create(dsn, "--boundary", str(boundary), "--towns", str(towns))
    assert result.exit_code == 0, result.output
    assert "Made up: stations, beats, grids." in result.output

    async def asked() -> tuple[object, ...]:
        conn = await connect(dsn)
        try:
            targets = await conn.fetchval(
                "select settings->'targets' from district where district_id = 441900"
            )
            return (
                targets,
                await conn.fetchval("select count(distinct town) from cell"),
                await conn.fetchval("select count(*) from shift_pattern"),
            )
        finally:
            await conn.close()

    assert asyncio.run(asked()) == ({"high": 10, "medium": 30, "low": 120}, 2, 4)


def test_swapped_coordinates_are_named_and_nothing_is_made(dsn: str, tmp_path: Path) -> None:
    file = tmp_path / "swapped.geojson"
    file.write_text(json.dumps(mapping(box(23.2, 113.6, 23.23, 113.64))))
    with pytest.raises(Unusable, match="longitude comes first"):
        create(dsn, "--boundary", str(file))


def test_a_second_district_of_that_number_is_refused(dsn: str, boundary: Path) -> None:
    assert create(dsn, "--boundary", str(boundary)).exit_code == 0
    with pytest.raises(Unusable, match="441900 already"):
        create(dsn, "--boundary", str(boundary))


def test_a_missing_option_is_wrong_usage(dsn: str) -> None:
    assert create(dsn).exit_code == 2
