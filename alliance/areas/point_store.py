"""The SQL of single points: a cell's areas, the polygons about it, the beats of cells."""

from collections.abc import Collection
from typing import Any

from alliance.actor import Code, DistrictId
from alliance.areas.places import Where
from alliance.db import rows
from alliance.db.pool import Connection
from geo.cell import Cell


async def where(conn: Connection, district: DistrictId, cell: Cell) -> Where | None:
    record = await conn.fetchrow(
        "select cell, town, station, beat, grid from cell where district_id = $1 and cell = $2",
        district,
        cell,
    )
    return rows.maybe(record, Where)


async def polygons_about(
    conn: Connection, district: DistrictId, cells: list[Cell]
) -> dict[Code, dict[str, Any]]:
    """Polygons of the grids that own or touch one of the cells."""
    records = await conn.fetch(
        """
        select code, polygon from area
        where district_id = $1 and kind = 'grid' and polygon is not null and code in (
            select grid from cell where district_id = $1 and cell = any($2)
            union select grid from grid_touch where district_id = $1 and cell = any($2))
        """,
        district,
        cells,
    )
    return {Code(record["code"]): record["polygon"] for record in records}


async def grid_where(conn: Connection, district: DistrictId, cell: Cell, grid: Code) -> Where | None:
    """The areas that a grid lies in."""
    record = await conn.fetchrow(
        """
        select $3::text as cell, b.town, b.station, b.code as beat, g.code as grid
        from area g join area b on b.district_id = g.district_id and b.code = g.beat
        where g.district_id = $1 and g.code = $2
        """,
        district,
        grid,
        cell,
    )
    return rows.maybe(record, Where)


async def cells(conn: Connection, district: DistrictId, beats: Collection[Code]) -> list[Cell]:
    records = await conn.fetch(
        "select cell from cell where district_id = $1 and beat = any($2)", district, list(beats)
    )
    return [Cell(record["cell"]) for record in records]


async def beats_of(conn: Connection, district: DistrictId, cells: Collection[Cell]) -> frozenset[Code]:
    records = await conn.fetch(
        "select distinct beat from cell where district_id = $1 and cell = any($2)", district, list(cells)
    )
    return frozenset(Code(record["beat"]) for record in records)


async def beat_of_cells(conn: Connection, district: DistrictId, cells: Collection[Cell]) -> dict[Cell, Code]:
    """The beat of each cell that is the district's."""
    records = await conn.fetch(
        "select cell, beat from cell where district_id = $1 and cell = any($2)", district, list(cells)
    )
    return {Cell(record["cell"]): Code(record["beat"]) for record in records}
