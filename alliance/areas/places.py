"""An immutable picture of a district in memory: its cells, whose each is, how often and when it matters."""

from bisect import bisect_right
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from alliance.actor import Code, DistrictId
from alliance.areas.model import Pattern, Targets
from alliance.areas.outlines import Outlines
from alliance.times import at_minute, from_ms, to_ms
from geo import cell as hexes
from geo.cell import Cell, Cells, Floats, Ints
from geo.coverage import Weights
from geo.index import OUTSIDE, CellIndex

MINUTE_MS = 60_000


class Where(msgspec.Struct, frozen=True, kw_only=True):
    """The cell of a point and the areas it lies in."""

    cell: Cell
    town: Code
    station: Code
    beat: Code
    grid: Code


class Weighting(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One version of the weights, from an instant on: columns[weekday * duty shifts + duty shift, cell]."""

    version: int
    valid_from: int
    columns: Floats


class Places(msgspec.Struct, frozen=True, kw_only=True, eq=False, dict=True):
    """Every array is in the order of `cells`; `town[i]` is a position in `towns`, and so on for the others.

    `stamp` changes with everything in here.
    """

    district: DistrictId
    stamp: tuple[int, int]
    zone: ZoneInfo
    hexes: CellIndex
    tier: Ints
    targets: Targets
    town: Ints
    station: Ints
    beat: Ints
    grid: Ints
    towns: tuple[Code, ...]
    stations: tuple[Code, ...]
    beats: tuple[Code, ...]
    grids: tuple[Code, ...]
    town_of: dict[Code, Code]
    """The town of every station, beat and grid."""
    station_of: dict[Code, Code]
    """The station of every beat and grid."""
    beat_of: dict[Code, Code]
    """The beat of every grid."""
    polygons: dict[Code, Any]
    """Polygons of grids (GeoJSON), where known."""
    patterns: tuple[Pattern, ...]
    weightings: tuple[Weighting, ...]
    """At least one, in the order of their versions."""

    def __len__(self) -> int:
        return len(self.hexes)

    @property
    def cells(self) -> Cells:
        return self.hexes.cells

    @cached_property
    def cell_text(self) -> list[Cell]:
        return hexes.from_ints(self.cells)

    @cached_property
    def target_ms(self) -> Ints:
        by_tier = np.array([0, self.targets.high, self.targets.medium, self.targets.low], dtype=np.int64)
        return by_tier[self.tier] * MINUTE_MS

    def index(self, cell: int) -> int:
        """The position of a cell, -1 for one that is none of the district's."""
        return self.hexes.place(cell)

    def beat_cells(self, beat: Code) -> Ints:
        """Positions of the beat's cells."""
        return np.flatnonzero(self.beat == self.beats.index(beat))

    def beats_of(self, area: Code) -> frozenset[Code]:
        """The beats that lie in a town or station, the beat itself, or the one around a grid."""
        if area in self.beat_of:
            return frozenset({self.beat_of[area]})
        if area in self.station_of:
            return frozenset({area})
        return frozenset(
            beat for beat in self.beats if self.station_of[beat] == area or self.town_of[beat] == area
        )

    def point_area(self, lat: float, lon: float) -> Where | None:
        """None outside the district."""
        cell = hexes.at_int(lat, lon)
        i = self.index(cell)
        if i == OUTSIDE:
            return None
        grid = self._grid_at(lat, lon) or self.grids[self.grid[i]]
        beat = self.beat_of[grid]
        return Where(
            cell=hexes.from_int(cell),
            grid=grid,
            beat=beat,
            station=self.station_of[beat],
            town=self.town_of[beat],
        )

    def _grid_at(self, lat: float, lon: float) -> Code | None:
        return self._outlines.at(lat, lon) if self._outlines else None

    @cached_property
    def _outlines(self) -> Outlines | None:
        return Outlines(self.polygons) if self.polygons else None

    @cached_property
    def beat_neighbours(self) -> dict[Code, frozenset[Code]]:
        """For each beat the others that share an edge of a cell with it."""
        beside = self.hexes.neighbours()
        own = np.repeat(self.beat[:, None], 6, axis=1)
        there = np.where(beside == OUTSIDE, own, self.beat[beside])
        pairs = np.unique(np.stack([own[own != there], there[own != there]]), axis=1)
        found: dict[Code, set[Code]] = {beat: set() for beat in self.beats}
        for one, other in pairs.T.tolist():
            found[self.beats[one]].add(self.beats[other])
        return {beat: frozenset(others) for beat, others in found.items()}

    @cached_property
    def planning(self) -> tuple[Ints, Ints]:
        """The beat (its position) of every pair of beat and planning cell, and the pair of every cell."""
        parents = hexes.parents(self.cells, hexes.PLANNING)
        pairs = np.stack([self.beat.astype(np.uint64), parents])
        keys, pair = np.unique(pairs, axis=1, return_inverse=True)
        return keys[0].astype(np.int64), pair.ravel().astype(np.int64)

    @cached_property
    def duty_patterns(self) -> tuple[Pattern, ...]:
        """Earliest start of the day first."""
        return tuple(sorted((p for p in self.patterns if p.duty), key=lambda p: p.start_minute))

    def weights_at(self, at: int) -> Floats:
        """The weight of each cell at an instant in milliseconds."""
        return self.weights(at, at + 1).at(at)

    def weights(self, start: int, end: int) -> Weights:
        """The weights over [start, end), in milliseconds."""
        cuts = self._cuts(start, end)
        changes = {w.valid_from for w in self.weightings[1:] if start < w.valid_from < end}
        starts = sorted({start, *changes, *(cut for cut, _ in cuts if start < cut < end)})
        return Weights(
            starts=np.array(starts, dtype=np.int64),
            row=np.array([self._row(cuts, at) for at in starts], dtype=np.int64),
            rows=self._rows,
        )

    @cached_property
    def _rows(self) -> Floats:
        return np.concatenate([w.columns for w in self.weightings])

    def _row(self, cuts: list[tuple[int, int]], at: int) -> int:
        """The first version also counts for what was before it."""
        version = max(bisect_right([w.valid_from for w in self.weightings], at) - 1, 0)
        before = sum(len(w.columns) for w in self.weightings[:version])
        return before + cuts[bisect_right([cut for cut, _ in cuts], at) - 1][1]

    def _cuts(self, start: int, end: int) -> list[tuple[int, int]]:
        """(instant, column) of every duty shift from the day before `start` to the day after `end`."""
        first = from_ms(start).astimezone(self.zone).date() - timedelta(days=1)
        last = from_ms(end).astimezone(self.zone).date() + timedelta(days=1)
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        return sorted(cut for day in days for cut in self._day_cuts(day))

    def duty_shifts(self, start: int, end: int) -> list[tuple[int, int, str]]:
        """(from, to, pattern) of the duty shifts in [start, end); none without patterns that carry duty."""
        if not self.duty_patterns:
            return []
        cuts = self._cuts(start, end)
        found = [
            (at, following, self.duty_patterns[column % len(self.duty_patterns)].code)
            for (at, column), (following, _) in pairwise(cuts)
        ]
        return [shift for shift in found if shift[0] < end and shift[1] > start]

    def _day_cuts(self, day: date) -> list[tuple[int, int]]:
        shifts = self.duty_patterns
        if not shifts:
            return [(to_ms(at_minute(day, 0, self.zone)), day.weekday())]
        return [
            (to_ms(at_minute(day, shift.start_minute, self.zone)), day.weekday() * len(shifts) + n)
            for n, shift in enumerate(shifts)
        ]
