"""Fixes that were read from the database before they came by the queue of what was committed here."""

from collections.abc import Iterable

import numpy as np

from alliance.feed.batch import last_rows
from geo.cell import Bools, Ints
from geo.tracks import Fixes

# Wider than any instant, so that one number holds whose and when.
STRIDE = 1 << 42


class Ahead:
    """Which fixes the visits tell of already: unknown they would look late, and be read again and again.

    `taken` is the newest instant of each assignment that came by the queue.
    """

    def __init__(self) -> None:
        self._taken: dict[int, int] = {}
        self._assignment: Ints = np.zeros(0, dtype=np.int64)
        self._at: Ints = np.zeros(0, dtype=np.int64)

    def __len__(self) -> int:
        return len(self._at)

    def take(self, fixes: Fixes) -> set[int]:
        """They came by the queue; gives whose they are."""
        last = last_rows(fixes.assignment, fixes.at)
        newest = dict(zip(fixes.assignment[last].tolist(), fixes.at[last].tolist(), strict=True))
        self._taken.update(newest)
        return set(newest)

    def read(self, assignments: Ints, fixes: Fixes) -> None:
        """These are all fixes of the assignments: those that the queue has not brought are remembered."""
        who, own = np.unique(fixes.assignment, return_inverse=True)
        taken = np.array([self._taken.get(one, 0) for one in who.tolist()], dtype=np.int64)
        new = fixes.at > taken[own]
        left = ~np.isin(self._assignment, assignments)
        self._assignment = np.concatenate([self._assignment[left], fixes.assignment[new]])
        self._at = np.concatenate([self._at[left], fixes.at[new]])

    def fresh(self, fixes: Fixes) -> Fixes:
        """Those that no reading brought; of the others it is known now that they came."""
        if not len(self):
            return fixes
        who = np.unique(self._assignment)
        mine, theirs = _keys(who, self._assignment, self._at), _keys(who, fixes.assignment, fixes.at)
        left = ~np.isin(mine, theirs)
        known: Bools = np.isin(fixes.assignment, who) & np.isin(theirs, mine)
        self._assignment, self._at = self._assignment[left], self._at[left]
        return fixes.take(~known)

    def forget(self, assignments: Iterable[int]) -> None:
        gone = list(assignments)
        for one in gone:
            self._taken.pop(one, None)
        left = ~np.isin(self._assignment, np.array(gone, dtype=np.int64))
        self._assignment, self._at = self._assignment[left], self._at[left]


def _keys(who: Ints, assignment: Ints, at: Ints) -> Ints:
    """One number for each fix of the assignments `who`, which are sorted; others get any."""
    return np.searchsorted(who, assignment) * STRIDE + at
