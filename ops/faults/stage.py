"""A district on duty before the fault, and the reckoning after it."""

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from alliance.db import pool as db
from alliance.db.embedded import Embedded
from alliance.db.migrate import migrate
from ops.benches import mini
from ops.benches.mini import Mini
from ops.faults import witness
from ops.faults.crowd import Crowd
from ops.faults.service import Service

MINUTE_MS = 60_000
# Recent enough for the shortest target interval.
BEGAN_BEFORE_MS = 14 * MINUTE_MS
WARM_S = 2.0
# What memory may differ by and still be at its level: a table that grew once, the allocator's crumbs.
LEVEL_MB, LEVEL = 30.0, 1.25
SETTLE_S = 3.0


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """How often, under how many people's load, and how long between (or during) the faults."""

    times: int = 10
    people: int = 40
    seconds: float = 3.0


class Outcome(msgspec.Struct, kw_only=True):
    """`kept` are the promises particular to the fault; `sound` says that everything is as it should be."""

    fault: str
    times: int
    people: int
    acknowledged: int = 0
    stored: int = 0
    lost: int = 0
    duplicated: int = 0
    never_acknowledged: int = 0
    refused: int = 0
    live_equals_database: bool = False
    memory_before_mb: float = 0.0
    memory_after_mb: float = 0.0
    restart_needed: bool = False
    kept: dict[str, bool] = {}
    figures: dict[str, Any] = {}
    sound: bool = False


class Stage:
    """One service on one PostgreSQL, both real processes."""

    def __init__(self, folder: Path, dsn: str, crowd: Crowd, service: Service) -> None:
        self.folder = folder
        self.dsn = dsn
        self.crowd = crowd
        self.service = service
        self.memory_mb = 0.0

    async def warm(self) -> None:
        """Load as usual, then rest: the level that memory has to come back to. Then load again."""
        await self.crowd.come(self.service.port)
        self.crowd.measure()
        await asyncio.sleep(WARM_S)
        await self.rest()
        self.memory_mb = self.service.rss_mb()
        self.crowd.measure()

    async def rest(self) -> None:
        await self.crowd.settle()
        await asyncio.sleep(SETTLE_S)

    async def judge(self, name: str, wanted: Wanted, *, restarted: bool = False, **figures: Any) -> Outcome:
        """After the fault: what is stored is what was acknowledged, and the service is as it was before."""
        await self.rest()
        outcome = Outcome(
            fault=name,
            times=wanted.times,
            people=len(self.crowd.phones),
            memory_before_mb=round(self.memory_mb, 1),
            memory_after_mb=round(self.service.rss_mb(), 1),
            restart_needed=not self.service.runs() or (self.service.starts > 1 and not restarted),
            figures=figures,
        )
        await self._count(outcome)
        outcome.live_equals_database = await witness.agrees(self.dsn, self.service.port)
        return outcome

    async def _count(self, outcome: Outcome) -> None:
        conn = await db.connect(self.dsn)
        try:
            for phone in self.crowd.phones:
                sql = "select at from fix_read where district_id = $1 and assignment = $2"
                stored = [row["at"] for row in await conn.fetch(sql, mini.DISTRICT, phone.assignment)]
                outcome.acknowledged += len(phone.acknowledged)
                outcome.refused += len(phone.refused)
                outcome.stored += len(stored)
                outcome.duplicated += len(stored) - len(set(stored))
                outcome.lost += len(set(phone.acknowledged) - set(stored))
                outcome.never_acknowledged += len(set(stored) - set(phone.acknowledged))
        finally:
            await conn.close()


def sealed(outcome: Outcome, *, refuses: bool = False, **kept: bool) -> Outcome:
    """With its promises, and whether all in all it is sound; `refuses` where messages should be refused."""
    level = outcome.memory_before_mb * LEVEL + LEVEL_MB
    outcome.kept = {"memory_back": outcome.memory_after_mb <= level, **kept}
    outcome.sound = (
        outcome.acknowledged == outcome.stored > 0
        and not (outcome.lost or outcome.duplicated or outcome.never_acknowledged)
        and bool(outcome.refused) == refuses
        and outcome.live_equals_database
        and not outcome.restart_needed
        and all(outcome.kept.values())
    )
    return outcome


@asynccontextmanager
async def staged(
    wanted: Wanted, gather: Callable[[Mini], Crowd] = Crowd, **settings: str
) -> AsyncIterator[tuple[Stage, Embedded]]:
    """People on duty, sending, to a service on a PostgreSQL of ours; everything started is ended again."""
    with tempfile.TemporaryDirectory(prefix="alliance-fault-", dir="/tmp") as made:
        folder = Path(made)
        os.chmod(made, 0o711)
        postgres = Embedded(folder / "db", tied=True)
        dsn = await asyncio.to_thread(postgres.start)
        try:
            crowd = gather(await seeded(dsn, wanted.people))
            service = Service(folder, dsn, settings=settings)
            async with served(Stage(folder, dsn, crowd, service)) as stage:
                yield stage, postgres
        finally:
            await asyncio.to_thread(postgres.stop)


@asynccontextmanager
async def served(stage: Stage) -> AsyncIterator[Stage]:
    """The service runs and was used for a while."""
    await asyncio.to_thread(stage.service.start)
    try:
        await stage.warm()
        yield stage
    finally:
        await stage.crowd.go()
        await asyncio.to_thread(stage.service.stop)


async def seeded(dsn: str, people: int) -> Mini:
    conn = await db.connect(dsn)
    try:
        await migrate(conn)
        now = int(time.time() * 1000)
        start, end = now - BEGAN_BEFORE_MS, now + 60 * MINUTE_MS
        return await mini.seed(conn, people=people, start=start, end=end, check_in=True)
    finally:
        await conn.close()


def postmaster(data: Path) -> int:
    """The pid of the server below a data directory."""
    return int((data / "postgres").resolve().joinpath("cluster", "postmaster.pid").read_text().split()[0])


def servers(data: Path) -> list[int]:
    """The pids of the server and of its own processes."""
    first = postmaster(data)
    children = [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and _parent(int(entry.name)) == first
    ]
    return [first, *children]


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    except OSError:
        return 0


def signalled(pids: list[int], number: int) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue
