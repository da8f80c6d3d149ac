"""The SQL of scans, each of which is a visit too."""

from collections.abc import Sequence
from datetime import date

import asyncpg

from alliance.actor import AssignmentId, DistrictId
from alliance.db.pool import Connection
from alliance.patrol.store import Gap

Row = tuple[int, int, int]


async def insert(
    conn: Connection,
    district: DistrictId,
    found: Row,
    *,
    checkpoint: int,
    day: date,
    received_at: int,
) -> bool:
    """(assignment, at, cell); False where it is stored already."""
    made: int = await conn.fetchval(
        """
        with made as (
            insert into scan (district_id, assignment, at, cell, checkpoint, duty_day, received_at)
            values ($1, $2, $3, $4, $5, $6, $7)
            on conflict (district_id, assignment, at, checkpoint) do nothing returning assignment, at, cell
        ), visited as (
            insert into visit (district_id, duty_day, assignment, from_at, to_at, cell, checkpoint)
            select $1, $6, assignment, at, at, cell, true from made
            on conflict (district_id, duty_day, assignment, from_at, cell, checkpoint) do nothing
        )
        select count(*) from made
        """,
        district,
        *found,
        checkpoint,
        day,
        received_at,
    )
    return made > 0


async def lock_duty(conn: Connection, district: DistrictId, assignment: AssignmentId) -> None:
    """Nobody checks the duty in or out until the transaction ends."""
    await conn.execute(
        "select id from assignment where district_id = $1 and id = $2 for update", district, assignment
    )


async def of(conn: Connection, district: DistrictId, assignments: Sequence[int]) -> list[Row]:
    """(assignment, at, cell) of the assignments."""
    records = await conn.fetch(
        "select assignment, at, cell from scan where district_id = $1 and assignment = any($2::bigint[])",
        district,
        assignments,
    )
    return _rows(records)


async def still(conn: Connection, district: DistrictId, found: Sequence[tuple[int, int]]) -> list[Row]:
    """Those of the (assignment, at) that are stored."""
    records = await conn.fetch(
        """
        select distinct s.assignment, s.at, s.cell
        from unnest($2::bigint[], $3::bigint[]) as n (assignment, at)
        join scan s on s.district_id = $1 and s.assignment = n.assignment and s.at = n.at
        """,
        district,
        [assignment for assignment, _ in found],
        [at for _, at in found],
    )
    return _rows(records)


def _rows(records: Sequence[asyncpg.Record]) -> list[Row]:
    return [(record["assignment"], record["at"], record["cell"]) for record in records]


async def delete(conn: Connection, district: DistrictId, gaps: Sequence[Gap]) -> None:
    """What lies in the gaps, with its visits; the assignments are marked stale where anything did."""
    await conn.execute(
        """
        with dropped as (
            delete from scan s
            using unnest($2::bigint[], $3::bigint[], $4::bigint[]) as g (assignment, after, before)
            where s.district_id = $1 and s.assignment = g.assignment and s.at > g.after and s.at < g.before
            returning s.duty_day, s.assignment, s.at, s.cell
        ), unvisited as (
            delete from visit v using dropped d
            where v.district_id = $1 and v.duty_day = d.duty_day and v.assignment = d.assignment
              and v.from_at = d.at and v.cell = d.cell and v.checkpoint
        )
        insert into visit_stale (district_id, duty_day, assignment, marked_at)
        select distinct $1::integer, duty_day, assignment, now() from dropped
        on conflict (district_id, duty_day, assignment) do update set marked_at = excluded.marked_at
        """,
        district,
        *([getattr(gap, name) for gap in gaps] for name in ("assignment", "after", "before")),
    )


async def expire(conn: Connection, day: date) -> None:
    """A duty day's, in every district."""
    await conn.execute("delete from scan where duty_day = $1", day)
