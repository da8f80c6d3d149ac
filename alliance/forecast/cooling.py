"""How patrols keep cells covered: visits as rounds, their rate per hour of presence, and what follows.

A cell's rounds come at random, at a rate in proportion to the people present in its beat; each covers it
from its start until its target interval after its end. Then the cell is cold at t with the chance that no
round began within the target interval and a round's length before t: exp(−∫ rate), the empty state of a queue
with infinitely many servers (M/G/∞), which depends on the rounds' mean length only.
"""

import numpy as np

from alliance.forecast.model import HOUR_MS, Habits, Rounds
from geo.cell import Floats, Ints
from geo.coverage import counting
from geo.tracks import Visits

# Hours of presence, and rounds, that weigh as much as what other cells of the beat teach.
BELIEF_H = 20.0
BELIEF_ROUNDS = 5.0
# Before anything was seen: somebody on foot begins so many rounds an hour, each of so long.
ROUNDS_PER_HOUR = 8.0
ROUND_MS = 180_000.0


def rounds(visits: Visits, targets: Ints) -> Rounds:
    """A person's counting visits to a cell are one round while each begins before the last has run out."""
    kept = visits.take(counting(visits))
    order = np.lexsort((kept.from_at, kept.place, kept.assignment))
    kept = kept.take(order)
    place, start, end = kept.place, kept.from_at, kept.to_at
    if not len(kept):
        return Rounds(sessions=np.zeros(len(targets), np.int64), session_ms=np.zeros(len(targets), np.int64))
    same = (place[1:] == place[:-1]) & (kept.assignment[1:] == kept.assignment[:-1])
    begins = np.append(True, ~(same & (start[1:] <= end[:-1] + targets[place[1:]])))
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(place)) - 1
    own = place[first]
    sessions = np.bincount(own, minlength=len(targets))
    lengths = np.bincount(own, weights=(end[last] - start[first]).astype(np.float64), minlength=len(targets))
    return Rounds(sessions=sessions.astype(np.int64), session_ms=lengths.astype(np.int64))


def rates(habits: Habits, beat: Ints) -> Floats:
    """Rounds per hour of presence in its beat, of each cell; drawn to the beat's mean."""
    cells = np.maximum(np.bincount(beat, minlength=len(habits.present_h)), 1)
    seen = np.bincount(beat, weights=habits.rounds.sessions, minlength=len(cells))
    hours = habits.present_h
    district = (seen.sum() + BELIEF_H * ROUNDS_PER_HOUR) / (hours.sum() + BELIEF_H)
    of_beat = (seen + BELIEF_H * district) / (hours + BELIEF_H) / cells
    found: Floats = (habits.rounds.sessions + BELIEF_H * of_beat[beat]) / (hours[beat] + BELIEF_H)
    return found


def lengths(habits: Habits) -> Floats:
    """The mean length of a cell's rounds in ms, drawn to the district's."""
    seen, total = habits.rounds.sessions, habits.rounds.session_ms
    mean = (total.sum() + BELIEF_ROUNDS * ROUND_MS) / (seen.sum() + BELIEF_ROUNDS)
    found: Floats = (total + BELIEF_ROUNDS * mean) / (seen + BELIEF_ROUNDS)
    return found


def covered(
    people: Floats, instants: Ints, habits: Habits, *, beat: Ints, targets: Ints, until: Ints
) -> Floats:
    """How likely each cell is covered at each instant, (cells, instants), with so many people in each beat.

    `until` is up to when each cell is covered as things are at the first instant.
    """
    hours = np.diff(instants) / HOUR_MS
    steps = (people[:, 1:] + people[:, :-1]) / 2 * hours
    walked = np.concatenate([np.zeros((len(people), 1)), np.cumsum(steps, axis=1)], axis=1)
    window = targets + lengths(habits)
    rate = rates(habits, beat)
    found = np.empty((len(beat), len(instants)))
    for k, t in enumerate(instants.tolist()):
        before = _at(walked, instants, np.maximum(t - window, instants[0]), beat)
        chance = 1 - np.exp(-rate * (walked[beat, k] - before))
        found[:, k] = np.where(until > t, 1.0, chance)
    return found


def _at(walked: Floats, instants: Ints, t: Floats, beat: Ints) -> Floats:
    """Of each cell the hours of presence in its beat up to an instant of its own."""
    if len(instants) == 1:
        return np.zeros(len(beat))
    k = np.clip(np.searchsorted(instants, t, side="right") - 1, 0, len(instants) - 2)
    share = (t - instants[k]) / (instants[k + 1] - instants[k])
    found: Floats = walked[beat, k] * (1 - share) + walked[beat, k + 1] * share
    return found
