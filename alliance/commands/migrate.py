"""alliance migrate: bring the database up to this release."""

import asyncio
import os

import click

from alliance.config import read
from alliance.db.migrate import Migration, migrate
from alliance.db.pool import connect
from alliance.db.reach import reach


@click.command()
def command() -> None:
    """Bring the database up to this release; does nothing when it is."""
    with reach(read(os.environ), report=click.echo) as dsn:
        done = asyncio.run(run(dsn))
    for file in done:
        click.echo(f"applied {file.number:04}_{file.name}")
    click.echo("The database is up to date.")


async def run(dsn: str) -> list[Migration]:
    """Migrate the database at an address."""
    conn = await connect(dsn)
    try:
        return await migrate(conn)
    finally:
        await conn.close()
