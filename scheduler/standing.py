"""A roster as it stands, built once and kept up to date, asked again and again who could come to a place."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import msgspec
import numpy as np

from scheduler.board import FREE, Board
from scheduler.calendar import Ints
from scheduler.fills import DROP, ITSELF, OTHER, OTHER_DROP, OTHER_PLACE, elsewhere, fills, pairs
from scheduler.ground import NOBODY, Ground, ease, ground_of, put, relieve, weigh
from scheduler.holes import Kind, Move, Repair, Standby, changes
from scheduler.layout import plain
from scheduler.narrow import Place, Register, place_of
from scheduler.offers import with_offers
from scheduler.place import CERTIFIED, CERTIFIED_GUARD, GUARDS, PEOPLE, stands
from scheduler.problem import Assignment, PersonId, PostId, Problem, ShiftId, Span
from scheduler.state import WIDTH

LONG_AGO, SPARE, EVERYONE = -(1 << 60), 2, 1 << 40


class _Draft(NamedTuple):
    """A change by nodes, and the search's own reckoning of it."""

    value: float
    kind: Kind
    steps: tuple[tuple[int, int, int], ...]  # node taken or left, node given up, place taken


class Standing:
    """Every assignment needs a need at its post and shift, as `open_up` sees to."""

    def __init__(
        self,
        problem: Problem,
        assignments: Sequence[Assignment],
        *,
        standby: Standby | None = None,
        since: int | None = None,
    ) -> None:
        self.register = Register(problem, assignments)
        board = with_offers(plain(problem))
        self._number(problem, board.nodes.first, board.nodes.duty)
        here, stuck = self._chosen(board, assignments)
        if stuck:
            pinned = (*problem.pinned, *stuck)
            board = with_offers(plain(msgspec.structs.replace(problem, pinned=pinned)))
            self._number(problem, board.nodes.first, board.nodes.duty)
            here, _ = self._chosen(board, assignments)
        bonus = np.zeros(len(board.nodes.duty))
        for key in standby.people if standby else ():
            if (k := self._node.get(key)) is not None and standby:
                bonus[k] = standby.worth
        self.board = board
        self.ground: Ground = ground_of(board, here, bonus, LONG_AGO if since is None else since)
        self._room = np.zeros((2, WIDTH), dtype=np.int64)

    def _number(self, problem: Problem, first: Ints, duty: Ints) -> None:
        self._places: list[Place] = [(n.post, n.shift) for n in problem.needs]
        self._place = {place: n for n, place in enumerate(self._places)}
        self._shift = {s.id: n for n, s in enumerate(problem.shifts)}
        self._person = {p.id: n for n, p in enumerate(problem.people)}
        who = np.repeat(np.arange(len(problem.people)), np.diff(first)).tolist()
        ids, shifts = [p.id for p in problem.people], [s.id for s in problem.shifts]
        self._key = [
            (ids[w], shifts[d]) if d < len(shifts) else None for w, d in zip(who, duty.tolist(), strict=True)
        ]
        self._node = {key: k for k, key in enumerate(self._key) if key is not None}

    def _chosen(self, board: Board, assignments: Sequence[Assignment]) -> tuple[Ints, list[Assignment]]:
        """The place by node, and assignments that the board alone would never make: they stay as they are."""
        here, stuck = np.full(len(board.nodes.duty), NOBODY, dtype=np.int64), []
        first, offered = board.offers.first.tolist(), board.offers.place
        for a in assignments:
            k, place = self._node.get((a.person, a.shift), NOBODY), self._place[a.post, a.shift]
            if k < 0 or (board.nodes.post[k] == FREE and place not in offered[first[k] : first[k + 1]]):
                stuck.append(a)
            else:
                here[k] = place
        return here, stuck

    def repairs(
        self,
        post: PostId,
        shift: ShiftId,
        *,
        most: int = 5,
        certified: bool = False,
        among: Collection[PersonId] | None = None,
    ) -> tuple[Repair, ...]:
        """Ways to put one more there, a certified guard if asked and one of these people if any are named,
        the best first; ties by person id."""
        place = self._place[post, shift]
        drafts = self._drafts(place, most + SPARE if among is None else EVERYONE, certified)
        if among is not None:
            drafts = [draft for draft in drafts if self._who(draft) in among]
        drafts.sort(key=lambda draft: -draft.value)
        found: list[Repair] = []
        for draft in drafts:
            if len(found) < most and (repair := self._judged(draft)) is not None:
                found.append(repair)
        return tuple(sorted(found, key=lambda r: (-round(r.value, 9), r.touched)))

    def _who(self, draft: _Draft) -> PersonId | None:
        key = self._key[draft.steps[0][0]]
        return key[0] if key else None

    def _drafts(self, place: int, best: int, certified: bool) -> list[_Draft]:
        came = fills(self.board, self.ground, place, best, certified=certified)
        rows = np.argsort(-came.value, kind="stable")[:best]
        found = [
            self._single(value, move, place)
            for value, move in zip(came.value[rows].tolist(), came.move[rows].tolist(), strict=True)
            if value > -np.inf
        ]
        if not self._stands(place, 1):
            found += self._pairs(place, best)
        if not self._stands(place, 0):
            found += self._stand_down(place)
        return found

    def _single(self, value: float, move: list[int], place: int) -> _Draft:
        first = (move[ITSELF], move[DROP], place)
        if move[OTHER] < 0:
            return _Draft(value, Kind.FILL if move[DROP] < 0 else Kind.MOVE, (first,))
        refilled = move[OTHER_PLACE] == self.ground.here[move[DROP]]
        second = (move[OTHER], move[OTHER_DROP], move[OTHER_PLACE])
        return _Draft(value, Kind.REFILL if refilled else Kind.RELEASE, (first, second))

    def _stands(self, place: int, more: int) -> bool:
        """Whether those there stand legally, or would with so many volunteers more."""
        count, places = self.ground.counts[place], self.ground.places
        return stands(places, place, count[PEOPLE] + more, count[GUARDS], count[CERTIFIED])

    def _pairs(self, place: int, best: int) -> list[_Draft]:
        found, ground = pairs(self.ground, place, best), self.ground
        begin = ground.first[place]
        rows = [row for row in np.argsort(-found.value, kind="stable")[:best] if found.value[row] > -np.inf]
        return [
            _Draft(
                float(found.value[row]),
                Kind.PAIR,
                tuple(
                    (int(ground.node[begin + e]), int(found.drop[e]), place) for e in (row, found.other[row])
                ),
            )
            for row in rows
        ]

    def _stand_down(self, place: int) -> list[_Draft]:
        """Everyone left there goes, one after the other to where it is best; nothing if one must stay."""
        ground = self.ground
        nodes = ground.node[ground.first[place] : ground.first[place + 1]]
        there = nodes[ground.here[nodes] == place]
        if len(there) != ground.counts[place, PEOPLE] or ground.barred[there].any():
            return []
        value, steps = 0.0, []
        for k in there.tolist():
            more, goal = elsewhere(self.board, ground, k, self._room)
            steps.append((k, k, goal))
            value += more
            put(ground, k, NOBODY)
            if goal >= 0:
                put(ground, k, goal)
        for k, _, goal in reversed(steps):
            if goal >= 0:
                put(ground, k, NOBODY)
            put(ground, k, place)
        return [_Draft(value, Kind.STAND_DOWN, tuple(steps))] if value > -np.inf else []

    def _judged(self, draft: _Draft) -> Repair | None:
        """With the change in every term; nothing if the checker finds any rule broken."""
        moves = tuple(self._move(*step) for step in draft.steps)
        repair = Repair(
            kind=draft.kind,
            moves=moves,
            by_term={},
            preference=0.0,
            value=0.0,
            touched=tuple(sorted(m.person for m in moves)),
            standby=False,
        )
        broken, by_term = self.register.judge(*changes(repair))
        if broken:
            return None
        preference = sum(float(self.ground.bonus[k]) for k, _, goal in draft.steps if goal >= 0)
        return msgspec.structs.replace(
            repair,
            by_term=by_term,
            preference=preference,
            value=sum(by_term.values()) + preference,
            standby=preference > 0,
        )

    def _move(self, k: int, drop: int, goal: int) -> Move:
        key = self._key[k]
        assert key is not None
        source = self._places[self.ground.here[drop]] if drop >= 0 else None
        return Move(person=key[0], source=source, target=self._places[goal] if goal >= 0 else None)

    def apply(self, repair: Repair) -> None:
        self.change(*changes(repair))

    def change(self, gone: Iterable[Assignment], come: Iterable[Assignment]) -> None:
        """Makes a change, of a repair or any other, and reckons anew whom it concerns."""
        gone, come = tuple(gone), tuple(come)
        self._quietly(gone, come)
        touched = {self._person[a.person] for a in (*gone, *come)}
        weigh(self.board, self.ground, np.asarray(sorted(touched), dtype=np.int64))
        places = {place_of(a) for a in (*gone, *come)}
        near = {self._person[a.person] for place in places for a in self.register.at[place]}
        first = self.ground.starts
        nodes = [np.arange(first[w], first[w + 1]) for w in sorted(touched | near)]
        if nodes:
            ease(self.ground, np.concatenate(nodes))

    def absent(self, person: PersonId, span: Span) -> tuple[Assignment, ...]:
        """For good: the person's duties that touch the span fall away and none is given there."""
        nodes, fallen = self._within(person, span)
        self.change(fallen, ())
        self.ground.barred[nodes] = 1
        return fallen

    @contextmanager
    def without(self, person: PersonId, span: Span) -> Iterator[tuple[Assignment, ...]]:
        """For one question: what falls away; until the end nothing at all is asked of the person."""
        ground, n = self.ground, self._person[person]
        _, fallen = self._within(person, span)
        own = slice(ground.starts[n], ground.starts[n + 1])
        barred = ground.barred[own].copy()
        self._quietly(fallen, ())
        ground.barred[own] = 1
        yield fallen
        ground.barred[own] = barred
        self._quietly((), fallen)

    def _quietly(self, gone: tuple[Assignment, ...], come: tuple[Assignment, ...]) -> None:
        self.register.change(gone, come)
        for a in gone:
            put(self.ground, self._node[a.person, a.shift], NOBODY)
        for a in come:
            put(self.ground, self._node[a.person, a.shift], self._place[a.post, a.shift])
        places = sorted({self._place[place_of(a)] for a in (*gone, *come)})
        relieve(self.ground, np.asarray(places, dtype=np.int64))

    def _within(self, person: PersonId, span: Span) -> tuple[Ints, tuple[Assignment, ...]]:
        n, board, shifts = self._person[person], self.board, self.register.shifts
        nodes = np.arange(board.nodes.first[n], board.nodes.first[n + 1])
        duty = board.nodes.duty[nodes]
        inside = (board.duty.start[duty] < span.end) & (span.start < board.duty.end[duty])
        mine = self.register.of[person]
        fallen = [a for a in mine if shifts[a.shift].start < span.end and span.start < shifts[a.shift].end]
        return nodes[inside], tuple(fallen)

    def dearest_first(self, places: Iterable[Place]) -> list[Place]:
        """By what one more would add to each."""
        gain, counts = self.ground.places.gain, self.ground.counts
        last = gain.shape[1] - 1

        def worth(place: Place) -> float:
            n = self._place[place]
            return float(gain[n, min(counts[n, PEOPLE], last)])

        return sorted(places, key=lambda place: (-worth(place), place[1], place[0]))

    def legal(self, place: Place) -> bool:
        return self._stands(self._place[place], 0)

    def joinable(self, place: Place) -> bool:
        """Whether anyone at all may join those who are there."""
        return self._stands(self._place[place], 1)

    def place(self, place: Place) -> int:
        """Its number on the ground."""
        return self._place[place]

    def shift(self, shift: ShiftId) -> int:
        """Its number on the board."""
        return self._shift[shift]

    def certified(self, person: PersonId, shift: ShiftId) -> bool:
        return bool(self.ground.rank[self._node[person, shift]] == CERTIFIED_GUARD)
