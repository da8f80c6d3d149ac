"""The first administrator, made from the shell before anybody can sign in."""

from datetime import datetime

from alliance import events
from alliance.access import actions
from alliance.access.passwords import Passwords
from alliance.actor import DistrictId
from alliance.db.pool import Pool
from alliance.people import founding


async def found(
    pool: Pool,
    district: int | None,
    *,
    name: str,
    login: str,
    password: str,
    passwords: Passwords,
    now: datetime,
) -> DistrictId:
    """An administrator with a login, in the district that is named or the only one; answers which."""
    async with pool.acquire() as conn:
        number = await actions.the_district(conn, district)
    async with events.transaction(pool, number) as tx:
        person = await founding.administrator(tx, name, now)
        await actions.put_login(tx, person, login=login, password=password, passwords=passwords, now=now)
    return number
