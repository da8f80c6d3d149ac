"""A disk that is full: the embedded PostgreSQL's file system, filled up under load, then with room again."""

import asyncio
import contextlib
import ctypes
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg

from alliance.config import Unusable
from alliance.db import pool as db
from alliance.db.embedded import Embedded, running
from ops.faults import witness
from ops.faults.crowd import Crowd
from ops.faults.deaths import LEAST
from ops.faults.service import Service
from ops.faults.stage import Outcome, Stage, Wanted, sealed, seeded, served

SIZE_MB = 260
CHUNK = bytes(1 << 20)
LIBC = ctypes.CDLL(None, use_errno=True)
DETACHED = 2


@contextlib.contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """A file system of its own in memory; mounting it takes root."""
    with tempfile.TemporaryDirectory(prefix="alliance-disk-", dir="/tmp") as made:
        options = f"size={megabytes}m,mode=711".encode()
        if LIBC.mount(b"tmpfs", made.encode(), b"tmpfs", 0, options) != 0:
            reason = os.strerror(ctypes.get_errno())
            raise Unusable(f"full_disk mounts a small file system, which this system refuses: {reason}.")
        try:
            yield Path(made)
        finally:
            LIBC.umount2(made.encode(), DETACHED)


def mountable() -> bool:
    """Whether this system lets us mount one."""
    try:
        with small_disk(1):
            return True
    except Unusable:
        return False


async def full_disk(wanted: Wanted) -> Outcome:
    """Not a byte is left for `seconds`; then there is room again."""
    with small_disk(SIZE_MB) as disk, tempfile.TemporaryDirectory() as elsewhere:
        with Embedded(disk) as dsn:
            world = await seeded(dsn, wanted.people)
        service = Service(disk, log_place=Path(elsewhere))
        async with served(Stage(disk, dsn, Crowd(world), service)) as stage:
            await stage.crowd.more(LEAST)
            token = await witness.desk_token(stage.dsn)
            seen = await _filled(stage, wanted.seconds, token)
            wait = await _until_served(stage)
            outcome = await stage.judge(
                "full_disk", wanted, full_s=wanted.seconds, until_served_s=wait, database_ended=seen.ended
            )
            outcome.figures["writes"] = sorted(seen.writes)
            return sealed(
                outcome,
                writes_refused_politely=503 in seen.writes and seen.writes <= {200, 503},
                stayed_alive=seen.live == {200},
                ready_when_there_was_room=(await witness.answer(service.address, "/health/ready"))[0] == 200,
                it_was_full=seen.stalled and seen.ended,
            )


class Seen:
    """What the service said while the disk was full."""

    def __init__(self) -> None:
        self.writes: set[int] = set()
        self.live: set[int] = set()
        self.ended = False
        self.stalled = False


async def _filled(stage: Stage, seconds: float, token: str) -> Seen:
    """Whatever becomes free meanwhile is taken too."""
    seen = Seen()
    ballast = stage.folder / "ballast"
    given = False
    until = time.monotonic() + seconds
    half = until - seconds / 2
    while time.monotonic() < until:
        await asyncio.to_thread(_fill, ballast)
        if not seen.ended and time.monotonic() > half:
            await _needs_log(stage.dsn)
        acknowledged = stage.crowd.acknowledged()
        seen.live.add((await witness.answer(stage.service.address, "/health/live"))[0])
        given = not given
        status = await witness.wrote(stage.service.address, token, given=given)
        if stage.crowd.acknowledged() == acknowledged:
            seen.stalled = True
            seen.writes.add(status)
        seen.ended |= running(stage.folder) is None
        await asyncio.sleep(0.2)
    ballast.unlink()
    return seen


async def _needs_log(dsn: str) -> None:
    """Makes PostgreSQL want a new segment of its write-ahead log, without which it can't go on."""
    with contextlib.suppress(Unusable, asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        conn = await db.connect(dsn)
        try:
            await conn.execute("select pg_logical_emit_message(false, 'fault', 'x'), pg_switch_wal()")
        finally:
            await conn.close(timeout=1)


def _fill(ballast: Path) -> None:
    with ballast.open("ab", buffering=0) as file:
        size = len(CHUNK)
        while size >= 4096:
            try:
                file.write(CHUNK[:size])
            except OSError:
                size //= 4


async def _until_served(stage: Stage) -> float:
    began = time.monotonic()
    await stage.crowd.more(LEAST)
    return round(time.monotonic() - began, 2)
