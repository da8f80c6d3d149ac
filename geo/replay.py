"""A past period as pictures: which cells are covered at each, told as what changed since the one before."""

import msgspec
import numpy as np

from geo.cell import Floats, Ints
from geo.coverage import Weights, pieces
from geo.tracks import Visits


class Frames(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """At each of `times` the cells in `on` become covered, those in `off` cold; before that all are cold.

    `coverage` is the covered share of the weight at each time.
    """

    times: Ints
    on: list[Ints]
    off: list[Ints]
    coverage: Floats


def frames(visits: Visits, targets: Ints, weights: Weights, times: Ints, shown: Ints) -> Frames:
    """Of the `shown` cells; `times` rise evenly, visits must reach back by the longest T."""
    a, step = int(times[0]), int(times[1] - times[0])
    place, start, end = pieces(visits, targets, a, int(times[-1]) + 1)
    changes = _changes(place, -(-(start - a) // step), -(-(end - a) // step), (len(times), len(targets)))
    changes = changes[:, shown]
    covered = np.cumsum(changes, axis=0, dtype=np.int8).astype(np.bool_)
    share = np.empty(len(times))
    for n, t in enumerate(times.tolist()):
        row = weights.at(t)[shown]
        share[n] = (row @ covered[n]) / row.sum() if len(row) else 0.0
    return Frames(
        times=times,
        on=[shown[np.flatnonzero(row > 0)] for row in changes],
        off=[shown[np.flatnonzero(row < 0)] for row in changes],
        coverage=share,
    )


def _changes(
    place: Ints, first: Ints, stop: Ints, shape: tuple[int, int]
) -> np.ndarray[tuple[int, int], np.dtype[np.int8]]:
    """1 where a cell becomes covered, −1 where cold: pieces that touch cancel where they meet."""
    count, cells = shape
    size = (count + 1) * cells
    stop = np.minimum(stop, count)
    begun = np.bincount(first * cells + place, minlength=size)
    over = np.bincount(stop * cells + place, minlength=size)
    return (begun - over).astype(np.int8).reshape(count + 1, cells)[:count]
