"""SQL of the demo: whose duty lies ahead, across the tables that seeding has filled."""

from datetime import datetime, timedelta

import msgspec

from alliance.actor import Code, DistrictId, PersonId, Role
from alliance.db.pool import Connection

LEFT = timedelta(hours=2)
CHECK_IN_AHEAD = timedelta(minutes=30)
LEAVE_AHEAD = timedelta(days=7)


class OnDuty(msgspec.Struct, frozen=True, kw_only=True):
    """A person with a published duty, and the name of its beat."""

    person: PersonId
    name: str
    starts_at: datetime
    ends_at: datetime
    beat_name: str


async def on_duty(
    conn: Connection, district: DistrictId, role: Role, *, near: Code | None, now: datetime, before: datetime
) -> OnDuty | None:
    """Someone of that role alone, consenting, not away, without a login: on duty first, then near."""
    record = await conn.fetchrow(
        """
        select a.person, p.name, a.starts_at, a.ends_at, b.name as beat_name
        from assignment a
            join person p on p.district_id = a.district_id and p.id = a.person and p.active
            join post o on o.district_id = a.district_id and o.id = a.post
            join area b on b.district_id = a.district_id and b.code = o.beat
        where a.district_id = $1 and a.published and a.cancelled_at is null
            and a.ends_at > $4 and a.starts_at < $5
            and exists (select from consent c where c.district_id = $1 and c.person = p.id
                        and c.withdrawn_at is null)
            and (select array_agg(distinct r.role) from person_role r
                 where r.district_id = $1 and r.person = p.id) = array[$2]
            and not exists (select from account k where k.district_id = $1 and k.person = p.id)
            and not exists (select from leave l where l.district_id = $1 and l.person = p.id
                            and l.ends_at > $3 and l.starts_at < $7)
        order by (a.starts_at <= $6) desc, (o.beat is not distinct from $8) desc, a.starts_at, a.person
        limit 1
        """,
        district,
        role.value,
        now,
        now + LEFT,
        before,
        now + CHECK_IN_AHEAD,
        now + LEAVE_AHEAD,
        near,
    )
    return None if record is None else msgspec.convert(record, OnDuty, from_attributes=False)


async def place(conn: Connection, district: DistrictId, person: PersonId) -> tuple[Code | None, str]:
    """Where a person's role holds: the area's code, and the name of the area or organisation ("" for all)."""
    record = await conn.fetchrow(
        """
        select r.area, coalesce(a.name, o.name, '') as name
        from person_role r
            left join area a on a.district_id = r.district_id and a.code = r.area
            left join organisation o on o.district_id = r.district_id and o.id = r.organisation
        where r.district_id = $1 and r.person = $2
        order by r.id
        limit 1
        """,
        district,
        person,
    )
    return (None, "") if record is None else (record["area"], record["name"])
