"""The service is killed in the midst of a solve: the work goes on, or is reported and can be begun again."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from alliance.access.store import put_account
from alliance.actor import DistrictId, Role
from alliance.commands.migrate import run as migrate
from alliance.db.embedded import Embedded
from alliance.db.pool import connect
from tests import make
from tests.operation.whole import Serving, asked, place
from tests.roster.district import GUARDS, guard, post
from tests.service import CHEAP

LOGIN, PASSWORD = "commander", "only-for-rosters-7"
PATIENCE_S = 150.0


@pytest.fixture
def serving() -> Iterator[Serving]:
    with place() as data:
        with Embedded(data) as dsn:
            asyncio.run(migrate(dsn))
            asyncio.run(_fill(dsn))
        with Serving(data) as service:
            yield service


async def _fill(dsn: str) -> None:
    conn = await connect(dsn)
    now = datetime.now(UTC)
    await make.district(conn, now=now)
    police = await make.organisation(conn, code="p", kind="police")
    company = await make.organisation(conn)
    for n in range(GUARDS):
        await guard(conn, company, n)
    await post(conn, "P1", "b1")
    chief = await make.person(conn, police, Role.COMMANDER)
    hashed = CHEAP.hash(PASSWORD)
    await put_account(conn, DistrictId(1), chief, login=LOGIN, password=hashed, now=now)
    await conn.close()


class Desk:
    """The commander's calls, also after the service was started anew."""

    def __init__(self, serving: Serving) -> None:
        self._serving, self._token = serving, ""

    def ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        if not self._token and path != "/login":
            given = {"login": LOGIN, "password": PASSWORD, "token": True}
            self._token = self.ask("POST", "/login", given)["token"]
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        url = f"{self._serving.address}/api/v1{path}"
        answer = httpx.request(method, url, json=body, headers=headers, timeout=20)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def draft(self) -> int:
        first = (datetime.now(UTC) + timedelta(days=3)).date()
        days = {"first_day": first.isoformat(), "last_day": (first + timedelta(days=6)).isoformat()}
        return int(self.ask("POST", "/rosters", days)["id"])

    def settled(self, number: int) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE_S
        while (found := self.ask("GET", f"/rosters/{number}"))["state"] == "solving":
            assert time.monotonic() < deadline, found
            time.sleep(0.3)
        return found


def workers(data: Path, number: int) -> list[int]:
    """The pids of the workers on this roster of this data, whoever started them."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            command = (process / "cmdline").read_bytes()
            mine = process.name.isdigit() and str(data).encode() in (process / "environ").read_bytes()
        except OSError:
            continue
        if mine and b"alliance.roster.worker" in command and command.endswith(b"\0%d\0" % number):
            found.append(int(process.name))
    return found


def begun(serving: Serving, desk: Desk) -> int:
    number = desk.draft()
    deadline = time.monotonic() + PATIENCE_S
    while not workers(serving.data, number):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return number


def published(serving: Serving) -> int:
    rows = asyncio.run(asked(serving.data, "select count(*) as n from assignment where published"))
    return int(rows[0]["n"])


def test_a_solve_outlives_the_service_and_one_that_does_not_is_begun_again(serving: Serving) -> None:
    desk = Desk(serving)
    number = begun(serving, desk)
    serving.kill()
    serving.start()
    outlived = desk.settled(number)
    assert (outlived["state"], outlived["hard_violations"]) == ("draft", 0)
    lost = begun(serving, desk)
    held = workers(serving.data, lost)
    # Stopped first, so that it can't be done before the service is gone.
    for pid in held:
        os.kill(pid, signal.SIGSTOP)
    serving.kill()
    for pid in held:
        os.kill(pid, signal.SIGKILL)
    serving.start()
    assert desk.settled(lost)["state"] == "failed"
    assert published(serving) == 0
    desk.ask("POST", f"/rosters/{lost}/again")
    draft = desk.settled(lost)
    assert (draft["state"], draft["hard_violations"]) == ("draft", 0)
    assert draft["assignments"] == outlived["assignments"]
    assert published(serving) == 0
