"""The SQL of the week board: by beat and by person, a page at a time."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

import msgspec

from alliance.actor import AssignmentId, Code, DistrictId, OrganisationId, PersonId
from alliance.db import rows
from alliance.db.pool import Connection
from alliance.roster.assignment_store import SELECT
from alliance.roster.model import Planned, PostId, RosterId, ShiftId


class BeatDay(msgspec.Struct, frozen=True, kw_only=True):
    """People a beat's posts have, need and would like in the shifts of a day, and those they lack."""

    beat: Code
    day: date
    people: int
    minimum: int
    desired: int
    missing: int


class PersonFigures(msgspec.Struct, frozen=True, kw_only=True):
    person: PersonId
    name: str
    organisation: OrganisationId
    hours: float
    nights: int
    duties: int


class PersonDuty(msgspec.Struct, frozen=True, kw_only=True):
    id: AssignmentId
    person: PersonId
    post: PostId
    post_name: str
    beat: Code
    shift: ShiftId
    starts_at: datetime
    ends_at: datetime
    pinned: bool


async def beats(conn: Connection, district: DistrictId, roster: RosterId) -> list[BeatDay]:
    records = await conn.fetch(
        """
        with span as (
            select first_day, last_day from roster where district_id = $1 and id = $2
        ), there as (
            select post, duty_day, count(*) as people from assignment
            where district_id = $1 and roster = $2 and cancelled_at is null group by post, duty_day
        ), asked as (
            select n.post, s.duty_day, sum(n.minimum) as minimum,
                   sum(greatest(n.minimum, n.desired)) as desired
            from span r
            join shift s on s.district_id = $1 and s.duty_day between r.first_day and r.last_day
            join need n on n.district_id = $1 and n.pattern = s.pattern
            group by n.post, s.duty_day
        ), lacking as (
            select f.post, s.duty_day, sum(f.missing) as missing from shortfall f
            join shift s on s.district_id = $1 and s.id = f.shift
            where f.district_id = $1 and f.roster = $2 group by f.post, s.duty_day
        )
        select p.beat, duty_day as day, coalesce(sum(t.people), 0)::bigint as people,
               coalesce(sum(a.minimum), 0)::bigint as minimum,
               coalesce(sum(a.desired), 0)::bigint as desired,
               coalesce(sum(l.missing), 0)::bigint as missing
        from asked a
        full join there t using (post, duty_day)
        full join lacking l using (post, duty_day)
        join post p on p.district_id = $1 and p.id = post
        where p.active or t.people > 0 group by p.beat, duty_day order by p.beat, duty_day
        """,
        district,
        roster,
    )
    return rows.many(records, BeatDay)


async def standing(
    conn: Connection, district: DistrictId, roster: RosterId, posts: Sequence[PostId]
) -> list[Planned]:
    """Who stands on these posts, by the index of the roster's posts."""
    records = await conn.fetch(
        f"""{SELECT}
        where a.district_id = $1 and a.roster = $2 and a.post = any($3) and a.cancelled_at is null
        order by a.id
        """,
        district,
        roster,
        list(posts),
    )
    return rows.many(records, Planned)


ORDERS = {
    "name": "w.name, w.id",
    "hours": "f.hours desc, w.id",
    "nights": "f.nights desc, f.hours desc, w.id",
}


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """People whose name has this text, of an organisation; in one of `ORDERS`."""

    text: str = ""
    organisation: int | None = None
    order: str = "name"


async def people(
    conn: Connection,
    district: DistrictId,
    roster: RosterId,
    wanted: Wanted,
    *,
    nights: Iterable[ShiftId],
    offset: int,
    limit: int,
) -> list[PersonFigures]:
    """Those with a duty; `nights` are the roster's shifts that count as nights."""
    records = await conn.fetch(
        f"""
        with f as (
            select a.person, count(*) as duties, count(*) filter (where a.shift = any($3)) as nights,
                   sum(extract(epoch from a.ends_at - a.starts_at) / 3600)::float8 as hours
            from assignment a
            where a.district_id = $1 and a.roster = $2 and a.cancelled_at is null group by a.person
        )
        select w.id as person, w.name, w.organisation, f.hours, f.nights, f.duties
        from f join person w on w.district_id = $1 and w.id = f.person
        where position($4 in w.name) > 0 and ($5::bigint is null or w.organisation = $5)
        order by {ORDERS[wanted.order]} offset $6 limit $7
        """,
        district,
        roster,
        list(nights),
        wanted.text,
        wanted.organisation,
        offset,
        limit,
    )
    return rows.many(records, PersonFigures)


async def duties(
    conn: Connection, district: DistrictId, roster: RosterId, people: Sequence[PersonId]
) -> list[PersonDuty]:
    records = await conn.fetch(
        """
        select a.id, a.person, a.post, o.name as post_name, o.beat, a.shift, a.starts_at, a.ends_at, a.pinned
        from assignment a join post o on o.district_id = $1 and o.id = a.post
        where a.district_id = $1 and a.roster = $2 and a.person = any($3) and a.cancelled_at is null
        order by a.person, a.starts_at, a.id
        """,
        district,
        roster,
        list(people),
    )
    return rows.many(records, PersonDuty)
