"""alliance serve: the service on its port."""

import asyncio
import os
import signal

import click
import msgspec

from alliance.commands.migrate import run as migrate
from alliance.config import Unusable, read
from alliance.db.reach import reach
from alliance.operation.logs import configure
from alliance.serving import serve


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 lets the system choose.")
@click.option("--host", help="Address to listen on.")
def command(port: int | None, host: str | None) -> None:
    """Bring the database up to date and serve until Ctrl-C or TERM."""
    config = read(os.environ)
    given = {name: value for name, value in (("port", port), ("host", host)) if value is not None}
    config = msgspec.structs.replace(config, **given)
    configure(config.log_level, config.log_format)
    reasons: list[str] = []

    def lost(reason: str) -> None:
        reasons.append(reason)
        os.kill(os.getpid(), signal.SIGTERM)

    with reach(config, alone=True, report=click.echo, lost=lost) as dsn:
        asyncio.run(migrate(dsn))
        serve(msgspec.structs.replace(config, database_url=dsn), _say)
    if reasons:
        raise Unusable(f"The embedded PostgreSQL ended by itself: {reasons[0]}")


def _say(address: str) -> None:
    click.echo(f"Li'an Alliance 荔安联盟 serves on {address}")
