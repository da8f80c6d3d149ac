"""Lays contracts and bonds out as arrays: counters and windows by duty, and who would stand with whom."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from scheduler.board import ELSEWHERE, Board, Bonds, Clauses, Nodes
from scheduler.calendar import HOUR, Duty, Floats, Ints, duties
from scheduler.clauses import OUTSIDE_WINDOW, UNLIMITED, closing, promised
from scheduler.compiled import compiled
from scheduler.contract import Contract, Measure, Per
from scheduler.path import step
from scheduler.problem import Problem

Key = tuple[Measure, Per, frozenset[str]]


def clauses_of(problem: Problem, duty: Duty, kind: Ints, kinds: dict[str, int]) -> Clauses:
    """`kind` is each duty's, by the numbers of `kinds`."""
    at = {contract.code: n for n, contract in enumerate(problem.contracts)}
    edges = np.asarray([problem.horizon.start, problem.horizon.end - 1], dtype=np.int64)
    horizon = duties(edges, edges + 1, problem.zone).day
    rows = [(n, *row) for n, contract in enumerate(problem.contracts) for row in _counters(contract)]
    many = len(duty.day)
    window, amount = np.zeros((len(rows), many), dtype=np.int64), np.zeros((len(rows), many), dtype=np.int64)
    price = np.zeros((len(rows), many))
    for n, (_, (what, per, named), _, _, weight) in enumerate(rows):
        window[n], judged = _windows(duty, what, per, horizon)
        amount[n] = _amounts(duty, what)
        if named:
            amount[n, ~np.isin(kind, [kinds.get(name, -1) for name in named])] = 0
        scale = HOUR if what is Measure.HOURS else 1
        price[n] = np.where(judged, weight * problem.weights.least / scale, 0.0)
    scales = [HOUR if key[0] is Measure.HOURS else 1 for _, key, *_ in rows]
    most = [
        UNLIMITED * HOUR if m is None else int(m * s + 1e-6)
        for (*_, m, _, _), s in zip(rows, scales, strict=True)
    ]
    never = _never(problem.contracts, kinds)
    return Clauses(
        of=np.asarray([-1 if p.contract is None else at[p.contract] for p in problem.people], dtype=np.int64),
        first=np.searchsorted([r[0] for r in rows], np.arange(len(at) + 1)).astype(np.int64),
        owner=np.asarray([r[0] for r in rows], dtype=np.int64),
        weekend=np.asarray([int(r[1][0] is Measure.WEEKENDS) for r in rows], dtype=np.int64),
        most=np.asarray(most, dtype=np.int64),
        least=np.asarray([r[3] * s for r, s in zip(rows, scales, strict=True)], dtype=np.float64),
        window=window,
        amount=amount,
        price=price,
        kind=kind,
        never=never,
        strict=never.max(axis=2, initial=0),
        stretches=np.asarray([int(_has_stretches(c)) for c in problem.contracts], dtype=np.int64),
        asked=_asked(problem.contracts),
        cost=_costs(problem),
        alone=np.zeros(len(problem.people)),
        day=duty.day,
        horizon=horizon,
    )


def _counters(contract: Contract) -> list[tuple[Key, float | None, float, float]]:
    """What is counted once: its maximum or none, its minimum, the price of one missing."""
    found: dict[Key, tuple[float | None, float, float]] = {}
    for most in contract.most:
        found[most.what, most.per, frozenset(most.kinds)] = (most.most, 0.0, 0.0)
    for least in contract.least:
        key = (least.what, least.per, frozenset(least.kinds))
        found[key] = (found.get(key, (None, 0.0, 0.0))[0], least.least, least.weight)
    return [(key, *row) for key, row in found.items()]


def _windows(duty: Duty, what: Measure, per: Per, horizon: Ints) -> tuple[Ints, Ints]:
    """The window of each duty, and whether that ends within the horizon."""
    first, last = horizon.tolist()
    match per:
        case Per.WEEK:
            window, end = duty.week, duty.week + 6
        case Per.MONTH:
            of = duty.day - (duty.day + 3) % 7 + 5 if what is Measure.WEEKENDS else duty.day
            window = of.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
            end = (window + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) - 1
            if what is Measure.WEEKENDS:
                end = end - (end + 3 - 5) % 7 + 1
        case Per.HORIZON:
            inside = (duty.day >= first) & (duty.day <= last)
            window, end = np.where(inside, 0, OUTSIDE_WINDOW), np.where(inside, last, first - 1)
    return window, ((end >= first) & (end <= last)).astype(np.int64)


def _amounts(duty: Duty, what: Measure) -> Ints:
    match what:
        case Measure.HOURS:
            return duty.end - duty.start
        case Measure.DUTIES:
            return np.ones(len(duty.day), dtype=np.int64)
        case Measure.NIGHTS:
            return duty.night
        case Measure.WEEKENDS:
            return duty.weekend


def _never(contracts: Sequence[Contract], kinds: dict[str, int]) -> Ints:
    never = np.zeros((len(contracts), len(kinds), len(kinds)), dtype=np.int64)
    for n, contract in enumerate(contracts):
        for pair in contract.never:
            never[n, kinds[pair.earlier], kinds[pair.later]] = 1
    return never


def _has_stretches(contract: Contract) -> bool:
    return any(s.weight > 0 and (s.least > 1 or s.most is not None) for s in (contract.working, contract.off))


def _asked(contracts: Sequence[Contract]) -> Ints:
    rows = []
    for c in contracts:
        mosts = [UNLIMITED if s.most is None else s.most for s in (c.working, c.off)]
        rows.append((c.working.least, mosts[0], c.off.least, mosts[1]))
    return np.asarray(rows, dtype=np.int64).reshape(-1, 4)


def _costs(problem: Problem) -> Floats:
    weights = problem.weights
    rows = [(c.working.weight * weights.working, c.off.weight * weights.off) for c in problem.contracts]
    return np.asarray(rows, dtype=np.float64).reshape(-1, 2)


@compiled
def weigh_history(board: Board) -> None:
    """What the duties decided elsewhere come to by themselves, from which all ways are counted."""
    clauses, nodes = board.clauses, board.nodes
    for who in range(len(clauses.of)):
        if clauses.of[who] < 0:
            continue
        before, worth = board.law.state[who].copy(), 0.0
        after = before.copy()
        for k in range(nodes.first[who], nodes.first[who + 1]):
            if nodes.post[k] == ELSEWHERE:
                step(board, who, nodes.duty[k], before, after)
                worth += promised(clauses, who, nodes.duty[k], before, after)
                before[:] = after
        clauses.alone[who] = worth + closing(clauses, who, before)


def bonds_of(problem: Problem, nodes: Nodes) -> Bonds:
    index = {person.id: n for n, person in enumerate(problem.people)}
    rows: list[tuple[int, int, int]] = []
    weights: list[float] = []
    credit = np.zeros(len(nodes.duty))
    for bond in problem.bonds:
        at: defaultdict[int, list[int]] = defaultdict(list)
        for person in (p for p in bond.people if p in index):
            for k in range(nodes.first[index[person]], nodes.first[index[person] + 1]):
                if nodes.post[k] != ELSEWHERE:
                    at[int(nodes.duty[k])].append(k)
        kept = problem.weights.together if bond.weight > 0 else problem.weights.apart
        for mates in at.values():
            rows += [(k, len(weights), other) for k in mates for other in mates if other != k]
            credit[mates] += max(0.0, bond.weight * kept) * (len(mates) - 1) / len(mates)
        weights.append(bond.weight * kept)
    table = np.asarray(sorted(rows), dtype=np.int64).reshape(-1, 3)
    return Bonds(
        first=np.searchsorted(table[:, 0], np.arange(len(nodes.duty) + 1)).astype(np.int64),
        mate=np.ascontiguousarray(table[:, 2]),
        bond=np.ascontiguousarray(table[:, 1]),
        weight=np.asarray(weights, dtype=np.float64),
        credit=credit,
    )
