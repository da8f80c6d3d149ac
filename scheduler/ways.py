"""All legal ways through the horizon of people alike, as one small graph of states.

Two states are one when everything still open to them, and what it costs, is the same.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from scheduler.board import ELSEWHERE, FREE, Board, Ways
from scheduler.calendar import Floats, Ints
from scheduler.clauses import closing, forget
from scheduler.compiled import compiled
from scheduler.path import FORCED, OUTSIDE, Scratch, best_path, others_sums, own_sums, step
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

STATES, ARCS, TABLE = 20_000, 80_000, 1 << 14
MOST_ARCS = 30_000_000
NEVER = 1 << 60
DRAWN, FULL = range(2)
PASS, HOLD = -1, 1e6


def no_ways(people: int) -> Ways:
    none, short = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int32)
    return Ways(
        np.full(people, -1, dtype=np.int64),
        none,
        np.zeros(1, dtype=np.int64),
        short,
        short,
        short,
        np.zeros(0),
    )


def with_ways(board: Board) -> Board:
    """Draws one graph for all who share limits, state and nodes; whose graph is too large goes without."""
    starts = np.zeros_like(board.law.state)
    _starts(board, starts)
    rows = np.column_stack([np.stack(board.law[:7], axis=1), board.taste.target_ms, starts, board.clauses.of])
    fixed = np.where(board.nodes.post == FREE, 0, np.where(board.nodes.post > FREE, 1, 2))
    nodes, first = np.column_stack([board.nodes.duty, fixed]), board.nodes.first.tolist()
    known: dict[tuple[bytes, bytes], int] = {}
    of = np.full(len(rows), -1, dtype=np.int64)
    drawn: list[Ints] = []
    sizes: list[tuple[int, int]] = []
    worths, total = [], 0
    paper = _paper()
    for who, (begin, end) in enumerate(pairwise(first)):
        key = (rows[who].tobytes(), nodes[begin:end].tobytes())
        if begin == end or known.get(key, 0) < 0:
            continue
        if key not in known:
            states = _draw(board, who, paper) if total < MOST_ARCS else 0
            known[key] = len(sizes) if states else -1
            if not states:
                continue
            arcs = int(paper.size[DRAWN])
            drawn.append(paper.arc[:arcs].astype(np.int32))
            worths.append(paper.worth[:arcs].copy())
            sizes.append((states, arcs))
            total += arcs
        of[who] = known[key]
    arc = np.concatenate([np.zeros((0, 3), dtype=np.int32), *drawn])
    ways = Ways(
        of=of,
        states=np.asarray([s for s, _ in sizes], dtype=np.int64),
        first=np.cumsum([0, *(a for _, a in sizes)]),
        tail=np.ascontiguousarray(arc[:, 0]),
        head=np.ascontiguousarray(arc[:, 1]),
        slot=np.ascontiguousarray(arc[:, 2]),
        worth=np.concatenate([np.zeros(0), *worths]),
    )
    return board._replace(ways=ways)


class Paper(NamedTuple):
    """What one graph is drawn on, reused; `born` holds a state's first arc in, and whether any leads out."""

    arc: Ints
    worth: Floats
    label: Ints
    born: Ints
    table: Ints
    size: Ints


def _paper() -> Paper:
    return Paper(
        arc=np.zeros((ARCS, 3), dtype=np.int64),
        worth=np.zeros(ARCS),
        label=np.zeros((STATES, WIDTH), dtype=np.int64),
        born=np.zeros((STATES, 2), dtype=np.int64),
        table=np.zeros(TABLE, dtype=np.int64),
        size=np.zeros(3, dtype=np.int64),
    )


@compiled
def _starts(board: Board, starts: Ints) -> None:
    for who in range(len(starts)):
        starts[who] = board.law.state[who]
        if board.nodes.first[who] < board.nodes.first[who + 1]:
            _forget(board, who, board.nodes.first[who], starts[who])


@compiled
def _forget(board: Board, who: int, k: int, state: Ints) -> None:
    """Blots out of a state, on the morning before node k, whatever can't matter any more."""
    duty, end = board.duty, board.nodes.first[who + 1]
    d = board.nodes.duty[k]
    if state[LAST] == duty.day[d]:
        return  # history reaches into this very day
    days, last, month, dark, weekends, ready = 0, LONG_AGO, 0, 0, 0, NEVER
    for n in range(k, end):
        e = board.nodes.duty[n]
        days += 1 if duty.day[e] != last else 0
        last = duty.day[e]
        month += 1 if duty.month[e] == state[MONTH] else 0
        dark, weekends = dark + duty.night[e], weekends + duty.weekend[e]
        if duty.start[e] >= state[READY]:
            ready = min(ready, duty.start[e])
    state[READY] = LONG_AGO if ready == duty.start[d] else ready
    state[SAME_DAY], state[DAY_MS], state[FROM], state[NODE] = LONG_AGO, 0, 0, 0
    short = state[RUN] + days <= board.law.run[who]
    if board.clauses.of[who] >= 0:
        if short and board.clauses.stretches[board.clauses.of[who]] == 0:
            state[RUN] = 0
        forget(board, who, k, state)
    elif short or state[LAST] < duty.day[d] - 1:
        state[LAST], state[RUN] = LONG_AGO, 0
    if state[WEEK] != duty.week[d]:
        state[WEEK], state[WEEK_MS] = LONG_AGO, 0
    if month == 0:
        state[MONTH], state[OVER_MS] = LONG_AGO, 0
    if state[DARK] < duty.day[d] - 1 or dark == 0:
        state[DARK], state[STREAK] = LONG_AGO, 0
    if board.taste.target_ms[who] < 0 or board.taste.hours == 0.0:
        state[TOTAL_MS] = 0
    if dark == 0 or board.taste.nights == 0.0:
        state[NIGHTS] = 0
    if weekends == 0 or board.taste.weekends == 0.0:
        state[WEEKENDS] = 0


@compiled
def _draw(board: Board, who: int, paper: Paper) -> int:
    """Returns the number of states, the last the end of every way; 0 if it didn't fit or no way is legal."""
    begin, end = board.nodes.first[who], board.nodes.first[who + 1]
    paper.label[0] = board.law.state[who]
    _forget(board, who, begin, paper.label[0])
    paper.size[:] = 0
    paper.born[0, 0], paper.born[0, 1] = -1, 1
    low, top, day = 0, 1, board.duty.day[board.nodes.duty[begin]]
    for k in range(begin, end):
        d = board.nodes.duty[k]
        if board.duty.day[d] != day:
            low, top = top, _night(board, who, k, low, top, paper)
            day = board.duty.day[d]
        after = _take(board, who, k, low, top, paper)
        low, top = (low if board.nodes.post[k] == FREE else top), after
        if paper.size[FULL] == 1:
            return 0
    if low == top:
        return 0
    top = _night(board, who, -1, low, top, paper)
    return _renumber(paper, top)


@compiled
def _take(board: Board, who: int, k: int, low: int, top: int, paper: Paper) -> int:
    """A new state for every one in [low, top) from which node k may follow."""
    d, after = board.nodes.duty[k], top
    for s in range(low, top):
        if after + 1 >= STATES or paper.size[DRAWN] + 1 >= ARCS:
            paper.size[FULL] = 1
            return after
        before, state = paper.label[s], paper.label[after]
        if not step(board, who, d, before, state):
            continue
        if board.nodes.post[k] == ELSEWHERE:
            worth = others_sums(board, who, d, before, state)
        else:
            worth = own_sums(board, who, d, before, state)
        paper.born[after, 0], paper.born[after, 1] = paper.size[DRAWN], 0
        paper.born[s, 1] = 1
        _arc(paper, s, after, k - board.nodes.first[who], worth)
        after += 1
    return after


@compiled
def _arc(paper: Paper, tail: int, head: int, slot: int, worth: float) -> None:
    n = paper.size[DRAWN]
    paper.arc[n, 0], paper.arc[n, 1], paper.arc[n, 2], paper.worth[n] = tail, head, slot, worth
    paper.size[DRAWN] += 1


@compiled
def _night(board: Board, who: int, k: int, low: int, top: int, paper: Paper) -> int:
    """Merges the states in [low, top) into those of the morning before node k, or all into the end."""
    paper.table[:] = -1
    after = top if k >= 0 else top + 1
    for s in range(low, top):
        if after + 1 >= STATES or after - top >= TABLE // 2 or paper.size[DRAWN] + 1 >= ARCS:
            paper.size[FULL] = 1
            return after
        target, worth = top, 0.0
        if k >= 0:
            paper.label[after] = paper.label[s]
            _forget(board, who, k, paper.label[after])
            target = _known(paper, after, board.clauses.of[who] >= 0)
        elif board.clauses.of[who] >= 0:
            worth = closing(board.clauses, who, paper.label[s])
        paper.born[target, 0], paper.born[target, 1] = -1, 1
        after = max(after, target + 1)
        if paper.born[s, 1] == 0:
            paper.arc[paper.born[s, 0], 1] = target
            paper.worth[paper.born[s, 0]] += worth
        else:
            _arc(paper, s, target, PASS, worth)
    return after


@compiled
def _known(paper: Paper, fresh: int, contract: bool) -> int:
    """The state like the fresh one, or the fresh one itself, then known."""
    sign, width = 1469598103934665603, WIDTH if contract else FROM
    for column in range(width):
        sign = (sign ^ paper.label[fresh, column]) * 1099511628211
        sign ^= (sign >> 29) & 0x7FFFFFFF
    at = sign & (TABLE - 1)
    while paper.table[at] >= 0:
        same = paper.table[at]
        if np.array_equal(paper.label[same, :width], paper.label[fresh, :width]):
            return int(same)
        at = (at + 1) & (TABLE - 1)
    paper.table[at] = fresh
    return fresh


@compiled
def _renumber(paper: Paper, states: int) -> int:
    """Leaves out states that no arc touches; the start stays first and the end last."""
    number = np.zeros(states, dtype=np.int64)
    number[0], number[states - 1] = 1, 1
    for n in range(paper.size[DRAWN]):
        number[paper.arc[n, 0]] = 1
        number[paper.arc[n, 1]] = 1
    number = np.cumsum(number) - 1
    for n in range(paper.size[DRAWN]):
        paper.arc[n, 0] = number[paper.arc[n, 0]]
        paper.arc[n, 1] = number[paper.arc[n, 1]]
    return int(number[states - 1]) + 1


@compiled
def best_way(board: Board, who: int, room: Scratch) -> float:
    """Like `best_path`, by the graph; what must be kept for the moment gains beyond all others."""
    ways, c = board.ways, board.ways.of[who]
    begin, end, states = ways.first[c], ways.first[c + 1], ways.states[c]
    first, slots = board.nodes.first[who], board.nodes.first[who + 1] - board.nodes.first[who]
    held = 0
    for k in range(slots):
        room.taken[k] = 0
        if room.kind[k] == FORCED and board.nodes.post[first + k] == FREE:
            room.gain[k] += HOLD
            held += 1
    room.value[:states] = -np.inf
    room.value[0] = 0.0
    for n in range(begin, end):
        slot = ways.slot[n]
        value = room.value[ways.tail[n]] + ways.worth[n]
        if slot != PASS and room.kind[slot] != OUTSIDE:
            value += room.gain[slot]
        if value > room.value[ways.head[n]]:
            room.value[ways.head[n]] = value
            room.active[ways.head[n]] = n
    if room.value[states - 1] == -np.inf:
        return -np.inf
    at = states - 1
    while at > 0:
        n = room.active[at]
        if ways.slot[n] != PASS:
            room.taken[ways.slot[n]] = 1
        at = ways.tail[n]
    return float(room.value[states - 1] - held * HOLD)


@compiled
def best_of(board: Board, who: int, room: Scratch) -> float:
    """The best legal choice at the room's gains, by the graph where there is one."""
    if board.ways.of[who] >= 0:
        return best_way(board, who, room)
    return best_path(board, who, board.nodes.duty[board.nodes.first[who] : board.nodes.first[who + 1]], room)
