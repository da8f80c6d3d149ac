"""What may be asked of a district's places and happen to them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import asyncpg
import numpy as np

from alliance.actor import Code, DistrictId
from alliance.areas import store, weighing, weight_store
from alliance.areas.model import Area, AreaKind, District, Happenings, Pattern, WeightVersion
from alliance.areas.places import Places, Weighting
from alliance.errors import not_found
from alliance.events import Event, Tx
from alliance.times import to_ms
from geo import cell as hexes
from geo.cell import Cell, Ints
from geo.index import CellIndex

# What is older than six half-lives of a call's worth is as good as forgotten.
DEMAND_SPAN = timedelta(days=168)
WEIGHTS_KEPT = timedelta(days=60)
BELOW_STATION = (AreaKind.BEAT, AreaKind.GRID)


async def district(conn: asyncpg.Connection, district: DistrictId) -> District:
    found = await store.district(conn, district)
    if found is None:
        raise not_found("district", district)
    return found


def zone_of(district: District) -> ZoneInfo:
    return ZoneInfo(district.time_zone)


async def areas(
    conn: asyncpg.Connection, district: DistrictId, kinds: Sequence[AreaKind] = tuple(AreaKind)
) -> list[Area]:
    return await store.areas(conn, district, kinds)


async def patterns(conn: asyncpg.Connection, district: DistrictId) -> list[Pattern]:
    return await store.patterns(conn, district)


async def places(conn: asyncpg.Connection, district: DistrictId, since: datetime | None = None) -> Places:
    """The district as it is, with the weights in force at `since` and later; without it the newest alone."""
    found = await store.district(conn, district)
    stamp = await store.stamp(conn, district)
    if found is None or stamp is None:
        raise not_found("district", district)
    cells = await store.cells(conn, district)
    towns, town = positions(cells.town)
    stations, station = positions(cells.station)
    beats, beat = positions(cells.beat)
    grids, grid = positions(cells.grid)
    patterns = await store.patterns(conn, district)
    listed = await store.areas(conn, district, tuple(AreaKind))
    return Places(
        district=district,
        stamp=(stamp.district, stamp.weights),
        zone=ZoneInfo(found.time_zone),
        hexes=CellIndex(hexes.to_ints(cells.cells)),
        tier=np.array(cells.tier, dtype=np.int64),
        targets=found.settings.targets,
        town=town,
        station=station,
        beat=beat,
        grid=grid,
        towns=towns,
        stations=stations,
        beats=beats,
        grids=grids,
        town_of={area.code: area.town for area in listed if area.kind is not AreaKind.TOWN},
        station_of={a.code: a.station for a in listed if a.kind in BELOW_STATION and a.station},
        beat_of={a.code: a.beat for a in listed if a.kind is AreaKind.GRID and a.beat},
        polygons=await store.polygons(conn, district, AreaKind.GRID),
        patterns=tuple(patterns),
        weightings=await _weightings(conn, district, since) or (_even(patterns, len(cells.cells)),),
    )


async def _weightings(
    conn: asyncpg.Connection, district: DistrictId, since: datetime | None
) -> tuple[Weighting, ...]:
    found = []
    for made in await weight_store.weight_versions(conn, district, since):
        _, rows = await weight_store.weights(conn, district, made.version)
        found.append(
            Weighting(
                version=made.version,
                valid_from=to_ms(made.valid_from),
                columns=np.ascontiguousarray(rows.T),
            )
        )
    return tuple(found)


def _even(patterns: Sequence[Pattern], cells: int) -> Weighting:
    """What holds where nobody made weights: every cell counts the same."""
    duty = sum(pattern.duty for pattern in patterns)
    return Weighting(version=0, valid_from=0, columns=np.ones((7 * max(duty, 1), cells)))


def positions(codes: Sequence[Code]) -> tuple[tuple[Code, ...], Ints]:
    """The distinct codes in order, and for each given one its position among them."""
    distinct, own = np.unique(np.array(codes, dtype=str), return_inverse=True)
    return tuple(Code(str(code)) for code in distinct), own.astype(np.int64)


class Held:
    """Places of districts, loaded again when they have changed; asking costs one small query."""

    def __init__(self, since: datetime | None = None) -> None:
        self._since = since
        self._places: dict[DistrictId, Places] = {}

    async def get(self, conn: asyncpg.Connection, district: DistrictId) -> Places:
        stamp = await store.stamp(conn, district)
        if stamp is None:
            raise not_found("district", district)
        known = self._places.get(district)
        if known is None or known.stamp != (stamp.district, stamp.weights):
            known = self._places[district] = await places(conn, district, self._since)
        return known


async def calls(tx: Tx, given: Sequence[tuple[datetime, Cell, str]]) -> None:
    """Take in calls: place, kind and time; who called stays with the police."""
    await weight_store.copy_calls(tx.conn, tx.district, given)


async def renew_weights(tx: Tx, incidents: Happenings, now: datetime) -> int:
    """Weights from the calls and the given confirmed incidents, valid from now on; returns their version."""
    version = await weight_store.next_weight_version(tx.conn, tx.district)
    known = await places(tx.conn, tx.district)
    called = await weight_store.calls(tx.conn, tx.district, now - DEMAND_SPAN, now)
    today = now.astimezone(known.zone).date()
    raised = await weight_store.overrides(tx.conn, tx.district, today)
    columns = weighing.columns(known, [called, incidents], raised, today=today, now=now)
    made = WeightVersion(
        version=version, valid_from=now, duty_shifts=tuple(p.code for p in known.duty_patterns)
    )
    await weight_store.insert_weights(
        tx.conn, tx.district, made, cells=known.cell_text, columns=columns, now=now
    )
    await weight_store.drop_weights(tx.conn, tx.district, now - WEIGHTS_KEPT)
    tx.record(Event(kind="weights_made", at=now, actor=None, data={"version": version}))
    return version


async def tier_by_weight(tx: Tx) -> None:
    """Tiers from the newest weights: the few cells that ask most are high, many more medium, the rest low."""
    known = await places(tx.conn, tx.district)
    tiers = weighing.tiers(known.weightings[-1].columns)
    await store.set_tiers(tx.conn, tx.district, known.cell_text, tiers.tolist())


async def districts(conn: asyncpg.Connection) -> list[DistrictId]:
    """Every district of the installation."""
    return await store.districts(conn)
