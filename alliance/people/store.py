"""SQL of organisations, teams and units, leave and consent."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from alliance.actor import Code, DistrictId, OrganisationId, PersonId
from alliance.db import rows
from alliance.db.pool import Connection
from alliance.people.model import Consent, NewOrganisation, Organisation, Team, Unit


class Home(msgspec.Struct, frozen=True, kw_only=True):
    """A person's own name, organisation and district, as the person's pages show them."""

    name: str
    organisation: OrganisationId
    organisation_name: str
    district_name: str
    district_name_en: str
    time_zone: str


class LeaveRow(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    starts_at: datetime
    ends_at: datetime
    kind: str


async def home(conn: Connection, district: DistrictId, person: PersonId) -> Home:
    record = await conn.fetchrow(
        """
        select p.name, p.organisation, o.name as organisation_name, d.name as district_name,
               d.name_en as district_name_en, d.time_zone
        from person p
        join organisation o on o.district_id = p.district_id and o.id = p.organisation
        join district d on d.district_id = p.district_id
        where p.district_id = $1 and p.id = $2
        """,
        district,
        person,
    )
    return rows.one(record, Home)


async def organisations(
    conn: Connection,
    district: DistrictId,
    ids: Sequence[OrganisationId] | None,
    *,
    after: int = 0,
    limit: int = 100,
) -> list[Organisation]:
    """By id from above `after`; of the given ids only, where given."""
    records = await conn.fetch(
        """
        select id, code, name, name_en, kind, permit, active, version from organisation
        where district_id = $1 and ($2::bigint[] is null or id = any($2)) and id > $3 order by id limit $4
        """,
        district,
        ids,
        after,
        limit,
    )
    return rows.many(records, Organisation)


async def lock_organisation(
    conn: Connection, district: DistrictId, organisation: OrganisationId
) -> Organisation | None:
    record = await conn.fetchrow(
        """
        select id, code, name, name_en, kind, permit, active, version from organisation
        where district_id = $1 and id = $2 for update
        """,
        district,
        organisation,
    )
    return rows.maybe(record, Organisation)


async def insert_organisation(conn: Connection, district: DistrictId, new: NewOrganisation) -> Organisation:
    record = await conn.fetchrow(
        """
        insert into organisation (district_id, code, name, name_en, kind, permit)
        values ($1, $2, $3, $4, $5, $6)
        returning id, code, name, name_en, kind, permit, active, version
        """,
        district,
        new.code,
        new.name,
        new.name_en,
        new.kind.value,
        new.permit,
    )
    return rows.one(record, Organisation)


async def update_organisation(conn: Connection, district: DistrictId, changed: Organisation) -> None:
    await conn.execute(
        """
        update organisation set name = $3, name_en = $4, permit = $5, active = $6, version = $7
        where district_id = $1 and id = $2
        """,
        district,
        changed.id,
        changed.name,
        changed.name_en,
        changed.permit,
        changed.active,
        changed.version,
    )


TEAMS = """
with seen as (
    select {own}, $2::text[] is null or t.beat = any($2) or t.{head} = $3 or exists (
               select 1 from {kind}_member m
               where m.district_id = $1 and m.{kind} = t.code and m.person = $3) as whole
    from {kind} t where t.district_id = $1
), counted as (
    select m.{kind} as code, count(*) as size
    from {kind}_member m
    join seen s on s.code = m.{kind}
    join person p on p.district_id = $1 and p.id = m.person
    where m.district_id = $1 and (s.whole or p.organisation = any($4))
    group by m.{kind}
)
select {own}, coalesce(c.size, 0) as size,
       case when $5 then array(
           select jsonb_build_object('person', p.id, 'name', p.name)
           from {kind}_member m join person p on p.district_id = $1 and p.id = m.person
           where m.district_id = $1 and m.{kind} = t.code and (t.whole or p.organisation = any($4))
           order by p.id) else '{{}}' end as members
from seen t left join counted c on c.code = t.code
where t.whole or c.size > 0 order by t.code
"""
ALL_TEAMS = TEAMS.format(kind="team", head="officer", own="t.code, t.name, t.beat, t.officer")
ALL_UNITS = TEAMS.format(kind="unit", head="leader", own="t.code, t.name, t.beat, t.leader")


class Watcher(msgspec.Struct, frozen=True, kw_only=True):
    """Sees the teams of the beats (None: all) and the own ones whole, of others the organisations' people."""

    beats: tuple[Code, ...] | None
    person: PersonId
    organisations: tuple[OrganisationId, ...]


async def teams(conn: Connection, district: DistrictId, watcher: Watcher, *, members: bool) -> list[Team]:
    """`members`: name them too."""
    given = (watcher.beats, watcher.person, watcher.organisations, members)
    return rows.many(await conn.fetch(ALL_TEAMS, district, *given), Team)


async def units(conn: Connection, district: DistrictId, watcher: Watcher, *, members: bool) -> list[Unit]:
    """As `teams`."""
    given = (watcher.beats, watcher.person, watcher.organisations, members)
    return rows.many(await conn.fetch(ALL_UNITS, district, *given), Unit)


async def insert_leave(
    conn: Connection, district: DistrictId, person: PersonId, start: datetime, end: datetime, *, kind: str
) -> LeaveRow:
    record = await conn.fetchrow(
        """
        insert into leave (district_id, person, starts_at, ends_at, kind) values ($1, $2, $3, $4, $5)
        returning id, starts_at, ends_at, kind
        """,
        district,
        person,
        start,
        end,
        kind,
    )
    return rows.one(record, LeaveRow)


async def leaves(conn: Connection, district: DistrictId, person: PersonId) -> list[LeaveRow]:
    records = await conn.fetch(
        """
        select id, starts_at, ends_at, kind from leave
        where district_id = $1 and person = $2 order by starts_at, id
        """,
        district,
        person,
    )
    return rows.many(records, LeaveRow)


async def delete_leave(conn: Connection, district: DistrictId, person: PersonId, leave: int) -> bool:
    """Whether it was there."""
    found = await conn.fetchval(
        "delete from leave where district_id = $1 and person = $2 and id = $3 returning id",
        district,
        person,
        leave,
    )
    return found is not None


async def consent(conn: Connection, district: DistrictId, person: PersonId) -> Consent | None:
    """The consent in force, if there is one."""
    record = await conn.fetchrow(
        """
        select text_version, given_at from consent
        where district_id = $1 and person = $2 and withdrawn_at is null order by id desc limit 1
        """,
        district,
        person,
    )
    return rows.maybe(record, Consent)


async def consented(
    conn: Connection, district: DistrictId, people: Sequence[PersonId]
) -> frozenset[PersonId]:
    records = await conn.fetch(
        """
        select distinct person from consent
        where district_id = $1 and person = any($2::bigint[]) and withdrawn_at is null
        """,
        district,
        people,
    )
    return frozenset(PersonId(record["person"]) for record in records)


async def insert_consent(
    conn: Connection, district: DistrictId, person: PersonId, text_version: str, now: datetime
) -> None:
    await conn.execute(
        "insert into consent (district_id, person, text_version, given_at) values ($1, $2, $3, $4)",
        district,
        person,
        text_version,
        now,
    )


async def withdraw_consent(conn: Connection, district: DistrictId, person: PersonId, now: datetime) -> None:
    await conn.execute(
        """
        update consent set withdrawn_at = $3
        where district_id = $1 and person = $2 and withdrawn_at is null
        """,
        district,
        person,
        now,
    )
