"""A roster held ready for change: what each person's duties would be worth if one came and one went."""

from typing import NamedTuple

import numpy as np

from scheduler.board import ELSEWHERE, FREE, Board, Places
from scheduler.calendar import Floats, Ints
from scheduler.compiled import compiled
from scheduler.offers import rank
from scheduler.path import NIGHTS, TOTAL_MS, WEEKENDS, WIDTH, own_sums, step
from scheduler.place import CERTIFIED, CERTIFIED_GUARD, GUARD, GUARDS, PEOPLE, VOLUNTEER, stands

ALONE, NOBODY, ROOM = 0, -1, 3


class Ground(NamedTuple):
    """By node: whose it is, the post or −1, what the person's own terms make of that, whether it may not be
    taken, whether it may not be given up, and by how much it is preferred that this person takes it.

    `first`, `node`, `worth` list by place who may come. `own[node, 0]` is what taking the node does to the
    person's own sums, `own[node, c]` what taking it and giving up the person's c-th free duty does; −inf
    where a hard rule forbids it. `ease[node]` is the best of these with what the places left lose, and
    `top[place, rank]` is at least the best `ease` and worth of anyone of the rank who may come.
    """

    board: Board
    who: Ints
    first: Ints
    node: Ints
    worth: Floats
    choice: Ints
    counts: Ints
    now: Floats
    barred: Ints
    held: Ints
    bonus: Floats
    own: Floats
    ease: Floats
    top: Floats


def ground_of(board: Board, choice: Ints, bonus: Floats, since: int) -> Ground:
    """Duties that begin before `since` are not given up."""
    many, places = len(board.nodes.duty), len(board.places.post)
    who = np.repeat(np.arange(len(board.law.guard)), np.diff(board.nodes.first))
    order = np.argsort(board.offers.place, kind="stable")
    at = np.repeat(np.arange(many), np.diff(board.offers.first))
    most = int(np.bincount(who[choice >= 0], minlength=1).max()) + ROOM
    started = board.duty.start[board.nodes.duty] < since
    ground = Ground(
        board=board,
        who=who,
        first=np.searchsorted(board.offers.place[order], np.arange(places + 1)).astype(np.int64),
        node=at[order],
        worth=board.offers.worth[order],
        choice=np.full(many, NOBODY, dtype=np.int64),
        counts=np.zeros((places, 3), dtype=np.int64),
        now=np.zeros(many),
        barred=(board.nodes.post != FREE).astype(np.int64),
        held=((board.nodes.post != FREE) | started).astype(np.int64),
        bonus=bonus,
        own=np.full((many, most), -np.inf),
        ease=np.full(many, -np.inf),
        top=np.full((places, 3), -np.inf),
    )
    for k in np.flatnonzero(choice >= 0).tolist():
        put(ground, k, board.places.at[choice[k], board.nodes.duty[k]])
    weigh(ground, np.arange(len(board.law.guard)))
    ease(ground, np.arange(many))
    return ground


@compiled
def put(ground: Ground, k: int, place: int) -> None:
    """Node k's person comes to the place, or with −1 away from where it stands."""
    by, board = (1, ground.board) if place >= 0 else (-1, ground.board)
    at = place if place >= 0 else board.places.at[ground.choice[k], board.nodes.duty[k]]
    counted = rank(board, ground.who[k], board.nodes.duty[k])
    shift_counts(ground.counts, at, counted, by)
    ground.choice[k] = board.places.post[place] if place >= 0 else NOBODY
    ground.now[k] = worth_at(board, k, place) if place >= 0 else 0.0


@compiled
def shift_counts(counts: Ints, place: int, counted: int, by: int) -> None:
    counts[place, PEOPLE] += by
    if counted != VOLUNTEER:
        counts[place, GUARDS] += by
    if counted == CERTIFIED_GUARD:
        counts[place, CERTIFIED] += by


@compiled
def worth_at(board: Board, k: int, place: int) -> float:
    for n in range(board.offers.first[k], board.offers.first[k + 1]):
        if board.offers.place[n] == place:
            return float(board.offers.worth[n])
    return 0.0


@compiled
def listed(board: Board, k: int, place: int) -> bool:
    for n in range(board.offers.first[k], board.offers.first[k + 1]):
        if board.offers.place[n] == place:
            return True
    return False


@compiled
def place_of_node(ground: Ground, k: int) -> int:
    return int(ground.board.places.at[ground.choice[k], ground.board.nodes.duty[k]])


@compiled
def coming(places: Places, counts: Ints, place: int, counted: int) -> float:
    """What one more of the rank adds; −inf if the company isn't legal then."""
    guard, certified = min(counted // GUARD, 1), counted // CERTIFIED_GUARD
    people, papers = counts[place, PEOPLE], counts[place, CERTIFIED]
    if not stands(places, place, people + 1, counts[place, GUARDS] + guard, papers + certified):
        return -np.inf
    worth = float(places.gain[place, min(people, places.gain.shape[1] - 1)])
    return worth + (places.missing if certified == 1 and papers < places.certified[place] else 0.0)


@compiled
def going(places: Places, counts: Ints, place: int, counted: int) -> float:
    """What one less of the rank makes of the place, legal or not."""
    people, papers = counts[place, PEOPLE], counts[place, CERTIFIED]
    worth = -float(places.gain[place, min(people - 1, places.gain.shape[1] - 1)])
    scarce = counted == CERTIFIED_GUARD and papers <= places.certified[place]
    return worth - (places.missing if scarce else 0.0)


@compiled
def stands_without(places: Places, counts: Ints, place: int, counted: int) -> bool:
    guard, certified = min(counted // GUARD, 1), counted // CERTIFIED_GUARD
    guards, papers = counts[place, GUARDS] - guard, counts[place, CERTIFIED] - certified
    return stands(places, place, counts[place, PEOPLE] - 1, guards, papers)


@compiled
def left(ground: Ground, j: int) -> float:
    """What giving up node j makes of its place and of what belongs to the duty alone; −inf if illegal."""
    place, places = place_of_node(ground, j), ground.board.places
    counted = rank(ground.board, ground.who[j], ground.board.nodes.duty[j])
    if not stands_without(places, ground.counts, place, counted):
        return -np.inf
    return going(places, ground.counts, place, counted) - float(ground.now[j])


@compiled
def sums(ground: Ground, who: int, drop: int, add: int, room: Ints) -> float:
    """The person's own sums with one duty less and one more; NaN if a hard rule forbids them."""
    board, legal, worth = ground.board, True, 0.0
    before, after = room[0], room[1]
    before[:] = board.law.state[who]
    for k in range(board.nodes.first[who], board.nodes.first[who + 1]):
        outside = board.nodes.post[k] == ELSEWHERE
        if k == drop or not (outside or k == add or ground.choice[k] >= 0):
            continue
        legal = step(board, who, board.nodes.duty[k], before, after) and legal
        if outside:
            after[TOTAL_MS], after[NIGHTS] = before[TOTAL_MS], before[NIGHTS]
            after[WEEKENDS] = before[WEEKENDS]
        else:
            worth += float(own_sums(board, who, board.nodes.duty[k], before, after))
        before[:] = after
    if legal or (drop < 0 and add < 0):
        return worth
    return float("nan")


@compiled
def weigh(ground: Ground, people: Ints) -> None:
    """Fills `own` for these people."""
    nodes, room = ground.board.nodes, np.zeros((2, WIDTH), dtype=np.int64)
    for who in people:
        as_is = sums(ground, who, NOBODY, NOBODY, room)
        for k in range(nodes.first[who], nodes.first[who + 1]):
            ground.own[k] = -np.inf
            if nodes.post[k] != FREE:
                continue
            if ground.choice[k] >= 0:
                ground.own[k, ALONE] = 0.0
                continue
            _own(ground, k, as_is, room)


@compiled
def _own(ground: Ground, k: int, as_is: float, room: Ints) -> None:
    nodes, who, c = ground.board.nodes, ground.who[k], 0
    alone = sums(ground, who, NOBODY, k, room)
    if not np.isnan(alone):
        ground.own[k, ALONE] = alone - as_is
    for j in range(nodes.first[who], nodes.first[who + 1]):
        if ground.choice[j] < 0 or nodes.post[j] != FREE:
            continue
        c += 1
        if c < ground.own.shape[1] and ground.held[j] == 0:
            instead = sums(ground, who, j, k, room)
            if not np.isnan(instead):
                ground.own[k, c] = instead - as_is


@compiled
def best_option(ground: Ground, k: int, one: int, other: int) -> tuple[float, int]:
    """The best way to take node k and what to give up for it, −1 for nothing; neither of these two places."""
    if ground.choice[k] >= 0:
        at = place_of_node(ground, k)
        return (-np.inf, NOBODY) if at in (one, other) else (left(ground, k), k)
    best, drop, c, nodes = ground.own[k, ALONE], NOBODY, 0, ground.board.nodes
    who = ground.who[k]
    for j in range(nodes.first[who], nodes.first[who + 1]):
        if ground.choice[j] < 0 or nodes.post[j] != FREE:
            continue
        c += 1
        if c >= ground.own.shape[1] or ground.own[k, c] == -np.inf:
            continue
        if place_of_node(ground, j) in (one, other):
            continue
        worth = ground.own[k, c] + left(ground, j)
        if worth > best:
            best, drop = worth, j
    return best, drop


@compiled
def ease(ground: Ground, nodes: Ints) -> None:
    """Fills `ease` for these nodes and raises `top` to it; what falls leaves `top` as high as it was."""
    board = ground.board
    for k in nodes:
        ground.ease[k] = -np.inf
        if ground.barred[k] == 1:
            continue
        ground.ease[k] = best_option(ground, k, NOBODY, NOBODY)[0] + ground.bonus[k]
        counted = rank(board, ground.who[k], board.nodes.duty[k])
        for n in range(board.offers.first[k], board.offers.first[k + 1]):
            place = board.offers.place[n]
            worth = ground.ease[k] + board.offers.worth[n]
            if worth > ground.top[place, counted]:
                ground.top[place, counted] = worth
