"""Live coverage is what the database says, whatever the order, repeats, gaps and clocks of what came in."""

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import numpy as np
import pytest

from alliance.actor import Actor, Grant, OrganisationId, PersonId, Role
from alliance.areas import actions as areas
from alliance.areas.places import Places
from alliance.db.pool import Pool, open_pool
from alliance.feed import wire
from alliance.feed.intake import Intake
from alliance.feed.live import Live
from alliance.feed.needs import Act, Store
from alliance.feed.register import Register
from alliance.feed.routes import Request
from alliance.feed.session import Session
from alliance.patrol import coverage, duties
from alliance.patrol import tracks as stored
from alliance.patrol.spans import pauses
from alliance.times import from_ms
from geo import track
from geo.datum import Datum
from ops.benches.mini import DISTRICT, MIDDLE, Mini
from tests.feed.conftest import MINUTE, START, Clock


class Phones:
    """Everyone's session over one intake, without sockets."""

    def __init__(self, pool: Pool, world: Mini, clock: Clock, places: Places) -> None:
        self.pool, self.world, self.clock, self.places = pool, world, clock, places
        self.seq = 0
        self.begin()

    def begin(self) -> None:
        """As a new process does."""
        self.register = Register()
        self.live = Live(DISTRICT, self.places, self.register)
        self.intake = Intake(
            self.pool,
            DISTRICT,
            places=lambda: self.places,
            register=self.register,
            clock=self.clock,
            carry_out=lambda peer, needs: None,
            fold=self.live.fold,
            changed=lambda found: self.live.changed(found, self.clock.at),
        )
        self.running = asyncio.create_task(self.intake.run())

    async def end(self) -> None:
        self.running.cancel()
        await asyncio.gather(self.running, return_exceptions=True)

    async def load(self) -> None:
        async with self.pool.acquire() as conn:
            people = [PersonId(person) for person in self.world.people]
            self.register.put(await duties.of_people(conn, DISTRICT, people, from_ms(self.clock.at)))

    async def send(self, n: int, message: wire.Fixes | wire.CheckIn | wire.CheckOut) -> None:
        peer = Request(Session(self.clock.at))
        actor = Actor(
            district=DISTRICT,
            person=PersonId(self.world.people[n]),
            organisation=OrganisationId(1),
            grants=(Grant(role=Role.GUARD),),
        )
        peer.session.admit(actor, self.register, Datum.WGS84)
        for need in peer.session.take(message, self.clock.at):
            if isinstance(need, Store):
                self.intake.add(peer, need)
            elif isinstance(need, Act):
                self.intake.stamp(peer, message)  # type: ignore[arg-type]
        async with asyncio.timeout(10):
            await peer.answered.wait()

    async def fixes(self, n: int, chunk: list[wire.Fix]) -> None:
        self.seq += 1
        await self.send(n, wire.Fixes(seq=self.seq, assignment=self.world.assignments[n], fixes=chunk))

    async def tick(self) -> None:
        """Until nothing is left to be rewritten."""
        async with self.pool.acquire() as conn:
            for _ in range(3):
                await self.live.tick(conn, self.clock.at)


@pytest.fixture
async def phones(dsn: str, world: Mini, clock: Clock) -> AsyncIterator[Phones]:
    pool = await open_pool(dsn, size=4)
    async with pool.acquire() as conn:
        places = await areas.places(conn, DISTRICT)
    found = Phones(pool, world, clock, places)
    await found.load()
    yield found
    await found.end()
    await pool.close()


def walk(chance: random.Random, start: int, count: int) -> list[wire.Fix]:
    """A way with pauses, jumps, poor and mocked fixes, and bursts of the same place."""
    lat, lon = MIDDLE
    at = start
    found = []
    for _ in range(count):
        at += chance.choice([5_000, 15_000, 20_000, 60_000, 119_999, 120_000, 120_001, 300_000])
        step = chance.choice([0.0, 0.0, 0.0005, 0.001, 0.004])
        lat += chance.uniform(-step, step)
        lon += chance.uniform(-step, step)
        if chance.random() < 0.05:
            lat, lon = MIDDLE
        leap = 0.2 if chance.random() < 0.08 else 0.0
        accuracy = chance.choice([5.0, 30.0, 100.0, 101.0 if chance.random() < 0.3 else 20.0])
        mock = chance.random() < 0.03
        found.append(wire.Fix(at=at, lat=lat + leap, lon=lon, accuracy=accuracy, mock=mock))
    return found


def moved(fix: wire.Fix, **changed: Any) -> wire.Fix:
    return msgspec.structs.replace(fix, **changed)


def chunks(chance: random.Random, found: list[wire.Fix], disorder: float) -> list[list[wire.Fix]]:
    """Cut into messages, some late, some sent twice, some of other times or places than first said.

    A clock 3 hours off makes fixes that are refused, or that mix with the rest; the first of a time counts.
    """
    cut = [found[i : i + 7] for i in range(0, len(found), 7)]
    for i in range(len(cut) - 1):
        if chance.random() < disorder:
            j = chance.randrange(i, min(len(cut), i + 4))
            cut[i], cut[j] = cut[j], cut[i]
    cut += [chance.choice(cut) for _ in range(2)]
    for hours in (-3, 3):
        shifted = [moved(fix, at=fix.at + hours * 60 * MINUTE) for fix in chance.choice(cut)]
        cut.insert(chance.randrange(len(cut)), shifted)
    again = chance.choice(cut)
    cut.append([moved(fix, lat=fix.lat + 0.01) for fix in again])
    cut.append([*again, *(moved(fix, lon=fix.lon + 0.01) for fix in again)])
    cut.append([wire.Fix(at=START - 10 * MINUTE, lat=MIDDLE[0], lon=MIDDLE[1], accuracy=5)])
    return cut


async def must_agree(phones: Phones) -> None:
    """Live, the stored visits, and the definition applied to the stored fixes say the same."""
    now = phones.clock.at
    command = Actor(
        district=DISTRICT,
        person=PersonId(0),
        organisation=OrganisationId(1),
        grants=(Grant(role=Role.COMMANDER),),
    )
    async with phones.pool.acquire() as conn:
        instant = await coverage.at(conn, command, phones.places, now)
        assert phones.live.covered.tolist() == instant.covered_until
        found = await duties.numbered(conn, DISTRICT, phones.world.assignments)
        for duty in found:
            records = await conn.fetch(
                "select at, lat, lon, accuracy, flags from fix where assignment = $1", duty.id
            )
            fixes = [
                track.Fix(
                    at=r["at"],
                    lat=r["lat"] / 1e7,
                    lon=r["lon"] / 1e7,
                    accuracy=r["accuracy"],
                    mock=bool(r["flags"] & 4),
                )
                for r in records
            ]
            breaks = [track.Break(from_at=a, to_at=b) for a, b in pauses(duty.spans)]
            wanted = track.visits(fixes, phones.places.hexes, breaks)
            rows = await conn.fetch("select cell, from_at, to_at from visit where assignment = $1", duty.id)
            have = {(f"{row['cell']:x}", row["from_at"], row["to_at"]) for row in rows}
            assert have == {(visit.cell, visit.from_at, visit.to_at) for visit in wanted}, duty.id
            assert len(rows) == len(wanted)


@pytest.mark.parametrize("seed", range(6))
async def test_any_order_gives_the_same(phones: Phones, seed: int) -> None:
    chance = random.Random(seed)
    disorder = [0.0, 0.3, 1.0][seed % 3]
    ways = [chunks(chance, walk(chance, START, 60), disorder) for _ in range(3)]
    for n in range(3):
        await phones.send(n, wire.CheckIn(key=f"in{n}", assignment=phones.world.assignments[n], at=START))
    turn = most = 0
    while any(ways):
        phones.clock.forward(chance.randrange(60_000, 300_000))
        n = chance.randrange(3)
        if ways[n]:
            await phones.fixes(n, ways[n].pop(0))
        turn += 1
        if turn % 5 == 0:
            await phones.tick()
            await must_agree(phones)
            most = max(most, int(np.count_nonzero(phones.live.covered)))
        if turn == 25:
            await phones.end()
            phones.begin()
            await phones.load()
            async with phones.pool.acquire() as conn:
                await phones.live.load(conn, phones.clock.at)
            await must_agree(phones)
    await phones.tick()
    await must_agree(phones)
    assert most > 1


async def test_a_late_break_takes_back_what_was_covered(phones: Phones) -> None:
    assignment = phones.world.assignments[0]
    await phones.send(0, wire.CheckIn(key="a", assignment=assignment, at=START))
    way = [
        wire.Fix(at=START + 15_000 * n, lat=MIDDLE[0] + n * 2e-4, lon=MIDDLE[1], accuracy=5)
        for n in range(60)
    ]
    phones.clock.forward(16 * MINUTE)
    await phones.fixes(0, way)
    await phones.tick()
    before = int(np.count_nonzero(phones.live.covered))
    await phones.send(0, wire.CheckOut(key="b", assignment=assignment, at=START + 5 * MINUTE))
    await phones.tick()
    assert 0 < np.count_nonzero(phones.live.covered) < before
    await must_agree(phones)
    await phones.send(0, wire.CheckIn(key="c", assignment=assignment, at=START + 10 * MINUTE))
    await phones.fixes(0, way)
    await phones.tick()
    await must_agree(phones)
    async with phones.pool.acquire() as conn:
        found = await stored.visits(
            conn, DISTRICT, phones.places, start=START + 6 * MINUTE, end=START + 9 * MINUTE
        )
    assert len(found) == 0


async def test_period_coverage_is_the_sum_of_instants(phones: Phones) -> None:
    chance = random.Random(5)
    await phones.send(0, wire.CheckIn(key="a", assignment=phones.world.assignments[0], at=START))
    phones.clock.forward(200 * MINUTE)
    for chunk in chunks(chance, walk(chance, START, 40), 0.5):
        await phones.fixes(0, chunk)
    await phones.tick()
    command = Actor(
        district=DISTRICT,
        person=PersonId(0),
        organisation=OrganisationId(1),
        grants=(Grant(role=Role.COMMANDER),),
    )
    step = 30_000
    async with phones.pool.acquire() as conn:
        whole = await coverage.between(conn, command, phones.places, START, START + 60 * MINUTE)
        instants = [
            (await coverage.at(conn, command, phones.places, at)).coverage
            for at in range(START + step // 2, START + 60 * MINUTE, step)
        ]
    assert whole.coverage == pytest.approx(sum(instants) / len(instants), abs=0.003)
    assert 0 < whole.coverage < 1
