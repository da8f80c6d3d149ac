"""alliance restore: a backup into an empty data directory or database, compared with what it was made of."""

import asyncio
import os
from pathlib import Path

import click
import msgspec

from alliance.config import read
from alliance.db.reach import reach
from alliance.operation.backup import restore


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="empty directory; else the settings' database",
)
def command(file: Path, data: Path | None) -> None:
    """Restore FILE; compares every table's rows and every ledger with the backup before it says so."""
    config = read(os.environ)
    if data is not None:
        config = msgspec.structs.replace(config, data=data.absolute(), database_url=None)
    with reach(config, alone=True, report=click.echo) as dsn:
        found = asyncio.run(restore(dsn, file.absolute(), key=config.key, report=click.echo))
    for head in found.heads:
        click.echo(f"district {head.district}: ledger {head.n}:{head.hash}, intact")
    click.echo(
        f"{sum(found.rows.values())} rows in {len(found.rows)} tables, as on {found.at:%Y-%m-%d %H:%M:%S} UTC"
    )
    if not found.with_key and not config.key.exists():
        click.echo(f"The key was not in the backup: put it to {config.key} before the service starts.")
