"""SQL of people, their roles, certificates and availability."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

import msgspec

from alliance.actor import DistrictId, OrganisationId, PersonId, Role
from alliance.db import rows
from alliance.db.pool import Connection
from alliance.people.model import Availability, Certificate, Held


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """None asks for nothing; `name` is a part of it."""

    organisation: int | None = None
    role: Role | None = None
    name: str | None = None
    phone_hash: bytes | None = None
    id_number_hash: bytes | None = None
    active: bool | None = None


class Found(msgspec.Struct, frozen=True, kw_only=True):
    id: PersonId
    organisation: OrganisationId
    organisation_name: str
    name: str
    phone: bytes | None
    id_number: bytes | None
    born: date | None
    home: str | None
    travel_limit_m: int
    night_consent: bool
    overtime_consent: bool
    active: bool
    version: int
    roles: list[Held]
    certificates: list[Certificate]
    availability: list[Availability]


class Columns(msgspec.Struct, frozen=True, kw_only=True):
    """What of a person stands in the one row."""

    organisation: OrganisationId
    name: str
    phone: bytes | None
    phone_hash: bytes | None
    id_number: bytes | None
    id_number_hash: bytes | None
    born: date | None
    home: str | None
    travel_limit_m: int
    night_consent: bool
    overtime_consent: bool
    active: bool


# Two steps, ids first and then the rows of these ids: as one statement, a plan made before the tables were
# analysed took seconds at 25,000 people.
FIND = """
select p.id, p.organisation, o.name as organisation_name, p.name, p.phone, p.id_number, p.born, p.home,
       p.travel_limit_m, p.night_consent, p.overtime_consent, p.active, p.version,
       array(select jsonb_build_object('role', r.role, 'area', r.area, 'organisation', r.organisation,
                                       'unit', r.unit)
             from person_role r where r.district_id = $1 and r.person = p.id order by r.id) as roles,
       array(select jsonb_build_object('kind', c.kind, 'number', c.number, 'valid_from', c.valid_from,
                                       'valid_until', c.valid_until)
             from certificate c where c.district_id = $1 and c.person = p.id order by c.id) as certificates,
       array(select jsonb_build_object('weekday', a.weekday, 'start_minute', a.start_minute,
                                       'end_minute', a.end_minute)
             from availability a where a.district_id = $1 and a.person = p.id
             order by a.weekday, a.start_minute) as availability
from {people} join organisation o on o.district_id = $1 and o.id = p.organisation
where p.district_id = $1 and p.erased_at is null and p.id > $2
  and ($3::bigint is null or p.organisation = $3)
  and ($4::text is null or exists (
      select 1 from person_role r where r.district_id = $1 and r.person = p.id and r.role = $4))
  and (($5::text is null and $6::bytea is null and $7::bytea is null)
       or p.name ilike $5 or p.phone_hash = $6 or p.id_number_hash = $7)
  and ($8::boolean is null or p.active = $8)
order by p.id limit $9
"""
FIND_ALL = FIND.format(people="person p")
FIND_SOME = FIND.format(
    people="unnest($10::bigint[]) as wanted (id) join person p on p.district_id = $1 and p.id = wanted.id"
)


async def find(
    conn: Connection,
    district: DistrictId,
    wanted: Filter,
    ids: Collection[PersonId] | None,
    *,
    after: int = 0,
    limit: int = 100,
) -> list[Found]:
    """The wanted among the people of the ids (None: of the district), by id from above `after`."""
    given = (
        district,
        after,
        wanted.organisation,
        wanted.role.value if wanted.role else None,
        _like(wanted.name) if wanted.name else None,
        wanted.phone_hash,
        wanted.id_number_hash,
        wanted.active,
        limit,
    )
    if ids is None:
        return rows.many(await conn.fetch(FIND_ALL, *given), Found)
    return rows.many(await conn.fetch(FIND_SOME, *given, ids), Found)


def _like(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


async def insert(conn: Connection, district: DistrictId, columns: Columns, now: datetime) -> PersonId:
    return PersonId(
        await conn.fetchval(
            """
            insert into person (district_id, organisation, name, phone, phone_hash, id_number, id_number_hash,
                                born, home, travel_limit_m, night_consent, overtime_consent, active,
                                created_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) returning id
            """,
            district,
            *msgspec.structs.astuple(columns),
            now,
        )
    )


async def lock(conn: Connection, district: DistrictId, person: PersonId) -> tuple[Columns, int] | None:
    """The row, held until the transaction ends, and its version."""
    record = await conn.fetchrow(
        """
        select organisation, name, phone, phone_hash, id_number, id_number_hash, born, home, travel_limit_m,
               night_consent, overtime_consent, active, version
        from person where district_id = $1 and id = $2 and erased_at is null for update
        """,
        district,
        person,
    )
    return None if record is None else (rows.one(record, Columns), record["version"])


async def update(conn: Connection, district: DistrictId, person: PersonId, columns: Columns) -> None:
    await conn.execute(
        """
        update person set organisation = $3, name = $4, phone = $5, phone_hash = $6, id_number = $7,
            id_number_hash = $8, born = $9, home = $10, travel_limit_m = $11, night_consent = $12,
            overtime_consent = $13, active = $14, version = version + 1
        where district_id = $1 and id = $2
        """,
        district,
        person,
        *msgspec.structs.astuple(columns),
    )


async def replace_roles(
    conn: Connection, district: DistrictId, person: PersonId, roles: Sequence[Held]
) -> None:
    await conn.execute("delete from person_role where district_id = $1 and person = $2", district, person)
    await conn.executemany(
        """
        insert into person_role (district_id, person, role, area, organisation, unit)
        values ($1, $2, $3, $4, $5, $6)
        """,
        [(district, person, held.role.value, held.area, held.organisation, held.unit) for held in roles],
    )


async def replace_certificates(
    conn: Connection, district: DistrictId, person: PersonId, certificates: Sequence[Certificate]
) -> None:
    await conn.execute("delete from certificate where district_id = $1 and person = $2", district, person)
    await conn.executemany(
        """
        insert into certificate (district_id, person, kind, number, valid_from, valid_until)
        values ($1, $2, $3, $4, $5, $6)
        """,
        [(district, person, *msgspec.structs.astuple(certificate)) for certificate in certificates],
    )


async def replace_availability(
    conn: Connection, district: DistrictId, person: PersonId, offers: Sequence[Availability]
) -> None:
    await conn.execute("delete from availability where district_id = $1 and person = $2", district, person)
    await conn.executemany(
        """
        insert into availability (district_id, person, weekday, start_minute, end_minute)
        values ($1, $2, $3, $4, $5)
        """,
        [(district, person, *msgspec.structs.astuple(offer)) for offer in offers],
    )


async def unknown_areas(conn: Connection, district: DistrictId, codes: Sequence[str]) -> list[str]:
    records = await conn.fetch(
        """
        select code from unnest($2::text[]) as wanted (code)
        where not exists (select 1 from area a where a.district_id = $1 and a.code = wanted.code)
        """,
        district,
        codes,
    )
    return [record["code"] for record in records]


async def unknown_units(conn: Connection, district: DistrictId, codes: Sequence[str]) -> list[str]:
    records = await conn.fetch(
        """
        select code from unnest($2::text[]) as wanted (code)
        where not exists (select 1 from unit u where u.district_id = $1 and u.code = wanted.code)
        """,
        district,
        codes,
    )
    return [record["code"] for record in records]


async def sealed_exists(conn: Connection) -> bool:
    """Whether any number was encrypted yet, in any district: then the key must not be made anew."""
    return bool(
        await conn.fetchval(
            "select exists (select 1 from person where phone is not null or id_number is not null)"
        )
    )
