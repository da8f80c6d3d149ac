"""The lookout over a real database: each occurrence once, whoever judges, resolved when its cause goes."""

from typing import Any

import numpy as np
import pytest

from alliance import events
from alliance.actor import Actor, AssignmentId, Grant, OrganisationId, PersonId, Role
from alliance.areas import actions as areas
from alliance.areas.places import Places
from alliance.attention import actions, store
from alliance.attention.lookout import Lookout
from alliance.attention.model import Kind, NewThresholds, Occurrence
from alliance.attention.store import Asked, Reach
from alliance.db.pool import Pool
from alliance.events import Event
from alliance.patrol import actions as patrol
from alliance.patrol import fix_store, sos
from alliance.patrol.fix_store import DEGREE, FixRows, day_number
from alliance.patrol.model import Stamp, StampKind
from alliance.patrol.partitions import ensure_partitions
from alliance.patrol.tracks import Heard
from alliance.times import from_ms
from geo import cell as hexes
from ops.benches import mini
from ops.benches.mini import DISTRICT, Mini

START = 1_780_000_000_000
END = START + 8 * 3_600_000
MINUTE = 60_000
# The middle of beat B0; of B3; and a little way from the first.
HOME, ELSEWHERE, NEAR = (23.285, 113.805), (23.295, 113.815), (23.2852, 113.8052)


class Watched:
    """A district of four on duty, each in a beat, a lookout on it, and a clock."""

    def __init__(self, pool: Pool, world: Mini, places: Places) -> None:
        self.pool, self.world, self.places = pool, world, places
        self.now = START
        self.covered = np.full(len(places), 2**60)
        self.restart()

    def restart(self) -> None:
        self.lookout = Lookout(self.pool, DISTRICT, self.places)

    async def look(self, after: float = 0) -> bool:
        self.now += int(after * MINUTE)
        async with self.pool.acquire() as conn:
            # As if the process before had been gone for a while.
            await conn.execute("update job_lease set expires_at = 'epoch' where name = 'attention'")
        return await self.lookout.look(self.now, self.covered)

    async def stamp(self, n: int, kind: StampKind = StampKind.IN) -> None:
        wanted = Stamp(kind=kind, assignment=AssignmentId(self.world.assignments[n]), at=self.now)
        async with events.transaction(self.pool, DISTRICT) as tx:
            await patrol.stamp(tx, self.actor(n), wanted, from_ms(self.now))

    def actor(self, n: int = 0, role: Role = Role.GUARD) -> Actor:
        return Actor(
            district=DISTRICT,
            person=PersonId(self.world.people[n]),
            organisation=OrganisationId(1),
            grants=(Grant(role=role),),
        )

    async def fix(self, n: int, place: tuple[float, float], battery: int = 80, *, told: bool = True) -> None:
        """Stored, and told to the lookout unless another process took it."""
        (lat, lon), number = place, self.world.assignments[n]
        columns: dict[str, Any] = {
            "assignment": number,
            "day": day_number(self.world.day),
            "at": self.now,
            "received_at": self.now,
            "lat": round(lat * DEGREE),
            "lon": round(lon * DEGREE),
            "accuracy": 5.0,
            "battery": battery,
            "flags": 0,
        }
        async with self.pool.acquire() as conn:
            row = FixRows(**{name: np.array([value]) for name, value in columns.items()})
            await fix_store.copy(conn, DISTRICT, row)
        known = {**columns, "lat": lat, "lon": lon, "place": self.places.index(hexes.at_int(lat, lon))}
        if told:
            names = Heard.__struct_fields__
            self.lookout.heard(Heard(**{name: np.array([known[name]]) for name in names}))

    async def all(self, kind: Kind | None = None) -> list[Occurrence]:
        async with self.pool.acquire() as conn:
            everybody = Reach(beats=None, organisations=[])
            return await store.listed(conn, DISTRICT, everybody, Asked(kind=kind, limit=500))

    async def states(self, kind: Kind) -> list[str]:
        return [one.state for one in await self.all(kind)]

    async def facts(self) -> list[str]:
        async with self.pool.acquire() as conn:
            found = await events.since(conn, DISTRICT, 0, 500)
        return [f"{fact.kind} {fact.data['kind']}" for fact in found if fact.kind.startswith("attention_")]


@pytest.fixture
async def watched(pool: Pool) -> Watched:
    async with pool.acquire() as conn:
        world = await mini.seed(conn, people=4, start=START, end=END)
        await ensure_partitions(conn, [world.day])
        return Watched(pool, world, await areas.places(conn, DISTRICT))


async def test_who_does_not_arrive_is_raised_once_and_resolved_by_coming(watched: Watched) -> None:
    await watched.look()
    for n in (1, 2, 3):
        await watched.stamp(n)
    await watched.look(14)
    assert await watched.all(Kind.NOT_ARRIVED) == []
    await watched.look(1)
    (found,) = await watched.all(Kind.NOT_ARRIVED)
    assert (found.person, found.beat, found.since) == (watched.world.people[0], "B0", START)
    watched.restart()
    await watched.look(1)
    await watched.look(1)
    await watched.stamp(0)
    await watched.look()
    assert await watched.states(Kind.NOT_ARRIVED) == ["resolved"]
    assert [f for f in await watched.facts() if "not_arrived" in f] == [
        "attention_raised not_arrived",
        "attention_resolved not_arrived",
    ]


async def test_silence_ends_with_the_next_fix_though_another_process_took_it(watched: Watched) -> None:
    await watched.stamp(0)
    await watched.look()
    await watched.look(10)
    assert await watched.states(Kind.SILENT) == ["open"]
    watched.now += MINUTE
    await watched.fix(0, HOME, told=False)
    await watched.look()
    assert await watched.states(Kind.SILENT) == ["resolved"]
    # And is a new occurrence when it begins again.
    await watched.look(10)
    assert await watched.states(Kind.SILENT) == ["open", "resolved"]
    await watched.stamp(0, StampKind.OUT)
    await watched.look()
    assert await watched.states(Kind.SILENT) == ["resolved", "resolved"]


async def test_who_withdraws_the_consent_is_no_longer_missed(watched: Watched) -> None:
    await watched.stamp(0)
    await watched.look()
    await watched.look(10)
    assert await watched.states(Kind.SILENT) == ["open"]
    async with events.transaction(watched.pool, DISTRICT) as tx:
        person = PersonId(watched.world.people[0])
        await tx.conn.execute("update consent set withdrawn_at = now() where person = $1", person)
        told = Event(kind="consent_withdrawn", at=from_ms(watched.now), actor=person, people=(person,))
        tx.record(told)
    await watched.look(0.1)
    assert await watched.states(Kind.SILENT) == ["resolved"]


async def test_standing_still_out_of_the_beat_with_an_empty_battery(watched: Watched) -> None:
    await watched.stamp(0)
    await watched.look()
    for _ in range(46):
        watched.now += MINUTE
        await watched.fix(0, ELSEWHERE, battery=12)
    await watched.look()
    for kind in (Kind.LEFT_BEAT, Kind.STILL, Kind.BATTERY):
        assert await watched.states(kind) == ["open"]
    # A restart finds out again since when, and raises nothing twice.
    watched.restart()
    await watched.look()
    assert len(await watched.all()) == len({(one.kind, one.subject) for one in await watched.all()})
    watched.now += MINUTE
    await watched.fix(0, HOME, battery=60)
    await watched.look()
    for kind in (Kind.LEFT_BEAT, Kind.STILL, Kind.BATTERY):
        assert await watched.states(kind) == ["resolved"]


async def test_who_is_sent_somewhere_may_leave_the_beat(watched: Watched) -> None:
    await watched.stamp(0)
    async with watched.pool.acquire() as conn:
        incident = await conn.fetchval(
            """
            insert into incident (district_id, kind, state, opened_at, lat, lon, cell, by_patrol)
            values ($1, 'fire', 'dispatched', now(), 23.295, 113.815, 'c', false) returning id
            """,
            DISTRICT,
        )
        await conn.execute(
            """
            insert into dispatch (district_id, incident, person, state, ordered_at, ordered_by, expires_at)
            values ($1, $2, $3, 'accepted', now(), $3, now())
            """,
            DISTRICT,
            incident,
            watched.world.people[0],
        )
    await watched.look()
    for _ in range(12):
        watched.now += MINUTE
        await watched.fix(0, ELSEWHERE)
    await watched.look()
    assert await watched.all(Kind.LEFT_BEAT) == []
    async with watched.pool.acquire() as conn:
        await conn.execute("update dispatch set state = 'done'")
    await watched.look()
    assert await watched.states(Kind.LEFT_BEAT) == ["open"]


async def test_a_beat_nobody_came_to_and_a_cell_long_cold(watched: Watched) -> None:
    high = int(np.flatnonzero(watched.places.tier == 1)[0])
    await watched.stamp(1)
    watched.now += MINUTE
    await watched.look()
    watched.covered[high] = 0
    await watched.look(0.1)
    await watched.look(15)
    assert sorted(one.subject for one in await watched.all(Kind.UNSTAFFED)) == ["B0", "B2", "B3"]
    assert await watched.all(Kind.COLD) == []
    # A process that has just begun knows as much.
    watched.restart()
    await watched.look(16)
    (cold,) = await watched.all(Kind.COLD)
    assert (cold.cell, cold.beat) == (
        watched.places.cell_text[high],
        watched.places.beats[watched.places.beat[high]],
    )
    watched.covered[high] = 2**60
    await watched.stamp(0)
    await watched.look()
    assert await watched.states(Kind.COLD) == ["resolved"]
    assert {one.subject: one.state for one in await watched.all(Kind.UNSTAFFED)}["B0"] == "resolved"


async def test_only_one_process_judges(watched: Watched) -> None:
    other = Lookout(watched.pool, DISTRICT, watched.places)
    watched.now += 20 * MINUTE
    assert await watched.lookout.look(watched.now, watched.covered)
    assert not await other.look(watched.now, watched.covered)
    assert len(await watched.all(Kind.NOT_ARRIVED)) == 4
    async with watched.pool.acquire() as conn:
        await conn.execute(
            "update job_lease set expires_at = now() - interval '1 s' where name = 'attention'"
        )
    assert await other.look(watched.now, watched.covered)
    assert not await watched.lookout.look(watched.now, watched.covered)
    assert len(await watched.all(Kind.NOT_ARRIVED)) == 4


async def test_a_call_for_help_is_acknowledged_once_for_both_lists(watched: Watched) -> None:
    async with events.transaction(watched.pool, DISTRICT) as tx:
        await sos.raise_sos(tx, watched.actor(), None, watched.now, from_ms(watched.now))
    await watched.look()
    (found,) = await watched.all(Kind.SOS)
    commander = watched.actor(1, Role.COMMANDER)
    async with events.transaction(watched.pool, DISTRICT) as tx:
        await actions.acknowledge(tx, commander, [found.id], from_ms(watched.now))
    async with watched.pool.acquire() as conn:
        (call,) = await sos.listed(conn, commander, open_only=True)
    assert call.acknowledged_by == commander.person
    async with events.transaction(watched.pool, DISTRICT) as tx:
        await sos.close(tx, commander, call.id, "已到场", from_ms(watched.now))
    await watched.look()
    assert await watched.states(Kind.SOS) == ["resolved"]


async def test_closed_by_hand_it_is_not_raised_again_while_the_cause_lasts(watched: Watched) -> None:
    await watched.look(20)
    found = next(one for one in await watched.all(Kind.NOT_ARRIVED) if one.beat == "B0")
    async with events.transaction(watched.pool, DISTRICT) as tx:
        await actions.close(
            tx, watched.actor(1, Role.COMMANDER), found.id, "请假，已知", from_ms(watched.now)
        )
    await watched.look(1)
    watched.restart()
    await watched.look(1)
    own = [one for one in await watched.all(Kind.NOT_ARRIVED) if one.beat == "B0"]
    assert [(one.state, one.reason) for one in own] == [("closed", "请假，已知")]
    with pytest.raises(Exception, match="never deleted"):
        async with watched.pool.acquire() as conn:
            await conn.execute("delete from attention")


async def test_thresholds_are_the_districts_own_and_zero_switches_off(watched: Watched) -> None:
    commander = watched.actor(1, Role.COMMANDER)
    async with events.transaction(watched.pool, DISTRICT) as tx:
        given = NewThresholds(not_arrived=0, unstaffed=5)
        await actions.set_thresholds(tx, commander, given, wanted_version=0, now=from_ms(START))
    await watched.look(1)
    await watched.look(5)
    assert await watched.all(Kind.NOT_ARRIVED) == []
    assert await watched.states(Kind.UNSTAFFED) == ["open"] * 4
