"""The forecast over HTTP: learnt from what is stored, for those whose beats it is."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alliance.actor import DistrictId, PersonId
from alliance.areas import actions as areas
from alliance.db.pool import Connection
from alliance.events import transaction
from alliance.forecast import learning
from alliance.jobs.work import habits
from alliance.patrol.partitions import ensure_partitions
from geo import cell as hexes
from geo.cell import Cell
from tests.make import CELLS, NOW
from tests.service import Service, running
from tests.world import World, world

HOUR = 3_600_000


@pytest.fixture
async def service(dsn: str, tmp_path: Path) -> AsyncIterator[Service]:
    async with running(dsn, tmp_path) as service:
        yield service


async def seeded(service: Service) -> World:
    """The world, with a yesterday on which the guard came half an hour late and the stranger didn't come."""
    async with service.pool.acquire() as conn:
        known = await world(conn)
        await conn.execute(
            """
            insert into need (district_id, post, pattern, minimum, desired, certified)
            select district_id, id, 'early', 2, 2, 0 from post
            """
        )
        await yesterday(conn, [known.people["guard"], known.people["stranger"]])
        await walked(conn, known.people["guard"])
    return known


YESTERDAY = NOW.date() - timedelta(days=1)


async def yesterday(conn: Connection, people: list[PersonId]) -> None:
    """The same duties a day before."""
    await ensure_partitions(conn, [YESTERDAY])
    shift = await conn.fetchval(
        """
        insert into shift (district_id, pattern, duty_day, starts_at, ends_at)
        select 1, 'early', $1, starts_at - interval '1 day', ends_at - interval '1 day'
        from shift where district_id = 1 limit 1 returning id
        """,
        YESTERDAY,
    )
    await conn.execute(
        """
        insert into assignment (district_id, roster, person, shift, post, duty_day, starts_at, ends_at,
                                published)
        select 1, roster, person, $1, post, $2, starts_at - interval '1 day', ends_at - interval '1 day', true
        from assignment where district_id = 1 and person = any($3::bigint[])
        """,
        shift,
        YESTERDAY,
        people,
    )


async def walked(conn: Connection, person: PersonId) -> None:
    """Half an hour late, then every ten minutes five in one of the beat's two cells."""
    came = await conn.fetchrow(
        """
        insert into attendance (district_id, assignment, kind, at, received_at)
        select 1, id, 'in', starts_at + interval '30 minutes', starts_at from assignment
        where district_id = 1 and duty_day = $1 and person = $2 returning assignment, at
        """,
        YESTERDAY,
        person,
    )
    start = int(came["at"].timestamp() * 1000)
    await conn.executemany(
        """
        insert into visit (district_id, duty_day, assignment, from_at, to_at, cell)
        values (1, $1, $2, $3::bigint, $3::bigint + 300000, $4)
        """,
        [
            (YESTERDAY, came["assignment"], start + n * 600_000, hexes.to_int(Cell(CELLS["b1"][n % 2])))
            for n in range(6)
        ],
    )


async def test_the_forecast_is_of_ones_own_beats(service: Service) -> None:
    known = await seeded(service)
    said = await habits(service.pool, service.clock.now)
    assert said == "28 days learnt"
    assert await habits(service.pool, service.clock.now) == "8 days learnt"
    found: dict[str, dict[str, Any]] = {}
    for who, person in known.people.items():
        token = await service.token(person, 2 if who.startswith("foreign") else 1)
        answer = await service.ask("GET", "/forecast", token)
        assert answer.status_code == 200, answer.text
        found[who] = answer.json()
    beats = {who: {one["beat"] for one in shown["beats"]} for who, shown in found.items()}
    assert beats["commander"] == {"b1", "b2", "b3"}
    assert beats["chief"] == {"b1", "b2"}
    assert "b1" in beats["officer"]
    assert "b3" not in beats["manager"] | beats["guard"] | beats["volunteer"] | beats["observer"]
    shown = found["commander"]
    assert (shown["days"], len(shown["hours"])) == (14, 12)
    assert shown["hours"][1] - shown["hours"][0] == HOUR
    b1 = next(one for one in shown["beats"] if one["beat"] == "b1")
    # Two guards of b1 are hours overdue: nobody expects them any more. The shift ends in two hours.
    assert b1["planned"][:3] == [2, 1.8, 0]
    assert b1["needed"][:3] == [2, 2, 0]
    assert max(b1["expected"]) < 0.1
    assert b1["cold"] == list(range(12))


async def test_a_day_is_kept_by_cell_with_its_rounds(service: Service) -> None:
    await seeded(service)
    await habits(service.pool, service.clock.now)
    async with service.pool.acquire() as conn:
        places = await areas.places(conn, DistrictId(1))
        learnt = await learning.learnt(conn, places, service.clock.now)
        totals = await conn.fetch(
            "select cell, visits, dwell_s, sessions, session_s from cell_day order by cell"
        )
    # Each of two cells was come to three times; within the hour that is one round from the first to the last.
    assert [tuple(row)[1:] for row in totals] == [(3, 900, 1, 2700), (3, 900, 1, 2700)]
    assert {hexes.from_int(row["cell"]) for row in totals} == set(CELLS["b1"])
    assert learnt.present_h.tolist() == pytest.approx([7.5, 0, 0])
    assert learnt.late.tolist()[6] == 1
    assert sum((one.planned, one.came) == (1, 0) for one in learnt.attendance) == 1
    # Learnt again after its visits were dropped, the day keeps its totals.
    async with transaction(service.pool, DistrictId(1)) as tx:
        await tx.conn.execute("delete from visit")
        await learning.learn(tx, places, YESTERDAY, service.clock.now)
        assert await tx.conn.fetchval("select count(*) from cell_day") == 2
