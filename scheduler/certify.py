"""Checks a published bound anew, by a plain program of its own; it shares nothing with the solver.

With prices on places, and charges for company, every legal roster is worth at most what each person could
earn alone at them plus what each place could make of buying; each of a bond earns an equal share of what all
of them together would. Slow and simple: minutes for a large district.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from scheduler.check import certified_on, nearest_km
from scheduler.duties import (
    DAY,
    EPOCH,
    HOUR,
    Book,
    day_limit,
    is_night,
    local_days,
    night_limit,
    overtime_limit,
    rest_limit,
    run_limit,
    week_limit,
)
from scheduler.problem import BeatCode, Need, Person, PersonId, Point, PostId, Problem, Role, ShiftId
from scheduler.roster import Charge, Price
from scheduler.terms import own, worth

Floats = NDArray[np.float64]
NEVER = -(1 << 50)


class Duty(NamedTuple):
    """A shift with what it earns at best, or a duty of history, which is there anyway and earns nothing."""

    start: int
    end: int
    day: int
    night: bool
    gain: float
    forced: bool
    mine: bool


class State(NamedTuple):
    """What the hard rules and the own sums ask of the duties so far; `ready` is the end of all rest owed."""

    ends: int = NEVER
    ready: int = NEVER
    day: int = NEVER
    day_ms: int = 0
    week: int = NEVER
    week_ms: int = 0
    month: int = NEVER
    over_ms: int = 0
    run: int = 0
    dark: int = NEVER
    streak: int = 0
    ms: int = 0
    nights: int = 0
    weekends: int = 0


class Limits(NamedTuple):
    guard: bool
    day_ms: float
    week_ms: float
    over_ms: float
    rest_ms: float
    run: int
    nights: int


def certified_bound(
    problem: Problem, prices: Sequence[Price], company: Sequence[Charge] = ()
) -> float | None:
    """What no legal roster exceeds, by these prices; nothing if they leave out a place or lie too low, or
    if contracts ask for more than this program reads."""
    at = {(p.post, p.shift): p for p in prices}
    if any(p.certified < 0 for p in prices) or any(c.price < 0 for c in company):
        return None
    if any((n.post, n.shift) not in at for n in problem.needs):
        return None
    if any(at[n.post, n.shift].people < -_too_many(problem, n) for n in problem.needs):
        return None
    if any(person.contract is not None for person in problem.people):
        return None
    total = sum(_place(problem, need, at[need.post, need.shift]) for need in problem.needs)
    return total + sum(_people(problem, at, company))


def _too_many(problem: Problem, need: Need) -> float:
    """What each person beyond the desired costs: paid more to take one, a place would take without end."""
    return own(need.over, problem.weights.over) if need.desired else 0.0


def _place(problem: Problem, need: Need, price: Price) -> float:
    """The most that the place makes of buying people and certified guards at these prices."""
    weights, unit = problem.weights, next(p.unit for p in problem.posts if p.id == need.post)
    most = max(len(need.worth) * unit, need.minimum, need.desired)

    def value(there: int) -> float:
        found = weights.staffing * worth(need, unit, there) - price.people * there
        found -= own(need.unmet, weights.unmet) * max(0, need.minimum - there)
        if need.desired:
            found -= own(need.under, weights.under) * max(0, need.desired - there)
            found -= own(need.over, weights.over) * max(0, there - need.desired)
        return found

    papers = (
        -weights.certified * (need.certified - n) - price.certified * n for n in range(need.certified + 1)
    )
    return max(value(n) for n in range(most + 1)) + max(papers)


def _people(
    problem: Problem, at: dict[tuple[PostId, ShiftId], Price], company: Sequence[Charge]
) -> Iterable[float]:
    organisations = {o.id: o for o in problem.organisations}
    book = Book(problem, (), list(problem.people), dict(organisations), {}, {}, None)  # type: ignore[arg-type]
    gains = _Gains(book, at, company)
    zone = ZoneInfo(problem.zone)
    past = _calendar([(s.start, s.end) for p in problem.people for s in p.history], zone)
    shifts = _calendar([(s.start, s.end) for s in problem.shifts], zone)
    for n, person in enumerate(problem.people):
        duties = [Duty(s.start, s.end, *past[s.start, s.end], 0.0, True, False) for s in person.history]
        for shift in problem.shifts:
            gain, pinned = gains.best(n, shift.id)
            if gain > -np.inf:
                day, night = shifts[shift.start, shift.end]
                duties.append(Duty(shift.start, shift.end, day, night, gain, pinned, True))
        yield _best(problem, person, sorted(duties), _limits(book, person))


def _calendar(spans: Sequence[tuple[int, int]], zone: ZoneInfo) -> dict[tuple[int, int], tuple[int, bool]]:
    known = sorted(set(spans))
    start, end = (np.asarray([s[n] for s in known], dtype=np.int64) for n in (0, 1))
    day = local_days(start, zone)
    return dict(
        zip(known, zip(day.tolist(), is_night(start, end, day, zone).tolist(), strict=True), strict=True)
    )


def _limits(book: Book, person: Person) -> Limits:
    return Limits(
        person.role is Role.GUARD,
        day_limit(book, person) * HOUR,
        week_limit(book, person) * HOUR,
        overtime_limit(book, person) * HOUR,
        rest_limit(book, person) * HOUR,
        run_limit(book, person),
        night_limit(book, person),
    )


def _best(problem: Problem, person: Person, duties: Sequence[Duty], limits: Limits) -> float:
    """History that breaks a limit by itself bars nothing, which can only raise the bound."""
    opening = min((shift.start for shift in problem.shifts), default=0)
    states = _reached(duties, limits, opening) or _reached(duties, limits, None)
    before = _sums(duties)
    weights = problem.weights

    def fair(state: State) -> float:
        found = -weights.nights * ((before[0] + state.nights) ** 2 - before[0] ** 2)
        found -= weights.weekends * ((before[1] + state.weekends) ** 2 - before[1] ** 2)
        if person.target_hours is not None:
            found -= weights.hours * ((state.ms / HOUR - person.target_hours) / 8) ** 2
        return found

    return max(value + fair(state) for state, value in states.items())


def _reached(duties: Sequence[Duty], limits: Limits, opening: int | None) -> dict[State, float]:
    """States alike are one, at the most they were reached with; from the opening on history is barred too."""
    states: dict[State, float] = {State(): 0.0}
    for duty in duties:
        reached: dict[State, float] = {} if duty.forced else dict(states)
        barred = duty.mine or (opening is not None and duty.start >= opening)
        for state, value in states.items():
            after = _step(state, duty, limits, barred)
            if after is not None and value + duty.gain > reached.get(after, -np.inf):
                reached[after] = value + duty.gain
        states = reached
    return states


def _sums(duties: Sequence[Duty]) -> tuple[int, int]:
    """Nights and weekend duties that history brings along."""
    past = [d for d in duties if not d.mine]
    return sum(d.night for d in past), sum((d.day + 3) % 7 >= 5 for d in past)


def _step(state: State, duty: Duty, limits: Limits, barred: bool) -> State | None:
    """Nothing if a rule forbids it and it is barred then."""
    ms, same = duty.end - duty.start, duty.day == state.day
    week = duty.day - (duty.day + 3) % 7
    month = int(np.datetime64(week + 3, "D").astype("datetime64[M]").astype(np.int64))
    day_ms = ms + (state.day_ms if same else 0)
    week_ms = ms + (state.week_ms if week == state.week else 0)
    over = max(0, week_ms - 44 * HOUR) - max(0, week_ms - ms - 44 * HOUR)
    over_ms = over + (state.over_ms if month == state.month else 0)
    run = state.run if same else state.run + 1 if duty.day == state.day + 1 else 1
    dark, streak = state.dark, state.streak
    if duty.night:
        streak = streak if duty.day == dark else streak + 1 if duty.day == dark + 1 else 1
        dark = duty.day
    free = state.ends if same and not limits.guard else state.ends + limits.rest_ms
    legal = duty.start >= max(free, state.ready) and day_ms <= limits.day_ms and week_ms <= limits.week_ms
    legal = legal and run <= limits.run and (not duty.night or streak <= limits.nights)
    legal = legal and not (limits.guard and over > 0 and over_ms > limits.over_ms)
    if barred and not legal:
        return None
    ends = max(state.ends, duty.end)
    ready = ends + 2 * DAY if duty.night and streak >= 3 else state.ready
    sums = (state.ms + ms, state.nights + duty.night, state.weekends + ((duty.day + 3) % 7 >= 5))
    if not duty.mine:
        sums = (state.ms, state.nights, state.weekends)
    return State(ends, ready, duty.day, day_ms, week, week_ms, month, over_ms, run, dark, streak, *sums)


class _Gains:
    """What each person earns at best in each shift: the price there, and the own terms of that duty."""

    def __init__(
        self, book: Book, at: dict[tuple[PostId, ShiftId], Price], company: Sequence[Charge]
    ) -> None:
        problem = book.problem
        self._book, self._problem = book, problem
        self._price = at
        self._km = self._distances()
        self._pinned = {(a.person, a.shift): a.post for a in problem.pinned}
        self._kept = {(a.person, a.post, a.shift) for a in problem.published}
        self._beat = {p.id: p.beat for p in problem.posts}
        self._asked = {p.id: p.certificate for p in problem.posts}
        self._needs: defaultdict[ShiftId, list[PostId]] = defaultdict(list)
        for need in problem.needs:
            self._needs[need.shift].append(need.post)
        self._people = {p.id: p for p in problem.people}
        zone = ZoneInfo(problem.zone)
        days = _calendar([(s.start, s.end) for s in problem.shifts], zone)
        self._days = {s.id: days[s.start, s.end] for s in problem.shifts}
        self._shifts = {s.id: s for s in problem.shifts}
        self._active = {o.id for o in problem.organisations if o.active}
        self._charges: defaultdict[tuple[PostId, ShiftId], list[Charge]] = defaultdict(list)
        for charge in company:
            self._charges[charge.post, charge.shift].append(charge)
        self._shares = self._bonds()

    def _bonds(self) -> dict[tuple[PersonId, ShiftId], float]:
        """Of n who meet, n − 1 gain the weight: no more than all who could meet share evenly among them."""
        weights, shares = self._problem.weights, defaultdict[tuple[PersonId, ShiftId], float](float)
        for bond in self._problem.bonds:
            for shift in self._shifts if bond.weight > 0 else ():
                able = [one for one in bond.people if self._can_come(one, shift)]
                for one in able:
                    shares[one, shift] += weights.together * bond.weight * (len(able) - 1) / len(able)
        return shares

    def _can_come(self, one: PersonId, number: ShiftId) -> bool:
        person, shift = self._people[one], self._shifts[number]
        short = shift.end - shift.start <= day_limit(self._book, person) * HOUR
        return (one, number) in self._pinned or (short and self._offers(person, number))

    def _distances(self) -> dict[BeatCode, list[float]]:
        homes = [p.home or Point(lat=90.0, lon=0.0) for p in self._problem.people]
        return {beat.code: nearest_km(homes, beat.centres) for beat in self._problem.beats}

    def best(self, n: int, shift: ShiftId) -> tuple[float, bool]:
        """And whether it is pinned there."""
        person = self._problem.people[n]
        pinned = self._pinned.get((person.id, shift))
        if pinned is None and not self._offers(person, shift):
            return -np.inf, False
        posts = self._needs[shift] if pinned is None else [pinned]
        best = max((self._at(n, person, post, shift) for post in posts), default=-np.inf)
        return best + self._shares.get((person.id, shift), 0.0), pinned is not None

    def _offers(self, person: Person, number: ShiftId) -> bool:
        """Whom the solver may ask: active, free, of a role that the shift asks, and allowed at night."""
        shift, (day, night) = self._shifts[number], self._days[number]
        if not person.active or person.organisation not in self._active:
            return False
        if shift.roles and person.role not in shift.roles:
            return False
        if any(leave.start < shift.end and shift.start < leave.end for leave in person.leave):
            return False
        reached = shift.start
        for span in sorted(person.availability, key=lambda s: s.start):
            reached = max(reached, span.end) if span.start <= reached else reached
        return reached >= shift.end and (not night or _may_by_night(person, day))

    def _at(self, n: int, person: Person, post: PostId, shift: ShiftId) -> float:
        weights, (day, _) = self._problem.weights, self._days[shift]
        beat, asked = self._beat[post], self._asked[post]
        km = self._km[beat][n] if person.home else 0.0
        if asked and not any(c.kind == asked and _day(c.until) >= day for c in person.certificates):
            return -np.inf
        if person.travel_km is not None and (person.home is None or km > person.travel_km):
            return -np.inf
        price = self._price[post, shift]
        found = price.people - weights.travel * km
        found += price.certified if certified_on(self._problem, person, day) else 0.0
        found += weights.wish * self._wished(person, shift)
        found += weights.team * (beat in person.beats)
        found += weights.stability * ((person.id, post, shift) in self._kept)
        return found + sum(self._company(person, charge, shift) for charge in self._charges[post, shift])

    def _wished(self, person: Person, number: ShiftId) -> float:
        shift = self._shifts[number]
        found = sum(w.weight for w in person.wishes if w.shift == number)
        return found + sum(
            w.weight for w in person.time_wishes if w.span.start < shift.end and shift.start < w.span.end
        )

    def _company(self, person: Person, charge: Charge, shift: ShiftId) -> float:
        """Who is charged pays; who would be company enough for them gets it."""
        if charge.person == person.id:
            return -charge.price
        day, night = self._days[shift]
        needy = night and not certified_on(self._problem, self._people[charge.person], day)
        return charge.price if not needy or certified_on(self._problem, person, day) else 0.0


def _may_by_night(person: Person, day: int) -> bool:
    if not person.night_consent or person.born is None:
        return False
    now = (EPOCH + timedelta(days=day)).date()
    age = now.year - person.born.year - ((now.month, now.day) < (person.born.month, person.born.day))
    return bool(18 <= age <= 59)


def _day(until: date) -> int:
    return (until - EPOCH.date()).days
