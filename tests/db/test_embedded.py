"""The embedded PostgreSQL starts, is private, survives any killing, and leaves no process behind."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from alliance.config import Config
from alliance.db import program
from alliance.db.embedded import TESTING, Embedded, running
from alliance.db.place import ELSEWHERE, DataInUse
from alliance.db.pool import connect
from alliance.db.postmaster import explain
from alliance.db.reach import reach

ROOT = Path(__file__).resolve().parents[2]
# Crashes must not lose anything, so nothing of a test's haste is set here but for memory.
SETTINGS = {"shared_buffers": TESTING["shared_buffers"]}
KEEPER = """
import signal, sys, time
from pathlib import Path
from urllib.parse import unquote
from alliance.__main__ import _terminated
from alliance.db.embedded import Embedded

signal.signal(signal.SIGTERM, _terminated)
with Embedded(Path(sys.argv[1])) as dsn:
    print(dsn, flush=True)
    time.sleep(100)
"""


@pytest.fixture
def fresh() -> Iterator[Path]:
    """An empty data directory that is gone afterwards, with every server in it."""
    with tempfile.TemporaryDirectory(prefix="alliance-test-", dir="/tmp") as place:
        yield Path(place)
        for pid in servers(Path(place)):
            os.kill(pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A data directory whose server was started and stopped once."""
    with tempfile.TemporaryDirectory(prefix="alliance-test-", dir="/tmp") as place:
        with Embedded(Path(place), settings={**SETTINGS, "fsync": "off"}):
            pass
        yield Path(place)


@pytest.fixture
def data(made: Path, fresh: Path) -> Path:
    """A data directory with a cluster: a copy is quicker than an initdb."""
    home = fresh / "postgres"
    home.mkdir()
    for part in (made / "postgres").iterdir():
        how = "-al" if part.name.startswith("program-") else "-a"
        subprocess.run(["cp", how, part, home], check=True)
    return fresh


def servers(data: Path) -> list[int]:
    """The processes that work in the cluster."""
    cluster = (data / "postgres" / "cluster").resolve()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if Path(os.readlink(entry / "cwd")) == cluster:
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def postmaster(data: Path) -> int:
    return int((data / "postgres" / "cluster" / "postmaster.pid").read_text().split()[0])


def keeper(data: Path) -> tuple[subprocess.Popen[str], str]:
    """Another process that holds the data directory and keeps the server, and the address it prints."""
    process = subprocess.Popen(
        [sys.executable, "-c", KEEPER, data],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


async def asked(dsn: str, sql: str) -> object:
    conn = await connect(dsn)
    try:
        return await conn.fetchval(sql)
    finally:
        await conn.close()


def wait_until_gone(data: Path) -> None:
    deadline = time.monotonic() + 20
    while servers(data):
        assert time.monotonic() < deadline, "PostgreSQL still runs"
        time.sleep(0.05)


async def test_it_serves_keeps_what_was_written_and_stops(fresh: Path) -> None:
    with Embedded(fresh, settings=SETTINGS) as dsn:
        assert await asked(dsn, "show server_encoding") == "UTF8"
        assert await asked(dsn, "show data_checksums") == "on"
        assert await asked(dsn, "show listen_addresses") == ""
        assert await asked(dsn, "show synchronous_commit") == "on"
        await asked(dsn, "create table apple as select '荔枝' as name")
    assert servers(fresh) == []
    started = time.monotonic()
    with Embedded(fresh, settings=SETTINGS) as dsn:
        assert time.monotonic() - started < 3
        assert await asked(dsn, "select name from apple") == "荔枝"
    assert running(fresh) is None


def test_a_second_service_is_told_who_holds_the_directory(data: Path) -> None:
    config = Config(data=data)
    with reach(config) as dsn:
        with pytest.raises(DataInUse, match=f"{data} is in use by pid {os.getpid()}"):
            Embedded(data).start()
        with pytest.raises(DataInUse), reach(config, alone=True):
            pass
        # A command beside the service shares its server, and leaves it running.
        with reach(config) as shared:
            assert shared == dsn
        assert running(data) == dsn
    assert servers(data) == []


def test_a_given_address_is_used_instead(fresh: Path) -> None:
    with reach(Config(data=fresh, database_url="postgresql://elsewhere/alliance")) as dsn:
        assert dsn == "postgresql://elsewhere/alliance"
    assert list(fresh.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_service_told_to_end_takes_the_server_with_it(data: Path, number: int) -> None:
    process, dsn = keeper(data)
    assert dsn == running(data)
    os.kill(process.pid, number)
    process.wait(30)
    assert servers(data) == []


async def test_after_a_killed_service_the_running_server_is_taken_over(data: Path) -> None:
    process, dsn = keeper(data)
    await asked(dsn, "create table apple as select 7 as n")
    process.kill()
    process.wait()
    survivor = postmaster(data)
    assert survivor in servers(data)
    with Embedded(data, settings=SETTINGS) as again:
        assert postmaster(data) == survivor
        assert await asked(again, "select n from apple") == 7
    assert servers(data) == []


async def test_after_a_killed_server_everything_committed_is_there(data: Path) -> None:
    server = Embedded(data, settings=SETTINGS)
    dsn = server.start()
    conn = await connect(dsn)
    await conn.execute("create table apple (n integer); insert into apple values (7)")
    os.kill(postmaster(data), signal.SIGKILL)
    # Its children notice by themselves, so the next start may find some of them still there.
    server.stop()
    with Embedded(data, settings=SETTINGS) as again:
        assert await asked(again, "select n from apple") == 7
    wait_until_gone(data)
    conn.terminate()


async def test_both_killed_at_once_lose_nothing_committed(data: Path) -> None:
    process, dsn = keeper(data)
    await asked(dsn, "create table apple as select 7 as n")
    for pid in (process.pid, postmaster(data)):
        os.kill(pid, signal.SIGKILL)
    process.wait()
    with Embedded(data, settings=SETTINGS) as again:
        assert await asked(again, "select n from apple") == 7


def test_a_pid_file_that_names_another_process_is_no_obstacle(data: Path) -> None:
    with Embedded(data, settings=SETTINGS):
        lines = (data / "postgres" / "cluster" / "postmaster.pid").read_text().splitlines()
    (data / "postgres" / "cluster" / "postmaster.pid").write_text(
        "\n".join([str(os.getpid()), *lines[1:]]) + "\n"
    )
    with Embedded(data, settings=SETTINGS) as dsn:
        assert running(data) == dsn


def test_a_killed_set_up_is_begun_anew(fresh: Path) -> None:
    half = fresh / "postgres" / "cluster-new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with Embedded(fresh, settings=SETTINGS):
        assert not half.exists()


def test_a_cluster_of_another_release_is_refused_with_the_remedy(data: Path) -> None:
    with Embedded(data, settings=SETTINGS):
        pass
    (data / "postgres" / "cluster" / "PG_VERSION").write_text("14\n")
    with pytest.raises(Exception, match="made by PostgreSQL 14.*Back up with the former release"):
        Embedded(data, settings=SETTINGS).start()
    assert servers(data) == []


async def test_a_long_path_still_has_a_socket(fresh: Path) -> None:
    fresh.chmod(0o711)
    deep = fresh / ("long" * 15) / ("path" * 15)
    with Embedded(deep, settings=SETTINGS) as dsn:
        sockets = Path(unquote(dsn.rpartition("=")[2]))
        assert fresh not in sockets.parents
        assert await asked(dsn, "select 1") == 1
    assert not sockets.exists()


async def test_a_private_parent_stays_private(fresh: Path) -> None:
    parent = fresh / "private"
    parent.mkdir(mode=0o700)
    place = parent / "data"
    try:
        with Embedded(place, settings=SETTINGS) as dsn:
            assert await asked(dsn, "select 1") == 1
            assert running(place) == dsn
        assert parent.stat().st_mode & 0o777 == 0o700
        assert servers(place) == []
    finally:
        home = (place / "postgres").resolve()
        if home.parent == ELSEWHERE:
            shutil.rmtree(home)


def test_nobody_else_gets_in(data: Path) -> None:
    with Embedded(data, settings=SETTINGS) as dsn:
        sockets = data / "postgres" / "run"
        assert sockets.stat().st_mode & 0o777 == 0o700
        assert (data / "postgres" / "cluster").stat().st_mode & 0o077 == 0
        hba = (data / "postgres" / "pg_hba.conf").read_text()
        assert hba.split() == ["local", "all,replication", "all", "peer", "map=alliance"]
        # As a name the map doesn't allow, even the same system user is refused.
        tool = program.find().tool("psql")
        command: list[str | Path] = [
            tool,
            "-h",
            sockets,
            "-U",
            "postgres",
            "-d",
            "postgres",
            "-c",
            "select 1",
        ]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode != 0
        assert 'Peer authentication failed for user "postgres"' in done.stderr
        if os.geteuid() == 0:
            assert pwd.getpwuid(Path(f"/proc/{postmaster(data)}").stat().st_uid).pw_name == program.ACCOUNT
    assert dsn


def test_a_full_disk_is_named_with_what_to_do() -> None:
    said = 'PANIC:  could not write to file "pg_wal/xlogtemp.7": No space left on device'
    assert explain(said).startswith("the disk is full. Free some space")


def test_other_failures_show_the_servers_own_words() -> None:
    said = "LOG: something\nFATAL:  could not map anonymous shared memory\nLOG: shut down"
    assert explain(said) == "FATAL:  could not map anonymous shared memory"


def test_a_tied_server_dies_with_its_owner(data: Path) -> None:
    tied = KEEPER.replace("Path(sys.argv[1]))", "Path(sys.argv[1]), tied=True)")
    process = subprocess.Popen(
        [sys.executable, "-c", tied, data], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline()
    process.kill()
    process.wait()
    wait_until_gone(data)
