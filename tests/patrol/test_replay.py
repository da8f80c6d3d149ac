"""A past day over HTTP: frames to play, coverage by shift and grid, and where patrols have been."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alliance.actor import PersonId
from alliance.patrol.partitions import ensure_partitions
from geo import cell as hexes
from geo.cell import Cell
from tests.make import CELLS, NOW
from tests.service import Service, running
from tests.world import World, world

MINUTE = 60_000
HOUR = 60 * MINUTE
NOON = int(NOW.timestamp() * 1000)


class Past:
    """The guard was in b1's first cell from 10:00 to 10:30 and from 11:50 on; each interval is an hour."""

    def __init__(self, service: Service, known: World) -> None:
        self.service, self.known = service, known

    async def get(self, who: str, path: str) -> Any:
        answer = await self.service.ask("GET", path, await self.service.token(self.person(who)))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def person(self, who: str) -> PersonId:
        return self.known.people[who]


@pytest.fixture
async def past(dsn: str, tmp_path: Path) -> AsyncIterator[Past]:
    async with running(dsn, tmp_path) as service:
        async with service.pool.acquire() as conn:
            known = await world(conn)
            await ensure_partitions(conn, [NOW.date(), NOW.date() - timedelta(days=1)])
            assignment = await conn.fetchval(
                "select id from assignment where district_id = 1 and person = $1", known.people["guard"]
            )
            await conn.executemany(
                """
                insert into visit (district_id, duty_day, assignment, from_at, to_at, cell)
                values (1, $1, $2, $3, $4, $5)
                """,
                [
                    (NOW.date(), assignment, NOON - a * MINUTE, NOON - b * MINUTE, hexes.to_int(Cell(cell)))
                    for a, b, cell in ((120, 90, CELLS["b1"][0]), (10, 0, CELLS["b1"][0]))
                ],
            )
        yield Past(service, known)


async def test_a_past_window_is_played_in_frames(past: Past) -> None:
    window = f"/replay?from={NOON - 3 * HOUR}&to={NOON}&step={30 * MINUTE}"
    areas = await past.get("commander", "/cells?layer=areas")
    place = areas["cells"].index(CELLS["b1"][0])
    made = await past.get("commander", window)
    # Covered from 10:00 for an hour after 10:30, so at 10:00, 10:30 and 11:00, not at 11:30.
    assert made["on"] == [[], [], [place], [], [], []]
    assert made["off"] == [[], [], [], [], [], [place]]
    assert made["coverage"] == pytest.approx([0, 0, 1 / 6, 1 / 6, 1 / 6, 0], abs=1e-4)
    assert (made["from"], made["step"]) == (NOON - 3 * HOUR, 30 * MINUTE)
    assert (await past.get("officer", window))["coverage"][2] == pytest.approx(1 / 4, abs=0.01)
    assert (await past.get("stranger", window))["on"] == [[]] * 6
    assert "person" not in str(made)


async def test_what_can_not_be_played_is_refused(past: Past) -> None:
    token = await past.service.token(past.person("commander"))
    for query, field in (
        (f"from={NOON}&to={NOON}", "from"),
        (f"from={NOON - 24 * HOUR}&to={NOON}&step=1000", "step"),
        (f"from={NOON - 24 * HOUR * 16}&to={NOON}&step={HOUR}", "from"),
        (f"from={NOON - 24 * HOUR}&to={NOON}&step={MINUTE}", "step"),
    ):
        answer = await past.service.ask("GET", f"/replay?{query}", token)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
        assert field in answer.json()["detail"]


async def test_a_period_has_its_duty_shifts_and_grids(past: Past) -> None:
    found = await past.get("commander", f"/cells?layer=coverage&from={NOON - 8 * HOUR}&to={NOON}")
    # In the trial district the night ends and the early shift begins at six: noon is six hours later.
    assert [(one["pattern"], one["to"] - one["from"]) for one in found["shifts"]] == [
        ("night", 2 * HOUR),
        ("early", 6 * HOUR),
    ]
    covered = 100 * MINUTE / (6 * HOUR)
    assert [one["coverage"] for one in found["shifts"]] == pytest.approx([0, covered / 6], abs=1e-4)
    grids = {one["code"]: one["coverage"] for one in found["areas"] if one["kind"] == "grid"}
    assert grids == pytest.approx({"g1": 100 * MINUTE / (8 * HOUR) / 2, "g2": 0, "g3": 0}, abs=1e-4)


async def test_where_patrols_have_been_in_the_last_days(past: Past) -> None:
    async with past.service.pool.acquire() as conn:
        day = NOW.date() - timedelta(days=1)
        kept = hexes.to_int(Cell(CELLS["b3"][0]))
        await conn.execute(
            "insert into cell_day (district_id, duty_day, cell, visits, dwell_s) values (1, $1, $2, 4, 800)",
            day,
            kept,
        )
        # A day that was summed up counts by its sums alone.
        await conn.execute(
            """
            insert into visit (district_id, duty_day, assignment, from_at, to_at, cell)
            values (1, $1, 1, 5, 90000, $2)
            """,
            day,
            kept,
        )
    found = await past.get("commander", "/cells?layer=visits&days=5")
    told = {
        cell: (visits, seconds)
        for cell, visits, seconds in zip(found["cells"], found["visits"], found["dwell_s"], strict=True)
        if visits
    }
    assert told == {CELLS["b1"][0]: (2, 2400), CELLS["b3"][0]: (4, 800)}
    assert found["first_day"] == (NOW.date() - timedelta(days=5)).isoformat()
    assert set((await past.get("officer", "/cells?layer=visits"))["cells"]) == {*CELLS["b1"], *CELLS["b2"]}
