"""The bound: prices on places cap what every legal roster can reach; better prices cap it lower."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np

from scheduler.board import ELSEWHERE, FREE, Board, Nodes, Offers
from scheduler.calendar import HOUR, Floats, Ints
from scheduler.clauses import at_most
from scheduler.compiled import compiled
from scheduler.path import FORCED, OPTIONAL, OUTSIDE, Scratch, scratch
from scheduler.place import CERTIFIED, PEOPLE
from scheduler.ways import best_of

CHUNK, PARTS, LOOKS, CORES = 2_500, 10, 12, 2
FIRST, LAST, FLOOR, FEW, MOST = 0.03, 0.0001, 0.05, 4.0, 5.0


class Prices(NamedTuple):
    """Per place: of a person there, never below minus what one too many costs, and on top of it of a
    certified guard, never below nought. Below nought people pay: more would like to come than are of use."""

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
        _price_all(board.nodes, board.offers, board.bonds.credit, board.places.post, prices, who, room)
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
def price(board: Board, prices: Prices, who: int, room: Scratch) -> None:
    """The best place of each of the person's nodes at these prices."""
    _price_all(board.nodes, board.offers, board.bonds.credit, board.places.post, prices, who, room)


@compiled
def _price_all(
    nodes: Nodes, offers: Offers, credit: Floats, post: Ints, prices: Prices, who: int, room: Scratch
) -> None:
    """The board isn't handed on from here: that would cost more than the work itself."""
    for k in range(nodes.first[who], nodes.first[who + 1]):
        pin, slot = nodes.post[k], k - nodes.first[who]
        best, where = -np.inf, -1
        room.post[slot] = pin
        if pin == ELSEWHERE:
            room.gain[slot], room.kind[slot] = -np.inf, OUTSIDE
            continue
        room.kind[slot] = OPTIONAL if pin == FREE else FORCED
        for n in range(offers.first[k], offers.first[k + 1]):
            place = offers.place[n]
            worth = prices.people[place] + offers.worth[n]
            if offers.certified[k] == 1:
                worth += prices.certified[place]
            if worth > best:
                best, where = worth, place
        room.gain[slot] = best + credit[k]
        if where >= 0:
            room.post[slot] = post[where]


def place_side(board: Board, prices: Prices) -> tuple[float, Floats]:
    """What the places make of buying at these prices, and how many they would take."""
    gain = board.places.gain - prices.people[:, None]
    short = board.places.missing - prices.certified
    taken = np.stack([(gain > 0).sum(axis=1), np.where(short > 0, board.places.certified, 0)], axis=1)
    return float(
        np.maximum(gain, 0).sum() + (np.maximum(short, 0) * board.places.certified).sum()
    ), taken.astype(float)


class Crew(NamedTuple):
    """Threads that ask people at the same time, each with room of its own."""

    pool: ThreadPoolExecutor
    rooms: tuple[Scratch, ...]

    def ask(self, board: Board, prices: Prices, people: Ints, wanted: Floats) -> float:
        """Like best_responses; the sums are always taken in the same order."""
        shares = np.array_split(people, len(self.rooms))
        wants = [np.zeros_like(wanted) for _ in shares]
        asked = [
            self.pool.submit(best_responses, board, prices, *rest)
            for rest in zip(shares, wants, self.rooms, strict=True)
        ]
        total = sum(one.result() for one in asked)
        for want in wants:
            wanted += want
        return total


@contextmanager
def crew(nodes: int) -> Iterator[Crew]:
    """`nodes` is the largest number of nodes of one person."""
    with ThreadPoolExecutor(CORES) as pool:
        yield Crew(pool, tuple(scratch(nodes) for _ in range(CORES)))


def bound(board: Board, prices: Prices, hands: Crew, stop: Callable[[], bool]) -> tuple[float, Floats]:
    """A bound on what people add to the empty roster, and per place the excess of comers over takers.

    Infinite when stopped halfway.
    """
    wanted = np.zeros((len(board.places.post), 2))
    many, people = len(board.law.guard), 0.0
    for low in range(0, many, CHUNK):
        if stop():
            return np.inf, wanted
        people += hands.ask(board, prices, np.arange(low, min(many, low + CHUNK)), wanted)
    places, taken = place_side(board, prices)
    exact = all(room.exact[0] for room in hands.rooms)
    return (people + places if exact else np.inf), wanted - taken


class Steps(NamedTuple):
    """So many rounds, prices moving by shares that shrink evenly from `first` to LAST."""

    rounds: int
    first: float = FIRST


def best_prices(
    board: Board,
    counts: Ints,
    hands: Crew,
    *,
    steps: Steps,
    stop: Callable[[], bool],
    told: Callable[[float], None] = lambda _: None,
    start: Prices | None = None,
) -> tuple[float | None, Prices]:
    """The lowest bound met in so many rounds, each asking everyone part by part and moving prices after each.

    What the others wanted is remembered from their last turn. A step is a share of the price itself, for the
    share of people too many or too few.
    """
    able = np.random.default_rng(0).permutation(np.flatnonzero(np.diff(board.nodes.first) > 0))
    parts = [np.ascontiguousarray(part) for part in np.array_split(able, PARTS)]
    asked = np.zeros((PARTS, len(board.places.post), 2))
    floor = FLOOR * np.stack([np.maximum(board.places.gain[:, 0], 0), board.places.certified > 0], axis=1)
    floor[:, 1] *= board.places.missing
    lowest = np.stack([board.places.gain[:, -1], np.zeros(len(board.places.post))], axis=1)
    usual = np.maximum(counts[:, [PEOPLE, CERTIFIED]], FEW)
    chosen = marginal(board, counts) if start is None else start
    best, _ = bound(board, chosen, hands, stop)
    now, turns = np.stack(chosen, axis=1), steps.rounds * PARTS
    passed: list[Floats] = []
    for n in range(turns):
        if stop():
            break
        part = n % PARTS
        asked[part] = 0.0
        hands.ask(board, _prices(now), parts[part], asked[part])
        if n < PARTS - 1:
            continue
        excess = (asked.sum(axis=0) - place_side(board, _prices(now))[1]) / usual
        share = steps.first * (LAST / steps.first) ** (n / turns)
        now = np.maximum(lowest, now - share * np.clip(excess, -MOST, MOST) * np.maximum(np.abs(now), floor))
        passed.append(now)
        if (n + 1) % (PARTS * max(1, steps.rounds // LOOKS)) == 0:
            middle = _prices(np.mean(passed, axis=0))
            passed.clear()
            limit, _ = bound(board, middle, hands, stop)
            if limit < best:
                best, chosen = limit, middle
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
