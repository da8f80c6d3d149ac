"""A roster held ready for change: what each person's duties would be worth if one came and one went."""

from typing import NamedTuple

import numpy as np

from scheduler.board import ELSEWHERE, FREE, Board, Places
from scheduler.calendar import Floats, Ints, Shorts
from scheduler.clauses import closing
from scheduler.compiled import compiled
from scheduler.offers import rank
from scheduler.path import others_sums, own_sums, step
from scheduler.place import CERTIFIED, CERTIFIED_GUARD, GUARD, GUARDS, PEOPLE, VOLUNTEER, stands
from scheduler.state import WIDTH

ALONE, NOBODY, ROOM = 0, -1, 3


class Ground(NamedTuple):
    """Plain arrays: handing the whole board on inside a loop costs more than the loop.

    By person the first node, and the nodes taken. By node: whose it is, the rank there, the place taken or
    −1, what the person's own terms make of that, what giving it up makes of the place and of these terms
    (−inf if nobody may be left so), whether it may not be taken, whether it may not be given up, and by how
    much it is preferred that this person takes it.

    `first`, `node`, `worth` list by place who may come; `offer_first`, `offer_place`, `offer_worth` by node
    where to. `own[node, 0]` is what taking the node does to the person's own sums, `own[node, c]` what taking
    it and giving up the c-th node taken does; −inf where a hard rule forbids it. `ease[node]` is the best of
    these with `leave`, and `top[place, rank]` at least the best `ease` and worth of anyone who may come.
    """

    starts: Ints
    taken: Ints
    who: Ints
    rank: Ints
    here: Ints
    now: Floats
    leave: Floats
    barred: Ints
    held: Ints
    bonus: Floats
    first: Ints
    node: Ints
    worth: Floats
    offer_first: Ints
    offer_place: Shorts
    offer_worth: Floats
    places: Places
    counts: Ints
    own: Floats
    ease: Floats
    top: Floats


def ground_of(board: Board, here: Ints, bonus: Floats, since: int) -> Ground:
    """`here` is a place or −1 by node; duties that begin before `since` are not given up."""
    many, places, people = len(board.nodes.duty), len(board.places.post), len(board.law.guard)
    who = np.repeat(np.arange(people), np.diff(board.nodes.first))
    order = np.argsort(board.offers.place, kind="stable")
    at = np.repeat(np.arange(many), np.diff(board.offers.first))
    most = int(np.bincount(who[here >= 0], minlength=1).max()) + ROOM
    started = board.duty.start[board.nodes.duty] < since
    ground = Ground(
        starts=board.nodes.first,
        taken=np.full((people, most), NOBODY, dtype=np.int64),
        who=who,
        rank=np.zeros(many, dtype=np.int64),
        here=np.full(many, NOBODY, dtype=np.int64),
        now=np.zeros(many),
        leave=np.full(many, -np.inf),
        barred=(board.nodes.post != FREE).astype(np.int64),
        held=((board.nodes.post != FREE) | started).astype(np.int64),
        bonus=bonus,
        first=np.searchsorted(board.offers.place[order], np.arange(places + 1)).astype(np.int64),
        node=at[order],
        worth=board.offers.worth[order],
        offer_first=board.offers.first,
        offer_place=board.offers.place,
        offer_worth=board.offers.worth,
        places=board.places,
        counts=np.zeros((places, 3), dtype=np.int64),
        own=np.full((many, most + 1), -np.inf),
        ease=np.full(many, -np.inf),
        top=np.full((places, 3), -np.inf),
    )
    _ranks(board, who, ground.rank)
    for k in np.flatnonzero(here >= 0).tolist():
        put(ground, k, here[k])
    relieve(ground, np.arange(places))
    weigh(board, ground, np.arange(people))
    ease(ground, np.arange(many))
    return ground


@compiled
def _ranks(board: Board, who: Ints, ranks: Ints) -> None:
    for k in range(len(who)):
        ranks[k] = rank(board, who[k], board.nodes.duty[k])


@compiled
def put(ground: Ground, k: int, place: int) -> None:
    """Node k's person comes to the place, or with −1 away from where it stands; `relieve` both afterwards."""
    at = place if place >= 0 else ground.here[k]
    shift_counts(ground.counts, at, ground.rank[k], 1 if place >= 0 else -1)
    ground.here[k] = place
    ground.now[k] = 0.0
    for n in range(ground.offer_first[k], ground.offer_first[k + 1]):
        if ground.offer_place[n] == place:
            ground.now[k] = ground.offer_worth[n]


@compiled
def shift_counts(counts: Ints, place: int, counted: int, by: int) -> None:
    counts[place, PEOPLE] += by
    if counted != VOLUNTEER:
        counts[place, GUARDS] += by
    if counted == CERTIFIED_GUARD:
        counts[place, CERTIFIED] += by


@compiled
def coming(places: Places, counts: Ints, place: int, counted: int, gone: int) -> float:
    """What one more of the rank adds, once one of the rank `gone` has left, with −1 nobody; −inf if the
    company isn't legal then."""
    guard, certified = min(counted // GUARD, 1), counted // CERTIFIED_GUARD
    people, guards, papers = counts[place, PEOPLE], counts[place, GUARDS], counts[place, CERTIFIED]
    if gone >= 0:
        people, guards, papers = people - 1, guards - min(gone // GUARD, 1), papers - gone // CERTIFIED_GUARD
    if not stands(places, place, people + 1, guards + guard, papers + certified):
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
def relieve(ground: Ground, changed: Ints) -> None:
    """Fills `leave` for those who stand at these places."""
    places, counts, first, node, here = ground.places, ground.counts, ground.first, ground.node, ground.here
    ranks, leave, now = ground.rank, ground.leave, ground.now
    for place in changed:
        for n in range(first[place], first[place + 1]):
            j = node[n]
            if here[j] == place:
                leave[j] = -np.inf
                if stands_without(places, counts, place, ranks[j]):
                    leave[j] = going(places, counts, place, ranks[j]) - now[j]


@compiled
def sums(board: Board, here: Ints, who: int, change: tuple[int, int], room: Ints) -> float:
    """The person's own sums with one duty less and one more (−1: none); NaN if a hard rule forbids them."""
    drop, add = change
    legal, worth = True, 0.0
    before, after = room[0], room[1]
    before[:] = board.law.state[who]
    for k in range(board.nodes.first[who], board.nodes.first[who + 1]):
        outside = board.nodes.post[k] == ELSEWHERE
        if k == drop or not (outside or k == add or here[k] >= 0):
            continue
        legal = step(board, who, board.nodes.duty[k], before, after) and legal
        if outside:
            worth += float(others_sums(board, who, board.nodes.duty[k], before, after))
        else:
            worth += float(own_sums(board, who, board.nodes.duty[k], before, after))
        before[:] = after
    if board.clauses.of[who] >= 0:
        worth += float(closing(board.clauses, who, before))
    if legal or (drop < 0 and add < 0):
        return worth
    return float("nan")


@compiled
def weigh(board: Board, ground: Ground, people: Ints) -> None:
    """Fills `taken` and `own` for these people."""
    nodes, room = board.nodes, np.zeros((2, WIDTH), dtype=np.int64)
    for who in people:
        as_is, c = sums(board, ground.here, who, (NOBODY, NOBODY), room), 0
        ground.taken[who] = NOBODY
        for k in range(nodes.first[who], nodes.first[who + 1]):
            if ground.here[k] >= 0 and nodes.post[k] == FREE and c < ground.taken.shape[1]:
                ground.taken[who, c] = k
                c += 1
        for k in range(nodes.first[who], nodes.first[who + 1]):
            ground.own[k] = -np.inf
            if nodes.post[k] == FREE:
                _own(board, ground, k, as_is, room)


@compiled
def _own(board: Board, ground: Ground, k: int, as_is: float, room: Ints) -> None:
    own, here, who = ground.own[k], ground.here, ground.who[k]
    if here[k] >= 0:
        own[ALONE] = 0.0
        return
    alone = sums(board, here, who, (NOBODY, k), room)
    if not np.isnan(alone):
        own[ALONE] = alone - as_is
    for c in range(ground.taken.shape[1]):
        j = ground.taken[who, c]
        if j < 0:
            return
        if ground.held[j] == 0:
            instead = sums(board, here, who, (j, k), room)
            if not np.isnan(instead):
                own[c + 1] = instead - as_is


@compiled
def option(ground: Ground, k: int, one: int, other: int) -> tuple[float, int]:
    """The best way to take node k and what to give up for it, −1 for nothing; neither of these two places."""
    here, leave, own, taken = ground.here, ground.leave, ground.own[k], ground.taken[ground.who[k]]
    if here[k] >= 0:
        return (-np.inf, NOBODY) if here[k] in (one, other) else (leave[k], k)
    best, drop = own[ALONE], NOBODY
    for c in range(len(taken)):
        j = taken[c]
        if j < 0:
            break
        worth = own[c + 1] + leave[j]
        if worth > best and here[j] != one and here[j] != other:
            best, drop = worth, j
    return best, drop


@compiled
def ease(ground: Ground, nodes: Ints) -> None:
    """Fills `ease` for these nodes and raises `top` to it; what falls leaves `top` as high as it was."""
    first, place, worth = ground.offer_first, ground.offer_place, ground.offer_worth
    top = ground.top
    for k in nodes:
        ground.ease[k] = -np.inf
        if ground.barred[k] == 1:
            continue
        least, _ = option(ground, k, NOBODY, NOBODY)
        least += ground.bonus[k]
        ground.ease[k] = least
        counted = ground.rank[k]
        for n in range(first[k], first[k + 1]):
            if least + worth[n] > top[place[n], counted]:
                top[place[n], counted] = least + worth[n]
