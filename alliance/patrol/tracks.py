"""Fixes and the visits made of them, as they are stored: read whole or in part, written as they grow."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

import msgspec
import numpy as np

from alliance.actor import AssignmentId, DistrictId
from alliance.areas.places import Places
from alliance.db.pool import Connection
from alliance.patrol import fix_store, visit_store
from alliance.patrol.copying import Records
from alliance.patrol.fix_store import DEGREE
from alliance.patrol.model import Duty, Point
from alliance.patrol.spans import pauses
from alliance.times import from_ms
from geo.cell import Floats, Ints
from geo.index import CellIndex
from geo.tails import Grown
from geo.tracks import Breaks, Fixes, Visits

# No duty is longer than this, wherever the district lies.
LONGEST_DUTY = timedelta(days=2)
BEHIND_DAYS = 5
PARTS = 8
# Fixes and visits, not all of which count, that show how a track ends.
FEW = 6


class Heard(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Stored fixes as columns; `place` is the cell's position in the district, `battery` percent or -1."""

    assignment: Ints
    at: Ints
    lat: Floats
    lon: Floats
    place: Ints
    battery: Ints
    flags: Ints

    def __len__(self) -> int:
        return len(self.at)

    @classmethod
    def joined(cls, several: Sequence["Heard"]) -> "Heard":
        names = cls.__struct_fields__
        return cls(**{name: np.concatenate([getattr(one, name) for one in several]) for name in names})


async def visits(conn: Connection, district: DistrictId, places: Places, *, start: int, end: int) -> Visits:
    """Stored visits that touch [start, end]."""
    days = (from_ms(start) - LONGEST_DUTY).date(), (from_ms(end) + timedelta(days=1)).date()
    return await visit_store.between(conn, district, places.hexes, days, start=start, end=end)


async def visits_of_day(
    conn: Connection, district: DistrictId, index: CellIndex, day: date
) -> AsyncIterator[Visits]:
    """The stored visits of a duty day, in parts; an assignment's lie in one."""
    for part in range(PARTS):
        yield await visit_store.of_day(conn, district, index, day, (part, PARTS))


async def fixes_of(
    conn: Connection, district: DistrictId, index: CellIndex, days: Mapping[int, date]
) -> Fixes:
    """All stored fixes of the assignments."""
    return _fixes(await fix_store.of(conn, district, days), index)


async def fixes_about(
    conn: Connection,
    district: DistrictId,
    index: CellIndex,
    days: Mapping[int, date],
    instants: Mapping[int, int],
) -> Fixes:
    """Of each assignment with an instant the fixes after it, and the last few up to it."""
    return _fixes(await fix_store.about(conn, district, days, instants, FEW), index)


def _fixes(found: Records, index: CellIndex) -> Fixes:
    lat, lon = found["lat"] / DEGREE, found["lon"] / DEGREE
    return Fixes(
        assignment=found["assignment"].astype(np.int64),
        at=found["at"].astype(np.int64),
        lat=lat,
        lon=lon,
        place=index.places_at(lat, lon),
        flags=found["flags"].astype(np.uint8),
    )


async def recent(
    conn: Connection, district: DistrictId, index: CellIndex, duties: Iterable[Duty], since: int
) -> Heard:
    """The duties' fixes from that instant on."""
    days = {duty.id: duty.duty_day for duty in duties}
    return _heard(await fix_store.recent(conn, district, days, since), index)


async def newest(conn: Connection, district: DistrictId, index: CellIndex, duties: Iterable[Duty]) -> Heard:
    """The duties' newest fix each."""
    days = {duty.id: duty.duty_day for duty in duties}
    return _heard(await fix_store.last(conn, district, days), index)


def _heard(found: Records, index: CellIndex) -> Heard:
    lat, lon = found["lat"] / DEGREE, found["lon"] / DEGREE
    return Heard(
        assignment=found["assignment"].astype(np.int64),
        at=found["at"].astype(np.int64),
        lat=lat,
        lon=lon,
        place=index.places_at(lat, lon),
        battery=found["battery"].astype(np.int64),
        flags=found["flags"].astype(np.int64),
    )


def breaks_of(duties: Iterable[Duty]) -> Breaks:
    found = [(duty.id, *pause) for duty in duties for pause in pauses(duty.spans)]
    columns = np.array(found, dtype=np.int64).reshape(-1, 3)
    return Breaks(assignment=columns[:, 0], from_at=columns[:, 1], to_at=columns[:, 2])


async def take_stale(conn: Connection, district: DistrictId, limit: int) -> dict[int, date]:
    """Assignments whose visits are older than their fixes; the caller rewrites them in this transaction."""
    return await visit_store.take_stale(conn, district, limit)


async def mark_stale(conn: Connection, district: DistrictId, days: Mapping[AssignmentId, date]) -> None:
    """Has somebody rewrite the visits of the assignments."""
    await visit_store.mark_stale(conn, district, days)


async def behind(conn: Connection, district: DistrictId, now: datetime, *, before: int) -> dict[int, date]:
    """Assignments of the last days with fixes, received before that instant, that no visit tells of."""
    days = [now.date() - timedelta(days=n) for n in range(-1, BEHIND_DAYS)]
    return await visit_store.behind(conn, district, days, before=before)


async def visits_since(
    conn: Connection, district: DistrictId, places: Places, days: Mapping[int, date], start: int
) -> Visits:
    """The assignments' stored visits that end at `start` or later, and the last few anyway."""
    return await visit_store.since(conn, district, places.hexes, days, start=start, few=FEW)


def ends_of(visits: Visits) -> dict[int, int]:
    """When each assignment's last visit ends that was made of fixes: at the last of these."""
    walked = visits.take(~visits.checkpoint)
    who, own = np.unique(walked.assignment, return_inverse=True)
    ends = np.zeros(len(who), dtype=np.int64)
    np.maximum.at(ends, own, walked.to_at)
    return dict(zip(who.tolist(), ends.tolist(), strict=True))


async def visits_of(
    conn: Connection, district: DistrictId, places: Places, days: Mapping[int, date]
) -> Visits:
    """All stored visits of the assignments."""
    return await visit_store.of_many(conn, district, places.hexes, days)


async def grow(conn: Connection, district: DistrictId, grown: Grown, days: Mapping[int, date]) -> None:
    """Writes what new fixes made of the visits."""
    if len(grown.gone):
        await visit_store.remove(conn, district, grown.gone, days)
    written = Visits.joined([grown.settled, grown.open])
    if len(written):
        await visit_store.put(conn, district, written, days)


async def rewrite(conn: Connection, district: DistrictId, grown: Grown, days: Mapping[int, date]) -> None:
    """Writes the visits of whole assignments anew."""
    await visit_store.clear(conn, district, days)
    await grow(conn, district, grown, days)


async def latest_points(
    conn: Connection, district: DistrictId, duties: Iterable[Duty]
) -> list[tuple[Duty, Point]]:
    """The newest fix of each duty that has one."""
    by_id = {duty.id: duty for duty in duties}
    found = await fix_store.latest_points(conn, district, {d.id: d.duty_day for d in by_id.values()})
    return [(by_id[one], point) for one, point in found.items()]


def numbers(assignments: Iterable[int]) -> Ints:
    return np.array(sorted(assignments), dtype=np.int64)
