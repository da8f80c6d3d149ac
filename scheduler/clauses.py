"""What contracts allow and what they are worth, duty by duty along one person's way."""

import numpy as np

from scheduler.board import Board, Clauses
from scheduler.calendar import Duty, Ints
from scheduler.compiled import compiled
from scheduler.state import AMOUNT, LAST, LAST_KIND, LONG_AGO, RUN, WINDOW

WORKING_LEAST, WORKING_MOST, OFF_LEAST, OFF_MOST = range(4)
OUTSIDE_WINDOW = -1
UNLIMITED = 1 << 40


@compiled
def agreed(clauses: Clauses, duty: Duty, d: int, before: Ints, after: Ints, who: int) -> bool:
    """Writes the counters after duty d; false if the contract forbids it."""
    c, day, kind = clauses.of[who], duty.day[d], clauses.kind[d]
    close = day <= before[LAST] + 1
    legal = not (close and clauses.never[c, before[LAST_KIND], kind] == 1)
    after[LAST_KIND] = kind
    for n in range(clauses.first[c], clauses.first[c + 1]):
        column = n - clauses.first[c]
        window, amount = clauses.window[n, d], clauses.amount[n, d]
        if window == OUTSIDE_WINDOW:
            after[WINDOW + column], after[AMOUNT + column] = before[WINDOW + column], before[AMOUNT + column]
            continue
        was = _reached(clauses, n, window, before)
        if clauses.weekend[n] == 1 and before[WINDOW + column] == window and _same_weekend(before[LAST], day):
            amount = 0
        after[WINDOW + column], after[AMOUNT + column] = window, was + amount
        legal = legal and (amount == 0 or was + amount <= clauses.most[n])
    return bool(legal)


@compiled
def _same_weekend(last: int, day: int) -> bool:
    return bool(last == day or (last == day - 1 and (day + 3) % 7 == 6))


@compiled
def _reached(clauses: Clauses, n: int, window: int, state: Ints) -> int:
    column = n - clauses.first[clauses.owner[n]]
    return int(state[AMOUNT + column]) if state[WINDOW + column] == window else 0


@compiled
def promised(clauses: Clauses, who: int, d: int, before: Ints, after: Ints) -> float:
    """What duty d does to the soft minimums, and what the run or the days off that it ends have cost."""
    c, worth = clauses.of[who], 0.0
    for n in range(clauses.first[c], clauses.first[c + 1]):
        if clauses.price[n, d] > 0.0:
            window = clauses.window[n, d]
            was, now = _reached(clauses, n, window, before), _reached(clauses, n, window, after)
            worth += clauses.price[n, d] * (min(clauses.least[n], now) - min(clauses.least[n], was))
    if clauses.stretches[c] == 1:
        worth -= _ended(clauses, c, before, clauses.day[d])
    return float(worth)


@compiled
def _ended(clauses: Clauses, c: int, state: Ints, day: int) -> float:
    """The price of the run and the days off before a duty on that day."""
    last, first = state[LAST], clauses.horizon[0]
    if day > clauses.horizon[1]:
        return _at_the_end(clauses, c, state)
    if day == last or day < first:
        return 0.0
    asked = clauses.asked[c]
    if last == LONG_AGO:
        return float(clauses.cost[c, 1] * max(0, day - first - asked[OFF_MOST]))
    off = day - last - 1
    if off == 0:
        return 0.0
    few = max(0, asked[OFF_LEAST] - off)
    return _run_cost(clauses, c, state) + float(clauses.cost[c, 1] * (few + max(0, off - asked[OFF_MOST])))


@compiled
def _run_cost(clauses: Clauses, c: int, state: Ints) -> float:
    """Of a run that has ended; one that ended before the horizon costs nothing now."""
    if state[LAST] < clauses.horizon[0] - 1:
        return 0.0
    asked, length = clauses.asked[c], state[RUN]
    days = max(0, asked[WORKING_LEAST] - length) + max(0, length - asked[WORKING_MOST])
    return float(clauses.cost[c, 0] * days)


@compiled
def _at_the_end(clauses: Clauses, c: int, state: Ints) -> float:
    first, last = clauses.horizon[0], clauses.horizon[1]
    asked = clauses.asked[c]
    if state[LAST] > last:
        return 0.0
    if state[LAST] == LONG_AGO:
        return float(clauses.cost[c, 1] * max(0, last + 1 - first - asked[OFF_MOST]))
    if state[LAST] == last:
        return float(clauses.cost[c, 0] * max(0, state[RUN] - asked[WORKING_MOST]))
    off = clauses.cost[c, 1] * max(0, last - state[LAST] - asked[OFF_MOST])
    return _run_cost(clauses, c, state) + float(off)


@compiled
def closing(clauses: Clauses, who: int, state: Ints) -> float:
    """What is settled at the end of the horizon, beside what history alone would have come to."""
    c = clauses.of[who]
    open_ = _at_the_end(clauses, c, state) if clauses.stretches[c] == 1 else 0.0
    return float(-open_ - clauses.alone[who])


@compiled
def no_worse(clauses: Clauses, duty: Duty, d: int, one: Ints, other: Ints, who: int) -> bool:
    """Whether the contract leaves `one` all that it leaves `other` from duty d on, at no higher cost."""
    c, day = clauses.of[who], duty.day[d]
    weekend = (day + 3) % 7 >= 5
    for n in range(clauses.first[c], clauses.first[c + 1]):
        window = clauses.window[n, d]
        if window == OUTSIDE_WINDOW:
            continue
        if _reached(clauses, n, window, one) > _reached(clauses, n, window, other):
            return False
        apart = weekend and one[LAST] != other[LAST] and max(one[LAST], other[LAST]) >= day - 1
        if apart and clauses.weekend[n] == 1:
            return False
    bound = one[LAST] >= day - 1 and clauses.strict[c, one[LAST_KIND]] == 1
    if bound and (one[LAST_KIND] != other[LAST_KIND] or other[LAST] < one[LAST]):
        return False
    return bool(clauses.stretches[c] == 0 or _no_dearer(clauses, c, day, one, other))


@compiled
def _no_dearer(clauses: Clauses, c: int, day: int, one: Ints, other: Ints) -> bool:
    asked, even = clauses.asked[c], one[LAST] == other[LAST]
    if even and one[RUN] == other[RUN]:
        return True
    if one[LAST] >= day - 1 or other[LAST] >= day - 1:
        shorter = one[RUN] <= other[RUN]
        most = max(one[RUN], other[RUN]) <= asked[WORKING_MOST] or shorter
        return bool(even and most and min(one[RUN], other[RUN]) >= asked[WORKING_LEAST])
    if not even:
        off = day - 1 - max(one[LAST], other[LAST])
        if asked[OFF_MOST] < UNLIMITED or off < asked[OFF_LEAST]:
            return False
    return bool(_run_cost(clauses, c, one) <= _run_cost(clauses, c, other))


@compiled
def forget(board: Board, who: int, k: int, state: Ints) -> None:
    """Blots out of a state, on the morning before node k, what the contract can't ask for any more."""
    clauses, d, end = board.clauses, board.nodes.duty[k], board.nodes.first[who + 1]
    c, day = clauses.of[who], board.duty.day[d]
    near, sunday = state[LAST] >= day - 1, (day + 3) % 7 == 6
    if not near or clauses.strict[c, state[LAST_KIND]] == 0:
        state[LAST_KIND] = 0
    if clauses.stretches[c] == 1:
        _blur(clauses, c, day, state)
    elif not near or (clauses.strict[c, state[LAST_KIND]] == 0 and not sunday and state[RUN] == 0):
        state[LAST], state[RUN] = LONG_AGO, 0
    for n in range(clauses.first[c], clauses.first[c + 1]):
        column, window = n - clauses.first[c], clauses.window[n, d]
        if window == OUTSIDE_WINDOW:
            continue
        ahead = 0
        for e in range(k, end):
            if clauses.window[n, board.nodes.duty[e]] == window:
                ahead += clauses.amount[n, board.nodes.duty[e]]
        if state[WINDOW + column] != window or ahead == 0:
            state[WINDOW + column], state[AMOUNT + column] = LONG_AGO, 0
        elif state[AMOUNT + column] + ahead <= clauses.most[n]:
            state[AMOUNT + column] = min(state[AMOUNT + column], int(np.ceil(clauses.least[n])))


@compiled
def _blur(clauses: Clauses, c: int, day: int, state: Ints) -> None:
    """Makes one of all runs and pauses that cost the same whatever follows."""
    asked, first = clauses.asked[c], clauses.horizon[0]
    if state[LAST] >= day - 1 or state[LAST] == LONG_AGO:
        return
    if state[LAST] < first - 1 or _run_cost(clauses, c, state) == 0.0:
        state[RUN] = min(asked[WORKING_LEAST], asked[WORKING_MOST])
    unlimited = asked[OFF_MOST] == UNLIMITED
    free_run = _run_cost(clauses, c, state) == 0.0 or state[LAST] >= first - 1
    if unlimited and free_run and day - 1 - state[LAST] > asked[OFF_LEAST]:
        state[LAST] = day - 1 - asked[OFF_LEAST]


@compiled
def at_most(clauses: Clauses, who: int) -> float:
    """A cap on what any way can add to history alone: every minimum met anew in every window."""
    c, cap = clauses.of[who], 0.0
    for n in range(clauses.first[c], clauses.first[c + 1]):
        for d in range(len(clauses.day)):
            cap += clauses.price[n, d] * clauses.least[n]
    return float(cap - clauses.alone[who])
