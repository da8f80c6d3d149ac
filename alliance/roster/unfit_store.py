"""The SQL of published duties to come, and of those among them whose people no longer meet the rules."""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from alliance.actor import AssignmentId, DistrictId, OrganisationId, PersonId
from alliance.db import rows
from alliance.db.pool import Connection
from alliance.roster.model import Planned, PostId, ShiftId


class Ahead(msgspec.Struct, frozen=True, kw_only=True):
    """A duty that has not begun, of somebody who has not checked in to it."""

    id: AssignmentId
    person: PersonId
    duty_day: date


AHEAD = """
    select a.id, a.person, a.duty_day from assignment a
    where a.district_id = $1 and a.person = any($2) and a.published and a.cancelled_at is null
      and a.starts_at > $3 and not exists (
          select 1 from attendance t where t.district_id = $1 and t.assignment = a.id and t.kind = 'in')
    order by a.starts_at, a.id
"""


async def ahead(
    conn: Connection, district: DistrictId, people: Sequence[PersonId], now: datetime
) -> list[Ahead]:
    return rows.many(await conn.fetch(AHEAD, district, list(people), now), Ahead)


async def members(
    conn: Connection, district: DistrictId, organisation: OrganisationId, now: datetime
) -> list[PersonId]:
    """Those of the organisation who have such duties."""
    records = await conn.fetch(
        """
        select distinct a.person from assignment a
        join person p on p.district_id = $1 and p.id = a.person
        where a.district_id = $1 and a.published and a.cancelled_at is null
          and a.starts_at > $3 and a.ends_at > $3 and p.organisation = $2
        order by a.person
        """,
        district,
        organisation,
        now,
    )
    return [PersonId(number) for (number,) in records]


async def holed(
    conn: Connection, district: DistrictId, places: Sequence[tuple[PostId, ShiftId]]
) -> set[tuple[PostId, ShiftId]]:
    """Those of the places that have or had a hole."""
    records = await conn.fetch(
        """
        select distinct h.post, h.shift from unnest($2::bigint[], $3::bigint[]) as w(post, shift)
        join hole h on h.district_id = $1 and h.post = w.post and h.shift = w.shift
        """,
        district,
        [post for post, _ in places],
        [shift for _, shift in places],
    )
    return {(PostId(post), ShiftId(shift)) for post, shift in records}


class Lost(msgspec.Struct, frozen=True, kw_only=True):
    """A duty that was cancelled: why (`kind`, `reason`), and by whom, None for the service itself."""

    id: AssignmentId
    post_name: str
    post_name_en: str
    beat_name: str
    beat_name_en: str
    starts_at: datetime
    ends_at: datetime
    kind: str
    reason: str
    by: PersonId | None


async def lost(conn: Connection, district: DistrictId, person: PersonId, now: datetime) -> list[Lost]:
    """Of the duties that would not be over, but for those that changed hands or places."""
    records = await conn.fetch(
        """
        select a.id, o.name as post_name, o.name_en as post_name_en, b.name as beat_name,
               b.name_en as beat_name_en, a.starts_at, a.ends_at,
               coalesce(a.cancel_kind, 'edit') as kind,
               coalesce(a.cancel_reason, '') as reason, a.cancelled_by as by
        from assignment a
        join post o on o.district_id = $1 and o.id = a.post
        join area b on b.district_id = $1 and b.code = o.beat
        where a.district_id = $1 and a.person = $2 and a.published and a.cancelled_at is not null
          and a.cancel_kind is distinct from 'swap' and a.ends_at > $3 and not exists (
              select 1 from assignment i where i.district_id = $1 and i.person = $2 and i.shift = a.shift
              and i.published and i.cancelled_at is null)
        order by a.starts_at, a.id
        """,
        district,
        person,
        now,
    )
    return rows.many(records, Lost)


SUSPECTS = """
with coming as (
    select s.id, sum(greatest(interval '0', least(s.ends_at, d.dawn) - greatest(s.starts_at, d.dusk)))
                 >= interval '3 hours' as dark
    from shift s
    cross join lateral (
        select (s.duty_day + n + time '22:00') at time zone $3 as dusk,
               (s.duty_day + n + 1 + time '06:00') at time zone $3 as dawn
        from generate_series(-1, 1) as n
    ) d
    where s.district_id = $1 and s.starts_at > $2 group by s.id
), ahead as (
    select a.person, a.post, a.shift, a.duty_day, a.starts_at, a.ends_at, s.dark
    from assignment a join coming s on s.id = a.shift
    where a.district_id = $1 and a.published and a.cancelled_at is null and a.ends_at > $2
), certified as (
    select person, max(valid_until) as until from certificate
    where district_id = $1 and kind = 'guard' group by person
), unlit as ( -- nights without a certified guard that nobody has looked after yet
    select a.post, a.shift from ahead a left join certified c on c.person = a.person
    where a.dark and not exists (
        select 1 from hole h where h.district_id = $1 and h.post = a.post and h.shift = a.shift)
    group by a.post, a.shift having not coalesce(bool_or(c.until >= a.duty_day), false)
)
select distinct a.person from ahead a
join person p on p.district_id = $1 and p.id = a.person
join organisation o on o.district_id = $1 and o.id = p.organisation
join post q on q.district_id = $1 and q.id = a.post
left join certified c on c.person = a.person
left join unlit u on u.post = a.post and u.shift = a.shift
where not (p.active and o.active and p.erased_at is null)
   or not exists (select 1 from person_role r where r.district_id = $1 and r.person = p.id
                  and r.role in ('guard', 'volunteer'))
   or exists (select 1 from leave l where l.district_id = $1 and l.person = p.id
              and l.starts_at < a.ends_at and l.ends_at > a.starts_at)
   or q.certificate is not null and not exists (
       select 1 from certificate k where k.district_id = $1 and k.person = p.id
       and k.kind = q.certificate and k.valid_until >= a.duty_day)
   or a.dark and not coalesce(
       p.night_consent and extract(year from age(a.duty_day, p.born)) between 18 and 59, false)
   or u.post is not null and c.until < a.duty_day
order by a.person limit $4
"""


async def suspects(
    conn: Connection, district: DistrictId, zone: str, now: datetime, limit: int
) -> list[PersonId]:
    """People with duties to come which they may no longer do, as far as a query can see."""
    return [PersonId(n) for (n,) in await conn.fetch(SUSPECTS, district, now, zone, limit)]


async def once_held(
    conn: Connection, district: DistrictId, people: Sequence[PersonId]
) -> list[tuple[PersonId, str]]:
    """The kinds of all their certificates, run out or not."""
    records = await conn.fetch(
        """
        select distinct person, kind from certificate where district_id = $1 and person = any($2::bigint[])
        """,
        district,
        list(people),
    )
    return [(PersonId(person), kind) for person, kind in records]


async def leave_kind(conn: Connection, district: DistrictId, planned: Planned) -> str:
    """Of the leave that a duty lies in."""
    kind: str | None = await conn.fetchval(
        """
        select kind from leave
        where district_id = $1 and person = $2 and starts_at < $4 and ends_at > $3
        order by starts_at, id limit 1
        """,
        district,
        planned.person,
        planned.starts_at,
        planned.ends_at,
    )
    return kind or ""
