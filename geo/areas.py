"""Towns, stations, beats and grids drawn as polygons → sets of the district's cells."""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
import numpy.typing as npt
import shapely

from geo import cell as cells
from geo import district
from geo.cell import Cell, Floats, Ints
from geo.district import BoundaryError
from geo.index import OUTSIDE, CellIndex

SAME = 1e-9
"""Overlaps that differ by less than this part of the larger are equal."""


class Area(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    polygon: shapely.Geometry
    properties: Mapping[str, object]


class Drawn:
    """Areas of one kind by code, who owns each cell of the district, and where a point lies."""

    def __init__(self, index: CellIndex, areas: Sequence[Area]) -> None:
        if not areas:
            raise BoundaryError("areas", "are none", "give at least one")
        self.areas = sorted(areas, key=lambda area: area.code)
        self.codes = [area.code for area in self.areas]
        self._index = index
        self._polygons = np.array([area.polygon for area in self.areas], dtype=np.object_)
        self._tree = shapely.STRtree(self._polygons)
        hexagons = district.hexagons(index.cells)
        cell, area = self._tree.query(hexagons, predicate="intersects")
        self.owner: Ints = self._owners(hexagons, cell, area)
        self.small: dict[str, list[Cell]] = self._small(cell, area)

    def at(self, lat: float, lon: float) -> str | None:
        """The area of a point: by polygon, else by its cell; None outside the district."""
        found = self._tree.query(shapely.Point(lon, lat), predicate="intersects")
        if len(found):
            return self.codes[int(found.min())]
        place = self._index.place(cells.at_int(lat, lon))
        return None if place == OUTSIDE else self.codes[int(self.owner[place])]

    def _owners(self, hexagons: npt.NDArray[np.object_], cell: Ints, area: Ints) -> Ints:
        """By largest overlap, the smaller code among equals; what nothing touches goes to the nearest."""
        touched = np.bincount(cell, minlength=len(hexagons))
        overlap = np.ones(len(cell), dtype=np.float64)
        several = np.flatnonzero(touched[cell] > 1)
        overlap[several] = shapely.area(
            shapely.intersection(hexagons[cell[several]], self._polygons[area[several]])
        )
        most = np.zeros(len(hexagons), dtype=np.float64)
        np.maximum.at(most, cell, overlap)
        best = overlap >= most[cell] * (1.0 - SAME)
        owner = np.full(len(hexagons), len(self.codes), dtype=np.int64)
        np.minimum.at(owner, cell[best], area[best])
        lost = np.flatnonzero(touched == 0)
        if len(lost):
            owner[lost] = self._nearest(hexagons[lost])
        return owner

    def _nearest(self, hexagons: npt.NDArray[np.object_]) -> Ints:
        squeeze = float(np.cos(np.radians(shapely.get_coordinates(hexagons)[:, 1].mean())))

        def level(points: Floats) -> Floats:
            levelled: Floats = points * np.array([squeeze, 1.0])
            return levelled

        tree = shapely.STRtree(shapely.transform(self._polygons, level))
        which, area = tree.query_nearest(shapely.transform(hexagons, level), all_matches=True)
        nearest = np.full(len(hexagons), len(self.codes), dtype=np.int64)
        np.minimum.at(nearest, which, area)
        return nearest

    def _small(self, cell: Ints, area: Ints) -> dict[str, list[Cell]]:
        """Areas that own no cell, with the cells they touch."""
        without = np.flatnonzero(np.bincount(self.owner, minlength=len(self.codes)) == 0)
        return {
            self.codes[number]: cells.from_ints(self._index.cells[np.sort(cell[area == number])])
            for number in without.tolist()
        }


def read(geojson: object, field: str, code: str = "code") -> list[Area]:
    """The features of a FeatureCollection, each with its code among its properties."""
    features = geojson.get("features") if isinstance(geojson, Mapping) else None
    if not isinstance(features, Sequence) or not features:
        raise BoundaryError(field, "is no FeatureCollection with features", "give one feature an area")
    areas: dict[str, Area] = {}
    for i, feature in enumerate(features):
        place = f"{field}.features[{i}]"
        properties = feature.get("properties") if isinstance(feature, Mapping) else None
        value = properties.get(code) if isinstance(properties, Mapping) else None
        if not isinstance(properties, Mapping) or not isinstance(value, (str, int)) or value == "":
            raise BoundaryError(f"{place}.properties.{code}", "is missing", "give every area its code")
        if str(value) in areas:
            raise BoundaryError(f"{place}.properties.{code}", f"repeats {value}", "give each code once")
        areas[str(value)] = Area(
            code=str(value), polygon=district.read(feature, place), properties=properties
        )
    return list(areas.values())


def tied(child: Ints, parent: Ints, children: int, parents: int) -> Ints:
    """For each child area the parent it shares most cells with (smaller among equals), −1 without cells."""
    common = np.bincount(child * parents + parent, minlength=children * parents).reshape(children, parents)
    return np.where(common.sum(axis=1) > 0, common.argmax(axis=1), -1)
