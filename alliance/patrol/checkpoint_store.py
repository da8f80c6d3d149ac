"""The SQL of checkpoints."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from alliance.actor import Code, DistrictId, PersonId
from alliance.db import rows
from alliance.db.pool import Connection
from geo.cell import Cell

SHOWN = """
select p.id, p.code, p.name, p.lat, p.lon, p.cell, p.beat,
       (extract(epoch from p.made_at) * 1000)::bigint as made_at, p.made_by,
       (extract(epoch from p.revoked_at) * 1000)::bigint as revoked_at, p.version,
       newest.at as scanned_at, newest.person as scanned_by
from checkpoint p
left join lateral (
    select s.at, a.person from scan s
    left join assignment a on a.district_id = $1 and a.id = s.assignment
    where s.district_id = $1 and s.checkpoint = p.id order by s.at desc limit 1) newest on true
where p.district_id = $1
"""


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """`beat` is where it was made; `scanned_at` is the newest scan."""

    id: int
    code: str
    name: str
    lat: float
    lon: float
    cell: Cell
    beat: Code
    made_at: int
    made_by: PersonId
    revoked_at: int | None
    version: int
    scanned_at: int | None
    scanned_by: PersonId | None


class Keyed(msgspec.Struct, frozen=True, kw_only=True):
    """What its code stands for."""

    id: int
    code: str
    name: str
    cell: Cell
    beat: Code
    revoked_at: int | None
    key: str


KEYED = """
select p.id, p.code, p.name, p.cell, p.beat, (extract(epoch from p.revoked_at) * 1000)::bigint as revoked_at,
       p.key
from checkpoint p where p.district_id = $1
"""


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """A new one; without a code it is given one by its number."""

    code: str | None
    name: str
    lat: float
    lon: float
    cell: Cell
    beat: Code
    key: str


async def insert(conn: Connection, district: DistrictId, new: Placed, by: PersonId, now: datetime) -> int:
    number: int = await conn.fetchval(
        """
        insert into checkpoint (district_id, id, code, name, lat, lon, cell, beat, key, made_by, made_at)
        select $1, n.id, coalesce($2, 'C' || lpad(n.id::text, 4, '0')), $3, $4, $5, $6, $7, $8, $9, $10
        from (select nextval(pg_get_serial_sequence('checkpoint', 'id')) as id) n returning id
        """,
        district,
        new.code,
        new.name,
        new.lat,
        new.lon,
        new.cell,
        new.beat,
        new.key,
        by,
        now,
    )
    return number


async def one(conn: Connection, district: DistrictId, number: int) -> Checkpoint | None:
    """Locked until the transaction ends."""
    record = await conn.fetchrow(SHOWN + " and p.id = $2 for update of p", district, number)
    return rows.maybe(record, Checkpoint)


async def listed(
    conn: Connection,
    district: DistrictId,
    beats: Sequence[Code] | None,
    *,
    revoked: bool,
    after: int,
    limit: int,
) -> list[Checkpoint]:
    """Of those beats, or of all; in the order of their numbers."""
    records = await conn.fetch(
        SHOWN
        + """ and ($2::text[] is null or p.beat = any($2)) and (p.revoked_at is null or $3) and p.id > $4
        order by p.id limit $5""",
        district,
        beats,
        revoked,
        after,
        limit,
    )
    return rows.many(records, Checkpoint)


async def rename(conn: Connection, district: DistrictId, number: int, *, code: str, name: str) -> None:
    await conn.execute(
        """
        update checkpoint set code = $3, name = $4, version = version + 1
        where district_id = $1 and id = $2
        """,
        district,
        number,
        code,
        name,
    )


async def revoke(
    conn: Connection, district: DistrictId, number: int, *, by: PersonId | None, at: datetime | None
) -> None:
    """Without a time it is good again."""
    await conn.execute(
        """
        update checkpoint set revoked_at = $3, revoked_by = $4, version = version + 1
        where district_id = $1 and id = $2
        """,
        district,
        number,
        at,
        by,
    )


async def by_key(conn: Connection, district: DistrictId, key: str) -> Keyed | None:
    return rows.maybe(await conn.fetchrow(KEYED + " and p.key = $2", district, key), Keyed)


async def keyed(conn: Connection, district: DistrictId, numbers: Sequence[int]) -> list[Keyed]:
    """Those of the numbers that there are, in the order of their codes."""
    records = await conn.fetch(KEYED + " and p.id = any($2::bigint[]) order by p.code", district, numbers)
    return rows.many(records, Keyed)
