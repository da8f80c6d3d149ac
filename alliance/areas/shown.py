"""A district, its areas and cells as they are shown over HTTP."""

from datetime import date, datetime
from typing import Any

import msgspec
import numpy as np

from alliance.actor import Code
from alliance.areas.model import Area, AreaKind, District, Override, Pattern, Targets
from alliance.areas.places import Places
from alliance.times import to_ms
from geo.cell import Cell


class NamedArea(msgspec.Struct, frozen=True, kw_only=True):
    """What an area is called and lies in; `/areas` tells more."""

    code: Code
    kind: AreaKind
    name: str
    name_en: str
    town: Code
    station: Code | None
    beat: Code | None


class ShownDistrict(msgspec.Struct, frozen=True, kw_only=True):
    """`boundary` is a GeoJSON geometry, `targets` are minutes; `made_up` says of each kind whether it is."""

    id: int
    name: str
    name_en: str
    time_zone: str
    boundary: dict[str, Any]
    targets: Targets
    patterns: list[Pattern]
    areas: list[NamedArea]
    made_up: dict[str, bool]
    source: str
    version: int


class ShownArea(msgspec.Struct, frozen=True, kw_only=True):
    """`cells` counts those of the area's own; a beat has its neighbours."""

    code: Code
    kind: AreaKind
    name: str
    name_en: str
    town: Code
    station: Code | None
    beat: Code | None
    lat: float
    lon: float
    cells: int
    made_up: bool
    neighbours: list[Code] = []


class AreaColumns(msgspec.Struct, frozen=True, kw_only=True):
    """Column by column: `town[i]` is a position in `codes["town"]`, and so on."""

    cells: list[Cell]
    town: list[int]
    station: list[int]
    beat: list[int]
    grid: list[int]
    tier: list[int]
    codes: dict[str, list[Code]]


class DemandColumns(msgspec.Struct, frozen=True, kw_only=True):
    at: int
    cells: list[Cell]
    weight: list[float]


class ShownOverride(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    cell: Cell
    amount: float
    reason: str
    ends_on: date
    weekdays: list[int]
    patterns: list[Code]
    actor: int
    at: int


def override(one: Override) -> ShownOverride:
    return ShownOverride(
        id=one.id,
        cell=one.cell,
        amount=one.amount,
        reason=one.reason,
        ends_on=one.ends_on,
        weekdays=one.weekdays,
        patterns=one.patterns,
        actor=one.actor,
        at=to_ms(one.at),
    )


def district(found: District, patterns: list[Pattern], areas: list[Area]) -> ShownDistrict:
    return ShownDistrict(
        id=found.district_id,
        name=found.name,
        name_en=found.name_en,
        time_zone=found.time_zone,
        boundary=found.boundary,
        targets=found.settings.targets,
        patterns=patterns,
        areas=msgspec.convert(areas, list[NamedArea], from_attributes=True),
        made_up={f"{kind}s": any(a.made_up for a in areas if a.kind is kind) for kind in AreaKind},
        source=found.settings.source,
        version=found.version,
    )


def areas(listed: list[Area], places: Places) -> list[ShownArea]:
    counts: dict[Code, int] = {}
    for codes, own in (
        (places.towns, places.town),
        (places.stations, places.station),
        (places.beats, places.beat),
        (places.grids, places.grid),
    ):
        counts.update(zip(codes, np.bincount(own, minlength=len(codes)).tolist(), strict=True))
    return [
        ShownArea(
            code=area.code,
            kind=area.kind,
            name=area.name,
            name_en=area.name_en,
            town=area.town,
            station=area.station,
            beat=area.beat,
            lat=area.lat,
            lon=area.lon,
            cells=counts.get(area.code, 0),
            made_up=area.made_up,
            neighbours=sorted(places.beat_neighbours.get(area.code, ())),
        )
        for area in listed
    ]


def cells(places: Places) -> AreaColumns:
    return AreaColumns(
        cells=places.cell_text,
        town=places.town.tolist(),
        station=places.station.tolist(),
        beat=places.beat.tolist(),
        grid=places.grid.tolist(),
        tier=places.tier.tolist(),
        codes={
            "town": list(places.towns),
            "station": list(places.stations),
            "beat": list(places.beats),
            "grid": list(places.grids),
        },
    )


def demand(places: Places, at: datetime) -> DemandColumns:
    weights = places.weights_at(to_ms(at))
    return DemandColumns(at=to_ms(at), cells=places.cell_text, weight=np.round(weights, 4).tolist())
