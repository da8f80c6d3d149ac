"""SQL of accounts, sessions, failed log-ins and reads of personal data."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from alliance.access.model import Session
from alliance.access.throttle import Failures
from alliance.actor import Actor, DistrictId, PersonId
from alliance.db import rows
from alliance.db.pool import Connection


class Account(msgspec.Struct, frozen=True, kw_only=True):
    login: str
    person: PersonId
    password: str
    name: str
    active: bool


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody looked at a person's track or file."""

    id: int
    at: datetime
    actor: PersonId
    actor_name: str
    what: str
    purpose: str


async def account(conn: Connection, district: DistrictId, login: str) -> Account | None:
    record = await conn.fetchrow(
        """
        select a.login, a.person, a.password, p.name, p.active
        from account a join person p on p.district_id = a.district_id and p.id = a.person
        where a.district_id = $1 and a.login = $2
        """,
        district,
        login,
    )
    return rows.maybe(record, Account)


async def account_of(conn: Connection, district: DistrictId, person: PersonId) -> Account | None:
    record = await conn.fetchrow(
        """
        select a.login, a.person, a.password, p.name, p.active
        from account a join person p on p.district_id = a.district_id and p.id = a.person
        where a.district_id = $1 and a.person = $2
        """,
        district,
        person,
    )
    return rows.maybe(record, Account)


async def put_account(
    conn: Connection, district: DistrictId, person: PersonId, *, login: str, password: str, now: datetime
) -> None:
    """A new account, or a new login and password for the one the person has."""
    await conn.execute(
        """
        insert into account (district_id, login, person, password, changed_at) values ($1, $2, $3, $4, $5)
        on conflict (district_id, person) do update
            set login = excluded.login, password = excluded.password, changed_at = excluded.changed_at
        """,
        district,
        login,
        person,
        password,
        now,
    )


async def insert_sessions(conn: Connection, district: DistrictId, sessions: Sequence[Session]) -> None:
    await conn.execute(
        """
        insert into session (district_id, secret_hash, person, kind, csrf, created_at, expires_at)
        select $1, s.secret_hash, s.person, s.kind, s.csrf, s.created_at, s.expires_at
        from unnest($2::bytea[], $3::bigint[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[])
            as s (secret_hash, person, kind, csrf, created_at, expires_at)
        """,
        district,
        [session.secret_hash for session in sessions],
        [session.person for session in sessions],
        [session.kind.value for session in sessions],
        [session.csrf for session in sessions],
        [session.created_at for session in sessions],
        [session.expires_at for session in sessions],
    )


async def open_sessions(
    conn: Connection, district: DistrictId, hashes: Sequence[bytes], now: datetime
) -> list[Session]:
    """Those of the sessions that are neither ended nor expired and whose person is active."""
    records = await conn.fetch(
        """
        select s.secret_hash, s.person, s.kind, s.csrf, s.created_at, s.expires_at
        from session s join person p on p.district_id = s.district_id and p.id = s.person
        where s.district_id = $1 and s.secret_hash = any($2::bytea[])
          and s.ended_at is null and s.expires_at > $3 and p.active and p.erased_at is null
        """,
        district,
        hashes,
        now,
    )
    return rows.many(records, Session)


async def extend(conn: Connection, district: DistrictId, secret_hash: bytes, expires_at: datetime) -> None:
    await conn.execute(
        "update session set expires_at = $3 where district_id = $1 and secret_hash = $2 and ended_at is null",
        district,
        secret_hash,
        expires_at,
    )


async def end(conn: Connection, district: DistrictId, secret_hash: bytes, now: datetime) -> None:
    await conn.execute(
        "update session set ended_at = $3 where district_id = $1 and secret_hash = $2 and ended_at is null",
        district,
        secret_hash,
        now,
    )


async def end_all(
    conn: Connection, district: DistrictId, person: PersonId, now: datetime, *, but: bytes | None = None
) -> None:
    """End every session of a person, but for the one where the change was made."""
    await conn.execute(
        """
        update session set ended_at = $3
        where district_id = $1 and person = $2 and ended_at is null and secret_hash is distinct from $4
        """,
        district,
        person,
        now,
        but,
    )


async def delete_stale(conn: Connection, district: DistrictId, before: datetime) -> None:
    """Drop sessions that ended or expired, and failures counted, before that instant."""
    await conn.execute(
        "delete from session where district_id = $1 and (expires_at < $2 or ended_at < $2)", district, before
    )
    await conn.execute(
        "delete from login_failure where district_id = $1 and window_start < $2", district, before
    )


async def count_attempt(
    conn: Connection, district: DistrictId, login: str, address: str, *, start: datetime, oldest: datetime
) -> Failures:
    """Count an attempt before it is looked at, so that a thousand at once don't slip through."""
    await conn.execute(
        """
        insert into login_failure as f (district_id, login, address, window_start, count)
        values ($1, $2, $3, $4, 1)
        on conflict (district_id, login, address, window_start) do update set count = f.count + 1
        """,
        district,
        login,
        address,
        start,
    )
    record = await conn.fetchrow(
        """
        select coalesce(sum(count) filter (where login = $2 and address = $3), 0)::integer as pair,
               coalesce(sum(count) filter (where login = $2), 0)::integer as account,
               coalesce(sum(count) filter (where address = $3), 0)::integer as address
        from login_failure
        where district_id = $1 and window_start >= $4 and (login = $2 or address = $3)
        """,
        district,
        login,
        address,
        oldest,
    )
    return rows.one(record, Failures)


async def forgive(conn: Connection, district: DistrictId, login: str, address: str) -> None:
    """A right password wipes the failures of that account from that address."""
    await conn.execute(
        "delete from login_failure where district_id = $1 and login = $2 and address = $3",
        district,
        login,
        address,
    )


async def insert_read(
    conn: Connection, actor: Actor, person: PersonId, *, what: str, purpose: str, now: datetime
) -> None:
    await conn.execute(
        """
        insert into audit_read (district_id, at, actor, person, what, purpose)
        values ($1, $2, $3, $4, $5, $6)
        """,
        actor.district,
        now,
        actor.person,
        person,
        what,
        purpose,
    )


async def reads(
    conn: Connection, district: DistrictId, person: PersonId, *, before: int, limit: int
) -> list[Read]:
    """Who looked at the person, newest first, from below the entry `before`."""
    records = await conn.fetch(
        """
        select a.id, a.at, a.actor, p.name as actor_name, a.what, a.purpose
        from audit_read a join person p on p.district_id = a.district_id and p.id = a.actor
        where a.district_id = $1 and a.person = $2 and a.id < $3
        order by a.id desc limit $4
        """,
        district,
        person,
        before,
        limit,
    )
    return rows.many(records, Read)
