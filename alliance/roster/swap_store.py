"""The SQL of swaps."""

from collections.abc import Sequence
from datetime import datetime

from alliance.actor import AssignmentId, DistrictId, PersonId
from alliance.db import rows
from alliance.db.pool import Connection
from alliance.roster.swap_model import RUNNING, NewSwap, Swap, SwapId, SwapState

SWAP = """
    select w.id, w.state, w.assignment, w.person, p.name, p.organisation, w.to_person, w.note, w.offered_at,
           w.taker, t.name as taker_name, w.exchange, w.answered_at, w.decided_by, w.decided_at, w.reason,
           w.version, a.post, o.name as post_name, o.name_en as post_name_en, o.beat,
           b.name as beat_name, b.name_en as beat_name_en, a.shift, s.pattern,
           a.duty_day, a.starts_at, a.ends_at, a.cancelled_at is not null as gone,
           e.post as exchange_post, eo.name as exchange_post_name, eo.name_en as exchange_post_name_en,
           eo.beat as exchange_beat, eb.name as exchange_beat_name, eb.name_en as exchange_beat_name_en,
           e.shift as exchange_shift, e.duty_day as exchange_day,
           e.starts_at as exchange_starts_at, e.ends_at as exchange_ends_at,
           e.cancelled_at is not null as exchange_gone
    from swap w
    join person p on p.district_id = $1 and p.id = w.person
    join assignment a on a.district_id = $1 and a.id = w.assignment
    join shift s on s.district_id = $1 and s.id = a.shift
    join post o on o.district_id = $1 and o.id = a.post
    join area b on b.district_id = $1 and b.code = o.beat
    left join person t on t.district_id = $1 and t.id = w.taker
    left join assignment e on e.district_id = $1 and e.id = w.exchange
    left join post eo on eo.district_id = $1 and eo.id = e.post
    left join area eb on eb.district_id = $1 and eb.code = eo.beat
    where w.district_id = $1
"""


async def swap(conn: Connection, district: DistrictId, number: int) -> Swap | None:
    return rows.maybe(await conn.fetchrow(f"{SWAP} and w.id = $2", district, number), Swap)


async def insert(
    conn: Connection, district: DistrictId, new: NewSwap, person: PersonId, now: datetime
) -> SwapId | None:
    """None where a swap of that duty runs already."""
    number: int | None = await conn.fetchval(
        """
        insert into swap (district_id, assignment, person, to_person, state, note, offered_at)
        values ($1, $2, $3, $4, 'open', $5, $6)
        on conflict (district_id, assignment) where state in ('open', 'proposed', 'agreed') do nothing
        returning id
        """,
        district,
        new.assignment,
        person,
        new.to,
        new.note,
        now,
    )
    return None if number is None else SwapId(number)


async def answered(
    conn: Connection,
    district: DistrictId,
    number: SwapId,
    state: SwapState,
    *,
    taker: PersonId | None,
    exchange: AssignmentId | None,
    now: datetime,
) -> None:
    await conn.execute(
        """
        update swap set state = $3, taker = $4, exchange = $5, answered_at = $6, version = version + 1
        where district_id = $1 and id = $2
        """,
        district,
        number,
        state,
        taker,
        exchange,
        now,
    )


async def decided(
    conn: Connection,
    district: DistrictId,
    number: SwapId,
    state: SwapState,
    *,
    by: PersonId | None,
    reason: str,
    now: datetime,
) -> None:
    await conn.execute(
        """
        update swap set state = $3, decided_by = $4, reason = $5, decided_at = $6, version = version + 1
        where district_id = $1 and id = $2
        """,
        district,
        number,
        state,
        by,
        reason,
        now,
    )


async def of_person(conn: Connection, district: DistrictId, person: PersonId, since: datetime) -> list[Swap]:
    """Those the person offered, was asked about by name, or took; the newest first."""
    records = await conn.fetch(
        f"""{SWAP} and (w.person = $2 or w.to_person = $2 or w.taker = $2) and w.offered_at > $3
            order by w.id desc limit 50""",
        district,
        person,
        since,
    )
    return rows.many(records, Swap)


async def open_to(
    conn: Connection, district: DistrictId, person: PersonId, now: datetime, limit: int
) -> list[Swap]:
    """Open to everyone of the role, at a time when the person has no duty; the soonest first."""
    records = await conn.fetch(
        f"""{SWAP} and w.state = 'open' and w.to_person is null and w.person <> $2 and a.starts_at > $3
            and a.cancelled_at is null
            and exists (
                select 1 from shift_pattern n
                join person_role r on r.district_id = $1 and r.person = $2
                     and r.role in ('guard', 'volunteer') and (n.role = 'any' or n.role = r.role)
                where n.district_id = $1 and n.code = s.pattern)
            and not exists (
                select 1 from assignment x where x.district_id = $1 and x.person = $2 and x.published
                and x.cancelled_at is null and x.starts_at < a.ends_at and x.ends_at > a.starts_at)
            order by a.starts_at, w.id limit $4""",
        district,
        person,
        now,
        limit,
    )
    return rows.many(records, Swap)


async def listed(
    conn: Connection,
    district: DistrictId,
    *,
    states: Sequence[SwapState],
    beats: Sequence[str] | None,
    since: datetime,
    limit: int,
) -> list[Swap]:
    """Of duties on these beats (None: all) that end after `since`: those that wait for a decision first."""
    records = await conn.fetch(
        f"""{SWAP} and w.state = any($2) and ($3::text[] is null or o.beat = any($3)) and a.ends_at > $4
            order by w.state <> 'agreed', a.starts_at, w.id limit $5""",
        district,
        list(states),
        beats,
        since,
        limit,
    )
    return rows.many(records, Swap)


async def over(conn: Connection, district: DistrictId, now: datetime, limit: int) -> list[Swap]:
    """Running ones whose duty has begun or fell out otherwise."""
    records = await conn.fetch(
        f"""{SWAP} and w.state = any($2) and (
                a.starts_at <= $3 or a.cancelled_at is not null or e.starts_at <= $3
                or e.cancelled_at is not null)
            order by w.id limit $4""",
        district,
        list(RUNNING),
        now,
        limit,
    )
    return rows.many(records, Swap)


async def works(conn: Connection, district: DistrictId, person: int) -> bool:
    """Whether there is such a guard or volunteer."""
    found: bool = await conn.fetchval(
        """
        select exists (
            select 1 from person p
            join person_role r on r.district_id = p.district_id and r.person = p.id
            where p.district_id = $1 and p.id = $2 and p.active and r.role in ('guard', 'volunteer'))
        """,
        district,
        person,
    )
    return found
