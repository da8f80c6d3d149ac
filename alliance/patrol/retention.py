"""What is too old goes: fixes by whole partitions, visits per person once the cells' totals are kept."""

from datetime import date, timedelta

import asyncpg

from alliance.db.pool import Connection
from alliance.patrol import scan_store
from alliance.patrol.partitions import attached

PATIENCE = "2s"


async def expire_positions(conn: Connection, today: date, *, fix_days: int, visit_days: int) -> list[str]:
    """Detach and drop the partitions of duty days out of time; names what went. Needs no open transaction."""
    last = {"fix": today - timedelta(days=fix_days), "visit": today - timedelta(days=visit_days)}
    gone = []
    for name, table in sorted((await attached(conn)).items()):
        day = _day(name)
        if day >= last[table]:
            continue
        if table == "visit":
            await _keep_totals(conn, day)
            await scan_store.expire(conn, day)
        await _detach(conn, table, name)
        await conn.execute(f"drop table {name}")
        gone.append(name)
    return gone


def _day(partition: str) -> date:
    digits = partition.rsplit("_", 1)[1]
    return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))


async def _keep_totals(conn: Connection, day: date) -> None:
    """Safe to run again: the totals of a day are what its visits say."""
    await conn.execute(
        """
        insert into cell_day (district_id, duty_day, cell, visits, dwell_s)
        select district_id, duty_day, cell, count(*), sum(to_at - from_at) / 1000
        from visit where duty_day = $1 group by district_id, duty_day, cell
        on conflict (district_id, duty_day, cell) do update
        set visits = excluded.visits, dwell_s = excluded.dwell_s
        """,
        day,
    )


async def _detach(conn: Connection, table: str, name: str) -> None:
    """Without holding up writers where the server can; else under a short lock that the next run retries."""
    try:
        await conn.execute(f"alter table {table} detach partition {name} concurrently")
    except asyncpg.FeatureNotSupportedError:
        async with conn.transaction():
            await conn.execute(f"set local lock_timeout = '{PATIENCE}'")
            await conn.execute(f"alter table {table} detach partition {name}")
    except asyncpg.ObjectNotInPrerequisiteStateError:
        # A run that was cut off left it half detached.
        await conn.execute(f"alter table {table} detach partition {name} finalize")
