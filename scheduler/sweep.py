"""Best-response sweeps: person after person takes the best legal path given what all others do."""

from typing import NamedTuple

import numpy as np

from scheduler.board import ELSEWHERE, FREE, Board, Bonds, Offers, Places
from scheduler.calendar import Floats, Ints
from scheduler.compiled import compiled
from scheduler.offers import rank
from scheduler.path import FORCED, OPTIONAL, OUTSIDE, Scratch
from scheduler.place import CERTIFIED, CERTIFIED_GUARD, GUARDS, PEOPLE, VOLUNTEER, entry, may_leave
from scheduler.ways import best_of

LOOSE, PAIRING, LEGAL = range(3)


class Stand(NamedTuple):
    """How things stand: a post or −1 per node, people per place, and how free a move is now.

    `guide` holds prices per place, of a person and on top of a certified guard, trusted from 0 to below 1;
    what a place gains then counts as at most `stray` away from them. LOOSE lets people stand alone for now;
    PAIRING joins legal company only; LEGAL also leaves nobody behind alone.
    """

    choice: Ints
    counts: Ints
    mode: int
    guide: Floats
    trust: float
    stray: float


@compiled
def sweep(board: Board, order: Ints, stand: Stand, room: Scratch) -> None:
    """Everyone in order takes the best path there is for them; choice and counts follow."""
    for n in range(len(order)):
        respond(board, order[n], stand, room)


@compiled
def respond(board: Board, who: int, stand: Stand, room: Scratch) -> None:
    nodes, places, offers, guard = board.nodes, board.places, board.offers, board.law.guard[who]
    begin, end = nodes.first[who], nodes.first[who + 1]
    for k in range(begin, end):
        counted = guard + guard * offers.certified[k]
        room.kind[k - begin] = _release(nodes.post[k], nodes.duty[k], places, k, counted, stand)
        room.gain[k - begin], room.post[k - begin] = 0.0, stand.choice[k]
    for k in range(begin, end):
        if room.kind[k - begin] == OPTIONAL:
            _offer(
                offers, places, board.bonds, k, guard + guard * offers.certified[k], stand, room, k - begin
            )
    best_of(board, who, room)
    for k in range(begin, end):
        if room.kind[k - begin] == OPTIONAL and room.taken[k - begin] == 1:
            stand.choice[k] = room.post[k - begin]
            counted = guard + guard * offers.certified[k]
            _tally(stand.counts, places.at[stand.choice[k], nodes.duty[k]], counted, 1)


@compiled
def _release(pin: int, d: int, places: Places, k: int, counted: int, stand: Stand) -> int:
    """Takes the person out of what need not stay, and says what kind of node it is now."""
    if pin == ELSEWHERE:
        return OUTSIDE
    if pin != FREE:
        return FORCED
    if stand.choice[k] >= 0:
        place = places.at[stand.choice[k], d]
        if stand.mode == LEGAL and not may_leave(places, stand.counts, place, counted):
            return FORCED
        _tally(stand.counts, place, counted, -1)
        stand.choice[k] = -1
    return OPTIONAL


@compiled
def move(board: Board, who: int, k: int, by: int, stand: Stand) -> None:
    """Adds the person to, or takes from, the place chosen for node k."""
    d = board.nodes.duty[k]
    _tally(stand.counts, board.places.at[stand.choice[k], d], rank(board, who, d), by)


@compiled
def _tally(counts: Ints, place: int, counted: int, by: int) -> None:
    counts[place, PEOPLE] += by
    if counted != VOLUNTEER:
        counts[place, GUARDS] += by
    if counted == CERTIFIED_GUARD:
        counts[place, CERTIFIED] += by


@compiled
def recount(board: Board, choice: Ints, counts: Ints) -> None:
    nodes, at, certified = board.nodes, board.places.at, board.offers.certified
    counts[:] = 0
    for who in range(len(board.law.guard)):
        guard = board.law.guard[who]
        for k in range(nodes.first[who], nodes.first[who + 1]):
            if choice[k] >= 0:
                _tally(counts, at[choice[k], nodes.duty[k]], guard + guard * certified[k], 1)


@compiled
def _offer(
    offers: Offers, places: Places, bonds: Bonds, k: int, counted: int, stand: Stand, room: Scratch, slot: int
) -> None:
    """The best post for node k as things stand, or as the prices have it, as far as these are trusted."""
    gain, counts, guide, last = places.gain, stand.counts, stand.guide, places.gain.shape[1] - 1
    bonded = bonds.first[k] < bonds.first[k + 1]
    room.gain[slot] = -np.inf
    for n in range(offers.first[k], offers.first[k + 1]):
        place = offers.place[n]
        people, papers = counts[place, PEOPLE], counts[place, CERTIFIED]
        worth, led = gain[place, min(people, last)], guide[place, 0]
        if counted == CERTIFIED_GUARD:
            led += guide[place, 1]
            worth += places.missing if papers < places.certified[place] else 0.0
        if stand.mode != LOOSE and (people < 2 or (places.night[place] == 1 and papers == 0)):
            worth = entry(places, counts, place, counted, True)
            if worth == -np.inf:
                continue
        if stand.trust > 0.0:
            worth = led + (1.0 - stand.trust) * min(max(worth - led, -stand.stray), stand.stray)
        worth += offers.worth[n]
        if bonded:
            worth += company(bonds, k, places.post[place], stand.choice)
        if worth > room.gain[slot]:
            room.gain[slot], room.post[slot] = worth, places.post[place]


@compiled
def company(bonds: Bonds, k: int, post: int, choice: Ints) -> float:
    """What it adds that some of those kept together with, or apart from, the person are there in the duty."""
    worth, met = 0.0, -1
    for n in range(bonds.first[k], bonds.first[k + 1]):
        if bonds.bond[n] != met and choice[bonds.mate[n]] == post:
            met = bonds.bond[n]
            worth += bonds.weight[met]
    return worth
