"""Places of points by the lattice against H3 asked for each: in the demo district and all over the Earth."""

from itertools import combinations

import h3.api.basic_int as h3
import numpy as np
import pytest
from h3 import H3LatLngDomainError
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import cell as cells
from geo import lattice
from geo.cell import Cells, Floats
from geo.index import FEW, OUTSIDE, PIECE, CellIndex
from geo.lattice import UNSURE

Points = tuple[Floats, Floats]
Generator = np.random.Generator

seeds = st.integers(0, 2**32)
MANY = 2 * FEW
ASIDE = np.array([0.0, 1e-12, 1e-11, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5])


def vector(lat: float, lon: float) -> Floats:
    a, b = np.radians(lat), np.radians(lon)
    return np.array([np.cos(a) * np.cos(b), np.cos(a) * np.sin(b), np.sin(a)])


def point(v: Floats) -> tuple[float, float]:
    lat = np.arctan2(v[2], np.hypot(v[0], v[1]))
    return float(np.degrees(lat)), float(np.degrees(np.arctan2(v[1], v[0])))


PENTAGONS = [vector(*h3.cell_to_latlng(number)) for number in sorted(h3.get_pentagons(0))]
FACES = [three for three in combinations(PENTAGONS, 3) if all(a @ b > 0.4 for a, b in combinations(three, 2))]


def somewhere(rng: Generator) -> tuple[float, float]:
    """Anywhere, at a pole or where longitudes begin anew; a face's middle, its border or its corner."""
    a, b, c = FACES[rng.integers(len(FACES))]
    share = rng.random()
    return [
        (float(np.degrees(np.arcsin(rng.uniform(-1, 1)))), float(rng.uniform(-180, 180))),
        (float(rng.choice([-90.0, 90.0])), 0.0),
        (float(rng.uniform(-80, 80)), float(rng.choice([-180.0, 180.0]))),
        point(a + b + c),
        point(share * a + (1 - share) * b),
        point(a),
    ][rng.integers(6)]


def aside(rng: Generator, lats: Floats, lons: Floats) -> Points:
    """The points moved by next to nothing, each in another way."""
    far = rng.choice(ASIDE, (2, len(lats))) * rng.choice([-1.0, 0.0, 1.0], (2, len(lats)))
    return lats + far[0], lons + far[1]


def on_edges(rng: Generator, found: Cells, count: int) -> Points:
    """Corners, middles of edges and points along them, or next to them."""
    rings = [np.array(cells.boundary_int(number)) for number in rng.choice(found, count).tolist()]
    corners = [rng.integers(len(ring)) for ring in rings]
    share = rng.choice([0.0, 0.5, rng.random()], (count, 1))
    begin = np.array([ring[k] for ring, k in zip(rings, corners, strict=True)])
    end = np.array([ring[k - 1] for ring, k in zip(rings, corners, strict=True)])
    end[:, 1] += np.rint((begin[:, 1] - end[:, 1]) / 360) * 360
    lats, lons = (begin + share * (end - begin)).T
    return aside(rng, lats, lons)


def everywhere(rng: Generator, count: int) -> Points:
    return np.degrees(np.arcsin(rng.uniform(-1, 1, count))), rng.uniform(-180, 180, count)


def same(index: CellIndex, points: Points, res: int = cells.WORKING) -> None:
    lats, lons = points
    wanted = index.places(cells.at_many(lats, lons, res))
    differs = np.flatnonzero(index.places_at(lats, lons) != wanted)
    assert not len(differs), (lats[differs[0]], lons[differs[0]])


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_points_in_and_about_the_district(index: CellIndex, seed: int) -> None:
    rng = np.random.default_rng(seed)
    same(index, (rng.uniform(22.9, 23.8, 2_000), rng.uniform(113.4, 114.2, 2_000)))
    same(index, on_edges(rng, index.cells, 1_000))
    same(index, aside(rng, *index.centres()[rng.integers(0, len(index), MANY)].T))


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_points_on_the_whole_earth(index: CellIndex, seed: int) -> None:
    rng = np.random.default_rng(seed)
    same(index, everywhere(rng, 1_000))
    inside = (index.centres() + rng.uniform(0, 1e-3, (len(index), 2)))[rng.integers(0, len(index), MANY)].T
    for turned in (-360.0, -180.0, 180.0, 360.0):
        same(index, (inside[0], inside[1] + turned))
        same(index, (-inside[0], inside[1] + turned))
        same(index, (180.0 - inside[0], inside[1] + turned))


def some_cells(rng: Generator, res: int) -> Cells:
    """A disk whole or in holes, or two far apart, anywhere; or a line."""
    lat, lon = somewhere(rng)
    start = cells.at_int(lat, lon, res)
    disk = [int(number) for number in h3.grid_disk(start, int(rng.integers(0, 9)))]
    match rng.integers(4):
        case 0:
            found = [number for number in disk if rng.random() < 0.7]
        case 1:
            other = cells.at_int(min(lat + rng.uniform(0, 3), 90.0), lon, res)
            found = disk + [int(number) for number in h3.grid_disk(other, 3)]
        case 2:
            ends = [cells.at_int(lat + 0.001, lon + 0.001, res), start]
            found = [int(number) for end in ends for number in h3.grid_disk(end, int(rng.integers(2)))]
        case _:
            found = disk
    return np.array(found, dtype=np.uint64)


@settings(max_examples=400, deadline=None)
@given(seeds, st.integers(7, 11))
def test_cells_anywhere_of_any_shape(seed: int, res: int) -> None:
    rng = np.random.default_rng(seed)
    index = CellIndex(some_cells(rng, res))
    if not len(index):
        same(index, everywhere(rng, MANY))
        return
    same(index, on_edges(rng, index.cells, 200), res)
    around = index.centres()[rng.integers(0, len(index), 200)]
    lats, lons = (around + rng.normal(0, 0.2 / 7 ** ((res - 5) / 2), around.shape)).T
    same(index, (np.clip(lats, -90, 90), lons), res)
    same(index, everywhere(rng, MANY), res)


@settings(max_examples=60, deadline=None)
@given(seeds, st.integers(9, 13))
def test_edges_amid_a_face_where_h3_rounds_most(seed: int, res: int) -> None:
    rng = np.random.default_rng(seed)
    a, b, c = FACES[rng.integers(len(FACES))]
    middle = cells.at_int(*point(a + b + c), res)
    index = CellIndex(np.array(h3.grid_disk(middle, 3), dtype=np.uint64))
    same(index, on_edges(rng, index.cells, 1_000), res)


def strip(rows: int, length: int) -> Cells:
    """Along one axis of the lattice, so many cells wide."""
    start = cells.at_int(23.3, 113.8)
    found = [h3.local_ij_to_cell(start, i, j) for i in range(rows) for j in range(length)]
    return np.array(found, dtype=np.uint64)


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_strips_of_cells(rows: int) -> None:
    rng = np.random.default_rng(rows)
    index = CellIndex(strip(rows, 300))
    same(index, on_edges(rng, index.cells, 2_000))
    around = index.centres()[rng.integers(0, len(index), 2_000)]
    lats, lons = (around + rng.normal(0, 0.004, around.shape)).T
    same(index, (lats, lons))


@pytest.mark.parametrize("count", [0, 1, 2])
@pytest.mark.parametrize("points", [0, 1, FEW - 1, FEW, MANY])
def test_tiny_sets_and_few_points(count: int, points: int) -> None:
    rng = np.random.default_rng(count)
    index = CellIndex(strip(1, 2)[:count])
    lats, lons = 23.3 + rng.normal(0, 0.002, points), 113.8 + rng.normal(0, 0.002, points)
    same(index, (lats, lons))


def test_a_long_array_is_taken_in_pieces(index: CellIndex) -> None:
    rng = np.random.default_rng(4)
    count = 2 * PIECE + 1
    same(index, (rng.uniform(23.0, 23.7, count), rng.uniform(113.5, 114.1, count)))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("row", [0, 1])
@pytest.mark.parametrize("count", [1, MANY])
def test_what_is_no_point_is_refused_as_by_h3(index: CellIndex, wrong: float, row: int, count: int) -> None:
    points = np.array([np.full(count, 23.3), np.full(count, 113.8)])
    points[row, count // 2] = wrong
    with pytest.raises(H3LatLngDomainError):
        index.places_at(*points)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("lon", [200.0, -200.0, 473.8, 1e6, -1e300])
def test_odd_longitudes_mean_what_they_mean_to_h3(index: CellIndex, lon: float) -> None:
    rng = np.random.default_rng(3)
    lats, lons = rng.uniform(23.0, 23.7, MANY), rng.uniform(113.5, 114.1, MANY)
    lons[::3] = lon
    same(index, (lats, lons))


def unsure(index: CellIndex, points: Points) -> float:
    """The share of points that are left to H3."""
    fit = lattice.fitted(index.cells, outside=OUTSIDE)
    return 1.0 if fit is None else float((fit.places(*points) == UNSURE).mean())


def test_hardly_a_point_of_the_district_is_left_to_h3(index: CellIndex) -> None:
    rng = np.random.default_rng(1)
    points = rng.uniform(23.0, 23.7, 50_000), rng.uniform(113.5, 114.1, 50_000)
    assert unsure(index, points) < 0.0005


def test_across_the_border_of_two_faces_one_s_are_told() -> None:
    a, b, _ = FACES[0]
    middle = cells.at_int(*point(a + b))
    across = CellIndex(np.array(h3.grid_disk(middle, 20), dtype=np.uint64))
    lats, lons = (across.centres() + 1e-4).T
    assert 0.3 < unsure(across, (lats, lons)) < 0.7
    same(across, (lats, lons))
