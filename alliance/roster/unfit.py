"""Which duties fall out because somebody no longer meets the rules. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

import msgspec

from alliance.roster.hole_model import Cause
from alliance.roster.scored import beyond
from alliance.times import duty_day, from_ms
from scheduler.check import Rule, Violation, certified_on, check
from scheduler.problem import Assignment, Person, PersonId, PostId, Problem, ShiftId, Span

EPOCH = date(1970, 1, 1)
ALWAYS = (Span(start=0, end=2**52),)
# Years: neither too young nor too old for a night.
GROWN = 30
Spot = tuple[PostId, ShiftId]


class Fallen(msgspec.Struct, frozen=True, kw_only=True):
    """A duty that its person may not do; `certified`: in whose place somebody certified must come."""

    assignment: Assignment
    cause: Cause
    reason: str = ""
    certified: bool = False


def fallen(
    problem: Problem,
    standing: Sequence[Assignment],
    before: Mapping[PersonId, Person],
    *,
    now: int,
    looked_after: Collection[Spot] = (),
    needs: bool = True,
) -> list[Fallen]:
    """Of the people as they were `before`, and only duties that have not begun; with `needs` also where a
    place then has too few certified guards.

    A changed weekly offer or distance takes nothing away: it is meant for what is planned next. Places with
    a hole are `looked_after`: their lack of certified guards is nobody else's fault.
    """
    able = _able(problem, before)
    ahead = {shift.id for shift in problem.shifts if shift.start > now}
    found: dict[Assignment, Fallen] = {}
    while True:
        left = [one for one in standing if one not in found]
        more = [
            one
            for violation in beyond(check(problem, left), check(able, left))
            for one in _named(problem, violation, before, ahead)
            if (one.assignment.post, one.assignment.shift) not in looked_after
            or violation.rule is not Rule.NOT_ALONE
        ]
        if needs and not more:
            more = list(_short(problem, left, before, ahead, looked_after))
        if not more:
            return list(found.values())
        found |= {one.assignment: one for one in reversed(more)}


def _able(problem: Problem, before: Mapping[PersonId, Person]) -> Problem:
    """The same with these people as able as anyone, but in role and certificates what they were."""
    return msgspec.structs.replace(
        problem,
        people=tuple(_unbound(problem, before[p.id]) if p.id in before else p for p in problem.people),
        organisations=tuple(
            msgspec.structs.replace(o, active=True, permit=True) for o in problem.organisations
        ),
    )


def _unbound(problem: Problem, person: Person) -> Person:
    start = from_ms(problem.horizon.start).date()
    return msgspec.structs.replace(
        person,
        active=True,
        born=start.replace(year=start.year - GROWN, day=1),
        night_consent=True,
        overtime_consent=True,
        availability=ALWAYS,
        leave=(),
        travel_km=None,
    )


def _named(
    problem: Problem, violation: Violation, before: Mapping[PersonId, Person], ahead: Collection[ShiftId]
) -> Iterable[Fallen]:
    """The duties to be given up for it: of several in hours the last."""
    own = [one for one in violation.assignments if one.person in before and one.shift in ahead]
    told = violation.explanation
    match violation.rule:
        case Rule.AVAILABLE if own and told["reason"] != "not_offered":
            yield Fallen(assignment=own[0], cause=Cause(str(told["reason"])))
        case Rule.CERTIFICATE if own:
            yield Fallen(assignment=own[0], cause=Cause.CERTIFICATE, reason=str(told["kind"]))
        case Rule.NIGHT_CONSENT if own:
            yield Fallen(assignment=own[0], cause=Cause.NIGHT)
        case Rule.DAY_HOURS | Rule.WEEK_HOURS if own:
            starts = {shift.id: shift.start for shift in problem.shifts}
            last = max(own, key=lambda one: (starts[one.shift], one.shift))
            yield Fallen(assignment=last, cause=Cause.HOURS)
        case Rule.NOT_ALONE if told["reason"] == "no_certified_guard":
            yield from (_uncertified(problem, one) for one in _lost(problem, own, before))


def _uncertified(problem: Problem, one: Assignment) -> Fallen:
    return Fallen(assignment=one, cause=Cause.CERTIFICATE, reason=problem.guard_certificate, certified=True)


def _lost(
    problem: Problem, some: Iterable[Assignment], before: Mapping[PersonId, Person]
) -> Iterable[Assignment]:
    """Those whose people were certified guards for that day and are no longer."""
    people = {person.id: person for person in problem.people}
    days = _days(problem)
    for one in some:
        was, day = before.get(one.person), days[one.shift]
        if was and certified_on(problem, was, day) and not certified_on(problem, people[one.person], day):
            yield one


def _short(
    problem: Problem,
    left: Sequence[Assignment],
    before: Mapping[PersonId, Person],
    ahead: Collection[ShiftId],
    looked_after: Collection[Spot],
) -> Iterable[Fallen]:
    """Where fewer certified guards are left than the place needs, those who were counted among them."""
    people, days = {person.id: person for person in problem.people}, _days(problem)
    there: defaultdict[Spot, int] = defaultdict(int)
    for one in left:
        there[one.post, one.shift] += certified_on(problem, people[one.person], days[one.shift])
    needs = {(need.post, need.shift): need.certified for need in problem.needs}
    for one in _lost(problem, (a for a in left if a.shift in ahead), before):
        spot = one.post, one.shift
        if spot not in looked_after and there[spot] < needs.get(spot, 0):
            there[spot] += 1
            yield _uncertified(problem, one)


def _days(problem: Problem) -> dict[ShiftId, int]:
    """The duty day of each shift, counted from 1970."""
    zone = ZoneInfo(problem.zone)
    return {s.id: (duty_day(from_ms(s.start), zone) - EPOCH).days for s in problem.shifts}
