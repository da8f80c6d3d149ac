"""The SQL of the reserve on call."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NewType

import msgspec

from alliance.actor import AssignmentId, Code, DistrictId, OrganisationId, PersonId
from alliance.db import rows
from alliance.db.pool import Connection
from alliance.roster.model import RosterId, ShiftId

StandbyId = NewType("StandbyId", int)


class OnCall(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody on call for a town in a shift; `assignment` is what a call became."""

    id: StandbyId
    person: PersonId
    name: str
    organisation: OrganisationId
    town: Code
    town_name: str
    town_name_en: str
    shift: ShiftId
    pattern: str
    duty_day: date
    starts_at: datetime
    ends_at: datetime
    released_at: datetime | None
    assignment: AssignmentId | None


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    town: str
    shift: int
    person: int


SELECT = """
    select y.id, y.person, p.name, p.organisation, y.town, t.name as town_name,
           t.name_en as town_name_en, y.shift, s.pattern, s.duty_day, s.starts_at, s.ends_at,
           y.released_at, y.assignment
    from standby y
    join person p on p.district_id = $1 and p.id = y.person
    join shift s on s.district_id = $1 and s.id = y.shift
    join area t on t.district_id = $1 and t.code = y.town
    where y.district_id = $1
"""


async def wanting(conn: Connection, district: DistrictId, today: date) -> list[RosterId]:
    """Published rosters, not over, whose reserve nobody has chosen yet."""
    records = await conn.fetch(
        """
        select id from roster where district_id = $1 and state = 'published' and standby_at is null
        and last_day >= $2 order by id
        """,
        district,
        today,
    )
    return [RosterId(number) for (number,) in records]


async def mark_chosen(conn: Connection, district: DistrictId, roster: RosterId, now: datetime) -> bool:
    """False where somebody else was quicker."""
    status = await conn.execute(
        "update roster set standby_at = $3 where district_id = $1 and id = $2 and standby_at is null",
        district,
        roster,
        now,
    )
    return bool(status.endswith(" 1"))


async def served(conn: Connection, district: DistrictId, since: datetime) -> dict[int, int]:
    """How often each was on call since then."""
    records = await conn.fetch(
        """
        select y.person, count(*) as times from standby y
        join shift s on s.district_id = $1 and s.id = y.shift
        where y.district_id = $1 and y.released_at is null and s.starts_at > $2 group by y.person
        """,
        district,
        since,
    )
    return {record["person"]: record["times"] for record in records}


async def insert(
    conn: Connection, district: DistrictId, roster: RosterId, chosen: Sequence[Chosen], now: datetime
) -> None:
    await conn.execute(
        """
        insert into standby (district_id, roster, town, shift, person, chosen_at)
        select $1, $2, c.town, c.shift, c.person, $3
        from unnest($4::text[], $5::bigint[], $6::bigint[]) as c (town, shift, person)
        on conflict (district_id, person, shift) do nothing
        """,
        district,
        roster,
        now,
        [one.town for one in chosen],
        [one.shift for one in chosen],
        [one.person for one in chosen],
    )


async def on_call(
    conn: Connection,
    district: DistrictId,
    *,
    first: datetime,
    last: datetime,
    towns: Sequence[str] | None,
    person: PersonId | None = None,
) -> list[OnCall]:
    """Of shifts that touch [first, last), earliest first; `towns` None are all."""
    records = await conn.fetch(
        f"""{SELECT} and s.ends_at > $2 and s.starts_at < $3 and y.released_at is null
            and ($4::text[] is null or y.town = any($4)) and ($5::bigint is null or y.person = $5)
            order by s.starts_at, y.town, p.name, y.id limit 2000""",
        district,
        first,
        last,
        towns,
        person,
    )
    return rows.many(records, OnCall)


async def one(conn: Connection, district: DistrictId, number: int) -> OnCall | None:
    return rows.maybe(await conn.fetchrow(f"{SELECT} and y.id = $2", district, number), OnCall)


async def release(
    conn: Connection, district: DistrictId, number: StandbyId, by: PersonId, *, reason: str, now: datetime
) -> None:
    await conn.execute(
        """
        update standby set released_at = $3, released_by = $4, reason = $5
        where district_id = $1 and id = $2 and released_at is null
        """,
        district,
        number,
        now,
        by,
        reason,
    )


async def called(
    conn: Connection, district: DistrictId, person: PersonId, shift: ShiftId, assignment: AssignmentId
) -> None:
    """A call became a duty."""
    await conn.execute(
        """
        update standby set assignment = $4
        where district_id = $1 and person = $2 and shift = $3 and released_at is null
        """,
        district,
        person,
        shift,
        assignment,
    )
