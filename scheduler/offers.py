"""Where each person may serve in each shift, listed once, so that searching it is one walk along an array."""

import numpy as np

from scheduler.board import ELSEWHERE, FREE, Board, Offers
from scheduler.calendar import Floats, Ints, Shorts
from scheduler.compiled import compiled
from scheduler.place import CERTIFIED_GUARD, GUARD, VOLUNTEER


def no_offers() -> Offers:
    none = np.zeros(0, dtype=np.int64)
    return Offers(np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int32), np.zeros(0), none)


def with_offers(board: Board) -> Board:
    """Pinned nodes have the pinned place alone; those elsewhere none."""
    first = np.zeros(len(board.nodes.duty) + 1, dtype=np.int64)
    certified = np.zeros(len(board.nodes.duty), dtype=np.int64)
    _count(board, first, certified)
    first = np.cumsum(first)
    place, worth = np.zeros(first[-1], dtype=np.int32), np.zeros(first[-1])
    _list(board, first, place, worth)
    return board._replace(offers=Offers(first, place, worth, certified))


@compiled
def rank(board: Board, who: int, d: int) -> int:
    """What the person counts as in duty d."""
    if board.law.guard[who] == 0:
        return VOLUNTEER
    return CERTIFIED_GUARD if board.papers.guard[who] >= board.duty.day[d] else GUARD


@compiled
def admitted(board: Board, who: int, d: int, post: int) -> bool:
    """A need there, and the certificate it asks for."""
    asked = board.papers.asked[post]
    if board.places.at[post, d] < 0:
        return False
    return bool(asked < 0 or board.papers.until[who, asked] >= board.duty.day[d])


@compiled
def personal(board: Board, who: int, k: int, r: int) -> float:
    """What the person's own terms make of node k at the post of reach r: distance, teams, wish, stability."""
    d, post = board.nodes.duty[k], board.reach.post[r]
    worth = float(board.reach.base[r] + board.nodes.wish[k])
    for n in range(board.kept.first[who], board.kept.first[who + 1]):
        if board.kept.post[n] == post and board.kept.shift[n] == d:
            worth += board.kept.bonus
    return worth


@compiled
def _count(board: Board, after: Ints, certified: Ints) -> None:
    """Plain arrays inside the loops: handing the board on for every offer costs more than the offer."""
    nodes, reach, guard = board.nodes, board.reach, board.law.guard
    at, asked = board.places.at, board.papers.asked
    until, own, day = board.papers.until, board.papers.guard, board.duty.day
    for who in range(len(guard)):
        for k in range(nodes.first[who], nodes.first[who + 1]):
            d, pin = nodes.duty[k], nodes.post[k]
            certified[k] = 1 if guard[who] == 1 and own[who] >= day[d] else 0
            if pin == ELSEWHERE:
                continue
            for r in range(reach.first[who], reach.first[who + 1]):
                post = reach.post[r]
                if (pin != FREE and post != pin) or at[post, d] < 0:
                    continue
                if asked[post] < 0 or until[who, asked[post]] >= day[d]:
                    after[k + 1] += 1


@compiled
def _list(board: Board, first: Ints, place: Shorts, worth: Floats) -> None:
    nodes, reach, kept = board.nodes, board.reach, board.kept
    at, asked = board.places.at, board.papers.asked
    until, day = board.papers.until, board.duty.day
    for who in range(len(board.law.guard)):
        for k in range(nodes.first[who], nodes.first[who + 1]):
            d, pin, n = nodes.duty[k], nodes.post[k], first[k]
            if pin == ELSEWHERE:
                continue
            for r in range(reach.first[who], reach.first[who + 1]):
                post = reach.post[r]
                if (pin != FREE and post != pin) or at[post, d] < 0:
                    continue
                if asked[post] >= 0 and until[who, asked[post]] < day[d]:
                    continue
                place[n], worth[n] = at[post, d], reach.base[r] + nodes.wish[k]
                for m in range(kept.first[who], kept.first[who + 1]):
                    if kept.post[m] == post and kept.shift[m] == d:
                        worth[n] += kept.bonus
                n += 1
