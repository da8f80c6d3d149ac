"""The SQL of photos."""

from datetime import datetime

from alliance.actor import DistrictId, PersonId
from alliance.db import rows
from alliance.db.pool import Connection
from alliance.incidents.model import PhotoId, ReportId, Stored
from alliance.incidents.photos import Picture


async def insert(
    conn: Connection, district: DistrictId, person: PersonId, picture: Picture, now: datetime
) -> PhotoId:
    number: int = await conn.fetchval(
        """
        insert into photo (district_id, person, sha256, width, height, taken_in, jpeg)
        values ($1, $2, sha256($3), $4, $5, $6, $3) returning id
        """,
        district,
        person,
        picture.jpeg,
        picture.width,
        picture.height,
        now,
    )
    return PhotoId(number)


async def photos(conn: Connection, district: DistrictId, numbers: list[int]) -> list[Stored]:
    records = await conn.fetch(
        """
        select id, person, report, width, height from photo
        where district_id = $1 and id = any($2) and jpeg is not null order by id for update
        """,
        district,
        numbers,
    )
    return rows.many(records, Stored)


async def photo(conn: Connection, district: DistrictId, number: int) -> Stored | None:
    record = await conn.fetchrow(
        """
        select id, person, report, width, height from photo
        where district_id = $1 and id = $2 and jpeg is not null
        """,
        district,
        number,
    )
    return rows.maybe(record, Stored)


async def jpeg(conn: Connection, district: DistrictId, number: int) -> bytes:
    found: bytes = await conn.fetchval(
        "select jpeg from photo where district_id = $1 and id = $2", district, number
    )
    return found


async def attach(conn: Connection, district: DistrictId, report: ReportId, numbers: list[int]) -> None:
    await conn.execute(
        "update photo set report = $2 where district_id = $1 and id = any($3)", district, report, numbers
    )


async def of_reports(conn: Connection, district: DistrictId, reports: list[ReportId]) -> list[Stored]:
    records = await conn.fetch(
        """
        select id, person, report, width, height from photo
        where district_id = $1 and report = any($2) and jpeg is not null order by id
        """,
        district,
        reports,
    )
    return rows.many(records, Stored)


async def erase(conn: Connection, district: DistrictId, old: datetime, unused: datetime) -> int:
    """Pictures taken in before `old`, and those that no report has named by `unused`."""
    count: int = await conn.fetchval(
        """
        with gone as (
            update photo set jpeg = null
            where district_id = $1 and jpeg is not null
              and (taken_in < $2 or (report is null and taken_in < $3)) returning 1
        ) select count(*) from gone
        """,
        district,
        old,
        unused,
    )
    return count
