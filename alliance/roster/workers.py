"""The workers that a process starts for its drafts, without the solver's weight in that process."""

import asyncio
import contextlib
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Literal

from alliance.actor import DistrictId
from alliance.roster.model import RosterId

DSN = "ALLIANCE_WORKER_DSN"
Order = Literal["draft", "check", "standby"]


def environ(dsn: str) -> dict[str, str]:
    """The worker's environment; the address goes here, as command lines are visible to every user."""
    return {**os.environ, DSN: dsn}


def command(order: Order, district: DistrictId, number: RosterId) -> list[str]:
    return [sys.executable, "-m", "alliance.roster.worker", order, str(district), str(number)]


# What to do when a draft's worker ended without finishing: by exit code.
Lost = Callable[[DistrictId, RosterId, int], Awaitable[None]]


class Workers:
    """The workers that this process started; `stop` ends those that still run."""

    def __init__(self, dsn: str, lost: Lost | None = None) -> None:
        self._dsn = dsn
        self._lost = lost
        self._drafts: set[asyncio.Task[None]] = set()
        self._processes: set[asyncio.subprocess.Process] = set()
        self._stopping = False

    def draft(self, district: DistrictId, number: RosterId) -> None:
        """Begin in the background; what becomes of it is written into the roster."""
        task = asyncio.create_task(self._draft(district, number), name=f"roster {number}")
        self._drafts.add(task)
        task.add_done_callback(self._drafts.discard)

    async def _draft(self, district: DistrictId, number: RosterId) -> None:
        code = await self.run("draft", district, number)
        if code != 0 and self._lost is not None:
            await self._lost(district, number, code)

    async def make(self, district: DistrictId, number: RosterId) -> int:
        """Fill a draft and wait for it."""
        return await self.run("draft", district, number)

    async def run(self, order: Order, district: DistrictId, number: RosterId) -> int:
        """Start a worker and wait for its exit code; it ends with us."""
        process = await asyncio.create_subprocess_exec(
            *command(order, district, number), env=environ(self._dsn), stdin=asyncio.subprocess.DEVNULL
        )
        self._processes.add(process)
        try:
            code = await process.wait()
            if self._stopping:
                raise asyncio.CancelledError
            return code
        finally:
            self._processes.discard(process)
            if process.returncode is None:
                await _end(process)

    def pids(self) -> list[int]:
        """Of those that run now."""
        return sorted(process.pid for process in self._processes)

    async def stop(self) -> None:
        """End them at once; what they were making is reported as lost."""
        self._stopping = True
        for task in self._drafts:
            task.cancel()
        await asyncio.gather(*self._drafts, *map(_end, list(self._processes)), return_exceptions=True)


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), 5)
    except TimeoutError:
        process.kill()
