"""Fixes → rows → legs, for many assignments at once."""

import msgspec
import numpy as np

from geo import cell as cells
from geo.cell import Bools, Floats, Ints
from geo.path import FURTHEST_M, Paths
from geo.track import LONGEST_GAP_MS, TOP_SPEED
from geo.tracks import Breaks, Fixes

NONE = -1


class Rows(msgspec.Struct, frozen=True, kw_only=True):
    """Unflagged fixes by assignment and time.

    `fast` says that the way to the row from the one before it was too fast. A row carried over from an
    earlier batch keeps what was found then; where it ended a leg, that leg's run is `run_from` (else NONE).
    """

    assignment: Ints
    at: Ints
    lat: Floats
    lon: Floats
    place: Ints
    carried: Bools
    fast: Bools
    run_from: Ints

    def __len__(self) -> int:
        return len(self.at)


class Legs(msgspec.Struct, frozen=True, kw_only=True):
    """From kept row to kept row by a row of Paths (NONE: one cell); a carried run ends where it starts."""

    start: Ints
    end: Ints
    from_at: Ints
    to_at: Ints
    paths: Ints


def rows_of(fixes: Fixes) -> Rows:
    """Ordered, the first of each (assignment, at), without the flagged."""
    order = _order(fixes.assignment, fixes.at)
    assignment, at = fixes.assignment[order], fixes.at[order]
    again = np.zeros(len(order), dtype=np.bool_)
    again[1:] = (assignment[1:] == assignment[:-1]) & (at[1:] == at[:-1])
    chosen = order[~again & (fixes.flags[order] == 0)]
    return Rows(
        assignment=fixes.assignment[chosen],
        at=fixes.at[chosen],
        lat=fixes.lat[chosen],
        lon=fixes.lon[chosen],
        place=fixes.place[chosen],
        carried=np.zeros(len(chosen), dtype=np.bool_),
        fast=np.zeros(len(chosen), dtype=np.bool_),
        run_from=np.full(len(chosen), NONE, dtype=np.int64),
    )


def _order(assignment: Ints, at: Ints) -> Ints:
    later = (assignment[1:] > assignment[:-1]) | ((assignment[1:] == assignment[:-1]) & (at[1:] >= at[:-1]))
    return np.arange(len(at)) if bool(later.all()) else np.lexsort((at, assignment))


def ways(rows: Rows) -> tuple[Floats, Bools]:
    """Metres from each row to the next, and whether the way to each row from the one before was too fast."""
    metres = cells.distances_m(rows.lat[:-1], rows.lon[:-1], rows.lat[1:], rows.lon[1:])
    same = rows.assignment[1:] == rows.assignment[:-1]
    fast = rows.fast.copy()
    speeding = same & _too_fast(metres, rows.at[1:] - rows.at[:-1])
    fast[1:] = np.where(rows.carried[1:], rows.fast[1:], speeding)
    return metres, fast


def kept_of(rows: Rows, metres: Floats, fast: Bools) -> Ints:
    """The rows without leaps: too fast both to and from."""
    leap = fast.copy()
    leap[:-1] &= (rows.assignment[1:] == rows.assignment[:-1]) & _too_fast(metres, rows.at[1:] - rows.at[:-1])
    leap[-1:] = False
    return np.flatnonzero(~leap)


def _too_fast(metres: Floats, spans: Ints) -> Bools:
    fast: Bools = metres * 1000.0 > TOP_SPEED * spans
    return fast


def legs_of(rows: Rows, kept: Ints, metres: Floats, breaks: Breaks, paths: Paths) -> Legs:
    i, j = kept[:-1], kept[1:]
    span = rows.at[j] - rows.at[i]
    near = (rows.assignment[i] == rows.assignment[j]) & (span <= LONGEST_GAP_MS)
    i, j, span = i[near], j[near], span[near]
    way = metres[i]
    jump = np.flatnonzero(j != i + 1)
    way[jump] = cells.distances_m(rows.lat[i[jump]], rows.lon[i[jump]], rows.lat[j[jump]], rows.lon[j[jump]])
    fit = ~_too_fast(way, span) & (way <= FURTHEST_M)
    fit &= ~_across(breaks, rows.assignment[i], rows.at[i], rows.at[j])
    i, j = i[fit], j[fit]
    path = np.full(len(i), NONE, dtype=np.int64)
    moved = np.flatnonzero(rows.place[i] != rows.place[j])
    path[moved] = paths.rows(rows.place[i[moved]], rows.place[j[moved]])
    joined = (path == NONE) | (paths.lengths[path] > 0)
    i, j, path = i[joined], j[joined], path[joined]
    return _with_carried(rows, Legs(start=i, end=j, from_at=rows.at[i], to_at=rows.at[j], paths=path))


def _with_carried(rows: Rows, legs: Legs) -> Legs:
    carried = np.flatnonzero(rows.run_from != NONE)
    if not len(carried):
        return legs
    order = np.argsort(np.concatenate([2 * carried, 2 * legs.start + 1]), kind="stable")
    return Legs(
        start=np.concatenate([carried, legs.start])[order],
        end=np.concatenate([carried, legs.end])[order],
        from_at=np.concatenate([rows.run_from[carried], legs.from_at])[order],
        to_at=np.concatenate([rows.at[carried], legs.to_at])[order],
        paths=np.concatenate([np.full(len(carried), NONE, dtype=np.int64), legs.paths])[order],
    )


def _across(breaks: Breaks, assignment: Ints, from_at: Ints, to_at: Ints) -> Bools:
    """Whether a break of the same assignment meets the open span between two fixes.

    Assignment and time are put into one number, so that one search finds the first break that ends after
    `from_at`; the earliest start among it and the later ones then decides, as other assignments' are later.
    """
    if not len(breaks.from_at) or not len(assignment):
        return np.zeros(len(assignment), dtype=np.bool_)
    numbers, own = np.unique(np.concatenate([assignment, breaks.assignment]), return_inverse=True)
    low = min(int(from_at.min()), int(breaks.from_at.min()))
    width = max(int(to_at.max()), int(breaks.to_at.max())) - low + 2
    ours, theirs = own[: len(assignment)] * width - low, own[len(assignment) :] * width - low
    ends = theirs + breaks.to_at
    order = np.argsort(ends)
    starts = np.minimum.accumulate((theirs + breaks.from_at)[order][::-1])[::-1]
    first = np.searchsorted(ends[order], ours + from_at, side="right")
    starts = np.append(starts, len(numbers) * width)
    across: Bools = starts[first] < ours + to_at
    return across
