"""The district's cells in order, so that figures about them are plain arrays."""

from functools import cached_property

import numpy as np

from geo import cell as cells
from geo import lattice
from geo.cell import Bools, Cells, Floats, Ints
from geo.lattice import UNSURE, Lattice

OUTSIDE = -1
# Asking H3 for each of fewer points is quicker than the arrays.
FEW = 50
# Larger pieces of a long array fall out of the processor's cache.
PIECE = 1 << 13


class CellIndex:
    """Positions 0…n-1 of a set of cells, sorted; every per-cell array in this package is in this order."""

    def __init__(self, found: Cells) -> None:
        self.cells: Cells = np.unique(found)
        self._place: dict[int, int] = {number: i for i, number in enumerate(self.cells.tolist())}

    def __len__(self) -> int:
        return len(self.cells)

    def place(self, number: int) -> int:
        """OUTSIDE for a cell that is none of the set."""
        return self._place.get(number, OUTSIDE)

    def places(self, found: Cells) -> Ints:
        """The position of each cell; OUTSIDE for those that are none of the set."""
        if not len(self.cells):
            return np.full(len(found), OUTSIDE, dtype=np.int64)
        near = np.minimum(np.searchsorted(self.cells, found), len(self.cells) - 1)
        return np.where(self.cells[near] == found, near, OUTSIDE).astype(np.int64)

    def places_at(self, lats: Floats, lons: Floats) -> Ints:
        """The position of each point's cell, where all cells of the set are of one resolution."""
        if len(lats) < FEW or self._lattice is None:
            return self._asked(lats, lons)
        found = np.empty(len(lats), dtype=np.int64)
        for start in range(0, len(lats), PIECE):
            piece = slice(start, start + PIECE)
            found[piece] = self._lattice.places(lats[piece], lons[piece])
        unsure = np.flatnonzero(found == UNSURE)
        if len(unsure):
            found[unsure] = self._asked(lats[unsure], lons[unsure])
        return found

    def _asked(self, lats: Floats, lons: Floats) -> Ints:
        res = cells.resolution_int(int(self.cells[0])) if len(self.cells) else cells.WORKING
        return self.places(cells.at_many(lats, lons, res))

    @cached_property
    def _lattice(self) -> Lattice | None:
        return lattice.fitted(self.cells, outside=OUTSIDE)

    def holds(self, found: Cells) -> Bools:
        held: Bools = self.places(found) != OUTSIDE
        return held

    def parents(self, res: int) -> tuple[Cells, Ints]:
        """The parents at a resolution, sorted, and for each cell the position of its own."""
        above, own = np.unique(cells.parents(self.cells, res), return_inverse=True)
        return above, own.astype(np.int64)

    def centres(self) -> Floats:
        return cells.centres(self.cells)

    def neighbours(self) -> Ints:
        """(n, 6): positions of the adjacent cells by bearing, OUTSIDE where there is none."""
        around = [cells.ring(number) for number in self.cells.tolist()]
        beside = np.full((len(self.cells), 6), OUTSIDE, dtype=np.int64)
        middles = self.centres()
        for i, ring in enumerate(around):
            beside[i, : len(ring)] = [self._place.get(number, OUTSIDE) for number in ring]
        return _by_bearing(middles, beside, around)


def _by_bearing(middles: Floats, beside: Ints, around: list[list[int]]) -> Ints:
    flat = np.array([number for ring in around for number in ring], dtype=np.uint64)
    rows = np.repeat(np.arange(len(around)), np.array([len(ring) for ring in around], dtype=np.int64))
    columns = np.array([column for ring in around for column in range(len(ring))], dtype=np.int64)
    unique, own = np.unique(flat, return_inverse=True)
    there = cells.centres(unique)[own]
    north = there[:, 0] - middles[rows, 0]
    east = (there[:, 1] - middles[rows, 1]) * np.cos(np.radians(middles[rows, 0]))
    bearings = np.full(beside.shape, np.inf)
    bearings[rows, columns] = np.arctan2(north, east)
    return np.take_along_axis(beside, np.argsort(bearings, axis=1), axis=1)
