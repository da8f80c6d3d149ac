"""Coverage from stored visits: what is covered at an instant, and how much of a period was."""

import asyncio

import msgspec
import numpy as np

from alliance.actor import COMMAND, Actor, Code, Role
from alliance.areas import actions as areas
from alliance.areas.model import AreaKind
from alliance.areas.places import Places
from alliance.db.pool import Connection
from alliance.patrol import tracks
from alliance.patrol.duties import beats_of
from alliance.times import from_ms
from geo import coverage
from geo.cell import Bools, Cell, Floats, Ints
from geo.coverage import Sums


class AreaShare(msgspec.Struct, frozen=True, kw_only=True):
    code: Code
    kind: AreaKind
    coverage: float


class ShiftShare(msgspec.Struct, frozen=True, kw_only=True, rename={"from_at": "from", "to_at": "to"}):
    """Of the part of a duty shift that lies in the period."""

    pattern: str
    from_at: int
    to_at: int
    coverage: float


class Instant(msgspec.Struct, frozen=True, kw_only=True):
    """`covered_until` is 0 for a cell that is cold at `at`."""

    at: int
    cells: list[Cell]
    covered_until: list[int]
    coverage: float
    areas: list[AreaShare]


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """The covered share of each cell's weighted time, of all together, and of each area."""

    from_at: int
    to_at: int
    cells: list[Cell]
    share: list[float]
    coverage: float
    areas: list[AreaShare]
    shifts: list[ShiftShare]


async def at(conn: Connection, actor: Actor, places: Places, instant: int) -> Instant:
    longest = int(places.target_ms.max(initial=0))
    found = await tracks.visits(conn, actor.district, places, start=instant - longest, end=instant)
    until = coverage.covered_until(found, places.target_ms, instant)
    weights = (await as_it_was(conn, places, instant)).weights(instant, instant + 1)
    sums = coverage.at_instant(until, weights, instant)
    shown = visible(actor, places)
    return Instant(
        at=instant,
        cells=_texts(places, shown),
        covered_until=until[shown].tolist(),
        coverage=_masked(sums, shown).share(),
        areas=_areas(places, sums, shown),
    )


async def between(conn: Connection, actor: Actor, places: Places, start: int, end: int) -> Period:
    longest = int(places.target_ms.max(initial=0))
    found = await tracks.visits(conn, actor.district, places, start=start - longest, end=end)
    weights = (await as_it_was(conn, places, start)).weights(start, end)
    bounds, covered, total = await asyncio.to_thread(
        coverage.over_segments, found, places.target_ms, weights, start, end
    )
    sums = Sums(covered=covered.sum(axis=0), total=total.sum(axis=0))
    shown = visible(actor, places)
    return Period(
        from_at=start,
        to_at=end,
        cells=_texts(places, shown),
        share=np.round(sums.shares()[shown], 4).tolist(),
        coverage=_masked(sums, shown).share(),
        areas=_areas(places, sums, shown),
        shifts=_shifts(places, bounds, covered[:, shown].sum(axis=1), total[:, shown].sum(axis=1)),
    )


def _shifts(places: Places, bounds: Ints, covered: Floats, total: Floats) -> list[ShiftShare]:
    """Each duty shift's share, from the sums of the segments that make it up."""
    found = []
    for start, end, pattern in places.duty_shifts(int(bounds[0]), int(bounds[-1])):
        own = (bounds[:-1] >= start) & (bounds[:-1] < end)
        whole = float(total[own].sum())
        share = float(covered[own].sum()) / whole if whole else 0.0
        lies = (max(start, int(bounds[0])), min(end, int(bounds[-1])))
        found.append(ShiftShare(pattern=pattern, from_at=lies[0], to_at=lies[1], coverage=round(share, 4)))
    return found


def visible(actor: Actor, places: Places) -> Ints:
    """The positions of the cells whose coverage is the actor's to see."""
    if actor.is_command():
        return np.arange(len(places))
    beats = set(beats_of(actor, places))
    for grant in actor.grants:
        if grant.role is Role.OBSERVER:
            beats |= grant.beats or set(places.beats)
        elif grant.role not in (*COMMAND, Role.MANAGER):
            beats |= grant.beats
    numbers = [i for i, beat in enumerate(places.beats) if beat in beats]
    return np.flatnonzero(np.isin(places.beat, np.array(numbers, dtype=np.int64)))


async def as_it_was(conn: Connection, places: Places, start: int) -> Places:
    """With the weights that were in force from `start` on."""
    if places.weightings[0].valid_from <= start or not places.weightings[0].version:
        return places
    return await areas.places(conn, places.district, since=from_ms(start))


def _texts(places: Places, shown: Ints) -> list[Cell]:
    text = places.cell_text
    return [text[i] for i in shown.tolist()]


def _masked(sums: Sums, shown: Ints) -> Sums:
    return Sums(covered=sums.covered[shown], total=sums.total[shown])


def _areas(places: Places, sums: Sums, shown: Ints) -> list[AreaShare]:
    """Of those areas all of whose cells are shown."""
    kinds: list[tuple[AreaKind, Ints, tuple[Code, ...]]] = [
        (AreaKind.TOWN, places.town, places.towns),
        (AreaKind.STATION, places.station, places.stations),
        (AreaKind.BEAT, places.beat, places.beats),
        (AreaKind.GRID, places.grid, places.grids),
    ]
    hidden: Bools = np.ones(len(places), dtype=np.bool_)
    hidden[shown] = False
    found = []
    for kind, group, codes in kinds:
        shares: Floats = sums.rolled_up(group, len(codes)).shares()
        covered_up = set(np.unique(group[hidden]).tolist())
        found += [
            AreaShare(code=code, kind=kind, coverage=round(float(shares[i]), 4))
            for i, code in enumerate(codes)
            if i not in covered_up
        ]
    return found
