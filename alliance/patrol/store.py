"""The SQL of duties, attendance and staffing; instants leave and enter as milliseconds."""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from alliance.actor import Actor, AssignmentId, Code, DistrictId, OrganisationId, PersonId
from alliance.db import rows
from alliance.db.pool import Connection
from alliance.patrol.model import Duty, Mark
from alliance.patrol.spans import duty_spans
from alliance.times import from_ms
from geo.cell import Cell

DUTY = """
select a.id, a.person, p.organisation, o.name as post, o.beat, o.cell, a.duty_day,
       (extract(epoch from a.starts_at) * 1000)::bigint as start,
       (extract(epoch from a.ends_at) * 1000)::bigint as end,
       exists (select 1 from consent c where c.district_id = $1 and c.person = a.person
               and c.withdrawn_at is null) as consented,
       coalesce((
           select jsonb_agg(jsonb_build_array(t.kind, (extract(epoch from t.at) * 1000)::bigint, t.auto,
                                              t.attested_by is not null) order by t.at)
           from attendance t where t.district_id = $1 and t.assignment = a.id), '[]') as marks
from assignment a
join person p on p.district_id = $1 and p.id = a.person
join post o on o.district_id = $1 and o.id = a.post
where a.district_id = $1 and a.published and a.cancelled_at is null and p.active
"""


class DutyRow(msgspec.Struct, frozen=True, kw_only=True):
    id: AssignmentId
    person: PersonId
    organisation: OrganisationId
    post: str
    beat: Code
    cell: Cell | None
    duty_day: date
    start: int
    end: int
    consented: bool
    marks: tuple[Mark, ...]


class AttendanceRow(msgspec.Struct, frozen=True, kw_only=True):
    assignment: AssignmentId
    kind: str
    at: int
    attested_by: PersonId | None = None
    lat: float | None = None
    lon: float | None = None
    accuracy: float | None = None
    flags: tuple[str, ...] = ()


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """An open interval of an assignment in which no fix may be."""

    assignment: AssignmentId
    duty_day: date
    after: int
    before: int


class Staffed(msgspec.Struct, frozen=True, kw_only=True):
    post: int
    beat: Code
    town: Code
    shift: int
    needed: int
    present: int
    planned: int


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """Who should be here now, and since when they are."""

    assignment: AssignmentId
    person: PersonId
    name: str
    organisation: OrganisationId
    beat: Code
    start: int
    end: int
    state: str = ""
    since: int | None = None


class ExpectedRow(Expected, frozen=True, kw_only=True):
    marks: tuple[Mark, ...]


def _duties(records: Sequence[object]) -> list[Duty]:
    return [
        Duty(**msgspec.structs.asdict(row), spans=duty_spans(row.marks))
        for row in rows.many(records, DutyRow)
    ]


async def duties(conn: Connection, district: DistrictId, ids: Sequence[AssignmentId]) -> list[Duty]:
    return _duties(await conn.fetch(DUTY + " and a.id = any($2::bigint[])", district, ids))


async def duties_of(
    conn: Connection, district: DistrictId, people: Sequence[PersonId], start: datetime, end: datetime
) -> list[Duty]:
    """The duties of people that overlap [start, end), earliest first."""
    return _duties(
        await conn.fetch(
            DUTY
            + """ and a.person = any($2::bigint[]) and a.ends_at > $3 and a.starts_at < $4
            and a.duty_day between $3::date - 2 and $4::date + 1 order by a.starts_at, a.id""",
            district,
            people,
            start,
            end,
        )
    )


async def running(conn: Connection, district: DistrictId, start: datetime, end: datetime) -> list[Duty]:
    """Duties that overlap [start, end)."""
    return _duties(
        await conn.fetch(
            DUTY + " and a.ends_at > $2 and a.starts_at < $3",
            district,
            start,
            end,
        )
    )


async def running_numbers(
    conn: Connection, district: DistrictId, start: datetime, end: datetime
) -> list[int]:
    """The numbers alone of the duties that overlap [start, end)."""
    records = await conn.fetch(
        """
        select a.id from assignment a join person p on p.district_id = $1 and p.id = a.person
        where a.district_id = $1 and a.published and a.cancelled_at is null and p.active
          and a.ends_at > $2 and a.starts_at < $3 order by a.id
        """,
        district,
        start,
        end,
    )
    return [record["id"] for record in records]


async def led_by(conn: Connection, actor: Actor, units: Sequence[str]) -> set[PersonId]:
    """The members of the units that the actor leads, or holds the role of a lead in."""
    records = await conn.fetch(
        """
        select distinct m.person from unit u
        join unit_member m on m.district_id = $1 and m.unit = u.code
        where u.district_id = $1 and (u.leader = $2 or u.code = any($3::text[]))
        """,
        actor.district,
        actor.person,
        units,
    )
    return {PersonId(record["person"]) for record in records}


async def unit_of(conn: Connection, district: DistrictId, person: PersonId) -> set[PersonId]:
    """Everyone in the person's units, the leaders too."""
    records = await conn.fetch(
        """
        select m.person from unit_member m where m.district_id = $1 and m.unit in (
            select o.unit from unit_member o where o.district_id = $1 and o.person = $2
            union all select u.code from unit u where u.district_id = $1 and u.leader = $2)
        union select u.leader from unit u join unit_member o on o.district_id = $1 and o.unit = u.code
        where u.district_id = $1 and o.person = $2
        """,
        district,
        person,
    )
    return {PersonId(record["person"]) for record in records}


async def insert_attendance(
    conn: Connection,
    district: DistrictId,
    found: Sequence[AttendanceRow],
    *,
    received_at: datetime,
    auto: bool,
) -> None:
    """What is there already stays as it is; a real check-out supersedes the automatic one."""
    await conn.execute(
        """
        with added as (
            insert into attendance (district_id, assignment, kind, at, received_at, auto, attested_by,
                                    lat, lon, accuracy, flags)
            select $1, n.assignment, n.kind, n.at, $3, $4, n.attested_by, n.lat, n.lon, n.accuracy,
                   array(select jsonb_array_elements_text(n.flags))
            from jsonb_to_recordset($2::jsonb) as n (
                assignment bigint, kind text, at timestamptz, attested_by bigint,
                lat double precision, lon double precision, accuracy real, flags jsonb)
            on conflict (district_id, assignment, kind, at) where not auto do nothing
            returning assignment, kind, auto
        )
        update attendance old set superseded = true from added
        where old.district_id = $1 and old.assignment = added.assignment and old.auto
          and added.kind = 'out' and not added.auto
        """,
        district,
        [{**msgspec.structs.asdict(row), "at": from_ms(row.at)} for row in found],
        received_at,
        auto,
    )


async def forgotten(
    conn: Connection, district: DistrictId, ended_before: datetime, ended_after: datetime, limit: int
) -> list[AssignmentId]:
    """Ended duties whose newest mark is no check-out."""
    records = await conn.fetch(
        """
        select a.id from assignment a
        cross join lateral (
            select t.kind from attendance t where t.district_id = $1 and t.assignment = a.id
            order by t.at desc, t.kind desc limit 1) newest
        where a.district_id = $1 and a.published and a.ends_at <= $2 and a.ends_at > $3 and newest.kind = 'in'
          and not exists (
              select 1 from attendance t where t.district_id = $1 and t.assignment = a.id and t.auto)
        order by a.ends_at, a.id limit $4
        """,
        district,
        ended_before,
        ended_after,
        limit,
    )
    return [AssignmentId(record["id"]) for record in records]


async def staffing(conn: Connection, district: DistrictId, at: datetime) -> list[Staffed]:
    """Each post and shift that is staffed or to be staffed at that instant."""
    records = await conn.fetch(
        """
        with current as (
            select s.id, s.pattern from shift s
            where s.district_id = $1 and s.starts_at <= $2 and s.ends_at > $2
        ), planned as (
            select a.post, a.shift, count(*) as planned, count(*) filter (where exists (
                select 1 from attendance t where t.district_id = $1 and t.assignment = a.id and t.kind = 'in'
                  and t.at <= $2 and not exists (
                    select 1 from attendance o where o.district_id = $1 and o.assignment = a.id
                      and o.kind = 'out' and o.at > t.at and o.at <= $2 and not o.superseded))) as present
            from assignment a join current c on c.id = a.shift
            where a.district_id = $1 and a.published and a.cancelled_at is null group by a.post, a.shift
        ), needed as (
            select n.post, c.id as shift, n.minimum from need n join current c on c.pattern = n.pattern
            join post o on o.district_id = $1 and o.id = n.post and o.active
            where n.district_id = $1 and (n.minimum > 0 or n.desired > 0)
        )
        select o.id as post, o.beat, b.town, shift, coalesce(n.minimum, 0)::int as needed,
               coalesce(p.present, 0)::int as present, coalesce(p.planned, 0)::int as planned
        from needed n full join planned p using (post, shift)
        join post o on o.district_id = $1 and o.id = post
        join area b on b.district_id = $1 and b.code = o.beat
        order by o.beat, o.id, shift
        """,
        district,
        at,
    )
    return rows.many(records, Staffed)


async def expected(
    conn: Connection,
    district: DistrictId,
    at: datetime,
    *,
    beats: Sequence[Code] | None,
    organisation: OrganisationId | None,
) -> list[ExpectedRow]:
    """Duties that run at that instant or are still open."""
    records = await conn.fetch(
        """
        select a.id as assignment, a.person, p.name, p.organisation, o.beat,
               (extract(epoch from a.starts_at) * 1000)::bigint as start,
               (extract(epoch from a.ends_at) * 1000)::bigint as end,
               coalesce((
                   select jsonb_agg(jsonb_build_array(
                       t.kind, (extract(epoch from t.at) * 1000)::bigint, t.auto, t.attested_by is not null)
                       order by t.at)
                   from attendance t
                   where t.district_id = $1 and t.assignment = a.id and t.at <= $2), '[]') as marks
        from assignment a
        join person p on p.district_id = $1 and p.id = a.person
        join post o on o.district_id = $1 and o.id = a.post
        where a.district_id = $1 and a.published and a.cancelled_at is null
          and a.starts_at <= $2 + interval '30 minutes' and a.ends_at > $2 - interval '30 minutes'
          and ($3::text[] is null or o.beat = any($3)) and ($4::bigint is null or p.organisation = $4)
        order by o.beat, a.starts_at, a.id
        """,
        district,
        at,
        beats,
        organisation,
    )
    return rows.many(records, ExpectedRow)
