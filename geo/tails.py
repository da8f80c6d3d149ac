"""Visits that grow with the fixes: what the newest fixes can still change, kept per assignment."""

from collections.abc import Iterator

import msgspec
import numpy as np

from geo.cell import Bools, Ints
from geo.legs import NONE, Rows, rows_of
from geo.path import Paths
from geo.tracks import Breaks, Fixes, Visits, no_breaks, no_visits
from geo.visits import Ends, ends_of, trace

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
        self.paths = paths
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

    def resume(self, fixes: Fixes, stored: Visits, breaks: Breaks | None = None) -> Ints:
        """Goes on where stored visits end, without the fixes before; gives the assignments of which it can.

        `fixes` are the last of each assignment that its visits were made of, four that count at least, and
        `stored` its newest visits, from that on which the fix before the last ended. None may be followed.
        """
        rows = rows_of(fixes)
        if not len(rows):
            return rows.assignment
        breaks = breaks or no_breaks()
        ends = ends_of(rows, self.paths, breaks)
        who = rows.assignment[ends.last]
        run_from = _run_from(who, rows, ends, stored, self.paths)
        good = ends.sure & (~ends.leg | (run_from != NONE))
        slots = np.full(int(good.sum()), NONE, dtype=np.int64)
        self._keep(
            who[good],
            slots,
            rows,
            last=ends.last[good],
            anchor=ends.anchor[good],
            fast=ends.fast[good],
            run_from=run_from[good],
        )
        carried = _after(self._carried(who[good], slots), rows, np.zeros(len(rows), dtype=np.bool_))
        return self._checked(who[good], carried, stored, breaks)

    def _checked(self, who: Ints, carried: Rows, stored: Visits, breaks: Breaks) -> Ints:
        """Those whose open visits are among the stored ones, as they are if nothing went wrong before."""
        traced = trace(carried, self.paths, breaks)
        still = traced.visits.take(traced.open)
        strange = still.assignment[~among(still, stored, whole=True)]
        self.open = Visits.joined([self.open, still])
        self.forget(strange)
        return np.setdiff1d(who, strange)

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
        traced = trace(rows, self.paths, breaks)
        touched = np.isin(self.open.assignment, who)
        before, still = self.open.take(touched), traced.visits.take(traced.open)
        self.open = Visits.joined([self.open.take(~touched), still])
        self._keep(
            who,
            slots,
            rows,
            last=traced.last,
            anchor=traced.anchor,
            fast=traced.fast,
            run_from=traced.run_from,
        )
        return Grown(
            gone=before.take(~among(before, traced.visits)),
            settled=traced.visits.take(~traced.open),
            open=still,
            late=late,
        )

    def _keep(
        self, who: Ints, slots: Ints, rows: Rows, *, last: Ints, anchor: Ints, fast: Bools, run_from: Ints
    ) -> None:
        """Gives a slot, in `slots` too, to those that have none."""
        for i in np.flatnonzero(slots == NONE).tolist():
            slots[i] = self._new_slot(int(who[i]))
        tails = np.zeros(len(slots), dtype=TAIL)
        for name in ("at", "lat", "lon", "place"):
            values = getattr(rows, name)
            tails["last"][name] = values[last]
            tails["anchor"][name] = values[anchor]
        tails["fast"], tails["run_from"] = fast, run_from
        tails["anchored"] = anchor != NONE
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


def _run_from(who: Ints, rows: Rows, ends: Ends, stored: Visits, paths: Paths) -> Ints:
    """Where a leg ends at the anchor, the start of the stored visit that it is the end of; else NONE."""
    place, at = rows.place[ends.anchor], rows.at[ends.anchor]
    own = np.minimum(np.searchsorted(who, stored.assignment), len(who) - 1)
    fits = (who[own] == stored.assignment) & ends.leg[own] & ~stored.checkpoint
    fits &= (stored.cell == paths.index.cells[place[own]]) & (stored.from_at <= at[own])
    fits &= at[own] <= stored.to_at
    found = np.full(len(who), NONE, dtype=np.int64)
    np.maximum.at(found, own[fits], stored.from_at[fits])
    return found


def among(visits: Visits, others: Visits, *, whole: bool = False) -> Bools:
    """Which have an equal (assignment, from_at, cell), and `to_at` if `whole`, among the others."""
    keys = set(_keys(others, whole))
    return np.fromiter((key in keys for key in _keys(visits, whole)), dtype=np.bool_, count=len(visits))


def _keys(visits: Visits, whole: bool) -> Iterator[tuple[int, ...]]:
    columns = [visits.assignment, visits.from_at, visits.cell, *([visits.to_at] if whole else [])]
    return zip(*(column.tolist() for column in columns), strict=True)
