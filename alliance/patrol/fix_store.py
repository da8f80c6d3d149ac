"""The SQL of fixes: COPY for what is new, ON CONFLICT for what may be a resend.

Where the newest of an assignment is sought, the district is asked for outside: a new day's partition has no
statistics yet, and a district's fixes would be taken for so few of it that all of an assignment are sorted.
"""

import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime

import msgspec
import numpy as np
import numpy.typing as npt

from alliance.actor import Actor, AssignmentId, DistrictId, PersonId
from alliance.db.pool import Connection
from alliance.patrol.copying import EPOCH_DAYS, Records, blank, decode, encode, row_type
from alliance.patrol.model import Point
from alliance.patrol.store import Gap
from geo.cell import Bools, Ints

COLUMNS = [
    ("assignment", ">i4"),
    ("ms", ">i4"),
    ("delay_ms", ">i4"),
    ("district_id", ">i4"),
    ("duty_day", ">i4"),
    ("lat", ">i4"),
    ("lon", ">i4"),
    ("accuracy", ">f4"),
    ("battery", ">i2"),
    ("flags", ">i2"),
]
ROW = row_type(COLUMNS)
NAMES = [name for name, _ in COLUMNS]
READ = row_type(
    [
        ("assignment", ">i4"),
        ("at", ">i8"),
        ("lat", ">i4"),
        ("lon", ">i4"),
        ("battery", ">i2"),
        ("flags", ">i2"),
    ]
)
DEGREE = 10_000_000
DAY_MS = 86_400_000


class FixRows(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Fixes as stored, column by column; `day` counts from 1970, places are ten-millionths of a degree."""

    assignment: Ints
    day: Ints
    at: Ints
    received_at: Ints
    lat: Ints
    lon: Ints
    accuracy: npt.NDArray[np.float32]
    battery: npt.NDArray[np.int16]
    flags: npt.NDArray[np.int16]

    def __len__(self) -> int:
        return len(self.at)

    def take(self, which: Bools | Ints) -> "FixRows":
        return FixRows(**{name: getattr(self, name)[which] for name in self.__struct_fields__})


def day_number(day: date) -> int:
    """Days since 1970."""
    return day.toordinal() - 719_163


def day_of(number: int) -> date:
    return date.fromordinal(number + 719_163)


async def copy(conn: Connection, district: DistrictId, found: FixRows) -> None:
    """Raises UniqueViolationError, with nothing stored, when one of them was stored before."""
    made = blank(ROW, len(found))
    made["district_id"] = district
    made["duty_day"] = found.day - EPOCH_DAYS
    made["ms"] = found.at - found.day * DAY_MS
    made["delay_ms"] = found.received_at - found.at
    for name in ("assignment", "lat", "lon", "accuracy", "battery", "flags"):
        made[name] = getattr(found, name)
    # As they lie in memory: a file asyncpg would read in a thread, and bytes it takes for a file's name.
    await conn.copy_to_table("fix", source=memoryview(encode(made)), columns=NAMES, format="binary")


async def insert(conn: Connection, district: DistrictId, found: FixRows) -> Bools:
    """Stores what isn't there yet and says which that was; the assignments' visits are marked stale."""
    records = await conn.fetch(
        """
        with added as (
            insert into fix (district_id, duty_day, assignment, ms, delay_ms,
                             lat, lon, accuracy, battery, flags)
            select $1, n.day, n.assignment, n.at - day_start(n.day), n.received_at - n.at, n.lat, n.lon,
                   n.accuracy, n.battery, n.flags
            from unnest($2::date[], $3::bigint[], $4::bigint[], $5::bigint[], $6::int[], $7::int[],
                        $8::real[], $9::smallint[], $10::smallint[])
                 as n (day, assignment, at, received_at, lat, lon, accuracy, battery, flags)
            on conflict do nothing
            returning duty_day, assignment, ms
        ), stale as (
            insert into visit_stale (district_id, duty_day, assignment, marked_at)
            select distinct $1::integer, duty_day, assignment, now() from added
            on conflict (district_id, duty_day, assignment) do update set marked_at = excluded.marked_at
        )
        select assignment, day_start(duty_day) + ms as at from added
        """,
        district,
        [day_of(day) for day in found.day.tolist()],
        *(column.tolist() for column in (found.assignment, found.at, found.received_at)),
        *(column.tolist() for column in (found.lat, found.lon, found.accuracy, found.battery, found.flags)),
    )
    return _first_of(found, {(record["assignment"], record["at"]) for record in records})


def _first_of(found: FixRows, stored: set[tuple[int, int]]) -> Bools:
    """Which rows were stored: of equal keys the first."""
    fresh = np.zeros(len(found), dtype=np.bool_)
    for i, key in enumerate(zip(found.assignment.tolist(), found.at.tolist(), strict=True)):
        if key in stored:
            fresh[i] = True
            stored.discard(key)
    return fresh


async def newest(
    conn: Connection, district: DistrictId, days: Mapping[AssignmentId, date]
) -> dict[AssignmentId, int]:
    """The newest `at` stored of each assignment; those without a fix are missing."""
    records = await conn.fetch(
        """
        select n.assignment, day_start(n.day) + newest.ms as at
        from unnest($2::bigint[], $3::date[]) as n (assignment, day)
        cross join lateral (
            select f.ms, f.district_id from fix f
            where f.duty_day = n.day and f.assignment = n.assignment
            order by f.ms desc limit 1) newest
        where newest.district_id = $1
        """,
        district,
        list(days.keys()),
        list(days.values()),
    )
    return {AssignmentId(record["assignment"]): record["at"] for record in records}


async def of(conn: Connection, district: DistrictId, days: Mapping[int, date]) -> Records:
    """All fixes of the assignments, ordered by assignment and time."""
    copied = io.BytesIO()
    await conn.copy_from_query(
        """
        select f.assignment, f.at, f.lat, f.lon, f.battery, f.flags from fix_read f
        where f.district_id = $1 and f.assignment = any($2::bigint[]) and f.duty_day = any($3::date[])
        order by f.assignment, f.at
        """,
        district,
        [int(assignment) for assignment in days],
        sorted(set(days.values())),
        output=copied,
        format="binary",
    )
    return decode(copied.getvalue(), READ)


async def about(
    conn: Connection,
    district: DistrictId,
    days: Mapping[int, date],
    instants: Mapping[int, int],
    few: int,
) -> Records:
    """Of each assignment that has an instant the fixes after it, and so many up to it."""
    copied = io.BytesIO()
    await conn.copy_from_query(
        """
        select f.assignment, day_start(n.day) + f.ms, f.lat, f.lon, f.battery, f.flags
        from unnest($2::bigint[], $3::date[], $4::bigint[]) as n (assignment, day, instant)
        cross join lateral (
            (select assignment, district_id, ms, lat, lon, battery, flags from fix
             where duty_day = n.day and assignment = n.assignment and ms <= n.instant - day_start(n.day)
             order by ms desc limit $5)
            union all
            select assignment, district_id, ms, lat, lon, battery, flags from fix
            where duty_day = n.day and assignment = n.assignment and ms > n.instant - day_start(n.day)) f
        where f.district_id = $1
        """,
        district,
        list(instants.keys()),
        [days[one] for one in instants],
        list(instants.values()),
        few,
        output=copied,
        format="binary",
    )
    return decode(copied.getvalue(), READ)


async def recent(
    conn: Connection, district: DistrictId, days: Mapping[AssignmentId, date], since: int
) -> Records:
    """The assignments' fixes from that instant on."""
    copied = io.BytesIO()
    await conn.copy_from_query(
        """
        select f.assignment, day_start(n.day) + f.ms, f.lat, f.lon, f.battery, f.flags
        from unnest($2::bigint[], $3::date[]) as n (assignment, day)
        join fix f on f.district_id = $1 and f.duty_day = n.day and f.assignment = n.assignment
                  and f.ms >= $4 - day_start(n.day)
        """,
        district,
        [int(assignment) for assignment in days],
        list(days.values()),
        since,
        output=copied,
        format="binary",
    )
    return decode(copied.getvalue(), READ)


async def last(conn: Connection, district: DistrictId, days: Mapping[AssignmentId, date]) -> Records:
    """The newest fix of each assignment that has one."""
    copied = io.BytesIO()
    await conn.copy_from_query(
        """
        select f.assignment, day_start(n.day) + f.ms, f.lat, f.lon, f.battery, f.flags
        from unnest($2::bigint[], $3::date[]) as n (assignment, day)
        cross join lateral (
            select assignment, district_id, ms, lat, lon, battery, flags from fix
            where duty_day = n.day and assignment = n.assignment
            order by ms desc limit 1) f
        where f.district_id = $1
        """,
        district,
        [int(assignment) for assignment in days],
        list(days.values()),
        output=copied,
        format="binary",
    )
    return decode(copied.getvalue(), READ)


async def delete(conn: Connection, district: DistrictId, gaps: Sequence[Gap]) -> None:
    """What lies in the gaps; the assignments' visits are marked stale where anything did."""
    await conn.execute(
        """
        with dropped as (
            delete from fix f
            using unnest($2::bigint[], $3::date[], $4::bigint[], $5::bigint[])
                  as g (assignment, day, after, before)
            where f.district_id = $1 and f.duty_day = g.day and f.assignment = g.assignment
              and f.ms > g.after - day_start(g.day) and f.ms < g.before - day_start(g.day)
            returning f.duty_day, f.assignment
        )
        insert into visit_stale (district_id, duty_day, assignment, marked_at)
        select distinct $1::integer, duty_day, assignment, now() from dropped
        on conflict (district_id, duty_day, assignment) do update set marked_at = excluded.marked_at
        """,
        district,
        *([getattr(gap, name) for gap in gaps] for name in ("assignment", "duty_day", "after", "before")),
    )


async def latest_points(
    conn: Connection, district: DistrictId, days: Mapping[AssignmentId, date]
) -> dict[AssignmentId, Point]:
    """The newest fix of each assignment."""
    records = await conn.fetch(
        """
        select n.assignment, day_start(n.day) + f.ms as at, f.lat, f.lon, f.accuracy, f.battery, f.flags
        from unnest($2::bigint[], $3::date[]) as n (assignment, day)
        cross join lateral (
            select district_id, ms, lat, lon, accuracy, battery, flags from fix
            where duty_day = n.day and assignment = n.assignment
            order by ms desc limit 1) f
        where f.district_id = $1
        """,
        district,
        list(days.keys()),
        list(days.values()),
    )
    return {AssignmentId(record["assignment"]): _point(record) for record in records}


async def track(conn: Connection, district: DistrictId, day: date, assignment: AssignmentId) -> list[Point]:
    records = await conn.fetch(
        """
        select at, lat, lon, accuracy, battery, flags from fix_read
        where district_id = $1 and duty_day = $2 and assignment = $3 order by at
        """,
        district,
        day,
        assignment,
    )
    return [_point(record) for record in records]


def _point(record: Mapping[str, int]) -> Point:
    battery = record["battery"]
    return Point(
        at=record["at"],
        lat=record["lat"] / DEGREE,
        lon=record["lon"] / DEGREE,
        accuracy=record["accuracy"],
        battery=None if battery < 0 else battery / 100,
        mock=bool(record["flags"] & 4),
    )


async def audit(conn: Connection, actor: Actor, person: PersonId, *, purpose: str, now: datetime) -> None:
    """Somebody looked at a person's track."""
    await conn.execute(
        """
        insert into audit_read (district_id, at, actor, person, what, purpose)
        values ($1, $2, $3, $4, 'track', $5)
        """,
        actor.district,
        now,
        actor.person,
        person,
        purpose,
    )
