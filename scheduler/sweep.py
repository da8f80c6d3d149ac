"""Best-response sweeps: person after person takes the best legal path given what all others do."""

import numpy as np

from scheduler.board import ELSEWHERE, FREE, Board
from scheduler.calendar import Ints
from scheduler.compiled import compiled
from scheduler.path import FORCED, OPTIONAL, OUTSIDE, Scratch, best_path
from scheduler.place import CERTIFIED, GUARDS, PEOPLE, entry, may_leave

LOOSE, PAIRING, LEGAL = range(3)


@compiled
def sweep(board: Board, order: Ints, mode: int, choice: Ints, counts: Ints, room: Scratch) -> None:
    """Rewrites `choice[node]` (a post or −1) and `counts[place]` for everyone in order.

    LOOSE lets people stand alone for the moment; PAIRING joins legal company only; LEGAL also leaves
    nobody behind alone.
    """
    for n in range(len(order)):
        respond(board, order[n], mode, choice, counts, room)


@compiled
def respond(board: Board, who: int, mode: int, choice: Ints, counts: Ints, room: Scratch) -> None:
    begin, end = board.nodes.first[who], board.nodes.first[who + 1]
    for k in range(begin, end):
        room.kind[k - begin] = _release(board, who, k, mode, choice, counts)
        room.gain[k - begin], room.post[k - begin] = 0.0, choice[k]
    for k in range(begin, end):
        if room.kind[k - begin] == OPTIONAL:
            _offer(board, who, k, k - begin, mode != LOOSE, counts, room)
    best_path(board.duty, board.law, board.taste, who, board.nodes.duty[begin:end], room)
    for k in range(begin, end):
        if room.kind[k - begin] == OPTIONAL and room.taken[k - begin] == 1:
            choice[k] = room.post[k - begin]
            move(board, who, board.nodes.duty[k], choice[k], 1, counts)


@compiled
def _release(board: Board, who: int, k: int, mode: int, choice: Ints, counts: Ints) -> int:
    """Takes the person out of what need not stay, and says what kind of node it is now."""
    if board.nodes.post[k] == ELSEWHERE:
        return OUTSIDE
    if board.nodes.post[k] != FREE:
        return FORCED
    if choice[k] >= 0:
        d = board.nodes.duty[k]
        place, guard = board.places.at[choice[k], d], board.law.guard[who]
        if mode == LEGAL and not may_leave(board.places, counts, place, guard, certified(board, who, d)):
            return FORCED
        move(board, who, d, choice[k], -1, counts)
        choice[k] = -1
    return OPTIONAL


@compiled
def certified(board: Board, who: int, d: int) -> int:
    return 1 if board.papers.guard[who] >= board.duty.day[d] else 0


@compiled
def move(board: Board, who: int, d: int, post: int, by: int, counts: Ints) -> None:
    place = board.places.at[post, d]
    counts[place, PEOPLE] += by
    counts[place, GUARDS] += by * board.law.guard[who]
    counts[place, CERTIFIED] += by * certified(board, who, d)


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
def _offer(board: Board, who: int, k: int, slot: int, strict: bool, counts: Ints, room: Scratch) -> None:
    """The best post for node k as things stand."""
    d, guard = board.nodes.duty[k], board.law.guard[who]
    papers = certified(board, who, d)
    room.gain[slot] = -np.inf
    for r in range(board.reach.first[who], board.reach.first[who + 1]):
        post = board.reach.post[r]
        if not admitted(board, who, d, post):
            continue
        worth = entry(board.places, counts, board.places.at[post, d], guard, papers, strict)
        worth += personal(board, who, k, r)
        if worth > room.gain[slot]:
            room.gain[slot], room.post[slot] = worth, post
