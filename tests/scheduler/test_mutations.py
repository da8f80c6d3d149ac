"""A legal roster broken in just one rule, in many ways: the checker names that rule and no other."""

import functools
import itertools
import math
from collections import defaultdict
from collections.abc import Callable
from datetime import date

import msgspec
import numpy as np
import pytest

from scheduler.check import Rule, check
from scheduler.contract import Contract, Measure, Most, Per, Succession
from scheduler.instance import instance
from scheduler.problem import Assignment, Certificate, Limits, Person, PersonId, Problem, Role, Shift, Span
from scheduler.solve import Budget, solve

WAYS = 200
HOUR = 3_600_000
Roster = list[Assignment]
Broken = tuple[Problem, Roster] | None


class Legal(msgspec.Struct, frozen=True):
    problem: Problem
    roster: Roster
    duties: dict[PersonId, list[Shift]]

    def person(self, number: int) -> Person:
        return self.problem.people[number - 1]

    def shift(self, assignment: Assignment) -> Shift:
        return self.problem.shifts[assignment.shift - 1]

    def with_person(self, number: int, **changes: object) -> Broken:
        people = list(self.problem.people)
        people[number - 1] = msgspec.structs.replace(people[number - 1], **changes)
        return msgspec.structs.replace(self.problem, people=tuple(people)), self.roster


@functools.cache
def legal() -> Legal:
    problem = instance(560, 7, 5, full=True)
    roster = list(solve(problem, Budget()).assignments)
    duties: defaultdict[PersonId, list[Shift]] = defaultdict(list)
    for assignment in roster:
        duties[assignment.person].append(problem.shifts[assignment.shift - 1])
    return Legal(problem, roster, dict(duties))


def one_place(case: Legal, mine: Assignment) -> Broken:
    """A span from the past, laid over the start of a duty of one with hours to spare."""
    shift = case.shift(mine)
    if case.person(mine.person).role is not Role.GUARD:
        return None
    mark = Span(start=shift.start - HOUR // 12, end=shift.start + HOUR // 12)
    history = (*case.person(mine.person).history, mark)
    return case.with_person(mine.person, history=history, overtime_consent=True)


def available(case: Legal, mine: Assignment) -> Broken:
    shift = case.shift(mine)
    return case.with_person(mine.person, leave=(Span(start=shift.end - 1, end=shift.end + HOUR),))


def day_hours(case: Legal, mine: Assignment) -> Broken:
    return case.with_person(mine.person, limits=Limits(day_hours=3.99))


def week_hours(case: Legal, mine: Assignment) -> Broken:
    hours = sum(s.end - s.start for s in case.duties[mine.person]) / HOUR
    return case.with_person(mine.person, limits=Limits(week_hours=hours - 0.01))


def rest(case: Legal, mine: Assignment) -> Broken:
    shifts = sorted(case.duties[mine.person], key=lambda s: s.start)
    gaps = [b.start - a.end for a, b in itertools.pairwise(shifts)]
    return case.with_person(mine.person, limits=Limits(rest_hours=min(gaps) / HOUR + 0.01)) if gaps else None


def run(case: Legal, mine: Assignment) -> Broken:
    return case.with_person(mine.person, limits=Limits(run_days=0))


def nights(case: Legal, mine: Assignment) -> Broken:
    return case.with_person(mine.person, limits=Limits(nights=0)) if _dark(case, mine) else None


def night_consent(case: Legal, mine: Assignment) -> Broken:
    return case.with_person(mine.person, night_consent=False) if _dark(case, mine) else None


def certificate(case: Legal, mine: Assignment) -> Broken:
    """The post asks for a paper that all but one of its people have."""
    paper = Certificate(kind="first_aid", until=date(2030, 1, 1))
    people = tuple(
        p if p.id == mine.person else msgspec.structs.replace(p, certificates=(*p.certificates, paper))
        for p in case.problem.people
    )
    posts = tuple(
        msgspec.structs.replace(p, certificate="first_aid") if p.id == mine.post else p
        for p in case.problem.posts
    )
    return msgspec.structs.replace(case.problem, people=people, posts=posts), case.roster


def travel(case: Legal, mine: Assignment) -> Broken:
    person = case.person(mine.person)
    beat = {post.id: post.beat for post in case.problem.posts}[mine.post]
    centres = {b.code: b.centres for b in case.problem.beats}[beat]
    assert person.home is not None
    nearest = min(math.dist((person.home.lat, person.home.lon), (c.lat, c.lon)) for c in centres)
    return case.with_person(mine.person, travel_km=80 * nearest) if nearest > 0 else None


def not_alone(case: Legal, mine: Assignment) -> Broken:
    there = (mine.post, mine.shift)
    return case.problem, [a for a in case.roster if a == mine or (a.post, a.shift) != there]


def pinned(case: Legal, mine: Assignment) -> Broken:
    company = [a for a in case.roster if (a.post, a.shift) == (mine.post, mine.shift)]
    if len(company) < 3 or _dark(case, mine):
        return None
    rest_of = [a for a in case.roster if a != mine]
    return msgspec.structs.replace(case.problem, pinned=(mine,)), rest_of


def contract_hours(case: Legal, mine: Assignment) -> Broken:
    hours = sum(s.end - s.start for s in case.duties[mine.person]) / HOUR
    return _with_contract(case, mine, most=(_most(Measure.HOURS, mine, hours - 0.01, Per.HORIZON),))


def contract_duties(case: Legal, mine: Assignment) -> Broken:
    kind = case.shift(mine).kind
    of_kind = sum(s.kind == kind for s in case.duties[mine.person])
    clause = msgspec.structs.replace(_most(Measure.DUTIES, mine, of_kind - 1), kinds=(kind, "none"))
    return _with_contract(case, mine, most=(clause,))


def contract_nights(case: Legal, mine: Assignment) -> Broken:
    nights = sum(s.kind == "night" for s in case.duties[mine.person])
    clause = _most(Measure.NIGHTS, mine, nights - 1)
    return _with_contract(case, mine, most=(clause,)) if _dark(case, mine) else None


def contract_weekends(case: Legal, mine: Assignment) -> Broken:
    """Shifts come four a day from a Monday on."""
    weekend = (mine.shift - 1) // 4 % 7 >= 5
    return _with_contract(case, mine, most=(_most(Measure.WEEKENDS, mine, 0),)) if weekend else None


def succession(case: Legal, mine: Assignment) -> Broken:
    """What the person does on the following day is forbidden after this."""
    following = [s for s in case.duties[mine.person] if (s.id - 1) // 4 == (mine.shift - 1) // 4 + 1]
    if not following or case.person(mine.person).role is not Role.GUARD:
        return None
    pair = Succession(earlier=case.shift(mine).kind, later=following[0].kind)
    return _with_contract(case, mine, never=(pair,))


def _most(what: Measure, mine: Assignment, most: float, per: Per | None = None) -> Most:
    return Most(what=what, per=per or list(Per)[mine.person % 3], most=max(0, most))


def _with_contract(case: Legal, mine: Assignment, **clauses: object) -> Broken:
    contract = Contract(code="c", **clauses)  # type: ignore[arg-type]
    asked, roster = case.with_person(mine.person, contract="c") or (case.problem, case.roster)
    return msgspec.structs.replace(asked, contracts=(contract,)), roster


MUTATIONS: dict[Rule, Callable[[Legal, Assignment], Broken]] = {
    Rule.ONE_PLACE: one_place,
    Rule.AVAILABLE: available,
    Rule.DAY_HOURS: day_hours,
    Rule.WEEK_HOURS: week_hours,
    Rule.REST: rest,
    Rule.RUN: run,
    Rule.NIGHTS: nights,
    Rule.NIGHT_CONSENT: night_consent,
    Rule.CERTIFICATE: certificate,
    Rule.TRAVEL: travel,
    Rule.NOT_ALONE: not_alone,
    Rule.PINNED: pinned,
    Rule.CONTRACT_HOURS: contract_hours,
    Rule.CONTRACT_DUTIES: contract_duties,
    Rule.CONTRACT_NIGHTS: contract_nights,
    Rule.CONTRACT_WEEKENDS: contract_weekends,
    Rule.SUCCESSION: succession,
}


def test_the_solver_leaves_nothing_to_find() -> None:
    assert len(legal().roster) > 300
    assert check(legal().problem, legal().roster) == ()


@pytest.mark.parametrize("rule", list(Rule), ids=lambda rule: rule.value)
def test_a_single_break_is_named(rule: Rule) -> None:
    case, random = legal(), np.random.default_rng(7)
    tried = 0
    for n in random.permutation(len(case.roster)).tolist():
        mine = case.roster[n]
        if broken := MUTATIONS[rule](case, mine):
            found = check(*broken)
            assert {v.rule for v in found} == {rule}, (mine, found)
            assert any(mine.person in v.people for v in found)
            tried += 1
        if tried == WAYS:
            break
    assert tried == WAYS


def _dark(case: Legal, mine: Assignment) -> bool:
    return mine.shift % 4 == 3
