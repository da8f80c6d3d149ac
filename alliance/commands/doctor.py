"""alliance doctor: the settings, and what stands in the service's way."""

import asyncio
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click

import alliance
from alliance.config import Config, Unusable, listing, read, unknown
from alliance.db.migrate import applied, available, pending
from alliance.db.pool import connect
from alliance.db.reach import reach

LEAST_FREE_BYTES = 2_000_000_000
FRONT = Path(alliance.__file__).parent / "web" / "dist" / "index.html"


@click.command()
def command() -> None:
    """List every setting (secrets hidden) and check what the service needs; exit 1 if something fails."""
    config = read(os.environ)
    for line in listing(config, os.environ):
        mark = "*" if line.given else " "
        click.echo(f"{mark} {line.variable:31} {line.shown:28} {line.meaning}")
    for sentence in unknown(os.environ):
        click.echo(f"warning  {sentence}")
    failed = False
    for name, check in CHECKS.items():
        try:
            for said in check(config):
                click.echo(f"ok       {name}: {said}")
        except Unusable as problem:
            failed = True
            click.echo(f"failed   {name}: {problem}")
    sys.exit(1 if failed else 0)


def _python(config: Config) -> Iterator[str]:
    yield ".".join(map(str, sys.version_info[:3]))


def _front(config: Config) -> Iterator[str]:
    if not FRONT.is_file():
        raise Unusable("the pages are not built: run ops/run, or install a released wheel.")
    yield "built"


def _disk(config: Config) -> Iterator[str]:
    place = next(path for path in (config.data, *config.data.parents) if path.is_dir())
    free = shutil.disk_usage(place).free
    if free < LEAST_FREE_BYTES:
        raise Unusable(f"only {free / 1e9:.1f} GB are free at {place}: make room, or move ALLIANCE_DATA.")
    yield f"{free / 1e9:.0f} GB free at {place}"


def _database(config: Config) -> Iterator[str]:
    if config.database_url is None and not (config.data / "postgres").exists():
        yield "none yet; ops/run or alliance serve makes it"
        return
    with reach(config) as dsn:
        yield from asyncio.run(_state(dsn))


async def _state(dsn: str) -> list[str]:
    conn = await connect(dsn)
    try:
        version = await conn.fetchval("show server_version")
        todo = pending(available(), await applied(conn))
    finally:
        await conn.close()
    if todo:
        names = ", ".join(f"{file.number:04}_{file.name}" for file in todo)
        raise Unusable(f"not up to date, run alliance migrate: {names}.")
    return [f"PostgreSQL {version}, up to date"]


CHECKS: dict[str, Callable[[Config], Iterator[str]]] = {
    "python": _python,
    "pages": _front,
    "disk": _disk,
    "database": _database,
}
