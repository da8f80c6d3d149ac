"""The SQL of who else might have stood on a post in a shift."""

import msgspec

from alliance.actor import DistrictId, PersonId
from alliance.db import rows
from alliance.db.pool import Connection
from alliance.roster.model import RosterId, Shift


class Other(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    id: PersonId
    home: str


async def others(
    conn: Connection, district: DistrictId, roster: RosterId, shift: Shift, *, minutes: tuple[int, int, int]
) -> list[Other]:
    """Who offers that time, is of the role asked for and stands nowhere in the shift; `minutes` are the local
    weekday, start and end of it."""
    records = await conn.fetch(
        """
        select p.id, p.home from availability v
        join person p on p.district_id = $1 and p.id = v.person
        where v.district_id = $1 and v.weekday = $4 and v.start_minute <= $5 and v.end_minute >= $6
          and p.active and p.erased_at is null and p.home is not null
          and exists (
              select 1 from person_role r join shift_pattern t on t.district_id = $1 and t.code = $7
              where r.district_id = $1 and r.person = p.id
                and (r.role = t.role or (t.role = 'any' and r.role in ('guard', 'volunteer'))))
          and not exists (
              select 1 from assignment a where a.district_id = $1 and a.shift = $3 and a.roster = $2
                and a.person = p.id and a.cancelled_at is null)
        """,
        district,
        roster,
        shift.id,
        *minutes,
        shift.pattern,
    )
    return rows.many(records, Other)
