"""The SQL of comparing two rosters; an assignment is the same where person and shift are."""

from datetime import datetime

import msgspec

from alliance.actor import DistrictId
from alliance.db import rows
from alliance.db.pool import Connection
from alliance.roster.compare import Differing, Loads, Peer
from alliance.roster.model import RosterId


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One person in one shift: where before and where now; None is nowhere."""

    person: int
    name: str
    shift: int
    starts_at: datetime
    ends_at: datetime
    before: int | None
    after: int | None


async def loads(conn: Connection, district: DistrictId, roster: RosterId) -> Loads:
    record = await conn.fetchrow(
        """
        select coalesce(array_agg(person), '{}') as person, coalesce(array_agg(duty_day), '{}') as day,
               coalesce(array_agg((extract(epoch from starts_at) * 1000)::bigint), '{}') as start,
               coalesce(array_agg((extract(epoch from ends_at) * 1000)::bigint), '{}') as end
        from assignment where district_id = $1 and roster = $2 and cancelled_at is null
        """,
        district,
        roster,
    )
    return rows.one(record, Loads)


async def peers(conn: Connection, district: DistrictId) -> list[Peer]:
    records = await conn.fetch(
        """
        select p.id, bool_or(r.role = 'guard') as guard from person p
        join organisation o on o.district_id = $1 and o.id = p.organisation and o.active
        join person_role r on r.district_id = $1 and r.person = p.id and r.role in ('guard', 'volunteer')
        where p.district_id = $1 and p.active and p.erased_at is null and exists (
            select 1 from availability v where v.district_id = $1 and v.person = p.id)
        group by p.id order by p.id
        """,
        district,
    )
    return rows.many(records, Peer)


BOTH = """
    with before as (
        select person, shift, post from assignment
        where district_id = $1 and roster = $2 and cancelled_at is null
    ), after as (
        select person, shift, post from assignment
        where district_id = $1 and roster = $3 and cancelled_at is null
    ), differing as (
        select person, shift, b.post as before, a.post as after
        from before b full join after a using (person, shift)
        where b.post is distinct from a.post
    )
"""


async def by_beat(
    conn: Connection, district: DistrictId, before: RosterId, after: RosterId
) -> list[Differing]:
    records = await conn.fetch(
        f"""{BOTH}
        select p.beat, count(*) filter (where d.before is null) as added,
               count(*) filter (where d.after is null) as removed,
               count(*) filter (where d.before is not null and d.after is not null) as moved
        from differing d join post p on p.district_id = $1 and p.id = coalesce(d.after, d.before)
        group by p.beat order by p.beat
        """,
        district,
        before,
        after,
    )
    return rows.many(records, Differing)


async def differences(
    conn: Connection, district: DistrictId, before: RosterId, after: RosterId, *, beat: str, limit: int
) -> list[Difference]:
    """Those that touch a beat, in order of time."""
    records = await conn.fetch(
        f"""{BOTH}
        select d.person, w.name, d.shift, s.starts_at, s.ends_at, d.before, d.after
        from differing d
        join person w on w.district_id = $1 and w.id = d.person
        join shift s on s.district_id = $1 and s.id = d.shift
        where exists (select 1 from post p where p.district_id = $1 and p.id in (d.before, d.after)
                      and p.beat = $4)
        order by s.starts_at, s.id, w.name, d.person limit $5
        """,
        district,
        before,
        after,
        beat,
        limit,
    )
    return rows.many(records, Difference)
