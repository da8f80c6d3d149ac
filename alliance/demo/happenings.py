"""Ninety days of calls in the demo: where people live, more on some corners, most in the evening."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from alliance.demo import land
from alliance.times import at_minute
from geo.cell import Floats, Ints

DAYS = 90
CALLS_A_DAY = 190
KINDS = ("theft", "quarrel", "noise", "traffic", "fraud", "help", "lost", "other")
KIND_SHARES = (0.17, 0.2, 0.14, 0.2, 0.07, 0.12, 0.03, 0.07)
# Calls per hour of the day.
HOURS = (
    5, 4, 3, 2, 1.5, 1.5, 2, 3, 5, 6, 6, 6, 6, 5, 5, 6, 6, 7, 8, 10, 11, 11, 9, 7,
)  # fmt: skip
WEEKDAYS = (0.95, 0.92, 0.94, 0.98, 1.12, 1.15, 1.02)


class Happening(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """`cell` is a position among the district's cells."""

    at: datetime
    cell: int
    kind: str


def demand(seed: int, shares: Floats) -> Floats:
    """The share of the calls that each cell has in the long run; some lie far above their neighbours."""
    rng = land.stream(seed, "corners")
    corners = rng.lognormal(0.0, 0.9, len(shares))
    raw = shares**1.1 * corners
    found: Floats = raw / raw.sum()
    return found


def calls(seed: int, shares: Floats, today: date, zone: ZoneInfo) -> list[Happening]:
    """Those of the days before `today`, in the order of their times."""
    rng = land.stream(seed, "calls")
    found = []
    for n in range(DAYS, 0, -1):
        day = today - timedelta(days=n)
        found += _of_day(rng, shares, day, zone)
    return found


def _of_day(rng: np.random.Generator, shares: Floats, day: date, zone: ZoneInfo) -> list[Happening]:
    count = int(rng.poisson(CALLS_A_DAY * WEEKDAYS[day.weekday()]))
    seconds = np.sort(times(rng, count))
    cells = land.draw(rng, shares, count)
    kinds = rng.choice(KINDS, size=count, p=KIND_SHARES)
    midnight = at_minute(day, 0, zone)
    return [
        Happening(at=midnight + timedelta(seconds=at), cell=cell, kind=str(kind))
        for at, cell, kind in zip(seconds.tolist(), cells.tolist(), kinds.tolist(), strict=True)
    ]


def times(rng: np.random.Generator, count: int) -> Ints:
    hours = rng.choice(24, size=count, p=np.array(HOURS) / sum(HOURS))
    seconds: Ints = hours * 3600 + rng.integers(0, 3600, count)
    return seconds
