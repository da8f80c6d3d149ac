"""Rounds and their chances, against slow second implementations and against a thousand simulated days."""

import random
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance.forecast import cooling
from alliance.forecast.model import STEPS, Habits, Rounds, no_rounds
from alliance.forecast.outlook import instants
from geo.cell import Floats
from geo.tracks import Visits

NOW = 1_780_000_000_000
MINUTE = 60_000


def visits(found: list[tuple[int, int, int, int]]) -> Visits:
    """(assignment, place, from, to)"""
    columns = np.array(found, dtype=np.int64).reshape(-1, 4).T
    assignment, place, start, end = columns
    checkpoint = np.zeros(len(found), dtype=np.bool_)
    cell = place.astype(np.uint64)
    return Visits(
        assignment=assignment, cell=cell, place=place, from_at=start, to_at=end, checkpoint=checkpoint
    )


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_visits_join_into_rounds_until_the_cell_runs_cold(seed: int) -> None:
    chance = random.Random(seed)
    targets = np.array([15, 60, 240]) * MINUTE
    found = []
    for person in range(4):
        at = NOW
        for _ in range(chance.randrange(12)):
            at += chance.choice([0, 5, 15, 16, 60, 61, 250]) * MINUTE
            length = chance.choice([0, 9_999, 10_000, 300_000])
            found.append((person, chance.randrange(-1, 3), at, at + length))
            at += length
    chance.shuffle(found)
    sessions, lengths = [0] * 3, [0] * 3
    for place in range(3):
        for person in range(4):
            own = sorted(
                (a, b) for who, where, a, b in found if (who, where) == (person, place) and b - a >= 10_000
            )
            begun = end = None
            for a, b in own:
                if end is None or a > end + int(targets[place]):
                    sessions[place] += 1
                    begun = a
                else:
                    lengths[place] -= end - (begun or 0)
                end = b
                lengths[place] += end - (begun or 0)
    made = cooling.rounds(visits(found), targets)
    assert made.sessions.tolist() == sessions
    assert made.session_ms.tolist() == lengths


def habits(sessions: list[int], length_ms: int, present_h: list[float]) -> Habits:
    counts = np.array(sessions)
    none = np.zeros(STEPS, dtype=np.int64)
    return Habits(
        days=7,
        attendance=[],
        late=none,
        early=none,
        present_h=np.array(present_h),
        rounds=Rounds(sessions=counts, session_ms=counts * length_ms),
    )


def test_the_chance_is_what_simulated_rounds_give() -> None:
    """Poisson rounds of varying length in one cell, with people who come and go."""
    rng = np.random.default_rng(3)
    learnt = habits([5000], 600_000, [2500.0])
    beat, target = np.zeros(1, dtype=np.int64), np.array([60 * MINUTE])
    times = instants(NOW, 6)
    people = np.concatenate([np.zeros(8), np.full(12, 1.5), np.zeros(5)])[None, :]
    cold = np.zeros(1, dtype=np.int64)
    chance = cooling.covered(people, times, learnt, beat=beat, targets=target, until=cold)[0]
    rate = float(cooling.rates(learnt, beat)[0])
    length = float(cooling.lengths(learnt)[0])
    grid = np.interp(np.arange(0, 360) * MINUTE + NOW, times, people[0]) * rate / 60
    hit = np.zeros(len(times))
    for _ in range(4000):
        begins = np.repeat(np.arange(360), rng.poisson(grid)) * MINUTE + NOW
        ends = begins + rng.exponential(length, len(begins)) + target[0]
        hit += ((begins[:, None] <= times) & (times < ends[:, None])).any(axis=0)
    # Only the rounds' mean length matters where they come evenly; at the edges it is near enough.
    assert chance == pytest.approx(hit / 4000, abs=0.06)
    assert np.abs(chance - hit / 4000).mean() < 0.02


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_chance_of_each_cell_by_itself(seed: int) -> None:
    rng = np.random.default_rng(seed)
    beats, cells = 3, 12
    beat = rng.integers(0, beats, cells)
    learnt = habits(rng.integers(0, 50, cells).tolist(), 300_000, rng.uniform(0, 200, beats).tolist())
    targets = rng.choice([15, 60, 240], cells) * MINUTE
    until = np.where(rng.random(cells) < 0.4, NOW + rng.integers(0, 200, cells) * MINUTE, 0)
    times = instants(NOW, 4)
    people: Floats = rng.uniform(0, 4, (beats, len(times)))
    chance = cooling.covered(people, times, learnt, beat=beat, targets=targets, until=until)
    rate, window = cooling.rates(learnt, beat), targets + cooling.lengths(learnt)
    for n in range(cells):
        there = people[beat[n]].tolist()
        walked = [0.0]
        for one, other in pairwise(there):
            walked.append(walked[-1] + (one + other) / 2 / 4)
        for k, t in enumerate(times.tolist()):
            if until[n] > t:
                assert chance[n, k] == 1
                continue
            before = np.interp(max(t - window[n], NOW), times, walked)
            arrivals = rate[n] * (walked[k] - before)
            assert chance[n, k] == pytest.approx(1 - np.exp(-arrivals), abs=1e-9)


def test_before_anything_was_seen_there_is_a_belief() -> None:
    nothing = habits([0] * 4, 0, [0.0, 0.0])
    beat = np.array([0, 0, 0, 1])
    rates = cooling.rates(nothing, beat)
    assert rates.tolist() == pytest.approx([8 / 3, 8 / 3, 8 / 3, 8])
    assert cooling.lengths(nothing).tolist() == [180_000] * 4
    seen = habits([0, 0, 300, 0], 60_000, [100.0, 0.0])
    after = cooling.rates(seen, beat)
    assert after[2] == pytest.approx(2.7, abs=0.2)
    assert after[0] < 0.3
    assert no_rounds(3).sessions.tolist() == [0, 0, 0]
