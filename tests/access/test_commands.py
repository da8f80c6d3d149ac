"""The service as a process and the first administrator: started, reached, stopped, refused in clear words."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from alliance.db.pool import connect
from tests import make

PASSWORD = "k7v2-m9qx-4hpt-zzra"


def alliance(*words: str, dsn: str, data: Path, **more: str) -> subprocess.Popen[str]:
    """A command of the program on that database."""
    environ = {
        **os.environ,
        "DATABASE_URL": dsn,
        "ALLIANCE_DATA": str(data),
        "ALLIANCE_JOBS": "false",
        **more,
    }
    return subprocess.Popen(
        [sys.executable, "-m", "alliance", *words],
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def make_district(dsn: str, *numbers: int) -> None:
    async def work() -> None:
        conn = await connect(dsn)
        try:
            for number in numbers:
                await make.district(conn, number)
        finally:
            await conn.close()

    asyncio.run(work())


def told(words: tuple[str, ...], dsn: str, data: Path) -> tuple[int, str]:
    """The exit code and the output of a command that ends by itself."""
    done = alliance(*words, dsn=dsn, data=data)
    output, _ = done.communicate(timeout=60)
    return done.returncode, output


def test_the_first_administrator_signs_in_to_a_served_district(dsn: str, tmp_path: Path) -> None:
    make_district(dsn, 1)
    create = ("admin", "create", "--name", "黄明林", "--login", "root1")
    code, output = told((*create, "--password", "password123"), dsn, tmp_path)
    assert code == 1
    assert "common" in output
    code, output = told((*create, "--password", PASSWORD), dsn, tmp_path)
    assert (code, output.splitlines()[-1]) == (0, "黄明林 may sign in to district 1 as root1.")
    code, output = told((*create, "--password", PASSWORD), dsn, tmp_path)
    assert code == 1
    assert "taken" in output

    service = alliance("serve", "--port", "0", dsn=dsn, data=tmp_path)
    assert service.stdout is not None
    try:
        address = next(found[0] for line in service.stdout if (found := re.search(r"http://\S+", line)))
        entered = httpx.post(f"{address}/api/v1/login", json={"login": "root1", "password": PASSWORD})
        assert entered.json()["roles"] == ["administrator"]
        page = httpx.get(f"{address}/health/ready")
        assert (page.status_code, page.json()["status"]) == (200, "ready")
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
        assert "alliance_http_requests_total" in httpx.get(f"{address}/metrics").text
        service.send_signal(signal.SIGTERM)
        assert service.wait(timeout=20) == 0
    finally:
        service.kill()
        service.communicate()


@pytest.mark.parametrize("numbers", [(), (1, 2)])
def test_an_administrator_needs_a_district_that_is_clear(
    dsn: str, tmp_path: Path, numbers: tuple[int, ...]
) -> None:
    make_district(dsn, *numbers)
    create = ("admin", "create", "--name", "黄明林", "--login", "root1", "--password", PASSWORD)
    code, output = told(create, dsn, tmp_path)
    assert code == 1
    assert "district" in output
    assert "Traceback" not in output


def test_a_taken_port_and_a_lost_key_are_one_clear_line(dsn: str, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, output = told(("serve", "--port", str(port)), dsn, tmp_path)
    assert code == 1
    assert f"Port {port} on 127.0.0.1 is taken" in output
    assert "Traceback" not in output

    make_district(dsn, 1)
    asyncio.run(_seal_something(dsn))
    code, output = told(("serve", "--port", "0"), dsn, tmp_path)
    assert code == 1
    assert f"restore {tmp_path / 'key'}" in output


async def _seal_something(dsn: str) -> None:
    conn = await connect(dsn)
    try:
        person = await make.person(conn, await make.organisation(conn))
        await conn.execute("update person set phone = 'x' where id = $1", person)
    finally:
        await conn.close()
