"""SQL of who belongs to a beat, a unit or an organisation: what decides whom an actor sees."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from alliance.actor import Code, DistrictId, OrganisationId, PersonId
from alliance.db.pool import Connection

# People rostered on a beat this much before or after now count as being on it.
NEAR = timedelta(hours=12)
LONGEST_DUTY = timedelta(hours=24)


async def of_beats(
    conn: Connection, district: DistrictId, beats: Sequence[Code], now: datetime
) -> set[PersonId]:
    """Who lives there, has a role there, is in a team or unit of theirs, or is rostered there about now."""
    records = await conn.fetch(
        """
        select h.id from cell c join person h on h.district_id = $1 and h.home = c.cell
        where c.district_id = $1 and c.beat = any($2::text[])
        union
        select r.person from person_role r where r.district_id = $1 and r.area = any($2)
        union
        select m.person from unit u join unit_member m on m.district_id = $1 and m.unit = u.code
        where u.district_id = $1 and u.beat = any($2)
        union
        select m.person from team t join team_member m on m.district_id = $1 and m.team = t.code
        where t.district_id = $1 and t.beat = any($2)
        union
        select t.officer from team t where t.district_id = $1 and t.beat = any($2)
        union
        select a.person from assignment a
        where a.district_id = $1 and a.published and a.cancelled_at is null
          and a.ends_at > $3 and a.ends_at < $5 and a.starts_at < $4
          and a.post in (select o.id from post o where o.district_id = $1 and o.beat = any($2))
        """,
        district,
        beats,
        now - NEAR,
        now + NEAR,
        now + NEAR + LONGEST_DUTY,
    )
    return {PersonId(record["id"]) for record in records}


async def of_units(conn: Connection, district: DistrictId, units: Sequence[str]) -> set[PersonId]:
    records = await conn.fetch(
        "select person from unit_member where district_id = $1 and unit = any($2::text[])", district, units
    )
    return {PersonId(record["person"]) for record in records}


async def of_organisations(
    conn: Connection, district: DistrictId, organisations: Sequence[OrganisationId]
) -> set[PersonId]:
    records = await conn.fetch(
        "select id from person where district_id = $1 and organisation = any($2::bigint[])",
        district,
        organisations,
    )
    return {PersonId(record["id"]) for record in records}


async def peers(conn: Connection, district: DistrictId, person: PersonId) -> set[PersonId]:
    """Who shares a unit with the person, the person included."""
    records = await conn.fetch(
        """
        select other.person from unit_member own
        join unit_member other on other.district_id = $1 and other.unit = own.unit
        where own.district_id = $1 and own.person = $2
        """,
        district,
        person,
    )
    return {PersonId(record["person"]) for record in records}
