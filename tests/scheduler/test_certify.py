"""Published bounds, reckoned again by a program that shares nothing with the solver."""

from random import Random

import msgspec
import pytest

from scheduler.certify import certified_bound
from scheduler.check import check
from scheduler.instance import instance
from scheduler.problem import BeatCode, Bond, PersonId, Problem, Weights
from scheduler.solve import Budget, bound_at, solve
from tests.scheduler import make
from tests.scheduler.agreed import bonds
from tests.scheduler.mixed import mixed

QUICK = Budget(bound_steps=4)


@pytest.mark.parametrize("full", [False, True])
def test_a_district_is_certified_to_rounding(full: bool) -> None:
    asked = instance(300, 7, 5, full=full)
    found = solve(asked, Budget(bound_steps=30))
    assert certified_bound(asked, found.prices) == pytest.approx(found.bound, abs=1e-6)


def test_small_problems_with_every_rule_are_certified_to_rounding() -> None:
    for seed in range(40):
        asked = mixed(Random(seed), 5, 7, 8, chance=0.6)
        found = solve(asked, QUICK)
        assert certified_bound(asked, found.prices) == pytest.approx(found.bound, abs=1e-6), seed


def test_bonds_are_certified_to_rounding_and_never_below_the_best_roster() -> None:
    proved = Budget(bound_steps=2, guided=True, exact_turns=1)
    gained = 0
    for seed in range(40):
        random = Random(seed)
        asked = mixed(random, 5, 7, 8, chance=0.6)
        asked = msgspec.structs.replace(asked, bonds=bonds(random, asked))
        found, best = solve(asked, QUICK), solve(asked, proved)
        limit = certified_bound(asked, found.prices)
        assert limit == pytest.approx(found.bound, abs=1e-6), seed
        assert limit is not None
        assert best.conflicts or best.objective <= limit + 1e-9, seed
        gained += best.terms["together"] > 0
    assert gained > 5


def test_a_district_with_bonds_is_certified_to_rounding() -> None:
    asked = instance(300, 7, 5, full=True)
    pairs = [(n, n + 3) for n in range(1, 290, 9)]
    bound = tuple(Bond(people=(PersonId(a), PersonId(b)), weight=2.0 - a % 2 * 4) for a, b in pairs)
    asked = msgspec.structs.replace(asked, bonds=(*bound, Bond(people=tuple(map(PersonId, (1, 4, 7, 10))))))
    found = solve(asked, Budget(bound_steps=20))
    assert found.terms["together"] > 0
    assert certified_bound(asked, found.prices) == pytest.approx(found.bound, abs=1e-6)


def test_charges_for_company_lower_the_bound_and_are_certified_too() -> None:
    asked = instance(400, 7, 3)
    found = solve(asked, Budget(bound_steps=60, guided=True, renewals=40))
    assert check(asked, found.assignments) == ()
    assert found.company
    by_prices = certified_bound(asked, found.prices)
    assert by_prices is not None
    assert found.bound is not None
    assert found.objective <= found.bound < by_prices
    assert certified_bound(asked, found.prices, found.company) == pytest.approx(found.bound, abs=1e-6)
    assert bound_at(asked, found.prices, company=found.company) == pytest.approx(found.bound)


def test_a_crowd_who_would_gladly_come_pays_until_no_more_come_than_are_of_use() -> None:
    """Forty, all at home on the beat, for two places a day, where each beyond them costs."""
    people = [make.volunteer(n, beats=(BeatCode("b1"),)) for n in range(1, 41)]
    made = make.problem(people, [(day, 8, 12) for day in range(5)])
    needs = tuple(msgspec.structs.replace(need, desired=2) for need in made.needs)
    asked = msgspec.structs.replace(made, needs=needs, weights=Weights(over=3.0, team=0.2, hours=0.0))
    found = solve(asked, Budget(bound_steps=80, guided=True))
    assert check(asked, found.assignments) == ()
    assert len(found.assignments) == 10
    assert found.bound == pytest.approx(found.objective, rel=0.001)
    assert min(price.people for price in found.prices) < 0
    assert certified_bound(asked, found.prices) == pytest.approx(found.bound, abs=1e-6)


def test_prices_too_low_or_for_some_places_only_certify_nothing() -> None:
    """Paid more than one too many costs, a place would take people without end."""
    asked: Problem = instance(60, 2, 1)
    found = solve(asked, QUICK)
    over = asked.weights.over
    assert certified_bound(asked, found.prices[1:]) is None
    below = msgspec.structs.replace(found.prices[0], people=-over - 0.01)
    assert certified_bound(asked, (below, *found.prices[1:])) is None
    just = msgspec.structs.replace(found.prices[0], people=-over)
    assert certified_bound(asked, (just, *found.prices[1:])) is not None
    free = msgspec.structs.replace(found.prices[0], certified=-0.01)
    assert certified_bound(asked, (free, *found.prices[1:])) is None
