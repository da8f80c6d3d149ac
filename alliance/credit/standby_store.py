"""The SQL of what times on call are credited from."""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from alliance.actor import Code, DistrictId, PersonId
from alliance.db import rows
from alliance.db.pool import Connection


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody was on call to the end of a shift, and no call became a duty."""

    id: int
    person: PersonId
    town: Code
    duty_day: date
    starts_at: datetime
    ends_at: datetime


async def due(conn: Connection, district: DistrictId, now: datetime, limit: int) -> list[Served]:
    """Whose call became a duty is credited for that one instead, or, not having come, not at all."""
    records = await conn.fetch(
        """
        select y.id, y.person, y.town, s.duty_day, s.starts_at, s.ends_at
        from standby y join shift s on s.district_id = $1 and s.id = y.shift
        where y.district_id = $1 and y.released_at is null and y.credited_at is null
          and y.assignment is null and s.ends_at <= $2
        order by y.id limit $3 for update of y skip locked
        """,
        district,
        now,
        limit,
    )
    return rows.many(records, Served)


async def credited(conn: Connection, district: DistrictId, ids: Sequence[int], now: datetime) -> None:
    await conn.execute(
        "update standby set credited_at = $3 where district_id = $1 and id = any($2::bigint[])",
        district,
        list(ids),
        now,
    )
