"""The SQL of reports, their participants and their links to incidents."""

from datetime import datetime

import msgspec

from alliance.actor import AssignmentId, Code, DistrictId, PersonId
from alliance.db import rows
from alliance.db.pool import Connection
from alliance.incidents.linking import MAX_APART, MAX_METRES, Known
from alliance.incidents.model import IncidentId, Kind, Link, Participant, Report, ReportId
from alliance.incidents.scope import Scope

REPORT = """
    r.id, r.person, r.kind, r.at, r.received_at, r.lat, r.lon, r.cell, r.assignment, r.text, r.incident,
    r.link_score"""

SEEN = """
    ($2 or i.beat = any($3) or r.person = $7 or r.id in (
        select p.report from participant p
        join person q on q.district_id = p.district_id and q.id = p.person
        where p.district_id = $1 and (q.id = any($4) or q.organisation = any($5) or q.id in (
            select m.person from unit_member m where m.district_id = $1 and m.unit = any($6)))))"""


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """The assignment a report was made on."""

    id: AssignmentId
    ends_at: datetime


async def lock_linking(conn: Connection, district: DistrictId) -> None:
    """One report of a district after the other: two of one event that arrive at once must see each other."""
    await conn.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", f"linking/{district}")


async def near(
    conn: Connection, district: DistrictId, at: datetime, point: tuple[float, float]
) -> list[Known]:
    """Reports that may be within the limits of linking: a box around the point, not yet the circle."""
    north = MAX_METRES / 111_000
    records = await conn.fetch(
        """
        select r.kind, r.at, r.lat, r.lon, r.id as report, i.id as incident, i.state
        from report r join incident i on i.district_id = r.district_id and i.id = r.incident
        where r.district_id = $1 and r.at between $2 and $3
          and abs(r.lat - $4) <= $6 and abs(r.lon - $5) * greatest(cos(radians($4)), 0.01) <= $6
        """,
        district,
        at - MAX_APART,
        at + MAX_APART,
        *point,
        north,
    )
    return rows.many(records, Known)


async def insert_report(conn: Connection, district: DistrictId, given: Report) -> ReportId:
    """Its id is given by the database, whatever the one it came with."""
    number: int = await conn.fetchval(
        """
        insert into report (district_id, person, kind, at, received_at, lat, lon, cell, assignment, text,
                            incident, link_score)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) returning id
        """,
        district,
        given.person,
        given.kind,
        given.at,
        given.received_at,
        given.lat,
        given.lon,
        given.cell,
        given.assignment,
        given.text,
        given.incident,
        given.link_score,
    )
    return ReportId(number)


async def insert_participants(
    conn: Connection, district: DistrictId, report: ReportId, people: list[PersonId]
) -> None:
    await conn.execute(
        "insert into participant (district_id, report, person) select $1, $2, unnest($3::bigint[])",
        district,
        report,
        people,
    )


async def reports(conn: Connection, district: DistrictId, number: int) -> list[Report]:
    records = await conn.fetch(
        f"select {REPORT} from report r where r.district_id = $1 and r.incident = $2 order by r.id",
        district,
        number,
    )
    return rows.many(records, Report)


async def report(conn: Connection, district: DistrictId, number: int) -> Report | None:
    record = await conn.fetchrow(
        f"select {REPORT} from report r where r.district_id = $1 and r.id = $2", district, number
    )
    return rows.maybe(record, Report)


async def may_see(conn: Connection, district: DistrictId, scope: Scope, number: ReportId) -> bool:
    seen: bool = await conn.fetchval(
        f"""
        select exists (
            select 1 from report r join incident i on i.district_id = r.district_id and i.id = r.incident
            where r.district_id = $1 and r.id = $8 and {SEEN})
        """,
        district,
        *scope.arguments,
        number,
    )
    return seen


async def reports_seen(
    conn: Connection, district: DistrictId, scope: Scope, before: int | None, limit: int
) -> list[Report]:
    records = await conn.fetch(
        f"""
        select {REPORT} from report r join incident i on i.district_id = r.district_id and i.id = r.incident
        where r.district_id = $1 and {SEEN} and ($8::bigint is null or r.id < $8)
        order by r.id desc limit $9
        """,
        district,
        *scope.arguments,
        before,
        limit,
    )
    return rows.many(records, Report)


async def beats(conn: Connection, district: DistrictId, numbers: list[IncidentId]) -> dict[IncidentId, Code]:
    """The beats of those incidents that lie in one."""
    records = await conn.fetch(
        "select id, beat from incident where district_id = $1 and id = any($2) and beat is not null",
        district,
        numbers,
    )
    return {IncidentId(record["id"]): Code(record["beat"]) for record in records}


async def unit_mates(conn: Connection, district: DistrictId, scope: Scope) -> set[PersonId]:
    """The members of the units that the actor leads."""
    records = await conn.fetch(
        "select person from unit_member where district_id = $1 and unit = any($2)",
        district,
        list(scope.units),
    )
    return {PersonId(record["person"]) for record in records}


async def participants(conn: Connection, district: DistrictId, reports: list[ReportId]) -> list[Participant]:
    records = await conn.fetch(
        """
        select p.report, p.person, q.name, q.organisation
        from participant p join person q on q.district_id = p.district_id and q.id = p.person
        where p.district_id = $1 and p.report = any($2) order by p.report, p.person
        """,
        district,
        reports,
    )
    return rows.many(records, Participant)


async def move_report(
    conn: Connection, district: DistrictId, report: ReportId, number: IncidentId, score: float | None
) -> None:
    await conn.execute(
        "update report set incident = $3, link_score = $4 where district_id = $1 and id = $2",
        district,
        report,
        number,
        score,
    )


async def insert_link(conn: Connection, district: DistrictId, link: Link) -> None:
    await conn.execute(
        """
        insert into link (district_id, report, incident, state, score, why, at, actor)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        district,
        link.report,
        link.incident,
        link.state,
        link.score,
        link.why,
        link.at,
        link.actor,
    )


async def links(conn: Connection, district: DistrictId, number: int) -> list[Link]:
    """The links that touch an incident or one of its reports, in the order they were made."""
    records = await conn.fetch(
        """
        select l.id, l.report, l.incident, l.state, l.score, l.why, l.at, l.actor
        from link l join report r on r.district_id = l.district_id and r.id = l.report
        where l.district_id = $1 and (l.incident = $2 or r.incident = $2) order by l.id
        """,
        district,
        number,
    )
    return rows.many(records, Link)


async def assignment_at(
    conn: Connection, district: DistrictId, person: PersonId, at: datetime
) -> Planned | None:
    """The published assignment of that moment, from half an hour before its start."""
    record = await conn.fetchrow(
        """
        select id, ends_at from assignment
        where district_id = $1 and person = $2 and published and cancelled_at is null
          and starts_at - interval '30 minutes' <= $3 and $3 <= ends_at
        order by starts_at limit 1
        """,
        district,
        person,
        at,
    )
    return rows.maybe(record, Planned)


async def active_people(conn: Connection, district: DistrictId, people: list[int]) -> set[int]:
    records = await conn.fetch(
        "select id from person where district_id = $1 and id = any($2) and active and erased_at is null",
        district,
        people,
    )
    return {record["id"] for record in records}


async def erase_texts(conn: Connection, district: DistrictId, old: datetime, closed: datetime) -> int:
    """Texts older than `old`, and those that describe a lost person in an incident closed before `closed`."""
    count: int = await conn.fetchval(
        """
        with gone as (
            update report r set text = null from incident i
            where r.district_id = $1 and i.district_id = $1 and i.id = r.incident and r.text is not null
              and (r.at < $2 or (r.kind = $4 and i.closed_at < $3))
            returning 1
        ) select count(*) from gone
        """,
        district,
        old,
        closed,
        Kind.LOST_PERSON,
    )
    return count


async def kinds(conn: Connection, district: DistrictId, number: IncidentId) -> list[Kind]:
    """The kinds among an incident's reports."""
    records = await conn.fetch(
        "select distinct kind from report where district_id = $1 and incident = $2 order by kind",
        district,
        number,
    )
    return [Kind(record["kind"]) for record in records]
