"""One person's legal ways through the horizon: a dynamic program over labels, the best at given gains."""

from typing import NamedTuple

import numpy as np

from scheduler.board import Board
from scheduler.calendar import HOUR, Duty, Floats, Ints
from scheduler.clauses import agreed, closing, no_worse, promised
from scheduler.compiled import compiled
from scheduler.state import (
    DARK,
    DAY_MS,
    FROM,
    LAST,
    LONG_AGO,
    MONTH,
    NIGHTS,
    NODE,
    OVER_MS,
    READY,
    RUN,
    SAME_DAY,
    STREAK,
    TOTAL_MS,
    WEEK,
    WEEK_MS,
    WEEKENDS,
    WIDTH,
)

WEEK_NORM = 44 * HOUR
OPTIONAL, FORCED, OUTSIDE = 0, 1, 2
USED, ALIVE, BORN = range(3)
LABELS, ACTIVE = 60_000, 20_000


class Scratch(NamedTuple):
    """Room for one person's labels, reused; `exact` turns 0 if it ever was too small."""

    value: Floats
    label: Ints
    active: Ints
    fresh: Ints
    gain: Floats
    kind: Ints
    post: Ints
    taken: Ints
    size: Ints
    exact: Ints
    beam: int


def scratch(nodes: int, beam: int = ACTIVE) -> Scratch:
    """`nodes` is the largest number of nodes of one person; a narrow beam keeps a day's best labels only."""
    return Scratch(
        value=np.zeros(LABELS),
        label=np.zeros((LABELS, WIDTH), dtype=np.int64),
        active=np.zeros(ACTIVE, dtype=np.int64),
        fresh=np.zeros(ACTIVE, dtype=np.int64),
        gain=np.zeros(nodes),
        kind=np.zeros(nodes, dtype=np.int64),
        post=np.zeros(nodes, dtype=np.int64),
        taken=np.zeros(nodes, dtype=np.int64),
        size=np.zeros(3, dtype=np.int64),
        exact=np.ones(1, dtype=np.int64),
        beam=beam,
    )


@compiled
def step(board: Board, who: int, d: int, before: Ints, after: Ints) -> bool:
    """Writes the state after duty d; false if a hard rule forbids it."""
    duty, law = board.duty, board.law
    day, ms = duty.day[d], duty.end[d] - duty.start[d]
    same_day = day == before[LAST]
    legal = duty.start[d] >= (before[SAME_DAY] if same_day else before[READY])
    after[DAY_MS] = ms + (before[DAY_MS] if same_day else 0)
    week_ms = before[WEEK_MS] if duty.week[d] == before[WEEK] else 0
    over = max(0, week_ms + ms - WEEK_NORM) - max(0, week_ms - WEEK_NORM)
    after[WEEK], after[WEEK_MS], after[MONTH] = duty.week[d], week_ms + ms, duty.month[d]
    after[OVER_MS] = over + (before[OVER_MS] if duty.month[d] == before[MONTH] else 0)
    legal = legal and after[DAY_MS] <= law.day_ms[who] and after[WEEK_MS] <= law.week_ms[who]
    if law.guard[who] == 1:
        legal = legal and (over == 0 or after[OVER_MS] <= law.overtime_ms[who])
    after[RUN] = 1
    if day <= before[LAST] + 1:
        after[RUN] = before[RUN] + (0 if same_day else 1)
    after[LAST] = day
    ready = duty.end[d] + law.rest_ms[who]
    after[READY] = max(before[READY], ready)
    after[SAME_DAY] = max(before[SAME_DAY], ready if law.guard[who] == 1 else duty.end[d])
    _darken(duty, d, before, after)
    rested = duty.night[d] == 0 or after[STREAK] <= law.nights[who]
    legal = legal and rested and after[RUN] <= law.run[who]
    if board.clauses.of[who] >= 0:
        legal = agreed(board.clauses, duty, d, before, after, who) and legal
    return bool(legal)


@compiled
def _darken(duty: Duty, d: int, before: Ints, after: Ints) -> None:
    """The streak of nights; after three, 48 h of rest."""
    after[DARK], after[STREAK] = before[DARK], before[STREAK]
    if duty.night[d] == 0:
        return
    day = duty.day[d]
    after[STREAK] = 1
    if day <= before[DARK] + 1:
        after[STREAK] = before[STREAK] + (0 if day == before[DARK] else 1)
    after[DARK] = day
    if after[STREAK] >= 3:
        after[READY] = max(after[READY], duty.end[d] + 48 * HOUR)
        after[SAME_DAY] = max(after[SAME_DAY], duty.end[d] + 48 * HOUR)


@compiled
def own_sums(board: Board, who: int, d: int, before: Ints, after: Ints) -> float:
    """Adds duty d to hours, nights and weekends, and returns what that is worth to fairness."""
    duty, taste = board.duty, board.taste
    ms, night, weekend = duty.end[d] - duty.start[d], duty.night[d], duty.weekend[d]
    after[TOTAL_MS] = before[TOTAL_MS] + ms
    after[NIGHTS] = before[NIGHTS] + night
    after[WEEKENDS] = before[WEEKENDS] + weekend
    worth = -taste.nights * float(night * (2 * before[NIGHTS] + 1))
    worth -= taste.weekends * float(weekend * (2 * before[WEEKENDS] + 1))
    target = taste.target_ms[who]
    if target >= 0:
        was, now = (before[TOTAL_MS] - target) / (8 * HOUR), (after[TOTAL_MS] - target) / (8 * HOUR)
        worth += taste.hours * (was * was - now * now)
    if board.clauses.of[who] >= 0:
        worth += promised(board.clauses, who, d, before, after)
    return float(worth)


@compiled
def others_sums(board: Board, who: int, d: int, before: Ints, after: Ints) -> float:
    """Like `own_sums` for a duty decided elsewhere, which the own sums hold from the start."""
    for column in (TOTAL_MS, NIGHTS, WEEKENDS):
        after[column] = before[column]
    if board.clauses.of[who] < 0:
        return 0.0
    return float(promised(board.clauses, who, d, before, after))


@compiled
def dominates(board: Board, who: int, d: int, one: Ints, other: Ints) -> bool:
    """Whether every way on from `other`, from duty d or later, is also open to `one` and costs it no more."""
    duty = board.duty
    if board.clauses.of[who] >= 0 and not no_worse(board.clauses, duty, d, one, other, who):
        return False
    day, week, month, now = duty.day[d], duty.week[d], duty.month[d], duty.start[d]
    today = one[SAME_DAY] if one[LAST] == day else one[READY]
    other_today = other[SAME_DAY] if other[LAST] == day else other[READY]
    if one[READY] > max(other[READY], now) or today > max(other_today, now):
        return False
    if one[LAST] == day and one[DAY_MS] > (other[DAY_MS] if other[LAST] == day else 0):
        return False
    if one[WEEK] == week and one[WEEK_MS] > (other[WEEK_MS] if other[WEEK] == week else 0):
        return False
    if one[MONTH] == month and one[OVER_MS] > (other[OVER_MS] if other[MONTH] == month else 0):
        return False
    if one[TOTAL_MS] > other[TOTAL_MS] or one[NIGHTS] > other[NIGHTS] or one[WEEKENDS] > other[WEEKENDS]:
        return False
    return _shorter(one[LAST], one[RUN], other[LAST], other[RUN], day) and _shorter(
        one[DARK], one[STREAK], other[DARK], other[STREAK], day
    )


@compiled
def _shorter(last: int, length: int, other_last: int, other_length: int, day: int) -> bool:
    """Whether a streak can never become longer than the other one, whatever follows."""
    if last < day - 1:
        return True
    if last == other_last:
        return length <= other_length
    return last < other_last and length + 1 <= other_length


@compiled
def best_path(board: Board, who: int, node: Ints, room: Scratch) -> float:
    """Best sum of gains over legal choices among the nodes; `room.taken` marks them; −inf: none is legal."""
    room.label[0] = board.law.state[who]
    room.label[0, FROM] = -1
    room.value[0] = 0.0
    room.active[0] = 0
    room.size[USED], room.size[ALIVE], day = 1, 1, LONG_AGO
    for k in range(len(node)):
        if room.kind[k] == OPTIONAL and room.gain[k] == -np.inf:
            continue
        if board.duty.day[node[k]] != day:
            day = board.duty.day[node[k]]
            _prune(board, who, node[k], room)
        _extend(board, who, node[k], k, room)
        if room.kind[k] != OPTIONAL:
            room.size[ALIVE] = 0
        _admit(room)
    best, value = _best_end(board, who, room)
    room.taken[: len(node)] = 0
    while best > 0:
        room.taken[room.label[best, NODE]] = 1
        best = room.label[best, FROM]
    return float(value)


@compiled
def _best_end(board: Board, who: int, room: Scratch) -> tuple[int, float]:
    """The label with which it is best to end, and its value; −1 if there is none."""
    best, value = -1, -np.inf
    for n in range(room.size[ALIVE]):
        ended = room.value[room.active[n]]
        if board.clauses.of[who] >= 0:
            ended += closing(board.clauses, who, room.label[room.active[n]])
        if best < 0 or ended > value:
            best, value = room.active[n], ended
    return best, value


@compiled
def _admit(room: Scratch) -> None:
    """The fresh labels join the active ones."""
    for n in range(room.size[BORN]):
        if room.size[ALIVE] < ACTIVE:
            room.active[room.size[ALIVE]] = room.fresh[n]
            room.size[ALIVE] += 1
        else:
            room.exact[0] = 0


@compiled
def _extend(board: Board, who: int, d: int, k: int, room: Scratch) -> None:
    """New labels that take node k, which is duty d."""
    room.size[BORN] = 0
    kind, runs = room.kind[k], board.clauses.of[who] >= 0
    for n in range(room.size[ALIVE]):
        used = room.size[USED]
        if used >= LABELS or room.size[BORN] >= ACTIVE:
            room.exact[0] = 0
            break
        parent = room.active[n]
        before, after = room.label[parent], room.label[used]
        if not step(board, who, d, before, after):
            continue
        if kind == OUTSIDE:
            gain = others_sums(board, who, d, before, after)
        else:
            gain = room.gain[k] + own_sums(board, who, d, before, after)
        if kind == OPTIONAL and gain <= 0 and not runs:
            continue
        room.value[used] = room.value[parent] + gain
        if kind == OPTIONAL and _beaten(board, who, d, used, room):
            continue
        after[FROM], after[NODE] = parent, k
        room.fresh[room.size[BORN]] = used
        room.size[BORN] += 1
        room.size[USED] += 1


@compiled
def _beaten(board: Board, who: int, d: int, label: int, room: Scratch) -> bool:
    for n in range(room.size[BORN]):
        other = room.fresh[n]
        better = room.value[other] >= room.value[label]
        if better and dominates(board, who, d, room.label[other], room.label[label]):
            return True
    for n in range(room.size[ALIVE]):
        other = room.active[n]
        better = room.value[other] >= room.value[label]
        if better and dominates(board, who, d, room.label[other], room.label[label]):
            return True
    return False


@compiled
def _prune(board: Board, who: int, d: int, room: Scratch) -> None:
    """Drops labels that another one beats for every duty from d on; of equals the earlier stays."""
    kept = 0
    for n in range(room.size[ALIVE]):
        mine, beaten = room.active[n], False
        for m in range(room.size[ALIVE]):
            other = room.active[m]
            better = room.value[other] > room.value[mine] or (room.value[other] == room.value[mine] and m < n)
            if better and dominates(board, who, d, room.label[other], room.label[mine]):
                beaten = True
                break
        if not beaten:
            room.fresh[kept] = mine
            kept += 1
    room.active[:kept] = room.fresh[:kept]
    room.size[ALIVE] = kept if kept <= room.beam else _narrow(room, kept)


@compiled
def _narrow(room: Scratch, alive: int) -> int:
    """Keeps the best by value, and the first, which took only what was forced and so can always go on."""
    room.exact[0] = 0
    values = np.zeros(alive)
    for n in range(alive):
        values[n] = room.value[room.active[n]]
    values[0] = np.inf
    least = np.sort(values)[alive - room.beam]
    kept = 0
    for n in range(alive):
        if values[n] >= least and kept < room.beam:
            room.active[kept] = room.active[n]
            kept += 1
    return kept
