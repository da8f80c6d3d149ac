"""From calls and confirmed incidents to the weight of every cell, and from weights to tiers."""

from collections.abc import Sequence
from datetime import date, datetime

import numpy as np

from alliance.areas.model import Happenings, Override, Tier
from alliance.areas.places import Places
from alliance.times import to_ms
from geo import cell as hexes
from geo.cell import Floats, Ints
from geo.index import OUTSIDE
from scheduler import demand

HIGH_SHARE = 0.03
MEDIUM_SHARE = 0.15
# An officer may lower a cell, not erase it.
LEAST = 1e-6
ALL: tuple[int | None, ...] = (None,)


def columns(
    places: Places,
    happened: Sequence[Happenings],
    raised: Sequence[Override],
    *,
    today: date,
    now: datetime,
) -> Floats:
    """(weekdays × duty shifts, cells), Monday and the earliest duty shift first."""
    cells = places.hexes.places(hexes.to_ints([cell for some in happened for cell in some.cells]))
    at = np.array([to_ms(at) for some in happened for at in some.at], dtype=np.int64)
    inside = cells != OUTSIDE
    patterns = [
        demand.Pattern(code=p.code, start=p.start_minute, end=p.start_minute + p.minutes)
        for p in places.duty_patterns
    ]
    weights = demand.weights(
        demand.Calls(cells[inside], at[inside]),
        places.hexes.neighbours(),
        patterns or [demand.Pattern(code="", start=0, end=1440)],
        zone=places.zone.key,
        now=to_ms(now),
    )
    added = [each for one in raised for each in _overrides(places, one)]
    weights = np.maximum(demand.overridden(weights, added, today), LEAST)
    return np.ascontiguousarray(weights.reshape(len(places), -1).T)


def _overrides(places: Places, given: Override) -> list[demand.Override]:
    """One for each weekday and duty shift that is named; a shift that is gone counts no more."""
    codes = [pattern.code for pattern in places.duty_patterns]
    named = [codes.index(code) for code in given.patterns if code in codes]
    return [
        demand.Override(
            cells=(places.index(int(given.cell, 16)),),
            amount=given.amount,
            until=given.ends_on,
            reason=given.reason,
            weekday=weekday,
            pattern=pattern,
        )
        for weekday in (given.weekdays or ALL)
        for pattern in (named if given.patterns else ALL)
    ]


def tiers(columns: Floats) -> Ints:
    """By the mean weight of each cell; equal weights go by the order of cells."""
    order = np.argsort(-columns.mean(axis=0), kind="stable")
    high, medium = int(len(order) * HIGH_SHARE), int(len(order) * MEDIUM_SHARE)
    found = np.full(len(order), Tier.LOW, dtype=np.int64)
    found[order[: high + medium]] = Tier.MEDIUM
    found[order[:high]] = Tier.HIGH
    return found
