"""The real service on a database of its own, as a child process that says where it listens."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from alliance.config import Config
from alliance.serving import serve

TICKS = os.sysconf("SC_CLK_TCK")
STARTING_S = 60.0


class Server:
    """Started by the constructor, on a migrated database."""

    def __init__(self, dsn: str, data: Path, *, jobs: bool = False) -> None:
        self.jobs = jobs
        self.start(dsn, data)

    def start(self, dsn: str, data: Path) -> None:
        """Again, after it was killed."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", __name__, dsn, str(data), "jobs" if self.jobs else "no jobs"],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.address = urlsplit(self.process.stdout.readline().strip())
        if self.address.port is None:
            raise RuntimeError("the service did not start")

    @property
    def port(self) -> int:
        return self.address.port or 0

    def cpu_s(self) -> float:
        """User and system seconds so far."""
        return sum(_ticks(self.process.pid)[:2]) / TICKS

    def rss_mb(self) -> float:
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024

    def kill(self) -> None:
        """As a power cut would."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STARTING_S)
        except subprocess.TimeoutExpired:
            self.kill()


def postgres_cpu_s(pid: int) -> float:
    """Seconds so far of a postmaster and its processes, those that have ended included."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return (sum(_ticks(pid)) + sum(sum(_ticks(int(child))[:2]) for child in children)) / TICKS


def proportional_mb(pid: int) -> float:
    """Memory of a postmaster and its processes, what they share counted once."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return (_proportional_kb(pid) + sum(_proportional_kb(int(child)) for child in children)) / 1024


def _proportional_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def _ticks(pid: int) -> list[int]:
    """User and system time of a process, then of its children that have ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except FileNotFoundError:
        return [0, 0, 0, 0]
    return [int(field) for field in fields[11:15]]


def main(argv: list[str]) -> None:
    config = Config(
        data=Path(argv[1]), database_url=argv[0], port=0, jobs=argv[2] == "jobs", log_level="warning"
    )
    serve(config, lambda address: print(address, flush=True))
    time.sleep(0)


if __name__ == "__main__":
    main(sys.argv[1:])
