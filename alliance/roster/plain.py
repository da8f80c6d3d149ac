"""A draft filled at once by a plain plan instead of the solver, checked and kept like any other."""

import asyncio
import time
from collections.abc import Callable

from alliance.actor import DistrictId
from alliance.db.pool import Pool
from alliance.events import transaction
from alliance.roster import actions, asked, drafting
from alliance.roster.model import RosterId
from scheduler.check import check
from scheduler.problem import Problem
from scheduler.roster import Roster as Solved


async def draft(
    pool: Pool, district: DistrictId, number: RosterId, *, plan: Callable[[Problem], Solved]
) -> None:
    began = time.monotonic()
    async with pool.acquire() as conn:
        have = await actions.known(conn, district, number)
        rows = await drafting.gather(conn, district, have)
    problem = await asyncio.to_thread(asked.problem, rows)
    made = await asyncio.to_thread(plan, problem)
    found = list(await asyncio.to_thread(check, problem, made.assignments))
    async with transaction(pool, district) as tx:
        await drafting.keep(tx, have, rows, made, found, seconds=time.monotonic() - began)
