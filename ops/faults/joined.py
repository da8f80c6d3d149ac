"""Two processes of the service, joined by NATS, under load: NATS goes and comes back, or one of them dies."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.request import urlopen

from alliance.db import pool as db
from alliance.jobs import lease
from ops.faults import witness
from ops.faults.deaths import LEAST
from ops.faults.nats import Nats
from ops.faults.service import Service
from ops.faults.stage import Outcome, Stage, Wanted, sealed, staged
from ops.faults.witness import Desk

PATIENCE_S = 30.0


@asynccontextmanager
async def two(wanted: Wanted) -> AsyncIterator[tuple[Stage, Service, Nats]]:
    """The stage's own process has the phones and holds the lease of the jobs."""
    nats = Nats()
    nats.start()
    try:
        async with staged(wanted, nats_url=nats.url) as (stage, _):
            first, other = stage.service, Service(stage.folder, stage.dsn, settings={"nats_url": nats.url})
            await asyncio.to_thread(other.start)
            try:
                await _until_said((first, other), "joined")
                yield stage, other, nats
            finally:
                for one in (first, other):
                    await asyncio.to_thread(one.stop)
    finally:
        nats.stop()


async def nats_stopped(wanted: Wanted) -> Outcome:
    """NATS is killed and started again; the phones are on one process, a desk is on the other."""
    async with two(wanted) as (stage, other, nats):
        return await _stopped(stage, other, nats, wanted)


async def holder_killed(wanted: Wanted) -> Outcome:
    """kill -9 of the process that has the phones and runs the jobs; the phones go on at the other."""
    async with two(wanted) as (stage, other, _):
        await stage.crowd.more(LEAST)
        conn = await db.connect(stage.dsn)
        try:
            held = str(await lease.holder(conn)).endswith(f":{stage.service.pid}")
            stage.service.kill()
            began = time.monotonic()
            stage.memory_mb, stage.service, stage.crowd.port = other.rss_mb(), other, other.port
            while any(phone.here for phone in stage.crowd.phones):  # noqa: ASYNC110
                await asyncio.sleep(0)
            await stage.crowd.all_here()
            back = time.monotonic() - began
            async with asyncio.timeout(2 * PATIENCE_S):
                while not str(await lease.holder(conn)).endswith(f":{other.pid}"):  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
            moved = time.monotonic() - began
        finally:
            await conn.close()
        await stage.crowd.more(LEAST)
        outcome = await stage.judge(
            "holder_killed", wanted, all_back_s=round(back, 2), lease_moved_s=round(moved, 2)
        )
        return sealed(outcome, it_held_the_lease=held)


async def _stopped(stage: Stage, other: Service, nats: Nats, wanted: Wanted) -> Outcome:
    both = (stage.service, other)
    desk = Desk(await witness.desk_token(stage.dsn))
    await desk.look(other.port, "positions")
    await desk.next("snapshot", layer="positions")
    joined = []
    for _ in range(wanted.times):
        await stage.crowd.more(LEAST)
        nats.stop()
        await _until_said(both, "away")
        await stage.crowd.more(LEAST)
        await asyncio.sleep(wanted.seconds)
        await asyncio.to_thread(nats.start)
        joined.append(await _until_said(both, "joined"))
    await stage.crowd.more(LEAST)
    outcome = await stage.judge("nats_stopped", wanted, longest_until_joined_s=max(joined))
    newest = {
        person: phone.acknowledged[-1]
        for person, phone in zip(stage.crowd.world.people, stage.crowd.phones, strict=True)
    }
    return sealed(
        outcome,
        desk_elsewhere_is_shown_everyone=all(desk.people.get(one) == at for one, at in newest.items()),
        coverage_elsewhere_equals_database=await witness.agrees(stage.dsn, other.port),
        nobody_was_cut_off=all(not phone.codes for phone in stage.crowd.phones),
    )


async def _until_said(services: tuple[Service, ...], others: str) -> float:
    """Seconds until each says so of the other processes."""
    began = time.monotonic()
    async with asyncio.timeout(PATIENCE_S):
        for service in services:
            while await asyncio.to_thread(said, service) != ("ready", others):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
    return round(time.monotonic() - began, 2)


def said(service: Service) -> tuple[str, str]:
    """Whether it is ready, and what it says of the other processes."""
    with urlopen(f"{service.address}/health/ready", timeout=10) as answer:
        told = json.loads(answer.read())
    return told["status"], told["others"]
