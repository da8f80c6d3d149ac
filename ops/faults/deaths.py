"""The service or its database is killed or stands still, under load."""

import asyncio
import os
import random
import signal
import time

from ops.faults import witness
from ops.faults.stage import Outcome, Stage, Wanted, postmaster, sealed, servers, signalled, staged

LEAST = 300
PATIENCE_S = 5.0


async def service_killed(wanted: Wanted) -> Outcome:
    """kill -9 of the service, started again at once."""
    async with staged(wanted) as (stage, _):
        starts = []
        chance = random.Random(1)
        for _ in range(wanted.times):
            await stage.crowd.more(LEAST)
            await asyncio.sleep(wanted.seconds * chance.random())
            stage.service.kill()
            starts.append(await asyncio.to_thread(stage.service.start))
            await stage.crowd.all_here()
        await stage.crowd.more(LEAST)
        outcome = await stage.judge(
            "service_killed", wanted, restarted=True, longest_start_s=round(max(starts), 2)
        )
        everyone = all(phone.welcomes > wanted.times for phone in stage.crowd.phones)
        return sealed(outcome, everyone_came_back=everyone)


async def postgres_killed(wanted: Wanted) -> Outcome:
    """kill -9 of PostgreSQL, which recovers a second later; the service stays."""
    async with staged(wanted) as (stage, postgres):
        waits = []
        chance = random.Random(2)
        refused = set()
        for _ in range(wanted.times):
            await stage.crowd.more(LEAST)
            await asyncio.sleep(wanted.seconds * chance.random())
            os.kill(postmaster(stage.folder / "db"), signal.SIGKILL)
            await asyncio.sleep(1)
            refused.add((await witness.answer(stage.service.address, "/health/ready"))[0])
            await asyncio.to_thread(postgres.stop)
            assert await asyncio.to_thread(postgres.start) == stage.dsn
            waits.append(await _until_served(stage))
        outcome = await stage.judge("postgres_killed", wanted, longest_until_served_s=max(waits))
        return sealed(outcome, said_it_was_not_ready=refused == {503})


async def _until_served(stage: Stage) -> float:
    """Seconds until fixes are acknowledged again."""
    began = time.monotonic()
    await stage.crowd.more(LEAST)
    return round(time.monotonic() - began, 2)


async def postgres_paused(wanted: Wanted) -> Outcome:
    """SIGSTOP of PostgreSQL and all its processes for `seconds`."""
    async with staged(wanted) as (stage, _):
        await stage.crowd.more(LEAST)
        pids = servers(stage.folder / "db")
        signalled(pids, signal.SIGSTOP)
        try:
            until = time.monotonic() + wanted.seconds
            ready = await witness.answer(stage.service.address, "/health/ready", wanted.seconds)
            live = await witness.answer(stage.service.address, "/health/live")
            await asyncio.sleep(max(0.0, until - time.monotonic()))
            peak = stage.service.rss_mb()
        finally:
            signalled(pids, signal.SIGCONT)
        wait = await _until_served(stage)
        outcome = await stage.judge(
            "postgres_paused",
            wanted,
            paused_s=wanted.seconds,
            until_served_s=wait,
            peak_mb=round(peak, 1),
            not_ready_said_after_s=round(ready[1], 2),
        )
        return sealed(
            outcome,
            said_it_was_not_ready=ready[0] == 503 and ready[1] < PATIENCE_S,
            stayed_alive=live[0] == 200 and live[1] < PATIENCE_S,
            nobody_was_cut_off=all(not phone.codes for phone in stage.crowd.phones),
        )
