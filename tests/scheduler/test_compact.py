"""Solved to the proof: small problems against a second model, each rule written down as rows of its own."""

from random import Random

import pytest

from scheduler.check import check
from scheduler.solve import Budget, solve
from tests.scheduler.agreed import agreed
from tests.scheduler.compact_agreed import Agreed
from tests.scheduler.mixed import mixed

PROVED = Budget(bound_steps=2, guided=True, exact_turns=1)


@pytest.mark.parametrize("part", range(5))
def test_small_problems_agree_with_the_compact_model(part: int) -> None:
    for seed in range(20 * part, 20 * part + 20):
        random = Random(1_000 + seed)
        asked = mixed(random, random.randint(4, 15), 7, random.randint(5, 21), chance=0.5)
        asked = agreed(random, asked) if seed % 5 else asked
        found, best = solve(asked, PROVED), Agreed(asked).best()
        if best is None:
            assert found.conflicts, seed
            continue
        assert check(asked, found.assignments) == (), seed
        assert found.objective == pytest.approx(best, abs=1e-4), seed
        assert found.bound == pytest.approx(best, abs=1e-4), seed
