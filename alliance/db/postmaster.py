"""A PostgreSQL server process: launched or found, waited for, stopped."""

import ctypes
import os
import pwd
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from alliance.config import Unusable
from alliance.db.program import Account

POLL_SECONDS = 0.05
REPORT_SECONDS = 10.0
LOG_BYTES = 10_000_000
TAIL_BYTES = 4_000
STATUS_LINE = 7  # of postmaster.pid, counted from 0
SET_PARENT_DEATH_SIGNAL = 1
FULL = "the disk is full"
LIBC = ctypes.CDLL(None)

Report = Callable[[str], None]


class Postmaster:
    """A server's main process; `child` where we launched it, None where we found it running."""

    def __init__(
        self, pid: int, cluster: Path, log: Path, report: Report, child: subprocess.Popen[bytes] | None
    ) -> None:
        self.pid = pid
        self._cluster = cluster
        self._log = log
        self._report = report
        self._child = child
        self._log_start = log.stat().st_size if child is not None and log.exists() else 0

    def ready(self) -> bool:
        """Whether it takes connections."""
        return _pid(self._cluster) == self.pid and _status(self._cluster) == "ready"

    def alive(self) -> bool:
        """Whether the process still runs."""
        if self._child is not None:
            return self._child.poll() is None
        return _serves(self.pid, self._cluster)

    def blocked_by_orphans(self) -> bool:
        """Whether it refused to start because processes of a killed predecessor are still there."""
        while self.alive() and _pid(self._cluster) != self.pid:
            time.sleep(POLL_SECONDS)
        return not self.alive() and "pre-existing shared memory block" in self._said()

    def wait_until_ready(self, seconds: float) -> None:
        """Wait through start-up and crash recovery, reporting now and then."""
        started = reported = time.monotonic()
        while not self.ready():
            now = time.monotonic()
            if not self.alive():
                raise Unusable(f"The embedded PostgreSQL can't start: {explain(self._said())}")
            if now - started > seconds:
                raise Unusable(
                    f"The embedded PostgreSQL was not ready after {seconds:.0f} s; see {self._log}."
                )
            if now - reported > REPORT_SECONDS:
                self._report(f"PostgreSQL is still recovering after {now - started:.0f} s")
                reported = now
            time.sleep(POLL_SECONDS)

    def stop(self, seconds: float) -> None:
        """Fast shutdown; an immediate one, which recovers at the next start, if that takes too long."""
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            if self.alive():
                os.kill(self.pid, number)
            deadline = time.monotonic() + seconds
            while self.alive() and time.monotonic() < deadline:
                time.sleep(POLL_SECONDS)
            if not self.alive():
                return

    def last_words(self) -> str:
        """What it ended of."""
        return explain(self._said())

    def _said(self) -> str:
        with self._log.open("rb") as file:
            file.seek(max(self._log_start, self._log.stat().st_size - TAIL_BYTES))
            return file.read().decode(errors="replace")


def launch(
    command: list[str], cluster: Path, log: Path, report: Report, *, user: Account | None, tied: bool
) -> Postmaster:
    """Start a server in a session of its own, so that a terminal's Ctrl-C reaches us and not it."""
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_name("log.1"))
    with log.open("ab") as output:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=_die_with_parent if tied else None,
            **as_user(user),
        )
    return Postmaster(child.pid, cluster, log, report, child)


def find(cluster: Path, log: Path, report: Report) -> Postmaster | None:
    """The server that already runs this cluster; one that is stopping is waited for."""
    while (pid := _pid(cluster)) is not None and _serves(pid, cluster):
        if _status(cluster) != "stopping":
            return Postmaster(pid, cluster, log, report, None)
        time.sleep(POLL_SECONDS)
    return None


def forget(cluster: Path, sockets: Path) -> None:
    """Remove the lock files of a server that is gone; after a restart its pid may be another's."""
    (cluster / "postmaster.pid").unlink(missing_ok=True)
    for left in sockets.glob(".s.PGSQL.*"):
        left.unlink(missing_ok=True)


def as_user(user: Account | None) -> dict[str, Any]:
    """How a child of ours is run: with few variables, from the root directory, as the server's account."""
    how: dict[str, Any] = {"cwd": "/", "env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}, "umask": 0o077}
    if user is not None:
        how |= {"user": user.uid, "group": user.gid, "extra_groups": []}
    return how


def own_name() -> str:
    """The name of the user we run as."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise Unusable(
            f"User id {os.geteuid()} has no name on this system, which PostgreSQL needs: "
            "add it to /etc/passwd, or set DATABASE_URL."
        ) from None


def explain(said: str) -> str:
    """What the server said, shortened to its errors, with a remedy where we know one."""
    if "No space left on device" in said:
        return f"{FULL}. Free some space and start again; nothing acknowledged is lost."
    errors = [line for line in said.splitlines() if "FATAL" in line or "error" in line.lower()]
    return " / ".join(errors[-3:]) or said.strip()[-500:] or "it said nothing."


def _lines(cluster: Path) -> list[str]:
    try:
        return (cluster / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _pid(cluster: Path) -> int | None:
    lines = _lines(cluster)
    return int(lines[0]) if lines and lines[0].isdigit() else None


def _status(cluster: Path) -> str:
    lines = _lines(cluster)
    return lines[STATUS_LINE].strip() if len(lines) > STATUS_LINE else "starting"


def _serves(pid: int, cluster: Path) -> bool:
    """Whether a process is a server of this cluster: PostgreSQL works in its data directory."""
    try:
        return Path(os.readlink(f"/proc/{pid}/cwd")) == cluster
    except OSError:
        return False


def _die_with_parent() -> None:
    LIBC.prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGQUIT)
