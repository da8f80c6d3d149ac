"""What the simulated patrols know of the district: cells, beats, demand, and what is covered for how long."""

from collections.abc import Iterable
from functools import cached_property

import msgspec
import numpy as np

from geo import cell as hexes
from geo.cell import Cell, Floats, Ints
from geo.index import OUTSIDE, CellIndex


class Ground(msgspec.Struct, frozen=True, kw_only=True, eq=False, dict=True):
    """Arrays in the order of `hexes`; `covered_until` is kept up to date by the feed's coverage."""

    hexes: CellIndex
    beat: Ints
    beats: tuple[str, ...]
    weight: Floats
    covered_until: Ints

    @cached_property
    def middles(self) -> Floats:
        return self.hexes.centres()

    @cached_property
    def beside(self) -> Ints:
        return self.hexes.neighbours()

    @cached_property
    def cells_of(self) -> dict[str, Ints]:
        return {beat: np.flatnonzero(self.beat == n) for n, beat in enumerate(self.beats)}

    def cover(self, changes: Iterable[tuple[Cell, int]]) -> None:
        for cell, until in changes:
            place = self.hexes.place(int(cell, 16))
            if place != OUTSIDE:
                self.covered_until[place] = until

    def place_of(self, lat: float, lon: float) -> int:
        return self.hexes.place(hexes.at_int(lat, lon))


def ground(cells: list[Cell], beat: list[int], beats: list[str], weight: list[float]) -> Ground:
    """From the columns of GET /cells; the cells must be sorted, as the service sends them."""
    return Ground(
        hexes=CellIndex(hexes.to_ints(cells)),
        beat=np.array(beat, dtype=np.int64),
        beats=tuple(beats),
        weight=np.array(weight, dtype=np.float64),
        covered_until=np.zeros(len(cells), dtype=np.int64),
    )


def worth(ground: Ground, candidates: Ints, here: tuple[float, float], now: int) -> Floats:
    """How much each cell asks for a patrol: its weight, once cold or nearly so, over the way to it."""
    middles = ground.middles[candidates]
    away = hexes.distances_m(middles[:, 0], middles[:, 1], np.array([here[0]]), np.array([here[1]]))
    left = ground.covered_until[candidates] - now
    need = np.clip(1.0 - left / 600_000, 0.02, 1.0)
    asked: Floats = ground.weight[candidates] * need / (away + 250.0)
    return asked
