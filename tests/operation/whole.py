"""The whole service as an operator has it: real processes on a data directory, told things by commands."""

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alliance.commands.migrate import run as migrate
from alliance.db.embedded import Embedded, running
from alliance.db.pool import connect
from ops.steps import ROOT
from tests.simulate.patrols import cast

ALLIANCE = (sys.executable, "-m", "alliance")
READY_SECONDS = 60.0


@contextmanager
def place() -> Iterator[Path]:
    """A directory that the account which runs PostgreSQL for root can enter too."""
    with tempfile.TemporaryDirectory(prefix="alliance-test-", dir="/tmp") as made:
        yield Path(made)


@contextmanager
def peopled() -> Iterator[Path]:
    """A data directory with a small district on duty."""
    with place() as data:
        with Embedded(data) as dsn:
            asyncio.run(migrate(dsn))
            asyncio.run(_fill(dsn))
        yield data


async def _fill(dsn: str) -> None:
    conn = await connect(dsn)
    await cast(conn, datetime.now(UTC))
    await conn.close()


def environment(data: Path, **settings: str) -> dict[str, str]:
    mine = {f"ALLIANCE_{name.upper()}": value for name, value in settings.items()}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ALLIANCE_")}
    kept.pop("DATABASE_URL", None)
    return {**kept, "ALLIANCE_DATA": str(data), **mine}


def told(data: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """What `alliance` answers to a command about that data."""
    return subprocess.run(
        [*ALLIANCE, *words],
        cwd=ROOT,
        env=environment(data, **settings),
        capture_output=True,
        text=True,
        timeout=120,
    )


async def asked(data: Path, sql: str, *values: Any) -> list[dict[str, Any]]:
    """Rows of the database that runs below the data directory."""
    dsn = running(data)
    assert dsn is not None, "no database runs"
    conn = await connect(dsn)
    try:
        return [dict(record) for record in await conn.fetch(sql, *values)]
    finally:
        await conn.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


class Serving:
    """`alliance serve` on one port, as often as it is started."""

    def __init__(self, data: Path, **settings: str) -> None:
        self.data = data
        self.port = free_port()
        self.log = data / "serve.log"
        self._env = environment(data, port=str(self.port), **settings)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Returns when it says that it serves."""
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*ALLIANCE, "serve"], cwd=ROOT, env=self._env, stdout=log, stderr=log
            )
        deadline = time.monotonic() + READY_SECONDS
        while " serves on " not in self.log.read_text():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def kill(self) -> None:
        """As a power cut ends it: no word to anyone."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(60)

    def __enter__(self) -> "Serving":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def postmaster(data: Path) -> int:
    """The pid of the embedded server."""
    return int((data / "postgres").resolve().joinpath("cluster", "postmaster.pid").read_text().split()[0])
