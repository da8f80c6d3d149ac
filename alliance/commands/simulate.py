"""alliance simulate: patrols that move, against a running service."""

import asyncio
import contextlib
import os
import signal

import click
import uvloop

from alliance.config import Config, Unusable, read
from alliance.demo.logins import administrator, tried
from alliance.simulate.crowd import Crowd, Wanted
from alliance.simulate.desk import Desk, Login

SAY_EVERY_S = 60


@click.command()
@click.option(
    "--people", default=1200, show_default=True, type=click.IntRange(1, 12_000), help="on duty at once"
)
@click.option(
    "--speed", default=1.0, show_default=True, type=click.FloatRange(0.2, 20), help="times life's pace"
)
@click.option("--seed", default=1, show_default=True, help="of everything left to chance")
@click.option("--url", help="the service's address; without it the one of the settings")
@click.option("--login", help="an administrator's login; without it the demo's")
@click.option("--password", envvar="ALLIANCE_SIMULATE_PASSWORD", help="its password")
def command(
    people: int, speed: float, seed: int, *, url: str | None, login: str | None, password: str | None
) -> None:
    """Walk the people of the published roster through their beats until INT or TERM."""
    config = read(os.environ)
    if (login is None) != (password is None):
        raise click.UsageError("give --login and --password together")
    chosen = Login(login=login, password=password) if login and password else _demo(config)
    desk = Desk(url or _address(config), config.tls_certificate)
    # Whoever a person signs in as must not walk by themself.
    without = frozenset() if login else tried(config.logins)
    crowd = Crowd(desk, chosen, Wanted(people=people, speed=speed, seed=seed, without=without))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(crowd))


def _demo(config: Config) -> Login:
    found = administrator(config.logins)
    return Login(login=found.login, password=found.password)


def _address(config: Config) -> str:
    host = "127.0.0.1" if config.host in ("0.0.0.0", "::") else config.host
    return f"{'https' if config.tls else 'http'}://{host}:{config.port}"


async def _run(crowd: Crowd) -> None:
    running = asyncio.current_task()
    if running is None:
        raise Unusable("The simulation needs a running loop.")
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, running.cancel)
    saying = asyncio.create_task(_say(crowd))
    try:
        with contextlib.suppress(asyncio.CancelledError):
            await crowd.run()
    finally:
        saying.cancel()


async def _say(crowd: Crowd) -> None:
    while True:
        click.echo(f"{len(crowd)} people out")
        await asyncio.sleep(SAY_EVERY_S)
