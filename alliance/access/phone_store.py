"""SQL of the phones that are bound to people."""

from datetime import datetime

import msgspec

from alliance.actor import DistrictId, PersonId
from alliance.db import rows
from alliance.db.pool import Connection


class Phone(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    person: PersonId
    name: str
    made_at: datetime
    made_by: PersonId


async def insert(
    conn: Connection, district: DistrictId, phone: Phone, *, secret_hash: bytes, now: datetime
) -> Phone:
    """`phone.id` is given by the database."""
    record = await conn.fetchrow(
        """
        insert into phone (district_id, person, name, secret_hash, made_by, made_at)
        values ($1, $2, $3, $4, $5, $6) returning id, person, name, made_at, made_by
        """,
        district,
        phone.person,
        phone.name,
        secret_hash,
        phone.made_by,
        now,
    )
    return rows.one(record, Phone)


async def of(conn: Connection, district: DistrictId, person: PersonId) -> list[Phone]:
    """Those not revoked, oldest first."""
    records = await conn.fetch(
        """
        select id, person, name, made_at, made_by from phone
        where district_id = $1 and person = $2 and revoked_at is null order by id
        """,
        district,
        person,
    )
    return rows.many(records, Phone)


async def revoke(
    conn: Connection, district: DistrictId, person: PersonId, *, phone: int, now: datetime
) -> Phone | None:
    """None where there is no such phone."""
    record = await conn.fetchrow(
        """
        update phone set revoked_at = $4
        where district_id = $1 and person = $2 and id = $3 and revoked_at is null
        returning id, person, name, made_at, made_by
        """,
        district,
        person,
        phone,
        now,
    )
    return rows.maybe(record, Phone)


async def person_of(conn: Connection, district: DistrictId, secret_hash: bytes) -> PersonId | None:
    number = await conn.fetchval(
        "select person from phone where district_id = $1 and secret_hash = $2 and revoked_at is null",
        district,
        secret_hash,
    )
    return None if number is None else PersonId(number)
