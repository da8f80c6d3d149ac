"""Made-up areas: contiguous parts of a district, balanced by weight, nested level in level."""

import heapq
import math
from collections.abc import Sequence

import msgspec
import numpy as np
import shapely

from geo import cell as cells
from geo.cell import Floats, Ints
from geo.index import CellIndex

UNOWNED = -1
BEARINGS = 4
PASSES = 40


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """`part` of each cell, 0…n-1, and the parent of each part."""

    part: Ints
    parent: Ints


class Nested(msgspec.Struct, frozen=True, kw_only=True):
    """Grid ⊂ beat ⊂ station ⊂ town: each level's parents are the level above; a town's is the district, 0."""

    town: Level
    station: Level
    beat: Level
    grid: Level


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    parts: int
    mean: float
    smallest: float
    largest: float


def balance(part: Ints, weight: Floats) -> Balance:
    """The weights of the parts."""
    sums = np.bincount(part, weights=weight)
    return Balance(
        parts=len(sums), mean=float(sums.mean()), smallest=float(sums.min()), largest=float(sums.max())
    )


def nested(splitter: "Splitter", towns: Ints, *, stations: int, beats: int, grids: int) -> Nested:
    """Everything below the towns."""
    whole = np.zeros(int(towns.max()) + 1, dtype=np.int64)
    station = splitter.split(towns, stations)
    beat = splitter.split(station.part, beats)
    return Nested(
        town=Level(part=towns, parent=whole),
        station=station,
        beat=beat,
        grid=splitter.split(beat.part, grids),
    )


class Splitter:
    """Splits a district's cells; the same seed gives the same parts."""

    def __init__(self, index: CellIndex, weight: Floats, seed: int = 0) -> None:
        self._beside: list[list[int]] = index.neighbours().tolist()
        self._links = [[other for other in row if other >= 0] for row in self._beside]
        self._bridged: set[int] = set()
        centres = index.centres()
        north = np.radians(centres[:, 0]) * cells.EARTH_RADIUS_M
        east = np.radians(centres[:, 1]) * cells.EARTH_RADIUS_M * math.cos(math.radians(centres[:, 0].mean()))
        self._xy: Floats = np.column_stack([east, north])
        self._centres = centres
        self._weight = weight
        self._weights: list[float] = weight.tolist()
        self._turn = float(np.random.default_rng(seed).uniform(0.0, math.pi / BEARINGS))

    def around(self, seeds: Sequence[tuple[float, float]]) -> Ints:
        """Each cell to the nearest seed (lat, lon) that reaches it; every seed gets a contiguous part."""
        self._join(list(range(len(self._links))))
        owner = [UNOWNED] * len(self._links)
        lats, lons = self._centres.T
        reach = np.array([cells.distances_m(lats, lons, np.array(lat), np.array(lon)) for lat, lon in seeds])
        for number, row in enumerate(reach):
            owner[next(int(c) for c in np.argsort(row, kind="stable") if owner[c] == UNOWNED)] = number
        far = reach.tolist()
        heap = [(0.0, cell, number) for cell, number in enumerate(owner) if number != UNOWNED]
        done = [False] * len(owner)
        while heap:
            _, cell, number = heapq.heappop(heap)
            if done[cell] or (owner[cell] != UNOWNED and owner[cell] != number):
                continue
            owner[cell], done[cell] = number, True
            for other in self._links[cell]:
                if owner[other] == UNOWNED:
                    heapq.heappush(heap, (far[number][other], other, number))
        return np.array(owner, dtype=np.int64)

    def split(self, parent: Ints, count: int) -> Level:
        """`count` parts in all, each within one parent; heavier parents get more."""
        parents = int(parent.max()) + 1
        members = [np.flatnonzero(parent == number).tolist() for number in range(parents)]
        loads = np.bincount(parent, weights=self._weight, minlength=parents).tolist()
        counts = allot(count, loads, [len(found) for found in members])
        part = np.zeros(len(parent), dtype=np.int64)
        above: list[int] = []
        for number, found in enumerate(members):
            self._join(found)
            for piece in self._pieces(found, counts[number]):
                part[piece] = len(above)
                above.append(number)
        return Level(part=self._evened(part, above), parent=np.array(above, dtype=np.int64))

    def _join(self, members: list[int]) -> None:
        """Bridges from every island among the members to the nearest of the rest."""
        islands = self._islands(members)
        while len(islands) > 1:
            island = islands.pop()
            rest = [cell for other in islands for cell in other]
            tree = shapely.STRtree(shapely.points(self._xy[rest]))
            nearest, gaps = tree.query_nearest(
                shapely.points(self._xy[island]), all_matches=False, return_distance=True
            )
            one = island[int(nearest[0, gaps.argmin()])]
            other = rest[int(nearest[1, gaps.argmin()])]
            self._links[one].append(other)
            self._links[other].append(one)
            self._bridged |= {one, other}

    def _islands(self, members: list[int]) -> list[list[int]]:
        """Connected sets, the largest first."""
        left, islands = set(members), []
        for start in members:
            if start not in left:
                continue
            left.discard(start)
            island, rim = [start], [start]
            while rim:
                fresh = [other for other in self._links[rim.pop()] if other in left]
                for other in fresh:
                    if other in left:
                        left.discard(other)
                        island.append(other)
                        rim.append(other)
            islands.append(island)
        return sorted(islands, key=len, reverse=True)

    def _pieces(self, members: list[int], count: int) -> list[list[int]]:
        if count == 1:
            return [members]
        left, right, share = min(
            (self._halves(members, count, bearing) for bearing in range(BEARINGS)),
            key=lambda halves: self._uneven(halves, count),
        )
        return self._pieces(left, share) + self._pieces(right, count - share)

    def _uneven(self, halves: tuple[list[int], list[int], int], count: int) -> float:
        """How far the heavier half is over its due, with a little for the length of the cut."""
        left, right, share = halves
        one, other = self._load(left), self._load(right)
        due = (one + other) / count
        inside = set(left)
        cut = sum(1 for cell in right for near in self._links[cell] if near in inside)
        return max(one / share, other / (count - share)) / due + 0.02 * cut / math.sqrt(
            len(left) + len(right)
        )

    def _load(self, members: list[int]) -> float:
        return sum([self._weights[cell] for cell in members])

    def _halves(self, members: list[int], count: int, bearing: int) -> tuple[list[int], list[int], int]:
        """A sweep across the members up to half the weight; what it cuts off joins the swept side."""
        angle = self._turn + bearing * math.pi / BEARINGS
        along = self._xy[members] @ np.array([math.cos(angle), math.sin(angle)])
        rank = dict(zip(members, along.tolist(), strict=True))
        whole = self._load(members)
        goal = whole * (count // 2) / count
        first = members[int(along.argmin())]
        heap, seen, load = [(rank[first], first)], {first}, 0.0
        left: list[int] = []
        while heap and len(left) < len(members) - 1:
            cell = heapq.heappop(heap)[1]
            heavy = self._weights[cell]
            if left and load + heavy / 2 > goal:
                break
            left.append(cell)
            load += heavy
            for other in self._links[cell]:
                if other not in seen and other in rank:
                    seen.add(other)
                    heapq.heappush(heap, (rank[other], other))
        taken = set(left)
        right, *cut_off = self._islands([cell for cell in members if cell not in taken])
        for island in cut_off:
            left += island
        share = round(count * self._load(left) / whole)
        return left, right, min(max(share, 1, count - len(right)), count - 1, len(left))

    def _evened(self, part: Ints, above: list[int]) -> Ints:
        """Moves cells on borders within a parent from heavier to lighter parts, never through a part."""
        loads = np.bincount(part, weights=self._weight).tolist()
        owner: list[int] = part.tolist()
        for _ in range(PASSES):
            moved = 0
            for cell in range(len(owner)):
                to = self._better(cell, owner, loads, above)
                if to != UNOWNED:
                    loads[owner[cell]] -= self._weights[cell]
                    loads[to] += self._weights[cell]
                    owner[cell] = to
                    moved += 1
            if not moved:
                break
        return np.array(owner, dtype=np.int64)

    def _better(self, cell: int, owner: list[int], loads: list[float], above: list[int]) -> int:
        """The lightest part that a cell had better belong to, UNOWNED to stay."""
        own = owner[cell]
        near = [owner[other] if other >= 0 else UNOWNED for other in self._beside[cell]]
        if near.count(own) == 6 or cell in self._bridged:
            return UNOWNED
        limit = loads[own] - self._weights[cell] * (1.0 + 1e-9)
        best = UNOWNED
        for other in near:
            if other in (own, UNOWNED) or above[other] != above[own] or near.count(other) < 2:
                continue
            if loads[other] < limit:
                best, limit = other, loads[other]
        return best if best != UNOWNED and _one_arc(near, own) else UNOWNED


def _one_arc(near: list[int], own: int) -> bool:
    """Whether the own neighbours lie side by side: then the part holds together without the cell."""
    return sum(near[i] == own and near[i - 1] != own for i in range(len(near))) == 1


def allot(count: int, loads: Sequence[float], most: Sequence[int]) -> list[int]:
    """Shares of at least 1 and at most `most`, each next one to whoever is heaviest per share."""
    if not len(loads) <= count <= sum(most):
        raise ValueError(f"{count} parts: give at least {len(loads)} and at most {sum(most)}")
    counts = [1] * len(loads)
    heap = [(-load, number) for number, load in enumerate(loads) if most[number] > 1]
    heapq.heapify(heap)
    for _ in range(count - len(loads)):
        _, number = heapq.heappop(heap)
        counts[number] += 1
        if counts[number] < most[number]:
            heapq.heappush(heap, (-loads[number] / counts[number], number))
    return counts
