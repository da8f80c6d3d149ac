"""Facts: numbered without gaps in the order of commits, rolled back with their transaction, seen by few."""

import asyncio
import contextlib
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alliance import events, keys
from alliance.actor import Actor, Code, DistrictId, Grant, OrganisationId, PersonId, Role
from alliance.db.pool import Pool, connect
from alliance.events import Event, Numbered
from tests import make
from tests.make import NOW

DISTRICT = DistrictId(1)


@pytest.fixture
async def district(pool: Pool) -> DistrictId:
    async with pool.acquire() as conn:
        return await make.district(conn)


def fact(kind: str = "happened", **given: Any) -> Event:
    return Event(**{"kind": kind, "at": NOW, "actor": None, **given})


async def test_a_rolled_back_transaction_leaves_no_fact_and_no_gap(pool: Pool, district: DistrictId) -> None:
    async with events.transaction(pool, district) as tx:
        events.record(tx, fact("first", data={"n": 1}))
        events.record(tx, fact("second", people=(PersonId(7),), areas=(Code("b1"),)))
    with contextlib.suppress(ZeroDivisionError):
        async with events.transaction(pool, district) as tx:
            events.record(tx, fact("never"))
            raise ZeroDivisionError
    async with events.transaction(pool, district) as tx:
        events.record(tx, fact("third"))
    async with pool.acquire() as conn:
        found = await events.since(conn, district, 0, 10)
        assert [(one.id, one.kind) for one in found] == [(1, "first"), (2, "second"), (3, "third")]
        assert found[0].data == {"n": 1}
        assert (found[1].people, found[1].areas) == ((7,), ("b1",))
        assert found[0].at == NOW
        assert await events.latest(conn, district) == 3


async def test_numbers_have_no_gap_when_many_write_at_once(pool: Pool, district: DistrictId) -> None:
    async def write(n: int) -> None:
        async with events.transaction(pool, district) as tx:
            events.record(tx, fact(data={"n": n}))
            await asyncio.sleep(0)

    await asyncio.gather(*(write(n) for n in range(40)))
    async with pool.acquire() as conn:
        found = await events.since(conn, district, 0, 100)
    assert [one.id for one in found] == list(range(1, 41))
    assert {one.data["n"] for one in found} == set(range(40))


async def test_listeners_are_woken_after_the_commit(pool: Pool, district: DistrictId, dsn: str) -> None:
    woken: asyncio.Queue[str] = asyncio.Queue()
    conn = await connect(dsn)
    try:
        await conn.add_listener(events.CHANNEL, lambda *given: woken.put_nowait(given[-1]))
        async with events.transaction(pool, district) as tx:
            events.record(tx, fact())
        assert await asyncio.wait_for(woken.get(), 5) == "1"
    finally:
        await conn.close()


CODES = st.sampled_from([Code("b1"), Code("b2"), Code("s1")])
ORGANISATIONS = st.sampled_from([OrganisationId(1), OrganisationId(2)])
PEOPLE = st.sampled_from([PersonId(1), PersonId(2), PersonId(3)])
FACTS = st.builds(
    fact,
    areas=st.lists(CODES, max_size=2).map(tuple),
    people=st.lists(PEOPLE, max_size=2).map(tuple),
    organisation=st.none() | ORGANISATIONS,
)
GRANTS = st.builds(
    Grant,
    role=st.sampled_from(list(Role)),
    area=st.none() | CODES,
    organisation=st.none() | ORGANISATIONS,
    beats=st.frozensets(CODES, max_size=2),
)


@given(st.lists(FACTS, max_size=8), st.lists(GRANTS, max_size=3), st.integers(1, 9))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_the_query_and_the_rule_agree_on_who_sees_what(
    shared_dsn: str, facts: list[Event], grants: list[Grant], limit: int
) -> None:
    actor = Actor(district=DISTRICT, person=PersonId(1), organisation=OrganisationId(1), grants=tuple(grants))
    conn = await connect(shared_dsn)
    transaction = conn.transaction()
    await transaction.start()
    try:
        await make.district(conn)
        tx = events.Tx(conn, DISTRICT)
        for one in facts:
            events.record(tx, one)
        await tx.flush()
        seen = await events.seen_since(conn, actor, 0, limit)
    finally:
        await transaction.rollback()
        await conn.close()
    numbered = [Numbered(id=number, **msgspec.structs.asdict(one)) for number, one in enumerate(facts, 1)]
    assert seen.facts == [one for one in numbered if events.may_see(actor, one)][:limit]


async def test_a_key_is_used_once_even_when_two_come_at_the_same_time(
    pool: Pool, district: DistrictId
) -> None:
    done: list[int] = []

    async def act(n: int) -> dict[str, Any]:
        async with events.transaction(pool, district) as tx:
            first = await keys.once(tx, PersonId(5), "k", NOW)
            if first is not None:
                return first
            await asyncio.sleep(0.05)
            done.append(n)
            await keys.remember(tx, PersonId(5), "k", NOW, {"n": n})
            return {"n": n}

    results = await asyncio.gather(*(act(n) for n in range(4)))
    assert len(done) == 1
    assert results == [{"n": done[0]}] * 4
    async with events.transaction(pool, district) as tx:
        assert await keys.once(tx, PersonId(6), "k", NOW) is None
        assert await keys.once(tx, PersonId(5), None, NOW) is None
