"""The SQL of incidents and their transitions."""

from datetime import datetime

from alliance.actor import DistrictId
from alliance.areas.model import Happenings
from alliance.db import rows
from alliance.db.pool import Connection
from alliance.incidents.model import (
    ALWAYS_FOUND,
    FOUND_ON_DUTY,
    Incident,
    IncidentId,
    Kind,
    Listed,
    Place,
    State,
    Transition,
    Wanted,
)
from alliance.incidents.scope import Scope
from geo.cell import Cell

INCIDENT = """
    i.id, i.kind, i.state, i.opened_at, i.lat, i.lon, i.cell, i.grid, i.beat, i.station, i.town,
    i.by_patrol, i.closed_at, i.version"""
VISIBLE = """
    ($2 or i.beat = any($3) or i.id in (
        select r.incident from participant p
        join report r on r.district_id = p.district_id and r.id = p.report
        join person q on q.district_id = p.district_id and q.id = p.person
        where p.district_id = $1 and (q.id = any($4) or q.organisation = any($5) or q.id in (
            select m.person from unit_member m where m.district_id = $1 and m.unit = any($6)))
    ) or i.id in (select d.incident from dispatch d where d.district_id = $1 and d.person = $7))"""


async def insert_incident(
    conn: Connection, district: DistrictId, kind: Kind, opened_at: datetime, place: Place
) -> Incident:
    record = await conn.fetchrow(
        f"""
        insert into incident as i (district_id, kind, state, opened_at, lat, lon, cell, grid, beat, station,
                                   town, by_patrol)
        values ($1, $2, 'open', $3, $4, $5, $6, $7, $8, $9, $10, false)
        returning {INCIDENT}
        """,
        district,
        kind,
        opened_at,
        place.lat,
        place.lon,
        place.cell,
        place.grid,
        place.beat,
        place.station,
        place.town,
    )
    return rows.one(record, Incident)


async def incident(conn: Connection, district: DistrictId, number: int) -> Incident | None:
    record = await conn.fetchrow(
        f"select {INCIDENT} from incident i where i.district_id = $1 and i.id = $2", district, number
    )
    return rows.maybe(record, Incident)


async def lock_incident(conn: Connection, district: DistrictId, number: int) -> Incident | None:
    record = await conn.fetchrow(
        f"select {INCIDENT} from incident i where i.district_id = $1 and i.id = $2 for update",
        district,
        number,
    )
    return rows.maybe(record, Incident)


async def may_see(conn: Connection, district: DistrictId, scope: Scope, number: int) -> bool:
    seen: bool = await conn.fetchval(
        f"select exists (select 1 from incident i where i.district_id = $1 and i.id = $8 and {VISIBLE})",
        district,
        *scope.arguments,
        number,
    )
    return seen


async def listed(conn: Connection, district: DistrictId, scope: Scope, wanted: Wanted) -> list[Listed]:
    records = await conn.fetch(
        f"""
        select {INCIDENT},
               (select count(*) from report r where r.district_id = $1 and r.incident = i.id) as reports,
               d.ordered_at, d.arrived_at
        from incident i
        left join lateral (
            select min(o.ordered_at) as ordered_at, min(o.arrived_at) as arrived_at
            from dispatch o where o.district_id = $1 and o.incident = i.id
        ) d on true
        where i.district_id = $1 and {VISIBLE}
          and ($8::text[] is null or i.state = any($8)) and ($9::text is null or i.beat = $9)
          and ($10::text is null or i.kind = $10) and ($11::timestamptz is null or i.opened_at >= $11)
          and ($12::bigint is null or i.id < $12)
        order by i.id desc limit $13
        """,
        district,
        *scope.arguments,
        wanted.states,
        wanted.beat,
        wanted.kind,
        wanted.since,
        wanted.before,
        wanted.limit,
    )
    return rows.many(records, Listed)


async def listed_one(conn: Connection, district: DistrictId, number: int) -> Listed:
    record = await conn.fetchrow(
        f"""
        select {INCIDENT},
               (select count(*) from report r where r.district_id = $1 and r.incident = i.id) as reports,
               (select min(o.ordered_at) from dispatch o where o.district_id = $1 and o.incident = i.id)
                   as ordered_at,
               (select min(o.arrived_at) from dispatch o where o.district_id = $1 and o.incident = i.id)
                   as arrived_at
        from incident i where i.district_id = $1 and i.id = $2
        """,
        district,
        number,
    )
    return rows.one(record, Listed)


async def insert_transition(
    conn: Connection, district: DistrictId, number: IncidentId, step: Transition
) -> None:
    """Its n is taken here; the incident's row is locked."""
    await conn.execute(
        """
        insert into incident_transition (district_id, incident, n, from_state, to_state, at, actor, reason)
        select $1, $2, coalesce(max(n), 0) + 1, $3, $4, $5, $6, $7
        from incident_transition where district_id = $1 and incident = $2
        """,
        district,
        number,
        step.from_state,
        step.to_state,
        step.at,
        step.actor,
        step.reason,
    )


async def set_state(
    conn: Connection, district: DistrictId, number: IncidentId, state: State, closed_at: datetime | None
) -> Incident:
    record = await conn.fetchrow(
        f"""
        update incident i set state = $3, closed_at = $4, version = i.version + 1
        where i.district_id = $1 and i.id = $2 returning {INCIDENT}
        """,
        district,
        number,
        state,
        closed_at,
    )
    return rows.one(record, Incident)


async def touch(conn: Connection, district: DistrictId, number: IncidentId) -> Incident:
    """A new version after its reports changed; by_patrol holds while each of them is a find or an arrest."""
    return await _settle(conn, district, number, 1)


async def settle_by_patrol(conn: Connection, district: DistrictId, number: IncidentId) -> Incident:
    """by_patrol as its first report says; the version stays, as nobody has seen it yet."""
    return await _settle(conn, district, number, 0)


async def _settle(conn: Connection, district: DistrictId, number: IncidentId, step: int) -> Incident:
    record = await conn.fetchrow(
        f"""
        update incident i set version = i.version + $5, by_patrol = coalesce((
            select bool_and(r.kind = any($3) or (r.kind = any($4) and r.assignment is not null))
            from report r where r.district_id = $1 and r.incident = $2), i.by_patrol)
        where i.district_id = $1 and i.id = $2 returning {INCIDENT}
        """,
        district,
        number,
        list(ALWAYS_FOUND),
        list(FOUND_ON_DUTY),
        step,
    )
    return rows.one(record, Incident)


async def transitions(conn: Connection, district: DistrictId, number: int) -> list[Transition]:
    records = await conn.fetch(
        """
        select t.n, t.from_state, t.to_state, t.at, t.actor, p.name as actor_name, t.reason
        from incident_transition t left join person p on p.district_id = t.district_id and p.id = t.actor
        where t.district_id = $1 and t.incident = $2 order by t.n
        """,
        district,
        number,
    )
    return rows.many(records, Transition)


async def confirmed(conn: Connection, district: DistrictId, since: datetime) -> Happenings:
    records = await conn.fetch(
        """
        select cell, opened_at from incident
        where district_id = $1 and state = 'confirmed' and not by_patrol and opened_at >= $2
        order by opened_at, id
        """,
        district,
        since,
    )
    return Happenings(
        cells=tuple(Cell(record["cell"]) for record in records),
        at=tuple(record["opened_at"] for record in records),
    )
