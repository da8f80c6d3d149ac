"""Lays a district out: every cell gets its town, station, beat and grid, drawn or made up."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from shapely.geometry import mapping

from alliance.actor import Code
from alliance.areas import naming
from alliance.areas.model import Area, AreaKind, CellColumns, Tier
from alliance.areas.reading import Given
from alliance.config import Unusable
from geo import areas as drawn
from geo import cell as hexes
from geo.areas import Drawn, tied
from geo.cell import Cell, Floats, Ints
from geo.index import CellIndex
from geo.split import Splitter

# Cells to one made-up area, as in Zengcheng.
CELLS_PER = {AreaKind.TOWN: 1250, AreaKind.STATION: 540, AreaKind.BEAT: 156, AreaKind.GRID: 10}
LETTERS = {AreaKind.TOWN: "T", AreaKind.STATION: "S", AreaKind.BEAT: "B", AreaKind.GRID: "G"}
NAMES: dict[AreaKind, Callable[[tuple[str, str], int, int], tuple[str, str]]] = {
    AreaKind.STATION: naming.station,
    AreaKind.BEAT: naming.beat,
    AreaKind.GRID: naming.grid,
}


class Sketch(msgspec.Struct, frozen=True, kw_only=True):
    """What is known before: areas by kind, how many to make up, the weight of each cell, the seed."""

    given: Mapping[AreaKind, Sequence[Given]] = {}
    counts: Mapping[AreaKind, int] = {}
    weight: Floats | None = None
    seed: int = 0
    tiers: Mapping[str, Tier] = {}


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    areas: list[Area]
    cells: CellColumns
    touches: list[tuple[Code, Cell]]


class Layer(msgspec.Struct, frozen=True, kw_only=True):
    """The areas of one kind; `owner` is the position of each cell's."""

    areas: list[Area]
    owner: Ints
    small: Mapping[str, list[Cell]] = {}


def lay_out(index: CellIndex, sketch: Sketch) -> Layout:
    weight = np.ones(len(index)) if sketch.weight is None else sketch.weight
    splitter = Splitter(index, weight, sketch.seed)
    layers: dict[AreaKind, Layer] = {}
    for kind in AreaKind:
        given = sketch.given.get(kind)
        if given:
            layers[kind] = _given(index, splitter, kind, given, layers)
        else:
            count = sketch.counts.get(kind) or max(round(len(index) / CELLS_PER[kind]), 1)
            layers[kind] = _made_up(index, splitter, kind, count, layers)
    _must_differ(layers)
    return _layout(index, layers, sketch.tiers)


def _given(
    index: CellIndex,
    splitter: Splitter,
    kind: AreaKind,
    given: Sequence[Given],
    layers: Mapping[AreaKind, Layer],
) -> Layer:
    given = sorted(given, key=lambda one: one.code)
    polygons = [one.polygon for one in given if one.polygon is not None]
    if len(polygons) == len(given):
        found = Drawn(index, polygons)
        owner, small = found.owner, found.small
    else:
        owner, small = splitter.around([(one.lat, one.lon) for one in given]), {}
    above = {upper: tied(owner, layer.owner, len(given), len(layer.areas)) for upper, layer in layers.items()}
    areas = []
    for n, one in enumerate(given):
        upper = {over: _parent(one, layer, over, int(above[over][n])) for over, layer in layers.items()}
        areas.append(_known(kind, one, upper))
    return Layer(areas=areas, owner=owner, small=small)


def _known(kind: AreaKind, one: Given, upper: Mapping[AreaKind, Code]) -> Area:
    return Area(
        code=Code(one.code),
        kind=kind,
        name=one.name,
        name_en=one.name_en,
        town=upper.get(AreaKind.TOWN, Code(one.code)),
        station=upper.get(AreaKind.STATION),
        beat=upper.get(AreaKind.BEAT),
        lat=one.lat,
        lon=one.lon,
        made_up=one.polygon is None,
        polygon=_polygon(one.polygon),
    )


def _polygon(area: drawn.Area | None) -> dict[str, Any] | None:
    return None if area is None else mapping(area.polygon)


def _parent(one: Given, layer: Layer, kind: AreaKind, shared: int) -> Code:
    """As named, else the one with which it shares most cells."""
    named = getattr(one, kind.value)
    if named is None:
        return layer.areas[shared if shared >= 0 else _closest(layer, one)].code
    if named not in {area.code for area in layer.areas}:
        raise Unusable(f"{one.code}: there is no {kind} {named}.")
    return Code(named)


def _closest(layer: Layer, one: Given) -> int:
    """For an area too small to own a cell."""
    away = [hexes.distance_m(one.lat, one.lon, area.lat, area.lon) for area in layer.areas]
    return int(np.argmin(away))


def _made_up(
    index: CellIndex, splitter: Splitter, kind: AreaKind, count: int, layers: Mapping[AreaKind, Layer]
) -> Layer:
    upper = layers[list(AreaKind)[list(AreaKind).index(kind) - 1]] if layers else None
    whole = np.zeros(len(index), dtype=np.int64)
    held, above = np.unique(upper.owner if upper else whole, return_inverse=True)
    level = splitter.split(above.astype(np.int64), min(max(count, len(held)), len(index)))
    middles = index.centres()
    siblings = np.bincount(level.parent)
    seen = np.zeros(len(held), dtype=np.int64)
    areas = []
    for n, parent in enumerate(level.parent.tolist()):
        seen[parent] += 1
        over = upper.areas[int(held[parent])] if upper else None
        code = Code(naming.code(LETTERS[kind], n + 1, len(level.parent)))
        areas.append(
            _area(kind, code, over, (int(seen[parent]), int(siblings[parent])), middles[level.part == n])
        )
    return Layer(areas=areas, owner=level.part)


def _area(kind: AreaKind, code: Code, over: Area | None, place: tuple[int, int], middles: Floats) -> Area:
    """`place` is its number among its siblings, and how many they are."""
    lat, lon = middles[int(np.argmin(((middles - middles.mean(axis=0)) ** 2).sum(axis=1)))].tolist()
    if over is None:
        name, name_en = naming.town(*place)
        return Area(
            code=code, kind=kind, name=name, name_en=name_en, town=code, station=None, beat=None,
            lat=lat, lon=lon, made_up=True,
        )  # fmt: skip
    name, name_en = NAMES[kind]((over.name, over.name_en or over.code), *place)
    return Area(
        code=code,
        kind=kind,
        name=name,
        name_en=name_en,
        town=over.town,
        station=over.code if over.kind is AreaKind.STATION else over.station,
        beat=over.code if over.kind is AreaKind.BEAT else over.beat,
        lat=lat,
        lon=lon,
        made_up=True,
    )


def _must_differ(layers: Mapping[AreaKind, Layer]) -> None:
    seen: dict[str, AreaKind] = {}
    for kind, layer in layers.items():
        for area in layer.areas:
            if area.code in seen:
                raise Unusable(
                    f"The code {area.code} names a {seen[area.code]} and a {kind}: give each its own."
                )
            seen[area.code] = kind


def _layout(index: CellIndex, layers: Mapping[AreaKind, Layer], tiers: Mapping[str, Tier]) -> Layout:
    text = hexes.from_ints(index.cells)
    codes = {
        kind: tuple(layer.areas[own].code for own in layer.owner.tolist()) for kind, layer in layers.items()
    }
    _must_be_known(tiers, text, layers)
    tier = tuple(
        next((tiers[code] for code in (cell, *reversed(own)) if code in tiers), Tier.LOW)
        for cell, own in zip(text, zip(*codes.values(), strict=True), strict=True)
    )
    columns = CellColumns(
        cells=tuple(text),
        town=codes[AreaKind.TOWN],
        station=codes[AreaKind.STATION],
        beat=codes[AreaKind.BEAT],
        grid=codes[AreaKind.GRID],
        tier=tier,
    )
    small = layers[AreaKind.GRID].small
    return Layout(
        areas=[area for layer in layers.values() for area in layer.areas],
        cells=columns,
        touches=[(Code(code), cell) for code, cells in small.items() for cell in cells],
    )


def _must_be_known(
    tiers: Mapping[str, Tier], cells: Sequence[Cell], layers: Mapping[AreaKind, Layer]
) -> None:
    known = {*cells, *(area.code for layer in layers.values() for area in layer.areas)}
    lost = sorted(set(tiers) - known)
    if lost:
        raise Unusable(f"tiers: {lost[0]} is no area and no cell of the district.")
