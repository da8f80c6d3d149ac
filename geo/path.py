"""Grid paths between near cells of a district, remembered, so that each is asked of H3 once."""

import numpy as np

from geo import cell as cells
from geo.cell import Cells, Ints
from geo.index import CellIndex
from geo.track import LONGEST_STEP

FURTHEST_M = 2500.0
"""Points of cells within LONGEST_STEP are nearer: 3 spacings of 0.42 km and two edges of 0.24 km."""


class Paths:
    """Row r is a path of `lengths[r]` cells (0: too far), `steps[r]`, at `places[r]` of the index."""

    __slots__ = ("_count", "_row", "index", "lengths", "places", "steps")

    def __init__(self, index: CellIndex) -> None:
        self.index = index
        self._row: dict[int, int] = {}
        self._count = 0
        self.lengths: Ints = np.zeros(256, dtype=np.int64)
        self.places: Ints = np.zeros((256, LONGEST_STEP + 1), dtype=np.int64)
        self.steps: Cells = np.zeros((256, LONGEST_STEP + 1), dtype=np.uint64)

    def rows(self, from_places: Ints, to_places: Ints) -> Ints:
        """The table's row for each pair of places in the district."""
        keys, own = np.unique(from_places * len(self.index) + to_places, return_inverse=True)
        known = [self._row.get(key, -1) for key in keys.tolist()]
        for i, row in enumerate(known):
            if row < 0:
                known[i] = self._learn(int(keys[i]))
        return np.array(known, dtype=np.int64)[own]

    def _learn(self, key: int) -> int:
        here, there = divmod(key, len(self.index))
        one, other = int(self.index.cells[here]), int(self.index.cells[there])
        near = cells.distance_int(one, other) <= LONGEST_STEP
        path = cells.path_int(one, other) if near else ()
        row = self._count
        if row == len(self.lengths):
            self.lengths = np.concatenate([self.lengths, np.zeros_like(self.lengths)])
            self.places = np.concatenate([self.places, np.zeros_like(self.places)])
            self.steps = np.concatenate([self.steps, np.zeros_like(self.steps)])
        self.lengths[row] = len(path)
        self.steps[row, : len(path)] = path
        self.places[row, : len(path)] = [self.index.place(number) for number in path]
        self._row[key] = row
        self._count += 1
        return row
