"""Takes some neighbours out and lets them choose anew, led by the prices; what is worse is taken back."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from scheduler.board import FREE, Board
from scheduler.bonds import kept
from scheduler.calendar import Floats, Ints
from scheduler.compiled import compiled
from scheduler.path import own_sums
from scheduler.place import CERTIFIED, PEOPLE
from scheduler.problem import Problem
from scheduler.search import Search, count, stand, unsound
from scheduler.state import WIDTH
from scheduler.sweep import LEGAL, LOOSE, sweep

TRUST = (0.95, 0.8, 0.5, 0.2)
FEWEST, MOST, LEAST = 15, 120, 1e-7


class Homes(NamedTuple):
    """Where those able live, on a plane, guards and others apart."""

    people: tuple[Ints, ...]
    at: tuple[Floats, ...]


def homes(problem: Problem, board: Board) -> Homes:
    """Who has no home on record lives in the middle; contracts are left to the sweeps."""
    known = np.asarray([(p.home.lat, p.home.lon) if p.home else (np.nan, np.nan) for p in problem.people])
    known = known.reshape(-1, 2)
    middle = np.nanmean(known, axis=0) if np.isfinite(known).any() else np.zeros(2)
    at = np.where(np.isfinite(known), known, middle) * [1.0, np.cos(np.radians(middle[0]))]
    able = (np.diff(board.nodes.first) > 0) & (board.clauses.of < 0)
    groups = [np.flatnonzero(able & (board.law.guard == guard)) for guard in (1, 0)]
    people = tuple(group for group in groups if len(group))
    return Homes(people, tuple(at[group] for group in people))


def neighbours(known: Homes, random: np.random.Generator) -> Ints:
    """Somebody by chance and those who live nearest, now fewer, now more."""
    sizes = np.asarray([len(group) for group in known.people], dtype=np.float64)
    group = int(random.choice(len(sizes), p=sizes / sizes.sum()))
    at, many = known.at[group], min(int(random.integers(FEWEST, MOST)), len(known.people[group]))
    away = ((at - at[random.integers(len(at))]) ** 2).sum(axis=1)
    return known.people[group][np.argpartition(away, many - 1)[:many]]


class Renewer:
    """`turn` after turn the roster of the search only ever gets better."""

    def __init__(self, problem: Problem, search: Search, random: np.random.Generator) -> None:
        self._search, self._random = search, random
        self._homes = homes(problem, search.board)
        self._buildup = np.cumsum(np.pad(search.board.places.gain, ((0, 0), (1, 0))), axis=1)

    def turns(self, many: int, stop: Callable[[], bool], done: Callable[[float], None]) -> None:
        for _ in range(many if self._homes.people else 0):
            if stop():
                return
            gained = self._turn(neighbours(self._homes, self._random))
            if gained > 0:
                done(gained)

    def _turn(self, people: Ints) -> float:
        search, nodes = self._search, self._search.board.nodes
        choice, counts = search.choice.copy(), search.counts.copy()
        before = self._value(people)
        mine = np.concatenate([np.arange(nodes.first[who], nodes.first[who + 1]) for who in people])
        mine = mine[nodes.post[mine] == FREE]
        search.choice[mine] = -1
        count(search)
        for search.trust in (*TRUST, 0.0, 0.0):
            self._sweep(people, LOOSE)
        self._send_home(mine)
        self._sweep(people, LEGAL)
        gained = self._value(people) - before
        if gained > LEAST and not len(unsound(search)):
            return gained
        search.choice[:], search.counts[:] = choice, counts
        return 0.0

    def _sweep(self, people: Ints, mode: int) -> None:
        search = self._search
        sweep(search.board, self._random.permutation(people), stand(search, mode), search.room)

    def _send_home(self, mine: Ints) -> None:
        """From where they would stand alone."""
        search, alone = self._search, unsound(self._search)
        if len(alone):
            taken = mine[search.choice[mine] >= 0]
            at = search.board.places.at[search.choice[taken], search.board.nodes.duty[taken]]
            search.choice[taken[np.isin(at, alone)]] = -1
            count(search)

    def _value(self, people: Ints) -> float:
        board, counts = self._search.board, self._search.counts
        width = self._buildup.shape[1] - 1
        there = counts[:, PEOPLE]
        rows = np.arange(len(there))
        places = self._buildup[rows, np.minimum(there, width)]
        places = places + np.maximum(there - width, 0) * board.places.gain[:, -1]
        papers = np.minimum(counts[:, CERTIFIED], board.places.certified)
        own = own_value(board, people, self._search.choice)
        bound = kept(board.bonds, self._search.choice) if len(board.bonds.mate) else 0.0
        return float(places.sum() + board.places.missing * papers.sum() + own + bound)


@compiled
def own_value(board: Board, people: Ints, choice: Ints) -> float:
    """What these people's own terms make of where they are."""
    nodes, offers, at, total = board.nodes, board.offers, board.places.at, 0.0
    before, after = np.zeros(WIDTH, dtype=np.int64), np.zeros(WIDTH, dtype=np.int64)
    for who in people:
        before[:] = board.law.state[who]
        for k in range(nodes.first[who], nodes.first[who + 1]):
            if choice[k] < 0:
                continue
            total += own_sums(board, who, nodes.duty[k], before, after)
            before[:] = after
            place = at[choice[k], nodes.duty[k]]
            for n in range(offers.first[k], offers.first[k + 1]):
                if offers.place[n] == place:
                    total += offers.worth[n]
    return total
