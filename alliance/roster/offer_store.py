"""The SQL of offers: who was asked to fill a hole, when, and what they said."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from alliance.actor import AssignmentId, Code, DistrictId, PersonId
from alliance.db import rows
from alliance.db.pool import Connection
from alliance.roster.hole_model import HoleId, Offer, OfferId, OfferState

OFFER = """
    select f.id, f.hole, f.person, p.name, p.organisation, f.state, f.asked_at, f.asked_by, f.expires_at,
           f.answered_at, f.reason, f.standby, f.rank, f.assignment
    from offer f join person p on p.district_id = $1 and p.id = f.person
    where f.district_id = $1
"""


class MyOffer(msgspec.Struct, frozen=True, kw_only=True):
    """An offer as the one who is asked reads it."""

    id: OfferId
    hole: HoleId
    state: OfferState
    asked_at: datetime
    expires_at: datetime
    reason: str
    standby: bool
    post_name: str
    post_name_en: str
    beat: Code
    beat_name: str
    beat_name_en: str
    duty_day: str
    starts_at: datetime
    ends_at: datetime
    cause: str
    assignment: AssignmentId | None


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who is to be asked."""

    person: PersonId
    standby: bool
    rank: dict[str, Any]


async def offer(conn: Connection, district: DistrictId, number: int) -> Offer | None:
    return rows.maybe(await conn.fetchrow(f"{OFFER} and f.id = $2", district, number), Offer)


async def of_hole(conn: Connection, district: DistrictId, hole: HoleId) -> list[Offer]:
    return rows.many(await conn.fetch(f"{OFFER} and f.hole = $2 order by f.id", district, hole), Offer)


async def of_person(
    conn: Connection, district: DistrictId, person: PersonId, since: datetime
) -> list[MyOffer]:
    """Running ones, and those of shifts not over, the newest first."""
    records = await conn.fetch(
        """
        select f.id, f.hole, f.state, f.asked_at, f.expires_at, f.reason, f.standby, o.name as post_name,
               o.name_en as post_name_en, o.beat, b.name as beat_name, b.name_en as beat_name_en,
               s.duty_day::text, s.starts_at, s.ends_at, h.cause, f.assignment
        from offer f
        join hole h on h.district_id = $1 and h.id = f.hole
        join shift s on s.district_id = $1 and s.id = h.shift
        join post o on o.district_id = $1 and o.id = h.post
        join area b on b.district_id = $1 and b.code = o.beat
        where f.district_id = $1 and f.person = $2 and f.asked_at > $3
        order by f.state <> 'asked', f.asked_at desc, f.id desc limit 50
        """,
        district,
        person,
        since,
    )
    return rows.many(records, MyOffer)


async def insert(
    conn: Connection,
    district: DistrictId,
    hole: HoleId,
    asked: Sequence[Asked],
    *,
    by: PersonId | None,
    now: datetime,
    expires_at: datetime,
) -> list[tuple[OfferId, PersonId]]:
    """Whoever was asked for this hole before is not asked again."""
    records = await conn.fetch(
        """
        insert into offer (district_id, hole, person, state, asked_at, asked_by, expires_at, standby, rank)
        select $1, $2, n.person, 'asked', $3, $4, $5, n.standby, n.rank
        from unnest($6::bigint[], $7::boolean[], $8::jsonb[]) with ordinality as n (person, standby, rank, at)
        order by n.at
        on conflict (district_id, hole, person) do nothing
        returning id, person
        """,
        district,
        hole,
        now,
        by,
        expires_at,
        [one.person for one in asked],
        [one.standby for one in asked],
        [one.rank for one in asked],
    )
    return [(OfferId(number), PersonId(person)) for number, person in records]


async def answer(
    conn: Connection,
    district: DistrictId,
    number: OfferId,
    *,
    state: OfferState,
    now: datetime,
    reason: str = "",
    assignment: AssignmentId | None = None,
) -> None:
    await conn.execute(
        """
        update offer set state = $3, answered_at = $4, reason = $5, assignment = $6
        where district_id = $1 and id = $2 and state = 'asked'
        """,
        district,
        number,
        state,
        now,
        reason,
        assignment,
    )


async def withdraw(
    conn: Connection,
    district: DistrictId,
    *,
    hole: HoleId | None,
    reason: str,
    now: datetime,
    person: PersonId | None = None,
    span: tuple[datetime, datetime] | None = None,
) -> list[tuple[OfferId, HoleId, PersonId]]:
    """The running offers of a hole; or those to a person whose time overlaps a span."""
    start, end = span or (None, None)
    records = await conn.fetch(
        """
        update offer f set state = 'withdrawn', answered_at = $6, reason = $7
        from hole h join shift s on s.district_id = $1 and s.id = h.shift
        where f.district_id = $1 and f.state = 'asked' and h.district_id = $1 and h.id = f.hole
          and ($2::bigint is null or f.hole = $2) and ($3::bigint is null or f.person = $3)
          and ($4::timestamptz is null or (s.starts_at < $5 and s.ends_at > $4))
        returning f.id, f.hole, f.person
        """,
        district,
        hole,
        person,
        start,
        end,
        now,
        reason,
    )
    return [(OfferId(number), HoleId(of), PersonId(asked)) for number, of, asked in records]


async def expire(
    conn: Connection, district: DistrictId, now: datetime, limit: int
) -> list[tuple[OfferId, HoleId, PersonId]]:
    """Those nobody answered in time; what someone is answering just now is left alone."""
    records = await conn.fetch(
        """
        update offer set state = 'expired' where district_id = $1 and id in (
            select id from offer where district_id = $1 and state = 'asked' and expires_at <= $2
            order by id limit $3 for update skip locked)
        returning id, hole, person
        """,
        district,
        now,
        limit,
    )
    return [(OfferId(number), HoleId(hole), PersonId(person)) for number, hole, person in records]


async def lock(conn: Connection, district: DistrictId, number: int) -> None:
    await conn.execute("select 1 from offer where district_id = $1 and id = $2 for update", district, number)


async def wanting(conn: Connection, district: DistrictId, now: datetime, limit: int) -> list[HoleId]:
    """Holes with a call-out that has fewer running offers than it may have."""
    records = await conn.fetch(
        """
        select h.id from hole h join shift s on s.district_id = $1 and s.id = h.shift
        where h.district_id = $1 and h.state = 'open' and h.call_at_once is not null and s.ends_at > $2
          and (select count(*) from offer f where f.district_id = $1 and f.hole = h.id and f.state = 'asked')
              < h.people - h.filled + h.call_at_once - 1
        order by s.starts_at, h.id limit $3
        """,
        district,
        now,
        limit,
    )
    return [HoleId(number) for (number,) in records]
