"""The SQL of habits: what each day taught, per cell and in all."""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from alliance.actor import Code, DistrictId
from alliance.db import rows
from alliance.db.pool import Connection
from alliance.forecast.model import HabitDay


class CellDay(msgspec.Struct, frozen=True, kw_only=True):
    """One cell's totals; cells are H3 indexes as numbers."""

    cell: int
    visits: int
    dwell_s: int
    sessions: int
    session_s: int


class Need(msgspec.Struct, frozen=True, kw_only=True):
    beat: Code
    start: int
    end: int
    needed: int


async def put_day(conn: Connection, district: DistrictId, day: HabitDay, now: datetime) -> None:
    await conn.execute(
        """
        insert into habit_day (district_id, duty_day, made_at, attendance, late, early, presence)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (district_id, duty_day) do update set made_at = excluded.made_at,
            attendance = excluded.attendance, late = excluded.late, early = excluded.early,
            presence = excluded.presence
        """,
        district,
        day.duty_day,
        now,
        *(msgspec.to_builtins(value) for value in (day.attendance, day.late, day.early, day.presence)),
    )


async def put_cells(conn: Connection, district: DistrictId, day: date, found: Sequence[CellDay]) -> None:
    """What a cell had no visit of any more goes."""
    await conn.execute(
        "delete from cell_day where district_id = $1 and duty_day = $2 and not cell = any($3::bigint[])",
        district,
        day,
        [one.cell for one in found],
    )
    await conn.execute(
        """
        insert into cell_day (district_id, duty_day, cell, visits, dwell_s, sessions, session_s)
        select $1, $2, n.cell, n.visits, n.dwell_s, n.sessions, n.session_s
        from unnest($3::bigint[], $4::int[], $5::bigint[], $6::int[], $7::bigint[])
             as n (cell, visits, dwell_s, sessions, session_s)
        on conflict (district_id, duty_day, cell) do update set visits = excluded.visits,
            dwell_s = excluded.dwell_s, sessions = excluded.sessions, session_s = excluded.session_s
        """,
        district,
        day,
        *([getattr(one, name) for one in found] for name in CellDay.__struct_fields__),
    )


async def days(conn: Connection, district: DistrictId, first: date, last: date) -> list[HabitDay]:
    records = await conn.fetch(
        """
        select duty_day, attendance, late, early, presence from habit_day
        where district_id = $1 and duty_day between $2 and $3 order by duty_day
        """,
        district,
        first,
        last,
    )
    return rows.many(records, HabitDay)


async def cells(conn: Connection, district: DistrictId, among: Sequence[date]) -> list[CellDay]:
    """The totals of those days together."""
    records = await conn.fetch(
        """
        select cell, sum(visits)::bigint as visits, sum(dwell_s)::bigint as dwell_s,
               sum(sessions)::bigint as sessions, sum(session_s)::bigint as session_s
        from cell_day where district_id = $1 and duty_day = any($2::date[]) group by cell
        """,
        district,
        among,
    )
    return rows.many(records, CellDay)


async def needs(conn: Connection, district: DistrictId, start: datetime, end: datetime) -> list[Need]:
    """People the beats need in the shifts that overlap [start, end)."""
    records = await conn.fetch(
        """
        select o.beat, (extract(epoch from s.starts_at) * 1000)::bigint as start,
               (extract(epoch from s.ends_at) * 1000)::bigint as end, sum(n.minimum)::bigint as needed
        from shift s
        join need n on n.district_id = $1 and n.pattern = s.pattern and n.minimum > 0
        join post o on o.district_id = $1 and o.id = n.post and o.active
        where s.district_id = $1 and s.ends_at > $2 and s.starts_at < $3
        group by o.beat, s.id, s.starts_at, s.ends_at
        """,
        district,
        start,
        end,
    )
    return rows.many(records, Need)
