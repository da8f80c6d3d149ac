"""What people at a post and shift are worth together, and when they may stand there."""

from collections.abc import Sequence

import numpy as np

from scheduler.board import Places
from scheduler.calendar import Floats, Ints
from scheduler.compiled import compiled
from scheduler.problem import Need, Weights

PEOPLE, GUARDS, CERTIFIED = range(3)
VOLUNTEER, GUARD, CERTIFIED_GUARD = range(3)
RESCUE = 1e6


def gains(needs: Sequence[Need], units: Sequence[int], weights: Weights) -> Floats:
    """[place, n]: what person n + 1 adds; never rising along n, its last column holds for all beyond."""
    width = 1 + max(
        (max(len(n.worth) * u, n.minimum, n.desired) for n, u in zip(needs, units, strict=True)), default=0
    )
    table = np.zeros((len(needs), width))
    for row, need, unit in zip(table, needs, units, strict=True):
        worth = np.repeat(np.asarray(need.worth, dtype=np.float64), unit) * (weights.staffing / unit)
        row[: len(worth)] = worth
        row[: need.minimum] += weights.unmet if need.unmet is None else need.unmet
        if need.desired:
            row[: need.desired] += weights.under if need.under is None else need.under
            row[need.desired :] -= weights.over if need.over is None else need.over
    return table


@compiled
def stands(places: Places, place: int, people: int, guards: int, certified: int) -> bool:
    """The rule not_alone for so many."""
    if people == 0:
        return True
    if places.night[place] == 1:
        return bool(people >= 2 and certified >= 1)
    return bool(people >= 2 or (places.solo[place] == 1 and guards == 1))


@compiled
def entry(places: Places, counts: Ints, place: int, rank: int, strict: bool) -> float:
    """What one more person of the rank adds there; strict, −inf unless the company is then legal."""
    guard, certified = min(rank // GUARD, 1), rank // CERTIFIED_GUARD
    people = counts[place, PEOPLE]
    last = places.gain.shape[1] - 1
    worth = float(places.gain[place, min(people, last)])
    if certified == 1 and counts[place, CERTIFIED] < places.certified[place]:
        worth += places.missing
    if not strict:
        return worth
    guards, papers = counts[place, GUARDS], counts[place, CERTIFIED]
    if not stands(places, place, people + 1, guards + guard, papers + certified):
        return -np.inf
    if not stands(places, place, people, guards, papers):
        for n in range(people):
            worth += places.gain[place, min(n, last)]
        if places.pinned[place] > 0:
            worth += RESCUE
    return worth


@compiled
def may_leave(places: Places, counts: Ints, place: int, rank: int) -> bool:
    people, guards, papers = counts[place, PEOPLE], counts[place, GUARDS], counts[place, CERTIFIED]
    guard, certified = min(rank // GUARD, 1), rank // CERTIFIED_GUARD
    was = stands(places, place, people, guards, papers)
    return not was or stands(places, place, people - 1, guards - guard, papers - certified)
