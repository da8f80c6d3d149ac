"""The process that fills one draft or checks one before publishing: `python -m alliance.roster.worker`."""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import cast, get_args

import asyncpg
from msgspec import structs

from alliance.actor import DistrictId
from alliance.db.pool import Connection, Pool, open_pool
from alliance.events import transaction
from alliance.roster import asked, drafting, explaining, making, reserve, store
from alliance.roster.model import Progress, Roster, RosterId
from alliance.roster.workers import DSN, Order
from alliance.times import to_ms
from scheduler import ahead
from scheduler.check import Violation, check
from scheduler.roster import Roster as Solved
from scheduler.solve import Budget, solve
from scheduler.solve import Progress as Reached

BEAT_S = 1.0
# The database restarts; what was solved meanwhile is not given up.
GONE = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.exceptions.OperatorInterventionError,
)
STORE_TRIES = 30
NEAR, PATIENCE_S = 0.001, 75.0
# Turns of some neighbours, and over the whole: few by themselves, where asked for until time or gap end them.
RENEWALS, AS_LONG_AS_IT_TAKES, TURNS = 1_000, 1_000_000, 20


class Alive:
    """Says every second that the work goes on, and learns there when it was called off or is good enough."""

    def __init__(self, pool: Pool, district: DistrictId, number: RosterId) -> None:
        self.phase = "gathering"
        self.called_off = self.enough = False
        self.reached: Reached | None = None
        self._pool, self._district, self._number = pool, district, number

    async def beat(self) -> None:
        """On through a restart of the database."""
        while not self.called_off:
            with contextlib.suppress(*GONE):
                stop = await store.set_progress(self._pool, self._district, self._number, self._now())
                self.called_off, self.enough = stop is None, bool(stop)
            await asyncio.sleep(BEAT_S)

    def hear(self, reached: Reached) -> None:
        self.reached = reached

    def _now(self) -> Progress:
        beat, reached = to_ms(datetime.now(UTC)), self.reached
        if reached is None:
            return Progress(phase=self.phase, beat=beat)
        return Progress(
            phase=self.phase,
            step=reached.phase,
            beat=beat,
            incumbent=reached.incumbent,
            bound=reached.bound,
            gap=reached.gap,
        )


async def draft(pool: Pool, district: DistrictId, number: RosterId) -> None:
    async with pool.acquire() as conn:
        have = await _wanted(conn, district, number)
    alive = Alive(pool, district, number)
    beating = asyncio.create_task(alive.beat())
    try:
        await _draft(pool, district, have, alive)
    except Exception as error:
        async with transaction(pool, district) as tx:
            await making.mark_lost(tx, number, f"{type(error).__name__}: {error}"[:2000], datetime.now(UTC))
        raise
    finally:
        beating.cancel()


async def _draft(pool: Pool, district: DistrictId, have: Roster, alive: Alive) -> None:
    began = time.monotonic()
    async with pool.acquire() as conn:
        rows = await drafting.gather(conn, district, have)
        start = await drafting.stood(conn, district, have)
    problem = await asyncio.to_thread(asked.problem, rows)
    while ahead.compiling() and not alive.called_off:
        alive.phase = "preparing"
        await asyncio.sleep(BEAT_S)
    alive.phase = "solving"
    solved = await asyncio.to_thread(
        solve, problem, _budget(have), start=start, stop=_flag(alive), told=alive.hear
    )
    alive.phase = "checking"
    found = list(await asyncio.to_thread(check, problem, solved.assignments))
    if alive.called_off:
        return
    alive.phase = "storing"
    await _store(pool, district, have, rows, solved=solved, found=found, began=began)
    if solved.bound is not None and solved.shortfalls:
        remedied = await asyncio.to_thread(explaining.remedied, problem, solved)
        await explaining.keep(pool, district, have.id, remedied)


async def _store(
    pool: Pool,
    district: DistrictId,
    have: Roster,
    rows: asked.Rows,
    *,
    solved: Solved,
    found: list[Violation],
    began: float,
) -> None:
    seconds = time.monotonic() - began
    for tries_left in range(STORE_TRIES, 0, -1):
        try:
            async with transaction(pool, district) as tx:
                locked = await store.locked(tx.conn, district, have.id)
                if locked is not None and locked.state is have.state:
                    await drafting.keep(tx, have, rows, solved, found, seconds=seconds)
            return
        except GONE:
            if tries_left == 1:
                raise
            await asyncio.sleep(BEAT_S)


def _budget(have: Roster) -> Budget:
    """With a bound asked for, on until near to it; without, at once."""
    asked_for = have.progress.asked
    plain = Budget(seed=have.seed, legal_sweeps=asked_for.sweeps, bound_steps=asked_for.bound_steps)
    if not asked_for.bound_steps:
        return plain
    unasked = asked_for.seconds is None and asked_for.gap is None
    return structs.replace(
        plain,
        guided=True,
        renewals=RENEWALS if unasked else AS_LONG_AS_IT_TAKES,
        exact_turns=1 if unasked else TURNS,
        gap=NEAR if asked_for.gap is None else asked_for.gap,
        seconds=PATIENCE_S if asked_for.seconds is None else asked_for.seconds,
    )


def _flag(alive: Alive) -> Callable[[], bool]:
    """Who is content with the best so far wants one that is a roster at all."""
    return lambda: alive.called_off or (alive.enough and alive.reached is not None)


async def _wanted(conn: Connection, district: DistrictId, number: RosterId) -> Roster:
    have = await store.roster(conn, district, number)
    if have is None:
        raise SystemExit(f"no roster {number} in district {district}")
    return have


async def _main(order: Order, district: DistrictId, number: RosterId) -> None:
    pool = await open_pool(os.environ[DSN], size=3)
    try:
        if order == "draft":
            await draft(pool, district, number)
        elif order == "standby":
            await asyncio.to_thread(ahead.wait)
            async with pool.acquire() as conn:
                have = await _wanted(conn, district, number)
            await reserve.choose(pool, district, have, datetime.now(UTC))
        else:
            async with pool.acquire() as conn:
                await drafting.recheck(conn, district, await _wanted(conn, district, number))
    finally:
        await pool.close()


def main(arguments: list[str]) -> None:
    order, district, number = arguments
    if order not in get_args(Order):
        raise SystemExit(f"usage: worker {'|'.join(get_args(Order))} DISTRICT ROSTER")
    asyncio.run(_main(cast(Order, order), DistrictId(int(district)), RosterId(int(number))))


if __name__ == "__main__":
    main(sys.argv[1:])
