"""Many assignments' fixes, breaks and visits as arrays of equal length."""

from collections.abc import Sequence
from typing import Self

import msgspec
import numpy as np
import numpy.typing as npt

from geo.cell import Bools, Cells, Floats, Ints
from geo.index import OUTSIDE, CellIndex
from geo.track import COARSE_M, Flag


class Fixes(msgspec.Struct, frozen=True, kw_only=True):
    """`place` is the position of the fix's cell in the district's index."""

    assignment: Ints
    at: Ints
    lat: Floats
    lon: Floats
    place: Ints
    flags: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.at)

    def take(self, which: Ints | Bools) -> "Fixes":
        return Fixes(**{name: getattr(self, name)[which] for name in self.__struct_fields__})

    @classmethod
    def joined(cls, several: Sequence[Self]) -> "Fixes":
        names = cls.__struct_fields__
        return Fixes(**{name: np.concatenate([getattr(one, name) for one in several]) for name in names})


class Breaks(msgspec.Struct, frozen=True, kw_only=True):
    assignment: Ints
    from_at: Ints
    to_at: Ints


class Visits(msgspec.Struct, frozen=True, kw_only=True):
    """`place` is the cell's position in the district's index, OUTSIDE where a path left the district.

    `checkpoint` marks those made by scanning a checkpoint, which count whatever their dwell.
    """

    assignment: Ints
    cell: Cells
    place: Ints
    from_at: Ints
    to_at: Ints
    checkpoint: Bools

    def __len__(self) -> int:
        return len(self.from_at)

    def take(self, which: Ints | Bools) -> "Visits":
        return Visits(
            assignment=self.assignment[which],
            cell=self.cell[which],
            place=self.place[which],
            from_at=self.from_at[which],
            to_at=self.to_at[which],
            checkpoint=self.checkpoint[which],
        )

    @classmethod
    def joined(cls, several: Sequence[Self]) -> "Visits":
        return Visits(
            assignment=np.concatenate([v.assignment for v in several]),
            cell=np.concatenate([v.cell for v in several]),
            place=np.concatenate([v.place for v in several]),
            from_at=np.concatenate([v.from_at for v in several]),
            to_at=np.concatenate([v.to_at for v in several]),
            checkpoint=np.concatenate([v.checkpoint for v in several]),
        )


def no_breaks() -> Breaks:
    none = np.zeros(0, dtype=np.int64)
    return Breaks(assignment=none, from_at=none, to_at=none)


def no_visits() -> Visits:
    none = np.zeros(0, dtype=np.int64)
    return Visits(
        assignment=none,
        cell=none.astype(np.uint64),
        place=none,
        from_at=none,
        to_at=none,
        checkpoint=none.astype(np.bool_),
    )


def visits(
    index: CellIndex, *, assignment: Ints, cell: Cells, from_at: Ints, to_at: Ints, checkpoint: Bools
) -> Visits:
    """Stored visits, put in their places."""
    return Visits(
        assignment=assignment,
        cell=cell,
        place=index.places(cell),
        from_at=from_at,
        to_at=to_at,
        checkpoint=checkpoint,
    )


def fixes(
    index: CellIndex,
    *,
    assignment: Ints,
    at: Ints,
    lat: Floats,
    lon: Floats,
    accuracy: Floats,
    mock: Bools,
) -> Fixes:
    """Finds each fix's cell and flags it."""
    place = index.places_at(lat, lon)
    marks = (
        (accuracy > COARSE_M) * np.uint8(Flag.COARSE)
        + (place == OUTSIDE) * np.uint8(Flag.OUTSIDE)
        + mock * np.uint8(Flag.MOCK)
    )
    return Fixes(assignment=assignment, at=at, lat=lat, lon=lon, place=place, flags=marks.astype(np.uint8))
