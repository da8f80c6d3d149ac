"""Stopping the service ends its workers at once, and nobody takes that for a failure."""

import asyncio
import sys
import time

import pytest

from alliance.actor import DistrictId
from alliance.roster import workers
from alliance.roster.model import RosterId

BUSY = [sys.executable, "-c", "import time; time.sleep(60)"]


async def test_who_waits_for_a_worker_that_is_stopped_is_called_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "command", lambda *order: BUSY)
    made = workers.Workers("")
    made.draft(DistrictId(1), RosterId(1))
    waiting = asyncio.create_task(made.run("draft", DistrictId(1), RosterId(2)))
    await asyncio.sleep(0.3)
    began = time.monotonic()
    await made.stop()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert time.monotonic() - began < 3


async def test_the_exit_code_of_a_worker_is_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "command", lambda *order: [sys.executable, "-c", "raise SystemExit(3)"])
    assert await workers.Workers("").run("check", DistrictId(1), RosterId(1)) == 3
