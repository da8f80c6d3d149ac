"""The SQL of the jobs' runs."""

from datetime import datetime

import asyncpg
import msgspec

from alliance.db import rows
from alliance.jobs.lease import INSTALLATION


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """The newest run of a job; `outcome` is None while it runs."""

    job: str
    node: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None
    detail: str


async def begin(pool: asyncpg.Pool, job: str, node: str, now: datetime) -> int:
    return int(
        await pool.fetchval(
            "insert into job_run (district_id, job, node, started_at) values ($1, $2, $3, $4) returning id",
            INSTALLATION,
            job,
            node,
            now,
        )
    )


async def end(pool: asyncpg.Pool, run: int, now: datetime, outcome: str, detail: str) -> None:
    await pool.execute(
        "update job_run set ended_at = $3, outcome = $4, detail = $5 where district_id = $1 and id = $2",
        INSTALLATION,
        run,
        now,
        outcome,
        detail,
    )


async def drop_idle(pool: asyncpg.Pool, job: str, before: int) -> None:
    """The earlier runs in which there was nothing to do."""
    await pool.execute(
        """
        delete from job_run
        where district_id = $1 and job = $2 and id < $3 and outcome = 'done' and detail = ''
        """,
        INSTALLATION,
        job,
        before,
    )


async def close_lost(pool: asyncpg.Pool, node: str, now: datetime) -> None:
    """Close what a holder that is gone left open."""
    await pool.execute(
        """
        update job_run set ended_at = $3, outcome = 'lost', detail = 'the node that ran it is gone'
        where district_id = $1 and ended_at is null and node <> $2
        """,
        INSTALLATION,
        node,
        now,
    )


async def newest(conn: asyncpg.Connection) -> list[Run]:
    records = await conn.fetch(
        """
        select distinct on (job) job, node, started_at, ended_at, outcome, detail
        from job_run where district_id = $1 order by job, started_at desc, id desc
        """,
        INSTALLATION,
    )
    return rows.many(records, Run)


async def drop_before(conn: asyncpg.Connection, before: datetime) -> None:
    await conn.execute("delete from job_run where district_id = $1 and ended_at < $2", INSTALLATION, before)
