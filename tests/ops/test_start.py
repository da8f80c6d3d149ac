"""ops/run holds the whole service: it comes up, ends whole when told to, and comes again after a killing."""

import asyncio
import io
import os
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import segno
import websockets
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from alliance.commands.migrate import run as migrate
from alliance.db.embedded import Embedded, running
from alliance.db.pool import connect
from ops.steps import ROOT
from tests.operation.whole import postmaster
from tests.ops.processes import gone

DISTRICT = """
insert into district (district_id, name, name_en, time_zone, boundary, created_at)
values (1, '区', 'District', 'Asia/Shanghai', '{"type": "Polygon", "coordinates": []}', now())
"""


class Run:
    """One ops/run after its set-up, without simulation, on a port of its own."""

    def __init__(self, data: Path, *arguments: str) -> None:
        command = [sys.executable, "-m", "ops.start", str(time.time()), "--port", "0", "--no-simulation"]
        self.process = subprocess.Popen(
            [*command, "--data", data, *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = ""

    def until(self, sign: str) -> str:
        """The line that holds the sign."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line
            if sign in line:
                return line
        raise AssertionError(f"it ended without {sign!r}:\n{self.said}")

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        self.said += self.process.communicate(timeout=60)[0]
        return self.process.returncode

    def family(self) -> list[int]:
        """Its processes, those of the service and the database among them."""
        found, todo = [], [self.process.pid]
        while todo:
            children = Path(f"/proc/{todo[0]}/task/{todo[0]}/children").read_text().split()
            found.append(todo.pop(0))
            todo += map(int, children)
        return found


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """A data directory with a district, so that none is made up."""
    with tempfile.TemporaryDirectory(prefix="alliance-test-", dir="/tmp") as place:
        with Embedded(Path(place), settings={"fsync": "off"}) as dsn:
            asyncio.run(migrate(dsn))
            asyncio.run(_execute(dsn, DISTRICT))
        yield Path(place)


@pytest.fixture
def start(data: Path) -> Iterator[Callable[..., Run]]:
    """Starts ops/run on the data; what a failed test leaves running is told to end."""
    runs = []

    def run(*arguments: str) -> Run:
        runs.append(Run(data, *arguments))
        return runs[-1]

    yield run
    for each in runs:
        if each.process.poll() is None:
            each.end(signal.SIGTERM)


async def _execute(dsn: str, sql: str) -> None:
    conn = await connect(dsn)
    await conn.execute(sql)
    await conn.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_end_it_leaves_no_process(data: Path, start: Callable[..., Run], number: int) -> None:
    run = start()
    address = run.until("http://").split()[0]
    run.until("Ctrl-C stops everything")
    with urllib.request.urlopen(address + "health/ready", timeout=10) as answer:
        assert answer.status == 200
    family = run.family()
    assert len(family) > 5
    assert run.end(number) == 0
    assert run.said.endswith("stopped\n")
    for pid in family:
        gone(pid)
    assert running(data) is None


def test_a_second_one_on_the_same_data_is_refused(data: Path, start: Callable[..., Run]) -> None:
    first = start()
    first.until("Ctrl-C stops everything")
    second = start()
    second.until(f"The data directory {data} is in use by pid {first.process.pid}.")
    assert second.process.wait(20) == 1
    assert first.end(signal.SIGTERM) == 0


def test_a_killed_service_ends_it_with_a_word(start: Callable[..., Run]) -> None:
    run = start()
    run.until("Ctrl-C stops everything")
    family = run.family()
    service = next(pid for pid in family if "serve" in Path(f"/proc/{pid}/cmdline").read_text().split("\0"))
    os.kill(service, signal.SIGKILL)
    run.until("The service ended by itself")
    assert run.process.wait(60) == 1
    for pid in family:
        gone(pid)


def test_a_database_that_gives_up_ends_it_with_a_word(data: Path, start: Callable[..., Run]) -> None:
    run = start()
    run.until("Ctrl-C stops everything")
    family = run.family()
    os.kill(postmaster(data), signal.SIGQUIT)
    run.until("The embedded PostgreSQL ended by itself")
    assert run.process.wait(60) == 1
    for pid in family:
        gone(pid)


def test_after_a_killed_ops_run_the_next_one_serves(start: Callable[..., Run]) -> None:
    first = start()
    first.until("Ctrl-C stops everything")
    family = first.family()
    first.process.kill()
    again = start()
    again.until("Ctrl-C stops everything")
    assert again.end(signal.SIGTERM) == 0
    for pid in family:
        gone(pid, 30)


async def test_on_the_local_network_it_talks_tls_to_pages_and_feed(
    data: Path, start: Callable[..., Run]
) -> None:
    run = start("--lan")
    address = run.until("https://").split()[0]
    run.until("Ctrl-C stops everything")
    certificate = x509.load_pem_x509_certificate((data / "tls" / "lan.crt").read_bytes())
    fingerprint = certificate.fingerprint(hashes.SHA256()).hex(":").upper()
    assert fingerprint[:47] in run.said
    assert fingerprint[48:] in run.said
    assert {path.stat().st_mode & 0o077 for path in (data / "tls").glob("*.key")} == {0}
    scanned = io.StringIO()
    segno.make(address + "patrol", micro=False).terminal(scanned, border=2, compact=True)
    assert all(f"  {line}\n" in run.said for line in scanned.getvalue().splitlines())
    trust = ssl.create_default_context(cafile=data / "tls" / "lan.crt")
    with urllib.request.urlopen(address + "health/ready", timeout=10, context=trust) as answer:
        assert answer.status == 200
    feed = f"wss{address.removeprefix('https')}feed"
    async with websockets.connect(feed, ssl=trust, subprotocols=["lian.v1"], proxy=None) as socket:  # type: ignore[list-item]
        await socket.send('{"type": "hello", "now": 0, "token": "1.nobody"}')
        await socket.wait_closed()
        assert socket.close_code == 4401
    assert run.end(signal.SIGTERM) == 0
