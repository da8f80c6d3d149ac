"""Ninety days of reports that the demo's officers have confirmed."""

import random
from collections import defaultdict
from datetime import date, datetime, timedelta

from alliance.actor import PersonId
from alliance.areas.places import Places
from alliance.demo import happenings, land, texts
from alliance.incidents.bulk import Past
from alliance.incidents.model import Kind, Place
from alliance.people.bulk import TeamRow
from alliance.times import at_minute
from geo.cell import Floats

A_DAY = 26
SPREAD_DEG = 0.0006


def past(seed: int, places: Places, demand: Floats, teams: list[TeamRow], today: date) -> list[Past]:
    """In the order of their confirmation; each was helped by one to three of the beat's own team."""
    rng = land.stream(seed, "deeds")
    chance = random.Random(seed)
    middles = places.hexes.centres()
    of_beat: dict[str, list[TeamRow]] = defaultdict(list)
    for team in teams:
        if len(team.members) >= 3:
            of_beat[team.beat].append(team)
    found = []
    for n in range(happenings.DAYS, 0, -1):
        midnight = at_minute(today - timedelta(days=n), 0, places.zone)
        count = int(rng.poisson(A_DAY))
        seconds = happenings.times(rng, count).tolist()
        for cell, second in zip(land.draw(rng, demand, count).tolist(), seconds, strict=True):
            lat, lon = middles[cell]
            near = of_beat[places.beats[int(places.beat[cell])]]
            if near:
                at = midnight + timedelta(seconds=second)
                found.append(_one(chance, _place(chance, places, cell, (lat, lon)), near, at))
    before = at_minute(today, 0, places.zone)
    return sorted((one for one in found if one.confirmed_at < before), key=lambda one: one.confirmed_at)


def _one(chance: random.Random, place: Place, near: list[TeamRow], at: datetime) -> Past:
    team = chance.choice(near)
    kind, text = texts.drawn(chance)
    people: list[PersonId] = chance.sample(list(team.members), chance.choice((1, 2, 2, 3)))
    closed = at + timedelta(minutes=chance.randint(8, 90))
    return Past(
        kind=Kind(kind),
        place=place,
        opened_at=at,
        closed_at=closed,
        confirmed_at=closed + timedelta(minutes=chance.randint(20, 900)),
        people=tuple(people),
        officer=team.officer,
        text=text,
    )


def _place(chance: random.Random, places: Places, cell: int, middle: tuple[float, float]) -> Place:
    return Place(
        lat=float(middle[0]) + chance.uniform(-SPREAD_DEG, SPREAD_DEG),
        lon=float(middle[1]) + chance.uniform(-SPREAD_DEG, SPREAD_DEG),
        cell=places.cell_text[cell],
        grid=places.grids[int(places.grid[cell])],
        beat=places.beats[int(places.beat[cell])],
        station=places.stations[int(places.station[cell])],
        town=places.towns[int(places.town[cell])],
    )
