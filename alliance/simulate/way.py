"""A patrol's way through its beat: from one cold cell to the next, with stops."""

import random

import numpy as np

from alliance.simulate.ground import Ground, worth
from geo.cell import distance_m
from geo.index import OUTSIDE

DEGREE_M = 111_195.0
JITTER_M = 60.0
STOP_CHANCE = 0.06
CHOICES = 12
FOOT_MPS = (1.0, 1.6)
BIKE_MPS = (3.2, 5.0)
BIKE_SHARE = 0.55
FASTEST_MPS = 18.0


class Way:
    """Where the patrol is at any time that does not go back; `at` in milliseconds."""

    def __init__(self, ground: Ground, beat: str, rng: random.Random, *, start: int, speed: float) -> None:
        self._ground = ground
        self._rng = rng
        self._cells = ground.cells_of[beat]
        low, high = BIKE_MPS if rng.random() < BIKE_SHARE else FOOT_MPS
        self._mps = min(rng.uniform(low, high) * speed, FASTEST_MPS)
        first = int(rng.choice(self._cells.tolist()))
        self._legs: list[int] = []
        self._from = self._to = self._near(first)
        self._place = first
        self._left = self._arrive = start
        self._called: tuple[float, float] | None = None

    @property
    def moving(self) -> bool:
        return self._from != self._to

    def call_to(self, lat: float, lon: float, at: int) -> int:
        """Leave the round for a place; returns when it will be reached."""
        here = self.at(at)
        self._called = (lat, lon)
        self._legs.clear()
        self._go(here, (lat, lon), at)
        return self._arrive

    def released(self) -> None:
        self._called = None

    def at(self, now: int) -> tuple[float, float]:
        """(lat, lon) at `now`, walking on as far as needed."""
        while now >= self._arrive:
            if self._called is not None:
                self._from = self._to
                return self._to
            self._next_leg()
        share = (now - self._left) / max(self._arrive - self._left, 1)
        (a, b), (c, d) = self._from, self._to
        return a + (c - a) * share, b + (d - b) * share

    def _next_leg(self) -> None:
        here, at = self._to, self._arrive
        if self._rng.random() < STOP_CHANCE:
            self._from, self._left, self._arrive = here, at, at + self._rng.randint(40_000, 240_000)
            return
        if not self._legs:
            self._legs = self._route(self._aim(here, at))
        if not self._legs:
            self._from, self._left, self._arrive = here, at, at + 30_000
            return
        self._place = self._legs.pop(0)
        self._go(here, self._near(self._place), at)

    def _go(self, here: tuple[float, float], there: tuple[float, float], at: int) -> None:
        metres = distance_m(*here, *there)
        self._from, self._to, self._left = here, there, at
        self._arrive = at + max(int(metres / self._mps * 1000), 1000)

    def _aim(self, here: tuple[float, float], at: int) -> int:
        """One of the cells that ask most, so that neighbours don't all run to the same."""
        asked = worth(self._ground, self._cells, here, at)
        best = np.argsort(asked)[-CHOICES:]
        chosen = self._rng.choices(best.tolist(), weights=asked[best].tolist())[0]
        return int(self._cells[chosen])

    def _route(self, goal: int) -> list[int]:
        """Cell by cell towards the goal, always to the neighbour nearest to it, within the district."""
        route: list[int] = []
        middles, place = self._ground.middles, self._place
        while place != goal and len(route) < 60:
            beside = self._ground.beside[place]
            beside = beside[beside != OUTSIDE]
            away = np.hypot(*((middles[beside] - middles[goal]) * (1.0, 0.92)).T)
            nearest = int(beside[int(np.argmin(away))])
            if nearest in route:
                break
            place = nearest
            route.append(place)
        return route or [goal] if self._place != goal else []

    def _near(self, place: int) -> tuple[float, float]:
        lat, lon = self._ground.middles[place]
        spread = JITTER_M / DEGREE_M
        return float(lat) + self._rng.gauss(0, spread), float(lon) + self._rng.gauss(0, spread)
