"""alliance backup: everything in the database into one verified file, while the service runs."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

import click

from alliance.config import Unusable, read
from alliance.db.reach import reach
from alliance.operation.backup import backup
from alliance.version import VERSION


@click.command()
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--with-key", is_flag=True, help="put the key of the encrypted numbers into the file as well")
def command(out: Path, *, with_key: bool) -> None:
    """Write a consistent snapshot of everything to OUT and read it back; the service goes on meanwhile."""
    config = read(os.environ)
    key = config.key if with_key else None
    if key is not None and not key.is_file():
        raise Unusable(f"There is no key at {key}: leave --with-key out, or set ALLIANCE_KEY_FILE.")
    with reach(config) as dsn:
        made = asyncio.run(
            backup(dsn, out.absolute(), release=VERSION, now=datetime.now(UTC), key=key, report=click.echo)
        )
    for head in made.heads:
        click.echo(f"district {head.district}: ledger {head.n}:{head.hash}, events to {head.event}")
    click.echo(
        f"{sum(made.rows.values())} rows in {len(made.rows)} tables, {out.stat().st_size:,} bytes: {out}"
    )
    if not with_key:
        click.echo(f"The key {config.key} is not in it: keep a copy of it in another place.")
