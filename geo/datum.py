"""WGS-84 and the shifted datums of Chinese maps, GCJ-02 and BD-09, both ways."""

import math
from enum import Enum

import numpy as np

from geo.cell import Bools, Floats

# Krasovsky 1940, on which the shift is computed.
AXIS_M = 6_378_245.0
ECCENTRICITY_2 = 0.00669342162296594323

BD_LAT = 0.006
BD_LON = 0.0065
BD_WAVE = math.pi * 3000.0 / 180.0

CLOSE_ENOUGH_DEG = 1e-11
ROUNDS = 20


class Datum(Enum):
    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


def inside_china(lats: Floats, lons: Floats) -> Bools:
    """The rectangle in which maps are shifted; outside it all datums agree."""
    return (lats >= 0.8293) & (lats <= 55.8271) & (lons >= 72.004) & (lons <= 137.8347)


def to_wgs84(lat: float, lon: float, datum: Datum) -> tuple[float, float]:
    """(lat, lon), within 0.1 m of what `from_wgs84` would send back."""
    lats, lons = to_wgs84_many(np.array([lat]), np.array([lon]), datum)
    return float(lats[0]), float(lons[0])


def from_wgs84(lat: float, lon: float, datum: Datum) -> tuple[float, float]:
    lats, lons = from_wgs84_many(np.array([lat]), np.array([lon]), datum)
    return float(lats[0]), float(lons[0])


def from_wgs84_many(lats: Floats, lons: Floats, datum: Datum) -> tuple[Floats, Floats]:
    if datum is Datum.WGS84:
        return lats, lons
    inside = inside_china(lats, lons)
    new_lats, new_lons = _shifted(lats, lons, datum)
    return np.where(inside, new_lats, lats), np.where(inside, new_lons, lons)


def to_wgs84_many(lats: Floats, lons: Floats, datum: Datum) -> tuple[Floats, Floats]:
    if datum is Datum.WGS84:
        return lats, lons
    near = inside_china(lats, lons)
    new_lats, new_lons = lats.astype(np.float64), lons.astype(np.float64)
    new_lats[near], new_lons[near] = _unshifted(lats[near], lons[near], datum)
    return new_lats, new_lons


def _unshifted(lats: Floats, lons: Floats, datum: Datum) -> tuple[Floats, Floats]:
    """Fixed point of the forward shift, whose derivative differs from one by less than 2 %."""
    new_lats, new_lons = lats, lons
    for _ in range(ROUNDS):
        there_lats, there_lons = _shifted(new_lats, new_lons, datum)
        d_lats, d_lons = lats - there_lats, lons - there_lons
        new_lats, new_lons = new_lats + d_lats, new_lons + d_lons
        if max(_largest(d_lats), _largest(d_lons)) < CLOSE_ENOUGH_DEG:
            break
    return new_lats, new_lons


def _largest(values: Floats) -> float:
    return float(np.max(np.abs(values), initial=0.0))


def _shifted(lats: Floats, lons: Floats, datum: Datum) -> tuple[Floats, Floats]:
    lats, lons = _gcj(lats, lons)
    return _bd(lats, lons) if datum is Datum.BD09 else (lats, lons)


def _gcj(lats: Floats, lons: Floats) -> tuple[Floats, Floats]:
    x, y = lons - 105.0, lats - 35.0
    root = np.sqrt(np.abs(x))
    common = 20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (common + _waves(y, (20.0, 1.0), (40.0, 3.0), (160.0, 12.0), (320.0, 30.0))) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (common + _waves(x, (20.0, 1.0), (40.0, 3.0), (150.0, 12.0), (300.0, 30.0))) * 2.0 / 3.0
    phi = np.radians(lats)
    squash = 1.0 - ECCENTRICITY_2 * np.sin(phi) ** 2
    d_lat = np.degrees(north * squash**1.5 / (AXIS_M * (1.0 - ECCENTRICITY_2)))
    d_lon = np.degrees(east * np.sqrt(squash) / (AXIS_M * np.cos(phi)))
    return lats + d_lat, lons + d_lon


def _waves(v: Floats, *terms: tuple[float, float]) -> Floats:
    total: Floats = np.zeros_like(v)
    for size, length in terms:
        total = total + size * np.sin(v * (np.pi / length))
    return total


def _bd(lats: Floats, lons: Floats) -> tuple[Floats, Floats]:
    radius = np.hypot(lons, lats) + 0.00002 * np.sin(lats * BD_WAVE)
    angle = np.arctan2(lats, lons) + 0.000003 * np.cos(lons * BD_WAVE)
    return radius * np.sin(angle) + BD_LAT, radius * np.cos(angle) + BD_LON
