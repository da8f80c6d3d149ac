"""The next hours of every beat: people and coverage by the hour, and which beats will go cold."""

import msgspec
import numpy as np

from alliance.forecast import cooling, shows
from alliance.forecast.model import HOUR_MS, Habits, Rostered
from geo.cell import Floats, Ints
from geo.coverage import Weights

# Instants an hour: every quarter.
PER_HOUR = 4
# A beat is cold in an hour when less of its weight than this is expected to be covered.
COLD_BELOW = 0.25


class Ground(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Per cell: its beat, its target interval, and up to when it is covered as things are."""

    beats: int
    beat: Ints
    targets: Ints
    until: Ints


class Outlook(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """(beats, hours): `hours` are their starts; the first is now."""

    hours: Ints
    planned: Floats
    expected: Floats
    coverage: Floats
    covered_weight: Floats
    weight: Floats


def instants(now: int, hours: int) -> Ints:
    return now + np.arange(hours * PER_HOUR + 1) * (HOUR_MS // PER_HOUR)


def outlook(rostered: Rostered, habits: Habits, ground: Ground, weights: Weights, times: Ints) -> Outlook:
    people = shows.staffing(rostered, habits, times, ground.beats)
    chance = cooling.covered(
        people.expected, times, habits, beat=ground.beat, targets=ground.targets, until=ground.until
    )
    rows = np.array([weights.at(int(t)) for t in times.tolist()])
    covered = _by_beat(ground, rows * chance.T)
    total = _by_beat(ground, rows)
    hourly, whole = _hourly(covered.T), _hourly(total.T)
    return Outlook(
        hours=times[:-1:PER_HOUR],
        planned=_hourly(people.planned),
        expected=_hourly(people.expected),
        coverage=np.divide(hourly, whole, out=np.zeros_like(hourly), where=whole > 0),
        covered_weight=hourly,
        weight=whole,
    )


def _by_beat(ground: Ground, values: Floats) -> Floats:
    """(instants, cells) → (instants, beats)"""
    return np.array([np.bincount(ground.beat, row, ground.beats) for row in values])


def _hourly(values: Floats) -> Floats:
    """Means of each hour from the instants' values: half of both its ends."""
    between = (values[:, 1:] + values[:, :-1]) / 2
    means: Floats = between.reshape(len(values), -1, PER_HOUR).mean(axis=2)
    return means
