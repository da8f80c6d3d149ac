"""A roster as it is handed out: with reasons, terms, shortfalls, bound and prices."""

import msgspec
import numpy as np

from scheduler.explain import shortfalls, whys
from scheduler.prices import Prices
from scheduler.problem import Problem
from scheduler.roster import Conflict, Price, Roster
from scheduler.search import Search, assignments, stand, unsound
from scheduler.terms import terms


def finished(problem: Problem, search: Search, seed: int) -> Roster:
    made = assignments(problem, search)
    reached = terms(problem, made)
    return Roster(
        assignments=made,
        why=whys(problem, search.board, np.flatnonzero(search.choice >= 0), stand(search)),
        shortfalls=shortfalls(problem, search.board, stand(search)),
        conflicts=_conflicts(problem, search),
        terms=reached,
        objective=sum(reached.values()),
        bound=None,
        gap=None,
        prices=(),
        seed=seed,
        sweeps=search.sweeps,
    )


def with_prices(problem: Problem, roster: Roster, limit: float | None, prices: Prices | None) -> Roster:
    if limit is None or prices is None:
        return roster
    rows = zip(problem.needs, prices.people.tolist(), prices.certified.tolist(), strict=True)
    return msgspec.structs.replace(
        roster,
        bound=limit,
        gap=gap_of(limit, roster.objective),
        prices=tuple(Price(post=n.post, shift=n.shift, people=p, certified=c) for n, p, c in rows),
    )


def empty(problem: Problem) -> float:
    """The objective of nobody anywhere, from which the bound counts."""
    return sum(terms(problem, ()).values())


def _conflicts(problem: Problem, search: Search) -> tuple[Conflict, ...]:
    found = []
    for n in unsound(search):
        post, shift = problem.needs[n].post, problem.needs[n].shift
        pins = tuple(a for a in problem.pinned if (a.post, a.shift) == (post, shift))
        found.append(Conflict(post=post, shift=shift, pinned=pins))
    return tuple(found)


def gap_of(limit: float, reached: float) -> float:
    return (limit - reached) / max(abs(limit), 1e-9)
