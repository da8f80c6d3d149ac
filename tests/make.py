"""Builders: a small district with people in it, as rows in the database."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from alliance.actor import Code, DistrictId, OrganisationId, PersonId, Role
from alliance.db.pool import Connection
from alliance.people.model import Held

NOW = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)  # a Wednesday noon in the district
BOUNDARY = {
    "type": "Polygon",
    "coordinates": [[[113.6, 23.2], [113.7, 23.2], [113.7, 23.3], [113.6, 23.3], [113.6, 23.2]]],
}
# Beats b1 and b2 in the first town and station, b3 in the second; each has one grid and two cells.
BEATS = {"b1": ("t1", "s1"), "b2": ("t1", "s1"), "b3": ("t2", "s2")}
CELLS = {
    "b1": ("8941188010fffff", "89411880103ffff"),
    "b2": ("89411880107ffff", "89411880117ffff"),
    "b3": ("8941188026bffff", "8941188027bffff"),
}


async def district(conn: Connection, number: int = 1, *, now: datetime = NOW) -> DistrictId:
    """A district of two towns, two stations, three beats, three grids, six cells and four patterns."""
    await conn.execute(
        """
        insert into district (district_id, name, name_en, time_zone, boundary, created_at)
        values ($1, '试验区', 'Trial', 'Asia/Shanghai', $2, $3)
        """,
        number,
        BOUNDARY,
        now,
    )
    towns = sorted({town for town, _ in BEATS.values()})
    stations = sorted({(station, town) for town, station in BEATS.values()})
    areas: list[tuple[str, str, str, str | None, str | None]] = [
        (town, "town", town, None, None) for town in towns
    ]
    areas += [(station, "station", town, station, None) for station, town in stations]
    areas += [(beat, "beat", town, station, beat) for beat, (town, station) in BEATS.items()]
    areas += [(f"g{beat[1:]}", "grid", town, station, beat) for beat, (town, station) in BEATS.items()]
    await conn.executemany(
        """
        insert into area (district_id, code, kind, name, town, station, beat, lat, lon)
        values ($1, $2, $3, $2, $4, $5, $6, 23.25, 113.65)
        """,
        [(number, code, kind, town, station, beat) for code, kind, town, station, beat in areas],
    )
    await conn.executemany(
        """
        insert into cell (district_id, cell, town, station, beat, grid, tier)
        values ($1, $2, $3, $4, $5, $6, 2)
        """,
        [(number, cell, *BEATS[beat], beat, f"g{beat[1:]}") for beat in BEATS for cell in CELLS[beat]],
    )
    await patterns(conn, number)
    return DistrictId(number)


async def patterns(conn: Connection, number: int) -> None:
    """Early, late and night duty shifts, and an evening one for volunteers."""
    await conn.executemany(
        """
        insert into shift_pattern (district_id, code, name, name_en, start_minute, minutes, role, duty)
        values ($1, $2, $2, $2, $3, $4, $5, $6)
        """,
        [
            (number, "early", 360, 480, "guard", True),
            (number, "late", 840, 480, "guard", True),
            (number, "night", 1320, 480, "guard", True),
            (number, "evening", 1140, 240, "volunteer", False),
        ],
    )


async def organisation(
    conn: Connection, number: int = 1, code: str = "o1", *, kind: str = "company"
) -> OrganisationId:
    made = await conn.fetchval(
        "insert into organisation (district_id, code, name, kind) values ($1, $2, $3, $4) returning id",
        number,
        code,
        f"组织{code}",
        kind,
    )
    return OrganisationId(made)


async def person(
    conn: Connection,
    organisation: OrganisationId,
    *roles: Held | Role,
    number: int = 1,
    name: str = "陈小明",
    home: str | None = None,
    born: date = date(1990, 5, 1),
    now: datetime = NOW,
) -> PersonId:
    """Someone with those roles; a bare role has the whole district (or nothing special) for its scope."""
    made = await conn.fetchval(
        """
        insert into person (district_id, organisation, name, home, born, created_at)
        values ($1, $2, $3, $4, $5, $6) returning id
        """,
        number,
        organisation,
        name,
        home,
        born,
        now,
    )
    held = [role if isinstance(role, Held) else Held(role=role) for role in roles]
    await conn.executemany(
        """
        insert into person_role (district_id, person, role, area, organisation, unit)
        values ($1, $2, $3, $4, $5, $6)
        """,
        [(number, made, one.role.value, one.area, one.organisation, one.unit) for one in held],
    )
    return PersonId(made)


async def unit(
    conn: Connection, code: str, beat: str, people: Sequence[PersonId], *, number: int = 1
) -> None:
    """A unit; the first of the people leads it."""
    await conn.execute(
        "insert into unit (district_id, code, name, beat, leader) values ($1, $2, $2, $3, $4)",
        number,
        code,
        Code(beat),
        people[0],
    )
    await conn.executemany(
        "insert into unit_member (district_id, unit, person) values ($1, $2, $3)",
        [(number, code, one) for one in people],
    )


async def team(
    conn: Connection, code: str, beat: str, officer: PersonId, people: Sequence[PersonId], *, number: int = 1
) -> None:
    await conn.execute(
        "insert into team (district_id, code, name, beat, officer) values ($1, $2, $2, $3, $4)",
        number,
        code,
        Code(beat),
        officer,
    )
    await conn.executemany(
        "insert into team_member (district_id, team, person) values ($1, $2, $3)",
        [(number, code, one) for one in people],
    )
