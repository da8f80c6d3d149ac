"""The SQL of what hours on duty are credited from: attendance, visits, and what is credited already."""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from alliance.actor import Code, DistrictId, PersonId
from alliance.db import rows
from alliance.db.pool import Connection
from alliance.patrol.model import Mark


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """An assignment somebody checked in for."""

    assignment: int
    person: PersonId
    beat: Code
    duty_day: date
    ends_at: datetime
    marks: tuple[Mark, ...]


async def due(conn: Connection, district: DistrictId, now: datetime, limit: int) -> list[int]:
    """Duties past their automatic check-out that were never looked at, or not since their last mark,
    or not since the last message about them could come, 72 hours after the end.
    """
    records = await conn.fetch(
        """
        select a.id from assignment a
        cross join lateral (
            select max(t.received_at) as marked, bool_or(t.kind = 'in') as came
            from attendance t where t.district_id = $1 and t.assignment = a.id
        ) seen
        left join duty_reckoned k on k.district_id = $1 and k.assignment = a.id
        where a.district_id = $1 and a.published and a.cancelled_at is null and seen.came
          and a.ends_at <= $2::timestamptz - interval '30 minutes' and a.ends_at > $2 - interval '100 hours'
          and (k.at is null or k.at < seen.marked
               or (k.at < a.ends_at + interval '73 hours' and $2 >= a.ends_at + interval '73 hours'))
        order by a.ends_at, a.id limit $3
        """,
        district,
        now,
        limit,
    )
    return [record["id"] for record in records]


async def reckoned(conn: Connection, district: DistrictId, assignments: Sequence[int], now: datetime) -> None:
    """Note that they were looked at."""
    await conn.execute(
        """
        insert into duty_reckoned (district_id, assignment, at) select $1, unnest($2::bigint[]), $3
        on conflict (district_id, assignment) do update set at = excluded.at
        """,
        district,
        assignments,
        now,
    )


async def served(conn: Connection, district: DistrictId, assignments: Sequence[int]) -> list[Served]:
    records = await conn.fetch(
        """
        select a.id as assignment, a.person, o.beat, a.duty_day, a.ends_at, (
            select jsonb_agg(jsonb_build_array(t.kind, (extract(epoch from t.at) * 1000)::bigint, t.auto,
                                               t.attested_by is not null) order by t.at)
            from attendance t where t.district_id = $1 and t.assignment = a.id) as marks
        from assignment a join post o on o.district_id = $1 and o.id = a.post
        where a.district_id = $1 and a.id = any($2::bigint[]) and exists (
            select 1 from attendance t where t.district_id = $1 and t.assignment = a.id and t.kind = 'in')
        order by a.id
        """,
        district,
        assignments,
    )
    return rows.many(records, Served)


async def visits(
    conn: Connection, district: DistrictId, duties: Sequence[Served]
) -> dict[int, list[tuple[int, int]]]:
    """[from, to) of the visits of each duty, in milliseconds, in order."""
    records = await conn.fetch(
        """
        select v.assignment, v.from_at, v.to_at
        from unnest($2::bigint[], $3::date[]) as d (assignment, day)
        join visit v on v.district_id = $1 and v.duty_day = d.day and v.assignment = d.assignment
        order by v.assignment, v.from_at
        """,
        district,
        [duty.assignment for duty in duties],
        [duty.duty_day for duty in duties],
    )
    found: dict[int, list[tuple[int, int]]] = {}
    for record in records:
        found.setdefault(record["assignment"], []).append((record["from_at"], record["to_at"]))
    return found
