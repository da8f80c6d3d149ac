"""What the jobs do to a district, run on its real database."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from alliance.config import Config
from alliance.db.pool import Pool
from alliance.jobs import store
from alliance.jobs.runner import Runner
from alliance.jobs.work import jobs
from alliance.roster.workers import Workers
from tests import make

NOTHING_TO_DO = (
    "check_outs",
    "dispatches",
    "duty_credit",
    "lost_rosters",
    "no_shows",
    "offers",
    "standby",
    "unfit",
)


async def ran(pool: Pool, dsn: str, data: Path, names: Sequence[str]) -> dict[str, store.Run]:
    listed = jobs(Config(data=data), Workers(dsn))
    runner = Runner(pool, listed, "one", lambda: make.NOW)
    for name in names or runner.names:
        await runner.run_now(name)
    async with pool.acquire() as conn:
        return {run.job: run for run in await store.newest(conn)}


async def test_every_job_runs_on_a_fresh_district(pool: Pool, dsn: str, tmp_path: Path) -> None:
    async with pool.acquire() as conn:
        await make.district(conn)
    runs = await ran(pool, dsn, tmp_path, [])
    assert {name: run.detail for name, run in runs.items() if run.outcome != "done"} == {}
    assert {name for name, run in runs.items() if run.detail == ""} == set(NOTHING_TO_DO)


async def test_shifts_are_there_two_weeks_ahead(pool: Pool, dsn: str, tmp_path: Path) -> None:
    async with pool.acquire() as conn:
        await make.district(conn)
    await ran(pool, dsn, tmp_path, ["shifts", "shifts"])
    today = make.NOW.date()
    first, last, count = await pool.fetchrow("select min(duty_day), max(duty_day), count(*) from shift")
    assert (first, last) == (today - timedelta(days=1), today + timedelta(days=14))
    assert count == 16 * 4


async def test_partitions_wait_for_the_days_ahead(pool: Pool, dsn: str, tmp_path: Path) -> None:
    await ran(pool, dsn, tmp_path, ["partitions"])
    names = [
        name
        for (name,) in await pool.fetch("select relname from pg_class where relispartition and relkind = 'r'")
    ]
    assert f"fix_{make.NOW + timedelta(days=7):%Y%m%d}" in names
    assert f"visit_{make.NOW - timedelta(days=3):%Y%m%d}" in names


async def test_weights_follow_confirmed_incidents_but_not_finds_of_patrols(
    pool: Pool, dsn: str, tmp_path: Path
) -> None:
    helped, found = make.CELLS["b1"][0], make.CELLS["b3"][0]
    async with pool.acquire() as conn:
        await make.district(conn)
        await conn.executemany(
            """
            insert into incident (district_id, kind, state, opened_at, lat, lon, cell, by_patrol)
            values (1, 'dispute', 'confirmed', $1, 23.25, 113.65, $2, $3)
            """,
            [(make.NOW - timedelta(days=1), helped, False), (make.NOW - timedelta(days=1), found, True)],
        )
    await ran(pool, dsn, tmp_path, ["demand"])
    weights = {
        cell: sum(weights)
        for cell, weights in await pool.fetch("select cell, weights from cell_weight where district_id = 1")
    }
    assert weights[helped] > 2 * weights[found]
