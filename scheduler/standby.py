"""The reserve on call: per town and shift a few who are free and could legally serve, in fair turns."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from scheduler.calendar import HOUR, Floats, Ints
from scheduler.ground import ALONE, Ground, weigh
from scheduler.holes import Standby, open_up
from scheduler.place import CERTIFIED as PAPERS
from scheduler.place import CERTIFIED_GUARD, PEOPLE
from scheduler.problem import Assignment, BeatCode, Person, PersonId, Problem, Shift, ShiftId, Span
from scheduler.standing import Standing


class Turns(msgspec.Struct, frozen=True, kw_only=True):
    """How large the reserve is: a share of those planned, `least` where anyone is; a person at most `most`
    times. `served` counts how often someone was on call before."""

    share: float = 0.04
    least: int = 1
    most: int = 2
    served: dict[PersonId, int] = {}


class Reserve(msgspec.Struct, frozen=True, kw_only=True):
    """Who is on call for a town in a shift; `asked` of them, `certified` of these certified guards, were
    wanted, and `able` could have been called."""

    town: str
    shift: ShiftId
    planned: int
    asked: int
    certified: int
    able: int
    people: tuple[PersonId, ...]


Key = tuple[str, ShiftId]
Towns = Mapping[BeatCode, str]


def planned_in(
    problem: Problem, assignments: Sequence[Assignment], towns: Towns
) -> dict[Key, tuple[int, int]]:
    """People by town and shift, and of them certified guards."""
    asked = open_up(problem, assignments, ()).problem
    standing = Standing(asked, assignments)
    return _planned(standing.ground.counts, _places(asked, towns))


def reserves(
    problem: Problem,
    assignments: Sequence[Assignment],
    towns: Towns,
    turns: Turns,
    *,
    planned: Mapping[Key, tuple[int, int]] | None = None,
) -> tuple[Reserve, ...]:
    """For whom a duty in that shift at some post of the town within reach would be legal, beside the roster
    and the person's other calls. Those least often on call come first, then those with the fewest hours for
    their target; certified guards in the proportion planned.

    A roster that uses everybody to the full leaves nobody to call. Call first, then: with no assignments and
    the `planned` of an earlier roster, and let the solver have the problem `held_back`.
    """
    asked = open_up(problem, assignments, ()).problem
    roll = _Roll(asked, assignments, towns, turns)
    roll.plan(planned)
    todo = sorted(roll.wanted, key=lambda key: (len(roll.able(key)) / roll.wanted[key][1], key))
    found = {key: roll.call(key) for key in todo}
    return tuple(found[key] for key in sorted(found, key=lambda key: (key[1], key[0])))


def on_call(found: Sequence[Reserve], worth: float = 1.0) -> Standby:
    """As repairs ask for it."""
    people = frozenset((person, r.shift) for r in found for person in r.people)
    return Standby(people=people, worth=worth)


def held_back(problem: Problem, found: Sequence[Reserve]) -> Problem:
    """The problem for the solver: calls count like duties served elsewhere, so that each stays legal."""
    shifts = {s.id: s for s in problem.shifts}
    calls: defaultdict[PersonId, list[Shift]] = defaultdict(list)
    for reserve in found:
        for person in reserve.people:
            calls[person].append(shifts[reserve.shift])
    people = tuple(_serving(p, calls[p.id]) if p.id in calls else p for p in problem.people)
    return msgspec.structs.replace(problem, people=people)


def _serving(person: Person, calls: Sequence[Shift]) -> Person:
    kinds = person.history_kinds or ("",) * len(person.history)
    return msgspec.structs.replace(
        person,
        history=(*person.history, *(Span(start=s.start, end=s.end) for s in calls)),
        history_kinds=(*kinds, *(s.kind for s in calls)),
    )


def _places(problem: Problem, towns: Towns) -> dict[Key, list[int]]:
    at = {post.id: towns[post.beat] for post in problem.posts if post.beat in towns}
    places: dict[Key, list[int]] = {}
    for n, need in enumerate(problem.needs):
        if need.post in at:
            places.setdefault((at[need.post], need.shift), []).append(n)
    return places


def _planned(counts: Ints, places: Mapping[Key, list[int]]) -> dict[Key, tuple[int, int]]:
    found = {key: counts[rows].sum(axis=0).tolist() for key, rows in places.items()}
    return {key: (c[PEOPLE], c[PAPERS]) for key, c in found.items() if c[PEOPLE] > 0}


class _Roll:
    """The calls so far: whoever is called counts as serving then for every later call."""

    def __init__(
        self, problem: Problem, assignments: Sequence[Assignment], towns: Towns, turns: Turns
    ) -> None:
        standing = Standing(problem, assignments)
        self._board, self._ground, self._turns = standing.board, standing.ground, turns
        self._people = problem.people
        self._places = _places(problem, towns)
        self.wanted: dict[Key, tuple[int, int, int]] = {}
        self._calls = Counter({p.id: turns.served.get(p.id, 0) for p in self._people})
        self._now: Counter[PersonId] = Counter()
        self._hours = _hours(
            self._ground, self._board.duty.end - self._board.duty.start, self._board.nodes.duty
        )

    def plan(self, planned: Mapping[Key, tuple[int, int]] | None) -> None:
        """What is wanted: people planned, the size of the reserve, certified guards planned."""
        if planned is None:
            planned = _planned(self._ground.counts, self._places)
        self.wanted = {key: (n, _size(n, self._turns), papers) for key, (n, papers) in planned.items()}

    def able(self, key: Key) -> Ints:
        """Nodes of those who could be called."""
        ground = self._ground
        lists = [ground.node[ground.first[n] : ground.first[n + 1]] for n in self._places[key]]
        nodes = np.unique(np.concatenate(lists))
        free = (ground.here[nodes] < 0) & (ground.barred[nodes] == 0)
        fit: Ints = nodes[free & (ground.own[nodes, ALONE] > -np.inf)]
        return fit

    def call(self, key: Key) -> Reserve:
        planned, asked, papers = self.wanted[key]
        certified = round(asked * papers / planned)
        nodes = self.able(key)
        turn = sorted(nodes.tolist(), key=self._turn)
        turn = [k for k in turn if self._now[self._id(k)] < self._turns.most]
        first = [k for k in turn if self._ground.rank[k] == CERTIFIED_GUARD][:certified]
        chosen = [*first, *(k for k in turn if k not in first)][:asked]
        for k in chosen:
            self._take(k, self._places[key])
        return Reserve(
            town=key[0],
            shift=key[1],
            planned=planned,
            asked=asked,
            certified=certified,
            able=len(nodes),
            people=tuple(self._id(k) for k in chosen),
        )

    def _id(self, k: int) -> PersonId:
        person: PersonId = self._people[int(self._ground.who[k])].id
        return person

    def _turn(self, k: int) -> tuple[int, float, PersonId]:
        who = self._ground.who[k]
        person = self._people[who]
        target = person.target_hours or 0.0
        return self._calls[person.id], float(self._hours[who]) / (target or 40.0), person.id

    def _take(self, k: int, places: Sequence[int]) -> None:
        """From now on the node counts as served, wherever it will be."""
        self._ground.here[k] = places[0]
        weigh(self._board, self._ground, self._ground.who[k : k + 1])
        self._calls[self._id(k)] += 1
        self._now[self._id(k)] += 1


def _size(planned: int, turns: Turns) -> int:
    return max(turns.least, math.ceil(turns.share * planned - 1e-9)) if planned else 0


def _hours(ground: Ground, length: Ints, duty: Ints) -> Floats:
    taken = np.flatnonzero(ground.here >= 0)
    many = len(ground.starts) - 1
    return np.asarray(np.bincount(ground.who[taken], length[duty[taken]] / HOUR, many), dtype=np.float64)
