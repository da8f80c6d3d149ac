"""The SQL of putting a draft in the place of what is published for its days."""

from datetime import datetime

from alliance.actor import DistrictId
from alliance.db import rows
from alliance.db.pool import Connection
from alliance.roster.model import Placed, RosterId

# Same person, post and shift is the same duty.
MISSING = """
    select a.id, a.person, a.post, a.shift, a.pinned from assignment a
    where a.district_id = $1 and a.roster = $2 and a.cancelled_at is null and not exists (
        select 1 from assignment b
        where b.district_id = $1 and b.roster = $3 and b.cancelled_at is null
          and b.person = a.person and b.post = a.post and b.shift = a.shift)
    order by a.id
"""


async def only_in(conn: Connection, district: DistrictId, one: RosterId, other: RosterId) -> list[Placed]:
    """Assignments of the one that the other has not."""
    return rows.many(await conn.fetch(MISSING, district, one, other), Placed)


async def begun(conn: Connection, district: DistrictId, ids: list[int], now: datetime) -> int:
    """How many of these have begun."""
    count: int = await conn.fetchval(
        "select count(*) from assignment where district_id = $1 and id = any($2) and starts_at <= $3",
        district,
        ids,
        now,
    )
    return count


async def bring(conn: Connection, district: DistrictId, ids: list[int], roster: RosterId) -> list[Placed]:
    """These assignments of a draft as published ones of the roster."""
    records = await conn.fetch(
        """
        insert into assignment (district_id, roster, person, shift, post, duty_day, starts_at, ends_at,
                                published, pinned, why)
        select $1, $3, a.person, a.shift, a.post, a.duty_day, a.starts_at, a.ends_at, true, a.pinned, a.why
        from assignment a where a.district_id = $1 and a.id = any($2)
        returning id, person, post, shift, pinned
        """,
        district,
        ids,
        roster,
    )
    return rows.many(records, Placed)


async def take_figures(conn: Connection, district: DistrictId, draft: RosterId, roster: RosterId) -> None:
    """The draft's figures and shortfalls become the roster's, which is a version newer."""
    await conn.execute("delete from shortfall where district_id = $1 and roster = $2", district, roster)
    await conn.execute(
        "update shortfall set roster = $3 where district_id = $1 and roster = $2", district, draft, roster
    )
    await conn.execute(
        """
        update roster r set version = r.version + 1, objective = d.objective, bound = d.bound, gap = d.gap,
            terms = d.terms, weights = d.weights, hard_violations = d.hard_violations,
            progress = r.progress || jsonb_build_object('assignments', d.progress->'assignments')
        from roster d
        where r.district_id = $1 and r.id = $3 and d.district_id = $1 and d.id = $2
        """,
        district,
        draft,
        roster,
    )
