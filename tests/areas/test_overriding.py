"""Officers change what a cell weighs; the next weights follow."""

from datetime import timedelta

import msgspec
import pytest

from alliance.actor import Actor, Code, DistrictId, Grant, OrganisationId, PersonId, Role
from alliance.areas import actions, overriding
from alliance.areas.model import Happenings, NewOverride
from alliance.db.pool import Pool
from alliance.errors import Refused
from alliance.events import transaction
from alliance.times import to_ms
from geo.cell import Cell
from tests import make
from tests.make import NOW

ONE = DistrictId(1)
CELL = Cell(make.CELLS["b1"][0])


@pytest.fixture
async def district(pool: Pool) -> Pool:
    async with pool.acquire() as conn:
        await make.district(conn)
        await conn.execute(
            "insert into event_counter (district_id, last) values (1, 0) on conflict do nothing"
        )
    return pool


def actor(role: Role, *beats: str) -> Actor:
    grant = Grant(role=role, beats=frozenset(Code(beat) for beat in beats))
    return Actor(district=ONE, person=PersonId(5), organisation=OrganisationId(1), grants=(grant,))


def wanted(**changes: object) -> NewOverride:
    given = NewOverride(cell=CELL, amount=9.0, reason="庙会", ends_on=NOW.date() + timedelta(days=3))
    return msgspec.structs.replace(given, **changes)


async def weight(pool: Pool, now: int) -> float:
    async with pool.acquire() as conn:
        places = await actions.places(conn, ONE)
    return float(places.weights_at(now)[places.index(int(CELL, 16))])


async def renew(pool: Pool, days: int) -> float:
    now = NOW + timedelta(days=days)
    async with transaction(pool, ONE) as tx:
        await actions.renew_weights(tx, Happenings(cells=(), at=()), now)
    return await weight(pool, to_ms(now))


async def test_an_override_counts_until_it_ends(district: Pool) -> None:
    async with transaction(district, ONE) as tx:
        await overriding.override(tx, actor(Role.OFFICER, "b1"), wanted(), NOW)
    assert [await renew(district, days) for days in (1, 3, 4)] == [10.0, 10.0, 1.0]


async def test_it_counts_on_the_weekdays_and_in_the_duty_shifts_named(district: Pool) -> None:
    """NOW is a Wednesday noon, in the early shift; the fair is on Wednesday and Friday nights."""
    given = wanted(weekdays=[4, 2, 2], patterns=[Code("night"), Code("late")])
    async with transaction(district, ONE) as tx:
        made = await overriding.override(tx, actor(Role.OFFICER, "b1"), given, NOW)
        (seen,) = await overriding.overrides(tx.conn, actor(Role.OFFICER, "b1"), NOW)
    assert made == seen
    assert (seen.weekdays, seen.patterns) == ([2, 4], ["late", "night"])
    await renew(district, 0)
    hours = {
        day: [await weight(district, to_ms(NOW + timedelta(days=day, hours=h))) for h in (0, 4, 11)]
        for day in range(3)
    }
    assert hours == {0: [1.0, 10.0, 10.0], 1: [1.0, 1.0, 1.0], 2: [1.0, 10.0, 10.0]}


async def test_a_withdrawn_one_counts_no_more_and_a_cell_never_vanishes(district: Pool) -> None:
    officer = actor(Role.OFFICER, "b1")
    async with transaction(district, ONE) as tx:
        made = await overriding.override(tx, officer, wanted(amount=-50.0), NOW)
    assert 0 < await renew(district, 1) < 0.01
    async with transaction(district, ONE) as tx:
        await overriding.withdraw(tx, officer, made.id, NOW)
    assert await renew(district, 2) == 1.0
    async with transaction(district, ONE) as tx:
        with pytest.raises(Refused, match="override"):
            await overriding.withdraw(tx, officer, made.id, NOW)


async def test_only_who_polices_the_beat_may(district: Pool) -> None:
    others = [actor(Role.OFFICER, "b2"), actor(Role.GUARD, "b1"), actor(Role.MANAGER, "b1")]
    async with transaction(district, ONE) as tx:
        for other in others:
            with pytest.raises(Refused) as refused:
                await overriding.override(tx, other, wanted(), NOW)
            assert refused.value.code == "forbidden"
        await overriding.override(tx, actor(Role.COMMANDER), wanted(), NOW)
        assert await overriding.overrides(tx.conn, others[0], NOW) == []
        (seen,) = await overriding.overrides(tx.conn, actor(Role.CHIEF, "b1", "b2"), NOW)
    assert (seen.cell, seen.reason) == (CELL, "庙会")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"cell": "89411880e07ffff"}, "cell"),
        ({"ends_on": NOW.date() - timedelta(days=1)}, "ends_on"),
        ({"patterns": ["evening"]}, "patterns"),
    ],
)
async def test_a_mistake_is_named(district: Pool, changes: dict[str, object], said: str) -> None:
    async with transaction(district, ONE) as tx:
        with pytest.raises(Refused, match=said):
            await overriding.override(tx, actor(Role.COMMANDER), wanted(**changes), NOW)
