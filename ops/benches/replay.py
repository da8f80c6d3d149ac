"""How fast a stored day of a whole district is reckoned, played and learnt from."""

import argparse
import asyncio
import io
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from alliance.actor import Actor, Grant, OrganisationId, PersonId, Role
from alliance.areas.places import Places
from alliance.db.embedded import Embedded
from alliance.db.migrate import migrate
from alliance.db.pool import Connection, connect
from alliance.events import Tx
from alliance.forecast import learning
from alliance.patrol import copying, coverage, replay
from alliance.patrol.partitions import ensure_partitions
from alliance.times import from_ms
from geo.path import Paths
from geo.tracks import Visits
from ops.benches import cover, ground
from ops.benches.cover import HOUR, MIDNIGHT
from ops.benches.mini import DISTRICT

COLUMNS = [
    ("assignment", ">i8"),
    ("from_at", ">i8"),
    ("to_at", ">i8"),
    ("cell", ">i8"),
    ("district_id", ">i4"),
    ("duty_day", ">i4"),
    ("checkpoint", "?"),
]


def run(argv: list[str]) -> dict[str, Any]:
    parser = argparse.ArgumentParser(prog="ops/bench replay")
    parser.add_argument("--people", type=int, default=12_000)
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="alliance-bench-", dir="/tmp") as data:
        with Embedded(Path(data), tied=True) as dsn:
            return asyncio.run(_measured(dsn, args.people, args.runs))


async def _measured(dsn: str, people: int, runs: int) -> dict[str, Any]:
    conn = await connect(dsn)
    await migrate(conn)
    places = await ground.lay(conn)
    visits, fixes = cover.walked_day(Paths(places.hexes), np.random.default_rng(1), people, cover.Clock())
    await _store(conn, visits)
    actor = Actor(
        district=DISTRICT,
        person=PersonId(1),
        organisation=OrganisationId(1),
        grants=(Grant(role=Role.COMMANDER),),
    )
    end = MIDNIGHT + 24 * HOUR
    day = (from_ms(MIDNIGHT) + timedelta(hours=12)).date()
    found: dict[str, Any] = {"people": people, "fixes": fixes, "visits": len(visits), "runs": runs}
    works: dict[str, Callable[[], Awaitable[object]]] = {
        "day_coverage": lambda: coverage.between(conn, actor, places, MIDNIGHT, end),
        "day_frames": lambda: replay.frames(conn, actor, places, (MIDNIGHT, end), 600_000),
        "visits_7_days": lambda: replay.visited(conn, actor, places, from_ms(end), 7),
        "learn_day": lambda: _learn(conn, places, day),
    }
    for name, work in works.items():
        found |= await _times(name, work, runs)
    await conn.close()
    return found


async def _times(name: str, work: Callable[[], Awaitable[object]], runs: int) -> dict[str, float]:
    walls, cpus = [], []
    for _ in range(runs):
        wall, cpu = time.perf_counter(), time.process_time()
        await work()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    wall, cpu = statistics.median(walls), statistics.median(cpus)
    return {f"{name}_s": round(wall, 3), f"{name}_cpu_s": round(cpu, 3)}


async def _learn(conn: Connection, places: Places, day: Any) -> None:
    async with conn.transaction():
        await learning.learn(Tx(conn, DISTRICT), places, day, from_ms(MIDNIGHT))


async def _store(conn: Connection, visits: Visits) -> None:
    day = (from_ms(MIDNIGHT) + timedelta(hours=12)).date()
    await ensure_partitions(conn, [day])
    made = copying.blank(copying.row_type(COLUMNS), len(visits))
    made["district_id"] = DISTRICT
    made["duty_day"] = day.toordinal() - 719_163 - copying.EPOCH_DAYS
    for name in ("assignment", "from_at", "to_at", "checkpoint"):
        made[name] = getattr(visits, name)
    made["cell"] = visits.cell.astype(np.int64)
    names = [name for name, _ in COLUMNS]
    source = io.BytesIO(copying.encode(made))
    await conn.copy_to_table("visit", source=source, columns=names, format="binary")
    await conn.execute("analyze visit")
