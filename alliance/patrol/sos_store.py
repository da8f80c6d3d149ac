"""The SQL of calls for help."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from alliance.actor import AssignmentId, Code, DistrictId, PersonId
from alliance.db import rows
from alliance.db.pool import Connection
from alliance.patrol.model import Point, Sos

COLUMNS = """
s.id, s.person, p.name, (extract(epoch from s.at) * 1000)::bigint as at,
(extract(epoch from s.received_at) * 1000)::bigint as received_at,
coalesce(moved.lat, s.lat) as lat, coalesce(moved.lon, s.lon) as lon,
coalesce(moved.accuracy, s.accuracy) as accuracy,
s.assignment, s.beat, (extract(epoch from s.acknowledged_at) * 1000)::bigint as acknowledged_at,
s.acknowledged_by, (extract(epoch from s.closed_at) * 1000)::bigint as closed_at, s.reason, s.version
"""
FROM = """
from sos s join person p on p.district_id = $1 and p.id = s.person
left join lateral (
    select f.lat, f.lon, f.accuracy from sos_fix f where f.district_id = $1 and f.sos = s.id
    order by f.at desc limit 1) moved on true
where s.district_id = $1
"""


class Raised(msgspec.Struct, frozen=True, kw_only=True):
    """A call for help as it came in."""

    person: PersonId
    at: datetime
    lat: float | None
    lon: float | None
    accuracy: float | None
    assignment: AssignmentId | None
    beat: Code | None


async def insert(conn: Connection, district: DistrictId, raised: Raised, now: datetime) -> int | None:
    """Its number; None when this call is stored already."""
    number: int | None = await conn.fetchval(
        """
        insert into sos (district_id, person, at, received_at, lat, lon, accuracy, assignment, beat)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict (district_id, person, at) do nothing returning id
        """,
        district,
        raised.person,
        raised.at,
        now,
        raised.lat,
        raised.lon,
        raised.accuracy,
        raised.assignment,
        raised.beat,
    )
    return number


async def number_of(conn: Connection, district: DistrictId, person: PersonId, at: datetime) -> int:
    number: int = await conn.fetchval(
        "select id from sos where district_id = $1 and person = $2 and at = $3", district, person, at
    )
    return number


async def one(conn: Connection, district: DistrictId, number: int) -> Sos | None:
    """Locked until the transaction ends."""
    record = await conn.fetchrow(f"select {COLUMNS} {FROM} and s.id = $2 for update of s", district, number)
    return rows.maybe(record, Sos)


async def listed(
    conn: Connection, district: DistrictId, *, open_only: bool, before: int, limit: int
) -> list[Sos]:
    """Newest first."""
    records = await conn.fetch(
        f"""select {COLUMNS} {FROM} and (s.closed_at is null or not $2) and s.id < $3
        order by s.id desc limit $4""",
        district,
        open_only,
        before,
        limit,
    )
    return rows.many(records, Sos)


async def open_of(
    conn: Connection, district: DistrictId, people: Sequence[PersonId]
) -> dict[PersonId, tuple[int, int]]:
    """The newest open call of each: its number and when it was raised."""
    records = await conn.fetch(
        """
        select distinct on (person) person, id, (extract(epoch from at) * 1000)::bigint as at
        from sos where district_id = $1 and closed_at is null and person = any($2::bigint[])
        order by person, id desc
        """,
        district,
        people,
    )
    return {PersonId(record["person"]): (record["id"], record["at"]) for record in records}


async def acknowledge(
    conn: Connection, district: DistrictId, number: int, by: PersonId, now: datetime
) -> None:
    await conn.execute(
        """
        update sos set acknowledged_at = $4, acknowledged_by = $3, version = version + 1
        where district_id = $1 and id = $2 and acknowledged_at is null
        """,
        district,
        number,
        by,
        now,
    )


async def close(
    conn: Connection, district: DistrictId, number: int, *, by: PersonId, reason: str, now: datetime
) -> None:
    await conn.execute(
        """
        update sos set closed_at = $4, closed_by = $3, reason = $5, version = version + 1
        where district_id = $1 and id = $2 and closed_at is null
        """,
        district,
        number,
        by,
        now,
        reason,
    )


async def insert_points(
    conn: Connection, district: DistrictId, found: Sequence[tuple[int, Point]], received_at: int
) -> None:
    """Positions in the window of a call, by its number; a resend changes nothing."""
    await conn.executemany(
        """
        insert into sos_fix (district_id, sos, at, lat, lon, accuracy, received_at)
        values ($1, $2, $3, $4, $5, $6, $7) on conflict (district_id, sos, at) do nothing
        """,
        [
            (district, number, point.at, point.lat, point.lon, point.accuracy, received_at)
            for number, point in found
        ],
    )


async def points(conn: Connection, district: DistrictId, number: int) -> list[Point]:
    records = await conn.fetch(
        "select at, lat, lon, accuracy from sos_fix where district_id = $1 and sos = $2 order by at",
        district,
        number,
    )
    return rows.many(records, Point)
