"""The demo district, read and covered once."""

import json
from pathlib import Path

import pytest
import shapely

from geo import district
from geo.index import CellIndex
from geo.path import Paths

DEMO = Path(__file__).parents[2] / "alliance" / "areas" / "demo"


@pytest.fixture(scope="session")
def boundary() -> shapely.Geometry:
    return district.read(json.loads((DEMO / "zengcheng.geojson").read_text()))


@pytest.fixture(scope="session")
def index(boundary: shapely.Geometry) -> CellIndex:
    return CellIndex(district.cover(boundary))


@pytest.fixture(scope="session")
def paths(index: CellIndex) -> Paths:
    return Paths(index)
