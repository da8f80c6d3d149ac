"""SQL of the phones that are bound to people."""

from datetime import datetime, timedelta

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
    used_at: datetime | None = None


# How often it is written down that a phone was heard.
USED_EVERY = timedelta(minutes=1)


async def insert(
    conn: Connection, district: DistrictId, phone: Phone, *, secret_hash: bytes, now: datetime
) -> Phone:
    """`phone.id` is given by the database."""
    record = await conn.fetchrow(
        """
        insert into phone (district_id, person, name, secret_hash, made_by, made_at)
        values ($1, $2, $3, $4, $5, $6) returning id, person, name, made_at, made_by, used_at
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
        select id, person, name, made_at, made_by, used_at from phone
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
        returning id, person, name, made_at, made_by, used_at
        """,
        district,
        person,
        phone,
        now,
    )
    return rows.maybe(record, Phone)


async def heard(conn: Connection, district: DistrictId, secret_hash: bytes, now: datetime) -> PersonId | None:
    """Whose phone it is; that it was heard is written down now and then."""
    record = await conn.fetchrow(
        """
        select id, person, used_at from phone
        where district_id = $1 and secret_hash = $2 and revoked_at is null
        """,
        district,
        secret_hash,
    )
    if record is None:
        return None
    if record["used_at"] is None or now - record["used_at"] >= USED_EVERY:
        await conn.execute(
            "update phone set used_at = $3 where district_id = $1 and id = $2", district, record["id"], now
        )
    return PersonId(record["person"])
