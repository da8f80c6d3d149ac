"""alliance admin create: the first administrator of a district, by prompt."""

import asyncio
import os
from datetime import UTC, datetime

import click

from alliance.access.founding import found
from alliance.access.passwords import Passwords, weakness
from alliance.actor import DistrictId
from alliance.config import Unusable, read
from alliance.db.pool import open_pool
from alliance.db.reach import reach
from alliance.errors import Refused


@click.group()
def command() -> None:
    """Administrators."""


@command.command()
@click.option(
    "--district", type=click.IntRange(1), help="Number of the district; needed where there are several."
)
@click.option("--name", prompt="Name 姓名", help="The administrator's own name.")
@click.option("--login", prompt="Login 登录名", help="What is typed to sign in.")
@click.password_option(prompt="Password 密码", help="Better typed at the prompt than given here.")
def create(district: int | None, name: str, login: str, password: str) -> None:
    """Make an administrator, with a login; refuses weak passwords."""
    weak = weakness(password, login, name)
    if weak:
        raise Refused("bad_request", weak)
    config = read(os.environ)
    with reach(config, report=click.echo) as dsn:
        made = asyncio.run(_create(dsn, config.login_threads, district, (name, login, password)))
    click.echo(f"{name} may sign in to district {made} as {login}.")


async def _create(dsn: str, threads: int, district: int | None, who: tuple[str, str, str]) -> DistrictId:
    pool = await open_pool(dsn, size=2)
    passwords = Passwords(threads)
    name, login, password = who
    try:
        return await found(
            pool,
            district,
            name=name,
            login=login,
            password=password,
            passwords=passwords,
            now=datetime.now(UTC),
        )
    except Refused as refused:
        raise Unusable(refused.detail) from refused
    finally:
        passwords.close()
        await pool.close()
