"""Two service processes on one PostgreSQL, joined by NATS: anyone anywhere sees everything."""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.request import urlopen

import msgspec
import pytest

from alliance.areas import actions as areas
from alliance.db import pool as db
from alliance.events import transaction
from alliance.jobs import lease
from alliance.patrol import checkpoints
from alliance.patrol.checkpoints import NewCheckpoint
from geo import track
from ops.benches import mini
from ops.benches.mini import DISTRICT, MIDDLE, Mini
from ops.faults import witness
from ops.faults.joined import said
from ops.faults.nats import Nats
from ops.faults.service import Service
from ops.faults.witness import Desk

MINUTE = 60_000
SETTLE_S = 30.0


class Guard:
    """A phone that sends when it is told to, and hears its acks."""

    def __init__(self, world: Mini, n: int) -> None:
        self.desk = Desk(world.tokens[n])
        self.person, self.assignment = world.people[n], world.assignments[n]
        self.at = world.start + MINUTE
        self.seq = 0

    async def join(self, port: int, **hello: Any) -> dict[str, Any]:
        self.desk.leave()
        return await self.desk.join(port, **hello)

    async def walk(self, count: int = 10) -> None:
        """Some fixes, a third of a minute apart; acknowledged."""
        fixes = []
        for _ in range(count):
            self.at += 20_000
            lat = MIDDLE[0] + self.seq * 1e-4
            fixes.append([self.at, lat, MIDDLE[1], 8.0])
        self.seq += 1
        self.desk.say(type="fixes", seq=self.seq, assignment=self.assignment, fixes=fixes)
        await self.desk.next("ack", 20, seq=self.seq)


class Cluster(msgspec.Struct, kw_only=True):
    """Two processes, A and B."""

    dsn: str
    world: Mini
    nats: Nats
    a: Service
    b: Service

    async def desk(self, service: Service, *layers: str) -> Desk:
        desk = Desk(await witness.desk_token(self.dsn))
        await desk.look(service.port, *layers)
        for layer in layers:
            await desk.next("snapshot", layer=layer)
        return desk

    async def both(self, others: str) -> None:
        """Until both say so of each other."""
        await until(lambda: all(said(one) == ("ready", others) for one in (self.a, self.b)))


async def until(true: Any) -> None:
    async with asyncio.timeout(SETTLE_S):
        while not await asyncio.to_thread(true):  # noqa: ASYNC110
            await asyncio.sleep(0.2)


async def until_agreed(cluster: Cluster) -> None:
    """Both desks' coverage is the database's, and the visits are those of the definition."""
    async with asyncio.timeout(SETTLE_S):
        while True:
            services = (cluster.a, cluster.b)
            agreed = [await witness.agrees(cluster.dsn, one.port) for one in services if one.runs()]
            if all(agreed) and await as_defined(cluster):
                return
            await asyncio.sleep(0.5)


async def as_defined(cluster: Cluster) -> bool:
    conn = await db.connect(cluster.dsn)
    try:
        index = (await areas.places(conn, DISTRICT)).hexes
        for one in cluster.world.assignments:
            fixes = await conn.fetch("select at, lat, lon from fix_read where assignment = $1", one)
            rows = await conn.fetch(
                "select cell, from_at, to_at from visit where assignment = $1 and not checkpoint", one
            )
            way = [track.Fix(at=f["at"], lat=f["lat"] / 1e7, lon=f["lon"] / 1e7, accuracy=8.0) for f in fixes]
            have = {(f"{row['cell']:x}", row["from_at"], row["to_at"]) for row in rows}
            if have != {(visit.cell, visit.from_at, visit.to_at) for visit in track.visits(way, index)}:
                return False
    finally:
        await conn.close()
    return True


@pytest.fixture(scope="module")
def cluster(feed_dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """For all tests of this file, each with guards of its own; the last of them kills a process."""
    world = asyncio.run(seed(feed_dsn))
    place = tmp_path_factory.mktemp("cluster")
    nats = Nats()
    settings = {"nats_url": nats.url, "key_file": str(place / "key"), "database_connections": "6"}
    services = [Service(place, feed_dsn, settings=settings) for _ in "ab"]
    try:
        nats.start()
        for service in services:
            service.start()
        yield Cluster(dsn=feed_dsn, world=world, nats=nats, a=services[0], b=services[1])
    finally:
        for service in services:
            service.stop()
        nats.stop()


async def seed(dsn: str) -> Mini:
    conn = await db.connect(dsn)
    try:
        await conn.execute("truncate district, fix, visit, visit_stale, cell_day, job_lease cascade")
        now = int(time.time() * 1000)
        return await mini.seed(conn, people=7, start=now - 14 * MINUTE, end=now + 60 * MINUTE, check_in=True)
    finally:
        await conn.close()


async def test_watchers_anywhere_see_what_comes_in_anywhere(cluster: Cluster) -> None:
    await cluster.both("joined")
    here, there = Guard(cluster.world, 0), Guard(cluster.world, 1)
    await here.join(cluster.a.port)
    await there.join(cluster.b.port)
    desks = [await cluster.desk(one, "positions", "coverage") for one in (cluster.a, cluster.b)]
    await asyncio.gather(here.walk(30), there.walk(30))
    for desk in desks:
        for guard in (here, there):
            await desk.sees(guard.person, guard.at)
    await until_agreed(cluster)
    here.desk.say(type="check_out", key="out", assignment=here.assignment, at=here.at)
    await here.desk.next("ack", key="out")
    for desk in desks:
        told = await desk.next("event", kind="checked_out")
        assert told["data"]["person"] == here.person
        await desk.loses(here.person)
    there.desk.say(type="sos", key="help", at=there.at)
    for desk in desks:
        await desk.next("event", kind="sos_raised")
    # Whoever was on A goes on at B, and is told what was missed.
    event = (await there.join(cluster.b.port))["event"]
    await there.join(cluster.a.port, since=event - 1)
    assert (await there.desk.next("event"))["id"] == event
    await there.walk(10)
    await desks[1].sees(there.person, there.at)
    await until_agreed(cluster)


async def test_a_phone_that_changes_over_and_back_has_the_same_visits(cluster: Cluster) -> None:
    guard = Guard(cluster.world, 2)
    for service in (cluster.a, cluster.b, cluster.a):
        await guard.join(service.port)
        await guard.walk(8)
        await asyncio.sleep(1.2)
        await guard.walk(2)
    await until_agreed(cluster)


async def test_without_nats_each_goes_on_and_with_it_all_is_whole_again(cluster: Cluster) -> None:
    here, there = Guard(cluster.world, 3), Guard(cluster.world, 4)
    await here.join(cluster.a.port)
    await there.join(cluster.b.port)
    desk = await cluster.desk(cluster.b, "positions")
    await here.walk(10)
    await desk.sees(here.person, here.at)
    cluster.nats.stop()
    await cluster.both("away")
    await asyncio.gather(here.walk(20), there.walk(20))
    await desk.sees(there.person, there.at)
    assert await metric(cluster.b, "alliance_bus_joined") == 0
    cluster.nats.start()
    await cluster.both("joined")
    await desk.sees(here.person, here.at)
    await until_agreed(cluster)


async def test_a_scan_told_to_one_is_live_in_both_and_taken_back_in_both(cluster: Cluster) -> None:
    guard = Guard(cluster.world, 6)
    await guard.join(cluster.a.port)
    await guard.walk(5)
    key = await checkpoint(cluster, MIDDLE[0] + 0.01, MIDDLE[1])
    guard.desk.say(type="scan", key="scan", checkpoint=key, at=guard.at)
    told = await guard.desk.next("ack", key="scan")
    assert told["result"]["assignment"] == guard.assignment
    await until_agreed(cluster)
    assert await scans(cluster) == [(guard.at, guard.at)]
    # Checked out at the other, before the scan: what came after is gone.
    await guard.join(cluster.b.port)
    guard.desk.say(type="check_out", key="out6", assignment=guard.assignment, at=guard.at - 30_000)
    await guard.desk.next("ack", key="out6")
    await until_agreed(cluster)
    assert await scans(cluster) == []


async def checkpoint(cluster: Cluster, lat: float, lon: float) -> str:
    """The key of a new one."""
    pool = await db.open_pool(cluster.dsn, size=1)
    now = datetime.now(UTC)
    try:
        async with transaction(pool, DISTRICT) as tx:
            wanted = NewCheckpoint(name="水闸", lat=lat, lon=lon)
            made = await checkpoints.make(tx, witness.COMMAND, wanted, now)
            (code,) = await checkpoints.sheet(tx.conn, witness.COMMAND, [made.id], "https://a.example")
    finally:
        await pool.close()
    return code.link.rpartition("=")[2]


async def scans(cluster: Cluster) -> list[tuple[int, int]]:
    """The visits that are scans."""
    conn = await db.connect(cluster.dsn)
    try:
        found = await conn.fetch("select from_at, to_at from visit where checkpoint")
    finally:
        await conn.close()
    return [(row["from_at"], row["to_at"]) for row in found]


async def test_a_killed_process_is_made_up_for_by_the_other(cluster: Cluster) -> None:
    conn = await db.connect(cluster.dsn)
    try:
        holder = await lease.holder(conn) or ""
        victim = next(one for one in (cluster.a, cluster.b) if holder.endswith(f":{one.pid}"))
        other = cluster.b if victim is cluster.a else cluster.a
        guard = Guard(cluster.world, 5)
        await guard.join(victim.port)
        await guard.walk(20)
        victim.kill()
        killed = time.monotonic()
        await guard.join(other.port)
        await guard.walk(10)
        await until_agreed(cluster)
        while await lease.holder(conn) != holder.rsplit(":", 1)[0] + f":{other.pid}":
            assert time.monotonic() - killed < 2 * lease.LASTS.total_seconds()
            await asyncio.sleep(0.2)
    finally:
        await conn.close()


async def metric(service: Service, name: str) -> float:
    def read() -> str:
        with urlopen(f"{service.address}/metrics", timeout=10) as answer:
            return str(answer.read().decode())

    (line,) = [line for line in (await asyncio.to_thread(read)).splitlines() if line.startswith(f"{name} ")]
    return float(line.split()[1])
