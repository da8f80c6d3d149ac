"""The SQL of changes to published rosters."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from alliance.actor import AssignmentId, DistrictId, PersonId
from alliance.db import rows
from alliance.db.pool import Connection
from alliance.roster.assignment_store import SELECT
from alliance.roster.model import Planned, PostId, RosterId, Shift, ShiftId

if TYPE_CHECKING:
    from alliance.roster.changing import Place


class Extra(msgspec.Struct, frozen=True, kw_only=True):
    """People needed beyond the plan."""

    post: PostId
    shift: ShiftId
    people: int
    certified: int


async def extra(conn: Connection, district: DistrictId, shifts: Sequence[int]) -> list[Extra]:
    """Whether found yet or not."""
    records = await conn.fetch(
        """
        select post, shift, people, certified from hole
        where district_id = $1 and shift = any($2::bigint[]) and cause = 'extra' and state <> 'closed'
        """,
        district,
        list(shifts),
    )
    return rows.many(records, Extra)


async def missed(
    conn: Connection, district: DistrictId, assignments: Sequence[AssignmentId]
) -> set[AssignmentId]:
    records = await conn.fetch(
        """
        select id from assignment
        where district_id = $1 and id = any($2::bigint[]) and missed_at is not null
        """,
        district,
        list(assignments),
    )
    return {AssignmentId(number) for (number,) in records}


async def published(conn: Connection, district: DistrictId, number: int) -> Planned | None:
    """A duty of a published roster, cancelled or not."""
    record = await conn.fetchrow(
        f"{SELECT} where a.district_id = $1 and a.id = $2 and a.published", district, number
    )
    return rows.maybe(record, Planned)


async def shift(conn: Connection, district: DistrictId, number: int) -> Shift | None:
    record = await conn.fetchrow(
        "select id, pattern, duty_day, starts_at, ends_at from shift where district_id = $1 and id = $2",
        district,
        number,
    )
    return rows.maybe(record, Shift)


async def roster_on(conn: Connection, district: DistrictId, day: date) -> RosterId | None:
    number: int | None = await conn.fetchval(
        """
        select id from roster
        where district_id = $1 and state = 'published' and $2 between first_day and last_day
        """,
        district,
        day,
    )
    return None if number is None else RosterId(number)


async def insert(
    conn: Connection,
    district: DistrictId,
    place: "Place",
    roster: RosterId,
    span: Shift,
    *,
    hole: int | None,
    why: dict[str, Any],
    now: datetime,
) -> AssignmentId:
    number: int = await conn.fetchval(
        """
        insert into assignment (district_id, roster, person, shift, post, duty_day, starts_at, ends_at,
                                published, hole, why, accepted_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, true, $9, $10, $11) returning id
        """,
        district,
        roster,
        place.person,
        place.shift,
        place.post,
        span.duty_day,
        span.starts_at,
        span.ends_at,
        hole,
        why,
        now,
    )
    return AssignmentId(number)


async def post_beat(conn: Connection, district: DistrictId, post: int) -> str | None:
    """The beat of an active post."""
    beat: str | None = await conn.fetchval(
        "select beat from post where district_id = $1 and id = $2 and active", district, post
    )
    return beat


async def post_certificate(conn: Connection, district: DistrictId, post: int) -> str | None:
    """The kind that everyone on the post needs."""
    kind: str | None = await conn.fetchval(
        "select certificate from post where district_id = $1 and id = $2", district, post
    )
    return kind


async def missing_at(conn: Connection, district: DistrictId, post: int, shift: int) -> int:
    """People that all open holes of a place still want."""
    number: int = await conn.fetchval(
        """
        select coalesce(sum(people - filled), 0)::integer from hole
        where district_id = $1 and post = $2 and shift = $3 and state = 'open'
        """,
        district,
        post,
        shift,
    )
    return number


async def hold_published(conn: Connection, district: DistrictId) -> None:
    """The published rosters, against edits, which hold the one they change."""
    await conn.execute(
        """
        select 1 from roster where district_id = $1 and state = 'published' order by id for no key update
        """,
        district,
    )


async def standing(
    conn: Connection, district: DistrictId, shift: int, beats: Sequence[str]
) -> list[tuple[PersonId, PostId]]:
    """Who stands at the posts of some beats in a shift."""
    records = await conn.fetch(
        """
        select a.person, a.post from assignment a
        join post o on o.district_id = $1 and o.id = a.post
        where a.district_id = $1 and a.shift = $2 and a.published and a.cancelled_at is null
          and a.missed_at is null and o.beat = any($3)
        order by a.person
        """,
        district,
        shift,
        list(beats),
    )
    return [(PersonId(person), PostId(post)) for person, post in records]


async def duty_at(
    conn: Connection, district: DistrictId, person: int, post: int, shift: int
) -> AssignmentId | None:
    number: int | None = await conn.fetchval(
        """
        select id from assignment
        where district_id = $1 and person = $2 and post = $3 and shift = $4
          and published and cancelled_at is null
        """,
        district,
        person,
        post,
        shift,
    )
    return None if number is None else AssignmentId(number)


async def post_names(conn: Connection, district: DistrictId, posts: Iterable[int]) -> dict[int, str]:
    records = await conn.fetch(
        "select id, name from post where district_id = $1 and id = any($2::bigint[])", district, list(posts)
    )
    return {record["id"]: record["name"] for record in records}
