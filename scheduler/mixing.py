"""An organisation's own roster: ways come as columns until no better mixture is left, of all or of a part."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from scheduler.board import ELSEWHERE, Board
from scheduler.calendar import Floats, Ints
from scheduler.choosing import Effort, choose
from scheduler.columns import Duals, Frame, Mixture, Way, add, frame_of, hold, mixture, solved
from scheduler.path import scratch
from scheduler.prices import Prices, marginal
from scheduler.relaxed import Responses, relaxed, respond, true_worths
from scheduler.seating import stood
from scheduler.shuffling import Shuffler

CALM, SURELY, AT_ONCE, BRANCHES = 0.6, 0.99, 20, 100


class Mixed(NamedTuple):
    """What no roster adds to nobody's beyond, and at which prices."""

    bound: float
    duals: Duals


class Found(NamedTuple):
    """The best for a part: what it adds to nobody's roster, the branches it took to find, and all duties."""

    value: float
    branches: int
    made: Mixture
    columns: Floats
    nodes: Ints


class Mixer:
    """Columns for one board; `stop` is asked before each round."""

    def __init__(self, board: Board, frame: Frame) -> None:
        self.board, self._frame = board, frame
        self._room = scratch(int(np.diff(board.nodes.first).max(initial=1)))
        self.ways: list[Way] = []
        self._known: dict[tuple[int, bytes], int] = {}
        nodes, people = len(board.nodes.duty), len(board.law.guard)
        self._of: list[list[int]] = [[] for _ in range(people)]
        self._to = Responses(np.zeros(nodes, dtype=np.int64), np.zeros(nodes), np.zeros(people))
        self._true = np.zeros(people)
        self.people: Ints = np.flatnonzero(np.diff(board.nodes.first) > 0)
        self.made = mixture(frame, self.people, np.zeros(0, dtype=np.int64))

    def mix(
        self,
        choice: Ints,
        counts: Ints,
        *,
        rounds: int,
        near: float,
        stop: Callable[[], bool],
        told: Callable[[float], None],
    ) -> Mixed:
        """From the present roster's ways and prices on; ends `near` the best mixture, as a share."""
        start, frame = marginal(self.board, counts), self._frame
        even = frame.mates.even()
        best = now = Duals(start.people, start.certified, np.zeros(len(frame.owner)), even)
        bound = np.inf
        self._join(self.made, self.present(choice, self.people))
        for _ in range(rounds):
            limit = self.respond(now)
            if limit < bound:
                bound, best = limit, now
                told(bound)
            came = self._join(self.made, self._answers(self.people))
            reached, duals, _ = solved(self.made)
            if stop() or bound - reached <= near * abs(bound):
                break
            now = duals if not came else _between(duals, best)
        return Mixed(bound, best)

    def dive(self, rounds: int, stop: Callable[[], bool]) -> Ints:
        """Settles people one after the other on the way that the mixture has most of, and lets the others
        answer: ways that fit together, which the best mixture has no use for. Returns the nodes taken."""
        left, settled = set(self.people.tolist()), list[int]()
        while left and not stop():
            rest = np.asarray(sorted(left), dtype=np.int64)
            chosen = self._next(self.answer(self.made, rounds, rest), left)
            if not chosen:
                break
            left -= {self.made.ways[n].who for n in chosen}
            hold(self.made, chosen)
            settled += chosen
        hold(self.made, settled, 0.0)
        return self._nodes([self.made.ways[n] for n in settled])

    def answer(self, made: Mixture, rounds: int, people: Ints) -> Floats:
        """So many times new ways of these people, at the prices of the mixture; returns its shares."""
        _, duals, share = solved(made)
        for _ in range(rounds):
            self._ask(duals, people)
            if not self._join(made, self._answers(people)):
                break
            _, duals, share = solved(made)
        return share

    def part(self, choice: Ints, few: Ints, rounds: int, most: int, effort: Effort) -> Found | None:
        """These few anew, while all others keep their duties: the best of the ways that come to mind."""
        others = np.setdiff1d(self.people, few)
        kept = self.present(choice, others)
        stay = self._nodes([self.ways[n] for n in kept])
        made = mixture(self._frame, few, stay)
        self._join(made, self.present(choice, few))
        self.answer(made, rounds, few)
        self._join(made, self._promising(few, most))
        found = choose(made, effort)
        if found is None:
            return None
        value = found.value + sum(self.ways[n].true for n in kept)
        nodes = np.concatenate([stay, self._nodes([made.ways[n] for n in found.ways])])
        return Found(value, found.branches, made, found.columns, nodes)

    def shuffler(self, slope: Floats, random: np.random.Generator) -> Shuffler:
        return Shuffler(self._frame, self.people, slope, random)

    def seated(self, found: Found) -> Ints:
        """A post or −1 per node."""
        return stood(found.made, found.nodes, found.columns)

    def staffed(self, nodes: Ints) -> Ints:
        """A choice for all who take these nodes: places staffed as is best then."""
        nobody = np.zeros(0, dtype=np.int64)
        made = mixture(self._frame, nobody, nodes)
        found = choose(made, Effort(0.0, BRANCHES, 1e9))
        return self.board.nodes.post if found is None else stood(made, nodes, found.columns)

    def _nodes(self, ways: Sequence[Way]) -> Ints:
        return np.concatenate([np.zeros(0, dtype=np.int64), *(way.nodes for way in ways)])

    def _promising(self, people: Ints, most: int) -> list[int]:
        """Of each the ways known that are best at the prices last asked at."""
        found, gain = list[int](), self._to.paid - self._frame.classes.alone
        for who in people.tolist():
            known = self._of[who]
            value = np.asarray([self.ways[n].relaxed + gain[self.ways[n].nodes].sum() for n in known])
            found += [known[n] for n in np.argsort(-value, kind="stable")[:most].tolist()]
        return found

    def _next(self, share: Floats, left: set[int]) -> list[int]:
        """Legal ways to settle on: one for everybody who has hardly a choice, or a few at least."""
        ways, found = self.made.ways, dict[int, int]()
        few = max(1, len(self.board.law.guard) // AT_ONCE)
        for n in np.argsort(-share, kind="stable").tolist():
            way = ways[n]
            if way.who in left and way.who not in found and way.true == way.true:
                if share[n] < SURELY and len(found) >= few:
                    break
                found[way.who] = n
        return list(found.values())

    def respond(self, duals: Duals) -> float:
        """The bound at these prices, and everyone's best answer to them."""
        frame, sums = self._frame, self._frame.easy.sums
        prices = self._ask(duals, self.people)
        steps = np.arange(sums.value.shape[1])
        summed = (sums.value - duals.slope[:, None] * steps).max(axis=1).sum() if len(sums.value) else 0.0
        bought = frame.staffs.bought(prices.people, prices.certified, len(self.board.places.post))
        return float(self._to.value.sum() + bought + summed)

    def duals(self, prices: Prices, slopes: Floats) -> Duals:
        """Prices as they are published: those of sums and of company in one row, or of sums only."""
        many, even = len(self._frame.owner), self._frame.mates.even()
        mate = slopes[many:] if len(slopes) == many + len(even) else even
        return Duals(prices.people, prices.certified, slopes[:many], mate)

    def _ask(self, duals: Duals, people: Ints) -> Prices:
        """The best answers of these people."""
        frame, sums, nodes = self._frame, self._frame.easy.sums, len(self.board.nodes.duty)
        paid = duals.slope[sums.row] * sums.steps
        extra = np.bincount(sums.node, weights=paid, minlength=nodes) + frame.mates.paid(duals.mate, nodes)
        prices = Prices(np.maximum(duals.people, 0.0), np.maximum(duals.certified, 0.0))
        respond(frame.easy.board, prices, extra, people, self._room, self._to)
        return prices

    def present(self, choice: Ints, people: Ints) -> list[int]:
        """The ways of these people in a roster, with the worth they have truly; returns their numbers."""
        alone, first = self._frame.classes.alone, self.board.nodes.first
        taken = ((choice >= 0) & (self.board.nodes.post != ELSEWHERE)).astype(np.int64)
        easily = np.zeros(len(self._true))
        true_worths(self._frame.easy.board, people, taken, alone, easily)
        true_worths(self.board, people, taken, alone, self._true)
        found = []
        for who in people[~np.isnan(self._true[people])].tolist():
            nodes = first[who] + np.flatnonzero(taken[first[who] : first[who + 1]])
            found.append(self._know(Way(who, nodes, float(easily[who]), float(self._true[who]))))
        return found

    def _answers(self, people: Ints) -> list[int]:
        """The numbers of the ways that these people answered."""
        first, to, alone = self.board.nodes.first, self._to, self._frame.classes.alone
        true_worths(self.board, people, to.taken, alone, self._true)
        found = []
        for who in people.tolist():
            nodes = first[who] + np.flatnonzero(to.taken[first[who] : first[who + 1]])
            worth = to.value[who] - to.paid[nodes].sum() + alone[nodes].sum()
            found.append(self._know(Way(who, nodes, float(worth), float(self._true[who]))))
        return found

    def _know(self, way: Way) -> int:
        """Never twice the same; returns its number."""
        key = (way.who, way.nodes.tobytes())
        if key not in self._known:
            self._known[key] = len(self.ways)
            self._of[way.who].append(len(self.ways))
            self.ways.append(way)
        return self._known[key]

    def _join(self, made: Mixture, ways: Sequence[int]) -> int:
        """Adds the ways that the program lacks; returns how many."""
        new = sorted(set(ways) - made.held)
        made.held.update(new)
        add(made, [self.ways[n] for n in new])
        return len(new)


def _between(one: Duals, other: Duals) -> Duals:
    return Duals(*(CALM * b + (1 - CALM) * a for a, b in zip(one, other, strict=True)))


def mixer_of(board: Board) -> Mixer | None:
    """Nothing where this way of solving does not apply."""
    easy = relaxed(board)
    return None if easy is None else Mixer(board, frame_of(board, easy))
