"""Files of a district as its operator has them: GeoJSON or tables of areas, shift patterns, tiers."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import shapely

from alliance.areas.model import AreaKind, Pattern, Tier
from alliance.config import Unusable
from geo import areas as drawn
from geo.district import BoundaryError

DAY_MINUTES = 1440


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """An area as it was given: a polygon, or a point of a table; its parents where they are named."""

    code: str
    name: str
    name_en: str = ""
    town: str | None = None
    station: str | None = None
    beat: str | None = None
    lat: float
    lon: float
    polygon: drawn.Area | None = None


class TierRow(msgspec.Struct, frozen=True, kw_only=True):
    """A town, station, beat, grid or cell, and how often it is to be visited."""

    code: str
    tier: str


def geojson(path: Path) -> Any:
    try:
        return msgspec.json.decode(path.read_bytes())
    except OSError as error:
        raise Unusable(f"{path} can't be read: {error.strerror}.") from error
    except msgspec.DecodeError as error:
        raise Unusable(f"{path} is no JSON: {error}.") from error


def areas(path: Path, kind: AreaKind) -> list[Given]:
    """From a FeatureCollection of polygons, or from a table with code, name, lat and lon."""
    given = _table(path) if path.suffix.lower() == ".csv" else _features(path, kind)
    if not given:
        raise Unusable(f"{path} holds no areas: give at least one {kind}.")
    doubled = [one.code for n, one in enumerate(given) if one.code in {other.code for other in given[:n]}]
    if doubled:
        raise Unusable(f"{path}: the code {doubled[0]} stands there twice; every {kind} needs its own.")
    return given


def _features(path: Path, kind: AreaKind) -> list[Given]:
    try:
        found = drawn.read(geojson(path), f"{kind}s")
        return [_of_feature(area) for area in found]
    except BoundaryError as error:
        raise Unusable(f"{path}: {error}.") from error
    except msgspec.ValidationError as error:
        raise Unusable(f"{path}: {error}.") from error


def _of_feature(area: drawn.Area) -> Given:
    inside = shapely.point_on_surface(area.polygon)
    named = {name: value for name, value in area.properties.items() if name in NAMED and value is not None}
    return msgspec.convert(
        {"name": area.code, **named, "code": area.code, "lat": inside.y, "lon": inside.x, "polygon": area},
        Given,
        strict=False,
        dec_hook=_kept,
    )


NAMED = ("name", "name_en", "town", "station", "beat")


def _kept(kind: type, value: Any) -> Any:
    return value


def _table(path: Path) -> list[Given]:
    return [msgspec.structs.replace(row, polygon=None) for row in table(path, Given)]


Row = Any


def table(path: Path, kind: type[Row]) -> list[Row]:
    """The rows of a CSV file with a heading; empty fields count as not given."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.DictReader(file))
    except OSError as error:
        raise Unusable(f"{path} can't be read: {error.strerror}.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise Unusable(f"{path} is no table in UTF-8: {error}.") from error
    rows = []
    for number, line in enumerate(lines, 2):
        fields = {name: value for name, value in line.items() if name and value}
        try:
            rows.append(msgspec.convert(fields, kind, strict=False))
        except msgspec.ValidationError as error:
            raise Unusable(f"{path}, line {number}: {error}.") from error
    return rows


def patterns(path: Path) -> list[Pattern]:
    """A JSON list of shift patterns."""
    try:
        found = msgspec.convert(geojson(path), list[Pattern])
    except msgspec.ValidationError as error:
        raise Unusable(f"{path}: {error}.") from error
    must_follow(found)
    return found


def must_follow(patterns: Sequence[Pattern]) -> None:
    """Raises Unusable unless the duty shifts follow each other around the day without gap or overlap."""
    duty = sorted((p for p in patterns if p.duty), key=lambda p: p.start_minute)
    if not duty:
        raise Unusable("shift patterns: none has duty = true; the weights need at least one.")
    for one, other in zip(duty, [*duty[1:], duty[0]], strict=True):
        if (one.start_minute + one.minutes) % DAY_MINUTES != other.start_minute % DAY_MINUTES:
            raise Unusable(
                f"shift patterns: {one.code} does not end where {other.code} starts; "
                "duty shifts follow each other without gap or overlap."
            )
    if sum(p.minutes for p in duty) != DAY_MINUTES:
        raise Unusable("shift patterns: the duty shifts together must make one day.")


def tiers(path: Path) -> dict[str, Tier]:
    """By the code of an area or a cell."""
    names = {tier.name.lower(): tier for tier in Tier}
    found = {}
    for row in table(path, TierRow):
        if row.tier not in names:
            raise Unusable(f"{path}: {row.code} has the tier {row.tier!r}; it is high, medium or low.")
        found[row.code] = names[row.tier]
    return found
