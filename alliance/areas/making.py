"""Makes a district: boundary, cells, areas, shift patterns and the first weights, in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import numpy as np
from shapely.geometry import mapping

from alliance.actor import DistrictId
from alliance.areas import store, weight_store
from alliance.areas.laying import Sketch, lay_out
from alliance.areas.model import PATTERNS, District, Pattern, Settings, WeightVersion
from alliance.areas.reading import must_follow
from alliance.config import Unusable
from alliance.events import Event, Tx
from geo import cell as hexes
from geo import district as boundaries
from geo.district import BoundaryError
from geo.index import CellIndex


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator says of a new district; the boundary is GeoJSON as it was read."""

    number: DistrictId
    name: str
    name_en: str
    time_zone: str
    boundary: Any
    settings: Settings = Settings()
    patterns: Sequence[Pattern] = PATTERNS
    sketch: Sketch = Sketch()


def cover(boundary: Any) -> CellIndex:
    """The district's cells; raises Unusable for a boundary that can't be used."""
    try:
        return CellIndex(boundaries.cover(boundaries.read(boundary)))
    except BoundaryError as error:
        raise Unusable(f"The boundary can't be used: {error}.") from error


async def make(tx: Tx, plan: Plan, now: datetime) -> None:
    """Refuses a number that is taken."""
    if await store.district(tx.conn, plan.number) is not None:
        raise Unusable(f"There is a district {plan.number} already.")
    index = cover(plan.boundary)
    if not len(index):
        raise Unusable("The boundary can't be used: it covers no cell.")
    must_follow(plan.patterns)
    layout = lay_out(index, plan.sketch)
    await store.insert_district(tx.conn, _district(plan, now))
    await store.insert_patterns(tx.conn, plan.number, plan.patterns)
    await store.copy_areas(tx.conn, plan.number, layout.areas)
    await store.copy_cells(tx.conn, plan.number, layout.cells)
    await store.copy_touches(tx.conn, plan.number, layout.touches)
    await _weigh_evenly(tx, plan, index, now)
    tx.record(Event(kind="district_made", at=now, actor=None, data={"cells": len(index)}))


def _district(plan: Plan, now: datetime) -> District:
    try:
        ZoneInfo(plan.time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Unusable(f"{plan.time_zone!r} is no time zone: give an IANA name, as Asia/Shanghai.") from error
    return District(
        district_id=plan.number,
        name=plan.name,
        name_en=plan.name_en,
        time_zone=plan.time_zone,
        boundary=mapping(boundaries.read(plan.boundary)),
        settings=plan.settings,
        version=1,
        created_at=now,
    )


async def _weigh_evenly(tx: Tx, plan: Plan, index: CellIndex, now: datetime) -> None:
    """Before the first call every cell counts the same."""
    duty = sorted((p for p in plan.patterns if p.duty), key=lambda p: p.start_minute)
    made = WeightVersion(version=1, valid_from=now, duty_shifts=tuple(p.code for p in duty))
    await weight_store.insert_weights(
        tx.conn,
        plan.number,
        made,
        cells=hexes.from_ints(index.cells),
        columns=np.ones((7 * len(duty), len(index))),
        now=now,
    )
