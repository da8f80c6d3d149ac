"""The SQL of shifts, posts, rosters and shortfalls."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from alliance.actor import DistrictId, PersonId
from alliance.db import rows
from alliance.db.pool import Connection
from alliance.roster.model import Need, NewRoster, Post, Progress, Roster, RosterId, Shift, Shortfall, State


async def insert_shifts(
    conn: Connection, district: DistrictId, shifts: Sequence[tuple[str, date, datetime, datetime]]
) -> int:
    """(pattern, duty day, start, end) each; those that are there stay. Returns how many are new."""
    status = await conn.execute(
        """
        insert into shift (district_id, pattern, duty_day, starts_at, ends_at)
        select $1, s.pattern, s.duty_day, s.starts_at, s.ends_at
        from unnest($2::text[], $3::date[], $4::timestamptz[], $5::timestamptz[])
            as s(pattern, duty_day, starts_at, ends_at)
        on conflict (district_id, duty_day, pattern) do nothing
        """,
        district,
        *(list(column) for column in zip(*shifts, strict=True)),
    )
    return int(status.split()[-1])


async def shifts(conn: Connection, district: DistrictId, first_day: date, last_day: date) -> list[Shift]:
    records = await conn.fetch(
        """
        select id, pattern, duty_day, starts_at, ends_at from shift
        where district_id = $1 and duty_day between $2 and $3 order by starts_at, ends_at, id
        """,
        district,
        first_day,
        last_day,
    )
    return rows.many(records, Shift)


async def posts(conn: Connection, district: DistrictId, beats: Sequence[str] | None) -> list[Post]:
    """Active ones; of these beats, or of all."""
    records = await conn.fetch(
        """
        select id, code, name, name_en, beat, cell, unit_size, solo, certificate, active, version from post
        where district_id = $1 and active and ($2::text[] is null or beat = any($2)) order by id
        """,
        district,
        beats,
    )
    return rows.many(records, Post)


async def needs(conn: Connection, district: DistrictId) -> list[Need]:
    records = await conn.fetch(
        """
        select n.post, n.pattern, n.minimum, n.desired, n.certified from need n
        join post p on p.district_id = n.district_id and p.id = n.post
        where n.district_id = $1 and p.active order by n.post, n.pattern
        """,
        district,
    )
    return rows.many(records, Need)


async def force(conn: Connection, district: DistrictId) -> int:
    """How many guards and volunteers there are."""
    count: int = await conn.fetchval(
        """
        select count(distinct r.person) from person_role r
        join person p on p.district_id = r.district_id and p.id = r.person
        where r.district_id = $1 and r.role in ('guard', 'volunteer') and p.active
        """,
        district,
    )
    return count


async def insert_roster(
    conn: Connection, district: DistrictId, new: NewRoster, actor: PersonId | None, now: datetime
) -> RosterId:
    number: int = await conn.fetchval(
        """
        insert into roster (district_id, first_day, last_day, state, progress, seed, weights, made_by,
                            made_at)
        values ($1, $2, $3, 'solving', $4, $5, $6, $7, $8) returning id
        """,
        district,
        new.first_day,
        new.last_day,
        {"phase": "waiting", "asked": msgspec.to_builtins(new.asked)},
        new.seed,
        new.weights,
        actor,
        now,
    )
    return RosterId(number)


SELECT = """
    select r.id, r.first_day, r.last_day, r.state, r.progress, r.seed, r.weights, r.objective, r.bound, r.gap,
           r.terms, r.hard_violations, r.made_by, r.made_at, r.published_by, r.published_at, r.version,
           coalesce((r.progress->>'assignments')::bigint, 0) as assignments,
           (select coalesce(sum(s.missing), 0) from shortfall s
            where s.district_id = r.district_id and s.roster = r.id) as unmet
    from roster r where r.district_id = $1
"""


async def roster(conn: Connection, district: DistrictId, number: RosterId) -> Roster | None:
    return rows.maybe(await conn.fetchrow(f"{SELECT} and r.id = $2", district, number), Roster)


async def locked(conn: Connection, district: DistrictId, number: RosterId) -> Roster | None:
    """The roster, held against others until the transaction ends."""
    return rows.maybe(
        await conn.fetchrow(f"{SELECT} and r.id = $2 for update of r", district, number), Roster
    )


async def rosters(conn: Connection, district: DistrictId, before: int, limit: int) -> list[Roster]:
    """Newest first."""
    records = await conn.fetch(
        f"{SELECT} and r.id < $2 and r.state <> 'discarded' order by r.id desc limit $3",
        district,
        before,
        limit,
    )
    return rows.many(records, Roster)


async def published_days(
    conn: Connection, district: DistrictId, first_day: date, last_day: date
) -> list[RosterId]:
    """Published rosters that share a day with first_day … last_day."""
    records = await conn.fetch(
        """
        select id from roster where district_id = $1 and state = 'published'
        and first_day <= $3 and last_day >= $2 order by id
        """,
        district,
        first_day,
        last_day,
    )
    return [RosterId(number) for (number,) in records]


async def last_published_day(conn: Connection, district: DistrictId) -> date | None:
    day: date | None = await conn.fetchval(
        "select max(last_day) from roster where district_id = $1 and state = 'published'", district
    )
    return day


async def set_state(
    conn: Connection,
    district: DistrictId,
    number: RosterId,
    state: State,
    *,
    actor: PersonId | None,
    now: datetime,
) -> None:
    await conn.execute(
        """
        update roster set state = $3, version = version + 1,
            published_by = case when $3 = 'published' then $4 else published_by end,
            published_at = case when $3 = 'published' then $5 else published_at end
        where district_id = $1 and id = $2
        """,
        district,
        number,
        state,
        actor,
        now,
    )


async def set_progress(
    conn: Connection, district: DistrictId, number: RosterId, progress: Progress
) -> bool | None:
    """Whether the best so far is wanted now; None when the roster is no longer being worked on."""
    record = await conn.fetchrow(
        """
        update roster set progress = progress || $3 where district_id = $1 and id = $2 and state = 'solving'
        returning coalesce((progress->>'stop')::boolean, false) as stop
        """,
        district,
        number,
        {
            "phase": progress.phase,
            "step": progress.step,
            "beat": progress.beat,
            "incumbent": progress.incumbent,
            "bound": progress.bound,
            "gap": progress.gap,
        },
    )
    return None if record is None else bool(record["stop"])


async def ask_to_stop(conn: Connection, district: DistrictId, number: RosterId) -> None:
    await conn.execute(
        """
        update roster set progress = progress || '{"stop": true}'
        where district_id = $1 and id = $2 and state = 'solving'
        """,
        district,
        number,
    )


async def begin_again(conn: Connection, district: DistrictId, number: RosterId, beat: int) -> None:
    """What was asked for stays; `beat` is now, in ms."""
    await conn.execute(
        """
        update roster set state = 'solving', version = version + 1,
            progress = jsonb_build_object('phase', 'waiting', 'beat', $3::bigint,
                                          'asked', coalesce(progress->'asked', '{}'))
        where district_id = $1 and id = $2 and state = 'failed'
        """,
        district,
        number,
        beat,
    )


async def fail(conn: Connection, district: DistrictId, number: RosterId, why: str) -> bool:
    status = await conn.execute(
        """
        update roster set state = 'failed', version = version + 1, progress = progress || $3
        where district_id = $1 and id = $2 and state = 'solving'
        """,
        district,
        number,
        {"problem": why},
    )
    return bool(status.endswith(" 1"))


async def silent(conn: Connection, before: int) -> list[tuple[DistrictId, RosterId]]:
    """Rosters of all districts whose worker gave no sign of life since that instant (ms)."""
    records = await conn.fetch(
        """
        select district_id, id from roster where state = 'solving'
        and coalesce((progress->>'beat')::bigint, (extract(epoch from made_at) * 1000)::bigint) < $1
        """,
        before,
    )
    return [(DistrictId(district), RosterId(number)) for district, number in records]


async def finish(
    conn: Connection,
    district: DistrictId,
    number: RosterId,
    made: dict[str, object],
    progress: dict[str, object],
) -> None:
    """`made`: objective, bound, gap, terms, hard_violations."""
    await conn.execute(
        """
        update roster set state = 'draft', version = version + 1, objective = $3, bound = $4, gap = $5,
            terms = $6, hard_violations = $7, progress = progress || $8
        where district_id = $1 and id = $2
        """,
        district,
        number,
        made["objective"],
        made["bound"],
        made["gap"],
        made["terms"],
        made["hard_violations"],
        progress,
    )


async def set_checked(conn: Connection, district: DistrictId, number: RosterId, violations: int) -> None:
    await conn.execute(
        "update roster set hard_violations = $3 where district_id = $1 and id = $2",
        district,
        number,
        violations,
    )


async def insert_shortfalls(
    conn: Connection, district: DistrictId, number: RosterId, found: Sequence[Shortfall]
) -> None:
    await conn.copy_records_to_table(
        "shortfall",
        columns=["district_id", "roster", "post", "shift", "kind", "missing", "reason", "detail"],
        records=[(district, number, s.post, s.shift, s.kind, s.missing, s.reason, s.detail) for s in found],
    )


async def shortfalls(conn: Connection, district: DistrictId, number: RosterId) -> list[Shortfall]:
    records = await conn.fetch(
        """
        select post, shift, kind, missing, reason, detail from shortfall
        where district_id = $1 and roster = $2 order by shift, post, kind
        """,
        district,
        number,
    )
    return rows.many(records, Shortfall)


class Remedied(msgspec.Struct, frozen=True, kw_only=True):
    """What would end a shortfall."""

    post: int
    shift: int
    kind: str
    remedy: dict[str, Any]


async def remedy(conn: Connection, district: DistrictId, number: RosterId, found: Sequence[Remedied]) -> None:
    await conn.execute(
        """
        update shortfall s set detail = s.detail || jsonb_build_object('remedy', f.remedy)
        from unnest($3::bigint[], $4::bigint[], $5::text[], $6::jsonb[]) as f(post, shift, kind, remedy)
        where s.district_id = $1 and s.roster = $2 and s.post = f.post and s.shift = f.shift
          and s.kind = f.kind
        """,
        district,
        number,
        [one.post for one in found],
        [one.shift for one in found],
        [one.kind for one in found],
        [one.remedy for one in found],
    )
