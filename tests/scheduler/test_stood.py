"""A search that begins from a roster: never worse than what is legal of it, and near to it."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.check import check
from scheduler.instance import instance
from scheduler.instance_company import company
from scheduler.layout import lay_out
from scheduler.problem import Assignment, Need, PersonId, PostId, Problem, ShiftId, Weights
from scheduler.search import assignments
from scheduler.solve import Budget, solve
from scheduler.stood import lawful, legal_part, resume
from scheduler.terms import terms
from tests.scheduler.make import guard, problem, put, span
from tests.scheduler.test_solve import DAY, NIGHT, small

EXACT = Budget(bound_steps=4, guided=True, renewals=2, exact_turns=1)


def value(asked: Problem, some: tuple[Assignment, ...]) -> float:
    return sum(terms(asked, some).values())


def left_of(asked: Problem) -> tuple[Assignment, ...]:
    """What is legal of what is published."""
    return assignments(asked, legal_part(lawful(resume(asked, lay_out(asked), asked.published))))


class Turn(msgspec.Struct, frozen=True):
    """What became different after a roster was made; `told` is told beside it."""

    stability: float
    leaves: tuple[bool, ...]
    told: tuple[Assignment, ...]


ANYTHING = st.builds(
    Assignment,
    person=st.integers(1, 9).map(PersonId),
    post=st.integers(1, 3).map(PostId),
    shift=st.integers(1, 7).map(ShiftId),
)
TURNS = st.builds(
    Turn,
    st.sampled_from([0.0, 0.5, 50.0]),
    st.tuples(*[st.booleans()] * 7),
    st.lists(ANYTHING, max_size=6).map(tuple),
)


def turned(asked: Problem, turn: Turn) -> Problem:
    made = solve(asked, Budget(seed=5)).assignments
    people = tuple(
        msgspec.structs.replace(p, leave=(*p.leave, span(0, 0, 14)), night_consent=False) if leaves else p
        for p, leaves in zip(asked.people, turn.leaves, strict=False)
    )
    weights = msgspec.structs.replace(asked.weights, stability=turn.stability)
    published = tuple(sorted({*made, *turn.told}))
    return msgspec.structs.replace(asked, people=people, published=published, weights=weights)


@settings(max_examples=30, deadline=None)
@given(small(7, 6), TURNS, st.integers(0, 3), st.booleans())
def test_it_is_legal_and_never_worse_than_what_is_legal_of_the_published(
    before: Problem, turn: Turn, seed: int, exact: bool
) -> None:
    asked = turned(before, turn)
    left = left_of(asked)
    assert set(left) <= set(asked.published)
    assert check(asked, left) == ()
    budget = msgspec.structs.replace(EXACT if exact else Budget(), seed=seed)
    found = solve(asked, budget)
    assert check(asked, found.assignments) == ()
    assert found.objective >= value(asked, left) - 1e-9
    assert found.objective == pytest.approx(value(asked, found.assignments))
    assert solve(asked, budget) == found
    if not exact:
        assert found.objective >= solve(asked, budget, start=()).objective - 1e-9


@settings(max_examples=40, deadline=None)
@given(small(7, 6), st.integers(0, 3))
def test_what_breaks_no_rule_is_all_left_and_all_stays_where_it_weighs_enough(
    asked: Problem, seed: int
) -> None:
    made = solve(asked, Budget(seed=seed)).assignments
    weights = msgspec.structs.replace(asked.weights, stability=1000.0)
    again = msgspec.structs.replace(asked, published=made, weights=weights)
    assert left_of(again) == made
    assert set(made) <= set(solve(again, Budget(seed=seed + 1)).assignments)


def test_whatever_is_asked_at_once_the_published_is_there_at_least() -> None:
    asked = instance(300, 7, 6)
    made = solve(asked, Budget(seed=1)).assignments
    shifts = {shift.id for shift in asked.shifts[:6]}
    told = tuple(a for a in made if a.shift in shifts)
    again = msgspec.structs.replace(asked, published=told)
    at_once = solve(again, Budget(seed=2), stop=lambda: True)
    assert at_once.assignments == told
    longer = solve(again, Budget(seed=2, bound_steps=10, guided=True, renewals=20))
    assert longer.objective > at_once.objective
    assert longer.bound is not None
    assert longer.objective <= longer.bound


def test_almost_all_stays_in_a_district_when_it_is_made_again() -> None:
    asked = instance(300, 7, 6)
    made = solve(asked, Budget(seed=1)).assignments
    weights = msgspec.structs.replace(asked.weights, stability=5.0)
    again = msgspec.structs.replace(asked, published=made, weights=weights)
    found = solve(again, Budget(seed=2, bound_steps=10, guided=True, renewals=20))
    assert len(set(made) & set(found.assignments)) > 0.97 * len(made)


def test_the_fewest_duties_go_home_and_who_is_left_alone() -> None:
    asked = problem([guard(1), guard(2), guard(3)], [DAY, NIGHT, (1, 6, 14)])
    tired, pair = put(1, 1, 2, 3), (*put(2, 2), *put(3, 2))
    both = msgspec.structs.replace(asked, published=(*tired, *pair))
    assert left_of(both) == (*put(1, 1, 3), *pair)
    alone = msgspec.structs.replace(asked, published=(*tired, *put(2, 2)))
    assert left_of(alone) == tuple(put(1, 1, 3))


def test_who_is_left_alone_finds_company_and_stays() -> None:
    needs = (Need(post=PostId(1), shift=ShiftId(1), worth=(0.1,)),)
    weights = Weights(stability=5.0, nights=0.0)
    asked = problem([guard(1), guard(2)], [NIGHT], needs=needs, weights=weights, published=tuple(put(1, 1)))
    assert left_of(asked) == ()
    assert set(solve(asked, Budget()).assignments) == {*put(1, 1), *put(2, 1)}


def test_a_given_start_need_not_be_published() -> None:
    asked = instance(300, 7, 6)
    made = solve(asked, Budget(seed=1)).assignments
    found = solve(asked, Budget(seed=2), start=made, stop=lambda: True)
    assert found.assignments == made
    assert found.terms["stability"] == 0.0


def test_an_organisations_roster_is_made_again_from_what_it_has() -> None:
    asked = company(10, 2, 0)
    made = solve(asked, Budget()).assignments
    again = msgspec.structs.replace(asked, published=made)
    found = solve(again, Budget(bound_steps=1, exact_turns=2))
    assert check(again, found.assignments) == ()
    assert found.objective >= value(again, made) - 1e-9
