"""Datums against an independent implementation, and there and back."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import datum
from geo.cell import distance_m
from geo.datum import Datum

shifted = st.sampled_from([Datum.GCJ02, Datum.BD09])
lats, lons = st.floats(3.0, 54.0), st.floats(73.0, 136.0)


EXAMPLES = json.loads((Path(__file__).parent / "datum-examples.json").read_text())["points"]


@pytest.mark.parametrize(("which", "column"), [(Datum.GCJ02, 2), (Datum.BD09, 4)])
def test_forward_is_what_others_give(which: Datum, column: int) -> None:
    for example in EXAMPLES:
        here = datum.from_wgs84(example[0], example[1], which)
        assert distance_m(*here, *example[column : column + 2]) < 1e-4


@given(lats, lons, shifted)
def test_there_and_back_is_within_a_tenth_of_a_metre(lat: float, lon: float, which: Datum) -> None:
    there = datum.from_wgs84(lat, lon, which)
    assert distance_m(lat, lon, *datum.to_wgs84(*there, which)) < 1e-3


@given(st.floats(-90, 90), st.floats(-180, 180), shifted)
def test_outside_china_nothing_moves(lat: float, lon: float, which: Datum) -> None:
    if 0.8 < lat < 55.9 and 72 < lon < 137.9:
        return
    assert datum.to_wgs84(lat, lon, which) == (lat, lon)
    assert datum.from_wgs84(lat, lon, which) == (lat, lon)


def test_in_the_demo_district_the_shift_is_large_and_undone() -> None:
    lat, lon = 23.29, 113.82
    for which, least, most in ((Datum.GCJ02, 588, 614), (Datum.BD09, 1214, 1263)):
        there = datum.from_wgs84(lat, lon, which)
        assert least < distance_m(lat, lon, *there) < most
        assert distance_m(lat, lon, *datum.to_wgs84(*there, which)) < 1e-5
    assert datum.to_wgs84(lat, lon, Datum.WGS84) == (lat, lon)


def test_many_at_once_are_as_one_by_one() -> None:
    rng = np.random.default_rng(3)
    lats, lons = rng.uniform(-10, 60, 200), rng.uniform(60, 150, 200)
    for which in Datum:
        many = datum.to_wgs84_many(lats, lons, which)
        for i in range(200):
            one = datum.to_wgs84(float(lats[i]), float(lons[i]), which)
            assert (many[0][i], many[1][i]) == pytest.approx(one, abs=1e-9)
