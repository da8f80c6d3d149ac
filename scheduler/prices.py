"""The bound: any prices ≥ 0 on places cap what every legal roster can reach; better prices cap it lower."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from scheduler.board import ELSEWHERE, FREE, Board
from scheduler.calendar import HOUR, Floats, Ints
from scheduler.compiled import compiled
from scheduler.path import FORCED, OPTIONAL, OUTSIDE, Scratch, best_path
from scheduler.place import CERTIFIED_GUARD
from scheduler.sweep import admitted, personal, rank

INERTIA, CHUNK = 0.3, 500


class Prices(NamedTuple):
    """Per place: of a person there, and on top of it of a certified guard."""

    people: Floats
    certified: Floats


@compiled
def best_responses(board: Board, prices: Prices, people: Ints, wanted: Floats, room: Scratch) -> float:
    """Sum of the best paths of these people, paid by prices; `wanted[place]` counts comers and certified."""
    total = 0.0
    for who in people:
        begin, end = board.nodes.first[who], board.nodes.first[who + 1]
        if begin == end:
            continue
        for k in range(begin, end):
            _price(board, prices, who, k, room)
        value = best_path(board, who, board.nodes.duty[begin:end], room)
        if value == -np.inf:
            total += _at_most(board, who, room)
            continue
        total += value
        for k in range(begin, end):
            if room.taken[k - begin] == 1 and board.nodes.post[k] != ELSEWHERE:
                d = board.nodes.duty[k]
                place = board.places.at[room.post[k - begin], d]
                wanted[place, 0] += 1
                wanted[place, 1] += 1 if rank(board, who, d) == CERTIFIED_GUARD else 0
    return total


@compiled
def _at_most(board: Board, who: int, room: Scratch) -> float:
    """A cap for one whose fixed duties alone break a limit: all gains, and the target met."""
    target = max(0.0, board.taste.target_ms[who] / (8 * HOUR))
    cap = board.taste.hours * target * target
    for slot in range(board.nodes.first[who + 1] - board.nodes.first[who]):
        if room.kind[slot] != OUTSIDE:
            cap += max(0.0, room.gain[slot])
    return float(cap)


@compiled
def _price(board: Board, prices: Prices, who: int, k: int, room: Scratch) -> None:
    pin, d, slot = board.nodes.post[k], board.nodes.duty[k], k - board.nodes.first[who]
    room.gain[slot], room.post[slot] = -np.inf, pin
    if pin == ELSEWHERE:
        room.kind[slot] = OUTSIDE
        return
    room.kind[slot] = OPTIONAL if pin == FREE else FORCED
    certified = rank(board, who, d) == CERTIFIED_GUARD
    for r in range(board.reach.first[who], board.reach.first[who + 1]):
        post = board.reach.post[r]
        if (pin != FREE and post != pin) or not admitted(board, who, d, post):
            continue
        place = board.places.at[post, d]
        worth = prices.people[place] + personal(board, who, k, r)
        if certified:
            worth += prices.certified[place]
        if worth > room.gain[slot]:
            room.gain[slot], room.post[slot] = worth, post


def place_side(board: Board, prices: Prices) -> tuple[float, Floats]:
    """What the places make of buying at these prices, and how many they would take."""
    gain = board.places.gain - prices.people[:, None]
    short = board.places.missing - prices.certified
    taken = np.stack([(gain > 0).sum(axis=1), np.where(short > 0, board.places.certified, 0)], axis=1)
    return float(
        np.maximum(gain, 0).sum() + (np.maximum(short, 0) * board.places.certified).sum()
    ), taken.astype(float)


def bound(board: Board, prices: Prices, room: Scratch, stop: Callable[[], bool]) -> tuple[float, Floats]:
    """A bound on what people add to the empty roster, and per place the excess of comers over takers.

    Infinite when stopped halfway.
    """
    wanted = np.zeros((len(board.places.post), 2))
    many, people = len(board.law.guard), 0.0
    for low in range(0, many, CHUNK):
        if stop():
            return np.inf, wanted
        people += best_responses(board, prices, np.arange(low, min(many, low + CHUNK)), wanted, room)
    places, taken = place_side(board, prices)
    return (people + places if room.exact[0] else np.inf), wanted - taken


def best_prices(
    board: Board, counts: Ints, room: Scratch, *, steps: int, reached: float, stop: Callable[[], bool]
) -> tuple[float | None, Prices]:
    """The lowest bound of so many steps, from what the roster's next person would add down the excess."""
    best, chosen = np.inf, _marginal(board, counts)
    prices, ease = chosen, 1.0
    course = np.zeros((len(counts), 2))
    for _ in range(steps):
        limit, excess = bound(board, prices, room, stop)
        if not np.isfinite(limit):
            break
        if limit < best:
            best, chosen = limit, prices
        else:
            ease *= 0.8
        now = np.stack(prices, axis=1)
        course = excess + INERTIA * course
        course[(now <= 0) & (course > 0)] = 0.0
        step = ease * max(limit - reached, 0.0) / max(float((course**2).sum()), 1e-9)
        people, certified = np.maximum(0.0, now - step * course).T
        prices = Prices(np.ascontiguousarray(people), np.ascontiguousarray(certified))
    return (float(best) if np.isfinite(best) else None), chosen


def _marginal(board: Board, counts: Ints) -> Prices:
    """Between what the last one adds and what the next one would."""
    rows, last = np.arange(len(counts)), board.places.gain.shape[1] - 1
    here = board.places.gain[rows, np.clip(counts[:, 0] - 1, 0, last)]
    following = board.places.gain[rows, np.minimum(counts[:, 0], last)]
    people: Floats = np.maximum(0.0, np.minimum((here + following) / 2, 1.25 * following))
    return Prices(people, np.where(counts[:, 2] < board.places.certified, board.places.missing, 0.0))
