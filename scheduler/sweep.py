"""Best-response sweeps: person after person takes the best legal path given what all others do."""

from typing import NamedTuple

import numpy as np

from scheduler.board import ELSEWHERE, FREE, Board
from scheduler.calendar import Ints
from scheduler.compiled import compiled
from scheduler.path import FORCED, OPTIONAL, OUTSIDE, Scratch, best_path
from scheduler.place import CERTIFIED, CERTIFIED_GUARD, GUARD, GUARDS, PEOPLE, VOLUNTEER, entry, may_leave

LOOSE, PAIRING, LEGAL = range(3)


class Stand(NamedTuple):
    """How things stand: a post or −1 per node, people per place, and how free a move is now.

    LOOSE lets people stand alone for the moment; PAIRING joins legal company only; LEGAL also leaves
    nobody behind alone.
    """

    choice: Ints
    counts: Ints
    mode: int


@compiled
def sweep(board: Board, order: Ints, stand: Stand, room: Scratch) -> None:
    """Everyone in order takes the best path there is for them; choice and counts follow."""
    for n in range(len(order)):
        respond(board, order[n], stand, room)


@compiled
def respond(board: Board, who: int, stand: Stand, room: Scratch) -> None:
    begin, end = board.nodes.first[who], board.nodes.first[who + 1]
    for k in range(begin, end):
        room.kind[k - begin] = _release(board, who, k, stand)
        room.gain[k - begin], room.post[k - begin] = 0.0, stand.choice[k]
    for k in range(begin, end):
        if room.kind[k - begin] == OPTIONAL:
            _offer(board, who, k, stand, room)
    best_path(board, who, board.nodes.duty[begin:end], room)
    for k in range(begin, end):
        if room.kind[k - begin] == OPTIONAL and room.taken[k - begin] == 1:
            stand.choice[k] = room.post[k - begin]
            move(board, who, k, 1, stand)


@compiled
def _release(board: Board, who: int, k: int, stand: Stand) -> int:
    """Takes the person out of what need not stay, and says what kind of node it is now."""
    if board.nodes.post[k] == ELSEWHERE:
        return OUTSIDE
    if board.nodes.post[k] != FREE:
        return FORCED
    if stand.choice[k] >= 0:
        d = board.nodes.duty[k]
        place = board.places.at[stand.choice[k], d]
        if stand.mode == LEGAL and not may_leave(board.places, stand.counts, place, rank(board, who, d)):
            return FORCED
        move(board, who, k, -1, stand)
        stand.choice[k] = -1
    return OPTIONAL


@compiled
def rank(board: Board, who: int, d: int) -> int:
    """What the person counts as in duty d."""
    if board.law.guard[who] == 0:
        return VOLUNTEER
    return CERTIFIED_GUARD if board.papers.guard[who] >= board.duty.day[d] else GUARD


@compiled
def move(board: Board, who: int, k: int, by: int, stand: Stand) -> None:
    """Adds the person to, or takes from, the place chosen for node k."""
    d = board.nodes.duty[k]
    place, counted = board.places.at[stand.choice[k], d], rank(board, who, d)
    stand.counts[place, PEOPLE] += by
    if counted != VOLUNTEER:
        stand.counts[place, GUARDS] += by
    if counted == CERTIFIED_GUARD:
        stand.counts[place, CERTIFIED] += by


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
def _offer(board: Board, who: int, k: int, stand: Stand, room: Scratch) -> None:
    """The best post for node k as things stand."""
    d, slot = board.nodes.duty[k], k - board.nodes.first[who]
    counted = rank(board, who, d)
    room.gain[slot] = -np.inf
    for r in range(board.reach.first[who], board.reach.first[who + 1]):
        post = board.reach.post[r]
        if not admitted(board, who, d, post):
            continue
        worth = entry(board.places, stand.counts, board.places.at[post, d], counted, stand.mode != LOOSE)
        worth += personal(board, who, k, r)
        if worth > room.gain[slot]:
            room.gain[slot], room.post[slot] = worth, post
