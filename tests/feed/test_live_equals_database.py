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
from alliance.errors import Refused
from alliance.events import transaction
from alliance.feed import wire
from alliance.feed.intake import Intake
from alliance.feed.live import Live
from alliance.feed.needs import Act, Store
from alliance.feed.register import Register
from alliance.feed.routes import Request
from alliance.feed.session import Session
from alliance.patrol import checkpoints, coverage, duties, scans
from alliance.patrol import tracks as stored
from alliance.patrol.checkpoints import NewCheckpoint
from alliance.patrol.spans import pauses
from alliance.times import from_ms
from geo import track
from geo.datum import Datum
from geo.tracks import Fixes
from ops.benches.mini import DISTRICT, MIDDLE, Mini
from tests.feed.conftest import MINUTE, START, Clock

COMMAND = Actor(
    district=DISTRICT,
    person=PersonId(0),
    organisation=OrganisationId(1),
    grants=(Grant(role=Role.COMMANDER),),
)


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
        peer.session.admit(self.guard(n), self.register, Datum.WGS84)
        for need in peer.session.take(message, self.clock.at):
            if isinstance(need, Store):
                self.intake.add(peer, need)
            elif isinstance(need, Act):
                self.intake.stamp(peer, message)  # type: ignore[arg-type]
        async with asyncio.timeout(10):
            await peer.answered.wait()

    def guard(self, n: int) -> Actor:
        return Actor(
            district=DISTRICT,
            person=PersonId(self.world.people[n]),
            organisation=OrganisationId(1),
            grants=(Grant(role=Role.GUARD),),
        )

    async def mark(self, count: int) -> list[str]:
        """The keys of so many checkpoints, which lie about the middle."""
        found = []
        async with transaction(self.pool, DISTRICT) as tx:
            for i in range(count):
                lat, lon = MIDDLE[0] + 0.002 * (i - count // 2), MIDDLE[1]
                wanted = NewCheckpoint(name=f"点{i}", lat=lat, lon=lon)
                made = await checkpoints.make(tx, COMMAND, wanted, from_ms(self.clock.at))
                (printed,) = await checkpoints.sheet(tx.conn, COMMAND, [made.id], "https://a.example")
                found.append(printed.link.rpartition("=")[2])
        return found

    async def scan(self, n: int, key: str, at: int) -> str:
        """What became of it: the refusal's code, or nothing; the room hears of it as of any event."""
        try:
            async with transaction(self.pool, DISTRICT) as tx:
                found = await scans.scan(tx, self.guard(n), key, at, from_ms(self.clock.at))
        except Refused as error:
            return error.code
        self.live.scanned([(found["assignment"], found["at"])])
        return ""

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
    async with phones.pool.acquire() as conn:
        instant = await coverage.at(conn, COMMAND, phones.places, now)
        assert phones.live.covered.tolist() == instant.covered_until
        found = await duties.numbered(conn, DISTRICT, phones.world.assignments)
        for duty in found:
            records = await conn.fetch(
                "select at, lat, lon, accuracy, flags from fix_read where assignment = $1", duty.id
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
            told = await conn.fetch("select distinct at, cell from scan where assignment = $1", duty.id)
            rows = await conn.fetch(
                "select cell, from_at, to_at, checkpoint from visit where assignment = $1", duty.id
            )
            have = {(f"{row['cell']:x}", row["from_at"], row["to_at"], row["checkpoint"]) for row in rows}
            should: set[tuple[str, int, int, bool]] = {
                (visit.cell, visit.from_at, visit.to_at, False) for visit in wanted
            }
            should |= {(f"{row['cell']:x}", row["at"], row["at"], True) for row in told}
            assert have == should, duty.id
            assert len(rows) == len(should)
            assert all(duty.on_duty(row["at"]) for row in told)


@pytest.mark.parametrize("seed", range(6))
async def test_any_order_gives_the_same(phones: Phones, seed: int) -> None:
    chance = random.Random(seed)
    disorder = [0.0, 0.3, 1.0][seed % 3]
    ways = [chunks(chance, walk(chance, START, 60), disorder) for _ in range(3)]
    for n in range(3):
        await phones.send(n, wire.CheckIn(key=f"in{n}", assignment=phones.world.assignments[n], at=START))
    keys = await phones.mark(5)
    outcomes: list[str] = []
    turn = most = 0
    while any(ways):
        phones.clock.forward(chance.randrange(60_000, 300_000))
        n = chance.randrange(3)
        if ways[n]:
            await phones.fixes(n, ways[n].pop(0))
        if chance.random() < 0.7:
            outcomes.append(await scanned(phones, chance, n, chance.choice(keys)))
        if turn % 5 == 2:
            await paused(phones, chance, n, turn)
        turn += 1
        if turn % 5 == 0:
            await phones.tick()
            await must_agree(phones)
            most = max(most, int(np.count_nonzero(phones.live.covered)))
        # With visits that were not made yet, and with none.
        if turn in (13, 25, 32):
            await phones.end()
            phones.begin()
            await phones.load()
            async with phones.pool.acquire() as conn:
                await phones.live.load(conn, phones.clock.at)
            await must_agree(phones)
    outcomes.append(await phones.scan(0, keys[0], phones.clock.at + 3 * MINUTE))
    await phones.tick()
    await must_agree(phones)
    assert most > 1
    assert {"", "clock_ahead", "off_duty"} <= set(outcomes)


async def test_what_is_committed_while_a_duty_is_read_is_told_of_once(
    phones: Phones, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reading brings it, and then the queue: it is neither lost nor taken for late."""
    reads = 0
    read = stored.fixes_of

    async def counted(*given: Any) -> Fixes:
        nonlocal reads
        reads += 1
        return await read(*given)

    monkeypatch.setattr(stored, "fixes_of", counted)
    await phones.send(0, wire.CheckIn(key="a", assignment=phones.world.assignments[0], at=START))
    phones.clock.forward(30 * MINUTE)
    way = [
        wire.Fix(at=START + 15_000 * n, lat=MIDDLE[0] + n * 2e-4, lon=MIDDLE[1], accuracy=5)
        for n in range(90)
    ]
    await phones.fixes(0, way[:30])
    following = phones.live._following
    queued, following._queued = following._queued, []
    await phones.fixes(0, way[30:60])
    following._queued, held = queued, following._queued
    await phones.tick()
    await must_agree(phones)
    following._queued = held
    await phones.fixes(0, way[60:])
    await phones.tick()
    await must_agree(phones)
    assert reads == 1


async def paused(phones: Phones, chance: random.Random, n: int, turn: int) -> None:
    """A break that is told of late: what was sent from it is taken back, scans too."""
    assignment, now = phones.world.assignments[n], phones.clock.at
    left = max(START, now - chance.randrange(30 * MINUTE))
    back = min(now, left + chance.randrange(1, 10 * MINUTE))
    await phones.send(n, wire.CheckOut(key=f"out{turn}", assignment=assignment, at=left))
    await phones.send(n, wire.CheckIn(key=f"again{turn}", assignment=assignment, at=back))


async def scanned(phones: Phones, chance: random.Random, n: int, key: str) -> str:
    """Now, minutes or an hour late, by a wrong clock, at the very time of a fix, or twice."""
    async with phones.pool.acquire() as conn:
        assignment = phones.world.assignments[n]
        beside = await conn.fetchval(
            "select at from fix_read where assignment = $1 order by at limit 1 offset $2",
            *(assignment, chance.randrange(8)),
        )
    now = phones.clock.at
    recent = [now, *(now - chance.randrange(10 * MINUTE) for _ in range(4))]
    at = chance.choice([*recent, now - 60 * MINUTE, now + 180 * MINUTE, START - 60 * MINUTE, beside or now])
    outcome = await phones.scan(n, key, at)
    assert chance.random() < 0.7 or await phones.scan(n, key, at) == outcome
    return outcome


async def test_a_scan_is_not_lost_where_its_duty_is_rewritten(phones: Phones) -> None:
    """A visit made of fixes begins at the same instant in the same cell, and a late fix rewrites it."""
    (key,) = await phones.mark(1)
    assignment = phones.world.assignments[0]
    await phones.send(0, wire.CheckIn(key="a", assignment=assignment, at=START))
    phones.clock.forward(4 * MINUTE)
    here = [wire.Fix(at=START + n * MINUTE, lat=MIDDLE[0], lon=MIDDLE[1], accuracy=5) for n in range(4)]
    await phones.fixes(0, here[1:3])
    assert await phones.scan(0, key, here[1].at) == ""
    await phones.tick()
    await must_agree(phones)
    await phones.fixes(0, [here[3], here[0]])
    await phones.tick()
    await must_agree(phones)
    async with phones.pool.acquire() as conn:
        kept = await conn.fetch("select from_at, to_at, checkpoint from visit order by checkpoint")
    assert [tuple(row) for row in kept] == [
        (here[0].at, here[3].at, False),
        (here[1].at, here[1].at, True),
    ]


async def test_a_late_check_out_takes_scans_back_though_nothing_else_was_sent(phones: Phones) -> None:
    (key,) = await phones.mark(1)
    await phones.send(0, wire.CheckIn(key="a", assignment=phones.world.assignments[0], at=START))
    phones.clock.forward(9 * MINUTE)
    assert await phones.scan(0, key, START + 8 * MINUTE) == ""
    late = wire.CheckOut(key="b", assignment=phones.world.assignments[0], at=START + 5 * MINUTE)
    # It is told of only after it was taken back.
    await phones.send(0, late)
    await phones.tick()
    assert np.count_nonzero(phones.live.covered) == 0
    await must_agree(phones)
    again = await phones.scan(0, key, START + 4 * MINUTE)
    await phones.tick()
    assert (again, int(np.count_nonzero(phones.live.covered))) == ("", 1)
    await must_agree(phones)


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
    step = 30_000
    async with phones.pool.acquire() as conn:
        whole = await coverage.between(conn, COMMAND, phones.places, START, START + 60 * MINUTE)
        instants = [
            (await coverage.at(conn, COMMAND, phones.places, at)).coverage
            for at in range(START + step // 2, START + 60 * MINUTE, step)
        ]
    assert whole.coverage == pytest.approx(sum(instants) / len(instants), abs=0.003)
    assert 0 < whole.coverage < 1
