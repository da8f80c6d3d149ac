"""Whole rosters: always legal, counted right, never above the bound, and honest about what is missing."""

import itertools

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler import roster as roster_form
from scheduler.check import check
from scheduler.instance import instance
from scheduler.problem import (
    Assignment,
    BeatCode,
    Certificate,
    Need,
    Person,
    PersonId,
    Point,
    Post,
    PostId,
    Problem,
    Role,
    ShiftId,
    Weights,
)
from scheduler.roster import Lack, Reason, Roster
from scheduler.solve import Budget, bound_at, solve, with_bound
from scheduler.sound import Unsound
from scheduler.terms import terms
from tests.scheduler.make import PAPER, guard, person, problem, put, span, volunteer

BEAT = BeatCode("b1")
DAY, EVENING, NIGHT = (0, 6, 14), (0, 19, 23), (0, 22, 6)
SHIFTS = [(d, s, e) for d in range(3) for s, e in ((6, 14), (14, 22), (22, 6), (19, 23))]
POSTS = (Post(id=PostId(1), beat=BEAT, solo=True, unit=1), Post(id=PostId(2), beat=BEAT))
SMALL = Budget(bound_steps=4)


@st.composite
def small(draw: st.DrawFn, most_people: int, most_shifts: int) -> Problem:
    """All rules mixed: papers, nights, history, pins, minimum, wishes."""
    shifts = draw(st.lists(st.sampled_from(SHIFTS), min_size=1, max_size=most_shifts, unique=True))
    people = [draw(anyone(n + 1)) for n in range(draw(st.integers(1, most_people)))]
    worth = st.lists(st.integers(0, 6), min_size=0, max_size=3).map(
        lambda w: tuple(sorted(map(float, w))[::-1])
    )
    needs = tuple(
        Need(
            post=post.id,
            shift=ShiftId(n + 1),
            worth=draw(worth),
            minimum=draw(st.integers(0, 2)),
            certified=draw(st.integers(0, 1)),
            desired=draw(st.sampled_from([0, 2, 4])),
        )
        for post in POSTS
        for n in range(len(shifts))
    )
    weights = draw(st.sampled_from([Weights(), Weights(unmet=0.5, certified=0.5, nights=1.0)]))
    return problem(people, shifts, posts=POSTS, needs=needs, weights=weights)


@st.composite
def anyone(draw: st.DrawFn, number: int) -> Person:
    return person(
        number,
        role=draw(st.sampled_from(Role)),
        night_consent=draw(st.booleans()),
        certificates=draw(st.sampled_from([(), (PAPER,)])),
        target_hours=draw(st.sampled_from([None, 8.0])),
        leave=draw(st.sampled_from([(), (span(1, 0, 12),)])),
        history=draw(st.sampled_from([(), (span(-1, 14, 22),), (span(-1, 22, 6), span(-2, 22, 6))])),
        home=Point(lat=23.29 + draw(st.sampled_from([0, 0.02, 0.2])), lon=113.81),
        beats=draw(st.sampled_from([(), (BEAT,)])),
    )


@settings(max_examples=15, deadline=None)
@given(small(2, 3))
def test_tiny_problems_lie_between_nothing_and_the_optimum_below_the_bound(asked: Problem) -> None:
    found = solve(asked, SMALL)
    best = optimum(asked)
    assert check(asked, found.assignments) == ()
    assert found.objective == pytest.approx(sum(terms(asked, found.assignments).values()))
    assert found.objective <= best + 1e-9
    assert found.bound is not None
    assert found.bound >= best - 1e-9


def optimum(asked: Problem) -> float:
    """By trying everything."""
    places: list[int | None] = [None, *(post.id for post in asked.posts)]
    slots = [(p.id, s.id) for p in asked.people for s in asked.shifts]
    best = float("-inf")
    for choice in itertools.product(places, repeat=len(slots)):
        taken = [
            Assignment(person=p, post=PostId(post), shift=s)
            for (p, s), post in zip(slots, choice, strict=True)
            if post is not None
        ]
        if not check(asked, taken):
            best = max(best, sum(terms(asked, taken).values()))
    return best


@settings(max_examples=25, deadline=None)
@given(small(12, 10), st.integers(0, 3))
def test_small_problems_get_legal_rosters_below_a_bound_that_recertifies(asked: Problem, seed: int) -> None:
    found = solve(asked, Budget(bound_steps=2, seed=seed))
    assert check(asked, found.assignments) == ()
    assert found.conflicts == ()
    assert found.bound is not None
    assert found.objective <= found.bound + 1e-9
    assert bound_at(asked, found.prices) == pytest.approx(found.bound)
    missing = sum(s.missing for s in found.shortfalls if s.lack is Lack.PEOPLE)
    assert -found.terms["unmet"] == pytest.approx(missing * asked.weights.unmet)
    certified = sum(s.missing for s in found.shortfalls if s.lack is Lack.CERTIFIED)
    assert -found.terms["certified"] == pytest.approx(certified * asked.weights.certified)


@pytest.mark.parametrize("full", [False, True])
def test_a_small_district(full: bool) -> None:
    asked = instance(800, 7, 11, full=full)
    found = solve(asked, Budget(bound_steps=15))
    assert check(asked, found.assignments) == ()
    assert found.gap is not None
    assert 0 <= found.gap < 0.05
    assert found == solve(asked, Budget(bound_steps=15)), "the same work gives the same roster"
    assert len(found.why) == len(found.assignments)
    assert roster_form.from_json(roster_form.to_json(found)) == found


def test_two_weeks_count_each_week_by_itself() -> None:
    asked = instance(400, 14, 2, full=True)
    found = solve(asked, Budget())
    assert check(asked, found.assignments) == ()
    assert len(found.assignments) > 1.7 * len(solve(instance(400, 7, 2, full=True), Budget()).assignments)


def test_stopping_at_any_moment_leaves_a_legal_roster() -> None:
    asked = instance(3000, 3, 3)
    for patience in (0, 2, 9, 14):
        asks = itertools.count()
        found = solve(asked, Budget(), stop=lambda asks=asks, patience=patience: next(asks) >= patience)  # type: ignore[misc]
        assert check(asked, found.assignments) == ()
    assert solve(asked, Budget(), stop=lambda: True).assignments == ()


def test_a_later_bound_is_the_same_as_one_asked_for_at_once() -> None:
    asked = instance(200, 5, 4)
    assert with_bound(asked, solve(asked, Budget()), 3) == solve(asked, Budget(bound_steps=3))


def test_a_contradiction_is_told_before_any_search() -> None:
    asked = problem([guard(leave=(span(0, 0, 24),))], [DAY], pinned=tuple(put(1, 1)))
    with pytest.raises(Unsound, match=r"pinned\[0\] = available"):
        solve(asked, Budget())


def test_a_pinned_person_gets_company_even_where_it_is_worth_nothing() -> None:
    needs = (Need(post=PostId(1), shift=ShiftId(1)), Need(post=PostId(2), shift=ShiftId(1), worth=(9.0,)))
    posts = (Post(id=PostId(1), beat=BEAT), Post(id=PostId(2), beat=BEAT, unit=1, solo=True))
    asked = problem([guard(1), guard(2)], [NIGHT], posts=posts, needs=needs, pinned=tuple(put(1, 1)))
    found = solve(asked, Budget())
    assert check(asked, found.assignments) == ()
    assert set(found.assignments) == {*put(1, 1), *put(2, 1)}


def test_a_pinned_person_without_possible_company_is_a_conflict_not_a_silence() -> None:
    asked = problem([volunteer(1)], [EVENING], pinned=tuple(put(1, 1)))
    found = solve(asked, Budget(bound_steps=1))
    assert [c.pinned for c in found.conflicts] == [tuple(put(1, 1))]
    assert set(found.assignments) == set(put(1, 1))


def test_a_person_whose_fixed_duties_break_a_limit_is_left_alone_and_the_bound_stands() -> None:
    too_long = volunteer(1, history=(span(1, 6, 14),))
    found = solve(problem([too_long, guard(2)], [EVENING, (2, 6, 14)]), Budget(bound_steps=1))
    assert {a.person for a in found.assignments} == {PersonId(2)}
    assert found.bound is not None
    assert found.bound >= found.objective


def test_what_is_published_stays_where_nothing_speaks_against_it() -> None:
    asked = instance(300, 7, 6)
    before = solve(asked, Budget(seed=1))
    again = msgspec.structs.replace(asked, published=before.assignments)
    after = solve(again, Budget(seed=2))
    changed = set(before.assignments) ^ set(solve(asked, Budget(seed=2)).assignments)
    assert len(set(before.assignments) ^ set(after.assignments)) < 0.3 * len(changed)
    assert after.terms["stability"] > 0


def shortfall(people: list[Person], needs: tuple[Need, ...], duty: tuple[int, float, float] = DAY) -> Roster:
    posts = (
        Post(id=PostId(1), beat=BEAT, solo=True, unit=1, certificate="first_aid"),
        Post(id=PostId(2), beat=BEAT, solo=True, unit=1),
    )
    return solve(problem(people, [duty], posts=posts, needs=needs), Budget())


FIRST_AID = Certificate(kind="first_aid", until=PAPER.until)
TRAINED = (PAPER, FIRST_AID)
FAR = Point(lat=23.6, lon=113.81)
ONE = (Need(post=PostId(1), shift=ShiftId(1), minimum=1),)


@pytest.mark.parametrize(
    ("people", "reason"),
    [
        ([guard(1, availability=())], Reason.NOBODY_AVAILABLE),
        ([guard(1, availability=()), guard(2, active=False)], Reason.NOBODY_AVAILABLE),
        ([guard(1)], Reason.CERTIFICATE),
        ([guard(1), guard(2, certificates=TRAINED, home=FAR)], Reason.DISTANCE),
        ([guard(1, certificates=TRAINED, history=(span(-1, 16, 22),))], Reason.LIMITS_REACHED),
    ],
)
def test_a_shortfall_says_its_reason(people: list[Person], reason: Reason) -> None:
    (found,) = shortfall(people, ONE).shortfalls
    assert (found.reason, found.missing, found.lack) == (reason, 1, Lack.PEOPLE)


def test_a_shortfall_may_not_be_worth_it() -> None:
    needs = (*ONE, Need(post=PostId(2), shift=ShiftId(1), worth=(500.0,)))
    (found,) = shortfall([guard(1, certificates=TRAINED)], needs).shortfalls
    assert (found.reason, found.elsewhere) == (Reason.NOT_WORTH_IT, 1)


def test_why_names_what_the_place_gains_and_the_better_or_worse_elsewhere() -> None:
    posts = tuple(Post(id=PostId(n), beat=BEAT, solo=True, unit=1) for n in (1, 2))
    needs = tuple(Need(post=p.id, shift=ShiftId(1), worth=(float(4 - p.id),)) for p in posts)
    found = solve(problem([guard(1, beats=(BEAT,))], [DAY], posts=posts, needs=needs), Budget())
    (why,) = found.why
    assert found.assignments == tuple(put(1, 1))
    assert (why.worth, why.km, why.team, why.kept) == (3.0, 0.0, True, False)
    assert (why.other, why.other_better) == (2, -1.0)


def test_ids_need_not_be_in_order() -> None:
    asked = problem([guard(70), guard(9)], [DAY, NIGHT])
    assert {a.person for a in solve(asked, Budget()).assignments} == {PersonId(9), PersonId(70)}
