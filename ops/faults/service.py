"""`alliance serve` as an operator runs it, on a port of its own, to be killed and started again."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from ops.steps import ROOT

READY_S = 90.0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


class Service:
    """On the database at `dsn`, or without one on the embedded one below `data`; settings by their names."""

    def __init__(
        self,
        data: Path,
        dsn: str | None = None,
        *,
        log_place: Path | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.port = free_port()
        self.log = (log_place or data) / f"serve-{self.port}.log"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ALLIANCE_")}
        kept.pop("DATABASE_URL", None)
        given = {"data": str(data), "port": str(self.port), "log_level": "warning", **(settings or {})}
        mine = {f"ALLIANCE_{name.upper()}": value for name, value in given.items()}
        self._env = kept | mine | ({} if dsn is None else {"DATABASE_URL": dsn})
        self._process: subprocess.Popen[bytes] | None = None
        self.starts = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> float:
        """Returns how many seconds it took to serve."""
        began = time.monotonic()
        with self.log.open("wb") as log:
            command = [sys.executable, "-m", "alliance", "serve"]
            self._process = subprocess.Popen(command, cwd=ROOT, env=self._env, stdout=log, stderr=log)
        self.starts += 1
        while " serves on " not in self.log.read_text():
            if not self.runs() or time.monotonic() - began > READY_S:
                raise RuntimeError(f"the service did not start: {self.log.read_text()}")
            time.sleep(0.02)
        return time.monotonic() - began

    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """As a power cut ends it."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        if self._process is not None and self.runs():
            self._process.terminate()
            try:
                self._process.wait(READY_S)
            except subprocess.TimeoutExpired:
                self.kill()

    def rss_mb(self) -> float:
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024
