"""An organisation's own roster: ways come as columns until no better mixture is left, then one way each."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from scheduler.board import ELSEWHERE, Board
from scheduler.calendar import Floats, Ints
from scheduler.columns import Duals, Way, add, classes_of, hold, mixture, solved
from scheduler.path import scratch
from scheduler.prices import Prices, marginal
from scheduler.relaxed import Relaxed, Responses, relaxed, respond, true_worth

CALM, SURELY, AT_ONCE = 0.6, 0.99, 20


class Mixed(NamedTuple):
    """What no roster adds to nobody's beyond, and at which prices."""

    bound: float
    duals: Duals


class Mixer:
    """Columns for one board; `stop` is asked before each round."""

    def __init__(self, board: Board, easy: Relaxed) -> None:
        self.board, self._easy = board, easy
        self._classes = classes_of(easy.board)
        self.made = mixture(easy, self._classes)
        self._room = scratch(int(np.diff(board.nodes.first).max(initial=1)))
        self._known: dict[tuple[int, bytes], int] = {}
        nodes, people = len(board.nodes.duty), len(board.law.guard)
        self._to = Responses(np.zeros(nodes, dtype=np.int64), np.zeros(nodes), np.zeros(people))
        self._credit = np.where(board.nodes.post != ELSEWHERE, board.bonds.credit, 0.0)

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
        start = marginal(self.board, counts)
        best = now = Duals(start.people, start.certified, np.zeros(len(self._easy.sums.value)))
        bound = np.inf
        self.present(choice)
        for _ in range(rounds):
            limit = self.respond(now)
            if limit < bound:
                bound, best = limit, now
                told(bound)
            came = self._take(None)
            reached, duals, _ = solved(self.made)
            if stop() or bound - reached <= near * abs(bound):
                break
            now = duals if not came else _between(duals, best)
        return Mixed(bound, best)

    def people(self) -> Ints:
        return np.flatnonzero(np.diff(self.board.nodes.first) > 0)

    def dive(self, rounds: int, stop: Callable[[], bool]) -> list[int]:
        """Settles people one after the other on the way that the mixture has most of, and lets the others
        answer: ways that fit together, which the best mixture has no use for. Returns those settled on."""
        left, settled = set(self.people().tolist()), list[int]()
        while left and not stop():
            chosen = self._next(self.answer(rounds, left), left)
            if not chosen:
                break
            left -= {self.made.ways[n].who for n in chosen}
            hold(self.made, chosen)
            settled += chosen
        hold(self.made, settled, 0.0)
        return settled

    def answer(self, rounds: int, people: set[int]) -> Floats:
        """So many times new ways of these people, at the prices of the mixture; returns its shares."""
        _, duals, share = solved(self.made)
        for _ in range(rounds):
            self.respond(duals)
            if not self._take(people):
                break
            _, duals, share = solved(self.made)
        return share

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
        board, sums = self._easy.board, self._easy.sums
        paid = duals.slope[sums.row] * sums.steps
        extra: Floats = np.bincount(sums.node, weights=paid, minlength=len(board.nodes.duty)).astype(float)
        prices = Prices(np.maximum(duals.people, 0.0), np.maximum(duals.certified, 0.0))
        respond(board, prices, extra, self._room, self._to)
        steps = np.arange(sums.value.shape[1])
        summed = (sums.value - duals.slope[:, None] * steps).max(axis=1).sum() if len(sums.value) else 0.0
        bought = self.made.staffs.bought(prices.people, prices.certified, len(board.places.post))
        return float(self._to.value.sum() + bought + summed)

    def present(self, choice: Ints) -> list[int]:
        """The ways of a roster as columns, with the worth they have truly; returns their numbers."""
        first, found = self.board.nodes.first, []
        taken = ((choice >= 0) & (self.board.nodes.post != ELSEWHERE)).astype(np.int64)
        for who in self.people().tolist():
            true = true_worth(self.board, who, taken, self._classes.alone)
            if true == true:
                nodes = first[who] + np.flatnonzero(taken[first[who] : first[who + 1]])
                found.append(self._add(Way(who, nodes, self._easily(who, taken), true)))
        return found

    def _easily(self, who: int, taken: Ints) -> float:
        by_itself = self._classes.alone + self._credit
        return float(true_worth(self._easy.board, who, taken, by_itself))

    def _take(self, people: set[int] | None) -> int:
        """The answers, of these people alone, become columns; returns how many are new."""
        first, before = self.board.nodes.first, len(self.made.ways)
        taken = self._to.taken
        for who in self.people().tolist() if people is None else sorted(people):
            nodes = first[who] + np.flatnonzero(taken[first[who] : first[who + 1]])
            worth = self._to.value[who] - self._to.paid[nodes].sum()
            worth += (self._classes.alone + self._credit)[nodes].sum()
            true = true_worth(self.board, who, taken, self._classes.alone)
            self._add(Way(who, nodes, float(worth), float(true)))
        return len(self.made.ways) - before

    def _add(self, way: Way) -> int:
        """Never twice the same; returns its number."""
        key = (way.who, way.nodes.tobytes())
        if key not in self._known:
            self._known[key] = len(self.made.ways)
            add(self.made, self._easy, way)
        return self._known[key]


def _between(one: Duals, other: Duals) -> Duals:
    return Duals(*(CALM * b + (1 - CALM) * a for a, b in zip(one, other, strict=True)))


def mixer_of(board: Board) -> Mixer | None:
    """Nothing where this way of solving does not apply."""
    easy = relaxed(board)
    return None if easy is None else Mixer(board, easy)
