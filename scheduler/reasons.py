"""Why this one and not another, why so many nights, and what a shortfall would take: figures, not prose."""

from collections.abc import Sequence

import msgspec
import numpy as np

from scheduler.candidates import Candidates, candidates, distances
from scheduler.check import Rule, certified_on
from scheduler.fairness import Load, loads
from scheduler.holes import Repair
from scheduler.problem import Assignment, PersonId, Problem, Role, Span
from scheduler.roster import Lack, Shortfall
from scheduler.standing import Standing

FEW = 3


class Because(msgspec.Struct, frozen=True, kw_only=True):
    """`by_term` is what the assignment brings, term by term, against leaving it out; `lone` says that the
    place would be illegal then. `instead` is the best repair with anyone else, worth `behind` less; none
    where nobody else could come legally. `among` says that only so many of the nearest were tried."""

    assignment: Assignment
    by_term: dict[str, float]
    value: float
    lone: bool
    instead: Repair | None
    behind: float | None
    among: int | None = None


class Burden(msgspec.Struct, frozen=True, kw_only=True):
    """What one person carries, and where that stands among those of the role (share who carry less or as
    much). Of each night: why this person, and what it would take to spare it."""

    person: PersonId
    role: Role
    carried: dict[Load, float]
    standing: dict[Load, float]
    nights: tuple[Because, ...]


class Remedy(msgspec.Struct, frozen=True, kw_only=True):
    """What would end a shortfall: so many more of `role`, certified guards if `lack` says so, living within
    `within_km` and free then. `nearest` are those who could come at a price, and those who can't, with the
    rule each would break; `spare` is the km of the nearest who would break none."""

    shortfall: Shortfall
    role: Role | None
    within_km: float | None
    spare: float | None
    nearest: Candidates


def because(standing: Standing, assignment: Assignment) -> Because:
    """The roster is as before afterwards."""
    shift = standing.register.shifts[assignment.shift]
    broken, by_term = standing.register.judge((assignment,), ())
    with standing.without(assignment.person, Span(start=shift.start, end=shift.end)):
        found = standing.repairs(assignment.post, assignment.shift, most=1)
    value = -sum(by_term.values())
    return Because(
        assignment=assignment,
        by_term={name: -change for name, change in by_term.items()},
        value=value,
        lone=any(v.rule is Rule.NOT_ALONE for v in broken),
        instead=found[0] if found else None,
        behind=value - found[0].value if found else None,
    )


def burden(standing: Standing, person: PersonId) -> Burden:
    problem, mine = standing.register.problem, sorted(standing.register.of[person])
    carried = loads(problem, standing.register.assignments())
    night = standing.board.duty.night
    one = standing.register.people[person]
    peers = [p.id for p in problem.people if p.role is one.role and p.active and p.availability]
    shares = {
        load: sum(carried[p][load] <= carried[person][load] for p in peers) / max(1, len(peers))
        for load in Load
    }
    return Burden(
        person=person,
        role=one.role,
        carried=carried[person],
        standing=shares,
        nights=tuple(because(standing, a) for a in mine if night[standing.shift(a.shift)]),
    )


def remedies(standing: Standing, shortfalls: Sequence[Shortfall], *, most: int = FEW) -> tuple[Remedy, ...]:
    return tuple(_remedy(standing, shortfall, most) for shortfall in shortfalls)


def _remedy(standing: Standing, shortfall: Shortfall, most: int) -> Remedy:
    problem = standing.register.problem
    shift = standing.register.shifts[shortfall.shift]
    role = shift.roles[0] if len(shift.roles) == 1 else None
    role = Role.GUARD if shortfall.lack is Lack.CERTIFIED else role
    near = distances(standing, shortfall.post)
    fit = _fit(problem, shortfall, standing, role)
    chosen = sorted(fit, key=lambda p: (near[p] if near[p] is not None else 0.0, p))[: 4 * most]
    found = candidates(standing, shortfall.post, shortfall.shift, people=chosen, most=most)
    spare = [near[r.moves[0].person] for r in found.able]
    limits = [
        p.travel_km for p in problem.people if p.travel_km is not None and (role is None or p.role is role)
    ]
    return Remedy(
        shortfall=shortfall,
        role=role,
        within_km=round(float(np.median(limits)), 1) if limits else None,
        spare=min((km for km in spare if km is not None), default=None),
        nearest=Candidates(able=found.able[:most], unable=found.unable[:most]),
    )


def _fit(problem: Problem, shortfall: Shortfall, standing: Standing, role: Role | None) -> list[PersonId]:
    """Those of the kind asked for who aren't there already."""
    there = {a.person for a in standing.register.at[shortfall.post, shortfall.shift]}
    day = int(standing.board.duty.day[standing.shift(shortfall.shift)])
    return [
        p.id
        for p in problem.people
        if p.id not in there
        and p.active
        and (role is None or p.role is role)
        and (shortfall.lack is Lack.PEOPLE or certified_on(problem, p, day))
    ]
