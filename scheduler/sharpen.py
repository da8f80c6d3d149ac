"""The bound once more after the first roster: charges for company, and prices in small steps."""

from collections.abc import Callable

import numpy as np

from scheduler.board import Board
from scheduler.calendar import Ints
from scheduler.company import Company, charged, more_company, no_company
from scheduler.prices import Prices, Steps, best_prices, crew
from scheduler.problem import Problem
from scheduler.roster import Charge

PASSES, SMALL = 3, 0.002


def sharper(
    board: Board,
    counts: Ints,
    prices: Prices,
    *,
    rounds: int,
    stop: Callable[[], bool],
    found: Callable[[float, Prices, Company], None],
) -> None:
    """`found` hears every bound met, with what proves it; bounds count from the empty roster."""
    company = no_company()
    with crew(int(np.diff(board.nodes.first).max(initial=0))) as hands:
        for _ in range(PASSES):
            company = more_company(board, prices, hands.rooms[0], company, stop)
            limit, prices = best_prices(
                charged(board, company),
                counts,
                hands,
                steps=Steps(max(1, rounds // PASSES), SMALL),
                stop=stop,
                start=prices,
            )
            if limit is not None:
                found(limit, prices, company)


def charges_of(problem: Problem, board: Board, company: Company) -> tuple[Charge, ...]:
    found = []
    for node, place, price in zip(*(column.tolist() for column in company), strict=True):
        who = int(np.searchsorted(board.nodes.first, node, side="right")) - 1
        need = problem.needs[place]
        found.append(Charge(person=problem.people[who].id, post=need.post, shift=need.shift, price=price))
    return tuple(found)


def company_of(problem: Problem, board: Board, charges: tuple[Charge, ...]) -> Company:
    people = {p.id: n for n, p in enumerate(problem.people)}
    shifts = {s.id: n for n, s in enumerate(problem.shifts)}
    needs = {(n.post, n.shift): k for k, n in enumerate(problem.needs)}
    nodes, places = [], []
    for one in charges:
        begin, end = board.nodes.first[people[one.person]], board.nodes.first[people[one.person] + 1]
        at = np.flatnonzero(board.nodes.duty[begin:end] == shifts[one.shift])
        nodes.append(int(begin + at[0]))
        places.append(needs[one.post, one.shift])
    prices = np.asarray([one.price for one in charges], dtype=np.float64)
    return Company(np.asarray(nodes, dtype=np.int64), np.asarray(places, dtype=np.int64), prices)
