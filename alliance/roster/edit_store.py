"""The SQL of changes by hand."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from alliance.actor import AssignmentId, DistrictId, PersonId
from alliance.db import rows
from alliance.db.pool import Connection
from alliance.roster.edit_model import Done, Lack, Standing
from alliance.roster.model import Placed, RosterId

# The reason of a shortfall that an officer's own change left.
BY_HAND = "by_hand"


class Coming(msgspec.Struct, frozen=True, kw_only=True):
    """An assignment that an edit adds."""

    person: int
    post: int
    shift: int
    pinned: bool


async def some(
    conn: Connection, district: DistrictId, roster: RosterId, ids: Iterable[AssignmentId]
) -> list[Placed]:
    records = await conn.fetch(
        """
        select id, person, post, shift, pinned from assignment
        where district_id = $1 and id = any($3) and roster = $2 and cancelled_at is null order by id
        """,
        district,
        roster,
        list(ids),
    )
    return rows.many(records, Placed)


async def hold_people(conn: Connection, district: DistrictId, people: Iterable[PersonId]) -> None:
    """Until the transaction ends nobody else plans them."""
    await conn.execute(
        """
        select 1 from person where district_id = $1 and id = any($2) order by id for no key update
        """,
        district,
        list(people),
    )


async def names(conn: Connection, district: DistrictId, people: Iterable[int]) -> dict[int, str]:
    records = await conn.fetch(
        "select id, name from person where district_id = $1 and id = any($2)", district, list(people)
    )
    return {record["id"]: record["name"] for record in records}


async def add(
    conn: Connection,
    district: DistrictId,
    roster: RosterId,
    coming: Sequence[Coming],
    *,
    published: bool,
    why: dict[str, Any],
) -> list[Placed]:
    records = await conn.fetch(
        """
        insert into assignment (district_id, roster, person, shift, post, duty_day, starts_at, ends_at,
                                published, pinned, why)
        select $1, $2, c.person, s.id, c.post, s.duty_day, s.starts_at, s.ends_at, $7, c.pinned, $8
        from unnest($3::bigint[], $4::bigint[], $5::bigint[], $6::boolean[]) as c(person, post, shift, pinned)
        join shift s on s.district_id = $1 and s.id = c.shift
        returning id, person, post, shift, pinned
        """,
        district,
        roster,
        [one.person for one in coming],
        [one.post for one in coming],
        [one.shift for one in coming],
        [one.pinned for one in coming],
        published,
        why,
    )
    return rows.many(records, Placed)


async def remove(conn: Connection, district: DistrictId, ids: Sequence[AssignmentId]) -> None:
    """Those of a draft, of which nobody was told."""
    await conn.execute(
        "delete from assignment where district_id = $1 and id = any($2) and not published",
        district,
        list(ids),
    )


async def cancel(
    conn: Connection, district: DistrictId, ids: Sequence[AssignmentId], reason: str, now: datetime
) -> None:
    await conn.execute(
        """
        update assignment set cancelled_at = $4, cancel_reason = $3
        where district_id = $1 and id = any($2) and published and cancelled_at is null
        """,
        district,
        list(ids),
        reason,
        now,
    )


async def pin(conn: Connection, district: DistrictId, ids: Sequence[AssignmentId], *, pinned: bool) -> None:
    await conn.execute(
        "update assignment set pinned = $3 where district_id = $1 and id = any($2)",
        district,
        list(ids),
        pinned,
    )


async def started(
    conn: Connection, district: DistrictId, ids: Sequence[AssignmentId], now: datetime
) -> list[AssignmentId]:
    records = await conn.fetch(
        "select id from assignment where district_id = $1 and id = any($2) and starts_at <= $3 order by id",
        district,
        list(ids),
        now,
    )
    return [AssignmentId(number) for (number,) in records]


async def put_shortfalls(
    conn: Connection, district: DistrictId, roster: RosterId, found: Sequence[Lack]
) -> None:
    """A lack that grew or shrank keeps its reason; one that is met goes."""
    columns = ([one.post for one in found], [one.shift for one in found], [one.kind for one in found])
    await conn.execute(
        """
        insert into shortfall (district_id, roster, post, shift, kind, missing, reason)
        select $1, $2, f.post, f.shift, f.kind, f.missing, $7
        from unnest($3::bigint[], $4::bigint[], $5::text[], $6::int[]) as f(post, shift, kind, missing)
        on conflict (district_id, roster, post, shift, kind) do update set missing = excluded.missing
        """,
        district,
        roster,
        *columns,
        [one.after for one in found],
        BY_HAND,
    )
    await conn.execute(
        "delete from shortfall where district_id = $1 and roster = $2 and missing = 0", district, roster
    )


async def rescore(
    conn: Connection,
    district: DistrictId,
    roster: RosterId,
    after: Standing,
    *,
    violations: int,
    assignments: int,
) -> None:
    """`violations` and `assignments` are by how many there are more."""
    await conn.execute(
        """
        update roster set version = $3, objective = $4, bound = $5, gap = $6, terms = $7,
            hard_violations = greatest(0, hard_violations + $8),
            progress = progress || jsonb_build_object(
                'assignments', coalesce((progress->>'assignments')::bigint, 0) + $9::bigint)
        where district_id = $1 and id = $2
        """,
        district,
        roster,
        after.version,
        after.objective,
        after.bound,
        after.gap,
        after.terms,
        violations,
        assignments,
    )


async def insert(conn: Connection, district: DistrictId, done: Done) -> None:
    await conn.execute(
        """
        insert into roster_edit (district_id, roster, version, at, actor, reason, change, terms)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        district,
        done.roster,
        done.version,
        done.at,
        done.actor,
        done.reason,
        msgspec.to_builtins(done.change),
        done.terms,
    )


DONE = "select roster, version, at, actor, reason, change, terms from roster_edit"


async def since(
    conn: Connection, district: DistrictId, roster: RosterId, version: int, limit: int
) -> list[Done]:
    """Those that made the versions above this one, newest first."""
    records = await conn.fetch(
        f"{DONE} where district_id = $1 and roster = $2 and version > $3 order by version desc limit $4",
        district,
        roster,
        version,
        limit,
    )
    return rows.many(records, Done)


async def listed(
    conn: Connection, district: DistrictId, roster: RosterId, *, before: int, limit: int
) -> list[Done]:
    """Newest first."""
    records = await conn.fetch(
        f"{DONE} where district_id = $1 and roster = $2 and version < $3 order by version desc limit $4",
        district,
        roster,
        before,
        limit,
    )
    return rows.many(records, Done)
