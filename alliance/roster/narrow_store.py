"""The SQL of a few assignments and what belongs to them, each query by an index."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

import msgspec

from alliance.actor import DistrictId, PersonId
from alliance.db import rows
from alliance.db.pool import Connection
from alliance.roster.model import Duty, Need, Placed, Post, PostId, RosterId, Shift, ShiftId


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """Whose assignments: those of a draft, or (None) all that are published on these days."""

    draft: RosterId | None
    first_day: date
    last_day: date


COLUMNS = "a.id, a.person, a.post, a.shift, a.pinned"


async def of_people(
    conn: Connection, district: DistrictId, scope: Scope, people: Iterable[PersonId]
) -> list[Placed]:
    where, values = _within(scope)
    records = await conn.fetch(
        f"""
        select {COLUMNS} from assignment a
        where a.district_id = $1 and a.person = any($2) and a.cancelled_at is null and {where}
        """,
        district,
        list(people),
        *values,
    )
    return rows.many(records, Placed)


async def at_places(
    conn: Connection, district: DistrictId, scope: Scope, places: Sequence[tuple[PostId, ShiftId]]
) -> list[Placed]:
    where, values = _within(scope, first=4)
    records = await conn.fetch(
        f"""
        select {COLUMNS} from unnest($2::bigint[], $3::bigint[]) as w(post, shift)
        join assignment a on a.district_id = $1 and a.shift = w.shift and a.post = w.post
        where a.cancelled_at is null and {where}
        """,
        district,
        [post for post, _ in places],
        [shift for _, shift in places],
        *values,
    )
    return rows.many(records, Placed)


def _within(scope: Scope, first: int = 3) -> tuple[str, tuple[RosterId | date, ...]]:
    """The condition and its values, numbered from `first`."""
    if scope.draft is not None:
        return f"a.roster = ${first} and not a.published", (scope.draft,)
    between = f"a.published and a.duty_day between ${first} and ${first + 1}"
    return between, (scope.first_day, scope.last_day)


async def duties(
    conn: Connection,
    district: DistrictId,
    people: Iterable[PersonId],
    *,
    start: datetime,
    end: datetime,
    scope: Scope,
) -> list[Duty]:
    """Their published duties that touch [start, end) but are of no duty day of the scope."""
    records = await conn.fetch(
        """
        select person, starts_at, ends_at from assignment
        where district_id = $1 and person = any($2) and published and cancelled_at is null
          and starts_at < $4 and ends_at > $3 and not duty_day between $5 and $6
        """,
        district,
        list(people),
        start,
        end,
        scope.first_day,
        scope.last_day,
    )
    return rows.many(records, Duty)


async def shifts(conn: Connection, district: DistrictId, ids: Iterable[ShiftId]) -> list[Shift]:
    records = await conn.fetch(
        """
        select id, pattern, duty_day, starts_at, ends_at from shift
        where district_id = $1 and id = any($2) order by starts_at, ends_at, id
        """,
        district,
        list(ids),
    )
    return rows.many(records, Shift)


async def posts(conn: Connection, district: DistrictId, ids: Iterable[PostId]) -> list[Post]:
    """Whether active or not."""
    records = await conn.fetch(
        """
        select id, code, name, name_en, beat, cell, unit_size, solo, certificate, active, version from post
        where district_id = $1 and id = any($2) order by id
        """,
        district,
        list(ids),
    )
    return rows.many(records, Post)


async def needs(conn: Connection, district: DistrictId, posts: Iterable[PostId]) -> list[Need]:
    records = await conn.fetch(
        """
        select post, pattern, minimum, desired, certified from need
        where district_id = $1 and post = any($2) order by post, pattern
        """,
        district,
        list(posts),
    )
    return rows.many(records, Need)
