"""A district's boundary: read and checked, covered by cells, measured."""

import math
from collections.abc import Mapping, Sequence

import h3.api.numpy_int as h3
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import mapping, shape
from shapely.validation import explain_validity

from geo import cell as cells
from geo.cell import Bools, Cells, Floats

POLYGONS = ("Polygon", "MultiPolygon")
LARGEST_KM2 = 250_000.0

# WGS-84.
AXIS_KM = 6378.137
ECCENTRICITY_2 = 0.0066943799901413165


class BoundaryError(ValueError):
    """A boundary that can't be used: which field, what is wrong with it, what to do."""

    def __init__(self, field: str, problem: str, remedy: str) -> None:
        super().__init__(f"{field}: {problem}; {remedy}")
        self.field = field
        self.problem = problem
        self.remedy = remedy


def read(geojson: object, field: str = "boundary") -> shapely.Geometry:
    """The geometry of a Polygon, MultiPolygon, Feature or FeatureCollection, valid and not empty."""
    if not isinstance(geojson, Mapping):
        raise BoundaryError(field, "is no GeoJSON object", "give a Polygon or MultiPolygon")
    match geojson.get("type"):
        case "FeatureCollection":
            return _read_collection(geojson.get("features"), f"{field}.features")
        case "Feature":
            return read(geojson.get("geometry"), f"{field}.geometry")
        case "Polygon" | "MultiPolygon":
            return _read_polygons(geojson, field)
        case other:
            raise BoundaryError(f"{field}.type", f"is {other!r}", "give a Polygon or MultiPolygon")


def _read_collection(features: object, field: str) -> shapely.Geometry:
    if not isinstance(features, Sequence) or not features:
        raise BoundaryError(field, "has no features", "give one feature with the boundary")
    parts = [read(feature, f"{field}[{i}]") for i, feature in enumerate(features)]
    return parts[0] if len(parts) == 1 else shapely.union_all(parts)


def _read_polygons(geojson: Mapping[str, object], field: str) -> shapely.Geometry:
    coordinates, place = geojson.get("coordinates"), f"{field}.coordinates"
    if not isinstance(coordinates, Sequence) or not coordinates:
        raise BoundaryError(place, "are empty", "give at least one ring of four points")
    if geojson["type"] == "Polygon":
        _check_polygon(coordinates, place)
    else:
        for i, polygon in enumerate(coordinates):
            _check_polygon(polygon, f"{place}[{i}]")
    geometry = shapely.force_2d(shape(geojson))
    if not geometry.is_valid:
        raise BoundaryError(place, f"are invalid: {explain_validity(geometry)}", "mend the crossing there")
    if geometry.area == 0:
        raise BoundaryError(place, "enclose nothing", "give a ring with an inside")
    if area_km2(geometry) > LARGEST_KM2:
        raise BoundaryError(place, f"enclose {area_km2(geometry):,.0f} km²", "give one district at a time")
    return geometry


def _check_polygon(rings: object, field: str) -> None:
    if not isinstance(rings, Sequence) or not rings:
        raise BoundaryError(field, "is no list of rings", "give the outer ring, then its holes")
    for i, ring in enumerate(rings):
        if not isinstance(ring, Sequence) or isinstance(ring, str):
            raise BoundaryError(f"{field}[{i}]", "is no list of points", "give [longitude, latitude] pairs")
        if len(ring) < 4:
            raise BoundaryError(f"{field}[{i}]", f"has {len(ring)} points", "a ring needs four or more")
        for j, point in enumerate(ring):
            _check_point(point, f"{field}[{i}][{j}]")
        if list(ring[0][:2]) != list(ring[-1][:2]):
            raise BoundaryError(f"{field}[{i}]", "is not closed", "repeat the first point at the end")


def _check_point(point: object, field: str) -> None:
    if not isinstance(point, Sequence) or len(point) not in (2, 3) or not all(_is_number(v) for v in point):
        raise BoundaryError(field, f"is {point!r}", "give [longitude, latitude] in degrees")
    lon, lat = point[0], point[1]
    if abs(lat) > 90 and abs(lon) <= 90:
        raise BoundaryError(field, f"has latitude {lat}", "swap the two: longitude comes first")
    if abs(lat) > 90 or abs(lon) > 180:
        raise BoundaryError(field, f"is [{lon}, {lat}]", "give degrees, not projected metres")


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def cover(geometry: shapely.Geometry, res: int = cells.WORKING) -> Cells:
    """The cells that overlap the geometry, sorted."""
    found = h3.h3shape_to_cells_experimental(h3.geo_to_h3shape(mapping(geometry)), res, "overlap")
    return np.sort(np.asarray(found, dtype=np.uint64))


def contains(geometry: shapely.Geometry, lats: Floats, lons: Floats) -> Bools:
    """Whether each point lies inside; on the line counts as inside."""
    shapely.prepare(geometry)
    inside: Bools = shapely.intersects_xy(geometry, lons, lats)
    return inside


def area_km2(geometry: shapely.Geometry) -> float:
    """On the WGS-84 ellipsoid, by its cylindrical equal-area projection."""
    return float(shapely.area(shapely.transform(geometry, _equal_area)))


def _equal_area(points: Floats) -> Floats:
    e = math.sqrt(ECCENTRICITY_2)
    sines = np.sin(np.radians(points[:, 1]))
    half = sines / (1.0 - ECCENTRICITY_2 * sines**2) + np.arctanh(e * sines) / e
    north = AXIS_KM * (1.0 - ECCENTRICITY_2) * half / 2.0
    return np.column_stack([AXIS_KM * np.radians(points[:, 0]), north])


def hexagons(found: Cells) -> npt.NDArray[np.object_]:
    """The cells' polygons, in (lon, lat)."""
    corners = [cells.boundary_int(number) for number in found.tolist()]
    sizes = np.array([len(ring) for ring in corners], dtype=np.int64)
    points = np.array([point for ring in corners for point in ring], dtype=np.float64).reshape(-1, 2)[:, ::-1]
    rings = shapely.linearrings(points, indices=np.repeat(np.arange(len(corners)), sizes))
    polygons: npt.NDArray[np.object_] = shapely.polygons(rings)
    return polygons


def outline(found: Cells) -> dict[str, object]:
    """The GeoJSON MultiPolygon around a set of cells."""
    shape_of: dict[str, object] = h3.h3shape_to_geo(h3.cells_to_h3shape(found, tight=False))
    return shape_of
