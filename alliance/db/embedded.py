"""The PostgreSQL that runs below the data directory, for installations without a database of their own."""

import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from alliance.config import Unusable
from alliance.db import place, postmaster, program
from alliance.db.program import Account, Program

NAME = "alliance"
RECOVERY_SECONDS = 300.0
STOP_SECONDS = 120.0
ORPHAN_SECONDS = 20.0
# Three segments of write-ahead log: enough to recover and go on.
ROOM_BYTES = 48_000_000

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "wal_compression": "on",
    "synchronous_commit": "on",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_min_messages": "warning",
}
TESTING = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "64MB",
    "autovacuum": "off",
}


def silent(line: str) -> None:
    """Report nothing."""


class Embedded:
    """One server: started (or found running after a crash of ours), used by its address, stopped cleanly.

    `tied` ends the server with this process even when that is killed: for tests.
    """

    def __init__(
        self,
        data: Path,
        *,
        report: Callable[[str], None] = silent,
        settings: Mapping[str, str] | None = None,
        tied: bool = False,
    ) -> None:
        self._data = data.absolute()
        self._report = report
        self._settings = {**SETTINGS, **(settings or {})}
        self._tied = tied
        self._lock = place.Lock(self._data)
        self._home = self._data
        self._server: postmaster.Postmaster | None = None
        self.program: Program = program.find()

    def start(self) -> str:
        """Run the server and return its address; waits as long as crash recovery needs."""
        user = program.account()
        place.make_data(self._data, user)
        try:
            self._lock.take()
            return self._start(user)
        except OSError as error:
            self.stop()
            raise Unusable(
                f"The embedded PostgreSQL can't start: {postmaster.explain(str(error))}"
            ) from error
        except BaseException:
            self.stop()
            raise

    def ended(self) -> str | None:
        """Why the server ended by itself; None while it runs. A full disk ends it, for example."""
        server = self._server
        return None if server is None or server.alive() else server.last_words()

    def short_of_room(self) -> bool:
        """Whether the disk is too full for it to run."""
        return shutil.disk_usage(self._home).free < ROOM_BYTES

    def revive(self) -> None:
        """Start it again after it ended by itself, at the same address; raises Unusable."""
        try:
            self._start(program.account())
        except OSError as error:
            raise Unusable(
                f"The embedded PostgreSQL can't start: {postmaster.explain(str(error))}"
            ) from error

    def stop(self) -> None:
        """End the server cleanly: open transactions are rolled back, connections closed."""
        try:
            if self._server is not None:
                self._server.stop(STOP_SECONDS)
        finally:
            if self._server is not None:
                place.remove_sockets(self._home)
            self._server = None
            self._lock.give_up()

    def __enter__(self) -> str:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start(self, user: Account | None) -> str:
        self._home = place.make_home(self._data, user)
        binaries = self.program if user is None else program.copied(self.program, self._home)
        cluster = self._home / "cluster"
        if not (cluster / "PG_VERSION").is_file():
            self._initialise(binaries, user)
        made_by = int((cluster / "PG_VERSION").read_text())
        if made_by != binaries.major:
            raise Unusable(
                f"The database in {self._data} was made by PostgreSQL {made_by}, this program brings "
                f"{binaries.major}. Back up with the former release and restore with this one."
            )
        sockets = place.make_sockets(self._home, user)
        self._server = postmaster.find(cluster, self._home / "log", self._report)
        if self._server is None:
            postmaster.forget(cluster, sockets)
            self._server = self._launch(binaries, cluster, sockets, user)
        (self._home / "sockets").write_text(str(sockets))
        self._server.wait_until_ready(RECOVERY_SECONDS)
        _make_database(self.program, sockets)
        return address(sockets)

    def _initialise(self, binaries: Program, user: Account | None) -> None:
        """Make the cluster under another name first, so that a killed initdb leaves no half one behind."""
        self._report("making the database cluster")
        making = self._home / "cluster-new"
        shutil.rmtree(making, ignore_errors=True)
        place.make_private(making, user)
        sync = ["--no-sync"] if self._settings.get("fsync") == "off" else []
        done = subprocess.run(
            [
                *(str(binaries.tool("initdb")), "--pgdata", str(making), "--username", NAME, *sync),
                *(
                    "--encoding=UTF8",
                    "--locale=C",
                    "--data-checksums",
                    "--auth-local=peer",
                    "--auth-host=reject",
                ),
            ],
            capture_output=True,
            text=True,
            **postmaster.as_user(user),
        )
        if done.returncode != 0:
            raise Unusable(f"The embedded PostgreSQL can't be set up: {postmaster.explain(done.stderr)}")
        making.rename(self._home / "cluster")

    def _launch(
        self, binaries: Program, cluster: Path, sockets: Path, user: Account | None
    ) -> postmaster.Postmaster:
        settings = {
            **self._settings,
            "unix_socket_directories": str(sockets),
            "hba_file": str(self._write("pg_hba.conf", "local all,replication all peer map=alliance\n")),
            "ident_file": str(self._write("pg_ident.conf", _ident(user))),
        }
        command = [str(binaries.tool("postgres")), "-D", str(cluster)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        deadline = time.monotonic() + ORPHAN_SECONDS
        while True:
            server = postmaster.launch(
                command, cluster, self._home / "log", self._report, user=user, tied=self._tied
            )
            if not server.blocked_by_orphans() or time.monotonic() > deadline:
                return server
            self._report("waiting for the former server's last processes")
            time.sleep(0.5)

    def _write(self, name: str, text: str) -> Path:
        path = self._home / name
        path.write_text(text)
        path.chmod(0o644)
        return path


def running(data: Path) -> str | None:
    """The address of the server that another process runs below the data directory, if one is ready."""
    home = (data / "postgres").resolve()
    try:
        server = postmaster.find(home / "cluster", home / "log", silent)
        if server is None or not server.ready():
            return None
        return address(Path((home / "sockets").read_text()))
    except PermissionError:
        return None


def address(sockets: Path) -> str:
    """The URL of the alliance's database behind a socket directory."""
    return f"postgresql://{NAME}@/{NAME}?host={quote(str(sockets))}"


def _ident(user: Account | None) -> str:
    """Who may be the database's owner: this process's user, root, and the account that runs the server."""
    names = {"root", postmaster.own_name()} | ({user.name} if user else set())
    return "".join(f'alliance "{name}" {NAME}\n' for name in sorted(names))


def _make_database(tools: Program, sockets: Path) -> None:
    def ask(database: str, sql: str) -> str:
        command = [str(tools.tool("psql")), "-XtA", "-v", "ON_ERROR_STOP=1", "-h", str(sockets), "-U", NAME]
        done = subprocess.run(
            [*command, "-d", database, "-c", sql], capture_output=True, text=True, timeout=60
        )
        if done.returncode != 0:
            raise Unusable(f"The embedded PostgreSQL refuses us: {postmaster.explain(done.stderr)}")
        return done.stdout.strip()

    if ask("postgres", f"select 1 from pg_database where datname = '{NAME}'") != "1":
        ask("postgres", f"create database {NAME}")
