"""Legs → parts → visits, for many assignments at once."""

import msgspec
import numpy as np

from geo.cell import Bools, Cells, Ints
from geo.legs import NONE, Legs, Rows, kept_of, legs_of, rows_of, ways
from geo.path import Paths
from geo.tracks import Breaks, Fixes, Visits, no_breaks


class Traced(msgspec.Struct, frozen=True, kw_only=True):
    """The visits in order, and what the next batch needs to know of each assignment.

    `last` is its last row and `anchor` the kept row before it (NONE where there is none), `fast` and
    `run_from` what Rows says of them. `open` marks the visits that later fixes in order may still change.
    """

    visits: Visits
    open: Bools
    last: Ints
    anchor: Ints
    fast: Bools
    run_from: Ints


class Ends(msgspec.Struct, frozen=True, kw_only=True):
    """Of each assignment what Traced says of its end, and whether a leg ends at the anchor.

    `sure` where that is so whatever came before the rows.
    """

    last: Ints
    anchor: Ints
    fast: Bools
    leg: Bools
    sure: Bools


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """The legs cut into cells, in order; `leg` is the leg of each, `final` whether it is the leg's last."""

    leg: Ints
    final: Bools
    cell: Cells
    place: Ints
    from_at: Ints
    to_at: Ints


class Runs(msgspec.Struct, frozen=True, kw_only=True):
    """The first and last part of each run, and for each row the start of the run that ends a leg there."""

    first: Ints
    last: Ints
    from_at: Ints


def visits_of(fixes: Fixes, paths: Paths, breaks: Breaks | None = None) -> Visits:
    """What `track.visits` gives for each assignment, ordered by assignment and time."""
    return trace(rows_of(fixes), paths, breaks or no_breaks()).visits


def trace(rows: Rows, paths: Paths, breaks: Breaks) -> Traced:
    metres, fast = ways(rows)
    kept = kept_of(rows, metres, fast)
    legs = legs_of(rows, kept, metres, breaks, paths)
    parts = _parts(rows, legs, paths)
    runs = _runs(rows, legs, parts)
    last, anchor = _ends(rows, kept)
    fixed = np.where(anchor == NONE, last, anchor)
    fixed = np.repeat(fixed, np.diff(last, prepend=-1))
    visits, still = _visits(
        rows, legs, parts, runs, alone=_alone(kept, legs, len(rows)), fixed=fixed, paths=paths
    )
    return Traced(
        visits=visits,
        open=still,
        last=last,
        anchor=anchor,
        fast=fast[last],
        run_from=np.where(anchor == NONE, NONE, runs.from_at[anchor]),
    )


def ends_of(rows: Rows, paths: Paths, breaks: Breaks) -> Ends:
    """Only whether the first row of each assignment was a leap can't be seen here."""
    metres, fast = ways(rows)
    kept = kept_of(rows, metres, fast)
    last, anchor = _ends(rows, kept)
    before = kept[np.maximum(np.searchsorted(kept, anchor) - 1, 0)]
    ended = np.zeros(len(rows) + 1, dtype=np.bool_)
    ended[legs_of(rows, kept, metres, breaks, paths).end] = True
    return Ends(
        last=last,
        anchor=anchor,
        fast=fast[last],
        leg=ended[anchor],
        sure=(anchor != NONE) & (before > np.append(0, last[:-1] + 1)) & (before < anchor),
    )


def _ends(rows: Rows, kept: Ints) -> tuple[Ints, Ints]:
    """Of each assignment the last row, and the kept row before that."""
    last = np.flatnonzero(np.append(rows.assignment[1:] != rows.assignment[:-1], True)[: len(rows)])
    before = np.searchsorted(kept, last) - 1
    anchor = kept[np.maximum(before, 0)]
    known = (before >= 0) & (rows.assignment[anchor] == rows.assignment[last])
    return last, np.where(known, anchor, NONE)


def _parts(rows: Rows, legs: Legs, paths: Paths) -> Parts:
    lengths = np.where(legs.paths == NONE, 1, paths.lengths[legs.paths])
    leg = np.repeat(np.arange(len(lengths)), lengths)
    k = np.arange(len(leg)) - (np.cumsum(lengths) - lengths)[leg]
    n, begin = lengths[leg], legs.from_at[leg]
    span = legs.to_at[leg] - begin
    place = rows.place[legs.start[leg]]
    cell = paths.index.cells[place]
    moved = np.flatnonzero(legs.paths[leg] != NONE)
    way, step = legs.paths[leg[moved]], k[moved]
    cell[moved], place[moved] = paths.steps[way, step], paths.places[way, step]
    return Parts(
        leg=leg,
        final=k == n - 1,
        cell=cell,
        place=place,
        from_at=begin + k * span // n,
        to_at=begin + (k + 1) * span // n,
    )


def _runs(rows: Rows, legs: Legs, parts: Parts) -> Runs:
    """Maximal runs of touching parts in one cell."""
    changes = np.ones(len(parts.leg), dtype=np.bool_)
    who = rows.assignment[legs.start[parts.leg]]
    changes[1:] = (who[1:] != who[:-1]) | (parts.cell[1:] != parts.cell[:-1])
    changes[1:] |= parts.from_at[1:] != parts.to_at[:-1]
    first = np.flatnonzero(changes)
    from_at = np.full(len(rows), NONE, dtype=np.int64)
    from_at[legs.end] = parts.from_at[first][(np.cumsum(changes) - 1)[parts.final]]
    last = np.flatnonzero(np.append(changes[1:], True)[: len(changes)])
    return Runs(first=first, last=last, from_at=from_at)


def _visits(
    rows: Rows, legs: Legs, parts: Parts, runs: Runs, *, alone: Ints, fixed: Ints, paths: Paths
) -> tuple[Visits, Bools]:
    """Runs and lone rows in order, and whether each may still change: those from the row `fixed` on may."""
    begin, end = legs.start[parts.leg[runs.first]], parts.leg[runs.last]
    order = np.argsort(np.concatenate([begin, alone]), kind="stable")
    until = fixed[legs.end[end]]
    still = (legs.start[end] >= until) | ((legs.end[end] == until) & parts.final[runs.last])
    visits = Visits(
        assignment=rows.assignment[np.concatenate([begin, alone])][order],
        cell=np.concatenate([parts.cell[runs.first], paths.index.cells[rows.place[alone]]])[order],
        place=np.concatenate([parts.place[runs.first], rows.place[alone]])[order],
        from_at=np.concatenate([parts.from_at[runs.first], rows.at[alone]])[order],
        to_at=np.concatenate([parts.to_at[runs.last], rows.at[alone]])[order],
        checkpoint=np.zeros(len(order), dtype=np.bool_),
    )
    return visits, np.concatenate([still, alone >= fixed[alone]])[order]


def _alone(kept: Ints, legs: Legs, count: int) -> Ints:
    """Kept rows on no leg."""
    alone = np.zeros(count, dtype=np.bool_)
    alone[kept] = True
    alone[legs.start] = False
    alone[legs.end] = False
    return np.flatnonzero(alone)
