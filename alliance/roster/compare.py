"""How evenly a roster lies on its people, and what differs between two. Pure."""

from datetime import date
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
from numpy.typing import NDArray

from scheduler.duties import HOUR, is_night

Floats = NDArray[np.float64]
SATURDAY = 5


class Loads(msgspec.Struct, frozen=True, kw_only=True):
    """Parallel columns of a roster's duties; instants in milliseconds."""

    person: list[int]
    day: list[date]
    start: list[int]
    end: list[int]


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """Over the people who have any."""

    people: int
    mean: float
    deviation: float
    least: float
    most: float


class Fairness(msgspec.Struct, frozen=True, kw_only=True):
    """Hours, nights and weekend duties of a person."""

    hours: Spread
    nights: Spread
    weekends: Spread


class Differing(msgspec.Struct, frozen=True, kw_only=True):
    """Assignments of a beat that one roster has and the other has not, or has on another post."""

    beat: str
    added: int
    removed: int
    moved: int


def fairness(loads: Loads, zone: ZoneInfo) -> Fairness:
    _, who = np.unique(np.asarray(loads.person, dtype=np.int64), return_inverse=True)
    start, end = np.asarray(loads.start, dtype=np.int64), np.asarray(loads.end, dtype=np.int64)
    day = np.asarray(loads.day, dtype="datetime64[D]").astype(np.int64)
    weekday = (day + 3) % 7
    return Fairness(
        hours=_spread(who, (end - start) / HOUR),
        nights=_spread(who, is_night(start, end, day, zone).astype(np.float64)),
        weekends=_spread(who, (weekday >= SATURDAY).astype(np.float64)),
    )


def _spread(who: NDArray[np.int64], amount: Floats) -> Spread:
    sums = np.bincount(who, amount) if len(who) else np.zeros(0)
    some = sums[sums > 0]
    if not len(some):
        return Spread(people=0, mean=0.0, deviation=0.0, least=0.0, most=0.0)
    return Spread(
        people=len(some),
        mean=round(float(some.mean()), 3),
        deviation=round(float(some.std()), 3),
        least=float(some.min()),
        most=float(some.max()),
    )
