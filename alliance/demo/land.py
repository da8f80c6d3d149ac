"""Where people live and trouble happens in the demo: a smooth made-up density over the district's cells."""

import csv
import zlib
from importlib.resources import files
from typing import Any

import msgspec
import numpy as np

from geo import cell as hexes
from geo.cell import Floats, Ints

# Share of the residents, roughly: the south-west is built-up, the north is hills.
RESIDENTS = {
    "440118001": 11, "440118002": 6, "440118003": 5, "440118004": 15, "440118005": 6, "440118006": 4,
    "440118101": 26, "440118102": 8, "440118103": 6, "440118104": 3, "440118105": 4, "440118106": 2,
    "440118107": 4,
}  # fmt: skip
CENTRE_M = 2200.0
HAMLET_M = 500.0
HAMLETS_PER_TOWN = 22
WILD = 0.004


class Town(msgspec.Struct, frozen=True, kw_only=True):
    """A row of towns.csv."""

    code: str
    name: str
    name_en: str
    kind: str
    lat: float
    lon: float


def towns() -> list[Town]:
    with (files("alliance.areas") / "demo" / "towns.csv").open(encoding="utf-8") as file:
        return msgspec.convert(list(csv.DictReader(file)), list[Town], strict=False)


def boundary() -> dict[str, Any]:
    text = (files("alliance.areas") / "demo" / "zengcheng.geojson").read_bytes()
    found: dict[str, Any] = msgspec.json.decode(text)
    return found


def stream(seed: int, topic: str) -> np.random.Generator:
    """A generator of its own for each topic, so that a change in one leaves the others as they were."""
    return np.random.default_rng([seed, zlib.crc32(topic.encode())])


def residents(seed: int, middles: Floats, centres: list[Town]) -> Floats:
    """The share of the district's residents in each cell, given its middle (lat, lon); sums to 1."""
    rng = stream(seed, "land")
    density = np.full(len(middles), WILD)
    for town in centres:
        away = from_point(middles, town.lat, town.lon)
        part = np.exp(-away / CENTRE_M)
        near = np.argsort(away)[: len(middles) // len(centres)]
        for hamlet in rng.choice(near, size=HAMLETS_PER_TOWN, replace=False):
            lat, lon = middles[hamlet]
            part += rng.uniform(0.1, 0.5) * np.exp(-((from_point(middles, lat, lon) / HAMLET_M) ** 2))
        density += part / part.sum() * RESIDENTS.get(town.code, 5) / 100 * len(middles) * 0.5
    density *= rng.lognormal(0.0, 0.35, len(middles))
    shares: Floats = density / density.sum()
    return shares


def from_point(middles: Floats, lat: float, lon: float) -> Floats:
    """Metres from a point to each (lat, lon)."""
    return hexes.distances_m(middles[:, 0], middles[:, 1], np.array([lat]), np.array([lon]))


def draw(rng: np.random.Generator, shares: Floats, count: int) -> Ints:
    """Cells drawn by their shares."""
    edges = np.cumsum(shares)
    drawn: Ints = np.searchsorted(edges, rng.random(count) * edges[-1], side="right").astype(np.int64)
    return drawn
