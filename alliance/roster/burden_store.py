"""The SQL of what one person carries of a roster beside the others of the role."""

from collections.abc import Iterable

import msgspec

from alliance.actor import DistrictId, PersonId
from alliance.db import rows
from alliance.db.pool import Connection
from alliance.roster.model import RosterId, ShiftId


class Carried(msgspec.Struct, frozen=True, kw_only=True):
    """Each with the share of the peers who carry as much or less."""

    person: PersonId
    guard: bool
    peers: int
    hours: float
    nights: float
    weekends: float
    hours_share: float
    nights_share: float
    weekends_share: float


async def carried(
    conn: Connection, district: DistrictId, roster: RosterId, person: PersonId, nights: Iterable[ShiftId]
) -> Carried | None:
    """Peers are active, of the role and offer any time; none of who has no duty there."""
    record = await conn.fetchrow(
        """
        with served as (
            select a.person, count(*) filter (where a.shift = any($4))::float8 as nights,
                   count(*) filter (where extract(isodow from a.duty_day) >= 6)::float8 as weekends,
                   sum(extract(epoch from a.ends_at - a.starts_at) / 3600)::float8 as hours
            from assignment a
            where a.district_id = $1 and a.roster = $2 and a.cancelled_at is null group by a.person
        ), works as (
            select r.person, bool_or(r.role = 'guard') as guard from person_role r
            where r.district_id = $1 and r.role in ('guard', 'volunteer') group by r.person
        ), mine as (
            select s.person, coalesce(w.guard, false) as guard, s.hours, s.nights, s.weekends
            from served s left join works w using (person) where s.person = $3
        ), peers as (
            select coalesce(s.hours, 0) as hours, coalesce(s.nights, 0) as nights,
                   coalesce(s.weekends, 0) as weekends
            from works w join mine m on m.guard = w.guard
            join person p on p.district_id = $1 and p.id = w.person and p.active and p.erased_at is null
            left join served s on s.person = w.person
            where exists (select 1 from availability v where v.district_id = $1 and v.person = w.person)
        )
        select m.person, m.guard, m.hours, m.nights, m.weekends, o.* from mine m, lateral (
            select count(*) as peers, coalesce(avg((p.hours <= m.hours)::int), 1)::float8 as hours_share,
                   coalesce(avg((p.nights <= m.nights)::int), 1)::float8 as nights_share,
                   coalesce(avg((p.weekends <= m.weekends)::int), 1)::float8 as weekends_share
            from peers p
        ) o
        """,
        district,
        roster,
        person,
        list(nights),
    )
    return rows.maybe(record, Carried)


async def names(conn: Connection, district: DistrictId, people: Iterable[PersonId]) -> dict[PersonId, str]:
    records = await conn.fetch(
        "select id, name from person where district_id = $1 and id = any($2)", district, list(people)
    )
    return {PersonId(record["id"]): record["name"] for record in records}
