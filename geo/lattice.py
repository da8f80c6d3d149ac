"""Cells of one face of H3's icosahedron as the flat lattice they are: the places of many points at once.

H3 draws a face's cells as regular hexagons on the plane that touches the Earth in the face's middle, seen
from the Earth's middle. So one linear map takes a point's unit vector to homogeneous lattice coordinates; it
is found from the cells themselves, and whatever it can't tell for certain is left to H3.
"""

import numpy as np

from geo import cell as cells
from geo.cell import Bools, Cells, Floats, Ints

UNSURE = -2

FEWEST = 16
SAMPLE = 512
# In finer cells H3's own rounding at a face's middle comes too near to MARGIN.
FINEST = 10
LARGEST_TABLE = 1 << 22
COLLINEAR = 1e-9
# Parts of a cell. Centres were seen 3e-11 off, and H3's edges 4e-7 (at a face's middle, resolution 10).
CLOSE = 1e-8
MARGIN = 1e-5
# Of (i, j, 1): the ways across a hexagon's three pairs of edges, whole on edges and diagonals; and the 1.
ACROSS = np.array([[1.0, 1.0, 0.0], [1.0, -2.0, 0.0], [-2.0, 1.0, 0.0], [0.0, 0.0, 1.0]])


class Lattice:
    """`table[i, j]` is the place of a cell, with a border of cells that are none of the set.

    `homography` takes unit vectors to (i, j, 1), with a positive third on the set's side of the Earth.
    """

    __slots__ = ("_across", "_flat", "_last", "_width")

    def __init__(self, homography: Floats, table: Ints) -> None:
        self._across = ACROSS @ homography
        self._flat = table.ravel()
        self._width = table.shape[1]
        self._last = np.array(table.shape, dtype=np.float64)[:, None] - 1.0

    def places(self, lats: Floats, lons: Floats) -> Ints:
        """UNSURE near edges and diagonals of cells, on the Earth's other side and where the table says so."""
        half = np.array((lats, lons)) * (np.pi / 360.0)
        if not np.abs(half).max() <= np.pi:
            return np.full(len(lats), UNSURE, dtype=np.int64)
        across = self._across @ _directions(*np.tan(half))
        ahead = across[3]
        ahead[ahead <= 0.0] = np.inf
        ways = across[:3] / ahead
        floors = np.floor(ways)
        ways -= floors + 0.5
        sure = np.abs(ways).max(axis=0) < 0.5 - MARGIN
        steps = np.rint((floors[0] - floors[2:0:-1]) / 3.0)
        row, column = np.clip(steps, 0.0, self._last)
        found: Ints = self._flat[(row * self._width + column).astype(np.int64)]
        return np.where(sure, found, UNSURE)


def _directions(lat: Floats, lon: Floats) -> Floats:
    """(3, n) vectors of any length from the tangents of half the latitudes and longitudes."""
    found = np.empty((3, len(lat)))
    lat2, lon2 = lat * lat, lon * lon
    np.multiply(1.0 - lat2, 1.0 - lon2, out=found[0])
    np.multiply(1.0 - lat2, 2.0 * lon, out=found[1])
    np.multiply(2.0 * lat, 1.0 + lon2, out=found[2])
    return found


def fitted(found: Cells, *, outside: int) -> Lattice | None:
    """None for cells, all of one resolution, that are too few, too fine or too scattered to gain by it."""
    if len(found) < FEWEST or cells.resolution_int(int(found[0])) > FINEST:
        return None
    flat = _on_main_face(found)
    vectors = _directions(*np.tan(np.radians(cells.centres(found).T) / 2.0))
    vectors /= np.linalg.norm(vectors, axis=0)
    homography = _homography(found, vectors, np.flatnonzero(flat))
    if homography is None:
        return None
    i, j, ahead = homography @ vectors
    exact = np.array((i, j)) / ahead
    steps = np.rint(exact)
    flat &= (np.abs(exact - steps).max(axis=0) < CLOSE) & (ahead > 0.0)
    if not flat.any():
        return None
    lowest = steps[:, flat].min(axis=1) - 1.0
    homography[:2] -= np.outer(lowest, homography[2])
    return _tabled(homography, (steps - lowest[:, None]).astype(np.int64), flat, outside)


def _tabled(homography: Floats, steps: Ints, flat: Bools, outside: int) -> Lattice | None:
    """Where some of the set don't lie in the lattice, a point elsewhere may be in one of those."""
    height, width = (steps[:, flat].max(axis=1) + 2).tolist()
    if height * width > LARGEST_TABLE:
        return None
    table = np.full((height, width), outside if flat.all() else UNSURE, dtype=np.int64)
    table[steps[0, flat], steps[1, flat]] = np.flatnonzero(flat)
    return Lattice(homography, table)


def _on_main_face(found: Cells) -> Bools:
    """Which lie wholly on the face that most of them lie on."""
    faces = np.array([cells.face_int(number) for number in found.tolist()], dtype=np.int64)
    main = np.bincount(faces[faces != cells.SEVERAL], minlength=1).argmax()
    on_main: Bools = faces == main
    return on_main


def _homography(found: Cells, vectors: Floats, flat: Ints) -> Floats | None:
    """From the steps between some of the cells, as H3 tells them, and these cells' centres."""
    some = flat[:: max(1, len(flat) // SAMPLE)]
    numbers = found[some].tolist()
    told = [cells.steps_int(numbers[len(numbers) // 2], number) for number in numbers]
    kept = [k for k, steps in enumerate(told) if steps is not None]
    if len(kept) < FEWEST:
        return None
    plane = _plane(vectors[:, some[kept]])
    x, y, up = plane @ vectors[:, some[kept]]
    steps = np.array([told[k] for k in kept], dtype=np.float64).T
    reach = np.abs(steps).max()
    homography = _least_squares(x / up, y / up, steps / reach)
    return None if homography is None else np.diag([reach, reach, 1.0]) @ homography @ plane


def _plane(vectors: Floats) -> Floats:
    """Takes vectors to (x, y, 1) of about 1 on the plane that touches the Earth amid them."""
    middle = vectors.sum(axis=1)
    plane: Floats = np.linalg.svd(middle[None, :])[2][[1, 2, 0]]
    plane[2] *= np.sign(plane[2] @ middle)
    x, y, up = plane @ vectors
    plane[:2] /= max(np.abs(x / up).max(), np.abs(y / up).max())
    return plane


def _least_squares(x: Floats, y: Floats, ij: Floats) -> Floats | None:
    """The homography from (x, y, 1) to (i, j, 1) whose last number is 1."""
    one, zero = np.ones(len(x)), np.zeros(len(x))
    by_i = [x, y, one, zero, zero, zero, -ij[0] * x, -ij[0] * y]
    by_j = [zero, zero, zero, x, y, one, -ij[1] * x, -ij[1] * y]
    equations = np.concatenate((np.array(by_i), np.array(by_j)), axis=1).T
    numbers, _, rank, _ = np.linalg.lstsq(equations, ij.ravel(), rcond=COLLINEAR)
    return np.append(numbers, 1.0).reshape(3, 3) if rank == len(by_i) else None
