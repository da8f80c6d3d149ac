"""Visits, target intervals and weights → what is covered, at an instant and over a period."""

from typing import Self

import msgspec
import numpy as np

from geo.cell import Bools, Floats, Ints
from geo.index import OUTSIDE
from geo.tracks import Visits

SHORTEST_DWELL_MS = 10_000
COLD = 0


class Weights(msgspec.Struct, frozen=True, kw_only=True):
    """w(t) of every cell: from `starts[i]` on, up to the next start, `rows[row[i]]`; all greater than 0."""

    starts: Ints
    row: Ints
    rows: Floats

    def __post_init__(self) -> None:
        if not len(self.starts) or len(self.starts) != len(self.row):
            raise ValueError("weights: give one row for each start, and at least one")
        if not bool((np.diff(self.starts) > 0).all()):
            raise ValueError("weights: starts must rise")
        if not bool((self.rows > 0).all()):
            raise ValueError("weights: every weight must be greater than 0")

    @classmethod
    def constant(cls, row: Floats, since: int = 0) -> Self:
        return cls(starts=np.array([since]), row=np.zeros(1, dtype=np.int64), rows=row.reshape(1, -1))

    def at(self, t: int) -> Floats:
        row: Floats = self.rows[self.row[self._segment(t)]]
        return row

    def between(self, a: int, b: int) -> tuple[Ints, Floats]:
        """The bounds a = s₀ < s₁ < … = b of the segments in [a, b), and the weights in each."""
        if b <= a:
            raise ValueError(f"period: the end {b} must lie after the start {a}")
        first = self._segment(a)
        stop = int(np.searchsorted(self.starts, b, side="left"))
        bounds = np.concatenate([[a], self.starts[first + 1 : stop], [b]])
        return bounds, self.rows[self.row[first : max(stop, first + 1)]]

    def _segment(self, t: int) -> int:
        segment = int(np.searchsorted(self.starts, t, side="right")) - 1
        if segment < 0:
            raise ValueError(f"weights: none before {int(self.starts[0])}, asked for {t}")
        return segment


class Sums(msgspec.Struct, frozen=True, kw_only=True):
    """Weight covered and weight in all, of each cell (or, rolled up, of each group)."""

    covered: Floats
    total: Floats

    def share(self) -> float:
        """Of all together; 0 of nothing."""
        total = float(self.total.sum())
        return float(self.covered.sum()) / total if total else 0.0

    def shares(self) -> Floats:
        """Of each; 0 where there is nothing."""
        return np.divide(self.covered, self.total, out=np.zeros_like(self.covered), where=self.total > 0)

    def rolled_up(self, group: Ints, count: int) -> "Sums":
        """By parent or area: `group` gives each cell's, 0…count-1."""
        covered: Floats = np.bincount(group, weights=self.covered, minlength=count).astype(np.float64)
        total: Floats = np.bincount(group, weights=self.total, minlength=count).astype(np.float64)
        return Sums(covered=covered, total=total)


def counting(visits: Visits) -> Bools:
    """Long enough or from a checkpoint, and in the district."""
    lasting = (visits.to_at - visits.from_at >= SHORTEST_DWELL_MS) | visits.checkpoint
    counts: Bools = lasting & (visits.place != OUTSIDE)
    return counts


def covered_until(visits: Visits, targets: Ints, t: int) -> Ints:
    """For each cell the time up to which it is covered if nobody comes again; COLD where it isn't at t.

    `targets` are the cells' intervals T in milliseconds. Visits that ended more than the longest T before t
    make no difference.
    """
    chosen = counting(visits) & (visits.from_at <= t)
    last = np.full(len(targets), np.iinfo(np.int64).min // 2, dtype=np.int64)
    np.maximum.at(last, visits.place[chosen], visits.to_at[chosen])
    return until(last, targets, t)


def until(last: Ints, targets: Ints, t: int) -> Ints:
    """From the latest end of a counting visit in each cell."""
    ends = last + targets
    return np.where(ends > t, ends, COLD)


def at_instant(covered_until: Ints, weights: Weights, t: int) -> Sums:
    row = weights.at(t)
    return Sums(covered=row * (covered_until > t), total=row)


def over_period(visits: Visits, targets: Ints, weights: Weights, a: int, b: int) -> Sums:
    """∫w·covered and ∫w over [a, b) of each cell, in weight · ms; visits must reach back to a − longest T.

    Covered milliseconds are summed as whole numbers by cell and segment of constant weight, so that the
    result does not depend on the visits' order.
    """
    _, covered, total = over_segments(visits, targets, weights, a, b)
    return Sums(covered=covered.sum(axis=0), total=total.sum(axis=0))


def over_segments(
    visits: Visits, targets: Ints, weights: Weights, a: int, b: int
) -> tuple[Ints, Floats, Floats]:
    """As `over_period`, by segments of constant weight: their bounds, and both sums as (segments, cells)."""
    bounds, rows = weights.between(a, b)
    spans = _by_segment(*pieces(visits, targets, a, b), bounds, len(targets))
    return bounds, spans * rows, np.diff(bounds)[:, None] * rows


def pieces(visits: Visits, targets: Ints, a: int, b: int) -> tuple[Ints, Ints, Ints]:
    """The union of [from, to + T) of each cell within [a, b), cut into disjoint pieces.

    Place and time are put into one number: sorted by start, a visit adds what lies beyond the furthest end so
    far, and a former cell's furthest end never reaches into the next cell.
    """
    ends = visits.to_at + targets[visits.place]
    chosen = counting(visits) & (visits.from_at < b) & (ends > a)
    place, width = visits.place[chosen], b - a + 1
    start = place * width + np.maximum(visits.from_at[chosen] - a, 0)
    end = place * width + np.minimum(ends[chosen] - a, b - a)
    order = np.argsort(start)
    place, start, end = place[order], start[order], end[order]
    furthest = np.maximum.accumulate(end)
    start[1:] = np.maximum(start[1:], furthest[:-1])
    new = end > start
    place, start, end = place[new], start[new], end[new]
    return place, start - place * width + a, end - place * width + a


def _by_segment(place: Ints, start: Ints, end: Ints, bounds: Ints, count: int) -> Floats:
    """(segments, cells): milliseconds of the pieces in each; those over a bound are split there."""
    segments = len(bounds) - 1
    spans = np.zeros(segments * count, dtype=np.float64)
    while len(place):
        segment = np.searchsorted(bounds, start, side="right") - 1
        stop = np.minimum(end, bounds[segment + 1])
        spans += np.bincount(segment * count + place, weights=stop - start, minlength=segments * count)
        over = stop < end
        place, start, end = place[over], stop[over], end[over]
    return spans.reshape(segments, count)
