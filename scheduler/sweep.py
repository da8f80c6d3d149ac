"""Best-response sweeps: person after person takes the best legal path given what all others do."""

from typing import NamedTuple

import numpy as np

from scheduler.board import ELSEWHERE, FREE, Board
from scheduler.calendar import Floats, Ints
from scheduler.compiled import compiled
from scheduler.offers import rank
from scheduler.path import FORCED, OPTIONAL, OUTSIDE, Scratch
from scheduler.place import CERTIFIED, CERTIFIED_GUARD, GUARDS, PEOPLE, VOLUNTEER, entry, may_leave
from scheduler.ways import best_of

LOOSE, PAIRING, LEGAL = range(3)


class Stand(NamedTuple):
    """How things stand: a post or −1 per node, people per place, and how free a move is now.

    `guide` is a price per place, trusted from 0 to below 1. LOOSE lets people stand alone for the moment;
    PAIRING joins legal company only; LEGAL also leaves nobody behind alone.
    """

    choice: Ints
    counts: Ints
    mode: int
    guide: Floats
    trust: float


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
    best_of(board, who, room)
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
def _offer(board: Board, who: int, k: int, stand: Stand, room: Scratch) -> None:
    """The best post for node k as things stand, or as the prices have it, as far as these are trusted."""
    slot = k - board.nodes.first[who]
    counted = rank(board, who, board.nodes.duty[k])
    bonded = board.bonds.first[k] < board.bonds.first[k + 1]
    room.gain[slot] = -np.inf
    for n in range(board.offers.first[k], board.offers.first[k + 1]):
        place = board.offers.place[n]
        worth = entry(board.places, stand.counts, place, counted, stand.mode != LOOSE)
        worth += board.offers.worth[n] + stand.trust * (stand.guide[place] - worth)
        if bonded:
            worth += company(board, k, board.places.post[place], stand.choice)
        if worth > room.gain[slot]:
            room.gain[slot], room.post[slot] = worth, board.places.post[place]


@compiled
def company(board: Board, k: int, post: int, choice: Ints) -> float:
    """What it adds that some of those kept together with, or apart from, the person are there in the duty."""
    bonds, worth, met = board.bonds, 0.0, -1
    for n in range(bonds.first[k], bonds.first[k + 1]):
        if bonds.bond[n] != met and choice[bonds.mate[n]] == post:
            met = bonds.bond[n]
            worth += bonds.weight[met]
    return worth
