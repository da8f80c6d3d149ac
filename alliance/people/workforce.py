"""Everyone who may be put on a roster, with what solver and checker must know, in a few set queries."""

from collections import defaultdict
from datetime import date, datetime
from typing import Any

import msgspec

from alliance.actor import Code, DistrictId, OrganisationId, PersonId
from alliance.db import rows
from alliance.db.pool import Connection


class Worker(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A guard or volunteer; who holds both roles is planned as a guard."""

    id: PersonId
    organisation: OrganisationId
    guard: bool
    active: bool
    born: date | None
    home: str | None
    travel_limit_m: int
    night_consent: bool
    overtime_consent: bool
    limits: dict[str, Any]


class Employer(msgspec.Struct, frozen=True, kw_only=True):
    id: OrganisationId
    active: bool
    permit: bool


class Workforce(msgspec.Struct, frozen=True, kw_only=True):
    """Offers are (weekday, start_minute, end_minute); leave (start, end); certificates (kind, last day)."""

    employers: list[Employer]
    workers: list[Worker]
    offers: dict[PersonId, list[tuple[int, int, int]]]
    leave: dict[PersonId, list[tuple[datetime, datetime]]]
    certificates: dict[PersonId, list[tuple[str, date]]]
    beats: dict[PersonId, list[Code]]


OFFERS = """
select person, weekday, start_minute, end_minute from availability
where district_id = $1 {some} order by person, weekday, start_minute
"""
LEAVE = """
select person, starts_at, ends_at from leave
where district_id = $1 and starts_at < $3 and ends_at > $2 {some} order by person, starts_at
"""
CERTIFICATES = """
select person, kind, valid_until from certificate
where district_id = $1 and valid_from <= $3::timestamptz::date
  and valid_until >= $2::timestamptz::date - 1 {some}
order by person, kind
"""
BEATS = """
select m.person, t.beat from team_member m
join team t on t.district_id = m.district_id and t.code = m.team
where m.district_id = $1 {some} order by m.person, t.beat
"""
WORKS = "r.role in ('guard', 'volunteer')"
WORKERS = f"""
select p.id, p.organisation, coalesce(bool_or(r.role = 'guard'), false) as guard,
       p.active and p.erased_at is null and coalesce(bool_or({WORKS}), false) as active, p.born, p.home,
       p.travel_limit_m, p.night_consent, p.overtime_consent, p.limits
from person p
left join person_role r on r.district_id = p.district_id and r.person = p.id and {WORKS}
where p.district_id = $1 {{some}}
group by p.district_id, p.id order by p.id
"""
EVERYONE = f"""and (p.id = any($2::bigint[]) or (p.active and p.erased_at is null and exists (
    select 1 from person_role r where r.district_id = p.district_id and r.person = p.id and {WORKS})))"""


class Narrowed(msgspec.Struct, frozen=True, kw_only=True):
    """`only`: these people and no others; `also`: these too, should they no longer be of the force.

    Who is asked for by name and is none of the force comes as one who is not active.
    """

    only: tuple[PersonId, ...] | None = None
    also: tuple[PersonId, ...] = ()


EVERYBODY = Narrowed()


async def workforce(
    conn: Connection,
    district: DistrictId,
    start: datetime,
    end: datetime,
    which: Narrowed = EVERYBODY,
) -> Workforce:
    """As far as it matters for duties that touch [start, end)."""
    some = () if which.only is None else (list(which.only),)
    teams = await _by_person(conn, BEATS, "m.person", some, district)
    return Workforce(
        employers=rows.many(
            await conn.fetch(
                "select id, active, permit from organisation where district_id = $1 order by id", district
            ),
            Employer,
        ),
        workers=await _workers(conn, district, which),
        offers=await _by_person(conn, OFFERS, "person", some, district),
        leave=await _by_person(conn, LEAVE, "person", some, district, start, end),
        certificates=await _by_person(conn, CERTIFICATES, "person", some, district, start, end),
        beats={person: [beat for (beat,) in found] for person, found in teams.items()},
    )


async def _workers(conn: Connection, district: DistrictId, which: Narrowed) -> list[Worker]:
    if which.only is None:
        records = await conn.fetch(WORKERS.format(some=EVERYONE), district, list(which.also))
    else:
        records = await conn.fetch(WORKERS.format(some="and p.id = any($2)"), district, list(which.only))
    return rows.many(records, Worker)


async def _by_person(
    conn: Connection, sql: str, column: str, some: tuple[list[PersonId], ...], *values: Any
) -> dict[PersonId, list[Any]]:
    """Of some people alone by an index, which a condition that may be empty would not use."""
    found: defaultdict[PersonId, list[Any]] = defaultdict(list)
    condition = f"and {column} = any(${len(values) + 1})" if some else ""
    for person, *rest in await conn.fetch(sql.format(some=condition), *values, *some):
        found[person].append(tuple(rest))
    return found
