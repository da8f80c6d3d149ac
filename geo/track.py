"""One assignment's fixes → visits, step by step as the definition has them."""

from collections.abc import Iterable, Sequence
from enum import IntFlag
from itertools import pairwise

import msgspec

from geo import cell as cells
from geo.cell import Cell
from geo.index import OUTSIDE, CellIndex

COARSE_M = 100.0
TOP_SPEED = 45.0  # m/s
LONGEST_GAP_MS = 120_000
LONGEST_STEP = 3


class Flag(IntFlag):
    COARSE = 1
    OUTSIDE = 2
    MOCK = 4


class Fix(msgspec.Struct, frozen=True, kw_only=True):
    at: int
    lat: float
    lon: float
    accuracy: float
    battery: float | None = None
    mock: bool = False


class Break(msgspec.Struct, frozen=True, kw_only=True):
    """From a check-out to the next check-in of the same assignment."""

    from_at: int
    to_at: int


class Visit(msgspec.Struct, frozen=True, kw_only=True, order=True):
    from_at: int
    to_at: int
    cell: Cell

    @property
    def dwell(self) -> int:
        return self.to_at - self.from_at


class Part(msgspec.Struct, frozen=True, kw_only=True):
    from_at: int
    to_at: int
    cell: int


def flags(fix: Fix, index: CellIndex) -> Flag:
    found = Flag(0)
    if fix.accuracy > COARSE_M:
        found |= Flag.COARSE
    if index.place(cells.at_int(fix.lat, fix.lon)) == OUTSIDE:
        found |= Flag.OUTSIDE
    if fix.mock:
        found |= Flag.MOCK
    return found


def visits(fixes: Iterable[Fix], index: CellIndex, breaks: Sequence[Break] = ()) -> list[Visit]:
    """In order of time, whatever the order of the fixes; of two with the same `at` the first is taken."""
    first = {fix.at: fix for fix in reversed(list(fixes))}
    kept = _without_leaps([first[at] for at in sorted(first) if not flags(first[at], index)])
    parts: list[Part] = []
    met: set[int] = set()
    for one, other in pairwise(kept):
        path = _path(one, other, breaks)
        if path:
            parts += _laid(one.at, other.at, path)
            met |= {one.at, other.at}
    alone = [Part(from_at=f.at, to_at=f.at, cell=cells.at_int(f.lat, f.lon)) for f in kept if f.at not in met]
    found = _runs(parts) + alone
    return sorted(Visit(from_at=p.from_at, to_at=p.to_at, cell=cells.from_int(p.cell)) for p in found)


def too_fast(one: Fix, other: Fix) -> bool:
    metres = cells.distance_m(one.lat, one.lon, other.lat, other.lon)
    return metres * 1000.0 > TOP_SPEED * (other.at - one.at)


def _without_leaps(track: list[Fix]) -> list[Fix]:
    fast = [too_fast(one, other) for one, other in pairwise(track)]
    leaps = {i for i in range(1, len(track) - 1) if fast[i - 1] and fast[i]}
    return [fix for i, fix in enumerate(track) if i not in leaps]


def _path(one: Fix, other: Fix, breaks: Sequence[Break]) -> tuple[int, ...]:
    """The cells from one fix to the next, ends included; empty where the two make no pair."""
    if other.at - one.at > LONGEST_GAP_MS or too_fast(one, other):
        return ()
    if any(pause.from_at < other.at and pause.to_at > one.at for pause in breaks):
        return ()
    a, b = cells.at_int(one.lat, one.lon), cells.at_int(other.lat, other.lon)
    return cells.path_int(a, b) if cells.distance_int(a, b) <= LONGEST_STEP else ()


def _laid(start: int, end: int, path: tuple[int, ...]) -> list[Part]:
    n, span = len(path), end - start
    return [
        Part(from_at=start + k * span // n, to_at=start + (k + 1) * span // n, cell=cell)
        for k, cell in enumerate(path)
    ]


def _runs(parts: list[Part]) -> list[Part]:
    runs: list[Part] = []
    for part in parts:
        if runs and runs[-1].cell == part.cell and runs[-1].to_at == part.from_at:
            runs[-1] = Part(from_at=runs[-1].from_at, to_at=part.to_at, cell=part.cell)
        else:
            runs.append(part)
    return runs
