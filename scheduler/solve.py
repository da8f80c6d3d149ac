"""The only door: a sound problem and a budget in, a legal roster with its bound out."""

from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from scheduler.board import FREE, Board
from scheduler.calendar import Ints
from scheduler.explain import shortfalls, whys
from scheduler.layout import lay_out
from scheduler.path import Scratch, scratch
from scheduler.place import CERTIFIED, GUARDS, PEOPLE, stands
from scheduler.prices import Prices, best_prices, bound
from scheduler.problem import Assignment, Problem
from scheduler.roster import Conflict, Price, Roster
from scheduler.sound import must_be_sound
from scheduler.sweep import LEGAL, LOOSE, PAIRING, Stand, move, sweep
from scheduler.terms import terms

CHUNK, BEAM = 500, 64
Stop = Callable[[], bool]


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """Work, not time: the same budget gives the same roster on any machine that lets it finish."""

    loose_sweeps: int = 2
    legal_sweeps: int = 2
    bound_steps: int = 0
    seed: int = 0


class Search(msgspec.Struct, kw_only=True):
    """Where the search stands: a post or −1 per node, people per place."""

    board: Board
    choice: Ints
    counts: Ints
    room: Scratch
    sweeps: int = 0


def never() -> bool:
    return False


def solve(problem: Problem, budget: Budget, *, stop: Stop = never) -> Roster:
    """Raises Unsound before any search; `stop`, asked often, ends it early, still legal."""
    must_be_sound(problem)
    search = _start(lay_out(problem))
    random = np.random.default_rng(budget.seed)
    _sweeps(search, LOOSE, budget.loose_sweeps, random, stop)
    _sweeps(search, PAIRING, 1, random, stop)
    _send_home(search)
    _sweeps(search, LEGAL, budget.legal_sweeps, random, stop)
    roster = _finish(problem, budget, search)
    return _bounded(problem, search, roster, budget.bound_steps, stop) if budget.bound_steps else roster


def with_bound(problem: Problem, roster: Roster, steps: int, *, stop: Stop = never) -> Roster:
    """The same roster with a bound from so many price steps; more steps, a lower bound."""
    return _bounded(problem, _resume(problem, roster), roster, steps, stop)


def bound_at(problem: Problem, prices: Sequence[Price]) -> float | None:
    """Certifies again what published prices prove: no legal roster of the problem is worth more."""
    board = lay_out(problem)
    at = {(p.post, p.shift): p for p in prices}
    known = [at[need.post, need.shift] for need in problem.needs]
    asked = Prices(np.asarray([p.people for p in known]), np.asarray([p.certified for p in known]))
    limit, _ = bound(board, asked, scratch(_longest(board)), never)
    return limit + _empty(problem) if np.isfinite(limit) else None


def _start(board: Board) -> Search:
    """Only what is pinned."""
    counts = np.zeros((len(board.places.post), 3), dtype=np.int64)
    choice = np.where(board.nodes.post >= 0, board.nodes.post, -1)
    search = Search(board=board, choice=choice, counts=counts, room=scratch(_longest(board), BEAM))
    _count(search)
    return search


def _resume(problem: Problem, roster: Roster) -> Search:
    search = _start(lay_out(problem))
    index, shifts = (
        {p.id: n for n, p in enumerate(problem.people)},
        {s.id: n for n, s in enumerate(problem.shifts)},
    )
    posts, first = {p.id: n for n, p in enumerate(problem.posts)}, search.board.nodes.first
    for a in roster.assignments:
        begin, end = first[index[a.person]], first[index[a.person] + 1]
        at = begin + np.flatnonzero(search.board.nodes.duty[begin:end] == shifts[a.shift])
        search.choice[at] = posts[a.post]
    _count(search)
    return search


def _stand(search: Search, mode: int = LEGAL) -> Stand:
    return Stand(search.choice, search.counts, mode)


def _longest(board: Board) -> int:
    return int(np.diff(board.nodes.first).max(initial=0))


def _count(search: Search) -> None:
    search.counts[:] = 0
    who = _people(search.board)
    for k in np.flatnonzero(search.choice >= 0).tolist():
        move(search.board, who[k], k, 1, _stand(search))


def _people(board: Board) -> Ints:
    return np.repeat(np.arange(len(board.law.guard)), np.diff(board.nodes.first))


def _sweeps(search: Search, mode: int, most: int, random: np.random.Generator, stop: Stop) -> None:
    """Everyone once in an order of chance, and again, until nobody moves any more."""
    able = np.flatnonzero(np.diff(search.board.nodes.first) > 0)
    for _ in range(most):
        before, order = search.choice.copy(), random.permutation(able)
        for begin in range(0, len(order), CHUNK):
            if stop():
                return
            part = order[begin : begin + CHUNK]
            sweep(search.board, part, _stand(search, mode), search.room)
        search.sweeps += 1
        if np.array_equal(before, search.choice):
            return


def _unsound(search: Search) -> Ints:
    """Places where people stand in breach of not_alone."""
    rows, places = enumerate(search.counts.tolist()), search.board.places
    broken = [n for n, c in rows if not stands(places, n, c[PEOPLE], c[GUARDS], c[CERTIFIED])]
    return np.asarray(broken, dtype=np.int64)


def _send_home(search: Search) -> None:
    """Frees everyone not pinned from places that found no legal company."""
    nodes, places = search.board.nodes, search.board.places
    taken = np.flatnonzero((search.choice >= 0) & (nodes.post == FREE))
    at = places.at[search.choice[taken], nodes.duty[taken]]
    search.choice[taken[np.isin(at, _unsound(search))]] = -1
    _count(search)


def _finish(problem: Problem, budget: Budget, search: Search) -> Roster:
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
    return Roster(
        assignments=assignments,
        why=whys(problem, search.board, nodes, _stand(search)),
        shortfalls=shortfalls(problem, search.board, _stand(search)),
        conflicts=_conflicts(problem, search),
        terms=reached,
        objective=sum(reached.values()),
        bound=None,
        gap=None,
        prices=(),
        seed=budget.seed,
        sweeps=search.sweeps,
    )


def _bounded(problem: Problem, search: Search, roster: Roster, steps: int, stop: Stop) -> Roster:
    nothing = _empty(problem)
    room = scratch(_longest(search.board))
    limit, prices = best_prices(
        search.board, search.counts, room, steps=steps, reached=roster.objective - nothing, stop=stop
    )
    if limit is None:
        return roster
    limit += nothing
    rows = zip(problem.needs, prices.people.tolist(), prices.certified.tolist(), strict=True)
    return msgspec.structs.replace(
        roster,
        bound=limit,
        gap=(limit - roster.objective) / max(abs(limit), 1e-9),
        prices=tuple(Price(post=n.post, shift=n.shift, people=p, certified=c) for n, p, c in rows),
    )


def _empty(problem: Problem) -> float:
    """The objective of nobody anywhere, from which the bound counts."""
    return sum(terms(problem, ()).values())


def _conflicts(problem: Problem, search: Search) -> tuple[Conflict, ...]:
    found = []
    for n in _unsound(search):
        post, shift = problem.needs[n].post, problem.needs[n].shift
        pins = tuple(a for a in problem.pinned if (a.post, a.shift) == (post, shift))
        found.append(Conflict(post=post, shift=shift, pinned=pins))
    return tuple(found)
