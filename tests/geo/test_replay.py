"""Frames against asking at each of their times which cells are covered."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import replay
from geo.coverage import Weights
from tests.geo.test_coverage import CELLS, SECOND, is_covered, some_visits


@settings(max_examples=120, deadline=None)
@given(seed=st.integers(0, 2**32), count=st.integers(0, 40), step=st.sampled_from([1_000, 7_000, 30_000]))
def test_every_frame_is_what_was_covered_then(seed: int, count: int, step: int) -> None:
    rng = random.Random(seed)
    visits = some_visits(rng, count)
    targets = [rng.choice([1, 5_000, 20_000, 60_000]) for _ in range(CELLS)]
    times = np.arange(60 * SECOND, 200 * SECOND, step)
    weight = np.array([rng.randrange(1, 9) for _ in range(CELLS)], dtype=np.float64)
    shown = np.array(sorted(rng.sample(range(CELLS), rng.randrange(1, CELLS + 1))))
    made = replay.frames(visits, np.array(targets), Weights.constant(weight), times, shown)
    covered: set[int] = set()
    for n, t in enumerate(times.tolist()):
        came, went = set(made.on[n].tolist()), set(made.off[n].tolist())
        assert not came & covered
        assert went <= covered
        covered = covered - went | came
        assert covered == {cell for cell in shown.tolist() if is_covered(visits, targets, cell, t)}
        share = sum(weight[cell] for cell in covered) / weight[shown].sum()
        assert made.coverage[n] == pytest.approx(share)
