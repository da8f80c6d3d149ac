"""A second model of small problems: an integer program with each rule written down as rows of its own."""

import itertools
import math
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import highspy

from scheduler.problem import Need, Person, Problem, Role, Shift, Span
from tests.scheduler.make import HOUR

AHEAD = timedelta(hours=8)


class Duty(NamedTuple):
    """A span with its local day; `choices` are the columns that place the person there, none for history."""

    start: int
    end: int
    choices: tuple[int, ...]
    kind: str = ""

    @property
    def day(self) -> int:
        return (local(self.start).date() - date(1970, 1, 1)).days

    @property
    def hours(self) -> float:
        return (self.end - self.start) / HOUR

    @property
    def night(self) -> bool:
        minutes = range(self.start, self.end, 60_000)
        return sum(not 6 <= local(m).hour < 22 for m in minutes) >= 180


def local(moment: int) -> datetime:
    return datetime.fromtimestamp(moment / 1000, UTC) + AHEAD


Row = dict[int, float]


class Compact:
    """A binary per person, post and shift; convex costs by pieces of one unit each."""

    def __init__(self, asked: Problem) -> None:
        self.asked = asked
        self.cost: list[float] = []
        self.upper: list[float] = []
        self.rows: list[tuple[float, Row, float]] = []
        self.constant = 0.0
        self.at: dict[tuple[int, int, int], int] = {}
        self.organisations = {o.id: o for o in asked.organisations}
        for one in asked.people:
            self.person(one)
        for need in asked.needs:
            self.place(need)

    def best(self) -> float | None:
        model = highspy.Highs()  # type: ignore[no-untyped-call]
        model.silent()
        model.setOptionValue("mip_rel_gap", 0.0)
        model.setOptionValue("threads", 1)
        lp = highspy.HighsLp()
        lp.sense_ = highspy.ObjSense.kMaximize
        lp.num_col_, lp.num_row_ = len(self.cost), len(self.rows)
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = self.cost, [0.0] * len(self.cost), self.upper
        lp.row_lower_, lp.row_upper_ = [r[0] for r in self.rows], [r[2] for r in self.rows]
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = [0, *itertools.accumulate(len(r[1]) for r in self.rows)]
        lp.a_matrix_.index_ = [c for r in self.rows for c in r[1]]
        lp.a_matrix_.value_ = [f for r in self.rows for f in r[1].values()]
        lp.integrality_ = [highspy.HighsVarType.kInteger] * len(self.cost)
        model.passModel(lp)
        model.run()
        if model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        return float(model.getInfo().objective_function_value) + self.constant

    def column(self, cost: float, upper: float = 1.0) -> int:
        self.cost.append(cost)
        self.upper.append(upper)
        return len(self.cost) - 1

    def row(self, row: Row, low: float = -math.inf, high: float = math.inf) -> None:
        self.rows.append((low, row, high))

    def person(self, one: Person) -> None:
        kinds = one.history_kinds or ("",) * len(one.history)
        duties = [Duty(s.start, s.end, (), kind) for s, kind in zip(one.history, kinds, strict=True)]
        for shift in self.asked.shifts:
            choices = self.choices(one, shift)
            if choices:
                duties.append(Duty(shift.start, shift.end, choices, shift.kind))
                self.row(dict.fromkeys(choices, 1.0), high=1.0)
        self.duties(one, sorted(duties))

    def duties(self, one: Person, duties: list[Duty]) -> None:
        self.limits(one, duties)
        self.own(one, [d for d in duties if d.choices], [d for d in duties if not d.choices])

    def choices(self, one: Person, shift: Shift) -> tuple[int, ...]:
        """A column per post that the person may take in this shift, at what it makes of the single terms."""
        weights, duty = self.asked.weights, Duty(shift.start, shift.end, ())
        day = local(shift.start).date()
        if not one.active or not inside(one.availability, shift) or touched(one.leave, shift):
            return ()
        if duty.night and not (one.night_consent and 18 <= age(one, day) <= 59):
            return ()
        pinned = [(a.person, a.post, a.shift) for a in self.asked.pinned]
        if shift.roles and one.role not in shift.roles and (one.id, shift.id) not in {p[::2] for p in pinned}:
            return ()
        wish = sum(w.weight for w in one.wishes if w.shift == shift.id)
        wish += sum(w.weight for w in one.time_wishes if touched((w.span,), shift))
        found = []
        for post in self.asked.posts:
            papers = [c.until for c in one.certificates if c.kind == post.certificate]
            if post.certificate and not any(until >= day for until in papers):
                continue
            km = distance(one, self.asked)
            if one.travel_km is not None and km > one.travel_km:
                continue
            kept = [(a.person, a.post, a.shift) for a in self.asked.published]
            here = (one.id, post.id, shift.id)
            worth = weights.wish * wish - weights.travel * km
            worth += weights.team * (post.beat in one.beats) + weights.stability * (here in kept)
            column = self.column(worth)
            self.at[here] = column
            found.append(column)
            if here in pinned:
                self.row({column: 1.0}, low=1.0)
        return tuple(found)

    def limits(self, one: Person, duties: list[Duty]) -> None:
        """Each rule of one person; rows without any choice in them are history's own and left out."""
        guard, own = one.role is Role.GUARD, self.tightest(one)
        for a, b in itertools.combinations(sorted(duties), 2):
            pause = 0.0 if not guard and a.day == b.day else own["rest_hours"]
            if (b.start - a.end) / HOUR < pause:
                self.together([a, b], 1)
        days, weeks = defaultdict(list), defaultdict(list)
        for duty in duties:
            days[duty.day].append(duty)
            weeks[duty.day - (duty.day + 3) % 7].append(duty)
        for there in days.values():
            self.hours(there, own["day_hours"])
        over: Row = {}
        for there in weeks.values():
            self.hours(there, own["week_hours"])
            if guard and own["week_hours"] > 44 and any(d.choices for d in there):
                column = self.column(0.0, 200.0)
                row, fixed = weighed(there)
                self.row({**row, column: -1.0}, high=44.0 - fixed)
                over[column] = 1.0
        if over:
            self.row(over, high=own["overtime_hours"])
        self.streaks(days, int(own["run_days"]))
        dark = {day: [d for d in there if d.night] for day, there in days.items()}
        self.streaks({day: there for day, there in dark.items() if there}, int(own["nights"]))
        self.recovery(duties, dark)

    def tightest(self, one: Person) -> dict[str, float]:
        guard, permit = one.role is Role.GUARD, self.organisations[one.organisation].permit
        day = 4.0 if not guard else 12.0 if permit else 11.0 if one.overtime_consent else 8.0
        week = 12.0 if not guard else 500.0 if one.overtime_consent else 44.0
        table = {"day_hours": day, "week_hours": week, "overtime_hours": 36.0}
        table |= {"rest_hours": 11.0, "run_days": 6, "nights": 3}
        for limits in (one.limits, *(c.limits for c in self.asked.contracts if c.code == one.contract)):
            for name, value in table.items():
                tighter = getattr(limits, name)
                if tighter is not None:
                    table[name] = max(value, tighter) if name == "rest_hours" else min(value, tighter)
        return table

    def hours(self, duties: list[Duty], most: float) -> None:
        row, fixed = weighed(duties)
        if row:
            self.row(row, high=max(0.0, most - fixed))

    def together(self, duties: list[Duty], most: int) -> None:
        """At most so many of these at once."""
        row = {c: 1.0 for d in duties for c in d.choices}
        if row:
            self.row(row, high=most - sum(not d.choices for d in duties))

    def streaks(self, days: dict[int, list[Duty]], most: int) -> None:
        """Any most + 1 days in a row have one without a duty: for every pick of a duty on each."""
        for first in days:
            if all(first + n in days for n in range(most + 1)):
                for picked in itertools.product(*(days[first + n] for n in range(most + 1))):
                    self.together(list(picked), most)

    def recovery(self, duties: list[Duty], dark: dict[int, list[Duty]]) -> None:
        """48 h without a duty after three nights in a row."""
        for first in dark:
            for three in itertools.product(*(dark.get(first + n, []) for n in range(3))):
                for later in duties:
                    if 0 <= later.start - three[2].end < 48 * HOUR:
                        self.together([*three, later], 3)

    def own(self, one: Person, mine: list[Duty], past: list[Duty]) -> None:
        weights = self.asked.weights
        row = {c: d.hours for d in mine for c in d.choices}
        if one.target_hours is not None:
            curve = [-weights.hours * ((h - one.target_hours) / 8) ** 2 for h in range(200)]
            self.pieces(row, curve)
        nights = {c: 1.0 for d in mine if d.night for c in d.choices}
        weekends = {c: 1.0 for d in mine if (d.day + 3) % 7 >= 5 for c in d.choices}
        for counted, before, weight in (
            (nights, sum(d.night for d in past), weights.nights),
            (weekends, sum((d.day + 3) % 7 >= 5 for d in past), weights.weekends),
        ):
            self.pieces(counted, [-weight * ((before + n) ** 2 - before**2) for n in range(30)])

    def pieces(self, row: Row, curve: list[float]) -> None:
        """The row's sum n is worth curve[n], which bends downwards."""
        self.constant += curve[0]
        if row:
            steps = [self.column(b - a) for a, b in itertools.pairwise(curve[: 1 + int(sum(row.values()))])]
            self.row({**row, **dict.fromkeys(steps, -1.0)}, low=0.0, high=0.0)

    def place(self, need: Need) -> None:
        asked, weights = self.asked, self.asked.weights
        post = next(p for p in asked.posts if p.id == need.post)
        shift = next(s for s in asked.shifts if s.id == need.shift)
        duty, day = Duty(shift.start, shift.end, ()), local(shift.start).date()
        there = {
            p.id: self.at[p.id, post.id, shift.id]
            for p in asked.people
            if (p.id, post.id, shift.id) in self.at
        }
        guards = {p.id for p in asked.people if p.role is Role.GUARD}
        papers = {
            p.id
            for p in asked.people
            if p.id in guards and any(c.kind == "guard" and c.until >= day for c in p.certificates)
        }
        everyone = dict.fromkeys(there.values(), 1.0)
        certified = {column: 1.0 for who, column in there.items() if who in papers}
        self.pieces(everyone, [self.worth(need, post.unit, n) for n in range(len(there) + 1)])
        lacking = [-weights.certified * max(0, need.certified - n) for n in range(len(certified) + 1)]
        self.pieces(certified, lacking)
        for who, column in there.items():
            others = {c: -1.0 for c in everyone if c != column}
            if not (post.solo and who in guards and not duty.night):
                self.row({column: 1.0, **others}, high=0.0)
            if duty.night and who not in papers:
                self.row({column: 1.0, **dict.fromkeys(certified, -1.0)}, high=0.0)

    def worth(self, need: Need, unit: int, people: int) -> float:
        weights = self.asked.weights
        full, rest = divmod(people, unit)
        value = sum(need.worth[:full])
        value += need.worth[full] * rest / unit if full < len(need.worth) else 0.0
        cost = usual(need.unmet, weights.unmet) * max(0, need.minimum - people)
        if need.desired:
            cost += usual(need.under, weights.under) * max(0, need.desired - people)
            cost += usual(need.over, weights.over) * max(0, people - need.desired)
        return weights.staffing * value - cost


def usual(own: float | None, common: float) -> float:
    return common if own is None else own


def weighed(duties: list[Duty]) -> tuple[Row, float]:
    """Hours by column, and those of history."""
    return {c: d.hours for d in duties for c in d.choices}, sum(d.hours for d in duties if not d.choices)


def inside(spans: tuple[Span, ...], shift: Shift) -> bool:
    """Every quarter of an hour of it lies in some span."""
    quarters = range(shift.start, shift.end, HOUR // 4)
    return all(any(span.start <= q < span.end for span in spans) for q in quarters)


def touched(spans: tuple[Span, ...], shift: Shift) -> bool:
    return any(span.start < shift.end and shift.start < span.end for span in spans)


def age(one: Person, day: date) -> int:
    assert one.born is not None
    return day.year - one.born.year - ((day.month, day.day) < (one.born.month, one.born.day))


def distance(one: Person, asked: Problem) -> float:
    """All on one meridian in these problems."""
    if one.home is None:
        return 0.0
    (centre,) = asked.beats[0].centres
    return math.radians(abs(one.home.lat - centre.lat)) * 6371.007180918475
