"""The SQL of dispatches and of who is on duty."""

from datetime import datetime

from alliance.actor import DistrictId, PersonId
from alliance.db import rows
from alliance.db.pool import Connection
from alliance.incidents.model import ACTIVE_ORDERS, Dispatch, DispatchId, IncidentId, Order
from alliance.incidents.ranking import Available

DISPATCH = """
    d.id, d.incident, d.person, d.state, d.ordered_at, d.ordered_by, d.expires_at, d.answered_at,
    d.arrived_at, d.done_at, d.rank"""


async def on_duty(conn: Connection, district: DistrictId, now: datetime) -> list[Available]:
    """Everyone checked in, with the last position, or the middle of the beat where there is none yet."""
    records = await conn.fetch(
        """
        with duty as (
            select distinct on (a.person) a.id, a.person, a.post, a.duty_day
            from assignment a
            where a.district_id = $1 and a.published and a.cancelled_at is null
              and a.starts_at <= $2::timestamptz + interval '30 minutes' and a.ends_at > $2
              and (select x.kind from attendance x
                   where x.district_id = $1 and x.assignment = a.id and not x.superseded and x.at <= $2
                   order by x.at desc, x.id desc limit 1) = 'in'
            order by a.person, a.starts_at
        )
        select u.person, p.name, p.organisation,
               exists (select 1 from person_role r
                       where r.district_id = $1 and r.person = u.person and r.role = 'guard') as guard,
               exists (select 1 from certificate c where c.district_id = $1 and c.person = u.person
                         and u.duty_day between c.valid_from and c.valid_until) as certified,
               (select min(m.unit) from unit_member m
                where m.district_id = $1 and m.person = u.person) as unit,
               b.code as beat, coalesce(f.lat / 1e7, b.lat) as lat, coalesce(f.lon / 1e7, b.lon) as lon,
               to_timestamp(f.at / 1e3) as position_at,
               (select d.state from dispatch d
                where d.district_id = $1 and d.person = u.person and d.state = any($3)
                order by d.id desc limit 1) as task
        from duty u
        join person p on p.district_id = $1 and p.id = u.person
        join post o on o.district_id = $1 and o.id = u.post
        join area b on b.district_id = $1 and b.code = o.beat
        left join lateral (
            select x.lat, x.lon, day_start(x.duty_day) + x.ms as at, x.district_id from fix x
            where x.duty_day = u.duty_day and x.assignment = u.id and x.flags < 4
            order by x.ms desc limit 1
        ) f on f.district_id = $1
        """,
        district,
        now,
        list(ACTIVE_ORDERS),
    )
    return rows.many(records, Available)


async def insert(conn: Connection, district: DistrictId, given: Dispatch) -> Dispatch:
    """Its id is given by the database."""
    record = await conn.fetchrow(
        f"""
        insert into dispatch as d (district_id, incident, person, state, ordered_at, ordered_by, expires_at,
                                   rank)
        values ($1, $2, $3, $4, $5, $6, $7, $8) returning {DISPATCH}
        """,
        district,
        given.incident,
        given.person,
        given.state,
        given.ordered_at,
        given.ordered_by,
        given.expires_at,
        given.rank,
    )
    return rows.one(record, Dispatch)


async def dispatch(conn: Connection, district: DistrictId, number: int) -> Dispatch | None:
    record = await conn.fetchrow(
        f"select {DISPATCH} from dispatch d where d.district_id = $1 and d.id = $2", district, number
    )
    return rows.maybe(record, Dispatch)


async def update(conn: Connection, district: DistrictId, given: Dispatch) -> None:
    """Write its state and its times."""
    await conn.execute(
        """
        update dispatch set state = $3, answered_at = $4, arrived_at = $5, done_at = $6
        where district_id = $1 and id = $2
        """,
        district,
        given.id,
        given.state,
        given.answered_at,
        given.arrived_at,
        given.done_at,
    )


async def of_incident(conn: Connection, district: DistrictId, number: int) -> list[Dispatch]:
    records = await conn.fetch(
        f"select {DISPATCH} from dispatch d where d.district_id = $1 and d.incident = $2 order by d.id",
        district,
        number,
    )
    return rows.many(records, Dispatch)


async def of_person(
    conn: Connection, district: DistrictId, person: PersonId, states: tuple[Order, ...]
) -> list[Dispatch]:
    records = await conn.fetch(
        f"""
        select {DISPATCH} from dispatch d
        where d.district_id = $1 and d.person = $2 and d.state = any($3) order by d.id desc
        """,
        district,
        person,
        list(states),
    )
    return rows.many(records, Dispatch)


async def expired(
    conn: Connection, district: DistrictId, now: datetime
) -> list[tuple[DispatchId, IncidentId]]:
    """Orders without an answer in time, by incident."""
    records = await conn.fetch(
        """
        select id, incident from dispatch
        where district_id = $1 and state = 'ordered' and expires_at <= $2 order by incident, id
        """,
        district,
        now,
    )
    return [(DispatchId(record["id"]), IncidentId(record["incident"])) for record in records]
