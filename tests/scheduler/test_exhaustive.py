"""Solved to the proof: tiny problems against trying everything, judged by the checker and valued by terms."""

import itertools
from collections.abc import Sequence
from random import Random
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from scheduler.check import Rule, check
from scheduler.narrow import place_of
from scheduler.problem import Assignment, Need, Person, PostId, Problem, Shift
from scheduler.solve import Budget, solve
from scheduler.terms import terms
from tests.scheduler.agreed import agreed
from tests.scheduler.mixed import mixed

PROVED = Budget(bound_steps=2, guided=True, exact_turns=1)
PLACES = ("staffing", "unmet", "certified", "under", "over", "together", "apart")
Way = tuple[Assignment, ...]


@pytest.mark.parametrize("part", range(5))
def test_tiny_problems_reach_and_prove_the_optimum(part: int) -> None:
    """A hundred each: whoever finds no legal company for a pinned person says so; all others are optimal."""
    lone = 0
    for seed in range(100 * part, 100 * part + 100):
        random = Random(seed)
        many, shifts, first = (random.choice(some) for some in ((1, 2, 3, 3), (1, 2, 3, 3), (0, 0, 4)))
        asked = mixed(random, many, 3, shifts, first=first)
        asked = agreed(random, asked) if seed % 5 else asked
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
    """Everybody's legal ways are tried together; nothing where none fit.

    A table of all combinations, one axis a person: what each one's way is worth alone, and at every place
    what those are worth who meet there, −∞ where they may not stand.
    """
    everyone = [ways(asked, one) for one in asked.people]
    table: NDArray[np.float64] = np.zeros([len(own) for own in everyone])
    for axis, own in enumerate(everyone):
        table += along(axis, table.ndim, [worth for _, worth in own])
    for need in asked.needs:
        present, at = np.zeros(table.shape, dtype=np.int64), (need.post, need.shift)
        for axis, own in enumerate(everyone):
            present += along(axis, table.ndim, [(at in map(place_of, way)) << axis for way, _ in own])
        masks, where = np.unique(present, return_inverse=True)
        table += np.asarray([met(asked, need, mask) for mask in masks.tolist()])[where.reshape(table.shape)]
    best = float(table.max(initial=-np.inf))
    return best if np.isfinite(best) else None


def along(axis: int, many: int, values: Sequence[float]) -> NDArray[Any]:
    shape = [1] * many
    shape[axis] = len(values)
    return np.asarray(values).reshape(shape)


def met(asked: Problem, need: Need, mask: int) -> float:
    """What those of the mask are worth together at the place."""
    alone = msgspec.structs.replace(asked, needs=(need,), pinned=())
    there = [
        Assignment(person=one.id, post=need.post, shift=need.shift)
        for n, one in enumerate(asked.people)
        if mask >> n & 1
    ]
    if any(v.rule is Rule.NOT_ALONE for v in check(alone, there)):
        return -np.inf
    found = terms(alone, there)
    return sum(found[name] for name in PLACES)


def ways(asked: Problem, one: Person) -> list[tuple[Way, float]]:
    """What the person may legally do, company aside, and what that makes of the own terms."""
    mine = msgspec.structs.replace(
        asked, people=(one,), pinned=tuple(pin for pin in asked.pinned if pin.person == one.id), needs=()
    )
    found = []
    for choice in itertools.product(*(posts(mine, shift) for shift in asked.shifts)):
        way = tuple(
            Assignment(person=one.id, post=post, shift=shift.id)
            for post, shift in zip(choice, asked.shifts, strict=True)
            if post is not None
        )
        if {v.rule for v in check(mine, way)} <= {Rule.NOT_ALONE}:
            found.append((way, sum(v for name, v in terms(mine, way).items() if name not in PLACES)))
    return found


def posts(mine: Problem, shift: Shift) -> list[PostId | None]:
    """Nobody is asked for a shift meant for the other role, unless pinned there."""
    (one,) = mine.people
    pinned = [pin.post for pin in mine.pinned if pin.shift == shift.id]
    asked = not shift.roles or one.role in shift.roles
    return [None, *(post.id for post in mine.posts if asked or post.id in pinned)]
