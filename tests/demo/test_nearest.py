"""The demo's first day: legal by the checker, and as full as it can be seen to be."""

from collections import Counter

import msgspec
import pytest

from alliance.demo.nearest import nearest_first
from scheduler.check import check
from scheduler.instance import instance
from scheduler.problem import Problem
from scheduler.roster import Lack
from scheduler.terms import terms


def fresh(people: int, days: int, seed: int) -> Problem:
    """A district in which nobody has served yet."""
    made = instance(people, days, seed, full=True)
    return msgspec.structs.replace(
        made, people=tuple(msgspec.structs.replace(one, history=()) for one in made.people)
    )


@pytest.mark.parametrize("seed", range(6))
def test_it_breaks_no_rule_and_says_what_is_short(seed: int) -> None:
    problem = fresh(400 + 300 * (seed % 3), 1 + seed % 2, seed)
    made = nearest_first(problem)
    assert len(made.assignments) > len(problem.people) / 5
    assert check(problem, made.assignments) == ()
    assert made.terms == terms(problem, made.assignments)
    there = Counter((one.post, one.shift) for one in made.assignments)
    lacking = {
        (need.post, need.shift): need.minimum - there[need.post, need.shift]
        for need in problem.needs
        if there[need.post, need.shift] < need.minimum
    }
    told = {(one.post, one.shift): one.missing for one in made.shortfalls if one.lack is Lack.PEOPLE}
    assert told == lacking


def test_who_has_served_before_is_left_out() -> None:
    problem = instance(400, 1, 3, full=True)
    served = {person.id for person in problem.people if person.history}
    assert served
    assert not served & {one.person for one in nearest_first(problem).assignments}


def test_the_nearest_come_first() -> None:
    """On average no further than half of those who could."""
    problem = fresh(700, 1, 1)
    made = nearest_first(problem)
    limit = {person.id: person.travel_km for person in problem.people}
    near = [why.km / (limit[one.person] or 8.0) for one, why in zip(made.assignments, made.why, strict=True)]
    assert sum(near) / len(near) < 0.5
