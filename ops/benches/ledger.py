"""How fast credit is chained, proved untouched, and summed up for a month."""

import argparse
import asyncio
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from alliance import events
from alliance.actor import Actor, Code, Grant, OrganisationId, PersonId, Role
from alliance.credit import ledger, months, reading
from alliance.credit.model import Draft, Period, SourceKind
from alliance.credit.total_store import Wanted
from alliance.db.embedded import Embedded
from alliance.db.migrate import migrate
from alliance.db.pool import Pool, connect, open_pool
from ops.benches import mini

NOW = datetime(2026, 11, 30, 4, tzinfo=UTC)
FIRST, DAYS = date(2026, 10, 1), 61
MONTH = Wanted(first=date(2026, 11, 1), last=date(2026, 11, 30))
PEOPLE = 12_000
BATCH = 500
SINGLE = 200

T = TypeVar("T")


class Clock:
    """Wall and own CPU seconds of each piece of work, by name."""

    def __init__(self) -> None:
        self.wall: dict[str, list[float]] = {}
        self.cpu: dict[str, list[float]] = {}

    async def measure(self, name: str, work: Callable[[], Awaitable[T]]) -> T:
        wall, cpu = time.perf_counter(), time.process_time()
        result = await work()
        self.wall.setdefault(name, []).append(time.perf_counter() - wall)
        self.cpu.setdefault(name, []).append(time.process_time() - cpu)
        return result


def run(argv: list[str]) -> dict[str, Any]:
    parser = argparse.ArgumentParser(prog="ops/bench ledger")
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args(argv)
    clock = Clock()
    with tempfile.TemporaryDirectory(prefix="alliance-bench-", dir="/tmp") as data:
        with Embedded(Path(data), tied=True) as dsn:
            for number in range(args.runs):
                asyncio.run(_once(dsn, f"run_{number}", args.entries, clock))
    return _figures(clock, args.entries)


def _figures(clock: Clock, entries: int) -> dict[str, Any]:
    wall = {name: statistics.median(taken) for name, taken in clock.wall.items()}
    cpu = {name: statistics.median(taken) for name, taken in clock.cpu.items()}
    return {
        "entries": entries,
        "append_per_s": round(entries / wall["append"]),
        "append_cpu_us": round(cpu["append"] / entries * 1e6, 1),
        "single_per_s": round(SINGLE / wall["single"]),
        "verify_per_s": round((entries + SINGLE) / wall["verify"]),
        "verify_cpu_us": round(cpu["verify"] / (entries + SINGLE) * 1e6, 1),
        "month_report_ms": round(wall["month"] * 1e3, 1),
        "month_by_person_ms": round(wall["person"] * 1e3, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


async def _once(dsn: str, name: str, entries: int, clock: Clock) -> None:
    """A fresh database, filled as the jobs fill it, walked, and summed as the monthly report does."""
    conn = await connect(dsn)
    await conn.execute(f"create database {name}")
    await conn.close()
    pool = await open_pool(
        urlsplit(dsn)._replace(path=f"/{name}").geturl().replace(":///", "://@/", 1), size=2
    )
    try:
        drafts = await _drafts(pool, entries + SINGLE)
        await clock.measure("append", lambda: _append(pool, drafts[:entries], BATCH))
        await clock.measure("single", lambda: _append(pool, drafts[entries:], 1))
        async with pool.acquire() as conn:
            await conn.execute("analyze ledger")
            verdict = await clock.measure("verify", lambda: ledger.verify(conn, mini.DISTRICT))
        if verdict.broken is not None or verdict.entries != entries + SINGLE:
            raise RuntimeError(f"the ledger isn't as it was written: {verdict}")
        await clock.measure("month", lambda: _report(pool))
        await clock.measure("person", lambda: _totals(pool, "person", None))
    finally:
        await pool.close()


async def _drafts(pool: Pool, count: int) -> list[Draft]:
    """Two months of duties and incidents, in the order of their days."""
    rng = random.Random(1)
    start = int(NOW.timestamp() * 1000)
    async with pool.acquire() as conn:
        await migrate(conn)
        district = await mini.seed(conn, people=PEOPLE, start=start - 36_000_000, end=start)
        company = OrganisationId(await conn.fetchval("select min(id) from organisation"))
    days = sorted(rng.randrange(DAYS) for _ in range(count))
    return [
        _draft(rng, n, FIRST + timedelta(days=day), company, district.people) for n, day in enumerate(days)
    ]


def _draft(rng: random.Random, n: int, day: date, company: OrganisationId, people: Sequence[int]) -> Draft:
    beat = rng.randrange(4)
    return Draft(
        person=PersonId(rng.choice(people)),
        organisation=company,
        grid=Code(f"G{beat}"),
        beat=Code(f"B{beat}"),
        station=Code("S0"),
        town=Code("T0"),
        duty_day=day,
        kind="duty" if n % 8 else "incident",
        amount=rng.randrange(50, 900),
        rule_set=1,
        source_kind=SourceKind.ASSIGNMENT if n % 8 else SourceKind.INCIDENT,
        source=n,
        actor=None,
        note="值勤 duty 7.50 h · 轨迹 tracked",
    )


async def _append(pool: Pool, drafts: Sequence[Draft], at_once: int) -> None:
    for first in range(0, len(drafts), at_once):
        async with events.transaction(pool, mini.DISTRICT) as tx:
            await months.append(tx, drafts[first : first + at_once], NOW)


async def _report(pool: Pool) -> None:
    """What a month's report sums: by organisation, station, beat, kind and day."""
    for by in ("organisation", "station", "beat", "kind"):
        await _totals(pool, by, None)
    await _totals(pool, "kind", "day")


async def _totals(pool: Pool, by: Any, per: Period | None) -> None:
    commander = Actor(
        district=mini.DISTRICT,
        person=PersonId(0),
        organisation=OrganisationId(0),
        grants=(Grant(role=Role.COMMANDER),),
    )
    async with pool.acquire() as conn:
        await reading.totals(conn, commander, by, per=per, wanted=MONTH)
