"""Shuffles in batches, hotter and cooler, from a choice on."""

import numpy as np

from scheduler.calendar import Floats, Ints
from scheduler.columns import Frame
from scheduler.crowd import crowd_of
from scheduler.path import scratch
from scheduler.shuffle import NOWHERE, Standing, copied, shuffle, standing, value_of

TURNS, FEW, MANY = 100, 2, 6
HEATS, COOLER, BATCHES = (0.5, 1.5), 0.85, 20


class Shuffler:
    """Work by batches; the same random numbers give the same."""

    def __init__(self, frame: Frame, people: Ints, slope: Floats, random: np.random.Generator) -> None:
        self._frame, self._people, self._slope, self._random = frame, people, slope, random
        self._crowd = crowd_of(frame)
        self._room = scratch(int(np.diff(frame.board.nodes.first).max(initial=1)))
        self._now: Standing | None = None
        self._batch = 0

    def begin(self, choice: Ints) -> None:
        """From this choice on."""
        self._now = standing(self._frame.board, self._frame, self._crowd, choice, self._slope)
        self._best, self._old = copied(self._now), copied(self._now)

    def batch(self) -> Ints | None:
        """The nodes taken by the best met, if it is better than before."""
        assert self._now is not None
        random, crowd = self._random, self._crowd
        heat = HEATS[self._batch // BATCHES % len(HEATS)] * COOLER ** (self._batch % BATCHES)
        if self._batch % BATCHES == 0:
            self._now = copied(self._best)
        self._batch += 1
        picks = random.permuted(np.tile(self._people, (TURNS, 1)), axis=1)[:, :MANY]
        many = random.integers(FEW, MANY + 1, TURNS)
        picks[np.arange(picks.shape[1])[None, :] < picks.shape[1] - many[:, None]] = NOWHERE
        luck = heat * random.exponential(size=TURNS)
        before = self.value()
        shuffle(self._frame.easy.board, crowd, self._now, self._best, self._old, picks, luck, self._room)
        return None if self.value() <= before else self.nodes()

    def value(self) -> float:
        """What the best met adds to nobody's roster."""
        return value_of(self._crowd, self._best)

    def nodes(self) -> Ints:
        """What is taken in the best met."""
        return np.flatnonzero(self._best.group != NOWHERE)
