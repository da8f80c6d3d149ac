"""The SQL of districts, areas, cells and patterns."""

from collections.abc import Iterable, Sequence
from typing import Any

import asyncpg
import msgspec

from alliance.actor import Code, DistrictId
from alliance.areas.model import Area, AreaKind, CellColumns, District, Pattern, Stamp
from alliance.db import rows
from geo.cell import Cell


async def district(conn: asyncpg.Connection, district: DistrictId) -> District | None:
    record = await conn.fetchrow(
        """
        select district_id, name, name_en, time_zone, boundary, settings, version, created_at
        from district where district_id = $1
        """,
        district,
    )
    return rows.maybe(record, District)


async def districts(conn: asyncpg.Connection) -> list[DistrictId]:
    records = await conn.fetch("select district_id from district order by district_id")
    return [DistrictId(record["district_id"]) for record in records]


async def stamp(conn: asyncpg.Connection, district: DistrictId) -> Stamp | None:
    """Changes with the district's places and with its weights."""
    record = await conn.fetchrow(
        """
        select d.version as district,
               coalesce((select max(w.version) from weight_version w where w.district_id = $1), 0) as weights
        from district d where d.district_id = $1
        """,
        district,
    )
    return rows.maybe(record, Stamp)


async def insert_district(conn: asyncpg.Connection, district: District) -> None:
    await conn.execute(
        """
        with made as (
            insert into district (district_id, name, name_en, time_zone, boundary, settings, version,
                                  created_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8) returning district_id
        )
        insert into event_counter (district_id, last) select district_id, 0 from made
        """,
        district.district_id,
        district.name,
        district.name_en,
        district.time_zone,
        district.boundary,
        msgspec.to_builtins(district.settings),
        district.version,
        district.created_at,
    )


async def set_changes(
    conn: asyncpg.Connection, district: DistrictId, changes: dict[str, Any], version: int
) -> bool:
    """False where the district is no longer of that version."""
    status = await conn.execute(
        """
        update district set settings = settings || jsonb_build_object('changes', $3::jsonb),
            version = version + 1
        where district_id = $1 and version = $2
        """,
        district,
        version,
        changes,
    )
    return bool(status.endswith(" 1"))


async def insert_patterns(
    conn: asyncpg.Connection, district: DistrictId, patterns: Sequence[Pattern]
) -> None:
    await conn.executemany(
        """
        insert into shift_pattern (district_id, code, name, name_en, start_minute, minutes, role, duty)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        [(district, p.code, p.name, p.name_en, p.start_minute, p.minutes, p.role, p.duty) for p in patterns],
    )


async def patterns(conn: asyncpg.Connection, district: DistrictId) -> list[Pattern]:
    records = await conn.fetch(
        """
        select code, name, name_en, start_minute, minutes, role, duty
        from shift_pattern where district_id = $1 order by duty desc, start_minute, code
        """,
        district,
    )
    return rows.many(records, Pattern)


async def copy_areas(conn: asyncpg.Connection, district: DistrictId, areas: Iterable[Area]) -> None:
    columns = ("district_id", *msgspec.structs.asdict(_EMPTY))
    await conn.copy_records_to_table(
        "area", columns=columns, records=[(district, *msgspec.structs.astuple(area)) for area in areas]
    )


_EMPTY = Area(
    code=Code(""), kind=AreaKind.TOWN, name="", name_en="", town=Code(""), station=None, beat=None,
    lat=0, lon=0, made_up=False,
)  # fmt: skip


async def areas(conn: asyncpg.Connection, district: DistrictId, kinds: Sequence[AreaKind]) -> list[Area]:
    """Without their polygons, by kind and code."""
    records = await conn.fetch(
        """
        select code, kind, name, name_en, town, station, beat, lat, lon, made_up
        from area where district_id = $1 and kind = any($2) order by kind, code
        """,
        district,
        list(kinds),
    )
    return rows.many(records, Area)


async def polygons(
    conn: asyncpg.Connection, district: DistrictId, kind: AreaKind
) -> dict[Code, dict[str, Any]]:
    records = await conn.fetch(
        "select code, polygon from area where district_id = $1 and kind = $2 and polygon is not null",
        district,
        kind,
    )
    return {Code(record["code"]): record["polygon"] for record in records}


async def copy_cells(conn: asyncpg.Connection, district: DistrictId, cells: CellColumns) -> None:
    columns = (cells.cells, cells.town, cells.station, cells.beat, cells.grid, cells.tier)
    await conn.copy_records_to_table(
        "cell",
        columns=("district_id", "cell", "town", "station", "beat", "grid", "tier"),
        records=[(district, *row) for row in zip(*columns, strict=True)],
    )


async def copy_touches(
    conn: asyncpg.Connection, district: DistrictId, touches: Iterable[tuple[Code, Cell]]
) -> None:
    await conn.copy_records_to_table(
        "grid_touch",
        columns=("district_id", "grid", "cell"),
        records=[(district, grid, cell) for grid, cell in touches],
    )


async def cells(conn: asyncpg.Connection, district: DistrictId) -> CellColumns:
    record = await conn.fetchrow(
        """
        select coalesce(array_agg(cell order by cell), '{}') as cells,
               coalesce(array_agg(town order by cell), '{}') as town,
               coalesce(array_agg(station order by cell), '{}') as station,
               coalesce(array_agg(beat order by cell), '{}') as beat,
               coalesce(array_agg(grid order by cell), '{}') as grid,
               coalesce(array_agg(tier order by cell), '{}') as tier
        from cell where district_id = $1
        """,
        district,
    )
    return rows.one(record, CellColumns)


async def set_tiers(
    conn: asyncpg.Connection, district: DistrictId, cells: Sequence[Cell], tiers: Sequence[int]
) -> None:
    """The district's version goes up with it."""
    await conn.execute(
        """
        with given as (select g.cell, g.tier from unnest($2::text[], $3::smallint[]) as g(cell, tier)),
        changed as (
            update cell c set tier = given.tier from given
            where c.district_id = $1 and c.cell = given.cell and c.tier <> given.tier returning 1
        )
        update district set version = version + 1 where district_id = $1 and exists (select from changed)
        """,
        district,
        list(cells),
        list(tiers),
    )
