"""The SQL of visits, the projection of fixes."""

import io
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from alliance.actor import AssignmentId, DistrictId
from alliance.db.pool import Connection
from alliance.patrol.copying import decode, row_type
from geo import cell as hexes
from geo.cell import Cell, Ints
from geo.index import CellIndex
from geo.tracks import Visits

READ = row_type(
    [("assignment", ">i8"), ("from_at", ">i8"), ("to_at", ">i8"), ("cell", ">i8"), ("checkpoint", "?")]
)


async def put(conn: Connection, district: DistrictId, found: Visits, days: Mapping[int, date]) -> None:
    """Writes visits; one that begins at the same time in the same cell is the same visit, grown."""
    await conn.execute(
        """
        insert into visit (district_id, duty_day, assignment, from_at, to_at, cell, checkpoint)
        select $1, n.day, n.assignment, n.from_at, n.to_at, n.cell, n.checkpoint
        from unnest($2::date[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::boolean[])
             as n (day, assignment, from_at, to_at, cell, checkpoint)
        on conflict (district_id, duty_day, assignment, from_at, cell, checkpoint)
        do update set to_at = excluded.to_at
        """,
        district,
        [days[number] for number in found.assignment.tolist()],
        *(column.tolist() for column in (found.assignment, found.from_at, found.to_at)),
        found.cell.astype(np.int64).tolist(),
        found.checkpoint.tolist(),
    )


async def remove(conn: Connection, district: DistrictId, gone: Visits, days: Mapping[int, date]) -> None:
    await conn.execute(
        """
        delete from visit v
        using unnest($2::date[], $3::bigint[], $4::bigint[], $5::bigint[])
              as n (day, assignment, from_at, cell)
        where v.district_id = $1 and v.duty_day = n.day and v.assignment = n.assignment
          and v.from_at = n.from_at and v.cell = n.cell and not v.checkpoint
        """,
        district,
        [days[number] for number in gone.assignment.tolist()],
        gone.assignment.tolist(),
        gone.from_at.tolist(),
        gone.cell.astype(np.int64).tolist(),
    )


async def clear(conn: Connection, district: DistrictId, days: Mapping[int, date]) -> None:
    """Drops the visits of whole assignments, which are about to be written anew."""
    await conn.execute(
        """
        delete from visit v using unnest($2::bigint[], $3::date[]) as n (assignment, day)
        where v.district_id = $1 and v.duty_day = n.day and v.assignment = n.assignment and not v.checkpoint
        """,
        district,
        list(days.keys()),
        list(days.values()),
    )


async def take_stale(conn: Connection, district: DistrictId, limit: int) -> dict[int, date]:
    """Assignments whose visits are older than their fixes, locked and no longer marked."""
    records = await conn.fetch(
        """
        delete from visit_stale s using (
            select duty_day, assignment from visit_stale where district_id = $1
            order by marked_at limit $2 for update skip locked) oldest
        where s.district_id = $1 and s.duty_day = oldest.duty_day and s.assignment = oldest.assignment
        returning s.assignment, s.duty_day
        """,
        district,
        limit,
    )
    return {record["assignment"]: record["duty_day"] for record in records}


async def mark_stale(conn: Connection, district: DistrictId, days: Mapping[AssignmentId, date]) -> None:
    await conn.execute(
        """
        insert into visit_stale (district_id, duty_day, assignment, marked_at)
        select $1, n.day, n.assignment, now() from unnest($2::bigint[], $3::date[]) as n (assignment, day)
        on conflict (district_id, duty_day, assignment) do update set marked_at = excluded.marked_at
        """,
        district,
        list(days.keys()),
        list(days.values()),
    )


async def behind(
    conn: Connection, district: DistrictId, days: Sequence[date], *, before: int
) -> dict[int, date]:
    """Assignments whose newest usable fix is newer than their newest visit: what a killed process left.

    It was received before that instant: of newer ones a running process may be making visits now.
    """
    records = await conn.fetch(
        """
        with served as (
            -- A scalar subquery: an `exists` becomes a join, and without statistics a very slow one.
            select a.id, a.duty_day from assignment a
            where a.district_id = $1 and a.duty_day = any($2::date[]) and a.published and (
                select true from attendance t where t.district_id = $1 and t.assignment = a.id limit 1)
        )
        select s.id as assignment, s.duty_day from served s
        cross join lateral (
            -- Without statistics `flags = 0` is taken for rare, and then all fixes are sorted.
            select day_start(s.duty_day) + f.ms as at, f.delay_ms, f.district_id from fix f
            where f.duty_day = s.duty_day and f.assignment = s.id and f.flags <= 0
            order by f.ms desc limit 1) newest
        where newest.district_id = $1 and newest.at + newest.delay_ms < $3 and newest.at > coalesce((
            select v.to_at from visit v
            where v.district_id = $1 and v.duty_day = s.duty_day and v.assignment = s.id and not v.checkpoint
            order by v.from_at desc limit 1), 0)
        """,
        district,
        days,
        before,
    )
    return {record["assignment"]: record["duty_day"] for record in records}


async def between(
    conn: Connection, district: DistrictId, index: CellIndex, days: tuple[date, date], *, start: int, end: int
) -> Visits:
    """Visits of those duty days (first, last) that begin by `end` and do not end before `start`."""
    copied = io.BytesIO()
    await conn.copy_from_query(
        """
        select assignment, from_at, to_at, cell, checkpoint from visit
        where district_id = $1 and duty_day between $2 and $3 and from_at <= $5 and to_at >= $4
        """,
        district,
        *days,
        start,
        end,
        output=copied,
        format="binary",
    )
    return _visits(copied.getvalue(), index)


async def since(
    conn: Connection,
    district: DistrictId,
    index: CellIndex,
    days: Mapping[int, date],
    *,
    start: int,
    few: int,
) -> Visits:
    """Of each assignment those that don't end before `start`, and its last few anyway."""
    copied = io.BytesIO()
    await conn.copy_from_query(
        """
        select v.assignment, v.from_at, v.to_at, v.cell, v.checkpoint
        from unnest($2::bigint[], $3::date[]) as n (assignment, day)
        cross join lateral (
            select assignment, from_at, to_at, cell, checkpoint from visit
            where district_id = $1 and duty_day = n.day and assignment = n.assignment and to_at >= $4
            union
            (select assignment, from_at, to_at, cell, checkpoint from visit
             where district_id = $1 and duty_day = n.day and assignment = n.assignment
             order by from_at desc limit $5)) v
        """,
        district,
        list(days.keys()),
        list(days.values()),
        start,
        few,
        output=copied,
        format="binary",
    )
    return _visits(copied.getvalue(), index)


async def of_many(
    conn: Connection, district: DistrictId, index: CellIndex, days: Mapping[int, date]
) -> Visits:
    """All visits of the assignments."""
    copied = io.BytesIO()
    await conn.copy_from_query(
        """
        select assignment, from_at, to_at, cell, checkpoint from visit
        where district_id = $1 and assignment = any($2::bigint[]) and duty_day = any($3::date[])
        """,
        district,
        [int(one) for one in days],
        sorted(set(days.values())),
        output=copied,
        format="binary",
    )
    return _visits(copied.getvalue(), index)


def _visits(copied: bytes, index: CellIndex) -> Visits:
    found = decode(copied, READ)
    cells = found["cell"].astype(np.uint64)
    return Visits(
        assignment=_ints(found["assignment"]),
        cell=cells,
        place=index.places(cells),
        from_at=_ints(found["from_at"]),
        to_at=_ints(found["to_at"]),
        checkpoint=found["checkpoint"].astype(np.bool_),
    )


async def totals(
    conn: Connection, district: DistrictId, first: date, today: date
) -> list[tuple[int, int, int]]:
    """(cell, visits, seconds) of the duty days from `first` to today together."""
    records = await conn.fetch(
        """
        with open as (
            select d::date as day from generate_series($2::date, $3::date, interval '1 day') d
            where d::date = $3 or not exists (
                select 1 from cell_day c where c.district_id = $1 and c.duty_day = d::date)
        ), counted as (
            select cell, visits::bigint, dwell_s from cell_day
            where district_id = $1 and duty_day >= $2 and duty_day < $3
            union all
            select v.cell, 1, (v.to_at - v.from_at) / 1000 from visit v join open on open.day = v.duty_day
            where v.district_id = $1
        )
        select cell, sum(visits)::bigint as visits, sum(dwell_s)::bigint as dwell_s from counted group by cell
        """,
        district,
        first,
        today,
    )
    return [(record["cell"], record["visits"], record["dwell_s"]) for record in records]


async def of_day(
    conn: Connection, district: DistrictId, index: CellIndex, day: date, part: tuple[int, int]
) -> Visits:
    """The visits of a duty day's assignments, those of one part of several, as (n, of how many)."""
    copied = io.BytesIO()
    await conn.copy_from_query(
        """
        select assignment, from_at, to_at, cell, checkpoint from visit
        where district_id = $1 and duty_day = $2 and assignment % $4 = $3
        """,
        district,
        day,
        *part,
        output=copied,
        format="binary",
    )
    return _visits(copied.getvalue(), index)


def _ints(column: object) -> Ints:
    return np.asarray(column).astype(np.int64)


async def of(
    conn: Connection, district: DistrictId, day: date, assignment: AssignmentId
) -> list[tuple[Cell, int, int]]:
    """(cell, from, to) of one duty, in order."""
    records = await conn.fetch(
        """
        select cell, from_at, to_at from visit
        where district_id = $1 and duty_day = $2 and assignment = $3 order by from_at, to_at
        """,
        district,
        day,
        assignment,
    )
    return [(hexes.from_int(record["cell"]), record["from_at"], record["to_at"]) for record in records]
