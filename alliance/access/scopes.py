"""What an actor is made of: the roles a person holds, every scope spelled out in beats."""

from collections.abc import Sequence

import msgspec

from alliance.actor import Actor, Code, DistrictId, Grant, OrganisationId, PersonId, Role
from alliance.db import rows
from alliance.db.pool import Connection

# A scope in beats: an area's own, a unit's; without area, organisation and unit the whole district, but for
# guards and volunteers, whose beats are those of their units, teams and home.
ACTORS = """
select p.id as person, p.organisation as own_organisation, r.role, r.area, r.organisation, r.unit, array(
    select b.code from area b
    where b.district_id = $1 and b.kind = 'beat' and (
        r.area in (b.code, b.station, b.town)
        or b.code = (select g.beat from area g
                     where g.district_id = $1 and g.code = r.area and g.kind = 'grid')
        or b.code = (select u.beat from unit u where u.district_id = $1 and u.code = r.unit)
        or (r.area is null and r.organisation is null and r.unit is null
            and r.role not in ('guard', 'volunteer', 'manager'))
        or (r.role in ('guard', 'volunteer') and b.code in (
            select u.beat from unit_member m
            join unit u on u.district_id = $1 and u.code = m.unit
            where m.district_id = $1 and m.person = p.id
            union all
            select t.beat from team_member m
            join team t on t.district_id = $1 and t.code = m.team
            where m.district_id = $1 and m.person = p.id
            union all
            select c.beat from cell c where c.district_id = $1 and c.cell = p.home)))
    ) as beats
from person p left join person_role r on r.district_id = $1 and r.person = p.id
where p.district_id = $1 and p.id = any($2::bigint[]) and p.active and p.erased_at is null
order by p.id, r.id
"""


class Granted(msgspec.Struct, frozen=True, kw_only=True):
    """A role as found, or none for a person who holds no role."""

    person: PersonId
    own_organisation: OrganisationId
    role: Role | None
    area: Code | None
    organisation: OrganisationId | None
    unit: str | None
    beats: frozenset[Code]


async def actors(conn: Connection, district: DistrictId, people: Sequence[PersonId]) -> dict[PersonId, Actor]:
    """The actors of those of the people who are active; one query for any number of them."""
    found: dict[PersonId, list[Granted]] = {}
    for granted in rows.many(await conn.fetch(ACTORS, district, people), Granted):
        found.setdefault(granted.person, []).append(granted)
    return {
        person: Actor(
            district=district, person=person, organisation=held[0].own_organisation, grants=_grants(held)
        )
        for person, held in found.items()
    }


def _grants(held: Sequence[Granted]) -> tuple[Grant, ...]:
    return tuple(
        Grant(role=one.role, area=one.area, organisation=one.organisation, unit=one.unit, beats=one.beats)
        for one in held
        if one.role is not None
    )
