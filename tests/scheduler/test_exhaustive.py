"""Solved to the proof: tiny problems against trying everything, judged by the checker and valued by terms."""

import itertools
from functools import cache
from random import Random

import msgspec
import pytest

from scheduler.check import Rule, check
from scheduler.problem import Assignment, Person, PersonId, PostId, Problem, ShiftId
from scheduler.solve import Budget, solve
from scheduler.terms import terms
from tests.scheduler.mixed import mixed

PROVED = Budget(bound_steps=2, guided=True, exact_turns=1)
PLACES = ("staffing", "unmet", "certified", "over")
Way = tuple[Assignment, ...]


@pytest.mark.parametrize("part", range(5))
def test_tiny_problems_reach_and_prove_the_optimum(part: int) -> None:
    """A hundred each: whoever finds no legal company for a pinned person says so; all others are optimal."""
    lone = 0
    for seed in range(100 * part, 100 * part + 100):
        random = Random(seed)
        asked = mixed(random, random.choice((1, 2, 2, 3)), 3, random.choice((1, 2, 3, 3)))
        found, best = solve(asked, PROVED), optimum(asked)
        if best is None:
            assert found.conflicts, seed
            lone += 1
            continue
        assert check(asked, found.assignments) == (), seed
        assert found.objective == pytest.approx(best, abs=1e-6), seed
        assert found.bound == pytest.approx(best, abs=1e-6), seed
    assert lone < 20


def optimum(asked: Problem) -> float | None:
    """Everybody's legal ways are tried together; nothing where none fit."""

    @cache
    def place(post: PostId, shift: ShiftId, there: frozenset[PersonId]) -> float | None:
        needs = tuple(n for n in asked.needs if (n.post, n.shift) == (post, shift))
        alone = msgspec.structs.replace(asked, needs=needs, pinned=())
        taken = [Assignment(person=p, post=post, shift=shift) for p in sorted(there)]
        if any(v.rule is Rule.NOT_ALONE for v in check(alone, taken)):
            return None
        found = terms(alone, taken)
        return sum(found[name] for name in PLACES)

    best: float | None = None
    for chosen in itertools.product(*(ways(asked, one) for one in asked.people)):
        value = sum(worth for _, worth in chosen)
        for need in asked.needs:
            at = (need.post, need.shift)
            there = frozenset(a.person for way, _ in chosen for a in way if (a.post, a.shift) == at)
            gained = place(need.post, need.shift, there)
            if gained is None:
                break
            value += gained
        else:
            best = value if best is None else max(best, value)
    return best


def ways(asked: Problem, one: Person) -> list[tuple[Way, float]]:
    """What the person may legally do, company aside, and what that makes of the own terms."""
    mine = msgspec.structs.replace(
        asked, people=(one,), pinned=tuple(pin for pin in asked.pinned if pin.person == one.id), needs=()
    )
    found = []
    posts: list[PostId | None] = [None, *(post.id for post in asked.posts)]
    for choice in itertools.product(posts, repeat=len(asked.shifts)):
        way = tuple(
            Assignment(person=one.id, post=post, shift=shift.id)
            for post, shift in zip(choice, asked.shifts, strict=True)
            if post is not None
        )
        if {v.rule for v in check(mine, way)} <= {Rule.NOT_ALONE}:
            found.append((way, sum(v for name, v in terms(mine, way).items() if name not in PLACES)))
    return found
