"""An organisation's roster step by step: the best mixture, a first choice, then a few people at a time."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from scheduler.calendar import DAY, Ints
from scheduler.choosing import Choice, Effort, choose
from scheduler.columns import hold
from scheduler.mixing import Mixed, Mixer
from scheduler.problem import Problem

MOST_PEOPLE, LONG, SHORT = 250, 12, 6
ROUNDS, ANSWERS, FEW = 200, 4, 6
NEAR, HANDY, STEP = 2e-5, 1_000, Effort(1e-5, 10, 1e9)
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
        self._now: Choice | None = None

    def bound(self, choice: Ints, counts: Ints, left: Left) -> Mixed:
        stop, told = (lambda: left() <= 0), self._heard.bound
        return self._mixer.mix(choice, counts, rounds=ROUNDS, near=NEAR, stop=stop, told=told)

    def first(self, left: Left) -> None:
        """Settles one person after the other, and where they are few asks for the best of all columns."""
        settled = self._mixer.dive(ANSWERS, lambda: left() <= 0)
        hold(self._mixer.made, settled)
        self._choose("first", STEP, left)
        hold(self._mixer.made, settled, 0.0)
        if left() > 0 and len(self._mixer.made.ways) <= HANDY:
            self._choose("exact", STEP, left)

    def around(self, left: Left) -> None:
        """Everyone but a few stays; these answer anew and the best of all columns is chosen.

        Only where they are few: with more, posts alike make it longer than a shake that finds as much.
        """
        if self._now is None or len(self._mixer.made.ways) > HANDY:
            return
        mixer, everyone = self._mixer, self._mixer.people()
        few = set(self._random.permutation(everyone)[:FEW].tolist())
        held = [n for n in self._now.ways if mixer.made.ways[n].who not in few]
        hold(mixer.made, held)
        mixer.answer(ANSWERS, few)
        self._choose("exact", STEP, left)
        hold(mixer.made, held, 0.0)

    def _choose(self, phase: str, effort: Effort, left: Left) -> None:
        effort = effort._replace(seconds=min(effort.seconds, max(0.0, left())))
        found = choose(self._mixer.made, self._mixer.board, effort, self._now)
        if found is not None and self._heard.judge(phase, found.post):
            self._now = found
