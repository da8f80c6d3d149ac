"""An organisation's own roster: bounded, legal, near its bound; and the published set is what it was."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.check import check
from scheduler.finishing import empty
from scheduler.instance_company import company
from scheduler.instances import INSTANCES, build, fingerprint
from scheduler.layout import plain
from scheduler.mixing import mixer_of
from scheduler.offers import with_offers
from scheduler.problem import Problem
from scheduler.search import count, nobody
from scheduler.solve import Budget, bound_at, solve
from scheduler.sound import flaws
from scheduler.terms import terms
from tests.scheduler.test_contracts import companies

WORK = Budget(bound_steps=1, exact_turns=2)


def test_a_small_company_comes_near_its_bound_the_same_each_time() -> None:
    asked = company(12, 2, 3)
    assert flaws(asked) == ()
    found = solve(asked, WORK)
    assert check(asked, found.assignments) == ()
    assert found.gap is not None
    assert 0 <= found.gap < 0.05
    assert found == solve(asked, WORK)
    assert found.objective == pytest.approx(sum(terms(asked, found.assignments).values()))
    assert bound_at(asked, found.prices, found.slopes) == pytest.approx(found.bound)


@settings(max_examples=10, deadline=None)
@given(companies(), st.integers(0, 9))
def test_mixtures_bound_every_legal_roster(problem: Problem, seed: int) -> None:
    """Those of any other solver too."""
    board = with_offers(plain(problem))
    mixer = mixer_of(board)
    if mixer is None:
        return
    search = nobody(board)
    count(search)
    mixed = mixer.mix(
        search.choice, search.counts, rounds=20, near=1e-6, stop=lambda: False, told=lambda _: None
    )
    found = solve(problem, Budget(bound_steps=1, guided=True, exact_turns=1, seed=seed))
    assert found.objective <= mixed.bound + empty(problem) + 1e-7


def test_the_published_set_is_sound_and_the_same_everywhere() -> None:
    assert len(INSTANCES) == 12
    for name in ("town-200", "district-1000-tight", "company-20x2"):
        asked = build(name)
        assert flaws(asked) == ()
        assert fingerprint(asked) == fingerprint(build(name))
        assert fingerprint(asked) != fingerprint(build(name, 2))
