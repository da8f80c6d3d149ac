"""The columns of what is known of a person on the way through the horizon."""

import numpy as np

from scheduler.calendar import Ints

READY, SAME_DAY, LAST, DAY_MS, WEEK, WEEK_MS, MONTH, OVER_MS = range(8)
RUN, DARK, STREAK, TOTAL_MS, NIGHTS, WEEKENDS, FROM, NODE = range(8, 16)
# Of people with a contract only: the kind of the last duty, and per counter its window and amount.
LAST_KIND, COUNTERS = 16, 12
WINDOW, AMOUNT = 17, 17 + COUNTERS
WIDTH = AMOUNT + COUNTERS
LONG_AGO = -(1 << 50)


def untouched(people: int) -> Ints:
    state = np.zeros((people, WIDTH), dtype=np.int64)
    state[:, [READY, SAME_DAY, LAST, WEEK, MONTH, DARK]] = LONG_AGO
    state[:, WINDOW:AMOUNT] = LONG_AGO
    return state
