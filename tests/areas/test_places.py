"""The picture of a district in memory."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.actor import Code, DistrictId
from alliance.areas.model import PATTERNS, Targets
from alliance.areas.places import Places, Weighting
from alliance.times import at_minute, from_ms, to_ms
from geo import cell as hexes
from geo.index import CellIndex

MIDDLE = hexes.at(23.29, 113.82)
CELLS = sorted([MIDDLE, *hexes.neighbours(MIDDLE)])
STARTS = (360, 840, 1320)


def places(*weightings: Weighting, zone: str = "Asia/Shanghai") -> Places:
    """Seven cells: the first three of beat b1, the others of b2, in two stations of one town."""
    first = np.array([0, 0, 0, 1, 1, 1, 1])
    codes = {"b1": "s1", "b2": "s2", "g1": "s1", "g2": "s2"}
    return Places(
        district=DistrictId(1),
        stamp=(1, 1),
        zone=ZoneInfo(zone),
        hexes=CellIndex(hexes.to_ints(CELLS)),
        tier=np.array([1, 2, 3, 3, 3, 2, 1]),
        targets=Targets(),
        town=np.zeros(7, dtype=np.int64),
        station=first,
        beat=first,
        grid=first,
        towns=(Code("t1"),),
        stations=(Code("s1"), Code("s2")),
        beats=(Code("b1"), Code("b2")),
        grids=(Code("g1"), Code("g2")),
        town_of={Code(code): Code("t1") for code in ("s1", "s2", "b1", "b2", "g1", "g2")},
        station_of={Code(code): Code(station) for code, station in codes.items()},
        beat_of={Code("g1"): Code("b1"), Code("g2"): Code("b2")},
        polygons={},
        patterns=PATTERNS,
        weightings=weightings or (weighting(1, 0),),
    )


def weighting(version: int, valid_from: int) -> Weighting:
    """Each of the 21 duty shifts of the week has a weight of its own: version * 100 + its number."""
    columns = np.repeat(version * 100.0 + np.arange(21)[:, None], 7, axis=1)
    return Weighting(version=version, valid_from=valid_from, columns=columns)


def slow_weight(at: datetime, zone: ZoneInfo) -> int:
    """The number of the duty shift that runs at an instant: the last that has started, by trying each."""
    day = at.astimezone(zone).date()
    begun = [
        (at_minute(day + timedelta(days=back), minute, zone), back, n)
        for back in (-1, 0)
        for n, minute in enumerate(STARTS)
    ]
    _, back, n = max(entry for entry in begun if entry[0] <= at)
    return (day + timedelta(days=back)).weekday() * 3 + n


@given(
    at=st.integers(0, 4_000_000_000_000),
    zone=st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York"]),
)
def test_the_weight_is_that_of_the_duty_shift_that_runs(at: int, zone: str) -> None:
    assert places(zone=zone).weights_at(at)[0] == 100 + slow_weight(from_ms(at), ZoneInfo(zone))


def test_a_night_belongs_to_the_weekday_it_began_on() -> None:
    tuesday_at_three = datetime(2026, 3, 2, 19, tzinfo=UTC)
    assert places().weights_at(to_ms(tuesday_at_three))[0] == 100 + 0 * 3 + 2


@given(start=st.integers(1_700_000_000_000, 1_700_600_000_000), long=st.integers(1, 500_000_000))
def test_weights_of_a_period_are_those_of_its_instants(start: int, long: int) -> None:
    change = 1_700_300_000_000
    known = places(weighting(1, 0), weighting(2, change))
    weights = known.weights(start, start + long)
    for at in (start, start + long // 3, start + long // 2, start + long - 1):
        expected = (2 if at >= change else 1) * 100 + slow_weight(from_ms(at), known.zone)
        assert weights.at(at)[0] == expected


def test_before_the_first_version_the_first_counts() -> None:
    known = places(weighting(1, 1_700_000_000_000))
    assert 100 <= known.weights_at(1_600_000_000_000)[0] < 121


def test_a_point_has_the_areas_of_its_cell() -> None:
    known = places()
    lat, lon = hexes.centre(CELLS[5])
    where = known.point_area(lat, lon)
    assert where is not None
    assert (where.cell, where.grid, where.beat, where.station, where.town) == (
        CELLS[5],
        "g2",
        "b2",
        "s2",
        "t1",
    )
    assert known.point_area(23.9, 113.1) is None


def test_a_polygon_decides_over_the_cell() -> None:
    lat, lon = hexes.centre(CELLS[5])
    square = [
        [lon - 1e-3, lat - 1e-3],
        [lon + 1e-3, lat - 1e-3],
        [lon + 1e-3, lat + 1e-3],
        [lon - 1e-3, lat + 1e-3],
    ]
    known = places()
    known.polygons[Code("g1")] = {"type": "Polygon", "coordinates": [[*square, square[0]]]}
    where = known.point_area(lat, lon)
    assert where is not None
    assert (where.grid, where.beat) == ("g1", "b1")


@pytest.mark.parametrize(
    ("area", "beats"), [("t1", {"b1", "b2"}), ("s1", {"b1"}), ("b2", {"b2"}), ("g2", {"b2"}), ("x", set())]
)
def test_an_area_stands_for_its_beats(area: str, beats: set[str]) -> None:
    assert places().beats_of(Code(area)) == beats


def test_beats_that_share_an_edge_are_neighbours() -> None:
    assert places().beat_neighbours == {"b1": {"b2"}, "b2": {"b1"}}


def test_targets_follow_the_tier() -> None:
    assert places().target_ms.tolist() == [
        900_000,
        3_600_000,
        14_400_000,
        14_400_000,
        14_400_000,
        3_600_000,
        900_000,
    ]
