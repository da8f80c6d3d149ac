"""Who is likely to be there, by the past days' no-shows, lateness and early leaving."""

from collections.abc import Iterable

import numpy as np

from alliance.forecast.model import COMING, PRESENT, STEP_MS, Attendance, Habits, Rostered, Staffing
from geo.cell import Floats, Ints

# What is believed before anything was seen, and the number of duties that weighs as much as the belief.
USUAL_RATE = 0.95
BELIEF = 30.0
HOURS = 24


class Rates:
    """How likely somebody comes, by organisation and hour of the start; a mean that the own past moves.

    On the logistic scale an organisation's and an hour's deviation from the district's rate add up; what an
    organisation showed at just that hour then moves their sum.
    """

    def __init__(self, past: Iterable[Attendance]) -> None:
        found = list(past)
        self._numbers = {one: n for n, one in enumerate(sorted({a.organisation for a in found}))}
        planned = np.zeros((len(self._numbers) + 1, HOURS))
        came = np.zeros_like(planned)
        for one in found:
            planned[self._numbers[one.organisation], one.hour] += one.planned
            came[self._numbers[one.organisation], one.hour] += one.came
        overall = (came.sum() + BELIEF * USUAL_RATE) / (planned.sum() + BELIEF)
        by_organisation = (came.sum(axis=1) + BELIEF * overall) / (planned.sum(axis=1) + BELIEF)
        by_hour = (came.sum(axis=0) + BELIEF * overall) / (planned.sum(axis=0) + BELIEF)
        # What an hour is to be blamed for is not that unreliable organisations have duties in it.
        theirs = planned * by_organisation[:, None]
        if_alike = (theirs.sum(axis=0) + BELIEF * overall) / (planned.sum(axis=0) + BELIEF)
        usual = _logistic(_logit(by_organisation)[:, None] + _logit(by_hour) - _logit(if_alike))
        self._rate = (came + BELIEF * usual) / (planned + BELIEF)
        self.overall = float(overall)

    def of(self, organisation: Ints, hour: Ints) -> Floats:
        """Of organisations never seen the hour's rate counts."""
        stranger = len(self._numbers)
        own = np.array([self._numbers.get(one, stranger) for one in organisation.tolist()], dtype=np.int64)
        rates: Floats = self._rate[own, hour]
        return rates


def _logit(rate: Floats) -> Floats:
    rate = np.clip(rate, 0.001, 0.999)
    return np.log(rate / (1 - rate))


def _logistic(value: Floats) -> Floats:
    return 1 / (1 + np.exp(-value))


def staffing(rostered: Rostered, habits: Habits, instants: Ints, beats: int) -> Staffing:
    """Sums over the duties of each beat; the first instant is now."""
    probability = presence(rostered, habits, instants)
    on = (rostered.start[:, None] <= instants) & (instants < rostered.end[:, None])
    return Staffing(
        instants=instants,
        planned=_by_beat(rostered.beat, on.astype(np.float64), beats),
        expected=_by_beat(rostered.beat, probability, beats),
    )


def presence(rostered: Rostered, habits: Habits, instants: Ints) -> Floats:
    """How likely each duty's person is there at each instant, (duties, instants), as known at the first.

    Somebody comes with the usual rate, less likely the longer they are overdue, and leaves as others do.
    """
    now = int(instants[0])
    rate = Rates(habits.attendance).of(rostered.organisation, rostered.hour)
    arrived = Curve(habits.late)
    late_now = arrived(np.maximum(now - rostered.start, 0)) * (now >= rostered.start)
    since_start = instants[None, :] - rostered.start[:, None]
    came = np.where(since_start >= 0, arrived(np.maximum(since_start, 0)), 0.0)
    overdue = rate / np.maximum(1 - rate * late_now, 1e-9)
    coming = overdue[:, None] * np.maximum(came - late_now[:, None], 0.0)
    left = Curve(habits.early)
    stays = _stays(left, rostered.end[:, None] - instants[None, :])
    stayed = np.maximum(_stays(left, rostered.end - now), 1e-9)
    state = rostered.state[:, None]
    known = np.where(state == PRESENT, 1 / stayed[:, None], np.where(state == COMING, coming, 0.0))
    return np.minimum(known * stays, 1.0)


class Curve:
    """The share of people within so many milliseconds, even between the steps' ends."""

    def __init__(self, counts: Ints) -> None:
        prior = np.zeros(len(counts))
        prior[0] = 1.0
        share = np.cumsum(counts + prior) / (counts.sum() + 1.0)
        self._at = np.arange(len(counts)) * STEP_MS
        self._share = share

    def __call__(self, after: Ints) -> Floats:
        share: Floats = np.interp(after, self._at, self._share)
        return share


def _stays(left: Curve, before_end: Ints) -> Floats:
    """Somebody who leaves early by less than what is left is still there."""
    return np.where(before_end > 0, left(np.maximum(before_end - 1, 0)), 0.0)


def _by_beat(beat: Ints, values: Floats, beats: int) -> Floats:
    found = np.zeros((beats, values.shape[1]))
    np.add.at(found, beat, values)
    return found
