"""Two processes of the service, joined by NATS, which goes and comes back under load."""

import asyncio
import json
import time
from urllib.request import urlopen

from ops.faults import witness
from ops.faults.nats import Nats
from ops.faults.service import Service
from ops.faults.stage import Outcome, Stage, Wanted, sealed, staged
from ops.faults.witness import Desk

LEAST = 300
PATIENCE_S = 30.0


async def nats_stopped(wanted: Wanted) -> Outcome:
    """NATS is killed and started again; the phones are on one process, a desk is on the other."""
    nats = Nats()
    nats.start()
    try:
        async with staged(wanted, nats_url=nats.url) as (stage, _):
            other = Service(stage.folder, stage.dsn, settings={"nats_url": nats.url})
            await asyncio.to_thread(other.start)
            try:
                return await _stopped(stage, other, nats, wanted)
            finally:
                await asyncio.to_thread(other.stop)
    finally:
        nats.stop()


async def _stopped(stage: Stage, other: Service, nats: Nats, wanted: Wanted) -> Outcome:
    both = (stage.service, other)
    await _until_said(both, "joined")
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
