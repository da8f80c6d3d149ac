"""The SQL of assignments: 80,000 in by COPY, out by set queries."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from alliance.actor import AssignmentId, DistrictId, OrganisationId, PersonId
from alliance.db import rows
from alliance.db.pool import Connection
from alliance.roster.model import Duty, Placed, Planned, PostId, RosterId, ShiftId


class Made(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A new assignment; `why` is what the solver says of it."""

    person: PersonId
    shift: ShiftId
    post: PostId
    duty_day: date
    starts_at: datetime
    ends_at: datetime
    pinned: bool
    why: Any


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which assignments; None is no condition. The last three are the actor's own scope, joined by `or`."""

    roster: RosterId | None = None
    published: bool | None = None
    beat: str | None = None
    first_day: date | None = None
    last_day: date | None = None
    person: PersonId | None = None
    everyone: bool = False
    in_beats: Sequence[str] = ()
    of_organisations: Sequence[OrganisationId] = ()
    own: PersonId | None = None


async def insert(conn: Connection, district: DistrictId, roster: RosterId, made: Sequence[Made]) -> None:
    await conn.copy_records_to_table(
        "assignment",
        columns=[
            *("district_id", "roster", "person", "shift", "post"),
            *("duty_day", "starts_at", "ends_at", "pinned", "why"),
        ],
        records=[
            (district, roster, m.person, m.shift, m.post, m.duty_day, m.starts_at, m.ends_at, m.pinned, m.why)
            for m in made
        ],
    )


SELECT = """
    select a.id, a.roster, a.person, p.name, p.organisation, a.post, o.name as post_name,
           o.name_en as post_name_en, o.beat, b.name as beat_name, b.name_en as beat_name_en, a.shift,
           a.duty_day, a.starts_at, a.ends_at, a.published, a.pinned, a.accepted_at, a.cancelled_at, a.why
    from assignment a
    join person p on p.district_id = a.district_id and p.id = a.person
    join post o on o.district_id = a.district_id and o.id = a.post
    join area b on b.district_id = o.district_id and b.code = o.beat
"""


async def planned(
    conn: Connection, district: DistrictId, wanted: Filter, after: int, limit: int
) -> list[Planned]:
    records = await conn.fetch(
        f"""{SELECT}
        where a.district_id = $1 and a.id > $2
          and ($3::bigint is null or a.roster = $3)
          and ($4::boolean is null or a.published = $4)
          and ($5::text is null or o.beat = $5)
          and ($6::date is null or a.duty_day >= $6)
          and ($7::date is null or a.duty_day <= $7)
          and ($8::bigint is null or a.person = $8)
          and ($9 or o.beat = any($10) or p.organisation = any($11) or (a.person = $12 and a.published))
          and (a.cancelled_at is null or a.published)
        order by a.id limit $13
        """,
        district,
        after,
        wanted.roster,
        wanted.published,
        wanted.beat,
        wanted.first_day,
        wanted.last_day,
        wanted.person,
        wanted.everyone,
        list(wanted.in_beats),
        list(wanted.of_organisations),
        wanted.own,
        limit,
    )
    return rows.many(records, Planned)


async def of_person(
    conn: Connection, district: DistrictId, person: PersonId, first_day: date, last_day: date
) -> list[Planned]:
    """A person's published duties, in order of time."""
    records = await conn.fetch(
        f"""{SELECT}
        where a.district_id = $1 and a.person = $2 and a.published and a.cancelled_at is null
          and a.duty_day between $3 and $4
        order by a.starts_at, a.id
        """,
        district,
        person,
        first_day,
        last_day,
    )
    return rows.many(records, Planned)


async def beside(
    conn: Connection, district: DistrictId, posts: Sequence[int], shifts: Sequence[int]
) -> list[tuple[int, int, int, str]]:
    """(post, shift, person, name) of all who stand on these posts in these shifts, pairwise."""
    records = await conn.fetch(
        """
        select a.post, a.shift, a.person, p.name
        from unnest($2::bigint[], $3::bigint[]) as w(post, shift)
        join assignment a on a.district_id = $1 and a.post = w.post and a.shift = w.shift
        join person p on p.district_id = a.district_id and p.id = a.person
        where a.published and a.cancelled_at is null order by a.post, a.shift, p.name, a.person
        """,
        district,
        list(posts),
        list(shifts),
    )
    return [tuple(record) for record in records]


async def duties(
    conn: Connection,
    district: DistrictId,
    *,
    start: datetime,
    end: datetime,
    first_day: date,
    last_day: date,
) -> list[Duty]:
    """Published duties that touch [start, end) but are of no duty day in first_day … last_day."""
    records = await conn.fetch(
        """
        select person, starts_at, ends_at from assignment
        where district_id = $1 and published and cancelled_at is null and starts_at < $3 and ends_at > $2
          and not duty_day between $4 and $5
        """,
        district,
        start,
        end,
        first_day,
        last_day,
    )
    return rows.many(records, Duty)


async def publish(conn: Connection, district: DistrictId, roster: RosterId) -> int:
    status = await conn.execute(
        """
        update assignment set published = true where district_id = $1 and roster = $2 and cancelled_at is null
        """,
        district,
        roster,
    )
    return int(status.split()[-1])


async def drop(conn: Connection, district: DistrictId, roster: RosterId, *, pinned: bool) -> None:
    """Those of a roster that was never published; `pinned` too, or the others alone."""
    await conn.execute(
        """
        delete from assignment
        where district_id = $1 and roster = $2 and not published and (not pinned or $3)
        """,
        district,
        roster,
        pinned,
    )
    await conn.execute("delete from shortfall where district_id = $1 and roster = $2", district, roster)


async def copy_pins(conn: Connection, district: DistrictId, source: RosterId, target: RosterId) -> int:
    """The pinned assignments on the target's days, as its own; returns how many."""
    status = await conn.execute(
        """
        insert into assignment (district_id, roster, person, shift, post, duty_day, starts_at, ends_at,
                                pinned, why)
        select $1, $3, a.person, a.shift, a.post, a.duty_day, a.starts_at, a.ends_at, true, a.why
        from assignment a join roster r on r.district_id = $1 and r.id = $3
        where a.district_id = $1 and a.roster = $2 and a.pinned and a.cancelled_at is null
          and a.duty_day between r.first_day and r.last_day
        """,
        district,
        source,
        target,
    )
    return int(status.split()[-1])


async def placed(
    conn: Connection, district: DistrictId, roster: RosterId, first_day: date, last_day: date
) -> list[Placed]:
    records = await conn.fetch(
        """
        select id, person, post, shift, pinned from assignment
        where district_id = $1 and roster = $2 and cancelled_at is null and duty_day between $3 and $4
        order by id
        """,
        district,
        roster,
        first_day,
        last_day,
    )
    return rows.many(records, Placed)


async def accept(
    conn: Connection, district: DistrictId, assignment: AssignmentId, person: PersonId, now: datetime
) -> bool:
    status = await conn.execute(
        """
        update assignment set accepted_at = coalesce(accepted_at, $4)
        where district_id = $1 and id = $2 and person = $3 and published and cancelled_at is null
        """,
        district,
        assignment,
        person,
        now,
    )
    return bool(status.endswith(" 1"))


async def people_of(conn: Connection, district: DistrictId, roster: RosterId) -> list[PersonId]:
    records = await conn.fetch(
        """
        select distinct person from assignment
        where district_id = $1 and roster = $2 and published and cancelled_at is null order by person
        """,
        district,
        roster,
    )
    return [PersonId(person) for (person,) in records]
