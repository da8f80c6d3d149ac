"""From calls and confirmed incidents to weights of cells, and from weights to the needs of beats."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

import msgspec
import numpy as np

from scheduler.calendar import DAY, Floats, Ints, duties, offsets
from scheduler.problem import BeatCode, Need, Post, Role, Shift

MINUTE = 60_000
HALF_LIFE = 28 * DAY
SPREAD = 0.25
FLOOR = 0.2
VISITS = (1.0, 0.4, 0.16)


class Pattern(msgspec.Struct, frozen=True, kw_only=True):
    """A duty shift in minutes of its duty day; `end` passes 1440 when it runs into the next."""

    code: str
    start: int
    end: int


class Calls(NamedTuple):
    """Calls and confirmed incidents, without what only a patrol found: index of the cell, and when."""

    cell: Ints
    at: Ints


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """What an officer adds to cells by hand, to all weekdays and patterns where null, `until` included."""

    cells: tuple[int, ...]
    amount: float
    until: date
    reason: str
    weekday: int | None = None
    pattern: int | None = None


class Staffing(msgspec.Struct, frozen=True, kw_only=True):
    """How weight becomes need: a unit of `unit` people visits `cells` planning cells in a shift; the shares
    are of the worth of every cell visited once."""

    unit: int = 2
    cells: int = 2
    most: int = 30
    minimum_share: float = 0.0
    desired_share: float = 1.0
    certified: int = 0


def weights(calls: Calls, neighbours: Ints, patterns: Sequence[Pattern], *, zone: str, now: int) -> Floats:
    """[cell, weekday, pattern], Monday first; `neighbours[cell]` lists up to six cells, −1 for none.

    A call counts for every duty shift in which it lies. Of each count a quarter is shared evenly by the
    neighbours the district has. The floor is a fifth of the mean over all cells, weekdays and patterns;
    before the first call every weight is 1.
    """
    counts = _counted(calls, len(neighbours), patterns, zone, now)
    weight = spread(counts, neighbours)
    mean = float(weight.mean()) if weight.size else 0.0
    return weight + FLOOR * mean if mean > 0 else np.ones_like(weight)


def _counted(calls: Calls, cells: int, patterns: Sequence[Pattern], zone: str, now: int) -> Floats:
    past = calls.at <= now
    cell, at = calls.cell[past], calls.at[past]
    local = at + offsets(at, zone)
    worth = 0.5 ** ((now - at) / HALF_LIFE)
    day, minute = local // DAY, local % DAY / MINUTE
    counts = np.zeros((cells, 7, len(patterns)))
    for p, pattern in enumerate(patterns):
        for late in (0, 1):
            inside = (minute + late * 1440 >= pattern.start) & (minute + late * 1440 < pattern.end)
            weekday = (day[inside] - late + 3) % 7
            np.add.at(counts, (cell[inside], weekday, np.full(len(weekday), p)), worth[inside])
    return counts


def spread(counts: Floats, neighbours: Ints) -> Floats:
    """A quarter of each count moves to the neighbours; without any, it stays."""
    known = neighbours >= 0
    many = known.sum(axis=1)
    given: Floats = np.where(many > 0, SPREAD, 0.0)
    shape = (-1, *([1] * (counts.ndim - 1)))
    result: Floats = counts * (1 - given).reshape(shape)
    source, slot = np.nonzero(known)
    share = counts * (given / np.maximum(many, 1)).reshape(shape)
    np.add.at(result, neighbours[source, slot], share[source])
    return result


def overridden(weight: Floats, overrides: Sequence[Override], on: date) -> Floats:
    """With what officers set by hand and what has not ended before that day."""
    result = weight.copy()
    for override in overrides:
        if on <= override.until:
            weekday = slice(None) if override.weekday is None else override.weekday
            pattern = slice(None) if override.pattern is None else override.pattern
            for cell in override.cells:
                result[cell, weekday, pattern] += override.amount
    never_below_nothing: Floats = np.maximum(result, 0.0)
    return never_below_nothing


def worths(weight: Floats, staffing: Staffing) -> tuple[float, ...]:
    """What the k-th unit adds among cells of these weights: the best visits left, a second one at 0.4."""
    visits = np.sort(np.outer(VISITS, weight).ravel())[::-1]
    visits = np.append(visits, np.zeros(-len(visits) % staffing.cells))
    return tuple(visits.reshape(-1, staffing.cells).sum(axis=1)[: staffing.most].tolist())


def needs(
    posts: Sequence[Post],
    shifts: Sequence[Shift],
    cells: Mapping[BeatCode, Ints],
    weight: Floats,
    *,
    patterns: Sequence[Pattern],
    zone: str,
    staffing: Staffing,
) -> tuple[Need, ...]:
    """One need per post and shift; `cells` indexes the planning cells of a beat in `weight`."""
    scale = 1.0 / max(float(weight.mean()), 1e-12)
    times = _slots(shifts, patterns, zone)
    found = []
    for post in posts:
        at_beat = weight[cells[post.beat]] * scale
        for shift, (weekday, pattern) in zip(shifts, times, strict=True):
            found.append(_need(post, shift, at_beat[:, weekday, pattern], staffing))
    return tuple(found)


def _need(post: Post, shift: Shift, weight: Floats, staffing: Staffing) -> Need:
    worth = worths(weight, staffing)
    reached, total = np.cumsum(worth), float(weight.sum())
    minimum = _units(reached, staffing.minimum_share * total) * post.unit
    guards = not shift.roles or Role.GUARD in shift.roles
    return Need(
        post=post.id,
        shift=shift.id,
        minimum=minimum,
        desired=max(minimum, _units(reached, staffing.desired_share * total) * post.unit),
        certified=min(staffing.certified, minimum) if guards else 0,
        worth=worth,
    )


def _units(reached: Floats, share: float) -> int:
    """Fewest units whose worth reaches the share, or all there are."""
    return 0 if share <= 0 else min(len(reached), int(np.searchsorted(reached, share * (1 - 1e-12))) + 1)


def _slots(shifts: Sequence[Shift], patterns: Sequence[Pattern], zone: str) -> list[tuple[int, int]]:
    """Weekday of each shift, and the pattern whose start and end are nearest to its own."""
    start = np.asarray([s.start for s in shifts], dtype=np.int64)
    end = np.asarray([s.end for s in shifts], dtype=np.int64)
    day = duties(start, end, zone).day
    local = start + offsets(start, zone) - day * DAY
    minutes = np.stack([local, local + end - start], axis=1) / MINUTE
    known = np.asarray([(p.start, p.end) for p in patterns], dtype=np.float64)
    nearest = np.abs(minutes[:, None, :] - known[None]).sum(axis=2).argmin(axis=1)
    return list(zip(((day + 3) % 7).tolist(), nearest.tolist(), strict=True))
