"""A batch of judged fixes as columns, told apart into what is new and what may be a resend."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from alliance.feed.needs import Store
from alliance.feed.wire import Fix
from alliance.patrol.fix_store import DEGREE, FixRows, day_number
from alliance.patrol.model import Duty
from alliance.patrol.tracks import Heard
from geo import tracks
from geo.cell import Bools, Ints
from geo.index import CellIndex

NOTHING = -1
BEFORE_ALL = -(2**62)
# Wider than any span of times, so that one running maximum serves all assignments.
STRIDE = 1 << 47


class Batch(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """`rows` are as stored, `fixes` the same as the hexes' arithmetic takes them: rounded the same way."""

    rows: FixRows
    fixes: tracks.Fixes

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, which: Bools) -> "Batch":
        return Batch(rows=self.rows.take(which), fixes=self.fixes.take(which))


def heard(found: Batch) -> Heard:
    """As the rules of attention take them."""
    rows, fixes = found.rows, found.fixes
    return Heard(
        assignment=rows.assignment,
        at=rows.at,
        lat=fixes.lat,
        lon=fixes.lon,
        place=fixes.place,
        battery=rows.battery.astype(np.int64),
        flags=rows.flags.astype(np.int64),
    )


def placed(columns: Mapping[str, Any], index: CellIndex) -> Batch:
    """Rows that another process stored."""
    rows = FixRows(**columns)
    lat, lon = rows.lat / DEGREE, rows.lon / DEGREE
    fixes = tracks.Fixes(
        assignment=rows.assignment,
        at=rows.at,
        lat=lat,
        lon=lon,
        place=index.places_at(lat, lon),
        flags=rows.flags.astype(np.uint8),
    )
    return Batch(rows=rows, fixes=fixes)


def build(stores: Sequence[tuple[Duty, Store]], index: CellIndex) -> Batch:
    """In order of arrival."""
    counts = np.array([len(store.fixes) for _, store in stores], dtype=np.int64)
    found: list[Fix] = [fix for _, store in stores for fix in store.fixes]
    count = len(found)
    lat = np.rint(np.fromiter([fix.lat for fix in found], np.float64, count) * DEGREE).astype(np.int64)
    lon = np.rint(np.fromiter([fix.lon for fix in found], np.float64, count) * DEGREE).astype(np.int64)
    assignment = np.repeat(np.array([int(duty.id) for duty, _ in stores], dtype=np.int64), counts)
    at = np.fromiter([fix.at for fix in found], np.int64, count)
    accuracy = np.fromiter([fix.accuracy for fix in found], np.float64, count)
    percent = [NOTHING if fix.battery is None else fix.battery * 100 for fix in found]
    fixes = tracks.fixes(
        index,
        assignment=assignment,
        at=at,
        lat=lat / DEGREE,
        lon=lon / DEGREE,
        accuracy=accuracy,
        mock=np.fromiter([fix.mock for fix in found], np.bool_, count),
    )
    rows = FixRows(
        assignment=assignment,
        day=np.repeat(np.array([day_number(duty.duty_day) for duty, _ in stores], dtype=np.int64), counts),
        at=at,
        received_at=np.repeat(np.array([store.received_at for _, store in stores], dtype=np.int64), counts),
        lat=lat,
        lon=lon,
        accuracy=accuracy.astype(np.float32),
        battery=np.rint(np.fromiter(percent, np.float64, count)).astype(np.int16),
        flags=fixes.flags.astype(np.int16),
    )
    return Batch(rows=rows, fixes=fixes)


def in_order(rows: FixRows, newest: Mapping[int, int]) -> Bools:
    """Which are newer than all that was stored of their assignment and than those before them here."""
    who, own = np.unique(rows.assignment, return_inverse=True)
    known = np.array([newest.get(number, BEFORE_ALL) for number in who.tolist()], dtype=np.int64)
    order = np.argsort(own, kind="stable")
    at, group = rows.at[order], own[order]
    first = np.append(True, group[1:] != group[:-1])[: len(at)]
    furthest = np.maximum.accumulate(at + group * STRIDE) - group * STRIDE
    before = np.where(first, BEFORE_ALL, np.append(BEFORE_ALL, furthest[:-1])[: len(at)])
    fresh = np.empty(len(at), dtype=np.bool_)
    fresh[order] = at > np.maximum(before, known[group])
    return fresh


def latest(rows: FixRows) -> dict[int, int]:
    """The newest `at` of each assignment."""
    last = last_rows(rows.assignment, rows.at)
    return dict(zip(rows.assignment[last].tolist(), rows.at[last].tolist(), strict=True))


def last_rows(assignment: Ints, at: Ints) -> Ints:
    """The place of each assignment's newest row."""
    order = np.lexsort((at, assignment))
    who = assignment[order]
    return order[np.flatnonzero(np.append(who[1:] != who[:-1], True)[: len(who)])]
