"""An organisation's roster step by step: the best mixture, a first choice, then a few people at a time."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from scheduler.calendar import DAY, Ints
from scheduler.choosing import Effort
from scheduler.mixing import Mixed, Mixer
from scheduler.problem import Problem
from scheduler.shuffling import BATCHES

MOST_PEOPLE, LONG, SHORT = 250, 12, 6
ROUNDS, ANSWERS = 200, 4
NEAR, BRANCHES = 2e-5, 100
FEWEST, MANY, WAYS = 4, 8, 60
Left = Callable[[], float]


def is_company(problem: Problem) -> bool:
    """Few people, and so much to each one's way that it is priced rather than drawn whole."""
    days = (problem.horizon.end - problem.horizon.start) / DAY
    agreed = any(p.contract is not None for p in problem.people)
    return len(problem.people) <= MOST_PEOPLE and (days > LONG or (agreed and days > SHORT))


class Heard(NamedTuple):
    """Hears a lower bound on what is added to nobody's roster; judges a choice, true if it is taken over."""

    bound: Callable[[float], None]
    judge: Callable[[str, Ints], bool]


class Composer:
    """`left` gives the seconds that remain; work alone decides what is done before they are over."""

    def __init__(self, mixer: Mixer, random: np.random.Generator, heard: Heard) -> None:
        self._mixer, self._random, self._heard = mixer, random, heard
        self._many = float(FEWEST)

    def bound(self, choice: Ints, counts: Ints, left: Left) -> Mixed:
        stop, told = (lambda: left() <= 0), self._heard.bound
        mixed = self._mixer.mix(choice, counts, rounds=ROUNDS, near=NEAR, stop=stop, told=told)
        self._shuffler = self._mixer.shuffler(mixed.duals.slope, self._random)
        return mixed

    def first(self, left: Left) -> None:
        """Settles one person after the other, and staffs places as is best then."""
        nodes = self._mixer.dive(ANSWERS, lambda: left() <= 0)
        self._heard.judge("first", self._mixer.staffed(nodes))

    def around(self, choice: Ints, left: Left) -> None:
        """Many times a few come anew, one by one; then once a few together."""
        self._shuffler.begin(choice)
        found = None
        for _ in range(BATCHES):
            if left() <= 0:
                break
            better = self._shuffler.batch()
            found = found if better is None else better
        if found is not None:
            self._heard.judge("shuffled", self._mixer.staffed(found))

    def part(self, choice: Ints, left: Left) -> None:
        """A few leave everything, ways of theirs are looked for, and the best of these are chosen."""
        mixer = self._mixer
        many = min(len(mixer.people), round(self._many))
        few = np.sort(self._random.permutation(mixer.people)[:many])
        found = mixer.part(choice, few, ANSWERS, WAYS, Effort(1e-6, BRANCHES, left()))
        if found is None:
            return
        self._many = min(MANY, max(FEWEST, self._many + (0.5 if found.branches < BRANCHES // 4 else -0.5)))
        self._heard.judge("exact", mixer.seated(found))
