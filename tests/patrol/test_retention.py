"""Old positions go with their partitions; what a cell was visited stays."""

from datetime import date, timedelta

from alliance.db.pool import Connection, Pool
from alliance.patrol.partitions import attached, ensure_partitions, pack
from alliance.patrol.retention import expire_positions

TODAY = date(2026, 3, 4)
CELL = 0x89411525A87FFFF


async def visited(conn: Connection, day: date, start: int, end: int) -> None:
    await conn.execute(
        """
        insert into visit (assignment, from_at, to_at, cell, district_id, duty_day)
        values (7, $1, $2, $3, 1, $4)
        """,
        start,
        end,
        CELL,
        day,
    )


async def test_fixes_go_after_thirty_days_and_visits_after_a_hundred_and_eighty(pool: Pool) -> None:
    days = [TODAY - timedelta(days=n) for n in (0, 30, 31, 180, 181)]
    async with pool.acquire() as conn:
        await ensure_partitions(conn, days)
        gone = await expire_positions(conn, TODAY, fix_days=30, visit_days=180)
        left = sorted(await attached(conn))
    assert gone == ["fix_20250904", "fix_20250905", "fix_20260201", "visit_20250904"]
    assert left == [
        *("fix_20260202", "fix_20260304"),
        *("visit_20250905", "visit_20260201", "visit_20260202", "visit_20260304"),
    ]


async def test_the_cells_totals_stay(pool: Pool) -> None:
    old = TODAY - timedelta(days=200)
    async with pool.acquire() as conn:
        await ensure_partitions(conn, [old, TODAY])
        await visited(conn, old, 0, 12_000)
        await visited(conn, old, 60_000, 90_000)
        await visited(conn, TODAY, 0, 5_000)
        await expire_positions(conn, TODAY, fix_days=30, visit_days=180)
        totals = await conn.fetch("select duty_day, cell, visits, dwell_s from cell_day")
        assert [tuple(row) for row in totals] == [(old, CELL, 2, 42)]
        assert await conn.fetchval("select count(*) from visit") == 1


async def test_an_ended_day_s_key_is_packed(pool: Pool) -> None:
    size = "select pg_relation_size('fix_20260304_once')"
    async with pool.acquire() as conn:
        await ensure_partitions(conn, [TODAY])
        for turn in range(60):
            await conn.execute(
                """
                insert into fix (assignment, ms, delay_ms, district_id, duty_day, lat, lon, accuracy,
                                 battery, flags)
                select a, $1, 0, 1, $2, 0, 0, 0, -1, 0 from generate_series(1, 1000) a
                """,
                turn,
                TODAY,
            )
        before = await conn.fetchval(size)
        assert await pack(conn, [TODAY, TODAY + timedelta(days=40)]) == 1
        assert await conn.fetchval(size) < 0.8 * before
        assert await conn.fetchval("select count(*) from fix") == 60_000
