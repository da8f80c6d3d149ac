"""Visits that grow with the fixes: what the newest fixes can still change, kept per assignment."""

import msgspec
import numpy as np

from geo.cell import Bools, Ints
from geo.legs import NONE, Rows, rows_of
from geo.path import Paths
from geo.tracks import Breaks, Fixes, Visits, no_breaks, no_visits
from geo.visits import Traced, trace

POINT = [("at", np.int64), ("lat", np.float64), ("lon", np.float64), ("place", np.int64)]
TAIL = np.dtype(
    [("last", POINT), ("anchor", POINT), ("fast", np.bool_), ("anchored", np.bool_), ("run_from", np.int64)]
)


class Grown(msgspec.Struct, frozen=True, kw_only=True):
    """What a batch changed: rows to delete, to write for good, and to write for now.

    An open visit stays until a later `gone` or a write with the same (assignment, from_at, cell). Assignments
    in `late` had a fix older than their last: nothing of theirs was taken, they want `Tails.rewrite`.
    """

    gone: Visits
    settled: Visits
    open: Visits
    late: Ints


class Tails:
    """For each assignment its settled visits and the open ones together are `visits_of` all its fixes so far.

    Only the last fix's fate depends on the next one (whether it was a leap), so everything up to the kept fix
    before it, the anchor, is settled, but for the run that reaches the anchor, which can only grow.
    """

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._slot: dict[int, int] = {}
        self._free: list[int] = []
        self._tails = np.zeros(64, dtype=TAIL)
        self.open: Visits = no_visits()

    def __len__(self) -> int:
        return len(self._slot)

    def extend(self, fixes: Fixes, breaks: Breaks | None = None) -> Grown:
        """Takes each assignment's newer fixes; `breaks` are those that start after its anchor, or all."""
        fresh = rows_of(fixes)
        who, own = np.unique(fresh.assignment, return_inverse=True)
        slots = np.array([self._slot.get(number, NONE) for number in who.tolist()], dtype=np.int64)
        first = np.searchsorted(own, np.arange(len(who)))
        late = (slots != NONE) & (fresh.at[first] <= self._tails["last"]["at"][slots])
        known = (slots != NONE) & ~late
        rows = _after(self._carried(who[known], slots[known]), fresh, ~late[own])
        return self._grow(who[~late], slots[~late], rows, breaks or no_breaks(), late=who[late])

    def rewrite(self, assignments: Ints, fixes: Fixes, breaks: Breaks | None = None) -> Grown:
        """Starts these assignments anew from all their fixes; what was settled before is void."""
        self.forget(assignments)
        fresh = rows_of(fixes)
        who = np.unique(fresh.assignment)
        none = np.full(len(who), NONE, dtype=np.int64)
        return self._grow(who, none, fresh, breaks or no_breaks(), late=assignments[:0])

    def forget(self, assignments: Ints) -> Visits:
        """Drops assignments whose duty is over; gives their open visits, which nothing will change now."""
        theirs = np.isin(self.open.assignment, assignments)
        left = self.open.take(theirs)
        self.open = self.open.take(~theirs)
        for number in assignments.tolist():
            slot = self._slot.pop(number, NONE)
            if slot != NONE:
                self._free.append(slot)
        return left

    def _carried(self, who: Ints, slots: Ints) -> Rows:
        """The anchor and the last fix of each."""
        tails = self._tails[slots]
        anchored = tails["anchored"]
        points = np.concatenate([tails["anchor"][anchored], tails["last"]])
        none = np.full(len(slots), NONE, dtype=np.int64)
        return Rows(
            assignment=np.concatenate([who[anchored], who]),
            at=points["at"],
            lat=points["lat"],
            lon=points["lon"],
            place=points["place"],
            carried=np.ones(len(points), dtype=np.bool_),
            fast=np.concatenate([np.zeros(int(anchored.sum()), dtype=np.bool_), tails["fast"]]),
            run_from=np.concatenate([tails["run_from"][anchored], none]),
        )

    def _grow(self, who: Ints, slots: Ints, rows: Rows, breaks: Breaks, *, late: Ints) -> Grown:
        traced = trace(rows, self._paths, breaks)
        touched = np.isin(self.open.assignment, who)
        before, still = self.open.take(touched), traced.visits.take(traced.open)
        self.open = Visits.joined([self.open.take(~touched), still])
        self._keep(who, slots, rows, traced)
        return Grown(
            gone=before.take(~_among(before, traced.visits)),
            settled=traced.visits.take(~traced.open),
            open=still,
            late=late,
        )

    def _keep(self, who: Ints, slots: Ints, rows: Rows, traced: Traced) -> None:
        for i in np.flatnonzero(slots == NONE).tolist():
            slots[i] = self._new_slot(int(who[i]))
        tails = np.zeros(len(slots), dtype=TAIL)
        for name in ("at", "lat", "lon", "place"):
            values = getattr(rows, name)
            tails["last"][name] = values[traced.last]
            tails["anchor"][name] = values[traced.anchor]
        tails["fast"], tails["run_from"] = traced.fast, traced.run_from
        tails["anchored"] = traced.anchor != NONE
        self._tails[slots] = tails

    def _new_slot(self, number: int) -> int:
        slot = self._free.pop() if self._free else len(self._slot)
        if slot == len(self._tails):
            self._tails = np.concatenate([self._tails, np.zeros_like(self._tails)])
        self._slot[number] = slot
        return slot


def _after(carried: Rows, fresh: Rows, chosen: Bools) -> Rows:
    """Carried rows and the chosen fresh ones, each assignment's together and in order of time."""
    assignment = np.concatenate([carried.assignment, fresh.assignment[chosen]])
    at = np.concatenate([carried.at, fresh.at[chosen]])
    order = np.lexsort((at, assignment))
    return Rows(
        assignment=assignment[order],
        at=at[order],
        lat=np.concatenate([carried.lat, fresh.lat[chosen]])[order],
        lon=np.concatenate([carried.lon, fresh.lon[chosen]])[order],
        place=np.concatenate([carried.place, fresh.place[chosen]])[order],
        carried=np.concatenate([carried.carried, fresh.carried[chosen]])[order],
        fast=np.concatenate([carried.fast, fresh.fast[chosen]])[order],
        run_from=np.concatenate([carried.run_from, fresh.run_from[chosen]])[order],
    )


def _among(visits: Visits, others: Visits) -> Bools:
    """Which have an equal (assignment, from_at, cell) among the others."""
    keys = set(zip(others.assignment.tolist(), others.from_at.tolist(), others.cell.tolist(), strict=True))
    mine = zip(visits.assignment.tolist(), visits.from_at.tolist(), visits.cell.tolist(), strict=True)
    return np.fromiter((key in keys for key in mine), dtype=np.bool_, count=len(visits))
