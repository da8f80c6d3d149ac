"""Repairs of small rosters against trying every fill, move, refill, release and pair by the checker alone."""

import itertools
from collections.abc import Iterator

import msgspec
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scheduler.check import Rule, check
from scheduler.holes import Absence, Extra, Hole, Opening, Repair, Standby, changes, open_up
from scheduler.instance import instance
from scheduler.narrow import Place, place_of, violations
from scheduler.problem import Assignment, PersonId, PostId, Problem, ShiftId, Span
from scheduler.repair import mend, repairs
from scheduler.solve import Budget, solve
from scheduler.standing import Standing
from scheduler.terms import terms
from tests.scheduler.test_contracts import companies
from tests.scheduler.test_solve import small

Change = tuple[tuple[Assignment, ...], tuple[Assignment, ...]]


@settings(max_examples=60, deadline=None)
@given(small(6, 5), st.data())
def test_the_best_repair_is_the_best_there_is_within_two_people(asked: Problem, data: st.DataObject) -> None:
    made = solve(asked, Budget()).assignments
    assume(made)
    gone = data.draw(st.sampled_from(made))
    hole = absence(asked, gone)
    opened = open_up(asked, made, [hole])
    [choice] = repairs(asked, made, [hole], most=50)
    best = max(
        (
            worth(opened.problem, opened.assignments, change)
            for change in legal(opened.problem, opened.assignments, place_of(gone))
        ),
        default=None,
    )
    for repair in choice.repairs:
        seen(opened.problem, opened.assignments, repair)
    if best is None:
        assert choice.repairs == ()
    else:
        assert choice.repairs[0].value == pytest.approx(best)
        assert [r.value for r in choice.repairs] == sorted((r.value for r in choice.repairs), reverse=True)


def absence(asked: Problem, gone: Assignment) -> Absence:
    [shift] = [s for s in asked.shifts if s.id == gone.shift]
    return Absence(person=gone.person, span=Span(start=shift.start, end=shift.end))


def seen(problem: Problem, before: tuple[Assignment, ...], repair: Repair) -> None:
    gone, come = changes(repair)
    after = (*(a for a in before if a not in gone), *come)
    was, now = terms(problem, before), terms(problem, after)
    assert repair.by_term == pytest.approx({name: now[name] - was[name] for name in now})
    assert repair.value == pytest.approx(sum(repair.by_term.values()) + repair.preference)
    assert check(problem, after) == ()
    assert repair.touched == tuple(sorted({a.person for a in (*gone, *come)}))


def worth(problem: Problem, before: tuple[Assignment, ...], change: Change) -> float:
    gone, come = change
    after = (*(a for a in before if a not in gone), *come)
    return sum(terms(problem, after).values()) - sum(terms(problem, before).values())


def legal(problem: Problem, left: tuple[Assignment, ...], hole: Place) -> Iterator[Change]:
    for gone, come in tried(problem, left, hole):
        after = (*(a for a in left if a not in gone), *come)
        if not check(problem, after):
            yield gone, come


def tried(problem: Problem, left: tuple[Assignment, ...], hole: Place) -> Iterator[Change]:
    there = [a for a in left if place_of(a) == hole]
    singles = list(ways_in(problem, left, hole))
    yield from singles
    for gone, come in singles:
        if gone:
            yield from ((gone + g, come + c) for g, c in seconds(problem, left, gone[0], come[0]))
    if not stands_with_a_volunteer(problem, there, hole):
        for (g1, c1), (g2, c2) in itertools.combinations(singles, 2):
            same_source = g1 and g2 and place_of(g1[0]) == place_of(g2[0])
            if c1[0].person != c2[0].person and not same_source:
                yield g1 + g2, c1 + c2
    if check(problem, there):
        options = [[(), *((c,) for c in others(problem, a))] for a in there]
        for goals in itertools.product(*options):
            yield tuple(there), tuple(c for goal in goals for c in goal)


def ways_in(
    problem: Problem, left: tuple[Assignment, ...], place: Place, but: tuple[Place, ...] = ()
) -> Iterator[Change]:
    for person in problem.people:
        mine = [a for a in left if a.person == person.id]
        come = (Assignment(person=person.id, post=place[0], shift=place[1]),)
        if come[0] in mine:
            continue
        busy = any(a.shift == place[1] for a in mine)
        yield from [] if busy else [((), come)]
        for a in mine:
            if place_of(a) not in but and (a.shift == place[1] or not busy):
                yield (a,), come


def seconds(
    problem: Problem, left: tuple[Assignment, ...], gone: Assignment, come: Assignment
) -> Iterator[Change]:
    y, x = place_of(gone), place_of(come)
    yield from ((g, c) for g, c in ways_in(problem, left, y, (x, y)) if c[0].person != gone.person)
    behind = [a for a in left if place_of(a) == y and a.person != gone.person]
    if len(behind) == 1:
        yield (behind[0],), ()
        yield from (((behind[0],), (c,)) for c in others(problem, behind[0]))


def others(problem: Problem, a: Assignment) -> list[Assignment]:
    posts = [n.post for n in problem.needs if n.shift == a.shift and n.post != a.post]
    return [Assignment(person=a.person, post=post, shift=a.shift) for post in posts]


def stands_with_a_volunteer(problem: Problem, there: list[Assignment], hole: Place) -> bool:
    """One more can join whoever is there, whatever the rank."""
    if not there:
        return False
    alike = [v for v in check(problem, there) if v.explanation.get("reason") == "no_certified_guard"]
    [shift] = [s for s in problem.shifts if s.id == hole[1]]
    night = shift.start % 86_400_000 == 14 * 3_600_000
    certified = [p for p in problem.people if p.role.value == "guard" and p.certificates]
    papers = {p.id for p in certified}
    return not alike and (not night or any(a.person in papers for a in there))


DISTRICT = instance(400, 7, 5, full=True)
ROSTER = solve(DISTRICT, Budget()).assignments


def test_a_company_that_fails_to_come_is_made_up_for_legally() -> None:
    shift = DISTRICT.shifts[8]
    company = {p.id for p in DISTRICT.people if p.organisation == 4}
    holes = [absence(DISTRICT, a) for a in ROSTER if a.shift == shift.id and a.person in company]
    made = mend(DISTRICT, ROSTER, holes)
    opened = open_up(DISTRICT, ROSTER, holes)
    assert len(opened.fallen) == len(holes) > 5
    assert made.illegal == ()
    assert check(opened.problem, made.assignments) == ()
    gain = sum(r.value for r in made.repairs)
    before = sum(terms(opened.problem, opened.assignments).values())
    assert sum(terms(opened.problem, made.assignments).values()) == pytest.approx(before + gain)
    came = sum(m.target == (o.post, o.shift) for o in opened.openings for r in made.repairs for m in r.moves)
    went = sum(m.source == (o.post, o.shift) for o in opened.openings for r in made.repairs for m in r.moves)
    assert came - went == len(holes) - sum(o.people for o in made.open)
    assert all(len(r.touched) <= 2 for r in made.repairs)


def test_a_festival_asks_for_forty_more_of_them_certified() -> None:
    friday = DISTRICT.shifts[17]
    extra = Extra(post=PostId(1), shift=friday.id, people=12, certified=4)
    made = mend(DISTRICT, ROSTER, [extra])
    opened = open_up(DISTRICT, ROSTER, [extra])
    assert check(opened.problem, made.assignments) == ()
    [asked] = opened.openings
    before, after = (sum(place_of(a) == (1, friday.id) for a in r) for r in (ROSTER, made.assignments))
    missing = sum(o.people for o in made.open)
    assert after - before == asked.people - missing > 0
    missed = terms(opened.problem, made.assignments)["unmet"] - terms(opened.problem, ROSTER)["unmet"]
    assert missed > 0


def test_those_on_standby_are_asked_first() -> None:
    gone = next(a for a in ROSTER if a.shift == 12)
    [plain] = repairs(DISTRICT, ROSTER, [absence(DISTRICT, gone)], most=100)
    last = plain.repairs[-1].moves[0].person
    assert last not in plain.repairs[0].touched
    on_call = Standby(people=frozenset({(last, gone.shift)}), worth=100.0)
    [called] = repairs(DISTRICT, ROSTER, [absence(DISTRICT, gone)], most=1, standby=on_call)
    [best] = called.repairs
    assert last in best.touched
    assert best.standby
    assert best.preference == 100.0
    assert best.value == pytest.approx(sum(best.by_term.values()) + 100.0)
    assert not plain.repairs[0].standby


def test_what_has_begun_is_not_given_up() -> None:
    shifts = {s.id: s for s in DISTRICT.shifts}
    late = shifts[ShiftId(20)]
    asked = Opening(post=PostId(2), shift=late.id)
    [free] = repairs(DISTRICT, ROSTER, [asked], most=200)
    [bound] = repairs(DISTRICT, ROSTER, [asked], most=200, since=late.start)
    earlier = {m.source for r in free.repairs for m in r.moves if m.source and m.source[1] < late.id}
    assert earlier
    sources = {m.source for r in bound.repairs for m in r.moves if m.source}
    assert all(shifts[s].start >= late.start for _, s in sources)


def test_only_what_a_change_touches_is_judged_and_as_the_whole_would_be() -> None:
    busy = DISTRICT.people[1].id
    extra = [Assignment(person=busy, post=PostId(1), shift=s.id) for s in DISTRICT.shifts[4:10]]
    broken = [v for v in check(DISTRICT, (*ROSTER, *extra)) if busy in v.people]
    assert {v.rule for v in broken} >= {Rule.ONE_PLACE, Rule.AVAILABLE}
    touched = {place_of(a) for a in extra}
    assert list(violations(DISTRICT, (*ROSTER, *extra), {busy}, touched)) == broken
    assert violations(DISTRICT, ROSTER, {busy}, touched) == ()


def test_an_unknown_person_or_place_is_named() -> None:
    with pytest.raises(ValueError, match="person 9999: name a person"):
        repairs(DISTRICT, ROSTER, [Absence(person=PersonId(9999), span=DISTRICT.horizon)])
    with pytest.raises(ValueError, match="post 1, shift 999: name a post and a shift"):
        repairs(DISTRICT, ROSTER, [Opening(post=PostId(1), shift=ShiftId(999))])


@settings(max_examples=10, deadline=None)
@given(companies(), st.data())
def test_contracts_are_kept_by_the_best_repair_too(company: Problem, data: st.DataObject) -> None:
    few = company.shifts[:3]
    company = msgspec.structs.replace(
        company,
        people=company.people[:4],
        shifts=few,
        needs=tuple(n for n in company.needs if n.shift <= len(few)),
    )
    asked = msgspec.structs.replace(company, bonds=())
    made = solve(asked, Budget()).assignments
    assume(made)
    gone = data.draw(st.sampled_from(made))
    hole = absence(asked, gone)
    opened = open_up(asked, made, [hole])
    [choice] = repairs(asked, made, [hole], most=50)
    changes_ = list(legal(opened.problem, opened.assignments, place_of(gone)))
    best = [worth(opened.problem, opened.assignments, change) for change in changes_]
    assert [r.value for r in choice.repairs[:1]] == ([pytest.approx(max(best))] if best else [])
    [bonded] = repairs(company, made, [hole], most=50)
    for repair in bonded.repairs:
        seen(open_up(company, made, [hole]).problem, opened.assignments, repair)


@settings(max_examples=30, deadline=None)
@given(small(8, 5), st.data())
def test_any_holes_at_once_are_mended_legally(asked: Problem, data: st.DataObject) -> None:
    made = solve(asked, Budget()).assignments
    assume(made)
    gone = data.draw(st.lists(st.sampled_from(made), unique=True, max_size=4))
    needs = data.draw(st.lists(st.sampled_from(asked.needs), unique=True, max_size=2))
    extra = [Extra(post=n.post, shift=n.shift, people=2, certified=1) for n in needs]
    holes: list[Hole] = [*(absence(asked, a) for a in gone), *extra]
    found = mend(asked, made, holes, worth_it=data.draw(st.booleans()))
    opened = open_up(asked, made, holes)
    assert found.illegal == ()
    assert check(opened.problem, found.assignments) == ()
    wanted = {(o.post, o.shift): o.people for o in opened.openings}
    left = {(o.post, o.shift): o.people for o in found.open}
    for place, people in wanted.items():
        before, after = (
            sum(place_of(a) == place for a in r) for r in (opened.assignments, found.assignments)
        )
        assert max(0, people - (after - before)) == left.get(place, 0)


def test_a_standing_kept_up_to_date_is_as_one_built_anew() -> None:
    standing = Standing(open_up(DISTRICT, ROSTER, ()).problem, ROSTER)
    for gone in ROSTER[::97]:
        with standing.without(gone.person, DISTRICT.horizon) as fallen:
            assert gone in fallen
        [best, *_] = standing.repairs(gone.post, gone.shift, most=1)
        standing.apply(best)
    standing.change(standing.register.assignments()[5:6], ())
    anew = Standing(standing.register.problem, standing.register.assignments())
    kept, fresh = standing.ground, anew.ground
    for name in ("here", "now", "counts", "barred", "bonus"):
        assert np.array_equal(getattr(kept, name), getattr(fresh, name)), name
    taken = fresh.here >= 0
    assert kept.leave[taken] == pytest.approx(fresh.leave[taken])
    assert kept.ease == pytest.approx(fresh.ease)
    width = min(kept.own.shape[1], fresh.own.shape[1])
    assert kept.own[:, :width] == pytest.approx(fresh.own[:, :width])
    assert (kept.top >= fresh.top - 1e-9).all()
