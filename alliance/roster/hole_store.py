"""The SQL of holes, and of the duties that fall out."""

from collections.abc import Sequence
from datetime import datetime

from alliance.actor import AssignmentId, DistrictId, OrganisationId, PersonId
from alliance.db import rows
from alliance.db.pool import Connection
from alliance.roster.hole_model import Cause, Hole, HoleId, HoleState, NewExtra
from alliance.roster.model import Planned

HOLE = """
    select h.id, h.state, h.cause, h.post, o.name as post_name, o.name_en as post_name_en, o.beat,
           b.name as beat_name, b.name_en as beat_name_en, b.town, h.shift,
           s.pattern, s.duty_day, s.starts_at, s.ends_at, h.assignment, a.person as absent,
           p.name as absent_name, p.organisation, h.people, h.certified, h.filled, h.reason, h.opened_at,
           h.opened_by, h.ended_at, h.end_reason, h.call_at_once, h.call_minutes, h.called_by, h.version,
           said.asked, said.said_no, said.silent, said.expires_at
    from hole h
    join post o on o.district_id = $1 and o.id = h.post
    join area b on b.district_id = $1 and b.code = o.beat
    join shift s on s.district_id = $1 and s.id = h.shift
    left join assignment a on a.district_id = $1 and a.id = h.assignment
    left join person p on p.district_id = $1 and p.id = a.person
    cross join lateral (
        select count(*) filter (where f.state = 'asked') as asked,
               count(*) filter (where f.state in ('declined', 'refused')) as said_no,
               count(*) filter (where f.state = 'expired') as silent,
               min(f.expires_at) filter (where f.state = 'asked') as expires_at
        from offer f where f.district_id = $1 and f.hole = h.id
    ) said
    where h.district_id = $1
"""


async def hole(conn: Connection, district: DistrictId, number: int) -> Hole | None:
    return rows.maybe(await conn.fetchrow(f"{HOLE} and h.id = $2", district, number), Hole)


async def lock(conn: Connection, district: DistrictId, number: int) -> bool:
    """Hold it against others until the transaction ends; read it afterwards."""
    found = await conn.fetchval(
        "select 1 from hole where district_id = $1 and id = $2 for update", district, number
    )
    return found is not None


async def holes(
    conn: Connection,
    district: DistrictId,
    *,
    states: Sequence[HoleState],
    since: datetime,
    beats: Sequence[str] | None,
    organisations: Sequence[OrganisationId],
    limit: int,
) -> list[Hole]:
    """Those of shifts that end after `since`, earliest first; `beats` None are all, else these or of these
    organisations' people."""
    records = await conn.fetch(
        f"""{HOLE} and h.state = any($2) and s.ends_at > $3
            and ($4::text[] is null or o.beat = any($4) or p.organisation = any($5::bigint[]))
            order by s.starts_at, h.id limit $6""",
        district,
        list(states),
        since,
        beats,
        list(organisations),
        limit,
    )
    return rows.many(records, Hole)


async def insert(
    conn: Connection,
    district: DistrictId,
    *,
    planned: Planned,
    cause: Cause,
    reason: str,
    by: PersonId | None,
    now: datetime,
    certified: bool = False,
) -> HoleId:
    """The hole that a duty leaves, or the one it left already."""
    number: int = await conn.fetchval(
        """
        insert into hole (district_id, post, shift, cause, assignment, people, reason, opened_at, opened_by,
                          certified)
        values ($1, $2, $3, $4, $5, 1, $6, $7, $8, $9)
        on conflict (district_id, assignment) do update
            set cause = excluded.cause, reason = excluded.reason, version = hole.version + 1
        returning id
        """,
        district,
        planned.post,
        planned.shift,
        cause,
        planned.id,
        reason,
        now,
        by,
        int(certified),
    )
    return HoleId(number)


async def insert_extra(
    conn: Connection, district: DistrictId, new: NewExtra, by: PersonId, now: datetime
) -> HoleId:
    number: int = await conn.fetchval(
        """
        insert into hole (district_id, post, shift, cause, people, certified, reason, opened_at, opened_by)
        values ($1, $2, $3, 'extra', $4, $5, $6, $7, $8) returning id
        """,
        district,
        new.post,
        new.shift,
        new.people,
        new.certified,
        new.reason,
        now,
        by,
    )
    return HoleId(number)


async def count_filled(conn: Connection, district: DistrictId, number: HoleId, now: datetime) -> HoleState:
    """One more was found; the state that leaves it in."""
    state: str = await conn.fetchval(
        """
        update hole set filled = filled + 1, version = version + 1,
            state = case when filled + 1 = people then 'filled' else state end,
            ended_at = case when filled + 1 = people then $3::timestamptz end,
            call_at_once = case when filled + 1 = people then null else call_at_once end
        where district_id = $1 and id = $2 and state = 'open' returning state
        """,
        district,
        number,
        now,
    )
    return HoleState(state)


async def close(
    conn: Connection,
    district: DistrictId,
    number: HoleId,
    *,
    by: PersonId | None,
    reason: str,
    now: datetime,
) -> None:
    await conn.execute(
        """
        update hole set state = 'closed', ended_at = $3, ended_by = $4, end_reason = $5, call_at_once = null,
            version = version + 1
        where district_id = $1 and id = $2 and state = 'open'
        """,
        district,
        number,
        now,
        by,
        reason,
    )


async def set_call(
    conn: Connection,
    district: DistrictId,
    number: HoleId,
    *,
    at_once: int | None,
    minutes: int | None,
    by: PersonId | None,
) -> None:
    """None for `at_once` ends the call-out."""
    await conn.execute(
        """
        update hole set call_at_once = $3, call_minutes = coalesce($4, call_minutes), called_by = $5,
            version = version + 1
        where district_id = $1 and id = $2
        """,
        district,
        number,
        at_once,
        minutes,
        by,
    )


async def over(conn: Connection, district: DistrictId, now: datetime, limit: int) -> list[HoleId]:
    """Open holes whose shift has ended."""
    records = await conn.fetch(
        """
        select h.id from hole h join shift s on s.district_id = $1 and s.id = h.shift
        where h.district_id = $1 and h.state = 'open' and s.ends_at <= $2 order by h.id limit $3
        """,
        district,
        now,
        limit,
    )
    return [HoleId(number) for (number,) in records]


async def came(conn: Connection, district: DistrictId, assignments: Sequence[AssignmentId]) -> list[HoleId]:
    """Open holes of people who were missed and are there after all."""
    records = await conn.fetch(
        """
        select h.id from hole h
        join assignment a on a.district_id = $1 and a.id = h.assignment and a.cancelled_at is null
        where h.district_id = $1 and h.assignment = any($2::bigint[]) and h.state = 'open'
          and h.cause = 'no_show' and h.filled = 0
        """,
        district,
        list(assignments),
    )
    return [HoleId(number) for (number,) in records]


async def unmiss(conn: Connection, district: DistrictId, assignments: Sequence[AssignmentId]) -> None:
    await conn.execute(
        """
        update assignment set missed_at = null
        where district_id = $1 and id = any($2::bigint[]) and missed_at is not null
        """,
        district,
        list(assignments),
    )


async def cancel(
    conn: Connection,
    district: DistrictId,
    assignment: AssignmentId,
    *,
    kind: str,
    reason: str,
    by: PersonId | None,
    now: datetime,
) -> bool:
    """False where somebody else was quicker."""
    status = await conn.execute(
        """
        update assignment set cancelled_at = $3, cancel_kind = $4, cancel_reason = $5, cancelled_by = $6
        where district_id = $1 and id = $2 and published and cancelled_at is null
        """,
        district,
        assignment,
        now,
        kind,
        reason,
        by,
    )
    return bool(status.endswith(" 1"))


async def miss(conn: Connection, district: DistrictId, assignment: AssignmentId, now: datetime) -> None:
    await conn.execute(
        "update assignment set missed_at = $3 where district_id = $1 and id = $2", district, assignment, now
    )


async def checked_in(conn: Connection, district: DistrictId, assignment: AssignmentId) -> bool:
    found: bool = await conn.fetchval(
        """
        select exists (select 1 from attendance t
                       where t.district_id = $1 and t.assignment = $2 and t.kind = 'in')
        """,
        district,
        assignment,
    )
    return found


async def not_come(
    conn: Connection, district: DistrictId, started_before: datetime, now: datetime, limit: int
) -> list[AssignmentId]:
    """Running duties that began before that instant, and for which nobody has checked in."""
    records = await conn.fetch(
        """
        select a.id from assignment a
        where a.district_id = $1 and a.published and a.cancelled_at is null and a.missed_at is null
          and a.starts_at <= $2 and a.ends_at > $3
          and not exists (select 1 from attendance t
                          where t.district_id = $1 and t.assignment = a.id and t.kind = 'in')
        order by a.id limit $4
        """,
        district,
        started_before,
        now,
        limit,
    )
    return [AssignmentId(number) for (number,) in records]
