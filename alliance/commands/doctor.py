"""alliance doctor: the settings, and what stands in the service's way."""

import asyncio
import os
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import click

import alliance
from alliance.bus import reachable
from alliance.config import Config, Unusable, listing, read, unknown
from alliance.db.pool import connect
from alliance.db.reach import reach
from alliance.operation import checkup

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
    sound = [_examine(name, check, config) for name, check in MACHINE.items()]
    sound.append(_examine_database(config))
    sys.exit(0 if all(sound) else 1)


def _examine(name: str, check: Callable[[Config], str], config: Config) -> bool:
    try:
        _say(name, check(config))
    except Unusable as problem:
        _say(name, str(problem), failed=True)
        return False
    return True


def _say(name: str, said: str, *, failed: bool = False) -> None:
    click.echo(f"{'failed' if failed else 'ok':8} {name}: {said}")


def _python(config: Config) -> str:
    return ".".join(map(str, sys.version_info[:3]))


def _front(config: Config) -> str:
    if not FRONT.is_file():
        raise Unusable("the pages are not built: run ops/run, or install a released wheel.")
    return "built"


def _disk(config: Config) -> str:
    place = next(path for path in (config.data, *config.data.parents) if path.is_dir())
    free = shutil.disk_usage(place).free
    if free < LEAST_FREE_BYTES:
        raise Unusable(f"only {free / 1e9:.1f} GB are free at {place}: make room, or move ALLIANCE_DATA.")
    return f"{free / 1e9:.0f} GB free at {place}"


def _examine_database(config: Config) -> bool:
    if config.database_url is None and not (config.data / "postgres").exists():
        _say("database", "none yet; ops/run or alliance serve makes it")
        return True
    try:
        with reach(config) as dsn:
            return asyncio.run(_ask(dsn))
    except (Unusable, OSError, asyncpg.PostgresError) as problem:
        _say("database", f"can't be reached: {problem}", failed=True)
        return False


async def _ask(dsn: str) -> bool:
    """Everything about a database that is up to date; of one that isn't, only that."""
    conn = await connect(dsn)
    sound = True
    try:
        for name, check in checkup.DATABASE.items():
            try:
                _say(name, await check(conn, datetime.now(UTC)))
            except Unusable as problem:
                _say(name, str(problem), failed=True)
                sound = False
                if check is checkup.migrations:
                    break
    finally:
        await conn.close()
    return sound


def _nats(config: Config) -> str:
    if config.nats_url is None:
        return "not used: one process serves alone"
    try:
        asyncio.run(reachable(config.nats_url))
    except (OSError, TimeoutError) as error:
        raise Unusable(
            f"NATS can't be reached ({type(error).__name__}): check ALLIANCE_NATS_URL and that it runs; "
            "until then each process goes on by itself."
        ) from error
    return "reachable"


MACHINE: dict[str, Callable[[Config], str]] = {
    "python": _python,
    "pages": _front,
    "disk": _disk,
    "files": checkup.files,
    "rights": checkup.rights,
    "fsync": checkup.fsync,
    "nats": _nats,
}
