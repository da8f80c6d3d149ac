"""The published benchmark set: named problems, each made from a seed alone, the same on every machine."""

import hashlib
from collections.abc import Callable
from typing import NamedTuple

import msgspec
import numpy as np

from scheduler.calendar import DAY
from scheduler.instance import instance
from scheduler.instance_company import company
from scheduler.problem import Need, Person, Problem, Role, Span, to_json

Change = Callable[[Problem, np.random.Generator], Problem]


class Recipe(NamedTuple):
    """How an instance is made; `weeks` makes it a company's."""

    about: str
    people: int
    days: int = 7
    full: bool = False
    weeks: int = 0
    changes: tuple[Change, ...] = ()


def build(name: str, seed: int = 1) -> Problem:
    recipe = INSTANCES[name]
    random = np.random.default_rng([seed, recipe.people, recipe.days])
    if recipe.weeks:
        return company(recipe.people, recipe.weeks, seed)
    problem = instance(recipe.people, recipe.days, seed, full=recipe.full)
    for change in recipe.changes:
        problem = change(problem, random)
    return problem


def fingerprint(problem: Problem) -> str:
    """Of the JSON form; who solves the same problem has the same."""
    return hashlib.sha256(to_json(problem)).hexdigest()


def slack(problem: Problem, _: np.random.Generator) -> Problem:
    """Half the need, so that most of it can be met."""
    return _needs(problem, lambda n: _of(n, worth=n.worth[: (len(n.worth) + 1) // 2], minimum=2))


def tight(problem: Problem, _: np.random.Generator) -> Problem:
    """A minimum about as large as all duties there are."""
    return _needs(problem, lambda n: _of(n, minimum=8, desired=10))


def scarce(problem: Problem, random: np.random.Generator) -> Problem:
    """Few guards are certified, and every shift of guards wants two of them."""
    lost = random.random(len(problem.people)) < 0.7
    people = [
        msgspec.structs.replace(p, certificates=()) if gone and p.role is Role.GUARD else p
        for p, gone in zip(problem.people, lost.tolist(), strict=True)
    ]
    guards = {s.id for s in problem.shifts if Role.GUARD in s.roles}
    fewer = msgspec.structs.replace(problem, people=tuple(people))
    return _needs(fewer, lambda n: _of(n, minimum=4, certified=2) if n.shift in guards else n)


def festival(problem: Problem, random: np.random.Generator) -> Problem:
    """On Friday three posts ask for forty more from noon to midnight."""
    posts = set(random.choice([p.id for p in problem.posts], size=3, replace=False).tolist())
    late = [s for s in problem.shifts if s.kind in ("afternoon", "evening")]
    friday = {s.id for s in late if (s.start - problem.horizon.start) // DAY == 4}

    def more(need: Need) -> Need:
        if need.post not in posts or need.shift not in friday:
            return need
        worth = (*need.worth, *(0.9 * need.worth[-1] if need.worth else 0.5,) * 20)
        return _of(need, minimum=need.minimum + 40, worth=tuple(sorted(worth, reverse=True)))

    return _needs(problem, more)


def holidays(problem: Problem, random: np.random.Generator) -> Problem:
    """Half of all are away for three days or more of ten; the need stays."""
    away = random.random(len(problem.people)) < 0.5
    begin, long = random.integers(2, 6, len(away)), random.integers(3, 6, len(away))
    people = [
        _away(p, problem, int(day), int(days)) if gone else p
        for p, gone, day, days in zip(problem.people, away.tolist(), begin, long, strict=True)
    ]
    return _needs(
        msgspec.structs.replace(problem, people=tuple(people)), lambda n: _of(n, minimum=4, desired=8)
    )


def _away(person: Person, problem: Problem, day: int, days: int) -> Person:
    start = problem.horizon.start + day * DAY
    leave = (*person.leave, Span(start=start, end=start + days * DAY))
    return msgspec.structs.replace(person, leave=leave)


def _needs(problem: Problem, change: Callable[[Need], Need]) -> Problem:
    return msgspec.structs.replace(problem, needs=tuple(change(need) for need in problem.needs))


def _of(need: Need, **changes: object) -> Need:
    """A need with another minimum never desires less than that."""
    new = msgspec.structs.replace(need, **changes)
    return msgspec.structs.replace(new, desired=max(new.desired, new.minimum))


INSTANCES: dict[str, Recipe] = {
    "town-200": Recipe("a small town, the base problem", 200),
    "district-1000": Recipe("the base problem", 1_000),
    "district-1000-slack": Recipe("half the need", 1_000, changes=(slack,)),
    "district-1000-tight": Recipe("every rule, a minimum beyond reach", 1_000, full=True, changes=(tight,)),
    "district-2000-scarce": Recipe("every rule, few certified guards", 2_000, full=True, changes=(scarce,)),
    "district-3000-festival": Recipe("every rule, a festival", 3_000, full=True, changes=(festival,)),
    "district-4000-holidays": Recipe("half of all away", 4_000, 10, True, changes=(holidays,)),
    "district-12000": Recipe("the base problem", 12_000),
    "district-25000-full": Recipe("every rule and term", 25_000, full=True),
    "company-20x2": Recipe("20 people, two weeks", 20, weeks=2),
    "company-40x4": Recipe("40 people, four weeks", 40, weeks=4),
    "company-60x4": Recipe("60 people, four weeks", 60, weeks=4),
}  # fmt: skip
