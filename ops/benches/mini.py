"""A small district with people on published duties, by plain statements: for benches and tests."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

from alliance.access.model import SessionKey, new_secret
from alliance.actor import DistrictId
from alliance.db.pool import Connection
from alliance.times import from_ms
from geo import cell as hexes

DISTRICT = DistrictId(440118)
MIDDLE = (23.29, 113.81)
RINGS = 8
CONSENT = "2026-1"


class Mini(msgspec.Struct, frozen=True, kw_only=True):
    """`people[i]` has the duty `assignments[i]` and the bearer token `tokens[i]`."""

    people: list[int]
    assignments: list[int]
    tokens: list[str]
    beats: list[str]
    start: int
    end: int
    day: date


async def seed(
    conn: Connection, *, people: int, start: int, end: int, check_in: bool = False, shift: str = "day"
) -> Mini:
    """A town of four beats, one company, and everyone on one shift [start, end), with consent and a token."""
    await _places(conn)
    numbers = await _people(conn, people)
    beats = [f"B{n}" for n in range(4)]
    day = (from_ms(start) + timedelta(hours=8)).date()
    assignments = await assign(conn, numbers, start=start, end=end, pattern=shift)
    if check_in:
        await conn.execute(
            """insert into attendance (district_id, assignment, kind, at, received_at)
            select $1, a, 'in', $3, $3 from unnest($2::bigint[]) a""",
            DISTRICT,
            assignments,
            from_ms(start),
        )
    tokens = await _tokens(conn, numbers)
    return Mini(
        people=numbers, assignments=assignments, tokens=tokens, beats=beats, start=start, end=end, day=day
    )


async def _places(conn: Connection) -> None:
    middle = hexes.at(*MIDDLE)
    cells = [middle, *hexes.neighbours(middle, RINGS)]
    await conn.execute(
        """insert into district (district_id, name, name_en, time_zone, boundary, created_at)
        values ($1, '增城区', 'Zengcheng', 'Asia/Shanghai', '{}', now())""",
        DISTRICT,
    )
    areas: list[tuple[Any, ...]] = [("T0", "town", "T0", None, None), ("S0", "station", "T0", None, None)]
    areas += [(f"B{n}", "beat", "T0", "S0", None) for n in range(4)]
    areas += [(f"G{n}", "grid", "T0", "S0", f"B{n}") for n in range(4)]
    await conn.executemany(
        """insert into area (district_id, code, kind, name, town, station, beat, lat, lon)
        values ($1, $2, $3, $2, $4, $5, $6, 23.29, 113.81)""",
        [(DISTRICT, *area) for area in areas],
    )
    rows = []
    for cell in cells:
        lat, lon = hexes.centre(cell)
        n = 2 * (lat > MIDDLE[0]) + (lon > MIDDLE[1])
        rows.append((DISTRICT, cell, "T0", "S0", f"B{n}", f"G{n}", 1 + n % 3))
    await conn.executemany("insert into cell values ($1, $2, $3, $4, $5, $6, $7)", rows)
    await conn.execute(
        """insert into shift_pattern values
        ($1, 'day', '早班', 'Day', 360, 480, 'guard', true),
        ($1, 'late', '中班', 'Late', 840, 480, 'guard', true),
        ($1, 'night', '夜班', 'Night', 1320, 480, 'guard', true)""",
        DISTRICT,
    )
    await conn.execute(
        "insert into organisation (district_id, code, name, kind) values ($1, 'C1', '安保一公司', 'company')",
        DISTRICT,
    )
    await conn.execute(
        """insert into post (district_id, code, name, beat)
        select $1, code, code || '岗', code from area
        where district_id = $1 and kind = 'beat' order by code""",
        DISTRICT,
    )


async def _people(conn: Connection, count: int) -> list[int]:
    records = await conn.fetch(
        """insert into person (district_id, organisation, name, created_at)
        select $1, o.id, '队员' || n, now() from generate_series(1, $2) n, organisation o
        where o.district_id = $1 order by n returning id""",
        DISTRICT,
        count,
    )
    numbers = [record["id"] for record in records]
    await conn.execute(
        """insert into person_role (district_id, person, role)
        select $1, p, 'guard' from unnest($2::bigint[]) p""",
        DISTRICT,
        numbers,
    )
    await conn.execute(
        """insert into consent (district_id, person, text_version, given_at)
        select $1, p, $3, now() from unnest($2::bigint[]) p""",
        DISTRICT,
        numbers,
        CONSENT,
    )
    return numbers


async def assign(
    conn: Connection, people: list[int], *, start: int, end: int, pattern: str = "day"
) -> list[int]:
    """One published duty for each, on the four beats' posts in turn."""
    day = (from_ms(start) + timedelta(hours=8)).date()
    roster = await conn.fetchval(
        """insert into roster (district_id, first_day, last_day, state, made_at, published_at)
        values ($1, $2, $2, 'published', now(), now()) returning id""",
        DISTRICT,
        day,
    )
    shift = await conn.fetchval(
        """insert into shift (district_id, pattern, duty_day, starts_at, ends_at) values ($1, $2, $3, $4, $5)
        on conflict (district_id, duty_day, pattern) do update set starts_at = $4 returning id""",
        DISTRICT,
        pattern,
        day,
        from_ms(start),
        from_ms(end),
    )
    posts = [
        record["id"]
        for record in await conn.fetch("select id from post where district_id = $1 order by code", DISTRICT)
    ]
    records = await conn.fetch(
        """insert into assignment
        (district_id, roster, person, shift, post, duty_day, starts_at, ends_at, published)
        select $1, $2, p.person, $3, ($4::bigint[])[1 + (p.n - 1) % 4], $5, $6, $7, true
        from unnest($8::bigint[]) with ordinality as p (person, n) order by p.n returning id""",
        DISTRICT,
        roster,
        shift,
        posts,
        day,
        from_ms(start),
        from_ms(end),
        people,
    )
    return [record["id"] for record in records]


async def _tokens(conn: Connection, people: list[int]) -> list[str]:
    made: list[tuple[str, SessionKey]] = [new_secret(DISTRICT) for _ in people]
    await conn.execute(
        """insert into session (district_id, secret_hash, person, kind, created_at, expires_at)
        select $1, n.hash, n.person, 'token', $4::timestamptz - interval '1 day', timestamptz '2100-01-01'
        from unnest($2::bytea[], $3::bigint[]) as n (hash, person)""",
        DISTRICT,
        [key.secret_hash for _, key in made],
        people,
        datetime.now(UTC),
    )
    return [text for text, _ in made]


async def make_person(
    conn: Connection, role: str, *, area: str | None = None, unit: str | None = None, company: bool = False
) -> tuple[int, str]:
    """One more person with a role; (id, token)."""
    number = (await _people(conn, 1))[0]
    await conn.execute(
        """update person_role set role = $3, area = $4, unit = $5,
        organisation = case when $6 then (
            select organisation from person where district_id = $1 and id = $2) end
        where district_id = $1 and person = $2""",
        DISTRICT,
        number,
        role,
        area,
        unit,
        company,
    )
    return number, (await _tokens(conn, [number]))[0]
