"""The table of hard rules as each person's own limits."""

from datetime import date

import numpy as np

from scheduler.board import Law
from scheduler.calendar import HOUR, Ints
from scheduler.problem import Limits, Organisation, Person, Problem, Role
from scheduler.state import untouched

NEVER = 1 << 50


def limits(problem: Problem) -> Law:
    organisations = {o.id: o for o in problem.organisations}
    contracts = {c.code: c.limits for c in problem.contracts}
    known: dict[tuple[Role, bool, int, Limits, str | None], tuple[int, ...]] = {}
    rows = []
    for person in problem.people:
        key = (person.role, person.overtime_consent, person.organisation, person.limits, person.contract)
        if key not in known:
            agreed = contracts[person.contract] if person.contract is not None else Limits()
            known[key] = _row((problem.limits, agreed), organisations[person.organisation], person)
        rows.append(known[key])
    table = np.asarray(rows, dtype=np.int64).reshape(-1, 7)
    guard, day, week, overtime, rest, run, nights = (np.ascontiguousarray(table[:, k]) for k in range(7))
    return Law(guard, day, week, overtime, rest, run, nights, untouched(len(problem.people)))


def _row(common: tuple[Limits, Limits], organisation: Organisation, person: Person) -> tuple[int, ...]:
    """In the order of Law."""
    tighter = (*common, organisation.limits, person.limits)
    day, week, run, nights = [8.0], [44.0], [6], [3]
    overtime, rest = [36.0], [11.0]
    if person.role is Role.VOLUNTEER:
        day, week = [4.0], [12.0]
    elif person.overtime_consent:
        day, week = [11.0], []
    if person.role is Role.GUARD and organisation.permit:
        day = [12.0]
    for own in tighter:
        day += [own.day_hours] if own.day_hours is not None else []
        week += [own.week_hours] if own.week_hours is not None else []
        overtime += [own.overtime_hours] if own.overtime_hours is not None else []
        rest += [own.rest_hours] if own.rest_hours is not None else []
        run += [own.run_days] if own.run_days is not None else []
        nights += [own.nights] if own.nights is not None else []
    guard = int(person.role is Role.GUARD)
    longest = int(min(week) * HOUR) if week else NEVER
    return (
        guard,
        int(min(day) * HOUR),
        longest,
        int(min(overtime) * HOUR),
        int(max(rest) * HOUR + 0.5),
        min(run),
        min(nights),
    )


def night_ages(people: tuple[Person, ...]) -> tuple[Ints, Ints]:
    """First days of being 18 and 60, for those who agreed to nights; never and at once for the others."""
    adult = np.full(len(people), NEVER, dtype=np.int64)
    old = np.full(len(people), -NEVER, dtype=np.int64)
    for n, person in enumerate(people):
        if person.night_consent and person.born is not None:
            adult[n], old[n] = _birthday(person.born, 18), _birthday(person.born, 60)
    return adult, old


def _birthday(born: date, age: int) -> int:
    """Days since 1970; who was born on 29 February turns older on 1 March in other years."""
    try:
        day = born.replace(year=born.year + age)
    except ValueError:
        day = date(born.year + age, 3, 1)
    return day.toordinal() - 719_163
