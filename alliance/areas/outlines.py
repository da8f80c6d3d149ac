"""Polygons of areas, asked which of them a point lies in."""

from collections.abc import Mapping
from typing import Any

import shapely

from alliance.actor import Code


class Outlines:
    """Built once; `at` takes microseconds."""

    def __init__(self, polygons: Mapping[Code, dict[str, Any]]) -> None:
        self._codes = sorted(polygons)
        self._tree = shapely.STRtree([shapely.geometry.shape(polygons[code]) for code in self._codes])

    def at(self, lat: float, lon: float) -> Code | None:
        """The area of a point; on a common line the smaller code; None where there is no polygon."""
        found = self._tree.query(shapely.Point(lon, lat), predicate="intersects")
        return self._codes[int(found.min())] if len(found) else None
