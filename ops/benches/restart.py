"""How soon the service serves again with its live state whole, after everyone's long day on duty."""

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from alliance.areas import actions as areas
from alliance.db.embedded import Embedded
from alliance.db.migrate import migrate
from alliance.db.pool import Connection, connect
from alliance.patrol import fix_store
from alliance.patrol import tracks as stored
from alliance.patrol.fix_store import DEGREE, FixRows, day_number
from alliance.patrol.partitions import ensure_partitions
from geo import tracks
from geo.cell import Ints
from geo.path import Paths
from geo.tails import Tails
from ops.benches import mini
from ops.benches.feed_server import Server
from ops.benches.mini import DISTRICT, Mini

HOUR = 3_600_000
SOME = 2_000
FEW_STEPS = 60
# Walkers turn back at this distance from the middle, within the district's cells.
REACH_DEG = 0.015
STEP_DEG = 1.2e-5
ACCURACY_M = 8.0
# Acknowledged in the last moment, of which no visits were made: these are made once a second.
UNTOLD_MS = 1_500


def run(argv: list[str]) -> dict[str, Any]:
    parser = argparse.ArgumentParser(prog="ops/bench restart")
    parser.add_argument("--people", type=int, default=12_000)
    parser.add_argument("--hours", type=float, default=8.0)
    parser.add_argument("--every", type=int, default=5_000, help="milliseconds between a phone's fixes")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="alliance-bench-") as folder:
        data = Path(folder)
        data.chmod(0o711)
        with Embedded(data / "data", tied=True) as dsn:
            found = asyncio.run(_day(dsn, options))
            walls, cpus = _starts(dsn, data / "data", options.runs)
    return found | {
        "restart_s": round(statistics.median(walls), 2),
        "restarts_s": [round(wall, 2) for wall in walls],
        "restart_cpu_s": round(statistics.median(cpus), 2),
    }


def _starts(dsn: str, data: Path, runs: int) -> tuple[list[float], list[float]]:
    """Each time killed once it serves; the first has the visits of the last moment still to make."""
    walls, cpus = [], []
    for _ in range(runs):
        begun = time.perf_counter()
        server = Server(dsn, data)
        walls.append(time.perf_counter() - begun)
        cpus.append(server.cpu_s())
        server.kill()
    return walls, cpus


async def _day(dsn: str, options: argparse.Namespace) -> dict[str, Any]:
    conn = await connect(dsn)
    try:
        await migrate(conn)
        now = int(time.time() * 1000)
        start = now - int(options.hours * HOUR)
        world = await mini.seed(conn, people=options.people, start=start, end=now + HOUR, check_in=True)
        await ensure_partitions(conn, [world.day])
        day = Walked(conn, world, Paths((await areas.places(conn, DISTRICT)).hexes), now)
        for first in range(0, options.people, SOME):
            await day.walk(np.array(world.assignments[first : first + SOME]), options.every)
        return {"people": options.people, "fixes": day.fixes, "visits": day.visits, "runs": options.runs}
    finally:
        await conn.close()


class Walked:
    """The day as it is stored, fixes and visits."""

    def __init__(self, conn: Connection, world: Mini, paths: Paths, now: int) -> None:
        self.conn, self.world, self.paths, self.now = conn, world, paths, now
        self.rng = np.random.default_rng(1)
        self.fixes = self.visits = 0

    async def walk(self, who: Ints, every: int) -> None:
        tails = Tails(self.paths)
        offset = self.rng.integers(0, every, len(who))
        place = self.rng.uniform(-REACH_DEG, REACH_DEG, (2, len(who)))
        speed = self.rng.uniform(-STEP_DEG, STEP_DEG, (2, len(who))) * every / 1000
        for begin in range(self.world.start, self.now, every * FEW_STEPS):
            at = (begin + np.arange(FEW_STEPS)[:, None] * every + offset).ravel()
            steps = []
            for _ in range(FEW_STEPS):
                speed[np.abs(place) > REACH_DEG] *= -1
                place += speed
                steps.append(place.copy())
            lat, lon = np.concatenate(steps, axis=1)
            past = at < self.now
            await self.store(tails, np.tile(who, FEW_STEPS)[past], at[past], lat[past], lon[past])

    async def store(self, tails: Tails, who: Ints, at: Ints, north: Any, east: Any) -> None:
        lat = np.rint((mini.MIDDLE[0] + north) * DEGREE).astype(np.int64)
        lon = np.rint((mini.MIDDLE[1] + east) * DEGREE).astype(np.int64)
        none = np.zeros(len(at), dtype=np.int64)
        accuracy = np.full(len(at), ACCURACY_M)
        found = tracks.fixes(
            self.paths.index,
            assignment=who,
            at=at,
            lat=lat / DEGREE,
            lon=lon / DEGREE,
            accuracy=accuracy,
            mock=none.astype(np.bool_),
        )
        rows = FixRows(
            assignment=who,
            day=none + day_number(self.world.day),
            at=at,
            received_at=at,
            lat=lat,
            lon=lon,
            accuracy=accuracy.astype(np.float32),
            battery=none.astype(np.int16),
            flags=found.flags.astype(np.int16),
        )
        await fix_store.copy(self.conn, DISTRICT, rows)
        grown = tails.extend(found.take(at < self.now - UNTOLD_MS))
        await stored.grow(self.conn, DISTRICT, grown, dict.fromkeys(who.tolist(), self.world.day))
        self.fixes += len(at)
        self.visits += len(grown.settled)
