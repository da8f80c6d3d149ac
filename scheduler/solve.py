"""The only door: a sound problem and a budget in, a legal roster with its bound out."""

from collections.abc import Callable

import msgspec
import numpy as np

from scheduler.board import FREE, Board
from scheduler.calendar import Ints
from scheduler.explain import shortfalls, whys
from scheduler.layout import lay_out
from scheduler.path import Scratch, scratch
from scheduler.place import CERTIFIED, GUARDS, PEOPLE, stands
from scheduler.prices import Prices, best_prices
from scheduler.problem import Assignment, Problem
from scheduler.roster import Conflict, Price, Roster
from scheduler.sound import must_be_sound
from scheduler.sweep import LEGAL, LOOSE, PAIRING, move, sweep
from scheduler.terms import terms

CHUNK = 500


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """Work, not time: the same budget gives the same roster on any machine that lets it finish."""

    loose_sweeps: int = 3
    legal_sweeps: int = 3
    bound_steps: int = 0
    seed: int = 0


class Search(msgspec.Struct, kw_only=True):
    """Where the search stands: a post or −1 per node, people per place."""

    board: Board
    choice: Ints
    counts: Ints
    room: Scratch
    sweeps: int = 0


def solve(problem: Problem, budget: Budget, *, stop: Callable[[], bool] = lambda: False) -> Roster:
    """Raises Unsound before any search; `stop` ends it early with a legal roster all the same."""
    must_be_sound(problem)
    search = _start(lay_out(problem))
    random = np.random.default_rng(budget.seed)
    for _ in range(budget.loose_sweeps):
        _sweep(search, LOOSE, random, stop)
    _sweep(search, PAIRING, random, stop)
    _send_home(search)
    for _ in range(budget.legal_sweeps):
        _sweep(search, LEGAL, random, stop)
    return _finish(problem, budget, search, stop)


def _start(board: Board) -> Search:
    """Only what is pinned."""
    choice = np.where(board.nodes.post >= 0, board.nodes.post, -1)
    longest = int(np.diff(board.nodes.first).max(initial=0))
    counts = np.zeros((len(board.places.post), 3), dtype=np.int64)
    search = Search(board=board, choice=choice, counts=counts, room=scratch(longest))
    _count(search)
    return search


def _count(search: Search) -> None:
    search.counts[:] = 0
    who = _people(search.board)
    for k in np.flatnonzero(search.choice >= 0):
        move(search.board, who[k], search.board.nodes.duty[k], search.choice[k], 1, search.counts)


def _people(board: Board) -> Ints:
    return np.repeat(np.arange(len(board.law.guard)), np.diff(board.nodes.first))


def _sweep(search: Search, mode: int, random: np.random.Generator, stop: Callable[[], bool]) -> None:
    """Everyone once, in an order of chance."""
    able = np.flatnonzero(np.diff(search.board.nodes.first) > 0)
    order = random.permutation(able)
    for begin in range(0, len(order), CHUNK):
        if stop():
            return
        part = order[begin : begin + CHUNK]
        sweep(search.board, part, mode, search.choice, search.counts, search.room)
    search.sweeps += 1


def _unsound(search: Search) -> Ints:
    """Places where people stand in breach of not_alone."""
    rows = enumerate(search.counts.tolist())
    places = search.board.places
    return np.asarray(
        [n for n, c in rows if not stands(places, n, c[PEOPLE], c[GUARDS], c[CERTIFIED])], dtype=np.int64
    )


def _send_home(search: Search) -> None:
    """Frees everyone not pinned from places that found no legal company."""
    nodes, places = search.board.nodes, search.board.places
    taken = np.flatnonzero((search.choice >= 0) & (nodes.post == FREE))
    at = places.at[search.choice[taken], nodes.duty[taken]]
    search.choice[taken[np.isin(at, _unsound(search))]] = -1
    _count(search)


def _finish(problem: Problem, budget: Budget, search: Search, stop: Callable[[], bool]) -> Roster:
    nodes = np.flatnonzero(search.choice >= 0)
    who = _people(search.board)
    assignments = tuple(
        Assignment(
            person=problem.people[who[k]].id,
            post=problem.posts[search.choice[k]].id,
            shift=problem.shifts[search.board.nodes.duty[k]].id,
        )
        for k in nodes.tolist()
    )
    reached = terms(problem, assignments)
    objective = sum(reached.values())
    bound, prices = best_prices(
        search.board,
        search.counts,
        search.room,
        steps=budget.bound_steps,
        reached=objective - _empty(problem),
        stop=stop,
    )
    limit = None if bound is None else bound + _empty(problem)
    return Roster(
        assignments=assignments,
        why=whys(problem, search.board, nodes, search.choice, search.counts),
        shortfalls=shortfalls(problem, search.board, search.choice, search.counts),
        conflicts=_conflicts(problem, search),
        terms=reached,
        objective=objective,
        bound=limit,
        gap=None if limit is None else (limit - objective) / max(abs(limit), 1e-9),
        prices=() if bound is None else _published(problem, prices),
        seed=budget.seed,
        sweeps=search.sweeps,
    )


def _empty(problem: Problem) -> float:
    """The objective of nobody anywhere, from which the bound counts."""
    return sum(terms(problem, ()).values())


def _conflicts(problem: Problem, search: Search) -> tuple[Conflict, ...]:
    broken = {(problem.needs[n].post, problem.needs[n].shift) for n in _unsound(search)}
    return tuple(
        Conflict(
            post=post,
            shift=shift,
            pinned=tuple(a for a in problem.pinned if (a.post, a.shift) == (post, shift)),
        )
        for post, shift in sorted(broken)
    )


def _published(problem: Problem, prices: Prices) -> tuple[Price, ...]:
    rows = zip(problem.needs, prices.people.tolist(), prices.certified.tolist(), strict=True)
    return tuple(Price(post=n.post, shift=n.shift, people=p, certified=c) for n, p, c in rows)
