"""The bound: any prices ≥ 0 on places cap what every legal roster can reach; better prices cap it lower."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from scheduler.board import ELSEWHERE, FREE, Board
from scheduler.calendar import HOUR, Floats, Ints
from scheduler.clauses import at_most
from scheduler.compiled import compiled
from scheduler.path import FORCED, OPTIONAL, OUTSIDE, Scratch
from scheduler.place import CERTIFIED, PEOPLE
from scheduler.ways import best_of

CHUNK, PARTS, LOOKS = 500, 10, 12
FIRST, LAST, FLOOR, FEW, MOST = 0.03, 0.0001, 0.05, 4.0, 5.0


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
            price(board, prices, who, k, room)
        value = best_of(board, who, room)
        if value == -np.inf:
            total += _at_most(board, who, room)
            continue
        total += value
        for k in range(begin, end):
            if room.taken[k - begin] == 1 and board.nodes.post[k] != ELSEWHERE:
                d = board.nodes.duty[k]
                place = board.places.at[room.post[k - begin], d]
                wanted[place, 0] += 1
                wanted[place, 1] += board.offers.certified[k]
    return total


@compiled
def _at_most(board: Board, who: int, room: Scratch) -> float:
    """A cap for one whose fixed duties alone break a limit: all gains, and the target met."""
    target = max(0.0, board.taste.target_ms[who] / (8 * HOUR))
    cap = board.taste.hours * target * target
    for slot in range(board.nodes.first[who + 1] - board.nodes.first[who]):
        if room.kind[slot] != OUTSIDE:
            cap += max(0.0, room.gain[slot])
    if board.clauses.of[who] >= 0:
        cap += at_most(board.clauses, who)
    return float(cap)


@compiled
def price(board: Board, prices: Prices, who: int, k: int, room: Scratch) -> None:
    pin, slot = board.nodes.post[k], k - board.nodes.first[who]
    room.gain[slot], room.post[slot] = -np.inf, pin
    if pin == ELSEWHERE:
        room.kind[slot] = OUTSIDE
        return
    room.kind[slot] = OPTIONAL if pin == FREE else FORCED
    for n in range(board.offers.first[k], board.offers.first[k + 1]):
        place = board.offers.place[n]
        worth = prices.people[place] + board.offers.worth[n] + board.bonds.credit[k]
        if board.offers.certified[k] == 1:
            worth += prices.certified[place]
        if worth > room.gain[slot]:
            room.gain[slot], room.post[slot] = worth, board.places.post[place]


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
    board: Board,
    counts: Ints,
    room: Scratch,
    *,
    steps: int,
    stop: Callable[[], bool],
    told: Callable[[float], None] = lambda _: None,
) -> tuple[float | None, Prices]:
    """The lowest bound met in so many rounds, each asking everyone part by part and moving prices after each.

    What the others wanted is remembered from their last turn. Steps shrink evenly from FIRST to LAST, as a
    share of the price itself, for the share of people too many or too few.
    """
    able = np.random.default_rng(0).permutation(np.flatnonzero(np.diff(board.nodes.first) > 0))
    parts = [np.ascontiguousarray(part) for part in np.array_split(able, PARTS)]
    shape = (len(board.places.post), 2)
    asked = np.zeros((PARTS, *shape))
    floor = FLOOR * np.stack([np.maximum(board.places.gain[:, 0], 0), board.places.certified > 0], axis=1)
    floor[:, 1] *= board.places.missing
    usual = np.maximum(counts[:, [PEOPLE, CERTIFIED]], FEW)
    start = marginal(board, counts)
    limit, _ = bound(board, start, room, stop)
    best, chosen, now = limit, start, np.stack(start, axis=1)
    for n in range(steps * PARTS):
        if stop():
            break
        part = n % PARTS
        asked[part] = 0.0
        best_responses(board, _prices(now), parts[part], asked[part], room)
        if n < PARTS - 1:
            continue
        total = asked.sum(axis=0)
        excess = (total - place_side(board, _prices(now))[1]) / usual
        share = FIRST * (LAST / FIRST) ** (n / (steps * PARTS))
        now = np.maximum(0.0, now - share * np.clip(excess, -MOST, MOST) * np.maximum(now, floor))
        if (n + 1) % (PARTS * max(1, steps // LOOKS)) == 0:
            limit, _ = bound(board, _prices(now), room, stop)
            if limit < best:
                best, chosen = limit, _prices(now)
                told(best)
    return (float(best) if np.isfinite(best) else None), chosen


def _prices(now: Floats) -> Prices:
    return Prices(np.ascontiguousarray(now[:, 0]), np.ascontiguousarray(now[:, 1]))


def marginal(board: Board, counts: Ints) -> Prices:
    """Between what the last one adds and what the next one would."""
    rows, last = np.arange(len(counts)), board.places.gain.shape[1] - 1
    here = board.places.gain[rows, np.clip(counts[:, 0] - 1, 0, last)]
    following = board.places.gain[rows, np.minimum(counts[:, 0], last)]
    people: Floats = np.maximum(0.0, np.minimum((here + following) / 2, 1.25 * following))
    return Prices(people, np.where(counts[:, 2] < board.places.certified, board.places.missing, 0.0))
