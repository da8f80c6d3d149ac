"""Simulated patrols against the real service: all they send arrives once, whatever the network does."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from alliance.config import Config
from alliance.simulate import crowd as crowds
from alliance.simulate import habits
from alliance.simulate import way as ways
from alliance.simulate.crowd import Crowd, Wanted
from alliance.simulate.desk import Desk
from alliance.simulate.habits import Temper
from alliance.simulate.link import clock_ms
from geo import cell as hexes
from tests import make
from tests.journeys.stage import Stage
from tests.simulate.patrols import LOGIN, ON_DUTY, Taken, cast


@pytest.fixture
def stage(dsn: str, tmp_path: Path) -> Iterator[Stage]:
    made = Stage(Config(data=tmp_path, database_url=dsn, database_connections=5, port=0, jobs=False))
    made.start()
    made.ask(lambda conn: cast(conn, made.clock()))
    yield made
    made.stop()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """People who come at once, measure four times a second, report often and never stay away."""

    def temper(rng: Any, start: int, end: int, now: int) -> Temper:
        return Temper(comes=True, check_in_at=now, check_out_at=now + 9_000)

    monkeypatch.setattr(habits, "temper", temper)
    monkeypatch.setattr(habits, "next_fix_ms", lambda *_: 250)
    monkeypatch.setattr(habits, "LOSES_NETWORK_PER_HOUR", 0.0)
    monkeypatch.setattr(habits, "SOS_PER_HOUR", 0.0)
    monkeypatch.setattr(habits, "REPORTS_PER_HOUR", 400.0)
    monkeypatch.setattr(habits, "DECLINES", 0.0)
    monkeypatch.setattr(habits, "ANSWERS_AFTER_S", (0.1, 0.2))
    monkeypatch.setattr(ways, "FASTEST_MPS", 500.0)


async def eventually(check: Any, seconds: float = 20.0) -> None:
    for _ in range(int(seconds * 10)):
        if await asyncio.to_thread(check):
            return
        await asyncio.sleep(0.1)
    raise AssertionError("it did not come to pass")


async def test_what_is_taken_in_arrives_once_though_the_line_is_cut(
    stage: Stage, hasty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alliance.simulate.walker.Outbox", Taken)
    Taken.fixes, Taken.reports = [], []
    crowd = Crowd(Desk(stage.line.address), LOGIN, Wanted(people=ON_DUTY, speed=2.0))
    running = asyncio.create_task(crowd.run())
    try:
        await eventually(lambda: len(stage.rows("select from fix")) > 20)
        await asyncio.to_thread(stage.do, stage.line.cut())
        await asyncio.sleep(3)
        await asyncio.to_thread(stage.do, stage.line.join())
        await eventually(lambda: len(crowd) == 0, 40)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    stored = stage.rows("select assignment, at from fix_read order by assignment, at")
    assert [(row["assignment"], row["at"]) for row in stored] == sorted(Taken.fixes)
    assert len(stored) > ON_DUTY * 20
    (reported,) = stage.rows("select count(*) as n from report")
    assert reported["n"] == len(Taken.reports) > 0
    stamps = stage.rows(
        "select kind, count(*) as n, count(distinct assignment) as people from attendance group by 1"
    )
    assert {row["kind"]: (row["n"], row["people"]) for row in stamps} == {
        "in": (ON_DUTY, ON_DUTY),
        "out": (ON_DUTY, ON_DUTY),
    }


async def test_an_order_is_answered_and_followed(
    stage: Stage, hasty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def temper(rng: Any, start: int, end: int, now: int) -> Temper:
        return Temper(comes=True, check_in_at=now, check_out_at=end)

    monkeypatch.setattr(habits, "temper", temper)
    monkeypatch.setattr(habits, "REPORTS_PER_HOUR", 0.0)
    monkeypatch.setattr(crowds, "LOOK_S", 600.0)
    desk = Desk(stage.address)
    crowd = Crowd(desk, LOGIN, Wanted(people=2, speed=20.0))
    running = asyncio.create_task(crowd.run())
    try:
        await eventually(lambda: len(stage.rows("select distinct assignment from fix")) == 2)
        sent = await asyncio.to_thread(_order, desk, stage)
        await eventually(lambda: stage.rows("select from dispatch where state = 'on_scene'"), 30)
        (order,) = stage.rows("select person, answered_at is not null as answered from dispatch")
        assert order == {"person": sent, "answered": True}
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def _order(desk: Desk, stage: Stage) -> int:
    """A fire in the other cell of the beat; the best candidate is sent there."""
    cell = make.CELLS["b1"][1]
    lat, lon = hexes.centre(hexes.Cell(cell))
    body = {"kind": "fire", "at": clock_ms(), "lat": lat, "lon": lon, "text": "垃圾桶起火"}
    incident = desk.post("/reports", body)["incident"]
    person = desk.get(f"/incidents/{incident}/candidates")["items"][0]["person"]
    version = desk.get(f"/incidents/{incident}")["version"]
    desk.post(f"/incidents/{incident}/dispatch", {"person": person}, version=version)
    return int(person)
