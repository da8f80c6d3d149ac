"""The roster that stands already: what of it is still legal, and where that leads."""

from collections.abc import Sequence

import msgspec
import numpy as np

from scheduler.board import ELSEWHERE, FREE, Board
from scheduler.calendar import Ints
from scheduler.compiled import compiled
from scheduler.path import FORCED, OPTIONAL, OUTSIDE, Scratch
from scheduler.problem import Assignment, Problem
from scheduler.relaxed import true_worth
from scheduler.search import Search, Stop, count, mend, nobody, sweeps
from scheduler.sweep import LEGAL
from scheduler.ways import best_of

# What each duty kept is worth beside a person's own terms.
KEPT = 1e3


def resume(problem: Problem, board: Board, told: Sequence[Assignment]) -> Search:
    """Everyone where they were told, legal together or not; without what nobody asks for or offers now."""
    search, nodes, offers = nobody(board), board.nodes, board.offers
    person = {p.id: n for n, p in enumerate(problem.people)}
    post = {p.id: n for n, p in enumerate(problem.posts)}
    shift = {s.id: n for n, s in enumerate(problem.shifts)}
    for a in told:
        if a.person not in person or a.post not in post or a.shift not in shift:
            continue
        begin, end = nodes.first[person[a.person]], nodes.first[person[a.person] + 1]
        at = board.places.at[post[a.post], shift[a.shift]]
        for k in (begin + np.flatnonzero(nodes.duty[begin:end] == shift[a.shift])).tolist():
            if nodes.post[k] == FREE and at in offers.place[offers.first[k] : offers.first[k + 1]]:
                search.choice[k] = post[a.post]
    count(search)
    return search


def lawful(search: Search) -> Search:
    """Of everyone the most duties that are legal one after the other; company is left aside."""
    other = _copy(search)
    keep(other.board, other.choice, other.room)
    count(other)
    return other


def legal_part(lawful: Search) -> Search:
    """Who is left alone goes home."""
    other = _copy(lawful)
    mend(other)
    return other


def improved(lawful: Search, legal: int, random: np.random.Generator, stop: Stop) -> Search:
    """Others may come along to who is left alone, before these go home; then everyone where it is best."""
    other = _copy(lawful)
    sweeps(other, LEGAL, 1, random, stop)
    mend(other)
    sweeps(other, LEGAL, legal, random, stop)
    mend(other)
    return other


def _copy(search: Search) -> Search:
    return msgspec.structs.replace(search, choice=search.choice.copy(), counts=search.counts.copy())


@compiled
def keep(board: Board, choice: Ints, room: Scratch) -> None:
    nodes = board.nodes
    taken = np.zeros(len(choice), dtype=np.int64)
    for k in range(len(choice)):
        taken[k] = 1 if choice[k] >= 0 else 0
    for who in range(len(board.law.guard)):
        if np.isnan(true_worth(board, who, taken, nodes.wish)):
            _fewest_home(board, who, choice, room)


@compiled
def _fewest_home(board: Board, who: int, choice: Ints, room: Scratch) -> None:
    nodes = board.nodes
    begin, end = nodes.first[who], nodes.first[who + 1]
    for k in range(begin, end):
        pin, slot = nodes.post[k], k - begin
        room.kind[slot] = OUTSIDE if pin == ELSEWHERE else OPTIONAL if pin == FREE else FORCED
        room.gain[slot] = 0.0
        if pin == FREE:
            room.gain[slot] = KEPT if choice[k] >= 0 else -np.inf
        room.post[slot] = choice[k]
    best_of(board, who, room)
    for k in range(begin, end):
        if nodes.post[k] == FREE and room.taken[k - begin] == 0:
            choice[k] = -1
