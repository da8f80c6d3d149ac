"""People's ways without what adds up over the whole horizon: small graphs, where these sums are priced."""

from typing import NamedTuple

import numpy as np

from scheduler.board import ELSEWHERE, Board, Clauses
from scheduler.calendar import HOUR, Flags, Floats, Ints
from scheduler.clauses import OUTSIDE_WINDOW, closing
from scheduler.compiled import compiled
from scheduler.layout_contracts import weigh_history
from scheduler.path import Scratch, others_sums, own_sums, step
from scheduler.prices import Prices, price
from scheduler.state import AMOUNT, NIGHTS, WEEKENDS, WIDTH, WINDOW
from scheduler.ways import best_of, with_ways

LONGEST = 4_000


class Sums(NamedTuple):
    """What adds up, one row per person and kind of sum: how much each node adds in steps of the row, and
    `value[row, n]`, what n steps are worth beside none; −inf where a hard rule forbids so many."""

    row: Ints
    node: Ints
    steps: Ints
    value: Floats


class Relaxed(NamedTuple):
    """The board with such graphs, and the sums they leave out; company of those bonded is left out too."""

    board: Board
    sums: Sums


def relaxed(board: Board) -> Relaxed | None:
    """Nothing when a sum is too fine to be tabled, or someone able still has no graph."""
    kept = _kept(board.clauses, board.duty.week)
    rows = [*_own(board), *_counted(board, np.flatnonzero(~kept))]
    sums = _table(rows)
    if sums is None:
        return None
    taste = board.taste._replace(hours=0.0, nights=0.0, weekends=0.0)
    bonds = board.bonds._replace(credit=np.zeros(len(board.bonds.credit)))
    easier = board._replace(taste=taste, clauses=_only(board.clauses, kept), bonds=bonds)
    weigh_history(easier)
    easier = with_ways(easier)
    if (easier.ways.of[np.diff(board.nodes.first) > 0] < 0).any():
        return None
    return Relaxed(easier, sums)


def _kept(clauses: Clauses, week: Ints) -> Flags:
    """Counters that start anew with every week, and those of weekends, which don't just add up."""
    weekly = (clauses.window == week[None, :]).all(axis=1)
    kept: Flags = weekly | (clauses.weekend == 1)
    return kept


def _only(clauses: Clauses, kept: Flags) -> Clauses:
    rows = np.flatnonzero(kept)
    owner = np.ascontiguousarray(clauses.owner[rows])
    return clauses._replace(
        first=np.searchsorted(owner, np.arange(len(clauses.first))).astype(np.int64),
        owner=owner,
        alone=np.zeros(len(clauses.alone)),
        **{
            name: np.ascontiguousarray(getattr(clauses, name)[rows])
            for name in ("weekend", "most", "least", "window", "amount", "price")
        },
    )


Row = tuple[Ints, Ints, Floats]


def _own(board: Board) -> list[Row]:
    """Hours against the target, and the squares of nights and weekends."""
    rows: list[Row] = []
    ms = board.duty.end - board.duty.start
    for who in range(len(board.law.guard)):
        nodes = np.arange(board.nodes.first[who], board.nodes.first[who + 1])
        nodes = nodes[board.nodes.post[nodes] != ELSEWHERE]
        d, target = board.nodes.duty[nodes], board.taste.target_ms[who]
        if target >= 0 and board.taste.hours > 0:
            grain, most = _steps(ms[d])
            at = (grain * np.arange(most + 1) - target) / (8 * HOUR)
            rows.append((nodes, ms[d] // max(1, grain), -board.taste.hours * (at**2 - at[0] ** 2)))
        pairs = (
            (board.taste.nights, board.duty.night, NIGHTS),
            (board.taste.weekends, board.duty.weekend, WEEKENDS),
        )
        for weight, flag, column in pairs:
            if weight > 0 and flag[d].any():
                _, most = _steps(flag[d])
                at = np.arange(most + 1) + float(board.law.state[who, column])
                rows.append((nodes, flag[d], -weight * (at**2 - at[0] ** 2)))
    return rows


def _counted(board: Board, counters: Ints) -> list[Row]:
    """Counters of the contract by month or horizon, window by window."""
    clauses, rows = board.clauses, []
    for who in np.flatnonzero(clauses.of >= 0).tolist():
        nodes = np.arange(board.nodes.first[who], board.nodes.first[who + 1])
        outside = board.nodes.post[nodes] == ELSEWHERE
        for n in counters[clauses.owner[counters] == clauses.of[who]].tolist():
            d = board.nodes.duty[nodes]
            for window in np.unique(clauses.window[n, d]).tolist():
                inside = clauses.window[n, d] == window
                mine, others = nodes[inside & ~outside], nodes[inside & outside]
                if window == OUTSIDE_WINDOW or not len(mine):
                    continue
                before = _before(board, who, n, window)
                before += int(clauses.amount[n, board.nodes.duty[others]].sum())
                rows.append(_window(board, n, mine, before))
    return rows


def _window(board: Board, n: int, nodes: Ints, before: int) -> Row:
    clauses, d = board.clauses, board.nodes.duty[nodes]
    amount = clauses.amount[n, d]
    grain, most = _steps(amount)
    reached = before + grain * np.arange(most + 1)
    paid = clauses.price[n, d].max() * np.minimum(reached, clauses.least[n])
    value = np.where((reached <= clauses.most[n]) | (reached == before), paid - paid[0], -np.inf)
    return nodes, amount // max(1, grain), value


def _before(board: Board, who: int, n: int, window: int) -> int:
    """What history brought into the window."""
    column, state = n - board.clauses.first[board.clauses.owner[n]], board.law.state[who]
    return int(state[AMOUNT + column]) if state[WINDOW + column] == window else 0


def _steps(amount: Ints) -> tuple[int, int]:
    """The common measure of all amounts, and how many of it there are altogether."""
    grain = int(np.gcd.reduce(amount)) if len(amount) else 0
    return grain, int(amount.sum()) // max(1, grain)


def _table(rows: list[Row]) -> Sums | None:
    longest = max((len(value) for _, _, value in rows), default=1)
    if longest > LONGEST:
        return None
    table = np.full((len(rows), longest), -np.inf)
    for n, (_, _, value) in enumerate(rows):
        table[n, : len(value)] = value
    none = np.zeros(0, dtype=np.int64)
    return Sums(
        row=np.concatenate([none, *(np.full(len(nodes), n) for n, (nodes, _, _) in enumerate(rows))]),
        node=np.concatenate([none, *(nodes for nodes, _, _ in rows)]),
        steps=np.concatenate([none, *(steps for _, steps, _ in rows)]),
        value=table,
    )


class Responses(NamedTuple):
    """Per node whether it is taken and what it was paid; per person what the way comes to with all pay."""

    taken: Ints
    paid: Floats
    value: Floats


@compiled
def respond(board: Board, prices: Prices, extra: Floats, people: Ints, room: Scratch, to: Responses) -> None:
    """The best relaxed way of each of these people at prices on places and, node by node, on all else."""
    for who in people:
        begin, end = board.nodes.first[who], board.nodes.first[who + 1]
        to.value[who] = 0.0
        if begin == end:
            continue
        price(board, prices, who, room)
        for k in range(begin, end):
            if board.nodes.post[k] != ELSEWHERE:
                room.gain[k - begin] += extra[k]
            to.paid[k] = room.gain[k - begin]
        to.value[who] = best_of(board, who, room)
        for k in range(begin, end):
            to.taken[k] = room.taken[k - begin] if board.nodes.post[k] != ELSEWHERE else 0


@compiled
def true_worths(board: Board, people: Ints, taken: Ints, by_itself: Floats, worth: Floats) -> None:
    """By person what the way is worth truly."""
    for who in people:
        worth[who] = true_worth(board, who, taken, by_itself)


@compiled
def true_worth(board: Board, who: int, taken: Ints, by_itself: Floats) -> float:
    """What a way is worth to the person's own terms, places aside; NaN if a hard rule forbids it."""
    before, after = board.law.state[who].copy(), np.zeros(WIDTH, dtype=np.int64)
    worth = 0.0
    for k in range(board.nodes.first[who], board.nodes.first[who + 1]):
        outside = board.nodes.post[k] == ELSEWHERE
        if not outside and taken[k] == 0:
            continue
        if not step(board, who, board.nodes.duty[k], before, after):
            return float("nan")
        if outside:
            worth += others_sums(board, who, board.nodes.duty[k], before, after)
        else:
            worth += own_sums(board, who, board.nodes.duty[k], before, after) + by_itself[k]
        before[:] = after
    if board.clauses.of[who] >= 0:
        worth += closing(board.clauses, who, before)
    return float(worth)
