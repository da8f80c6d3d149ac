"""What is covered now, kept up with the fixes as they come."""

import numpy as np

from geo.cell import Ints
from geo.coverage import counting, until
from geo.path import Paths
from geo.tails import Grown, Tails, among
from geo.tracks import Breaks, Fixes, Visits, no_visits

LONG_AGO = np.iinfo(np.int64).min // 2
MOST_CHUNKS = 64


class LiveCoverage:
    """At any t its cells are what `covered_until` gives from all visits of all fixes so far.

    Settled visits are kept for the longest target interval, because a late fix can take one back.
    """

    def __init__(self, paths: Paths, targets: Ints) -> None:
        self.targets = targets
        self.tails = Tails(paths)
        self._settled: list[Visits] = []
        self._coming: list[Visits] = []
        self._elsewhere = no_visits()
        self._last = np.full(len(targets), LONG_AGO, dtype=np.int64)

    def load(self, visits: Visits) -> None:
        """Visits that no fix to come will change: of past duties, or scans of checkpoints."""
        chosen = visits.take(counting(visits))
        if len(chosen):
            self._settled.append(chosen)
            self._coming.append(chosen)

    def extend(self, fixes: Fixes, breaks: Breaks | None = None) -> Grown:
        """See `Tails.extend`; what it settles is loaded."""
        grown = self.tails.extend(fixes, breaks)
        self.load(grown.settled)
        return grown

    def rewrite(
        self, assignments: Ints, fixes: Fixes, breaks: Breaks | None = None, scans: Visits | None = None
    ) -> Grown:
        """Starts assignments anew from all their fixes and scans; without `scans` those known stay."""
        self._drop(assignments, scans=scans is not None)
        grown = self.tails.rewrite(assignments, fixes, breaks)
        self.load(grown.settled)
        if scans is not None:
            self.load(scans)
        return grown

    def resume(self, fixes: Fixes, stored: Visits, breaks: Breaks | None = None) -> Ints:
        """See `Tails.resume`; the stored visits are taken for all that is known of these assignments."""
        resumed = self.tails.resume(fixes, stored, breaks)
        self._drop(resumed, scans=True)
        still = self.tails.open.take(np.isin(self.tails.open.assignment, resumed))
        known = np.isin(stored.assignment, resumed) & (stored.checkpoint | ~among(stored, still))
        self.load(stored.take(known))
        return resumed

    def hear(self, settled: Visits, still: Visits) -> None:
        """What visits of assignments that are followed elsewhere have become; `still` ones may grow yet."""
        self.load(settled)
        theirs = np.concatenate([settled.assignment, still.assignment])
        left = self._elsewhere.take(~np.isin(self._elsewhere.assignment, theirs))
        self._elsewhere = Visits.joined([left, still])

    def hear_anew(self, assignments: Ints, visits: Visits) -> None:
        """All visits of assignments that were rewritten elsewhere."""
        self._drop(assignments, scans=True)
        self.load(visits)

    def _drop(self, assignments: Ints, *, scans: bool) -> None:
        left = [
            v.take(~np.isin(v.assignment, assignments) | (v.checkpoint & (not scans))) for v in self._settled
        ]
        self._settled, self._coming = left, left.copy()
        self._elsewhere = self._elsewhere.take(~np.isin(self._elsewhere.assignment, assignments))
        self._last[:] = LONG_AGO

    def forget(self, assignments: Ints) -> None:
        """Ends duties; their visits stay, as settled ones."""
        self.load(self.tails.forget(assignments))

    def covered_until(self, now: int) -> Ints:
        """For each cell, COLD or the time up to which it is covered; `now` never goes back."""
        self._admit(now)
        chosen = Visits.joined([self.tails.open, self._elsewhere])
        chosen = chosen.take(counting(chosen) & (chosen.from_at <= now))
        last = self._last.copy()
        np.maximum.at(last, chosen.place, chosen.to_at)
        return until(last, self.targets, now)

    def _admit(self, now: int) -> None:
        """Folds in what has begun by now; the rest waits for its time."""
        if self._coming:
            coming = Visits.joined(self._coming)
            begun = coming.from_at <= now
            np.maximum.at(self._last, coming.place[begun], coming.to_at[begun])
            self._coming = [] if bool(begun.all()) else [coming.take(~begun)]
        if len(self._settled) > MOST_CHUNKS:
            whole = Visits.joined(self._settled)
            kept = whole.take(whole.to_at + self.targets[whole.place] > now)
            self._settled = [kept if len(kept) else no_visits()]
            past = self._elsewhere
            self._elsewhere = past.take(past.to_at + self.targets[past.place] > now)
