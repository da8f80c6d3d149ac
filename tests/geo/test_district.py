"""Boundaries: read with clear errors, covered by overlap, measured."""

import json
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import mapping

from geo import cell as cells
from geo import district
from geo.district import BoundaryError
from geo.index import CellIndex
from tests.geo.conftest import DEMO

SQUARE = [[113.8, 23.2], [113.9, 23.2], [113.9, 23.3], [113.8, 23.3], [113.8, 23.2]]


def polygon(*rings: Any) -> dict[str, object]:
    return {"type": "Polygon", "coordinates": list(rings)}


def test_the_demo_has_the_known_numbers_of_cells(boundary: shapely.Geometry, index: CellIndex) -> None:
    assert len(index) == 16_254
    assert len(index.parents(cells.PLANNING)[0]) == 2_426
    assert len(index.parents(cells.OVERVIEW)[0]) == 384
    assert district.area_km2(boundary) == pytest.approx(1614.7, abs=0.1)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32))
def test_cover_is_every_cell_that_overlaps_holes_honoured(seed: int) -> None:
    rng = np.random.default_rng(seed)
    angles = np.sort(rng.uniform(0, 2 * np.pi, 9))
    radii = rng.uniform(0.008, 0.02, 9)
    outer = shapely.Polygon(np.column_stack([113.8 + radii * np.cos(angles), 23.3 + radii * np.sin(angles)]))
    shape = outer.difference(shapely.Point(113.8, 23.3).buffer(0.006)).union(
        shapely.box(113.85, 23.3, 113.86, 23.31)
    )
    wanted = []
    disk = {cells.at(23.3, 113.8), *cells.neighbours(cells.at(23.3, 113.8), 25)}
    for name in sorted(disk):
        if shapely.Polygon([(lon, lat) for lat, lon in cells.boundary(name)]).intersects(shape):
            wanted.append(name)
    assert cells.from_ints(district.cover(shape)) == wanted


def test_features_and_collections_are_read(boundary: shapely.Geometry) -> None:
    document = json.loads((DEMO / "zengcheng.geojson").read_text())
    feature = document["features"][0]
    for form in (document, feature, feature["geometry"], mapping(boundary)):
        assert district.read(form).equals(boundary)
    twice = {"type": "FeatureCollection", "features": [feature, feature]}
    assert district.read(twice).equals(boundary)


@pytest.mark.parametrize(
    ("document", "field", "says"),
    [
        (None, "boundary", "Polygon or MultiPolygon"),
        ({"type": "Point", "coordinates": [1, 2]}, "boundary.type", "Polygon or MultiPolygon"),
        ({"type": "Feature", "geometry": None}, "boundary.geometry", "Polygon or MultiPolygon"),
        ({"type": "FeatureCollection", "features": []}, "boundary.features", "one feature"),
        ({"type": "Polygon"}, "boundary.coordinates", "at least one ring"),
        (polygon([]), "boundary.coordinates[0]", "four"),
        (polygon("circle"), "boundary.coordinates[0]", "pairs"),
        (polygon([[1, 2], [1, 3], [1, "x"], [1, 2]]), "boundary.coordinates[0][2]", "degrees"),
        (polygon([[1, 2], [1, 3], [1, float("nan")], [1, 2]]), "boundary.coordinates[0][2]", "degrees"),
        (polygon([p[::-1] for p in SQUARE]), "boundary.coordinates[0][0]", "longitude comes first"),
        (polygon([[x * 1e5, y * 1e5] for x, y in SQUARE]), "boundary.coordinates[0][0]", "metres"),
        (polygon(SQUARE[:4]), "boundary.coordinates[0]", "repeat the first point"),
        (polygon([SQUARE[i] for i in (0, 2, 1, 3, 0)]), "boundary.coordinates", "crossing"),
        (polygon([[1, 2], [1, 3], [1, 2], [1, 2]]), "boundary.coordinates", ""),
        (
            polygon([[73, 18], [135, 18], [135, 53], [73, 53], [73, 18]]),
            "boundary.coordinates",
            "one district",
        ),
        ({"type": "MultiPolygon", "coordinates": [[SQUARE], [[]]]}, "boundary.coordinates[1][0]", "four"),
    ],
)
def test_errors_name_the_field_and_the_remedy(document: object, field: str, says: str) -> None:
    with pytest.raises(BoundaryError) as caught:
        district.read(document)
    assert caught.value.field == field
    assert says in caught.value.remedy
    assert str(caught.value).startswith(f"{field}: ")


def test_points_inside_on_and_outside(boundary: shapely.Geometry) -> None:
    square = district.read(polygon(SQUARE))
    lats, lons = np.array([23.25, 23.2, 23.1]), np.array([113.85, 113.85, 113.85])
    assert district.contains(square, lats, lons).tolist() == [True, True, False]
    assert district.contains(boundary, np.array([23.29, 22.0]), np.array([113.82, 113.8])).tolist() == [
        True,
        False,
    ]


def test_area_of_a_degree_at_the_equator_is_the_ellipsoid_s() -> None:
    """110.574 km of meridian by 111.320 km of equator."""
    assert district.area_km2(shapely.box(0, 0, 1, 1)) == pytest.approx(12308.8, rel=1e-3)
    globe = shapely.box(-180, -90, 180, 90)
    assert district.area_km2(globe) == pytest.approx(510_065_621.7, rel=1e-6)


def test_outline_encloses_the_cells() -> None:
    found = district.cover(district.read(polygon(SQUARE)))
    around = district.read(district.outline(found))
    hexagons = shapely.union_all(district.hexagons(found))
    assert around.symmetric_difference(hexagons).area < 1e-9
