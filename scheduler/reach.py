"""Which posts each person can reach, and how far they are."""

import numpy as np

from scheduler.board import Reach
from scheduler.calendar import Floats, Ints
from scheduler.problem import Point, Problem

EARTH_KM = 6371.007180918475
HAIR_KM = 1e-6
CHUNK = 2_000
CLOSE_KM = 1.0


def reach_of(problem: Problem) -> Reach:
    beats = {beat.code: n for n, beat in enumerate(problem.beats)}
    km, home = distances(problem)
    limit = np.asarray([np.inf if p.travel_km is None else p.travel_km for p in problem.people])
    own = np.zeros((len(problem.people), len(beats)), dtype=np.bool_)
    for n, person in enumerate(problem.people):
        for code in person.beats:
            if code in beats:
                own[n, beats[code]] = True
    at = np.asarray([beats[post.beat] for post in problem.posts], dtype=np.int64)
    near = (km <= 0)[home] | (km[home] <= limit[:, None] - HAIR_KM)
    who, post = np.nonzero(near[:, at])
    far = km[home[who], at[post]]
    base = own[who, at[post]] * problem.weights.team - problem.weights.travel * far
    return Reach(first_of(who, len(problem.people)), post, base, far)


def distances(problem: Problem) -> tuple[Floats, Ints]:
    """Kilometres [home, beat] from each different home to a beat's nearest planning cell; homes by person."""
    known: dict[Point | None, int] = {}
    home = np.asarray([known.setdefault(p.home, len(known)) for p in problem.people], dtype=np.int64)
    homes = _vectors([point or Point(lat=0.0, lon=0.0) for point in known])
    centres = _vectors([point for beat in problem.beats for point in beat.centres])
    first = np.cumsum([0, *(len(beat.centres) for beat in problem.beats)])[:-1]
    km = np.zeros((len(homes), len(problem.beats)))
    for begin in range(0, len(homes) if len(problem.beats) else 0, CHUNK):
        nearest = np.maximum.reduceat(homes[begin : begin + CHUNK] @ centres.T, first, axis=1)
        chord = np.sqrt(np.maximum(0.0, 2 - 2 * nearest))
        km[begin : begin + CHUNK] = 2 * EARTH_KM * np.arcsin(np.minimum(1.0, chord / 2))
    for n, own in enumerate(np.split(centres, first[1:])):
        close = np.flatnonzero(km[:, n] < CLOSE_KM)
        km[close, n] = EARTH_KM * _chord(homes[close], own)
    if None in known:
        km[known[None]] = 0.0
    return km, home


def _chord(homes: Floats, centres: Floats) -> Floats:
    """To the nearest centre, in Earth radii; by differences, since dot products are blurred so close."""
    nearest: Floats = np.sqrt(((homes[:, None] - centres[None]) ** 2).sum(axis=2)).min(axis=1, initial=4.0)
    return nearest


def _vectors(points: list[Point]) -> Floats:
    lat, lon = np.radians(np.asarray([(p.lat, p.lon) for p in points], dtype=np.float64).reshape(-1, 2)).T
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)


def first_of(person: Ints, people: int) -> Ints:
    """Where each person's rows begin, with the end of the last."""
    return np.searchsorted(person, np.arange(people + 1)).astype(np.int64)
