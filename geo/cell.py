"""H3 cells: hex text at the edges, unsigned 64-bit integers inside."""

import math
from collections.abc import Iterable
from itertools import repeat
from typing import NewType

import h3.api.basic_int as h3
import numpy as np
import numpy.typing as npt
from h3 import H3FailedError, H3PentagonError

Cell = NewType("Cell", str)

Cells = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

WORKING = 9
PLANNING = 8
OVERVIEW = 7

EARTH_RADIUS_M = 6_371_007.180918475

UNRELATED = (H3FailedError, H3PentagonError)
FAR = 1 << 30
"""The grid distance between cells that H3 can't relate."""
SEVERAL = -1
"""The face of a cell that lies on more than one."""


def from_int(number: int) -> Cell:
    return Cell(f"{int(number):x}")


def to_int(cell: Cell) -> int:
    """Raises ValueError for text that names no cell."""
    number = int(cell, 16)
    if number >> 64 or not h3.is_valid_cell(number):
        raise ValueError(f"{cell!r} is not an H3 cell")
    return number


def to_ints(cells: Iterable[Cell]) -> Cells:
    return np.array([int(cell, 16) for cell in cells], dtype=np.uint64)


def from_ints(numbers: Cells) -> list[Cell]:
    return [Cell(f"{number:x}") for number in numbers.tolist()]


def at(lat: float, lon: float, res: int = WORKING) -> Cell:
    return from_int(at_int(lat, lon, res))


def at_int(lat: float, lon: float, res: int = WORKING) -> int:
    return int(h3.latlng_to_cell(lat, lon, res))


def at_many(lats: Floats, lons: Floats, res: int = WORKING) -> Cells:
    cells = map(h3.latlng_to_cell, lats.tolist(), lons.tolist(), repeat(res))
    return np.fromiter(cells, dtype=np.uint64, count=len(lats))


def resolution(cell: Cell) -> int:
    return int(h3.get_resolution(to_int(cell)))


def resolution_int(number: int) -> int:
    return int(h3.get_resolution(number))


def centre(cell: Cell) -> tuple[float, float]:
    """(lat, lon) of the middle."""
    lat, lon = h3.cell_to_latlng(to_int(cell))
    return float(lat), float(lon)


def centres(cells: Cells) -> Floats:
    """(n, 2): lat and lon of each middle."""
    points = [h3.cell_to_latlng(number) for number in cells.tolist()]
    return np.array(points, dtype=np.float64).reshape(-1, 2)


def boundary(cell: Cell) -> list[tuple[float, float]]:
    """The corners as (lat, lon), not closed."""
    return [(float(lat), float(lon)) for lat, lon in h3.cell_to_boundary(to_int(cell))]


def boundary_int(number: int) -> tuple[tuple[float, float], ...]:
    corners: tuple[tuple[float, float], ...] = h3.cell_to_boundary(number)
    return corners


def parent(cell: Cell, res: int) -> Cell:
    return from_int(h3.cell_to_parent(to_int(cell), res))


def parents(cells: Cells, res: int) -> Cells:
    """Parents by arithmetic on the index: resolution bits set, finer digits filled with ones."""
    if len(cells) and int((cells.max() >> np.uint64(52)) & np.uint64(15)) < res:
        raise ValueError(f"cells are coarser than resolution {res}")
    unused = np.uint64((1 << (3 * (15 - res))) - 1)
    kept = cells & np.uint64(0xFF0F_FFFF_FFFF_FFFF)
    return kept | np.uint64(res << 52) | unused


def children_of(cell: Cell, res: int) -> list[Cell]:
    return sorted(from_int(child) for child in h3.cell_to_children(to_int(cell), res))


def neighbours(cell: Cell, k: int = 1) -> list[Cell]:
    """The cells within k steps, without the cell itself, sorted."""
    number = to_int(cell)
    return sorted(from_int(other) for other in h3.grid_disk(number, k) if other != number)


def ring(number: int) -> list[int]:
    """The adjacent cells."""
    return [int(other) for other in h3.grid_disk(number, 1) if other != number]


def grid_distance(one: Cell, other: Cell) -> int:
    """Steps between two cells of one resolution; FAR where H3 can't tell."""
    return distance_int(to_int(one), to_int(other))


def distance_int(one: int, other: int) -> int:
    try:
        return int(h3.grid_distance(one, other))
    except UNRELATED:
        return FAR


def path_int(one: int, other: int) -> tuple[int, ...]:
    """The grid path, ends included."""
    return tuple(h3.grid_path_cells(one, other))


def steps_int(origin: int, number: int) -> tuple[int, int] | None:
    """Steps along two axes that are 120° apart; None where H3 can't tell."""
    try:
        i, j = h3.cell_to_local_ij(origin, number)
    except UNRELATED:
        return None
    return int(i), int(j)


def face_int(number: int) -> int:
    """The face of H3's icosahedron that the whole cell lies on, or SEVERAL."""
    faces = h3.get_icosahedron_faces(number)
    return int(faces[0]) if len(faces) == 1 else SEVERAL


def distance_m(lat: float, lon: float, lat2: float, lon2: float) -> float:
    """Great circle on H3's sphere."""
    a_lat, b_lat = math.radians(lat), math.radians(lat2)
    up = math.sin((b_lat - a_lat) * 0.5)
    along = math.sin((math.radians(lon2) - math.radians(lon)) * 0.5)
    part = up * up + along * along * math.cos(a_lat) * math.cos(b_lat)
    return 2.0 * math.atan2(math.sqrt(part), math.sqrt(1.0 - part)) * EARTH_RADIUS_M


def distances_m(lats: Floats, lons: Floats, lats2: Floats, lons2: Floats) -> Floats:
    """Great circles on H3's sphere; the arguments broadcast."""
    a_lat, b_lat = np.radians(lats), np.radians(lats2)
    up = np.sin((b_lat - a_lat) * 0.5)
    along = np.sin((np.radians(lons2) - np.radians(lons)) * 0.5)
    part = up * up + along * along * np.cos(a_lat) * np.cos(b_lat)
    arcs: Floats = np.arctan2(np.sqrt(part), np.sqrt(1.0 - part)) * (2.0 * EARTH_RADIUS_M)
    return arcs
