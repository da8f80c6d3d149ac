"""Where the demo's patrols are wanted: one post per beat, by its demand, and a guarded point per station."""

import numpy as np

from alliance.actor import Code
from alliance.areas.model import Area, AreaKind
from alliance.areas.places import Places
from alliance.demo.offers import GUARD_KIND
from alliance.roster.bulk import NeedRow, PostRow
from geo.cell import Floats

# People wanted at one time in the whole district, by pattern.
WANTED = {"day": 960, "late": 1060, "night": 720, "evening": 1400}
CERTIFIED = {"day": 1, "late": 1, "night": 1, "evening": 0}
LEAST = 2


def posts(places: Places, areas: list[Area], demand: Floats) -> list[PostRow]:
    beats = {area.code: area for area in areas if area.kind is AreaKind.BEAT}
    stations = [area for area in areas if area.kind is AreaKind.STATION]
    patrols = _patrols(places, beats, demand)
    return patrols + [_point(places, area, demand) for area in stations]


def _patrols(places: Places, beats: dict[Code, Area], demand: Floats) -> list[PostRow]:
    """Half by demand, half by the number of cells, in whole pairs."""
    asked = np.bincount(places.beat, weights=demand, minlength=len(places.beats))
    extent = np.bincount(places.beat, minlength=len(places.beats))
    share = 0.7 * asked / asked.sum() + 0.3 * extent / extent.sum()
    return [
        PostRow(
            code=f"P-{code}",
            name=f"{beats[code].name}巡逻",
            name_en=f"{beats[code].name_en} patrol",
            beat=code,
            needs=[
                NeedRow(
                    pattern=pattern,
                    minimum=LEAST,
                    desired=max(LEAST, 2 * round(wanted * float(share[n]) / 2)),
                    certified=CERTIFIED[pattern],
                )
                for pattern, wanted in WANTED.items()
            ],
        )
        for n, code in enumerate(places.beats)
    ]


def _point(places: Places, station: Area, demand: Floats) -> PostRow:
    """The cell of the station that asks most, guarded by one certified guard by day."""
    own = np.flatnonzero(places.station == places.stations.index(station.code))
    cell = int(own[int(np.argmax(demand[own]))])
    return PostRow(
        code=f"F-{station.code}",
        name=f"{station.name}定点岗",
        name_en=f"{station.name_en} point",
        beat=places.beats[int(places.beat[cell])],
        cell=places.cell_text[cell],
        unit_size=1,
        solo=True,
        certificate=GUARD_KIND,
        needs=[
            NeedRow(pattern="day", minimum=1, desired=1, certified=1),
            NeedRow(pattern="late", minimum=1, desired=1, certified=1),
        ],
    )
