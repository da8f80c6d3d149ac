"""Everyone who could come to one place, with what they would leave behind and who would make up for that."""

from typing import NamedTuple

import numpy as np

from scheduler.board import FREE
from scheduler.calendar import Floats, Ints
from scheduler.compiled import compiled
from scheduler.ground import (
    NOBODY,
    Ground,
    best_option,
    coming,
    going,
    place_of_node,
    shift_counts,
    stands_without,
    sums,
)
from scheduler.offers import rank
from scheduler.path import WIDTH
from scheduler.place import CERTIFIED, GUARDS, PEOPLE, stands

ITSELF, DROP, OTHER, OTHER_DROP, OTHER_PLACE = range(5)


class Fills(NamedTuple):
    """By who may come to the place: the change of the objective, −inf without a legal one, and its moves.

    `move` holds the node taken, the node given up or −1, and of a second person the node, the node given up
    or −1 if free then, and the place taken or −1 if sent home; without a second person its node is −1.
    """

    value: Floats
    move: Ints


def fills(ground: Ground, place: int, best: int, *, certified: bool = False, chains: bool = True) -> Fills:
    """Exact for the `best` best: others may show a good change instead of their best one."""
    begin, end = ground.first[place], ground.first[place + 1]
    found = Fills(np.full(end - begin, -np.inf), np.full((end - begin, 5), NOBODY, dtype=np.int64))
    _single(ground, place, certified, found)
    if chains:
        least = _least(found.value, best)
        _chained(ground, place, least, certified, found, np.zeros((2, WIDTH), dtype=np.int64))
    return found


def _least(values: Floats, best: int) -> float:
    return float(np.sort(values)[-best]) if len(values) >= best else float("-inf")


@compiled
def _single(ground: Ground, place: int, certified: bool, found: Fills) -> None:
    """Fills and moves of one."""
    board, begin = ground.board, ground.first[place]
    for e in range(len(found.value)):
        k = ground.node[begin + e]
        if ground.barred[k] == 1 or ground.choice[k] == board.places.post[place]:
            continue
        counted = rank(board, ground.who[k], board.nodes.duty[k])
        gain = coming(board.places, ground.counts, place, counted)
        if gain == -np.inf or (certified and counted != 2):
            continue
        worth, drop = best_option(ground, k, place, place)
        found.value[e] = gain + ground.worth[begin + e] + worth + ground.bonus[k]
        found.move[e, ITSELF], found.move[e, DROP] = k, drop


@compiled
def _chained(ground: Ground, place: int, least: float, certified: bool, found: Fills, room: Ints) -> None:
    """Moves of one whose place another takes, or is left by the one who would be alone there."""
    board, begin, nodes = ground.board, ground.first[place], ground.board.nodes
    for e in range(len(found.value)):
        k = ground.node[begin + e]
        if ground.barred[k] == 1 or ground.choice[k] == board.places.post[place]:
            continue
        who = ground.who[k]
        counted = rank(board, who, nodes.duty[k])
        gain = coming(board.places, ground.counts, place, counted)
        if gain == -np.inf or (certified and counted != 2):
            continue
        gain += ground.worth[begin + e] + ground.bonus[k]
        if ground.choice[k] >= 0:
            _follow(ground, place, (k, k), gain, least, found, e, room)
            continue
        c = 0
        for j in range(nodes.first[who], nodes.first[who + 1]):
            if ground.choice[j] < 0 or nodes.post[j] != FREE:
                continue
            c += 1
            if c < ground.own.shape[1] and ground.own[k, c] > -np.inf:
                _follow(ground, place, (k, j), gain + ground.own[k, c], least, found, e, room)


@compiled
def _follow(
    ground: Ground,
    place: int,
    move: tuple[int, int],
    gain: float,
    least: float,
    found: Fills,
    e: int,
    room: Ints,
) -> None:
    """What a second person makes of a first one's move, which gains so much before anything is left."""
    board, counts, places = ground.board, ground.counts, ground.board.places
    k, j = move
    old = place_of_node(ground, j)
    if old == place:
        return
    here = rank(board, ground.who[k], board.nodes.duty[k])
    there = rank(board, ground.who[k], board.nodes.duty[j])
    legal = stands_without(places, counts, old, there)
    gain += going(places, counts, old, there) - ground.now[j]
    shift_counts(counts, place, here, 1)
    shift_counts(counts, old, there, -1)
    least = max(least, found.value[e])
    _refill(ground, place, old, move, (gain, least), found, e)
    if not legal and counts[old, PEOPLE] == 1:
        _release(ground, old, move, gain, found, e, room)
    shift_counts(counts, place, here, -1)
    shift_counts(counts, old, there, 1)


@compiled
def _refill(
    ground: Ground,
    place: int,
    old: int,
    move: tuple[int, int],
    bar: tuple[float, float],
    found: Fills,
    e: int,
) -> None:
    board, places = ground.board, ground.board.places
    gain, least = bar
    worth = np.full(3, -np.inf)
    hope = -np.inf
    for counted in range(3):
        worth[counted] = coming(places, ground.counts, old, counted)
        hope = max(hope, worth[counted] + ground.top[old, counted])
    if gain + hope <= least:
        return
    for n in range(ground.first[old], ground.first[old + 1]):
        m = ground.node[n]
        if (
            ground.barred[m] == 1
            or ground.choice[m] == places.post[old]
            or ground.who[m] == ground.who[move[0]]
        ):
            continue
        base = gain + ground.worth[n] + worth[rank(board, ground.who[m], board.nodes.duty[m])]
        if base + ground.ease[m] <= least:
            continue
        more, drop = best_option(ground, m, place, old)
        more += ground.bonus[m]
        if base + more > least:
            least = base + more
            found.value[e] = least
            found.move[e] = np.asarray((move[0], move[1], m, drop, old))


@compiled
def _release(
    ground: Ground, old: int, move: tuple[int, int], gain: float, found: Fills, e: int, room: Ints
) -> None:
    """The one left behind goes home or to another place of the same shift."""
    for n in range(ground.first[old], ground.first[old + 1]):
        m = ground.node[n]
        if ground.choice[m] == ground.board.places.post[old] and ground.who[m] != ground.who[move[0]]:
            if ground.barred[m] == 1:
                return
            more, goal = elsewhere(ground, m, room)
            if gain + more > found.value[e]:
                found.value[e] = gain + more
                found.move[e] = np.asarray((move[0], move[1], m, m, goal))
            return


@compiled
def elsewhere(ground: Ground, m: int, room: Ints) -> tuple[float, int]:
    """The best for one who leaves the present place: which other place of the shift, or −1 for home."""
    board, who = ground.board, ground.who[m]
    here = place_of_node(ground, m)
    counted = rank(board, who, board.nodes.duty[m])
    leaving = going(board.places, ground.counts, here, counted) - ground.now[m]
    best, goal = -np.inf, NOBODY
    if ground.held[m] == 0:
        home = sums(ground, who, m, NOBODY, room)
        if not np.isnan(home):
            best = leaving + home - sums(ground, who, NOBODY, NOBODY, room)
    for n in range(board.offers.first[m], board.offers.first[m + 1]):
        place = board.offers.place[n]
        if place != here:
            worth = leaving + coming(board.places, ground.counts, place, counted) + board.offers.worth[n]
            if worth > best:
                best, goal = worth, place
    return best, goal


class Pairs(NamedTuple):
    """By who may come: the best change with a second one coming, and the row of that second one."""

    value: Floats
    other: Ints
    drop: Ints


def pairs(ground: Ground, place: int, best: int) -> Pairs:
    """For a place where one alone wouldn't be legal: two come at once."""
    begin, end = ground.first[place], ground.first[place + 1]
    value, drop = np.full(end - begin, -np.inf), np.full(end - begin, NOBODY, dtype=np.int64)
    _ready(ground, place, value, drop)
    order = np.argsort(-value, kind="stable")
    order = order[value[order] > -np.inf]
    found = Pairs(np.full(end - begin, -np.inf), np.full(end - begin, NOBODY, dtype=np.int64), drop)
    _couple(ground, place, order, value, found, best)
    _units(ground, place, found)
    return found


@compiled
def _ready(ground: Ground, place: int, value: Floats, drop: Ints) -> None:
    begin = ground.first[place]
    for e in range(len(value)):
        k = ground.node[begin + e]
        if ground.barred[k] == 0 and ground.choice[k] != ground.board.places.post[place]:
            worth, drop[e] = best_option(ground, k, place, place)
            value[e] = worth + ground.worth[begin + e] + ground.bonus[k]


@compiled
def _couple(ground: Ground, place: int, order: Ints, value: Floats, found: Pairs, best: int) -> None:
    """The first of a pair is the one worth more by itself; `kept` holds the best pairs, the least first."""
    kept, most, begin = np.full(best, -np.inf), _most(ground, place), ground.first[place]
    for a in range(len(order)):
        one = order[a]
        if 2 * value[one] + most <= kept[0]:
            return
        for b in range(a + 1, len(order)):
            two = order[b]
            if value[one] + value[two] + most <= max(found.value[one], kept[0]):
                break
            if _same_source(ground, found.drop[one], found.drop[two]):
                continue
            worth = _together(ground, place, begin + one, begin + two) + value[one] + value[two]
            if worth > found.value[one]:
                found.value[one], found.other[one] = worth, two
        if found.value[one] > kept[0]:
            kept[0] = found.value[one]
            kept.sort()


@compiled
def _units(ground: Ground, place: int, found: Pairs) -> None:
    """Two who stand by themselves elsewhere in the shift come together."""
    board, begin, many = ground.board, ground.first[place], len(found.value)
    for a in range(many):
        one = ground.node[begin + a]
        if (
            ground.barred[one] == 1
            or ground.choice[one] < 0
            or ground.choice[one] == board.places.post[place]
        ):
            continue
        old = place_of_node(ground, one)
        if ground.counts[old, PEOPLE] != 2:
            continue
        for b in range(a + 1, many):
            two = ground.node[begin + b]
            if ground.choice[two] != ground.choice[one] or ground.barred[two] == 1:
                continue
            worth = _together(ground, place, begin + a, begin + b) - _company(ground, old)
            worth += ground.worth[begin + a] - ground.now[one] + ground.bonus[one]
            worth += ground.worth[begin + b] - ground.now[two] + ground.bonus[two]
            if worth > found.value[a]:
                found.value[a], found.other[a], found.drop[a], found.drop[b] = worth, b, one, two


@compiled
def _company(ground: Ground, place: int) -> float:
    """What all people there are worth."""
    places, worth = ground.board.places, 0.0
    for n in range(ground.counts[place, PEOPLE]):
        worth += float(places.gain[place, min(n, places.gain.shape[1] - 1)])
    filled = min(ground.counts[place, CERTIFIED], places.certified[place])
    return float(worth + places.missing * filled)


@compiled
def _same_source(ground: Ground, one: int, two: int) -> bool:
    return one >= 0 and two >= 0 and place_of_node(ground, one) == place_of_node(ground, two)


@compiled
def _most(ground: Ground, place: int) -> float:
    """At most what two more add."""
    places, people, last = (
        ground.board.places,
        ground.counts[place, PEOPLE],
        ground.board.places.gain.shape[1] - 1,
    )
    gain = places.gain[place, min(people, last)] + places.gain[place, min(people + 1, last)]
    return float(gain + 2 * places.missing)


@compiled
def _together(ground: Ground, place: int, one: int, two: int) -> float:
    """What the place gains by two more; −inf if that isn't legal."""
    board, counts = ground.board, ground.counts
    places, people, last = board.places, counts[place, PEOPLE], board.places.gain.shape[1] - 1
    guards, papers = counts[place, GUARDS], counts[place, CERTIFIED]
    for n in (one, two):
        counted = rank(board, ground.who[ground.node[n]], board.nodes.duty[ground.node[n]])
        guards += 1 if counted > 0 else 0
        papers += 1 if counted == 2 else 0
    if not stands(places, place, people + 2, guards, papers):
        return -np.inf
    filled = min(papers, places.certified[place]) - min(counts[place, CERTIFIED], places.certified[place])
    worth = places.gain[place, min(people, last)] + places.gain[place, min(people + 1, last)]
    return float(worth + places.missing * filled)
