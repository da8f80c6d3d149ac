"""The whole, under patrols: killed, it keeps what it acknowledged; saved, it comes back the same."""

import asyncio
import json
import os
import signal
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from alliance.db import pool as db
from alliance.db.embedded import Embedded
from alliance.feed.wire import SUBPROTOCOL, Fixes
from alliance.operation import archive
from alliance.operation.backup import count_rows
from alliance.simulate import habits
from alliance.simulate.crowd import Crowd, Wanted
from alliance.simulate.desk import Declined, Desk
from alliance.simulate.habits import Temper
from alliance.simulate.link import clock_ms
from geo import cell as hexes
from tests import make
from tests.journeys.stage import Line
from tests.operation.whole import Serving, asked, peopled, place, postmaster, told
from tests.simulate.patrols import LOGIN, ON_DUTY, Taken

WALK_MS = 16_000
MINUTE_MS = 60_000


class Settled(Taken):
    """An outbox that remembers what the service said it has."""

    fixes_settled: ClassVar[list[tuple[int, int]]] = []
    keys_settled: ClassVar[list[str]] = []

    def settled(self, *, seq: int | None = None, key: str | None = None) -> None:
        before = list(self._kept)
        super().settled(seq=seq, key=key)
        gone = {id(message) for message in before} - {id(message) for message in self._kept}
        for message in before:
            if id(message) not in gone:
                continue
            if isinstance(message, Fixes):
                self.fixes_settled.extend((message.assignment, fix.at) for fix in message.fixes)
            else:
                self.keys_settled.append(message.key)


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """People who come at once, measure four times a second, report often and stay long enough to count."""

    def temper(rng: Any, start: int, end: int, now: int) -> Temper:
        return Temper(comes=True, check_in_at=now, check_out_at=now + WALK_MS)

    monkeypatch.setattr(habits, "temper", temper)
    monkeypatch.setattr(habits, "next_fix_ms", lambda *_: 250)
    monkeypatch.setattr(habits, "LOSES_NETWORK_PER_HOUR", 0.0)
    monkeypatch.setattr(habits, "SOS_PER_HOUR", 0.0)
    monkeypatch.setattr(habits, "REPORTS_PER_HOUR", 400.0)
    monkeypatch.setattr("alliance.simulate.walker.Outbox", Settled)
    for kept in (Settled.fixes, Settled.reports, Settled.fixes_settled, Settled.keys_settled):
        kept.clear()


@pytest.fixture
def serving() -> Iterator[Serving]:
    with peopled() as data:
        with Serving(data) as service:
            yield service


@asynccontextmanager
async def patrols(address: str) -> AsyncIterator[Crowd]:
    crowd = Crowd(Desk(address), LOGIN, Wanted(people=ON_DUTY))
    walking = asyncio.create_task(crowd.run())
    try:
        yield crowd
    finally:
        walking.cancel()
        await asyncio.gather(walking, return_exceptions=True)


async def until(true: Any, seconds: float = 40.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def live_coverage(desk: Desk) -> tuple[int, dict[str, int]]:
    """The instant of the service's live state, and its covered cells."""
    async with connect(desk.feed.url, subprotocols=[Subprotocol(SUBPROTOCOL)], proxy=None) as socket:
        await socket.send(json.dumps({"type": "hello", "now": clock_ms(), "token": desk.token}))
        while True:
            await socket.send(json.dumps({"type": "watch", "areas": [], "layers": ["coverage"]}))
            async for text in socket:
                message = json.loads(text)
                if message["type"] == "snapshot":
                    break
            if message["data"]["at"]:
                return message["data"]["at"], dict(message["data"]["cells"])
            await asyncio.sleep(0.2)


def defined_coverage(desk: Desk, at: int) -> dict[str, int]:
    """The covered cells by the definition, from what the database holds."""
    found = desk.get("/cells", layer="coverage", at=at)
    return {c: until for c, until in zip(found["cells"], found["covered_until"], strict=True) if until}


async def signed_in(address: str) -> Desk:
    desk = Desk(address)
    await asyncio.to_thread(desk.log_in, LOGIN)
    return desk


async def must_agree(desk: Desk) -> dict[str, int]:
    """Live coverage is the database's; returns it."""
    at, live = await live_coverage(desk)
    assert live == await asyncio.to_thread(defined_coverage, desk, at)
    return live


@pytest.mark.parametrize("victims", ["service", "service and database"])
async def test_killed_under_patrols_it_has_all_it_acknowledged(serving: Serving, victims: str) -> None:
    line = Line(serving.port)
    await line.join()
    async with patrols(line.address) as crowd:
        await until(lambda: len(Settled.fixes_settled) > ON_DUTY * 30 and Settled.reports)
        serving.kill()
        if "database" in victims:
            os.kill(postmaster(serving.data), signal.SIGKILL)
        await line.cut()
        fixes, keys = list(Settled.fixes_settled), list(Settled.keys_settled)
        await asyncio.to_thread(serving.start)
        desk = await signed_in(serving.address)
        stored = await asked(serving.data, "select assignment, at from fix_read")
        assert set(fixes) <= {(row["assignment"], row["at"]) for row in stored}
        kept = await asked(serving.data, "select key from request_key")
        assert len(keys) > ON_DUTY
        assert set(keys) <= {row["key"] for row in kept}
        await must_agree(desk)
        await line.join()
        await until(lambda: len(Settled.keys_settled) >= 2 * ON_DUTY and not len(crowd))
    stored = await asked(serving.data, "select assignment, at from fix_read order by assignment, at")
    assert [(row["assignment"], row["at"]) for row in stored] == sorted(Settled.fixes)
    (reported,) = await asked(serving.data, "select count(*) as n from report")
    assert reported["n"] == len(Settled.reports)
    assert await must_agree(desk)


def walked_earlier(desk: Desk) -> None:
    """Two guards' half hour, which ended before now, told afterwards."""
    today = datetime.now(UTC).date()
    duties = desk.duties([(today + timedelta(days=n)).isoformat() for n in (-1, 0, 1)])[:2]
    tokens = desk.tokens([duty.person for duty in duties], 1)
    for duty, beat_cell in zip(duties, make.CELLS["b1"], strict=True):
        token = tokens[duty.person]
        lat, lon = hexes.centre(hexes.Cell(beat_cell))
        start = clock_ms() - 50 * MINUTE_MS
        fixes = [[start + n * 20_000, lat + n % 7 * 1e-5, lon, 8.0] for n in range(90)]
        for path, at in (("/check-ins", start), ("/check-outs", start + 30 * MINUTE_MS)):
            if path == "/check-outs":
                desk.post("/fixes", {"assignment": duty.id, "fixes": fixes}, token=token)
            body = {"key": f"earlier-{path[7:]}-{duty.id}", "assignment": duty.id, "at": at}
            desk.post(path, body, token=token)


def credit_one(desk: Desk) -> None:
    """The commander closes and confirms what a patrol reported; others report on it meanwhile."""
    commander = desk.items("/people", role="commander")[0]["id"]
    token = desk.tokens([commander], 1)[commander]
    number = desk.items("/incidents")[0]["id"]
    for step in ("close", "confirm"):
        decided(desk, f"/incidents/{number}", step, token)


def decided(desk: Desk, path: str, step: str, token: str) -> None:
    """Looked at again when it has changed meanwhile."""
    while True:
        version = desk.get(path)["version"]
        try:
            desk.post(f"{path}/{step}", {"reason": "核实"}, token=token, version=version)
        except Declined as refused:
            if refused.status != 412:
                raise
        else:
            return


def covered_before(desk: Desk, at: int) -> tuple[Any, Any]:
    """The coverage of an instant, and of the hour before it."""
    return (
        desk.get("/cells", layer="coverage", at=at),
        desk.get(f"/cells?layer=coverage&from={at - 60 * MINUTE_MS}&to={at}"),
    )


def acked(address: str) -> float:
    """The fixes that the service says it has acknowledged."""
    with urllib.request.urlopen(f"{address}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    (line,) = [line for line in text.splitlines() if line.startswith("alliance_feed_fixes_acked_total ")]
    return float(line.split()[1])


async def rows_of(dsn: str) -> dict[str, int]:
    conn = await db.connect(dsn)
    try:
        return await count_rows(conn)
    finally:
        await conn.close()


async def test_saved_under_patrols_it_comes_back_the_same(serving: Serving) -> None:
    desk = await signed_in(serving.address)
    await asyncio.to_thread(walked_earlier, desk)
    began = clock_ms()
    with place() as elsewhere:
        file, data = elsewhere / "night.backup", elsewhere / "data"
        async with patrols(serving.address):
            await until(lambda: len(Settled.fixes_settled) > ON_DUTY * 10 and Settled.reports)
            await asyncio.to_thread(credit_one, desk)
            settled = list(Settled.fixes_settled)
            saved = await asyncio.to_thread(told, serving.data, "backup", str(file))
            assert saved.returncode == 0, saved.stderr
            assert len(Settled.fixes_settled) > len(settled)
            assert await asyncio.to_thread(acked, serving.address) >= len(settled)
        restored = await asyncio.to_thread(told, data, "restore", str(file))
        assert restored.returncode == 0, restored.stderr
        manifest = await asyncio.to_thread(archive.unpack, file, elsewhere)
        (head,) = manifest.heads
        assert head.n > 0
        published = f"{head.n}:{head.hash}"
        assert published in restored.stdout
        verified = await asyncio.to_thread(told, serving.data, "ledger", "verify", "--head", published)
        assert verified.returncode == 0, verified.stdout
        with Embedded(data) as dsn:
            assert await rows_of(dsn) == manifest.rows
        with Serving(data) as again:
            other = await signed_in(again.address)
            assert other.get("/ledger/head")["hash"] == head.hash
            stored = await asked(data, "select assignment, at from fix_read")
            assert set(settled) <= {(row["assignment"], row["at"]) for row in stored}
            was = covered_before(desk, began)
            assert was[0]["coverage"] > 0
            assert was[1]["coverage"] > 0
            assert covered_before(other, began) == was
            assert await must_agree(other)


def test_without_its_database_it_ends_with_a_word_and_comes_again(serving: Serving) -> None:
    """As when the disk is full and PostgreSQL gives up: whoever supervises the service sees it end."""
    os.kill(postmaster(serving.data), signal.SIGQUIT)
    assert serving.process is not None
    assert serving.process.wait(40) == 1
    assert "The embedded PostgreSQL ended by itself: " in serving.log.read_text()
    serving.start()
    with urllib.request.urlopen(f"{serving.address}/health/ready", timeout=10) as answer:
        assert answer.status == 200
