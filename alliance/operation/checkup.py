"""What the doctor looks at: the disk and files of the data directory, and a database that is up."""

import os
import resource
import stat
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from pathlib import Path

from alliance.config import Config, Unusable
from alliance.db.migrate import applied, available, pending
from alliance.db.pool import Connection
from alliance.jobs.lease import holder
from alliance.jobs.runner import last_runs
from alliance.operation.backup import heads
from alliance.patrol.partitions import PARTITIONED, attached

CheckDatabase = Callable[[Connection, datetime], Awaitable[str]]

LEAST_FILES = 1_024
FEW_FILES = 16_384
FSYNCS = 40
SLOW_FSYNC_S = 0.02
# Half of what clocks of phones may be ahead of the service's.
CLOCKS_APART = timedelta(seconds=60)
NEXT_DAYS = 2


def files(config: Config) -> str:
    """A connection is a file to the system."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    unlimited = most == resource.RLIM_INFINITY
    if not unlimited and most < LEAST_FILES:
        raise Unusable(f"only {most} files may be open, one for each phone: raise the limit (ulimit -n).")
    few = not unlimited and most < FEW_FILES
    shown = "as many as there are" if unlimited else str(most)
    return f"{shown} may be open" + (", one for each phone: raise it for a whole district" if few else "")


def rights(config: Config) -> str:
    """Nobody else may read keys and passwords."""
    if not config.data.is_dir():
        return f"{config.data} is made at the first start"
    if not os.access(config.data, os.W_OK | os.X_OK):
        raise Unusable(f"{config.data} can't be written: change its owner, or set ALLIANCE_DATA.")
    for path in (config.key, config.logins, config.tls_key, config.data / "tls" / "lan.key"):
        if path is not None and path.is_file() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise Unusable(f"{path} can be read by others: chmod 600 {path}")
    return f"{config.data} is the owner's alone where it must be"


def fsync(config: Config) -> str:
    """Nothing is acknowledged before the disk has it, so this is the least that every batch waits."""
    if not config.data.is_dir():
        return "not measured: there is no data directory yet"
    probe = config.data / f".fsync-{os.getpid()}"
    try:
        spans = sorted(_fsyncs(probe))
    except OSError as error:
        raise Unusable(f"{config.data} can't be written: {error.strerror}.") from error
    finally:
        probe.unlink(missing_ok=True)
    middle, worst = statistics.median(spans), spans[-1]
    slow = "; slow: acknowledgements wait for it" if middle > SLOW_FSYNC_S else ""
    return f"{middle * 1000:.1f} ms, at worst {worst * 1000:.1f} ms, of {FSYNCS}{slow}"


def _fsyncs(probe: Path) -> list[float]:
    spans = []
    with probe.open("xb", buffering=0) as file:
        for _ in range(FSYNCS):
            file.write(b"\0" * 8192)
            began = time.perf_counter()
            os.fsync(file.fileno())
            spans.append(time.perf_counter() - began)
    return spans


async def migrations(conn: Connection, now: datetime) -> str:
    version = await conn.fetchval("show server_version")
    todo = pending(available(), await applied(conn))
    if todo:
        names = ", ".join(f"{file.number:04}_{file.name}" for file in todo)
        raise Unusable(f"not up to date, run alliance migrate: {names}.")
    return f"PostgreSQL {version}, up to date"


async def clock(conn: Connection, now: datetime) -> str:
    """Check-ins are judged by the service's clock, leases by the database's."""
    theirs: datetime = await conn.fetchval("select clock_timestamp()")
    apart = abs(theirs - now)
    if apart > CLOCKS_APART:
        raise Unusable(
            f"this machine's clock and the database's are {apart.total_seconds():.0f} s apart: "
            "set both by NTP."
        )
    return f"{apart.total_seconds():.1f} s from the database's"


async def chains(conn: Connection, now: datetime) -> str:
    """The ends only; `alliance ledger verify` walks everything."""
    found = [f"district {head.district} {head.n}:{head.hash}" for head in await heads(conn)]
    return ", ".join(found) or "none yet"


async def partitions(conn: Connection, now: datetime) -> str:
    """The next days' tables; without them the first fix of a day has to make its own."""
    names = await attached(conn)
    last = {table: _last_day(names, table) for table in PARTITIONED}
    if not any(last.values()):
        return "none yet; the service makes them when it starts"
    wanted = now.date() + timedelta(days=NEXT_DAYS)
    runs = await holder(conn) is not None
    for table, day in last.items():
        if runs and (day is None or day < wanted):
            raise Unusable(f"{table} has tables up to {day} only, though a node runs the jobs: see its log.")
    return ", ".join(f"{table} up to {day}" for table, day in last.items())


def _last_day(names: dict[str, str], table: str) -> date | None:
    days = [name.rsplit("_", 1)[1] for name, parent in names.items() if parent == table]
    return max((date.fromisoformat(day) for day in days), default=None)


async def jobs(conn: Connection, now: datetime) -> str:
    newest = await last_runs(conn)
    failed = [run for run in newest if run.outcome == "failed"]
    if failed:
        raise Unusable("; ".join(f"{run.job} failed on {run.started_at:%m-%d %H:%M}" for run in failed) + ".")
    node = await holder(conn)
    said = f"{len(newest)} ran, none of them failed" if newest else "none ran yet"
    return f"{said}; {f'{node} runs them' if node else 'no node runs them now'}"


DATABASE: dict[str, CheckDatabase] = {
    "database": migrations,
    "clock": clock,
    "ledger": chains,
    "partitions": partitions,
    "jobs": jobs,
}
