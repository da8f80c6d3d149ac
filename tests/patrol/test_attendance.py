"""Check-ins and check-outs as people send them, against a real database."""

from collections.abc import Sequence

import numpy as np
import pytest

from alliance import events
from alliance.actor import Actor, AssignmentId, Code, Grant, OrganisationId, PersonId, Role
from alliance.db.pool import Connection
from alliance.errors import Refused
from alliance.events import Tx
from alliance.patrol import actions, fix_store, store
from alliance.patrol.fix_store import FixRows, day_number
from alliance.patrol.model import Duty, Point, Stamp, StampKind, Taken, Wanted
from alliance.patrol.partitions import ensure_partitions
from alliance.times import from_ms
from ops.benches import mini
from ops.benches.mini import DISTRICT, Mini

START = 1_780_000_000_000
END = START + 8 * 3_600_000
MINUTE = 60_000
IN, OUT = StampKind.IN, StampKind.OUT


@pytest.fixture
async def world(conn: Connection) -> Mini:
    made = await mini.seed(conn, people=4, start=START, end=END)
    await ensure_partitions(conn, [made.day])
    return made


def actor(world: Mini, n: int, *grants: Grant) -> Actor:
    return Actor(
        district=DISTRICT,
        person=PersonId(world.people[n]),
        organisation=OrganisationId(1),
        grants=grants or (Grant(role=Role.GUARD),),
    )


async def send(conn: Connection, who: Actor, stamp: Stamp, now: int | None = None) -> Taken:
    tx = Tx(conn, DISTRICT)
    taken = await actions.stamp(tx, who, stamp, from_ms(now if now is not None else stamp.at))
    await tx.flush()
    return taken


def stamp(world: Mini, n: int, kind: StampKind, at: int, **more: object) -> Stamp:
    return Stamp(kind=kind, assignment=AssignmentId(world.assignments[n]), at=at, **more)  # type: ignore[arg-type]


async def duty(conn: Connection, world: Mini, n: int) -> Duty:
    (found,) = await store.duties(conn, DISTRICT, [AssignmentId(world.assignments[n])])
    return found


async def kinds(conn: Connection) -> list[str]:
    return [event.kind for event in await events.since(conn, DISTRICT, 0, 100)]


async def put_fixes(conn: Connection, world: Mini, n: int, times: Sequence[int]) -> None:
    count = len(times)
    await fix_store.copy(
        conn,
        DISTRICT,
        FixRows(
            assignment=np.full(count, world.assignments[n]),
            day=np.full(count, day_number(world.day)),
            at=np.array(times),
            received_at=np.array(times),
            lat=np.full(count, 232_900_000),
            lon=np.full(count, 1_138_100_000),
            accuracy=np.full(count, 10, dtype=np.float32),
            battery=np.full(count, -1, dtype=np.int16),
            flags=np.zeros(count, dtype=np.int16),
        ),
    )


async def fix_times(conn: Connection, world: Mini, n: int) -> list[int]:
    points = await fix_store.track(conn, DISTRICT, world.day, AssignmentId(world.assignments[n]))
    return [point.at for point in points]


async def test_a_duty_with_a_break(conn: Connection, world: Mini) -> None:
    me = actor(world, 0)
    for kind, at in [(IN, START), (OUT, START + 60 * MINUTE), (IN, START + 90 * MINUTE), (OUT, END)]:
        taken = await send(conn, me, stamp(world, 0, kind, at))
    assert taken.result["spans"] == [[START, START + 60 * MINUTE], [START + 90 * MINUTE, END]]
    assert await kinds(conn) == ["checked_in", "checked_out", "checked_in", "checked_out"]


async def test_a_repeated_key_and_a_repeated_instant_count_once(conn: Connection, world: Mini) -> None:
    me = actor(world, 0)
    first = await send(conn, me, stamp(world, 0, IN, START, key="a"))
    again = await send(conn, me, stamp(world, 0, IN, START + 5, key="a"))
    assert again.result == first.result
    await send(conn, me, stamp(world, 0, IN, START, key="b"))
    assert len((await duty(conn, world, 0)).marks) == 1


@pytest.mark.parametrize(
    ("kind", "at", "now", "code"),
    [
        (IN, START - 31 * MINUTE, START, "too_early"),
        (IN, END + 1, END + 1, "too_late"),
        (IN, START + 3 * MINUTE, START, "clock_ahead"),
        (IN, START, END + 72 * 60 * MINUTE + 1, "too_late"),
        (OUT, START + 5, START + 5, "off_duty"),
    ],
)
async def test_refusals(conn: Connection, world: Mini, kind: StampKind, at: int, now: int, code: str) -> None:
    with pytest.raises(Refused) as caught:
        await send(conn, actor(world, 0), stamp(world, 0, kind, at), now)
    assert caught.value.code == code


async def test_the_edges_are_taken(conn: Connection, world: Mini) -> None:
    await send(conn, actor(world, 0), stamp(world, 0, IN, START - 30 * MINUTE))
    await send(conn, actor(world, 1), stamp(world, 1, IN, END), END + 72 * 60 * MINUTE)


async def test_nobody_stamps_for_a_stranger(conn: Connection, world: Mini) -> None:
    for n, code in [(1, "not_yours"), (99, "unknown_assignment")]:
        other = AssignmentId(world.assignments[n] if n < 4 else 999_999)
        with pytest.raises(Refused) as caught:
            await send(conn, actor(world, 0), Stamp(kind=IN, assignment=other, at=START))
        assert caught.value.code == code


async def test_without_consent_no_position(conn: Connection, world: Mini) -> None:
    await conn.execute("update consent set withdrawn_at = now() where person = $1", world.people[0])
    here = Point(at=START, lat=23.29, lon=113.81, accuracy=5)
    with pytest.raises(Refused) as caught:
        await send(conn, actor(world, 0), stamp(world, 0, IN, START, fix=here))
    assert caught.value.code == "no_consent"
    await send(conn, actor(world, 0), stamp(world, 0, IN, START))
    assert not (await duty(conn, world, 0)).consented


async def test_a_lead_attests_for_the_own_unit_only(conn: Connection, world: Mini) -> None:
    await conn.execute("insert into unit values ($1, 'U1', '一组', 'B0', $2)", DISTRICT, world.people[0])
    await conn.executemany(
        "insert into unit_member values ($1, 'U1', $2)", [(DISTRICT, world.people[n]) for n in (0, 1)]
    )
    lead = actor(world, 0)
    taken = await send(conn, lead, stamp(world, 0, IN, START, people=(PersonId(world.people[1]),)))
    assert taken.result["people"] == [world.people[1]]
    assert [mark.attested for mark in (await duty(conn, world, 1)).marks] == [True]
    assert [mark.attested for mark in (await duty(conn, world, 0)).marks] == [False]
    with pytest.raises(Refused) as caught:
        await send(conn, lead, stamp(world, 0, IN, START + 1, people=(PersonId(world.people[2]),)))
    assert caught.value.code == "forbidden"


async def test_an_officer_attests_on_the_own_beat(conn: Connection, world: Mini) -> None:
    beat = Grant(role=Role.OFFICER, beats=frozenset({Code("B1")}))
    officer = actor(world, 0, beat)
    await send(conn, officer, stamp(world, 1, IN, START))
    assert (await duty(conn, world, 1)).spans[0].attested
    await send(conn, officer, stamp(world, 1, OUT, END))
    assert (await duty(conn, world, 1)).spans[0].attested
    with pytest.raises(Refused):
        await send(conn, officer, stamp(world, 2, IN, START))


async def test_a_forgotten_check_out_is_written_with_the_shift_s_end(conn: Connection, world: Mini) -> None:
    await send(conn, actor(world, 0), stamp(world, 0, IN, START))
    await put_fixes(conn, world, 0, [START + 1, END, END + 1])
    tx = Tx(conn, DISTRICT)
    assert await actions.check_out_forgotten(tx, from_ms(END + 30 * MINUTE - 1)) == 0
    assert await actions.check_out_forgotten(tx, from_ms(END + 30 * MINUTE)) == 1
    assert await actions.check_out_forgotten(tx, from_ms(END + 31 * MINUTE)) == 0
    await tx.flush()
    (span,) = (await duty(conn, world, 0)).spans
    assert (span.to_at, span.auto) == (END, True)
    assert await fix_times(conn, world, 0) == [START + 1, END]
    await send(conn, actor(world, 0), stamp(world, 0, OUT, END - MINUTE), END + 60 * MINUTE)
    (span,) = (await duty(conn, world, 0)).spans
    assert (span.to_at, span.auto) == (END - MINUTE, False)
    assert await fix_times(conn, world, 0) == [START + 1]
    assert await conn.fetchval("select count(*) from attendance where auto and superseded") == 1


async def test_a_late_check_out_deletes_what_was_stored_after_it(conn: Connection, world: Mini) -> None:
    await send(conn, actor(world, 0), stamp(world, 0, IN, START))
    await send(conn, actor(world, 0), stamp(world, 0, IN, START + 50 * MINUTE))
    minutes = [1, 29, 30, 31, 49, 50, 70]
    await put_fixes(conn, world, 0, [START + n * MINUTE for n in minutes])
    await send(conn, actor(world, 0), stamp(world, 0, OUT, START + 30 * MINUTE), START + 80 * MINUTE)
    left = [(at - START) // MINUTE for at in await fix_times(conn, world, 0)]
    assert left == [1, 29, 30, 50, 70]
    assert await conn.fetchval("select count(*) from visit_stale") == 1


async def test_many_at_once_with_a_repeat_and_a_refusal_among_them(conn: Connection, world: Mini) -> None:
    wanted = [
        Wanted(actor=actor(world, 0), stamp=stamp(world, 0, IN, START, key="a")),
        Wanted(actor=actor(world, 1), stamp=stamp(world, 0, IN, START, key="a")),
        Wanted(actor=actor(world, 0), stamp=stamp(world, 0, IN, START + 9, key="a")),
        Wanted(actor=actor(world, 2), stamp=stamp(world, 2, IN, START, key="c")),
    ]
    tx = Tx(conn, DISTRICT)
    first, stranger, repeat, third = await actions.stamp_many(tx, wanted, from_ms(START))
    assert isinstance(first, Taken)
    assert isinstance(repeat, Taken)
    assert isinstance(third, Taken)
    assert first.result == repeat.result
    assert isinstance(stranger, Refused)
    assert (
        len(
            await store.duties_of(
                conn, DISTRICT, [PersonId(p) for p in world.people], from_ms(START), from_ms(END)
            )
        )
        == 4
    )


async def test_staffing_counts_who_is_there(conn: Connection, world: Mini) -> None:
    await conn.execute(
        "insert into need select district_id, id, 'day', 2, 3, 0 from post where district_id = $1", DISTRICT
    )
    await send(conn, actor(world, 0), stamp(world, 0, IN, START))
    await send(conn, actor(world, 1), stamp(world, 1, IN, START))
    await send(conn, actor(world, 1), stamp(world, 1, OUT, START + 5 * MINUTE))
    found = await store.staffing(conn, DISTRICT, from_ms(START + 10 * MINUTE))
    assert [(one.beat, one.present, one.planned, one.needed) for one in found] == [
        ("B0", 1, 1, 2),
        ("B1", 0, 1, 2),
        ("B2", 0, 1, 2),
        ("B3", 0, 1, 2),
    ]
