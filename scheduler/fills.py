"""Everyone who could come to one place, with what they would leave behind and who would make up for that."""

from typing import NamedTuple

import numpy as np

from scheduler.board import Board, Places
from scheduler.calendar import Floats, Ints
from scheduler.compiled import compiled
from scheduler.ground import NOBODY, Ground, coming, going, option, shift_counts, stands_without, sums
from scheduler.place import CERTIFIED, CERTIFIED_GUARD, GUARDS, PEOPLE, stands
from scheduler.state import WIDTH

ITSELF, DROP, OTHER, OTHER_DROP, OTHER_PLACE = range(5)


class Fills(NamedTuple):
    """By who may come to the place: the change of the objective, −inf without a legal one, and its moves.

    `move` holds the node taken, the node given up or −1, and of a second person the node, the node given up
    or −1 if free then, and the place taken or −1 if sent home; without a second person its node is −1.
    """

    value: Floats
    move: Ints


def fills(board: Board, ground: Ground, place: int, best: int, *, certified: bool = False) -> Fills:
    """Exact for the `best` best: others may show a good change instead of their best one."""
    begin, end = ground.first[place], ground.first[place + 1]
    found = Fills(np.full(end - begin, -np.inf), np.full((end - begin, 5), NOBODY, dtype=np.int64))
    entry = np.asarray([coming(ground.places, ground.counts, place, counted, NOBODY) for counted in range(3)])
    if certified:
        entry[:CERTIFIED_GUARD] = -np.inf
    _single(ground, place, entry, found)
    order = np.argsort(-found.value, kind="stable")
    known = np.full(min(best, end - begin + 1), -np.inf)
    if len(order) >= best:
        known[:] = found.value[order[best - 1]]
    _chained(board, ground, place, entry, order, found, known)
    return found


@compiled
def _single(ground: Ground, place: int, entry: Floats, found: Fills) -> None:
    """Fills and moves of one; `entry` is what one of each rank adds."""
    begin, value, move = ground.first[place], found.value, found.move
    barred, here, ranks, node, bonus = ground.barred, ground.here, ground.rank, ground.node, ground.bonus
    for e in range(len(value)):
        k = node[begin + e]
        if barred[k] == 1 or here[k] == place or entry[ranks[k]] == -np.inf:
            continue
        worth, drop = option(ground, k, place, place)
        value[e] = entry[ranks[k]] + ground.worth[begin + e] + worth + bonus[k]
        move[e, ITSELF], move[e, DROP] = k, drop


@compiled
def _chained(
    board: Board, ground: Ground, place: int, entry: Floats, order: Ints, found: Fills, known: Floats
) -> None:
    """Moves of one whose place another takes, or is left by the one who would be alone there; `known` holds
    what so many of the best bring at least, the least first."""
    places, counts, top, taken, own = ground.places, ground.counts, ground.top, ground.taken, ground.own
    begin, here, ranks, who, now = ground.first[place], ground.here, ground.rank, ground.who, ground.now
    room, relief = np.zeros((2, WIDTH), dtype=np.int64), np.full((len(places.post), 3), np.nan)
    for e in order:
        k, least = ground.node[begin + e], known[0]
        if ground.barred[k] == 1 or here[k] == place or entry[ranks[k]] == -np.inf:
            continue
        start = entry[ranks[k]] + ground.worth[begin + e] + ground.bonus[k]
        for c in range(taken.shape[1]):
            j, gain = (k, start) if here[k] >= 0 else (taken[who[k], c], start + own[k, c + 1])
            if j < 0 or (here[k] >= 0 and c > 0):
                break
            old = here[j]
            if gain == -np.inf or old == place:
                continue
            gain += going(places, counts, old, ranks[j]) - now[j]
            if np.isnan(relief[old, ranks[j]]):
                relief[old, ranks[j]] = _hope(places, counts, top, old, ranks[j])
            if gain + relief[old, ranks[j]] > max(least, found.value[e]):
                _refill(ground, place, (k, j), gain, (least, e), found)
            if counts[old, PEOPLE] == 2 and not stands_without(places, counts, old, ranks[j]):
                shift_counts(counts, place, ranks[k], 1)
                shift_counts(counts, old, ranks[j], -1)
                _release(board, ground, (k, j), gain, e, found, room)
                shift_counts(counts, place, ranks[k], -1)
                shift_counts(counts, old, ranks[j], 1)
        if found.value[e] > known[0]:
            known[0] = found.value[e]
            known.sort()


@compiled
def _hope(places: Places, counts: Ints, top: Floats, old: int, gone: int) -> float:
    """At most what anyone brings who takes the place of one who left."""
    best = -np.inf
    for counted in range(3):
        if top[old, counted] > -np.inf:
            best = max(best, coming(places, counts, old, counted, gone) + top[old, counted])
    return best


@compiled
def _refill(
    ground: Ground, place: int, move: tuple[int, int], gain: float, bar: tuple[float, int], found: Fills
) -> None:
    places, counts, (k, j), (least, e) = ground.places, ground.counts, move, bar
    old = ground.here[j]
    least = max(least, found.value[e])
    worth = np.empty(3)
    for counted in range(3):
        worth[counted] = gain + coming(places, counts, old, counted, ground.rank[j])
    node, easy, ranks, barred, here = ground.node, ground.ease, ground.rank, ground.barred, ground.here
    for n in range(ground.first[old], ground.first[old + 1]):
        m = node[n]
        total = worth[ranks[m]] + ground.worth[n]
        if total + easy[m] <= least or barred[m] == 1 or here[m] == old or ground.who[m] == ground.who[k]:
            continue
        more, drop = option(ground, m, place, old)
        total += more + ground.bonus[m]
        if total > least:
            least = total
            found.value[e] = total
            found.move[e, ITSELF], found.move[e, DROP] = k, j
            found.move[e, OTHER], found.move[e, OTHER_DROP], found.move[e, OTHER_PLACE] = m, drop, old


@compiled
def _release(
    board: Board, ground: Ground, move: tuple[int, int], gain: float, e: int, found: Fills, room: Ints
) -> None:
    """The one left behind goes home or to another place of the same shift."""
    k, j = move
    old = ground.here[j]
    for n in range(ground.first[old], ground.first[old + 1]):
        m = ground.node[n]
        if ground.here[m] == old and ground.who[m] != ground.who[k]:
            if ground.barred[m] == 1:
                return
            more, goal = elsewhere(board, ground, m, room)
            if gain + more > found.value[e]:
                found.value[e] = gain + more
                found.move[e, ITSELF], found.move[e, DROP] = k, j
                found.move[e, OTHER], found.move[e, OTHER_DROP], found.move[e, OTHER_PLACE] = m, m, goal
            return


@compiled
def elsewhere(board: Board, ground: Ground, m: int, room: Ints) -> tuple[float, int]:
    """The best for one who leaves the present place: which other place of the shift, or −1 for home."""
    who, here, counted = ground.who[m], ground.here[m], ground.rank[m]
    leaving = going(ground.places, ground.counts, here, counted) - ground.now[m]
    best, goal = -np.inf, NOBODY
    if ground.held[m] == 0:
        home = sums(board, ground.here, who, (m, NOBODY), room)
        if not np.isnan(home):
            best = leaving + home - sums(board, ground.here, who, (NOBODY, NOBODY), room)
    for n in range(ground.offer_first[m], ground.offer_first[m + 1]):
        place = ground.offer_place[n]
        if place != here:
            worth = leaving + coming(ground.places, ground.counts, place, counted, NOBODY)
            worth += ground.offer_worth[n]
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
    best = min(best, end - begin + 1)
    found = Pairs(np.full(end - begin, -np.inf), np.full(end - begin, NOBODY, dtype=np.int64), drop)
    _couple(ground, place, order, value, found, best)
    _units(ground, place, found)
    return found


@compiled
def _ready(ground: Ground, place: int, value: Floats, drop: Ints) -> None:
    begin = ground.first[place]
    for e in range(len(value)):
        k = ground.node[begin + e]
        if ground.barred[k] == 0 and ground.here[k] != place:
            worth, drop[e] = option(ground, k, place, place)
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
    begin, many, here = ground.first[place], len(found.value), ground.here
    for a in range(many):
        one = ground.node[begin + a]
        old = here[one]
        if ground.barred[one] == 1 or old < 0 or old == place or ground.counts[old, PEOPLE] != 2:
            continue
        for b in range(a + 1, many):
            two = ground.node[begin + b]
            if here[two] != old or ground.barred[two] == 1:
                continue
            worth = _together(ground, place, begin + a, begin + b) - _company(ground, old)
            worth += ground.worth[begin + a] - ground.now[one] + ground.bonus[one]
            worth += ground.worth[begin + b] - ground.now[two] + ground.bonus[two]
            if worth > found.value[a]:
                found.value[a], found.other[a], found.drop[a], found.drop[b] = worth, b, one, two


@compiled
def _company(ground: Ground, place: int) -> float:
    """What all people there are worth."""
    places, worth = ground.places, 0.0
    for n in range(ground.counts[place, PEOPLE]):
        worth += float(places.gain[place, min(n, places.gain.shape[1] - 1)])
    filled = min(ground.counts[place, CERTIFIED], places.certified[place])
    return float(worth + places.missing * filled)


@compiled
def _same_source(ground: Ground, one: int, two: int) -> bool:
    return bool(one >= 0 and two >= 0 and ground.here[one] == ground.here[two])


@compiled
def _most(ground: Ground, place: int) -> float:
    """At most what two more add."""
    places, people, last = (
        ground.places,
        ground.counts[place, PEOPLE],
        ground.places.gain.shape[1] - 1,
    )
    gain = places.gain[place, min(people, last)] + places.gain[place, min(people + 1, last)]
    return float(gain + 2 * places.missing)


@compiled
def _together(ground: Ground, place: int, one: int, two: int) -> float:
    """What the place gains by two more; −inf if that isn't legal."""
    places, counts = ground.places, ground.counts
    people, last = counts[place, PEOPLE], places.gain.shape[1] - 1
    guards, papers = counts[place, GUARDS], counts[place, CERTIFIED]
    for n in (one, two):
        counted = ground.rank[ground.node[n]]
        guards += 1 if counted > 0 else 0
        papers += 1 if counted == 2 else 0
    if not stands(places, place, people + 2, guards, papers):
        return -np.inf
    filled = min(papers, places.certified[place]) - min(counts[place, CERTIFIED], places.certified[place])
    worth = places.gain[place, min(people, last)] + places.gain[place, min(people + 1, last)]
    return float(worth + places.missing * filled)
