"""A roster being searched: where everyone stands, moved by sweeps."""

from collections.abc import Callable

import msgspec
import numpy as np

from scheduler.board import FREE, Board
from scheduler.calendar import Floats, Ints
from scheduler.lonely import lonely
from scheduler.path import Scratch, scratch
from scheduler.problem import Assignment, Problem
from scheduler.relaxed import true_worth
from scheduler.sweep import LEGAL, LOOSE, PAIRING, Stand, recount, sweep

CHUNK, BEAM = 500, 64
Stop = Callable[[], bool]


class Search(msgspec.Struct, kw_only=True):
    """Where the search stands: a post or −1 per node, people per place."""

    board: Board
    choice: Ints
    counts: Ints
    room: Scratch
    guide: Floats
    trust: float = 0.0
    stray: float = 0.0
    sweeps: int = 0


def nobody(board: Board) -> Search:
    """Only what is pinned."""
    counts = np.zeros((len(board.places.post), 3), dtype=np.int64)
    choice = np.where(board.nodes.post >= 0, board.nodes.post, -1)
    search = Search(
        board=board,
        choice=choice,
        counts=counts,
        room=scratch(longest(board), BEAM),
        guide=np.zeros((len(counts), 2)),
    )
    count(search)
    return search


def stand(search: Search, mode: int = LEGAL) -> Stand:
    return Stand(search.choice, search.counts, mode, search.guide, search.trust, search.stray)


def longest(board: Board) -> int:
    return int(np.diff(board.nodes.first).max(initial=0))


def count(search: Search) -> None:
    recount(search.board, search.choice, search.counts)


def people_of(board: Board) -> Ints:
    return np.repeat(np.arange(len(board.law.guard)), np.diff(board.nodes.first))


def settle(search: Search, loose: int, legal: int, random: np.random.Generator, stop: Stop) -> None:
    """Sweeps until everyone stands where it is best, and nobody alone."""
    sweeps(search, LOOSE, loose, random, stop)
    sweeps(search, PAIRING, 1, random, stop)
    send_home(search)
    sweeps(search, LEGAL, legal, random, stop)


def sweeps(search: Search, mode: int, most: int, random: np.random.Generator, stop: Stop) -> None:
    """Everyone once in an order of chance, and again, until nobody moves any more."""
    able = np.flatnonzero(np.diff(search.board.nodes.first) > 0)
    for _ in range(most):
        before, order = search.choice.copy(), random.permutation(able)
        for begin in range(0, len(order), CHUNK):
            if stop():
                return
            part = order[begin : begin + CHUNK]
            sweep(search.board, part, stand(search, mode), search.room)
        search.sweeps += 1
        if np.array_equal(before, search.choice):
            return


def unsound(search: Search) -> Ints:
    """Places where people stand in breach of not_alone."""
    return lonely(search.board.places, search.counts)


def send_home(search: Search) -> None:
    """Frees everyone not pinned from places that found no legal company."""
    nodes, places = search.board.nodes, search.board.places
    taken = np.flatnonzero((search.choice >= 0) & (nodes.post == FREE))
    at = places.at[search.choice[taken], nodes.duty[taken]]
    search.choice[taken[np.isin(at, unsound(search))]] = -1
    count(search)


def mend(search: Search) -> None:
    """Frees whoever a duty less, or less company, left in breach of a contract or of not_alone."""
    board, nodes = search.board, search.board.nodes
    agreed = np.flatnonzero(board.clauses.of >= 0).tolist()
    while True:
        before = search.choice.copy()
        taken = (search.choice >= 0).astype(np.int64)
        for who in agreed:
            own = slice(nodes.first[who], nodes.first[who + 1])
            if np.isnan(true_worth(board, who, taken, nodes.wish)):
                search.choice[own] = np.where(nodes.post[own] == FREE, -1, search.choice[own])
        count(search)
        send_home(search)
        if np.array_equal(before, search.choice):
            return


def assignments(problem: Problem, search: Search) -> tuple[Assignment, ...]:
    who = people_of(search.board)
    return tuple(
        Assignment(
            person=problem.people[who[k]].id,
            post=problem.posts[search.choice[k]].id,
            shift=problem.shifts[search.board.nodes.duty[k]].id,
        )
        for k in np.flatnonzero(search.choice >= 0).tolist()
    )
