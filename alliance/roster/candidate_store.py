"""The SQL of who might take a place: free, offering that time, not on leave, not asked yet."""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from alliance.actor import DistrictId, OrganisationId, PersonId
from alliance.db import rows
from alliance.db.pool import Connection


class Free(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Somebody with nothing in the way that a query can see; the checker has the last word."""

    person: PersonId
    name: str
    organisation: OrganisationId
    guard: bool
    certified: bool
    home: str | None
    travel_limit_m: int
    last_asked: datetime | None
    standby: bool


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """When: the instants, and the same as minutes of the local weekday (0 = Monday)."""

    starts_at: datetime
    ends_at: datetime
    duty_day: date
    weekday: int
    minute: int


FREE = """
select p.id as person, p.name, p.organisation, w.guard, p.home, p.travel_limit_m,
       w.guard and coalesce((
           select true from certificate c where c.district_id = $1 and c.person = p.id
           and c.kind = 'guard' and $4 between c.valid_from and c.valid_until limit 1), false) as certified,
       (select max(f.asked_at) from offer f where f.district_id = $1 and f.person = p.id)
           as last_asked,
       exists (
           select 1 from standby y where y.district_id = $1 and y.person = p.id and y.shift = $10
           and y.town = $11 and y.released_at is null) as standby
from {near} n
join person p on p.district_id = $1 and p.id = n.id
cross join lateral (
    select bool_or(r.role = 'guard') as guard from person_role r
    where r.district_id = $1 and r.person = p.id and r.role in ('guard', 'volunteer')
) w
where p.active and p.erased_at is null and w.guard is not null
  and (case when w.guard then 'guard' else 'volunteer' end) = any($7::text[])
  and exists (
      select 1 from availability v where v.district_id = $1 and v.person = p.id
      and ((v.weekday = $5 and v.start_minute <= $6 and v.end_minute > $6)
           or (v.weekday = ($5 + 6) % 7 and v.end_minute > $6 + 1440)))
  and not exists (
      select 1 from leave l where l.district_id = $1 and l.person = p.id
      and l.starts_at < $3 and l.ends_at > $2)
  and not exists (
      select 1 from assignment a where a.district_id = $1 and a.person = p.id and a.published
      and a.cancelled_at is null and a.duty_day between $4::date - 2 and $4::date + 2
      and a.starts_at < $3 and a.ends_at > $2)
  and not exists ( -- who was ill in the morning is not asked for the evening
      select 1 from assignment a where a.district_id = $1 and a.person = p.id and a.published
      and a.duty_day = $4 and a.cancel_kind in ('illness', 'leave', 'no_show', 'certificate'))
  and not exists (
      select 1 from offer f
      join hole h on h.district_id = $1 and h.id = f.hole
      join shift s on s.district_id = $1 and s.id = h.shift
      where f.district_id = $1 and f.person = p.id
        and (f.hole = $8 or (f.state = 'asked' and s.starts_at < $3 and s.ends_at > $2)))
  and ($9::text is null or exists (
      select 1 from certificate c where c.district_id = $1 and c.person = p.id
      and c.kind = $9 and $4 between c.valid_from and c.valid_until))
order by p.id
"""
ANYWHERE = "(select id from person where district_id = $1)"
NEAR = """(
    select id from person where district_id = $1 and home_area = any($12::bigint[])
    union all
    select id from person where district_id = $1 and home_area is null
    union all
    select y.person from standby y
    join person i on i.district_id = $1 and i.id = y.person and not i.home_area = any($12)
    where y.district_id = $1 and y.shift = $10 and y.town = $11
)"""
FREE_ANYWHERE, FREE_NEAR = FREE.format(near=ANYWHERE), FREE.format(near=NEAR)


async def free(
    conn: Connection,
    district: DistrictId,
    span: Span,
    *,
    hole: int,
    at: tuple[int, str],
    roles: tuple[str, ...],
    certificate: str | None,
    areas: Sequence[int] | None,
) -> list[Free]:
    """`at` is the shift and the town, for which somebody may be on call; of whose home is known only those
    in these overview cells, or on call."""
    records = await conn.fetch(
        FREE_ANYWHERE if areas is None else FREE_NEAR,
        district,
        span.starts_at,
        span.ends_at,
        span.duty_day,
        span.weekday,
        span.minute,
        list(roles),
        hole,
        certificate,
        *at,
        *(() if areas is None else (list(areas),)),
    )
    return rows.many(records, Free)
