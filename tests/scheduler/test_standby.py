"""The reserve on call: free, legal on top of the roster, in proportion, and in turns."""

from collections import Counter, defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.check import Rule, check
from scheduler.instance import instance
from scheduler.problem import Assignment, BeatCode, Post, PostId, Problem, Role
from scheduler.roster import Roster
from scheduler.solve import Budget, solve
from scheduler.standby import Turns, held_back, on_call, planned_in, reserves
from tests.scheduler.make import guard, problem, put, volunteer
from tests.scheduler.test_solve import small

TOWN = {BeatCode("b1"): "t1"}


@settings(max_examples=30, deadline=None)
@given(small(8, 6), st.sampled_from([0.03, 0.5, 1.0]))
def test_all_calls_together_would_be_legal_duties(asked: Problem, share: float) -> None:
    made = solve(asked, Budget()).assignments
    found = reserves(asked, made, TOWN, Turns(share=share, most=3))
    called = [(person, r.shift) for r in found for person in r.people]
    assert len(called) == len(set(called))
    assert max(Counter(person for person, _ in called).values(), default=0) <= 3
    served = [Assignment(person=p, post=reached(asked), shift=s) for p, s in called]
    broken = {v.rule for v in check(asked, (*made, *served))} - {Rule.NOT_ALONE}
    assert broken == set(), "each is free then, and could serve every time"
    planned = Counter(a.shift for a in made)
    for r in found:
        assert r.planned == planned[r.shift] > 0
        assert len(r.people) <= r.asked <= max(1, r.planned)
        assert len(r.people) <= r.able


def reached(asked: Problem) -> PostId:
    return asked.posts[1].id


def test_of_people_alike_all_who_can_have_a_turn_before_anyone_has_two() -> None:
    duties = [(d, 19, 23) for d in range(6)]
    people = [volunteer(n) for n in range(1, 13)]
    asked = problem(people, duties, posts=(Post(id=PostId(1), beat=BeatCode("b1")),))
    made = [a for n in range(6) for a in put(1 + n, n + 1) + put(7 + n, n + 1)]
    found = reserves(asked, made, TOWN, Turns(share=1.0, most=6))
    turns = Counter(person for r in found for person in r.people)
    assert [len(r.people) for r in found] == [2] * 6
    assert len(turns) >= 11
    assert max(turns.values()) <= 2
    again = reserves(asked, made, TOWN, Turns(share=0.5, most=6, served={p.id: p.id for p in people}))
    assert {person for r in again for person in r.people} <= set(range(1, 8)), "who was often on call waits"


def test_certified_guards_are_on_call_in_the_proportion_planned() -> None:
    people = [guard(n, certificates=() if n % 2 else guard().certificates) for n in range(1, 21)]
    asked = problem(people, [(0, 6, 14)], posts=(Post(id=PostId(1), beat=BeatCode("b1")),))
    made = put(1, 1) + put(2, 1) + put(3, 1) + put(4, 1)
    [found] = reserves(asked, made, TOWN, Turns(share=1.0))
    assert (found.asked, found.certified, found.able) == (4, 2, 16)
    assert sum(person % 2 == 0 for person in found.people) >= 2
    assert on_call([found]).people == {(person, 1) for person in found.people}


@pytest.fixture(scope="module")
def district() -> tuple[Problem, Roster]:
    asked = instance(600, 7, 3, full=True)
    return asked, solve(asked, Budget())


def test_a_district_keeps_three_to_five_percent_per_town_and_shift(district: tuple[Problem, Roster]) -> None:
    asked, made = district
    towns = {beat.code: f"t{n // 3}" for n, beat in enumerate(asked.beats)}
    found = reserves(asked, made.assignments, towns, Turns())
    planned: defaultdict[tuple[str, int], int] = defaultdict(int)
    beat = {post.id: post.beat for post in asked.posts}
    for a in made.assignments:
        planned[towns[beat[a.post]], a.shift] += 1
    assert {(r.town, r.shift): r.planned for r in found} == planned
    assert all(0.04 * r.planned <= r.asked < 0.04 * r.planned + 1 for r in found)
    assert sum(len(r.people) for r in found) == 0, "a roster that uses everybody leaves nobody to call"


def test_who_is_called_first_stays_free_and_legal_through_the_solving(
    district: tuple[Problem, Roster],
) -> None:
    asked, made = district
    towns = {beat.code: f"t{n // 3}" for n, beat in enumerate(asked.beats)}
    planned = planned_in(asked, made.assignments, towns)
    found = reserves(asked, (), towns, Turns(), planned=planned)
    assert {(r.town, r.shift) for r in found} == set(planned)
    assert all(len(r.people) == r.asked for r in found)
    role = {p.id: p.role for p in asked.people}
    roles = {s.id: s.roles for s in asked.shifts}
    assert all(role[person] in roles[r.shift] for r in found for person in r.people)
    assert {role[person] for r in found for person in r.people} == set(Role)
    again = solve(held_back(asked, found), Budget())
    assert check(asked, again.assignments) == ()
    post = {p.id: p.beat for p in asked.posts}
    at = {(towns[post[n.post]], n.shift): n.post for n in asked.needs}
    calls = [
        Assignment(person=person, post=at[r.town, r.shift], shift=r.shift)
        for r in found
        for person in r.people
    ]
    broken = {v.rule for v in check(asked, (*again.assignments, *calls))}
    assert broken <= {Rule.NOT_ALONE, Rule.TRAVEL}
