"""alliance demo: a made-up Zengcheng to try everything with."""

import asyncio
import os
import time
from datetime import UTC, datetime, timedelta
from functools import partial

import click

from alliance.access.passwords import Passwords
from alliance.areas import actions as areas
from alliance.commands.migrate import run as migrate
from alliance.config import Config, Unusable, read
from alliance.db.pool import Pool, open_pool
from alliance.db.reach import reach
from alliance.demo import seeding
from alliance.demo.nearest import nearest_first
from alliance.demo.seeding import Seed
from alliance.demo.tried import patrol_logins
from alliance.people.sealed import open_seal
from alliance.roster import plain
from alliance.roster.ensure import ensure_rosters
from alliance.roster.workers import Workers

DAYS = 0


@click.command()
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0), help="of everything made up")
@click.option("--days", default=DAYS, show_default=True, type=click.IntRange(0, 13),
              help="days after today with a roster at once; a job makes the rest of the week")  # fmt: skip
def command(seed: int, days: int) -> None:
    """Seed the demo district: areas, 25,000 people, 90 days of calls, posts, and the first rosters."""
    config = read(os.environ)
    began = time.monotonic()
    with reach(config, report=click.echo) as dsn:
        asyncio.run(migrate(dsn))
        asyncio.run(_seed(dsn, config, seed, days))
    click.echo(f"The demo district is ready after {time.monotonic() - began:.1f} s; logins: {config.logins}")


async def _seed(dsn: str, config: Config, seed: int, days: int) -> None:
    pool = await open_pool(dsn, size=3)
    passwords = Passwords(config.login_threads)
    try:
        if await _has(pool):
            raise Unusable("There is a demo district in this database already.")
        now = datetime.now(UTC)
        seal = open_seal(config.key, make=True)
        given = Seed(seed=seed, now=now, logins=config.logins, seal=seal, passwords=passwords)
        await seeding.seed(pool, given, click.echo)
        last = await _rosters(pool, Workers(dsn), given, days)
        click.echo(f"rosters published up to {given.today + timedelta(days=last)}")
    finally:
        passwords.close()
        await pool.close()


async def _rosters(pool: Pool, workers: Workers, given: Seed, days: int) -> int:
    """The first rosters, and a day more when no guard or volunteer to be tried has a duty in them.

    The solver, which a fresh checkout compiles for a minute, is waited for only where days ahead
    are asked for.
    """
    make = workers.make if days else partial(plain.draft, pool, plan=nearest_first)
    for more in (0, 1):
        await ensure_rosters(pool, make, seeding.NUMBER, given.now, days=days + more, bounded=False)
        await _analyze(pool)
        if await patrol_logins(
            pool, seeding.NUMBER, given.logins, given.passwords, zone=seeding.ZONE, now=given.now
        ):
            return days + more
    raise Unusable("No guard or volunteer has a duty in the first rosters: try another --seed.")


async def _analyze(pool: Pool) -> None:
    """Or the first minute's queries are planned blindly."""
    async with pool.acquire() as conn:
        await conn.execute("analyze")


async def _has(pool: Pool) -> bool:
    async with pool.acquire() as conn:
        return seeding.NUMBER in await areas.districts(conn)
