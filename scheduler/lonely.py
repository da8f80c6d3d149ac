"""Where people stand in breach of not_alone."""

import numpy as np

from scheduler.board import Places
from scheduler.calendar import Ints
from scheduler.compiled import compiled
from scheduler.place import CERTIFIED, GUARDS, PEOPLE, stands


@compiled
def lonely(places: Places, counts: Ints) -> Ints:
    """The places, in order."""
    found, many = np.zeros(len(counts), dtype=np.int64), 0
    for n in range(len(counts)):
        if counts[n, PEOPLE] > 0 and not stands(
            places, n, counts[n, PEOPLE], counts[n, GUARDS], counts[n, CERTIFIED]
        ):
            found[many] = n
            many += 1
    return found[:many]
