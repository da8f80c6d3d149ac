"""What people have agreed, as rows of the second model: contracts clause by clause, and bonds."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta

from scheduler.contract import Contract, Least, Measure, Most, Per, Stretch
from scheduler.problem import Bond, Person, Problem
from tests.scheduler.compact import Compact, Duty, Row, local

LONG = 1_000.0
Sum = tuple[Row, float]


class Agreed(Compact):
    """Every clause counts by day and window; a day, a weekend or a place is a column of its own."""

    def __init__(self, asked: Problem) -> None:
        self.first = day_of(asked.horizon.start)
        self.last = day_of(asked.horizon.end - 1)
        super().__init__(asked)
        for bond in asked.bonds:
            self.bond(bond)

    def duties(self, one: Person, duties: list[Duty]) -> None:
        super().duties(one, duties)
        for contract in self.asked.contracts:
            if contract.code == one.contract:
                self.contract(contract, duties)

    def contract(self, contract: Contract, duties: list[Duty]) -> None:
        weights = self.asked.weights
        for most in contract.most:
            for there in self.windows(most, duties).values():
                self.at_most(most, there)
        for least in contract.least:
            known = self.windows(least, duties)
            for window in self.judged(least):
                self.at_least(least, known.get(window, []))
        for pair in contract.never:
            self.never((pair.earlier, pair.later), duties)
        days = self.days([d for d in duties if d.day <= self.last])
        self.working(days, contract.working, weights.working * contract.working.weight)
        self.off(days, contract.off, weights.off * contract.off.weight)

    def windows(self, clause: Most | Least, duties: list[Duty]) -> dict[object, list[Duty]]:
        found = defaultdict[object, list[Duty]](list)
        for duty in duties:
            counts = not clause.kinds or duty.kind in clause.kinds
            inside = clause.per is not Per.HORIZON or self.first <= duty.day <= self.last
            if counts and inside and weight(duty, clause.what) > 0:
                found[window(duty.day, clause)].append(duty)
        return found

    def judged(self, clause: Least) -> list[object]:
        """Windows whose last day lies in the horizon."""
        if clause.per is Per.HORIZON:
            return [0]
        days = range(self.first - 40, self.last + 41)
        last = {
            window(day, clause): day for day in days if clause.what is not Measure.WEEKENDS or is_weekend(day)
        }
        return [name for name, day in last.items() if self.first <= day <= self.last]

    def amount(self, what: Measure, duties: list[Duty]) -> Sum:
        """How much it comes to, and what of it is history."""
        if what is not Measure.WEEKENDS:
            row = {c: weight(d, what) for d in duties for c in d.choices}
            return row, sum(weight(d, what) for d in duties if not d.choices)
        return added(self.days(duties, lambda day: (day + 2) // 7).values())

    def at_most(self, clause: Most, duties: list[Duty]) -> None:
        row, fixed = self.amount(clause.what, duties)
        if fixed > clause.most:
            row = {c: 1.0 for d in duties for c in d.choices}
        if row:
            self.row(row, high=max(0.0, clause.most - fixed))

    def at_least(self, clause: Least, duties: list[Duty]) -> None:
        row, fixed = self.amount(clause.what, duties)
        missing = self.column(-clause.weight * self.asked.weights.least, LONG)
        self.row({**row, missing: 1.0}, low=clause.least - fixed)

    def never(self, kinds: tuple[str, str], duties: list[Duty]) -> None:
        """Both and none between them, if near: that may not be."""
        for n, a in enumerate(duties):
            for m in range(n + 1, len(duties)):
                b, between = duties[m], duties[n + 1 : m]
                close = (a.kind, b.kind) == kinds and b.day - a.day <= 1
                if close and (a.choices or b.choices) and all(d.choices for d in between):
                    row = dict.fromkeys((*a.choices, *b.choices), 1.0)
                    row |= {c: -1.0 for d in between for c in d.choices}
                    self.row(row, high=1.0 - (not a.choices) - (not b.choices))

    def days(self, duties: list[Duty], of: Callable[[int], int] = int) -> dict[int, Sum]:
        """By day, or whatever `of` makes of it, 1 if there is a duty and else 0."""
        by_day, found = defaultdict[int, list[Duty]](list), dict[int, Sum]()
        for duty in duties:
            by_day[of(duty.day)].append(duty)
        for day, there in by_day.items():
            found[day] = ({}, 1.0)
            if all(d.choices for d in there):
                found[day] = ({self.any_of([c for d in there for c in d.choices]): 1.0}, 0.0)
        return found

    def any_of(self, columns: list[int]) -> int:
        one = self.column(0.0)
        for column in columns:
            self.row({one: 1.0, column: -1.0}, low=0.0)
        self.row({one: 1.0, **dict.fromkeys(columns, -1.0)}, high=0.0)
        return one

    def working(self, days: dict[int, Sum], asked: Stretch, cost: float) -> None:
        """Runs that began in history count from there; one that ended before the horizon doesn't."""
        begin = self.first
        while days.get(begin - 1, ({}, 0.0))[1] == 1.0:
            begin -= 1
        on = {day: days.get(day, ({}, 0.0)) for day in range(begin - 1, self.last + 1)}
        self.stretches(on, asked, cost, (begin, self.first - 1, self.last - 1))

    def off(self, days: dict[int, Sum], asked: Stretch, cost: float) -> None:
        """Days off count from the last duty of history; without one nobody knows how many were before."""
        past = max((day for day in days if day < self.first), default=self.first - 1)
        free = {day: opposite(days.get(day, ({}, 0.0))) for day in range(past + 1, self.last + 1)}
        known = any(day < self.first for day in days)
        self.stretches(
            {past: ({}, 0.0 if known else 1.0), **free},
            asked,
            cost,
            (past + 1, self.first - 1, self.last - 1),
        )

    def stretches(self, on: dict[int, Sum], asked: Stretch, cost: float, ends: tuple[int, int, int]) -> None:
        """Each day by which what is on day after day is too short, if it ends in time, or too long."""
        begin, low, high = ends
        if asked.most is not None:
            for day in range(begin, self.last + 1 - asked.most):
                self.unless([opposite(on[day + n]) for n in range(asked.most + 1)], cost)
        for length in range(1, asked.least):
            for day in range(begin, high + 2 - length):
                inner = [opposite(on[day + n]) for n in range(length)]
                if day + length - 1 >= low:
                    self.unless([on[day - 1], *inner, on[day + length]], cost * (asked.least - length))

    def unless(self, some: list[Sum], cost: float) -> None:
        """It costs so much if none of these is 1."""
        row, fixed = added(some)
        if cost > 0.0:
            self.row({**row, self.column(-cost): 1.0}, low=1.0 - fixed)

    def bond(self, bond: Bond) -> None:
        weights = self.asked.weights
        worth = bond.weight * (weights.together if bond.weight > 0 else weights.apart)
        for need in self.asked.needs:
            keys = [(one, need.post, need.shift) for one in bond.people]
            columns = [self.at[key] for key in keys if key in self.at]
            if len(columns) > 1:
                self.cost[self.any_of(columns)] -= worth
                for column in columns:
                    self.cost[column] += worth


def day_of(moment: int) -> int:
    return (local(moment).date() - date(1970, 1, 1)).days


def is_weekend(day: int) -> bool:
    return (date(1970, 1, 1) + timedelta(days=day)).weekday() >= 5


def window(day: int, clause: Most | Least) -> object:
    """The week by its number, the month by its year and its own; a weekend lies where its Saturday does."""
    on = date(1970, 1, 1) + timedelta(days=day)
    if clause.per is Per.MONTH:
        on -= timedelta(days=on.weekday() - 5 if clause.what is Measure.WEEKENDS else 0)
        return on.year, on.month
    return on.isocalendar()[:2] if clause.per is Per.WEEK else 0


def weight(duty: Duty, what: Measure) -> float:
    amounts = {
        Measure.HOURS: duty.hours,
        Measure.DUTIES: 1.0,
        Measure.NIGHTS: float(duty.night),
        Measure.WEEKENDS: float(is_weekend(duty.day)),
    }
    return amounts[what]


def opposite(one: Sum) -> Sum:
    return {column: -factor for column, factor in one[0].items()}, 1.0 - one[1]


def added(some: Iterable[Sum]) -> Sum:
    total, fixed = Row(), 0.0
    for row, constant in some:
        fixed += constant
        for column, factor in row.items():
            total[column] = total.get(column, 0.0) + factor
    return total, fixed
