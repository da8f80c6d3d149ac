"""How evenly a roster shares hours, nights and weekends, and what changed against another roster."""

import enum
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from scheduler.duties import HOUR, Flags, Ints, open_book
from scheduler.problem import Assignment, PersonId, PostId, Problem, Role
from scheduler.terms import terms


class Load(enum.Enum):
    HOURS = "hours"
    NIGHTS = "nights"
    WEEKENDS = "weekends"


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """Of one role and load, over everyone active who offers any time: quartiles, and how far from even, the
    Gini coefficient being 0 where all carry the same. `heaviest` names who carries most, ties by id."""

    role: Role
    load: Load
    people: int
    least: float
    lower: float
    median: float
    upper: float
    most: float
    mean: float
    deviation: float
    gini: float
    heaviest: tuple[tuple[PersonId, float], ...]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What one person carried before and carries now."""

    person: PersonId
    hours: tuple[float, float]
    nights: tuple[float, float]
    weekends: tuple[float, float]


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Each pair is before and now. Duties are the same when person, post and time within the horizon are:
    so last week's roster can be compared. `changes` are the people whose hours changed most."""

    objective: tuple[float, float]
    terms: dict[str, tuple[float, float]]
    spreads: tuple[tuple[Spread, Spread], ...]
    kept: int
    added: int
    dropped: int
    people_changed: int
    changes: tuple[Change, ...]


Loads = dict[PersonId, dict[Load, float]]


class Served(NamedTuple):
    """Parallel columns of duties: whose, from and to, the duty day counted from 1970, whether by night."""

    person: Ints
    start: Ints
    end: Ints
    day: Ints
    night: Flags


def loads(problem: Problem, assignments: Sequence[Assignment]) -> Loads:
    """By person; weekends count duties that begin on a Saturday or Sunday."""
    book = open_book(problem, assignments)
    duties, mine = book.duties, book.duties.assignment >= 0
    people = np.asarray([person.id for person in book.people], dtype=np.int64)
    served = Served(
        person=people[duties.person[mine]],
        start=duties.start[mine],
        end=duties.end[mine],
        day=duties.day[mine],
        night=duties.night[mine],
    )
    return {p.id: dict.fromkeys(Load, 0.0) for p in problem.people} | loads_of(served)


def loads_of(served: Served) -> Loads:
    """The same of duties in columns, for those who have any."""
    people, who = np.unique(served.person, return_inverse=True)
    columns = {
        Load.HOURS: np.bincount(who, (served.end - served.start) / HOUR),
        Load.NIGHTS: np.bincount(who, served.night),
        Load.WEEKENDS: np.bincount(who, (served.day + 3) % 7 >= 5),
    }
    return {
        PersonId(person): {load: float(column[n]) for load, column in columns.items()}
        for n, person in enumerate(people.tolist())
    }


def spreads(problem: Problem, carried: Loads, *, worst: int = 5) -> tuple[Spread, ...]:
    active = {o.id for o in problem.organisations if o.active}
    peers = {p.id: p.role for p in problem.people if p.active and p.organisation in active and p.availability}
    return spreads_of(peers, carried, worst=worst)


def spreads_of(peers: Mapping[PersonId, Role], carried: Loads, *, worst: int = 5) -> tuple[Spread, ...]:
    """Over these people; who is missing among the loads carries nothing."""
    found = []
    for role in Role:
        people = [person for person, own in peers.items() if own is role]
        for load in Load if people else ():
            each = {person: carried[person][load] if person in carried else 0.0 for person in people}
            found.append(_spread(role, load, each, worst))
    return tuple(found)


def _spread(role: Role, load: Load, carried: Mapping[PersonId, float], worst: int) -> Spread:
    values = np.sort(np.asarray(list(carried.values())))
    total, many = float(values.sum()), len(values)
    ranks = 2 * np.arange(1, many + 1) - many - 1
    least, lower, median, upper, most = np.percentile(values, [0, 25, 50, 75, 100]).tolist()
    heaviest = sorted(carried.items(), key=lambda one: (-one[1], one[0]))[:worst]
    return Spread(
        role=role,
        load=load,
        people=many,
        least=least,
        lower=lower,
        median=median,
        upper=upper,
        most=most,
        mean=total / many,
        deviation=float(values.std()),
        gini=float((ranks * values).sum()) / (many * total) if total > 0 else 0.0,
        heaviest=tuple(heaviest),
    )


Dated = tuple[Problem, Sequence[Assignment]]


def compare(before: Dated, now: Dated, *, most: int = 10) -> Comparison:
    """Two rosters, each with its problem."""
    was, is_ = (terms(*each) for each in (before, now))
    carried = [loads(*each) for each in (before, now)]
    even = [
        {(s.role, s.load): s for s in spreads(each[0], c)}
        for each, c in zip((before, now), carried, strict=True)
    ]
    old, new = Counter(_keys(*before)), Counter(_keys(*now))
    gone, come = old - new, new - old
    changed = {person for person, *_ in (*gone, *come)}
    return Comparison(
        objective=(sum(was.values()), sum(is_.values())),
        terms={name: (was.get(name, 0.0), is_.get(name, 0.0)) for name in dict.fromkeys((*was, *is_))},
        spreads=tuple((even[0][key], even[1][key]) for key in even[1] if key in even[0]),
        kept=sum((old & new).values()),
        added=sum(come.values()),
        dropped=sum(gone.values()),
        people_changed=len(changed),
        changes=_changes(changed, carried[0], carried[1], most),
    )


def _keys(problem: Problem, assignments: Sequence[Assignment]) -> list[tuple[PersonId, PostId, int, int]]:
    start = problem.horizon.start
    times = {s.id: (s.start - start, s.end - start) for s in problem.shifts}
    return [(a.person, a.post, *times[a.shift]) for a in assignments]


def _changes(people: set[PersonId], was: Loads, now: Loads, most: int) -> tuple[Change, ...]:
    nothing = dict.fromkeys(Load, 0.0)
    pairs = {p: (was.get(p, nothing), now.get(p, nothing)) for p in people}
    order = sorted(pairs, key=lambda p: (-abs(pairs[p][1][Load.HOURS] - pairs[p][0][Load.HOURS]), p))
    return tuple(
        Change(person=p, **{load.value: (pairs[p][0][load], pairs[p][1][load]) for load in Load})
        for p in order[:most]
    )
