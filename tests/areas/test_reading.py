"""What an operator may hand in, and what is said about mistakes."""

import json
from pathlib import Path

import msgspec
import pytest

from alliance.areas import reading
from alliance.areas.model import PATTERNS, AreaKind, Tier
from alliance.config import Unusable


def square(west: float, south: float, **properties: object) -> dict[str, object]:
    ring = [[west, south], [west + 0.1, south], [west + 0.1, south + 0.1], [west, south + 0.1], [west, south]]
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def collection(*features: dict[str, object]) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features})


def test_polygons_with_their_names(tmp_path: Path) -> None:
    file = tmp_path / "beats.geojson"
    file.write_text(collection(square(113.6, 23.2, code=7, name="一警务区", station="s1")))
    (found,) = reading.areas(file, AreaKind.BEAT)
    assert (found.code, found.name, found.station) == ("7", "一警务区", "s1")
    assert 113.6 < found.lon < 113.7


def test_a_table_with_a_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "towns.csv"
    file.write_text("code,name,lat,lon,extra\n1,荔城街道,23.29,113.83,\n", encoding="utf-8-sig")
    (found,) = reading.areas(file, AreaKind.TOWN)
    assert (found.name, found.lat, found.polygon) == ("荔城街道", 23.29, None)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "code,name,lat,lon\n1,a,north,113\n", "line 2"),
        ("a.csv", "code,name,lat\n1,a,23\n", "lon"),
        ("a.csv", "code,name,lat,lon\n1,a,23,113\n1,b,23,113\n", "twice"),
        ("a.csv", "code,name,lat,lon\n", "holds no areas"),
        ("a.geojson", "{", "no JSON"),
        ("a.geojson", collection(square(113.6, 23.2)), "code"),
        ("a.geojson", collection(square(113.6, 23.2, code="1"), square(113.6, 23.2, code="1")), "1"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(Unusable, match=said):
        reading.areas(tmp_path / name, AreaKind.TOWN)


def test_duty_shifts_must_fill_the_day(tmp_path: Path) -> None:
    reading.must_follow(PATTERNS)
    shorter = [msgspec.structs.replace(PATTERNS[0], minutes=420), *PATTERNS[1:]]
    with pytest.raises(Unusable, match="day does not end where late starts"):
        reading.must_follow(shorter)
    file = tmp_path / "patterns.json"
    file.write_bytes(msgspec.json.encode([msgspec.structs.replace(p, duty=False) for p in PATTERNS]))
    with pytest.raises(Unusable, match="none has duty"):
        reading.patterns(file)


def test_tiers_by_name(tmp_path: Path) -> None:
    file = tmp_path / "tiers.csv"
    file.write_text("code,tier\nB1,high\n8941188010fffff,low\n")
    assert reading.tiers(file) == {"B1": Tier.HIGH, "8941188010fffff": Tier.LOW}
    file.write_text("code,tier\nB1,often\n")
    with pytest.raises(Unusable, match="often"):
        reading.tiers(file)
