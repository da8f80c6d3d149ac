"""Drawn areas: largest overlap, ties, nearest, too small ones, points; against a plain double loop."""

import random
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import mapping

from geo import areas, district
from geo import cell as cells
from geo.areas import Area, Drawn
from geo.district import BoundaryError
from geo.index import CellIndex

BOX = shapely.box(113.80, 23.28, 113.83, 23.30)


@pytest.fixture(scope="module")
def small_index() -> CellIndex:
    return CellIndex(district.cover(BOX))


def feature(code: Any, polygon: shapely.Geometry) -> dict[str, object]:
    return {"type": "Feature", "properties": {"code": code}, "geometry": mapping(polygon)}


def collection(*features: dict[str, object]) -> dict[str, object]:
    return {"type": "FeatureCollection", "features": list(features)}


def slowly(index: CellIndex, found: list[Area]) -> list[str]:
    owners = []
    for name in cells.from_ints(index.cells):
        hexagon = shapely.Polygon([(lon, lat) for lat, lon in cells.boundary(name)])
        best = max(hexagon.intersection(area.polygon).area for area in found)
        fair = [a.code for a in found if hexagon.intersection(a.polygon).area >= best * (1 - 1e-9)]
        owners.append(min(fair))
    return owners


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 7))
def test_largest_overlap_wins(small_index: CellIndex, seed: int, count: int) -> None:
    rng = random.Random(seed)
    points = shapely.MultiPoint(
        [(rng.uniform(113.79, 113.84), rng.uniform(23.27, 23.31)) for _ in range(count + 1)]
    )
    around = shapely.voronoi_polygons(points, extend_to=BOX.buffer(0.1))
    found = [Area(code=f"{i:02}", polygon=p, properties={}) for i, p in enumerate(around.geoms)]
    rng.shuffle(found)
    drawn = Drawn(small_index, found)
    assert [drawn.codes[number] for number in drawn.owner.tolist()] == slowly(small_index, found)


def test_equal_overlap_goes_to_the_smaller_code(small_index: CellIndex) -> None:
    found = [Area(code=code, polygon=BOX.buffer(0.02), properties={}) for code in ("b", "a", "c")]
    drawn = Drawn(small_index, found)
    assert set(drawn.owner.tolist()) == {0}
    assert drawn.codes[0] == "a"
    touched = set(cells.from_ints(small_index.cells))
    assert {code: set(names) for code, names in drawn.small.items()} == {"b": touched, "c": touched}


def test_a_tiny_area_is_listed_with_what_it_touches_and_found_by_point(small_index: CellIndex) -> None:
    lat, lon = cells.centre(cells.at(23.29, 113.815))
    tiny = shapely.Point(lon, lat).buffer(0.0003)
    drawn = Drawn(
        small_index,
        [
            Area(code="1", polygon=BOX.difference(tiny), properties={}),
            Area(code="2", polygon=tiny, properties={}),
        ],
    )
    assert drawn.small == {"2": [cells.at(23.29, 113.815)]}
    assert drawn.codes[int(drawn.owner[small_index.place(cells.at_int(lat, lon))])] == "1"
    assert drawn.at(lat, lon) == "2"
    assert drawn.at(lat + 0.0006, lon) == "1"


def test_cells_that_nothing_touches_go_to_the_nearest(small_index: CellIndex) -> None:
    west, east = shapely.box(113.80, 23.28, 113.801, 23.30), shapely.box(113.829, 23.28, 113.83, 23.30)
    drawn = Drawn(
        small_index,
        [Area(code="w", polygon=west, properties={}), Area(code="e", polygon=east, properties={})],
    )
    for (_, lon), number in zip(small_index.centres().tolist(), drawn.owner.tolist(), strict=True):
        if abs(lon - 113.815) > 0.003:
            assert drawn.codes[number] == ("w" if lon < 113.815 else "e")
    assert drawn.at(23.29, 113.81) == "w"
    assert drawn.at(20.0, 110.0) is None


def test_whole_district_by_made_up_towns(index: CellIndex, boundary: shapely.Geometry) -> None:
    points = shapely.MultiPoint([(113.6, 23.2), (113.8, 23.3), (113.8, 23.5), (113.7, 23.15)])
    pieces = [piece.intersection(boundary) for piece in shapely.voronoi_polygons(points).geoms]
    drawn = Drawn(index, [Area(code=str(i), polygon=p, properties={}) for i, p in enumerate(pieces)])
    assert np.bincount(drawn.owner, minlength=4).sum() == 16_254
    assert drawn.small == {}


def test_areas_are_read_with_their_properties() -> None:
    found = areas.read(collection(feature("x", BOX), feature(17, BOX.buffer(0.1))), "towns")
    assert [(area.code, area.properties["code"]) for area in found] == [("x", "x"), ("17", 17)]


@pytest.mark.parametrize(
    ("document", "field", "remedy"),
    [
        ({}, "towns", "one feature an area"),
        (collection(), "towns", "one feature an area"),
        (collection(feature(None, BOX)), "towns.features[0].properties.code", "every area its code"),
        (collection(feature("a", BOX), feature("a", BOX)), "towns.features[1].properties.code", "once"),
        (collection(feature("a", shapely.Point(1, 2))), "towns.features[0].geometry.type", "Polygon"),
    ],
)
def test_broken_areas_are_named(document: object, field: str, remedy: str) -> None:
    with pytest.raises(BoundaryError) as caught:
        areas.read(document, "towns")
    assert caught.value.field == field
    assert remedy in caught.value.remedy


def test_children_are_tied_to_the_parent_they_share_most_with() -> None:
    child, parent = np.array([0, 0, 0, 1, 1, 3]), np.array([1, 1, 0, 0, 1, 1])
    assert areas.tied(child, parent, 4, 2).tolist() == [1, 0, -1, 1]
