"""A change scored on the few it concerns: the same differences as two reckonings of the whole roster."""

import itertools
import random
from datetime import date

import msgspec
import pytest

from alliance.actor import DistrictId, PersonId
from alliance.areas import actions as areas
from alliance.db.pool import Connection
from alliance.events import transaction
from alliance.roster import asked, assignment_store, drafting, judging, making, store
from alliance.roster.assignment_store import Made
from alliance.roster.changing import Place
from alliance.roster.judging import Change
from alliance.roster.model import NewRoster, PostId, Roster, RosterId, Shift, ShiftId
from alliance.roster.narrow import Narrow, narrow
from alliance.roster.narrow_store import Scope
from alliance.roster.scored import changed, score
from scheduler import fairness
from scheduler import problem as ask
from scheduler.check import Violation, check
from scheduler.terms import terms
from tests.roster.district import MONDAY, SUNDAY, District

ONE = DistrictId(1)
FIRST, LAST = date.fromisoformat(MONDAY), date.fromisoformat(SUNDAY)


async def scrambled(district: District, seed: int, *, published: bool) -> RosterId:
    """A roster put together by dice, with legal and illegal duties."""
    dice = random.Random(seed)
    async with transaction(district.service.pool, ONE) as tx:
        new = NewRoster(first_day=FIRST, last_day=LAST)
        number = (await making.begin(tx, new, None, district.service.clock.now)).id
        shifts = await store.shifts(tx.conn, ONE, FIRST, LAST)
        posts = await store.posts(tx.conn, ONE, None)
        slots = [(person, shift) for person in district.guards for shift in shifts]
        made = [
            _made(person, shift, dice.choice(posts).id, pinned=dice.random() < 0.2)
            for person, shift in dice.sample(slots, 40)
        ]
        await assignment_store.insert(tx.conn, ONE, number, made)
        await tx.conn.execute("update roster set state = 'draft' where id = $1", number)
        if published:
            await assignment_store.publish(tx.conn, ONE, number)
    return number


def _made(person: PersonId, shift: Shift, post: PostId, *, pinned: bool) -> Made:
    return Made(
        person=person,
        shift=shift.id,
        post=post,
        duty_day=shift.duty_day,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        pinned=pinned,
        why={},
    )


async def whole(conn: Connection, number: RosterId) -> tuple[ask.Problem, tuple[ask.Assignment, ...]]:
    have = await store.roster(conn, ONE, number)
    assert isinstance(have, Roster)
    rows = await drafting.gather(conn, ONE, have)
    stored = await assignment_store.placed(conn, ONE, number, have.first_day, have.last_day)
    standing = tuple(asked.assignment(one.person, one.post, one.shift) for one in stored)
    return asked.problem(rows), standing


def throw(
    dice: random.Random, problem: ask.Problem, standing: tuple[ask.Assignment, ...]
) -> set[ask.Assignment]:
    """What changes: some that stand and go, some that come."""
    going = dice.sample(standing, dice.randint(0, 3))
    coming = [
        ask.Assignment(
            person=dice.choice(problem.people).id,
            post=dice.choice(problem.posts).id,
            shift=dice.choice(problem.shifts).id,
        )
        for _ in range(dice.randint(0, 3))
    ]
    return set(going) ^ (set(coming) - set(standing))


async def around(conn: Connection, scope: Scope, change: set[ask.Assignment]) -> Narrow:
    return await narrow(
        conn,
        await areas.places(conn, ONE),
        scope,
        people={PersonId(one.person) for one in change},
        at={(PostId(one.post), ShiftId(one.shift)) for one in change},
    )


@pytest.mark.parametrize("published", [False, True])
async def test_a_change_makes_the_same_difference_as_in_the_whole(
    district: District, published: bool
) -> None:
    number = await scrambled(district, 5, published=published)
    dice = random.Random(7)
    scope = Scope(draft=None if published else number, first_day=FIRST, last_day=LAST)
    seen = 0
    async with district.service.pool.acquire() as conn:
        problem, before = await whole(conn, number)
        if published:
            problem = msgspec.structs.replace(problem, published=before)
        for _ in range(40):
            change = throw(dice, problem, before)
            after = changed(before, drop=change, add=change - set(before))
            small = await around(conn, scope, change)
            added = change - set(before)
            found = score(small.problem, small.standing, changed(small.standing, drop=change, add=added))
            earlier, later = terms(problem, before), terms(problem, after)
            assert found.change == pytest.approx({name: later[name] - earlier[name] for name in later})
            full = score(problem, before, after)
            assert by_text(found.broken) == by_text(full.broken)
            assert by_text(found.mended) == by_text(full.mended)
            assert found.short == full.short
            assert bool(found.broken) >= (len(check(problem, after)) > len(check(problem, before)))
            seen += bool(found.broken)
    assert 10 < seen < 40


def by_text(found: tuple[Violation, ...]) -> list[str]:
    return sorted(f"{one.rule} {one.people} {sorted(one.assignments)} {one.explanation}" for one in found)


async def test_who_may_take_a_place_is_told_by_the_short_way_as_by_the_long(district: District) -> None:
    """Everyone at some places of a roster that itself breaks rules."""
    number = await scrambled(district, 11, published=True)
    told = set()
    async with district.service.pool.acquire() as conn:
        known = await areas.places(conn, ONE)
        shifts = {shift.id: shift for shift in await store.shifts(conn, ONE, FIRST, LAST)}
        stored = await assignment_store.placed(conn, ONE, number, FIRST, LAST)
        for post, shift in sorted({(one.post, one.shift) for one in stored})[::3]:
            day = shifts[shift].duty_day
            near = await judging.around(conn, known, district.guards, [(post, shift)], [day])
            busy = {row.person for row in near.rows.values() if row.shift == shift}
            for person, growing in itertools.product(set(district.guards) - busy, (False, True)):
                place = Place(person=person, post=post, shift=shift)
                change = Change(add=(place,), days=(day,), growing=growing)
                long, broken = judging.weighed(judging.of_one(near, person, post, shift), change)
                short = judging.taking(near, person, post, shift, growing=growing)
                assert short == (None if broken else pytest.approx(long.change))
                told.add(short is None)
    assert told == {True, False}


async def test_how_even_a_roster_is_the_service_says_as_the_solver_does(district: District) -> None:
    """Who offers no time is none of those compared."""
    number = await scrambled(district, 3, published=False)
    pool = district.service.pool
    await pool.execute("delete from availability where person = $1", district.guards[0])
    async with pool.acquire() as conn:
        problem, standing = await whole(conn, number)
    answer = await district.service.ask("GET", f"/rosters/{number}/fairness", district.commander)
    told = answer.json()
    reckoned = fairness.spreads(problem, fairness.loads(problem, standing), worst=0)
    assert told["spreads"] == msgspec.json.decode(msgspec.json.encode(reckoned))
    assert [one["people"] for one in told["spreads"]] == [len(district.guards) - 1] * 3
    assert told["people"] == len({one.person for one in standing})
