"""Runs the jobs by the clock while this node holds the lease, and keeps each run's start, end and outcome."""

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

import asyncpg
import msgspec
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.date import DateTrigger

from alliance.jobs import store
from alliance.jobs.lease import RENEW, Lease

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]


def node_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """`work(pool, now)` returns one line that says what it did; it must be safe to run again at any time.

    Of a `quiet` job that had nothing to do (an empty line) only the newest such run is kept.
    """

    name: str
    trigger: BaseTrigger
    work: Callable[[asyncpg.Pool, datetime], Awaitable[str]]
    at_start: bool = False
    quiet: bool = False


class Runner:
    """Start it in the service's event loop; `stop` waits for running jobs, then frees the lease."""

    def __init__(self, pool: asyncpg.Pool, jobs: Sequence[Job], node: str, clock: Clock) -> None:
        self._pool = pool
        self._jobs = {job.name: job for job in jobs}
        self._clock = clock
        self._lease = Lease(pool, node)
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._running: dict[str, asyncio.Task[None]] = {}
        self._keeper: asyncio.Task[None] | None = None

    def start(self) -> None:
        for job in self._jobs.values():
            self._scheduler.add_job(
                self._fire, job.trigger, args=[job.name], id=job.name, coalesce=True, misfire_grace_time=300
            )
        self._scheduler.start()
        self._keeper = asyncio.create_task(self._keep(), name="job lease")

    async def stop(self, patience_s: float = 10) -> None:
        if self._keeper is None:
            return
        self._scheduler.shutdown(wait=False)
        self._keeper.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._keeper
        if self._running:
            _, late = await asyncio.wait(self._running.values(), timeout=patience_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await self._lease.release()

    @property
    def names(self) -> list[str]:
        return list(self._jobs)

    @property
    def holds_lease(self) -> bool:
        return self._lease.held

    def next_runs(self) -> dict[str, datetime | None]:
        return {job.id: job.next_run_time for job in self._scheduler.get_jobs()}

    async def run_now(self, name: str) -> None:
        """Run one job to its end whoever holds the lease: for commands and for tests."""
        await self._run(self._jobs[name])

    async def _keep(self) -> None:
        while True:
            try:
                if await self._lease.renew():
                    log.info("job lease taken", extra={"node": self._lease.node})
                    await store.close_lost(self._pool, self._lease.node, self._clock())
                    self._run_first()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("job lease not renewed: %s", type(error).__name__)
            await asyncio.sleep(RENEW.total_seconds())

    def _run_first(self) -> None:
        for job in self._jobs.values():
            if job.at_start:
                self._scheduler.add_job(self._fire, DateTrigger(), args=[job.name], misfire_grace_time=300)

    async def _fire(self, name: str) -> None:
        if not self._lease.held or name in self._running:
            return
        task = asyncio.create_task(self._run(self._jobs[name]), name=f"job {name}")
        self._running[name] = task
        task.add_done_callback(lambda _: self._running.pop(name, None))

    async def _run(self, job: Job) -> None:
        try:
            run = await store.begin(self._pool, job.name, self._lease.node, self._clock())
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("job %s could not begin (%s)", job.name, type(error).__name__)
            return
        try:
            outcome, detail = "done", await job.work(self._pool, self._clock())
        except asyncio.CancelledError:
            outcome, detail = "lost", "the service stopped"
        except Exception as error:
            log.exception("job %s failed", job.name)
            outcome, detail = "failed", f"{type(error).__name__}: {error}"[:2000]
        with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await store.end(self._pool, run, self._clock(), outcome, detail)
            if job.quiet and not detail:
                await store.drop_idle(self._pool, job.name, run)


async def last_runs(conn: asyncpg.Connection) -> list[store.Run]:
    """Each job's newest run."""
    return await store.newest(conn)
