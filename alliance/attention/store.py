"""The SQL of what asked for attention, of a district's thresholds, and of what the rules look at."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from alliance.actor import Code, DistrictId, OrganisationId, PersonId
from alliance.attention.judging import Call
from alliance.attention.model import Cause, Kind, Occurrence, Standing, Thresholds
from alliance.db import rows
from alliance.db.pool import Connection
from alliance.times import from_ms

CAUSE = """
a.id, a.kind, a.subject, (extract(epoch from a.since) * 1000)::bigint as since, a.beat, a.person,
a.organisation, a.assignment, a.cell, a.sos
"""
# A call for help may have been acknowledged as such.
OCCURRENCE = f"""
{CAUSE}, p.name, (extract(epoch from a.raised_at) * 1000)::bigint as raised_at,
(extract(epoch from coalesce(a.acknowledged_at, s.acknowledged_at)) * 1000)::bigint as acknowledged_at,
coalesce(a.acknowledged_by, s.acknowledged_by) as acknowledged_by, who.name as acknowledged_name,
(extract(epoch from a.closed_at) * 1000)::bigint as closed_at, a.closed_by, a.reason,
(extract(epoch from a.gone_at) * 1000)::bigint as gone_at
from attention a
left join person p on p.district_id = $1 and p.id = a.person
left join sos s on s.district_id = $1 and s.id = a.sos
left join person who on who.district_id = $1 and who.id = coalesce(a.acknowledged_by, s.acknowledged_by)
where a.district_id = $1
"""


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """People a beat needs in the shifts that run, and when the latest of these began (ms)."""

    beat: Code
    needed: int
    began: int


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """Whose matters are shown: of those beats, and of those organisations' people; None is everybody's."""

    beats: list[Code] | None
    organisations: list[OrganisationId]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of the list; newest first, those with a number below `before`."""

    only_open: bool = False
    kind: Kind | None = None
    beat: Code | None = None
    before: int = 2**62
    limit: int = 100


async def standing(conn: Connection, district: DistrictId) -> list[Standing]:
    """Occurrences whose cause has not gone, as far as is known."""
    records = await conn.fetch(
        f"select {CAUSE} from attention a where a.district_id = $1 and a.gone_at is null",
        district,
    )
    return rows.many(records, Standing)


async def insert(
    conn: Connection, district: DistrictId, causes: Sequence[Cause], now: datetime
) -> list[Standing]:
    """Those that weren't standing already."""
    given = [{**msgspec.to_builtins(cause), "since": from_ms(cause.since).isoformat()} for cause in causes]
    records = await conn.fetch(
        f"""
        with added as (
            insert into attention as a (district_id, kind, subject, since, beat, person, organisation,
                                        assignment, cell, sos, raised_at)
            select $1, n.kind, n.subject, n.since, n.beat, n.person, n.organisation, n.assignment, n.cell,
                   n.sos, $3
            from jsonb_to_recordset($2::jsonb) as n (
                kind text, subject text, since timestamptz, beat text, person bigint, organisation bigint,
                assignment bigint, cell text, sos bigint)
            on conflict (district_id, kind, subject) where gone_at is null do nothing
            returning {CAUSE}
        )
        select id, kind, subject, since, beat, person, organisation, assignment, cell, sos
        from added order by id
        """,
        district,
        given,
        now,
    )
    return rows.many(records, Standing)


async def leave(conn: Connection, district: DistrictId, numbers: Sequence[int], now: datetime) -> set[int]:
    """Their causes are gone; those of them that weren't closed by hand before."""
    records = await conn.fetch(
        """
        update attention set gone_at = $3
        where district_id = $1 and id = any($2::bigint[]) and gone_at is null
        returning id, closed_at is not null as closed
        """,
        district,
        numbers,
        now,
    )
    return {record["id"] for record in records if not record["closed"]}


async def listed(conn: Connection, district: DistrictId, reach: Reach, asked: Asked) -> list[Occurrence]:
    records = await conn.fetch(
        f"""
        select {OCCURRENCE}
          and (not $2 or (a.gone_at is null and a.closed_at is null))
          and ($3::text is null or a.kind = $3) and ($4::text is null or a.beat = $4) and a.id < $5
          and ($6::text[] is null or a.beat = any($6)
               or (a.person is not null and a.organisation = any($7::bigint[])))
        order by a.id desc limit $8
        """,
        district,
        asked.only_open,
        asked.kind,
        asked.beat,
        asked.before,
        reach.beats,
        reach.organisations,
        asked.limit,
    )
    return rows.many(records, Occurrence)


async def some(conn: Connection, district: DistrictId, numbers: Sequence[int]) -> list[Occurrence]:
    """Locked until the transaction ends."""
    records = await conn.fetch(
        f"select {OCCURRENCE} and a.id = any($2::bigint[]) order by a.id for update of a", district, numbers
    )
    return rows.many(records, Occurrence)


async def acknowledge(
    conn: Connection, district: DistrictId, numbers: Sequence[int], by: PersonId, now: datetime
) -> None:
    await conn.execute(
        """
        update attention set acknowledged_at = $4, acknowledged_by = $3
        where district_id = $1 and id = any($2::bigint[]) and acknowledged_at is null
        """,
        district,
        numbers,
        by,
        now,
    )


async def close(
    conn: Connection, district: DistrictId, number: int, *, by: PersonId, reason: str, now: datetime
) -> None:
    await conn.execute(
        """
        update attention set closed_at = $5, closed_by = $3, reason = $4
        where district_id = $1 and id = $2 and closed_at is null
        """,
        district,
        number,
        by,
        reason,
        now,
    )


async def thresholds(conn: Connection, district: DistrictId) -> tuple[Thresholds, int]:
    """With their version; 0 while nobody has set any."""
    record = await conn.fetchrow(
        "select thresholds, version from attention_threshold where district_id = $1", district
    )
    if record is None:
        return Thresholds(), 0
    return msgspec.convert(record["thresholds"], Thresholds), record["version"]


async def set_thresholds(
    conn: Connection, district: DistrictId, given: Thresholds, *, version: int, by: PersonId, now: datetime
) -> None:
    await conn.execute(
        """
        insert into attention_threshold as t (district_id, thresholds, version, changed_at, changed_by)
        values ($1, $2, $3, $4, $5)
        on conflict (district_id) do update set thresholds = excluded.thresholds,
            version = excluded.version, changed_at = excluded.changed_at, changed_by = excluded.changed_by
        """,
        district,
        msgspec.to_builtins(given),
        version,
        now,
        by,
    )


async def needs(conn: Connection, district: DistrictId, at: datetime) -> list[Need]:
    """Of the beats that somebody should be on at that instant."""
    records = await conn.fetch(
        """
        select o.beat, sum(n.minimum)::bigint as needed,
               (extract(epoch from max(s.starts_at)) * 1000)::bigint as began
        from shift s
        join need n on n.district_id = $1 and n.pattern = s.pattern and n.minimum > 0
        join post o on o.district_id = $1 and o.id = n.post and o.active
        where s.district_id = $1 and s.starts_at <= $2 and s.ends_at > $2
        group by o.beat
        """,
        district,
        at,
    )
    return rows.many(records, Need)


async def calls(conn: Connection, district: DistrictId) -> list[Call]:
    """The open calls for help."""
    records = await conn.fetch(
        """
        select s.id, (extract(epoch from s.at) * 1000)::bigint as at, s.person, p.organisation,
               s.assignment, s.beat
        from sos s join person p on p.district_id = $1 and p.id = s.person
        where s.district_id = $1 and s.closed_at is null order by s.id
        """,
        district,
    )
    return rows.many(records, Call)


async def ordered(conn: Connection, district: DistrictId) -> list[int]:
    """People under an order that they have accepted."""
    found: list[Any] = await conn.fetch(
        "select distinct person from dispatch where district_id = $1 and state in ('accepted', 'on_scene')",
        district,
    )
    return [record["person"] for record in found]
