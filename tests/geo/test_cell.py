"""Cells: text and numbers, parents by arithmetic, distances, the index."""

import h3
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import cell as cells
from geo.cell import Cell
from geo.index import OUTSIDE, CellIndex

lats, lons = st.floats(-89, 89), st.floats(-180, 180)


@given(lats, lons, st.integers(0, 15))
def test_text_and_number_are_the_same_cell(lat: float, lon: float, res: int) -> None:
    name = cells.at(lat, lon, res)
    assert name == h3.latlng_to_cell(lat, lon, res)
    assert cells.from_int(cells.to_int(name)) == name
    assert cells.from_ints(cells.to_ints([name])) == [name]
    assert cells.resolution(name) == res


@given(lats, lons, st.integers(0, 9))
def test_parents_by_arithmetic_are_h3_s(lat: float, lon: float, res: int) -> None:
    name = cells.at(lat, lon)
    assert cells.from_ints(cells.parents(cells.to_ints([name]), res)) == [h3.cell_to_parent(name, res)]
    assert cells.parent(name, res) == h3.cell_to_parent(name, res)


def test_parents_of_coarser_cells_are_refused() -> None:
    with pytest.raises(ValueError, match="coarser"):
        cells.parents(cells.to_ints([cells.at(23.3, 113.8, 7)]), 8)


@given(lats, lons, lats, lons)
def test_distance_is_h3_s(lat: float, lon: float, lat2: float, lon2: float) -> None:
    wanted = h3.great_circle_distance((lat, lon), (lat2, lon2), unit="m")
    assert cells.distance_m(lat, lon, lat2, lon2) == pytest.approx(wanted, rel=1e-9, abs=1e-6)
    many = cells.distances_m(*(np.array([v]) for v in (lat, lon, lat2, lon2)))
    assert many[0] == pytest.approx(wanted, rel=1e-9, abs=1e-6)


def test_neighbours_children_centre_and_boundary() -> None:
    name = cells.at(23.3, 113.8)
    assert set(cells.neighbours(name)) == set(h3.grid_ring(name, 1))
    assert len(cells.neighbours(name, 2)) == 18
    assert cells.centre(name) == h3.cell_to_latlng(name)
    assert len(cells.boundary(name)) == 6
    children = cells.children_of(cells.parent(name, cells.PLANNING), cells.WORKING)
    assert name in children
    assert len(children) == 7


def test_grid_distance_tells_what_h3_can_t_relate_as_far() -> None:
    here = cells.at(23.3, 113.8)
    assert cells.grid_distance(here, cells.neighbours(here)[0]) == 1
    assert cells.grid_distance(here, cells.at(-23.3, -60.0)) == cells.FAR
    assert cells.path_int(cells.to_int(here), cells.to_int(here)) == (cells.to_int(here),)


@pytest.mark.parametrize("text", ["", "zz", "89", "f" * 17, "8f"])
def test_text_that_is_no_cell_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        cells.to_int(Cell(text))


def test_the_index_places_cells_and_tells_others_apart(index: CellIndex) -> None:
    assert (index.places(index.cells) == np.arange(len(index))).all()
    away = cells.to_ints([cells.at(22.0, 113.0), cells.at(0.0, 0.0), cells.at(60.0, 170.0)])
    assert index.places(away).tolist() == [OUTSIDE] * 3
    assert not index.holds(away).any()
    assert index.place(int(index.cells[5])) == 5
    assert CellIndex(away[:0]).places(away).tolist() == [OUTSIDE] * 3


def test_neighbours_in_the_index_go_round_by_bearing(index: CellIndex) -> None:
    beside = index.neighbours()
    names = cells.from_ints(index.cells)
    for place in range(0, len(index), 499):
        ring = [other for other in beside[place].tolist() if other != OUTSIDE]
        around = set(h3.grid_ring(names[place], 1))
        assert {names[other] for other in ring} == around & set(names)
        if len(ring) == 6:
            for i in range(6):
                assert h3.are_neighbor_cells(names[ring[i]], names[ring[i - 1]])
